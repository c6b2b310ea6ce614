//! Registers and emission: from counted IR to a function of the module.
//!
//! Values that an edit ties together, and block parameters with their arguments where both never live at the same
//! time, share a register (conservative coalescing by live ranges); every other value has its own. Edges that must
//! move values get a block of their own. Blocks are laid out in reverse postorder, so that only loops go back.
//!
//! Keeps true: what a block says it finds at entry is what each edge leaves there.

use codex_core::ir::{BlockId, Func, Imm, Inst, Program, Target, Term, Value};
use codex_diagnostics::{SourceMap, Span};
use codex_spec::instruction::{self as row, Opcode, OperandSource, Reg, Role};
use codex_spec::layout::RegType;
use codex_spec::module::{self, Hold, LineRun, State};
use rustc_hash::FxHashMap;

use crate::graph::{Dominators, Graph, NONE};
use crate::kinds::{self, Kind};
use crate::live::{Live, for_each_term_use};
use crate::{rows, walk};

/// Makes every edited reference unique first.
pub(crate) fn make_unique(func: &mut Func) {
    for b in 0..func.blocks.len() {
        let insts = std::mem::take(&mut func.blocks[b].insts);
        let mut out = Vec::with_capacity(insts.len());
        for mut inst in insts {
            if let Some(place) = rows::shape(inst.op).tied
                && matches!(rows::role(inst.op, place), Role::Edit | Role::Open)
            {
                let v = inst.args[place];
                let unique = func.value(func.typ(v));
                out.push(walk::inst(
                    Opcode::MakeUnique,
                    vec![v],
                    vec![unique],
                    inst.span,
                ));
                inst.args[place] = unique;
            }
            out.push(inst);
        }
        func.blocks[b].insts = out;
    }
}

/// Which register each value has.
struct Registers {
    class: Vec<u32>,
    members: FxHashMap<u32, Vec<Value>>,
}

/// Where values are defined and last used, for the interference test.
struct Ranges<'a> {
    func: &'a Func,
    live: &'a Live,
    defs: Vec<(u32, u32)>,
    last: FxHashMap<(Value, u32), u32>,
}

impl<'a> Ranges<'a> {
    fn new(func: &'a Func, live: &'a Live, graph: &Graph, kinds: &[Kind]) -> Self {
        let mut defs = vec![(0, 0); func.values.len()];
        let mut last: FxHashMap<(Value, u32), u32> = FxHashMap::default();
        let mut note = |mut v: Value, b: u32, at: u32| loop {
            let entry = last.entry((v, b)).or_default();
            *entry = (*entry).max(at);
            match kinds[v.index()] {
                Kind::Borrowed(holder) => v = holder,
                _ => break,
            }
        };
        for &b in &graph.order {
            let block = &func.blocks[b.index()];
            block.params.iter().for_each(|p| defs[p.index()] = (b.0, 0));
            for (i, inst) in block.insts.iter().enumerate() {
                inst.results
                    .iter()
                    .for_each(|r| defs[r.index()] = (b.0, i as u32 + 1));
                inst.args.iter().for_each(|&a| note(a, b.0, i as u32 + 1));
            }
            for_each_term_use(&block.term, |v| note(v, b.0, u32::MAX));
        }
        Ranges {
            func,
            live,
            defs,
            last,
        }
    }

    /// Whether `v` lives just after the definition of `at`.
    fn lives_at(&self, v: Value, at: Value) -> bool {
        let (block, index) = self.defs[at.index()];
        let (own_block, own_index) = self.defs[v.index()];
        if own_block == block {
            if own_index > index {
                return false;
            }
        } else if !self.live.is_at_start(BlockId(block), v) {
            return false;
        }
        self.last.get(&(v, block)).is_some_and(|&last| last > index)
            || self.live.is_at_end(self.func, BlockId(block), v)
    }

    fn interfere(&self, a: Value, b: Value) -> bool {
        let same = self.defs[a.index()] == self.defs[b.index()];
        same || self.lives_at(a, b) || self.lives_at(b, a)
    }
}

impl Registers {
    fn find(&self, v: Value) -> u32 {
        let mut c = v.0;
        while self.class[c as usize] != c {
            c = self.class[c as usize];
        }
        c
    }

    fn members(&self, class: u32) -> Vec<Value> {
        self.members
            .get(&class)
            .cloned()
            .unwrap_or_else(|| vec![Value(class)])
    }

    fn join(&mut self, a: Value, b: Value) {
        let (a, b) = (self.find(a), self.find(b));
        if a == b {
            return;
        }
        let (to, from) = (a.min(b), a.max(b));
        let mut all = self.members(to);
        all.extend(self.members(from));
        self.members.remove(&from);
        self.members.insert(to, all);
        self.class[from as usize] = to;
    }

    fn try_join(&mut self, func: &Func, ranges: &Ranges<'_>, a: Value, b: Value) {
        /// Classes larger than this are not compared: the test takes the product of their sizes.
        const MOST: usize = 64;
        let (ca, cb) = (self.find(a), self.find(b));
        if ca == cb || func.typ(a) != func.typ(b) {
            return;
        }
        let (ma, mb) = (self.members(ca), self.members(cb));
        let params = |m: &[Value]| m.iter().filter(|v| func.params.contains(v)).count();
        if ma.len() * mb.len() > MOST * MOST || params(&ma) + params(&mb) > 1 {
            return;
        }
        if !ma
            .iter()
            .any(|&x| mb.iter().any(|&y| ranges.interfere(x, y)))
        {
            self.join(a, b);
        }
    }
}

/// Emits a function.
pub(crate) fn function(
    func: &mut Func,
    program: &Program,
    signatures: &[Vec<bool>],
    places: &mut Lines<'_>,
) -> (module::Function, Vec<LineRun>) {
    let graph = Graph::new(func);
    let kinds = all_kinds(func);
    let live = Live::new(
        func,
        &graph,
        |_| true,
        |v| match kinds[v.index()] {
            Kind::Borrowed(holder) => Some(holder),
            _ => None,
        },
    );
    let registers = coalesce(func, &graph, &live, &kinds);
    let numbers = number(func, &registers);
    split_moving_edges(func, &numbers, &registers);
    let graph = Graph::new(func);
    let kinds = all_kinds(func);
    let live = Live::new(
        func,
        &graph,
        |_| true,
        |v| match kinds[v.index()] {
            Kind::Borrowed(holder) => Some(holder),
            _ => None,
        },
    );
    let mut registers = registers;
    for v in registers.class.len()..func.values.len() {
        registers.class.push(v as u32);
    }
    let mut emitter = Emitter {
        func,
        program,
        signatures,
        graph,
        kinds,
        live,
        registers,
        numbers,
        types: Vec::new(),
        runs: Vec::new(),
        places,
    };
    emitter.run()
}

fn all_kinds(func: &Func) -> Vec<Kind> {
    kinds::kinds(func)
}

fn coalesce(func: &Func, graph: &Graph, live: &Live, kinds: &[Kind]) -> Registers {
    let mut registers = Registers {
        class: (0..func.values.len() as u32).collect(),
        members: FxHashMap::default(),
    };
    for &b in &graph.order {
        for inst in &func.blocks[b.index()].insts {
            if let Some((from, to)) = rows::tied(inst) {
                registers.join(from, to);
            }
        }
        if let Term::Loop { counter, body, .. } = &func.blocks[b.index()].term
            && let Some(&first) = func.blocks[body.block.index()].params.first()
        {
            registers.join(*counter, first);
        }
    }
    let ranges = Ranges::new(func, live, graph, kinds);
    for &b in graph.order.iter().rev() {
        let term = &func.blocks[b.index()].term;
        for (edge, target) in term.targets().into_iter().enumerate() {
            let skip = usize::from(matches!(term, Term::Loop { .. }) && edge == 0);
            let params = &func.blocks[target.block.index()].params;
            for (&p, &a) in params[skip..].iter().zip(&target.args) {
                registers.try_join(func, &ranges, p, a);
            }
        }
    }
    registers
}

/// Numbers classes: parameters first, in their order.
fn number(func: &Func, registers: &Registers) -> FxHashMap<u32, Reg> {
    let mut numbers = FxHashMap::default();
    for &p in &func.params {
        let next = Reg(numbers.len() as u16);
        numbers.insert(registers.find(p), next);
    }
    numbers
}

/// Gives each edge that must move something, and is not the only way out of its block, a block of its own.
fn split_moving_edges(func: &mut Func, numbers: &FxHashMap<u32, Reg>, registers: &Registers) {
    let _ = numbers;
    for b in 0..func.blocks.len() {
        if matches!(func.blocks[b].term, Term::Jump(_)) {
            continue;
        }
        for edge in 0..func.blocks[b].term.targets().len() {
            let term = &func.blocks[b].term;
            let skip = usize::from(matches!(term, Term::Loop { .. }) && edge == 0);
            let target = term.targets()[edge];
            let params = &func.blocks[target.block.index()].params;
            let moves = params[skip..]
                .iter()
                .zip(&target.args)
                .any(|(&p, &a)| registers.find(p) != registers.find(a));
            if moves {
                walk::split_edge(func, BlockId(b as u32), edge);
            }
        }
    }
}

/// Source places as lines, by file.
pub(crate) struct Lines<'a> {
    sources: &'a SourceMap,
    starts: FxHashMap<codex_diagnostics::FileId, Vec<u32>>,
}

impl<'a> Lines<'a> {
    pub(crate) fn new(sources: &'a SourceMap) -> Self {
        Lines {
            sources,
            starts: FxHashMap::default(),
        }
    }

    fn run(&mut self, span: Span) -> LineRun {
        let Some(source) = self.sources.get(span.file) else {
            return LineRun {
                count: 1,
                file: 0,
                line: 1,
                column: 1,
            };
        };
        let starts = self.starts.entry(span.file).or_insert_with(|| {
            std::iter::once(0)
                .chain(
                    source
                        .text
                        .bytes()
                        .enumerate()
                        .filter(|(_, b)| *b == b'\n')
                        .map(|(i, _)| i as u32 + 1),
                )
                .collect()
        });
        let line = starts.partition_point(|&s| s <= span.start).max(1);
        let start = starts[line - 1] as usize;
        let column = source
            .text
            .get(start..span.start as usize)
            .map_or(0, |t| t.chars().count()) as u32
            + 1;
        LineRun {
            count: 1,
            file: span.file.0,
            line: line as u32,
            column,
        }
    }
}

struct Emitter<'a, 'b> {
    func: &'a Func,
    program: &'a Program,
    signatures: &'a [Vec<bool>],
    graph: Graph,
    kinds: Vec<Kind>,
    live: Live,
    registers: Registers,
    numbers: FxHashMap<u32, Reg>,
    types: Vec<RegType>,
    runs: Vec<LineRun>,
    places: &'a mut Lines<'b>,
}

/// Operands of an instruction, handed out in the row's order.
struct Operands {
    regs: std::vec::IntoIter<Reg>,
    lists: std::vec::IntoIter<Box<[Reg]>>,
    imms: std::vec::IntoIter<Imm>,
    blocks: std::vec::IntoIter<u32>,
    block_lists: std::vec::IntoIter<Box<[row::BlockId]>>,
    blocks_next: bool,
}

impl OperandSource for Operands {
    type Error = ();
    fn reg(&mut self) -> Result<Reg, ()> {
        self.regs.next().ok_or(())
    }
    fn regs(&mut self) -> Result<Box<[Reg]>, ()> {
        self.lists.next().ok_or(())
    }
    fn imm(&mut self) -> Result<i64, ()> {
        match self.imms.next() {
            Some(Imm::I64(v)) => Ok(v),
            _ => Err(()),
        }
    }
    fn float(&mut self) -> Result<u64, ()> {
        match self.imms.next() {
            Some(Imm::F64(v)) => Ok(v),
            _ => Err(()),
        }
    }
    fn index(&mut self) -> Result<u32, ()> {
        if self.blocks_next {
            return self.blocks.next().ok_or(());
        }
        match self.imms.next() {
            Some(Imm::Index(v)) => Ok(v),
            _ => Err(()),
        }
    }
    fn blocks(&mut self) -> Result<Box<[row::BlockId]>, ()> {
        self.block_lists.next().ok_or(())
    }
}

impl Emitter<'_, '_> {
    fn run(&mut self) -> (module::Function, Vec<LineRun>) {
        self.types = self.func.params.iter().map(|&p| self.func.typ(p)).collect();
        let dominators = Dominators::new(&self.graph);
        let facts = self.facts(&dominators);
        let order = self.graph.order.clone();
        let mut blocks = Vec::with_capacity(order.len());
        for &b in &order {
            let entry = self.entry(b, &facts);
            let code = self.block(b);
            blocks.push(module::Block { entry, code });
        }
        let params = self
            .func
            .params
            .iter()
            .zip(&self.func.borrowed)
            .map(|(&p, &borrowed)| {
                let typ = self.func.typ(p);
                module::Param {
                    typ,
                    borrowed: borrowed && matches!(typ, RegType::Ref(_)),
                }
            });
        let function = module::Function {
            params: params.collect(),
            result: self.func.result,
            closure: self.func.closure,
            registers: self.types.clone(),
            blocks,
        };
        (function, std::mem::take(&mut self.runs))
    }

    fn reg(&mut self, v: Value) -> Reg {
        let class = self.registers.find(v);
        if let Some(&reg) = self.numbers.get(&class) {
            return reg;
        }
        let reg = self.fresh(self.func.typ(v));
        self.numbers.insert(class, reg);
        reg
    }

    fn fresh(&mut self, typ: RegType) -> Reg {
        self.types.push(typ);
        Reg(u16::try_from(self.types.len() - 1).unwrap_or(u16::MAX))
    }

    /// For each block: the variants known at its start, by dominance.
    fn facts(&self, dominators: &Dominators) -> Vec<Vec<(Value, u8)>> {
        let mut facts: Vec<Vec<(Value, u8)>> = vec![Vec::new(); self.func.blocks.len()];
        for &b in &self.graph.order {
            let parent = dominators.parent[b.index()];
            if parent == NONE || b.0 == 0 {
                continue;
            }
            let mut known = facts[parent as usize].clone();
            for inst in &self.func.blocks[parent as usize].insts {
                self.learn(inst, &mut known);
            }
            for pred in &self.graph.preds[b.index()] {
                if let Term::SwitchTag(v, to) = &self.func.blocks[pred.index()].term {
                    known.retain(|k| k.0 != *v);
                    if self.graph.preds[b.index()].len() == 1
                        && let Some(variant) = to.iter().position(|t| t.block == b)
                    {
                        known.push((*v, variant as u8));
                    }
                }
            }
            facts[b.index()] = known;
        }
        facts
    }

    fn learn(&self, inst: &Inst, known: &mut Vec<(Value, u8)>) {
        use codex_spec::layout::{LayoutDef, builtin_layout::FIRST};
        let tag = match inst.op {
            Opcode::New | Opcode::NewReuse => {
                match self.program.layouts.get((inst.index(0) - FIRST) as usize) {
                    Some(LayoutDef::Record { tag, .. }) => *tag,
                    _ => return,
                }
            }
            _ => match rows::tied(inst) {
                Some((from, to)) => {
                    if let Some(&(_, variant)) = known.iter().find(|k| k.0 == from) {
                        known.push((to, variant));
                    }
                    return;
                }
                None => return,
            },
        };
        if let Some(&v) = inst.results.first() {
            known.push((v, tag));
        }
    }

    fn entry(&mut self, b: BlockId, facts: &[Vec<(Value, u8)>]) -> Vec<(Reg, State)> {
        let values: Vec<Value> = if b.0 == 0 {
            self.func.params.clone()
        } else {
            self.live
                .at_start(b)
                .iter()
                .chain(&self.func.blocks[b.index()].params)
                .copied()
                .collect()
        };
        let mut entry = Vec::with_capacity(values.len());
        for v in values {
            let variant = facts[b.index()].iter().find(|f| f.0 == v).map(|f| f.1);
            let hold = self.hold(v);
            // A variant without fields has no cell: nobody has to keep it.
            let reg = self.reg(v);
            entry.push((reg, State { hold, variant }));
        }
        entry.sort_by_key(|e| e.0);
        entry.dedup_by_key(|e| e.0);
        entry
    }

    fn hold(&mut self, v: Value) -> Hold {
        match self.kinds[v.index()] {
            Kind::Word => Hold::Word,
            Kind::Owned | Kind::Token => Hold::Owned,
            Kind::Lent => Hold::Lent,
            Kind::Borrowed(holder) => Hold::Borrowed(self.reg(holder)),
        }
    }

    fn block(&mut self, b: BlockId) -> Vec<row::Inst> {
        let func = self.func;
        let block = &func.blocks[b.index()];
        let mut code = Vec::with_capacity(block.insts.len() + 2);
        for inst in &block.insts {
            if let Some(made) = self.instruction(inst) {
                code.push(made);
                self.line(inst.span);
            }
        }
        if let Term::Jump(target) = &block.term {
            let moves = self.moves(target);
            for made in moves {
                code.push(made);
                self.line(block.term_span);
            }
        }
        code.push(self.terminator(&block.term));
        self.line(block.term_span);
        code
    }

    fn line(&mut self, span: Span) {
        let run = self.places.run(span);
        match self.runs.last_mut() {
            Some(last)
                if (last.file, last.line, last.column) == (run.file, run.line, run.column) =>
            {
                last.count += 1
            }
            _ => self.runs.push(run),
        }
    }

    fn instruction(&mut self, inst: &Inst) -> Option<row::Inst> {
        let mut regs = Vec::new();
        let mut lists: Vec<Box<[Reg]>> = Vec::new();
        let mut args = inst.args.iter().copied();
        let mut results = inst.results.iter().copied();
        let specs = inst.op.operands();
        let single_results = specs
            .iter()
            .filter(|s| matches!(s.role, Role::Def | Role::Lend | Role::Token))
            .count();
        let tied = usize::from(rows::shape(inst.op).tied.is_some());
        let listed = inst.results.len().saturating_sub(single_results + tied);
        for spec in specs {
            match spec.role {
                Role::Def | Role::Lend | Role::Token => regs.push(self.reg(results.next()?)),
                Role::Read
                | Role::Take
                | Role::Edit
                | Role::Open
                | Role::Close
                | Role::Unique
                | Role::Spend => {
                    regs.push(self.reg(args.next()?));
                }
                Role::Args | Role::Takes | Role::Reads => {
                    let all: Vec<Value> = args.by_ref().collect();
                    lists.push(all.into_iter().map(|v| self.reg(v)).collect());
                }
                Role::Defs => {
                    let all: Vec<Value> = results.by_ref().take(listed).collect();
                    lists.push(all.into_iter().map(|v| self.reg(v)).collect());
                }
                _ => {}
            }
        }
        let imms: Vec<Imm> = inst.imm.iter().flatten().copied().collect();
        self.make(inst.op, regs, lists, imms, Vec::new(), Vec::new())
    }

    fn make(
        &self,
        op: Opcode,
        regs: Vec<Reg>,
        lists: Vec<Box<[Reg]>>,
        imms: Vec<Imm>,
        blocks: Vec<u32>,
        block_lists: Vec<Box<[row::BlockId]>>,
    ) -> Option<row::Inst> {
        let mut operands = Operands {
            blocks_next: !blocks.is_empty(),
            regs: regs.into_iter(),
            lists: lists.into_iter(),
            imms: imms.into_iter(),
            blocks: blocks.into_iter(),
            block_lists: block_lists.into_iter(),
        };
        row::Inst::build(op, &mut operands).ok()
    }

    /// Moves an edge's arguments into the parameters, all at once: in an order in which nothing is overwritten that is
    /// still to be read; a circle goes through one more register.
    fn moves(&mut self, target: &Target) -> Vec<row::Inst> {
        let params = self.func.blocks[target.block.index()].params.clone();
        let mut pending: Vec<(Reg, Reg, RegType)> = Vec::new();
        for (&p, &a) in params.iter().zip(&target.args) {
            let (to, from) = (self.reg(p), self.reg(a));
            if to != from {
                pending.push((to, from, self.func.typ(p)));
            }
        }
        let mut code = Vec::new();
        while !pending.is_empty() {
            let free = pending
                .iter()
                .position(|m| !pending.iter().any(|o| o.1 == m.0));
            match free {
                Some(i) => {
                    let (to, from, typ) = pending.remove(i);
                    code.push(move_inst(to, from, typ));
                }
                None => {
                    let (_, from, typ) = pending[0];
                    let spare = self.fresh(typ);
                    code.push(move_inst(spare, from, typ));
                    pending
                        .iter_mut()
                        .filter(|m| m.1 == from)
                        .for_each(|m| m.1 = spare);
                }
            }
        }
        code
    }

    fn terminator(&mut self, term: &Term) -> row::Inst {
        let place = |e: &Self, t: &Target| row::BlockId(e.graph.place[t.block.index()]);
        let made = match term {
            Term::Jump(t) => Some(row::Inst::Jump { to: place(self, t) }),
            Term::Branch {
                op,
                args,
                imm,
                yes,
                no,
            } => {
                let regs = args.iter().map(|&v| self.reg(v)).collect();
                let blocks = vec![place(self, yes).0, place(self, no).0];
                self.make(
                    *op,
                    regs,
                    Vec::new(),
                    imm.map(Imm::I64).into_iter().collect(),
                    blocks,
                    Vec::new(),
                )
            }
            Term::Loop {
                counter,
                limit,
                body,
                done,
            } => Some(row::Inst::Loop {
                counter: self.reg(*counter),
                limit: self.reg(*limit),
                body: place(self, body),
                done: place(self, done),
            }),
            Term::Switch(v, to, other) => Some(row::Inst::Switch {
                a: self.reg(*v),
                to: to.iter().map(|t| place(self, t)).collect(),
                other: place(self, other),
            }),
            Term::SwitchTag(v, to) => Some(row::Inst::SwitchTag {
                a: self.reg(*v),
                to: to.iter().map(|t| place(self, t)).collect(),
            }),
            Term::Return(v) => Some(row::Inst::Return { a: self.reg(*v) }),
            Term::TailCall(f, args) => Some(row::Inst::TailCall {
                function: *f,
                args: args.iter().map(|&v| self.reg(v)).collect(),
            }),
            Term::TailCallValue(f, args) => Some(row::Inst::TailCallValue {
                f: self.reg(*f),
                args: args.iter().map(|&v| self.reg(v)).collect(),
            }),
            Term::Trap(t) => Some(row::Inst::TrapCode { reason: *t as u32 }),
            Term::Panic(v) => Some(row::Inst::Panic {
                message: self.reg(*v),
            }),
            Term::Exit(v) => Some(row::Inst::Exit { code: self.reg(*v) }),
            Term::None => None,
        };
        made.unwrap_or(row::Inst::TrapCode {
            reason: codex_spec::trap::Trap::Unreachable as u32,
        })
    }
}

fn move_inst(to: Reg, from: Reg, typ: RegType) -> row::Inst {
    match typ {
        RegType::Ref(_) => row::Inst::Move { dst: to, src: from },
        _ => row::Inst::Copy { dst: to, src: from },
    }
}
