//! Writes one function in SSA form, block by block.
//!
//! The source is structured, so no general construction is needed. [`Ssa::vars`] holds the present value of each
//! `var` in scope; every edge into a [`Join`] takes a copy of it along, and when the join is entered, what
//! differs between its edges becomes a block parameter. A loop's head is entered before its back-edges are known:
//! it gets a parameter for each `var` that is assigned anywhere in the loop.
//!
//! After a terminator the writer is *dead* until the next block is entered: nothing is written, values given out
//! are never used, and edges are not recorded. So no unreachable block is ever linked, and `prune` drops the
//! few that stay empty.

use codex_diagnostics::Span;
use codex_spec::instruction::{FuncId, LayoutId, Opcode, TypeId};
use codex_spec::layout::{RegType, Storage};
use codex_spec::trap::Trap;

use crate::ir::{Block, BlockId, Func, Imm, Imms, Inst, NO_IMM, Target, Term, Value};

/// A writer for one function.
pub(crate) struct Ssa {
    /// What has been written.
    pub(crate) func: Func,
    /// Where the next instruction goes.
    block: BlockId,
    /// Nothing can reach this place.
    pub(crate) dead: bool,
    /// Where the next instruction comes from.
    pub(crate) span: Span,
    /// Present values of the `var`s in scope, outermost first.
    pub(crate) vars: Vec<Value>,
}

/// A block that several edges enter; entered once, after all of them are known.
pub(crate) struct Join {
    block: BlockId,
    edges: Vec<Edge>,
    /// How many `var`s were in scope when it was made.
    depth: usize,
}

/// An edge into a join: the `target`-th of the block `from`.
struct Edge {
    from: BlockId,
    target: usize,
    args: Vec<Value>,
    vars: Vec<Value>,
}

/// The head of a loop: entered, and waiting for its back-edges.
pub(crate) struct Head {
    /// The block.
    pub(crate) block: BlockId,
    /// The `var`s that are parameters, as places in [`Ssa::vars`].
    slots: Vec<usize>,
}

impl Ssa {
    /// A function that has its parameters and nothing else.
    pub(crate) fn new(name: String, span: Span, params: &[RegType], result: RegType) -> Self {
        let mut func = Func {
            name,
            span,
            params: Vec::new(),
            borrowed: vec![false; params.len()],
            result,
            closure: None,
            values: Vec::new(),
            blocks: Vec::new(),
        };
        func.params = params.iter().map(|&p| func.value(p)).collect();
        let block = func.new_block(span);
        Ssa { func, block, dead: false, span, vars: Vec::new() }
    }

    // ── Instructions ─────────────────────────────────────────────────────────────

    /// Writes an instruction and gives its results.
    pub(crate) fn inst(&mut self, op: Opcode, imm: Imms, args: Vec<Value>, results: &[RegType]) -> Vec<Value> {
        let results: Vec<Value> = results.iter().map(|&t| self.func.value(t)).collect();
        if !self.dead {
            let inst = Inst { op, imm, args: args.into(), results: results.as_slice().into(), span: self.span };
            self.func.blocks[self.block.index()].insts.push(inst);
        }
        results
    }

    /// Writes an instruction with one result.
    pub(crate) fn one(&mut self, op: Opcode, imm: Imms, args: Vec<Value>, result: RegType) -> Value {
        self.inst(op, imm, args, &[result])[0]
    }

    /// Writes an instruction on registers alone that gives a word.
    pub(crate) fn word(&mut self, op: Opcode, args: &[Value]) -> Value {
        self.one(op, NO_IMM, args.to_vec(), RegType::I64)
    }

    /// Writes an instruction on registers alone that gives a float.
    pub(crate) fn float_op(&mut self, op: Opcode, args: &[Value]) -> Value {
        self.one(op, NO_IMM, args.to_vec(), RegType::F64)
    }

    /// An Int.
    pub(crate) fn int(&mut self, value: i64) -> Value {
        self.one(Opcode::ConstI64, [Some(Imm::I64(value)), None], Vec::new(), RegType::I64)
    }

    /// A Float.
    pub(crate) fn float(&mut self, value: f64) -> Value {
        let bits = codex_spec::semantics::canonical(value).to_bits();
        self.one(Opcode::ConstF64, [Some(Imm::F64(bits)), None], Vec::new(), RegType::F64)
    }

    /// `()`
    pub(crate) fn unit(&mut self) -> Value {
        self.int(0)
    }

    /// A value that is never used, because this place is dead.
    pub(crate) fn nothing(&mut self, typ: RegType) -> Value {
        self.func.value(typ)
    }

    /// A call.
    pub(crate) fn call(&mut self, function: FuncId, args: Vec<Value>, result: RegType) -> Value {
        self.one(Opcode::Call, [Some(Imm::Index(function.0)), None], args, result)
    }

    /// A new record or tuple.
    pub(crate) fn new_record(&mut self, layout: LayoutId, fields: Vec<Value>, typ: RegType) -> Value {
        self.one(Opcode::New, [Some(Imm::Index(layout.0)), None], fields, typ)
    }

    /// A variant without fields.
    pub(crate) fn new_tag(&mut self, typ: TypeId, tag: u32) -> Value {
        let imm = [Some(Imm::Index(typ.0)), Some(Imm::Index(tag))];
        self.one(Opcode::NewTag, imm, Vec::new(), RegType::Ref(typ))
    }

    /// A field of a record or of a variant that is known.
    pub(crate) fn field(&mut self, record: Value, layout: LayoutId, index: u32, storage: Storage) -> Value {
        let op = match storage {
            Storage::I64 | Storage::F64 => Opcode::GetWord,
            Storage::Byte => Opcode::GetByte,
            Storage::Ref(_) => Opcode::GetRef,
        };
        let imm = [Some(Imm::Index(layout.0)), Some(Imm::Index(index))];
        self.one(op, imm, vec![record], storage.reg_type())
    }

    /// An element of a list.
    pub(crate) fn element(&mut self, list: Value, at: Value, storage: Storage) -> Value {
        let op = match storage {
            Storage::I64 | Storage::F64 => Opcode::ListGet,
            Storage::Byte => Opcode::ListGetByte,
            Storage::Ref(_) => Opcode::ListGetRef,
        };
        self.one(op, NO_IMM, vec![list, at], storage.reg_type())
    }

    /// An instruction that changes its first argument and gives nothing else.
    pub(crate) fn edit(&mut self, op: Opcode, imm: Imms, args: Vec<Value>) -> Value {
        let typ = self.func.typ(args[0]);
        self.one(op, imm, args, typ)
    }

    // ── Blocks and edges ─────────────────────────────────────────────────────────

    /// Ends the block; what follows is dead until the next block is entered.
    pub(crate) fn end(&mut self, term: Term) {
        if !self.dead {
            let block = &mut self.func.blocks[self.block.index()];
            block.term = term;
            block.term_span = self.span;
            self.dead = true;
        }
    }

    /// Ends the call.
    pub(crate) fn ret(&mut self, value: Value) {
        self.end(Term::Return(value));
    }

    /// Ends the container.
    pub(crate) fn trap(&mut self, trap: Trap) {
        self.end(Term::Trap(trap));
    }

    /// A new join without edges.
    pub(crate) fn join(&mut self) -> Join {
        Join { block: self.func.new_block(self.span), edges: Vec::new(), depth: self.vars.len() }
    }

    /// An edge from here into the join. The terminator that goes with it is set by the caller.
    fn edge(&mut self, join: &mut Join, target: usize, args: Vec<Value>) -> Target {
        if !self.dead {
            join.edges.push(Edge { from: self.block, target, args, vars: self.vars[..join.depth].to_vec() });
        }
        Target { block: join.block, args: Vec::new() }
    }

    /// Goes to the join.
    pub(crate) fn jump(&mut self, join: &mut Join, args: Vec<Value>) {
        let target = self.edge(join, 0, args);
        self.end(Term::Jump(target));
    }

    /// Goes to `yes` or `no`, as a compare-and-jump row says.
    pub(crate) fn branch(&mut self, op: Opcode, args: &[Value], imm: Option<i64>, yes: &mut Join, no: &mut Join) {
        let yes = self.edge(yes, 0, Vec::new());
        let no = self.edge(no, 1, Vec::new());
        self.end(Term::Branch { op, args: args.to_vec(), imm, yes, no });
    }

    /// `switch` over joins: to `to[which[i]]` for the value `i`, else to `to[other]`.
    pub(crate) fn switch(&mut self, value: Value, which: &[usize], other: usize, to: &mut [Join]) {
        let mut targets = Vec::with_capacity(which.len());
        for (i, &join) in which.iter().enumerate() {
            targets.push(self.edge(&mut to[join], i, Vec::new()));
        }
        let other = self.edge(&mut to[other], which.len(), Vec::new());
        self.end(Term::Switch(value, targets, other));
    }

    /// `switch_tag` over joins: to `to[which[i]]` for the variant `i`.
    pub(crate) fn switch_tag(&mut self, value: Value, which: &[usize], to: &mut [Join]) {
        let mut targets = Vec::with_capacity(which.len());
        for (i, &join) in which.iter().enumerate() {
            targets.push(self.edge(&mut to[join], i, Vec::new()));
        }
        self.end(Term::SwitchTag(value, targets));
    }

    /// Goes on at the join: gives what its arguments are there. Without edges the place is dead.
    pub(crate) fn enter(&mut self, join: Join, types: &[RegType]) -> Vec<Value> {
        self.vars.truncate(join.depth);
        self.block = join.block;
        self.func.blocks[join.block.index()].term_span = self.span;
        let Some(first) = join.edges.first() else {
            self.dead = true;
            return types.iter().map(|&t| self.nothing(t)).collect();
        };
        self.dead = false;
        let places = types.len() + first.vars.len();
        let mut values = Vec::with_capacity(places);
        for place in 0..places {
            let at = |edge: &Edge| *edge.args.get(place).unwrap_or_else(|| &edge.vars[place - types.len()]);
            let same = at(first);
            if join.edges.iter().all(|e| at(e) == same) {
                values.push(same);
                continue;
            }
            let param = self.func.value(self.func.typ(same));
            self.func.blocks[join.block.index()].params.push(param);
            for edge in &join.edges {
                let value = at(edge);
                if let Some(target) =
                    self.func.blocks[edge.from.index()].term.targets_mut().into_iter().nth(edge.target)
                {
                    target.args.push(value);
                }
            }
            values.push(param);
        }
        self.vars = values.split_off(types.len());
        values
    }

    // ── Loops ────────────────────────────────────────────────────────────────────

    /// Goes from here into a new loop head with a parameter for each of these `var`s. With `counter`, that becomes the
    /// first parameter.
    pub(crate) fn enter_loop(&mut self, slots: Vec<usize>, counter: Option<Value>) -> (Head, Option<Value>) {
        let target = {
            let block = self.func.new_block(self.span);
            let args = counter.into_iter().chain(slots.iter().map(|&s| self.vars[s])).collect();
            Target { block, args }
        };
        let block = target.block;
        let dead = self.dead;
        self.end(Term::Jump(target));
        self.block = block;
        self.dead = dead;
        let counter = counter.map(|_| self.param(RegType::I64));
        for &slot in &slots {
            let typ = self.func.typ(self.vars[slot]);
            self.vars[slot] = self.param(typ);
        }
        (Head { block, slots }, counter)
    }

    fn param(&mut self, typ: RegType) -> Value {
        let param = self.func.value(typ);
        self.func.blocks[self.block.index()].params.push(param);
        param
    }

    /// A back-edge: the head, and what its parameters become (without the counter).
    fn back(&self, head: &Head) -> Target {
        Target { block: head.block, args: head.slots.iter().map(|&s| self.vars[s]).collect() }
    }

    /// Goes back to the head.
    pub(crate) fn repeat(&mut self, head: &Head) {
        let target = self.back(head);
        self.end(Term::Jump(target));
    }

    /// The latch of a counted loop.
    pub(crate) fn count(&mut self, head: &Head, counter: Value, limit: Value, done: &mut Join) {
        // The instruction changes the counter in place, so a `var` that holds it takes a copy along.
        if self.vars.contains(&counter) {
            let copy = self.word(Opcode::Copy, &[counter]);
            self.vars.iter_mut().filter(|v| **v == counter).for_each(|v| *v = copy);
        }
        let body = self.back(head);
        let done = self.edge(done, 1, Vec::new());
        self.end(Term::Loop { counter, limit, body, done });
    }

    // ── The end ──────────────────────────────────────────────────────────────────

    /// The finished function: unreachable blocks and unused numbers gone, jumps through empty blocks shortened.
    pub(crate) fn finish(mut self) -> Func {
        drop_unused_numbers(&mut self.func);
        thread_jumps(&mut self.func);
        merge_chains(&mut self.func);
        prune(&mut self.func);
        self.func
    }
}

/// Every statement gives a value, mostly a `()` that nobody looks at.
fn drop_unused_numbers(func: &mut Func) {
    let mut used = vec![false; func.values.len()];
    for block in &func.blocks {
        let targets = block.term.targets();
        let passed = targets.iter().flat_map(|t| &t.args).chain(block.insts.iter().flat_map(|i| &i.args));
        passed.for_each(|v| used[v.index()] = true);
        block.term.operands().iter().for_each(|v| used[v.index()] = true);
    }
    let number = |inst: &Inst| matches!(inst.op, Opcode::ConstI64 | Opcode::ConstF64);
    for block in &mut func.blocks {
        block.insts.retain(|i| !number(i) || i.results.iter().any(|r| used[r.index()]));
    }
}

/// Lets edges that enter an empty block without parameters go where it goes.
fn thread_jumps(func: &mut Func) {
    let onward: Vec<Option<Target>> = func
        .blocks
        .iter()
        .enumerate()
        .map(|(i, b)| match &b.term {
            Term::Jump(t) if i > 0 && b.params.is_empty() && b.insts.is_empty() && t.block.index() != i => {
                Some(t.clone())
            }
            _ => None,
        })
        .collect();
    for block in &mut func.blocks {
        let loops = matches!(block.term, Term::Loop { .. });
        for (i, target) in block.term.targets_mut().into_iter().enumerate() {
            let mut steps = 0;
            while let Some(next) = &onward[target.block.index()]
                && !(loops && i == 0)
                && steps < 64
            {
                *target = next.clone();
                steps += 1;
            }
        }
    }
}

/// Puts a block that is entered by one jump alone at the end of the block it is entered from.
fn merge_chains(func: &mut Func) {
    let mut entries = vec![0u32; func.blocks.len()];
    for block in reachable(func) {
        for target in func.blocks[block.index()].term.targets() {
            entries[target.block.index()] += 1;
        }
    }
    for from in reachable(func).into_iter().map(BlockId::index) {
        while let Term::Jump(Target { block: to, args }) = &func.blocks[from].term
            && entries[to.index()] == 1
            && to.index() != from
            && to.index() != 0
            && args.is_empty()
        {
            let to = to.index();
            let insts = std::mem::take(&mut func.blocks[to].insts);
            let term = std::mem::replace(&mut func.blocks[to].term, Term::None);
            let term_span = func.blocks[to].term_span;
            let block = &mut func.blocks[from];
            block.insts.extend(insts);
            (block.term, block.term_span) = (term, term_span);
            entries[to] = 0;
        }
    }
}

/// The blocks that execution can reach, in reverse postorder: a block before those it dominates, the body of a loop
/// before what follows the loop.
fn reachable(func: &Func) -> Vec<BlockId> {
    let mut seen = vec![false; func.blocks.len()];
    let mut order = Vec::new();
    let mut stack = vec![(BlockId(0), func.blocks[0].term.targets())];
    seen[0] = true;
    while let Some((block, targets)) = stack.last_mut() {
        let Some(next) = targets.pop() else {
            order.push(*block);
            stack.pop();
            continue;
        };
        if !std::mem::replace(&mut seen[next.block.index()], true) {
            stack.push((next.block, func.blocks[next.block.index()].term.targets()));
        }
    }
    order.reverse();
    order
}

/// Drops blocks that nothing reaches, and puts the others in reverse postorder.
fn prune(func: &mut Func) {
    let order = reachable(func);
    let mut number = vec![BlockId(0); func.blocks.len()];
    for (new, old) in order.iter().enumerate() {
        number[old.index()] = BlockId(new as u32);
    }
    let mut old: Vec<Option<Block>> = std::mem::take(&mut func.blocks).into_iter().map(Some).collect();
    func.blocks = order.iter().filter_map(|b| old[b.index()].take()).collect();
    for block in &mut func.blocks {
        for target in block.term.targets_mut() {
            target.block = number[target.block.index()];
        }
    }
}
