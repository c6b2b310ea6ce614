//! Small walks that many passes need: over uses, over edges, through renamings.

use codex_core::ir::{Block, BlockId, Func, Imm, Inst, NO_IMM, Target, Term, Value};
use codex_diagnostics::Span;
use codex_spec::instruction::Opcode;
use codex_spec::layout::RegType;
use smallvec::smallvec;

/// What each value became; values that became nothing else stand for themselves.
#[derive(Debug, Default)]
pub(crate) struct Renames {
    to: Vec<Option<Value>>,
    /// Whether any value was renamed.
    pub(crate) any: bool,
}

impl Renames {
    /// Nothing renamed, for a function with this many values.
    pub(crate) fn new(values: usize) -> Renames {
        Renames { to: vec![None; values], any: false }
    }
    /// From now on `from` is `to`.
    pub(crate) fn set(&mut self, from: Value, to: Value) {
        if from.index() >= self.to.len() {
            self.to.resize(from.index() + 1, None);
        }
        debug_assert_ne!(from, self.get(to), "a value cannot be renamed to itself");
        self.to[from.index()] = Some(to);
        self.any = true;
    }
    /// What a value is now.
    pub(crate) fn get(&self, mut v: Value) -> Value {
        while let Some(Some(next)) = self.to.get(v.index()) {
            v = *next;
        }
        v
    }
    /// Renames all uses in a block.
    pub(crate) fn apply_block(&self, block: &mut Block) {
        for inst in &mut block.insts {
            inst.args.iter_mut().for_each(|v| *v = self.get(*v));
        }
        for_each_term_use_mut(&mut block.term, |v| *v = self.get(*v));
    }
    /// Renames all uses in a function.
    pub(crate) fn apply(&self, func: &mut Func) {
        if self.any {
            func.blocks.iter_mut().for_each(|b| self.apply_block(b));
        }
    }
}

/// Calls `f` with each value that a terminator reads, for change; arguments of its edges included.
pub(crate) fn for_each_term_use_mut(term: &mut Term, mut f: impl FnMut(&mut Value)) {
    match term {
        Term::Branch { args, .. } | Term::TailCall(_, args) => args.iter_mut().for_each(&mut f),
        Term::Loop { counter, limit, .. } => [counter, limit].into_iter().for_each(&mut f),
        Term::Switch(v, ..) | Term::SwitchTag(v, _) | Term::Return(v) | Term::Panic(v) | Term::Exit(v) => f(v),
        Term::TailCallValue(v, args) => {
            f(v);
            args.iter_mut().for_each(&mut f);
        }
        Term::None | Term::Jump(_) | Term::Trap(_) => {}
    }
    for target in term.targets_mut() {
        target.args.iter_mut().for_each(&mut f);
    }
}

/// An instruction without immediates.
pub(crate) fn inst(op: Opcode, args: Vec<Value>, results: Vec<Value>, span: Span) -> Inst {
    Inst { op, imm: NO_IMM, args: args.into(), results: results.into(), span }
}

/// How often each value is used.
pub(crate) fn use_counts(func: &Func) -> Vec<u32> {
    let mut counts = vec![0u32; func.values.len()];
    for block in &func.blocks {
        for inst in &block.insts {
            inst.args.iter().for_each(|v| counts[v.index()] += 1);
        }
        crate::live::for_each_term_use(&block.term, |v| counts[v.index()] += 1);
    }
    counts
}

/// Puts a new block on an edge, the `edge`-th of `from`'s terminator, and gives it. The new block passes the
/// arguments on. The counted loop has no room for a block between its end and its head, so where the edge is its body,
/// it becomes the addition and the comparison that it stands for (the addition cannot overflow below a limit).
pub(crate) fn split_edge(func: &mut Func, from: BlockId, edge: usize) -> BlockId {
    let span = func.blocks[from.index()].term_span;
    let new = func.new_block(span);
    let mut counted = None;
    if let Term::Loop { counter, limit, body, done } = &mut func.blocks[from.index()].term
        && edge == 0
    {
        let next = Value(func.values.len() as u32);
        func.values.push(RegType::I64);
        let add = Inst {
            op: Opcode::AddImm,
            imm: [Some(Imm::I64(1)), None],
            args: smallvec![*counter],
            results: smallvec![next],
            span,
        };
        let empty = || Target { block: new, args: Vec::new() };
        let term = Term::Branch {
            op: Opcode::JumpLt,
            args: vec![next, *limit],
            imm: None,
            yes: std::mem::replace(body, empty()),
            no: std::mem::replace(done, empty()),
        };
        let block = &mut func.blocks[from.index()];
        block.term = term;
        block.insts.push(add);
        counted = Some(next);
    }
    let passed = Target { block: new, args: Vec::new() };
    let old = std::mem::replace(func.blocks[from.index()].term.targets_mut()[edge], passed);
    let args = counted.into_iter().chain(old.args).collect();
    func.blocks[new.index()].term = Term::Jump(Target { block: old.block, args });
    new
}
