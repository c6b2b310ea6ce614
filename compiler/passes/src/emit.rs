//! Emission: functions of the IR, counted and with registers, as functions of a module.
//!
//! Blocks stand in reverse postorder, so that an edge goes back only where a loop does; each block's states are
//! what liveness, kinds and known variants say of the values in it. The moves of an edge stand at the end of the
//! block it leaves, or, if that has other edges, in a block of their own right behind it.
//!
//! Keeps true: what is emitted from a well-formed program passes `codex_spec::verify`.

use codex_core::ir::{self, Func, Program, Term, Value};
use codex_diagnostics::{SourceMap, Span};
use codex_jobs::Jobs;
use codex_spec::instruction::{BlockId, Inst, Opcode, Reg};
use codex_spec::layout::{LayoutDef, RegType, builtin_layout, field_offsets};
use codex_spec::module::{Block, Function, Hold, LineRun, Module, Names, Param, State};

use crate::allocate::{self, Registers};
use crate::feed;
use crate::graph::{Dominators, Graph, Loops};
use crate::kinds::{self, Kind};
use crate::lines::{Lines, Runs};
use crate::live::Live;
use crate::moves;
use crate::unique;
use crate::variants::Variants;

/// Emits a whole program.
pub(crate) fn run(program: Program, sources: &SourceMap, jobs: Jobs) -> Module {
    let signatures = kinds::signatures(&program);
    let all = Lines::new(sources);
    let emitted = jobs.map(&program.functions, |func| Emitter::new(&program, func, &signatures).run(all.runs()));
    let (functions, lines) = emitted.into_iter().unzip();
    Module {
        types: program.types,
        layouts: program.layouts,
        constants: program.constants,
        globals: program.globals,
        functions,
        containers: program.containers,
        entry: program.entry,
        tests: program.tests,
        names: Names {
            files: Lines::file_names(sources),
            functions: program.functions.into_iter().map(|f| f.name).collect(),
            types: program.type_names,
            layouts: program.layout_names,
            containers: program.container_names,
            lines,
        },
    }
}

/// A block being emitted: its entry states and its code with places.
struct Emitted {
    entry: Vec<(Reg, State)>,
    code: Vec<(Inst, Span)>,
}

struct Emitter<'a> {
    func: &'a Func,
    graph: Graph,
    kinds: Vec<Kind>,
    unique: Vec<bool>,
    variants: Variants,
    live: Live,
    registers: Registers,
    /// For each value that is a token or open: how.
    special: Vec<Option<Hold>>,
    scratch: Vec<(RegType, Reg)>,
    out: Vec<Emitted>,
    /// For each block of the IR where it stands.
    place: Vec<u32>,
}

impl<'a> Emitter<'a> {
    fn new(program: &Program, func: &'a Func, signatures: &[Vec<bool>]) -> Self {
        let mut graph = Graph::new(func);
        let dominators = Dominators::new(&graph);
        graph.prefer_inner(func, &Loops::new(&graph, &dominators));
        let mut kinds = kinds::kinds(func);
        allocate::rooted(&mut kinds);
        let live = Live::new(
            func,
            &graph,
            |_| true,
            |v| match kinds[v.index()] {
                Kind::Borrowed(holder) => Some(holder),
                _ => None,
            },
        );
        let input = allocate::Input { func, graph: &graph, kinds: &kinds, live: &live, layout: &graph.order };
        let registers = allocate::run(&input);
        let special = special_holds(program, func, &registers);
        Emitter {
            unique: unique::unique_values(func, signatures),
            variants: Variants::new(func, &program.layouts, &graph, dominators),
            place: vec![0; func.blocks.len()],
            func,
            graph,
            kinds,
            live,
            registers,
            special,
            scratch: Vec::new(),
            out: Vec::new(),
        }
    }

    fn run(mut self, mut lines: Runs<'_>) -> (Function, Vec<LineRun>) {
        for b in self.graph.order.clone() {
            self.block(b);
        }
        let place = std::mem::take(&mut self.place);
        let mut blocks = Vec::with_capacity(self.out.len());
        for block in self.out {
            let mut code = Vec::with_capacity(block.code.len());
            for (mut inst, span) in block.code {
                if inst.is_terminator() {
                    settle_targets(&mut inst, &place);
                }
                lines.push(span);
                code.push(inst);
            }
            blocks.push(Block { entry: block.entry, code });
        }
        let params = self.func.params.iter().zip(&self.func.borrowed);
        let function = Function {
            params: params.map(|(v, &borrowed)| Param { typ: self.func.typ(*v), borrowed }).collect(),
            result: self.func.result,
            closure: self.func.closure,
            registers: self.registers.types,
            blocks,
        };
        (function, lines.finish())
    }

    fn reg(&self, v: Value) -> Reg {
        self.registers.of[v.index()]
    }

    // ── States ───────────────────────────────────────────────────────────────────

    fn state(&self, v: Value, b: ir::BlockId) -> (Reg, State) {
        let hold = match (self.special[v.index()], self.kinds[v.index()]) {
            (Some(hold), _) => hold,
            (None, Kind::Word) => Hold::Word,
            (None, Kind::Lent) => Hold::Lent,
            (None, Kind::Borrowed(holder)) => Hold::Borrowed(self.reg(holder)),
            (None, Kind::Owned | Kind::Token) if self.unique[v.index()] => Hold::Unique,
            (None, Kind::Owned | Kind::Token) => Hold::Owned,
        };
        (self.reg(v), State { hold, variant: self.variants.at(b, v) })
    }

    /// The states at a block's start.
    fn entry(&self, b: ir::BlockId) -> Vec<(Reg, State)> {
        let block = &self.func.blocks[b.index()];
        let values = self.live.at_start(b).iter().chain(&block.params);
        let mut entry: Vec<(Reg, State)> = match b.0 {
            0 => self.func.params.iter().map(|&v| self.state(v, b)).collect(),
            _ => values.map(|&v| self.state(v, b)).collect(),
        };
        entry.sort_unstable_by_key(|(reg, _)| *reg);
        entry
    }

    /// The states on an edge, before its moves: what lives behind it, and what is passed.
    fn edge_entry(&self, from: ir::BlockId, counter: Option<Value>, target: &ir::Target) -> Vec<(Reg, State)> {
        let live = self.live.at_start(target.block).iter().map(|&v| {
            // Seen from the block that is left, a variant which only the edge itself shows is not known yet.
            self.state(v, from)
        });
        let passed = target.args.iter().chain(&counter).map(|&v| self.state(v, from));
        let mut entry: Vec<(Reg, State)> = live.chain(passed).collect();
        entry.sort_unstable_by_key(|(reg, _)| *reg);
        entry.dedup_by_key(|(reg, _)| *reg);
        entry
    }

    // ── Code ─────────────────────────────────────────────────────────────────────

    fn block(&mut self, b: ir::BlockId) {
        let func = self.func;
        let block = &func.blocks[b.index()];
        let mut code = Vec::with_capacity(block.insts.len() + 1);
        for inst in &block.insts {
            match feed::row(inst, &self.registers) {
                Ok(row) => code.push((row, inst.span)),
                Err(why) => debug_assert!(false, "{}: {why}", inst.op.name()),
            }
        }
        self.place[b.index()] = self.out.len() as u32;
        let at = self.out.len();
        self.out.push(Emitted { entry: self.entry(b), code: Vec::new() });
        if let Term::Jump(target) = &block.term {
            self.moves(None, target, block.term_span, &mut code);
        }
        let row = self.terminator(b, &block.term);
        code.push((row, block.term_span));
        self.out[at].code = code;
    }

    fn moves(&mut self, counter: Option<Value>, target: &ir::Target, span: Span, code: &mut Vec<(Inst, Span)>) {
        let params = &self.func.blocks[target.block.index()].params[usize::from(counter.is_some())..];
        let pairs: Vec<(Reg, Reg)> =
            params.iter().zip(&target.args).map(|(p, a)| (self.reg(*p), self.reg(*a))).collect();
        let (registers, scratch) = (&mut self.registers, &mut self.scratch);
        let types = registers.types.clone();
        let ordered = moves::sequence(&pairs, |reg| {
            let typ = types[usize::from(reg.0)];
            match scratch.iter().find(|(t, _)| *t == typ) {
                Some((_, reg)) => *reg,
                None => {
                    let reg = registers.scratch(typ);
                    scratch.push((typ, reg));
                    reg
                }
            }
        });
        for (dst, src) in ordered {
            let word = !matches!(self.registers.types[usize::from(src.0)], RegType::Ref(_));
            code.push((if word { Inst::Copy { dst, src } } else { Inst::Move { dst, src } }, span));
        }
    }

    /// Where an edge leads: its block, or a block with its moves. Blocks of the IR are numbered from 0, the others
    /// are marked, until all places are known.
    fn target(&mut self, from: ir::BlockId, counter: Option<Value>, target: &ir::Target) -> BlockId {
        let span = self.func.blocks[from.index()].term_span;
        let mut code = Vec::new();
        self.moves(counter, target, span, &mut code);
        if code.is_empty() {
            return BlockId(target.block.0);
        }
        code.push((Inst::Jump { to: BlockId(target.block.0) }, span));
        self.out.push(Emitted { entry: self.edge_entry(from, counter, target), code });
        BlockId(OWN | (self.out.len() as u32 - 1))
    }

    fn terminator(&mut self, b: ir::BlockId, term: &Term) -> Inst {
        match term {
            // The builder sets every terminator; a forgotten one must not run on.
            Term::None => Inst::TrapCode { reason: codex_spec::trap::Trap::Unreachable as u32 },
            Term::Jump(to) => Inst::Jump { to: BlockId(to.block.0) },
            Term::Branch { op, args, imm, yes, no } => {
                let yes = self.target(b, None, yes);
                let no = self.target(b, None, no);
                self.branch(*op, args, imm.unwrap_or(0), yes, no)
            }
            Term::Loop { counter, limit, body, done } => {
                let body = self.target(b, Some(*counter), body);
                let done = self.target(b, None, done);
                Inst::Loop { counter: self.reg(*counter), limit: self.reg(*limit), body, done }
            }
            Term::Switch(v, to, other) => {
                let to = to.iter().map(|t| self.target(b, None, t)).collect();
                let other = self.target(b, None, other);
                Inst::Switch { a: self.reg(*v), to, other }
            }
            Term::SwitchTag(v, to) => {
                let to = to.iter().map(|t| self.target(b, None, t)).collect();
                Inst::SwitchTag { a: self.reg(*v), to }
            }
            Term::Return(v) => Inst::Return { a: self.reg(*v) },
            Term::TailCall(function, args) => Inst::TailCall { function: *function, args: self.regs(args) },
            Term::TailCallValue(f, args) => Inst::TailCallValue { f: self.reg(*f), args: self.regs(args) },
            Term::Trap(trap) => Inst::TrapCode { reason: *trap as u32 },
            Term::Panic(v) => Inst::Panic { message: self.reg(*v) },
            Term::Exit(v) => Inst::Exit { code: self.reg(*v) },
        }
    }

    fn regs(&self, values: &[Value]) -> Box<[Reg]> {
        values.iter().map(|v| self.reg(*v)).collect()
    }

    fn branch(&self, op: Opcode, args: &[Value], value: i64, yes: BlockId, no: BlockId) -> Inst {
        let a = self.reg(args[0]);
        let b = args.get(1).map_or(a, |v| self.reg(*v));
        match op {
            Opcode::JumpEq => Inst::JumpEq { a, b, yes, no },
            Opcode::JumpLt => Inst::JumpLt { a, b, yes, no },
            Opcode::JumpLe => Inst::JumpLe { a, b, yes, no },
            Opcode::JumpEqImm => Inst::JumpEqImm { a, value, yes, no },
            Opcode::JumpLtImm => Inst::JumpLtImm { a, value, yes, no },
            Opcode::JumpLeImm => Inst::JumpLeImm { a, value, yes, no },
            Opcode::JumpFEq => Inst::JumpFEq { a, b, yes, no },
            Opcode::JumpFLt => Inst::JumpFLt { a, b, yes, no },
            Opcode::JumpFLe => Inst::JumpFLe { a, b, yes, no },
            _ => Inst::JumpIf { a, yes, no },
        }
    }
}

/// Marks a target that is an emitted block, not one of the IR.
const OWN: u32 = 1 << 31;

fn settle_targets(inst: &mut Inst, place: &[u32]) {
    use codex_spec::instruction::OperandMut;
    let settle = |b: &mut BlockId| b.0 = if b.0 & OWN != 0 { b.0 & !OWN } else { place[b.index()] };
    inst.for_each_operand_mut(|_, value| match value {
        OperandMut::Block(b) => settle(b),
        OperandMut::Blocks(all) => all.iter_mut().for_each(settle),
        _ => {}
    });
}

/// Tokens with their sizes, and open holders with the place that is open.
fn special_holds(program: &Program, func: &Func, registers: &Registers) -> Vec<Option<Hold>> {
    let mut special = vec![None; func.values.len()];
    for inst in func.blocks.iter().flat_map(|b| &b.insts) {
        match inst.op {
            Opcode::UnpackReuse | Opcode::DropReuse => {
                special[inst.results[0].index()] = Some(Hold::Token(cell_size(program, inst.index(0))));
            }
            Opcode::TakeRef => special[inst.results[1].index()] = Some(Hold::OpenField(inst.index(1))),
            Opcode::ListTakeRef => {
                special[inst.results[1].index()] = Some(Hold::OpenItem(registers.of[inst.args[1].index()]));
            }
            _ => {}
        }
    }
    special
}

/// The size of the cells with a layout, by its number in the module.
pub(crate) fn cell_size(program: &Program, layout: u32) -> u32 {
    let own = layout.checked_sub(builtin_layout::FIRST).and_then(|n| program.layouts.get(n as usize));
    match own {
        Some(LayoutDef::Record { fields, .. } | LayoutDef::Closure { fields, .. }) => field_offsets(fields).size,
        _ => 0,
    }
}
