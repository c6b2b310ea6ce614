//! Counting: puts `dup` and `drop` in, so that every owned reference is given up exactly once on each path.
//!
//! Perceus (Reinking, Xie, de Moura, Leijen, 'Perceus: Garbage Free Reference Counting with Reuse', 2021), on a graph in SSA
//! form by liveness: a value's last use takes it, an earlier use that takes it takes a `dup`, and where a value dies
//! unused it is dropped: after the instruction that read it last, or on the edge behind which
//! nobody needs it. What `get_ref` and `list_get_ref` lend is not counted while its holder lives ([`crate::promote`] has
//! made owners of those that outlive their holder), so the holder is kept until the last use of what it lends.
//!
//! Keeps true: afterwards an owned value is used up once on each path to `return` or a tail call.

use codex_core::ir::{BlockId, Func, Inst, Program, Term, Value};
use codex_diagnostics::Span;
use codex_spec::instruction::Opcode;

use crate::View;
use crate::graph::Graph;
use crate::kinds::{self, Kind};
use crate::live::Live;
use crate::{promote, rows, walk};

/// Counts all functions.
pub(crate) fn run(view: &View<'_>, func: &mut Func) {
    let kinds = promote::run(func, view.signatures);
    Counter::new(func, kinds, view.signatures, view.program).run();
}

struct Counter<'a> {
    func: &'a mut Func,
    kinds: Vec<Kind>,
    signatures: &'a [Vec<bool>],
    program: &'a Program,
    graph: Graph,
    live: Live,
    /// Whether a value is needed after the place that the walk has reached.
    needed: Vec<bool>,
}

impl<'a> Counter<'a> {
    fn new(func: &'a mut Func, kinds: Vec<Kind>, signatures: &'a [Vec<bool>], program: &'a Program) -> Self {
        let graph = Graph::new(func);
        let live = Live::new(
            func,
            &graph,
            |v| kinds[v.index()].binds(),
            |v| match kinds[v.index()] {
                Kind::Borrowed(holder) => Some(holder),
                _ => None,
            },
        );
        let needed = vec![false; func.values.len()];
        Counter { func, kinds, signatures, program, graph, live, needed }
    }

    fn run(mut self) {
        for b in self.graph.order.clone() {
            self.block(b);
        }
        // Edges last: they may add blocks, which hold nothing that is not counted yet.
        for b in self.graph.order.clone() {
            self.edges(b);
        }
    }

    /// A value's owner, if it has one that counts.
    fn owner(&self, v: Value) -> Option<Value> {
        let root = kinds::root(&self.kinds, v);
        self.kinds[root.index()].binds().then_some(root)
    }

    fn block(&mut self, b: BlockId) {
        let mut set: Vec<Value> = self.live_at_end(b);
        let insts = std::mem::take(&mut self.func.blocks[b.index()].insts);
        let mut out: Vec<Inst> = Vec::with_capacity(insts.len() + 4);
        set.iter().for_each(|v| self.needed[v.index()] = true);
        self.terminator(b, &mut set, &mut out);
        for inst in insts.into_iter().rev() {
            self.instruction(inst, &mut set, &mut out);
        }
        let dead: Vec<Value> = self.entering(b).filter(|v| !self.needed[v.index()]).collect();
        let span = self.func.blocks[b.index()].term_span;
        for v in dead {
            self.give_up(v, span, &mut out);
        }
        out.reverse();
        self.func.blocks[b.index()].insts = out;
        set.iter().for_each(|v| self.needed[v.index()] = false);
    }

    /// Owned values that come into being at a block's start.
    fn entering(&self, b: BlockId) -> impl Iterator<Item = Value> + '_ {
        let params = if b.0 == 0 { &self.func.params } else { &self.func.blocks[b.index()].params };
        params.iter().copied().filter(|v| self.kinds[v.index()].binds())
    }

    /// Owned values that some edge from this block needs: passed on, or alive behind it.
    fn live_at_end(&self, b: BlockId) -> Vec<Value> {
        let mut set = Vec::new();
        for target in self.func.blocks[b.index()].term.targets() {
            set.extend_from_slice(self.live.at_start(target.block));
            set.extend(target.args.iter().filter_map(|&v| self.owner(v)));
        }
        set.sort_unstable();
        set.dedup();
        set
    }

    /// The terminator's own operands: taken by `return` and the tail calls, read by the others. (What is passed on
    /// edges is [`Self::edges`]' business.)
    fn terminator(&mut self, b: BlockId, set: &mut Vec<Value>, out: &mut Vec<Inst>) {
        let span = self.func.blocks[b.index()].term_span;
        let mut term = std::mem::replace(&mut self.func.blocks[b.index()].term, Term::None);
        if gives_up(&term) {
            let mut taken = Vec::new();
            let mut dups = Vec::new();
            // What a tail call lends, this function was lent itself: nobody here counts it.
            let lends = match &term {
                Term::TailCall(callee, _) => &self.signatures[callee.index()][..],
                _ => &[],
            };
            let mut place = 0..;
            walk::for_each_term_use_mut(&mut term, |v| {
                if place.next().and_then(|n: usize| lends.get(n)) != Some(&true) {
                    self.take(v, &[], &mut taken, &mut dups, span);
                }
            });
            self.finish_takes(taken, dups, set, out);
        } else {
            for v in term.operands() {
                self.need_owner(v, set);
            }
        }
        self.func.blocks[b.index()].term = term;
    }

    /// An operand that is taken: moved if this is its last use and it is an owner, else it takes a `dup`.
    fn take(&mut self, v: &mut Value, reads: &[Value], taken: &mut Vec<Value>, dups: &mut Vec<Inst>, span: Span) {
        let kind = self.kinds[v.index()];
        if kind == Kind::Word {
            return;
        }
        if kind.binds() && !self.needed[v.index()] && !reads.contains(v) && !taken.contains(v) {
            taken.push(*v);
            return;
        }
        let copy = self.copy_of(*v);
        dups.push(walk::inst(Opcode::Dup, vec![*v], vec![copy], span));
        *v = copy;
    }

    fn copy_of(&mut self, v: Value) -> Value {
        self.kinds.push(Kind::Owned);
        self.needed.push(false);
        self.func.value(self.func.typ(v))
    }

    /// Puts the `dup`s before what takes them; an owner that was needed for them alone goes right behind them.
    fn finish_takes(&mut self, taken: Vec<Value>, dups: Vec<Inst>, set: &mut Vec<Value>, out: &mut Vec<Inst>) {
        for &v in &taken {
            self.need_owner(v, set);
        }
        for dup in &dups {
            if let Some(owner) = self.owner(dup.args[0])
                && !self.needed[owner.index()]
            {
                self.give_up(owner, dup.span, out);
                self.need_owner(owner, set);
            }
        }
        out.extend(dups.into_iter().rev());
    }

    fn need_owner(&mut self, v: Value, set: &mut Vec<Value>) {
        if let Some(owner) = self.owner(v)
            && !self.needed[owner.index()]
        {
            self.needed[owner.index()] = true;
            set.push(owner);
        }
    }

    /// One instruction, walking backwards: what dies in it is given up behind it, what lives on is kept by a `dup`
    /// before it.
    fn instruction(&mut self, mut inst: Inst, set: &mut Vec<Value>, out: &mut Vec<Inst>) {
        let span = inst.span;
        for &v in &inst.results {
            if self.kinds[v.index()].binds() && !self.needed[v.index()] {
                self.give_up(v, span, out);
            }
        }
        let borrowed = kinds::borrowed_by(&inst, self.signatures);
        let takes: Vec<bool> = (0..inst.args.len()).map(|i| rows::consumes(inst.op, i, borrowed)).collect();
        let read = |i: &usize| !takes[*i];
        let reads: Vec<Value> = (0..inst.args.len()).filter(read).filter_map(|i| self.owner(inst.args[i])).collect();
        let mut taken = Vec::new();
        let mut dups = Vec::new();
        for (v, _) in inst.args.iter_mut().zip(&takes).filter(|(_, takes)| **takes) {
            self.take(v, &reads, &mut taken, &mut dups, span);
        }
        for &v in &reads {
            if !self.needed[v.index()] {
                self.give_up(v, span, out);
                self.need_owner(v, set);
            }
        }
        out.push(inst);
        self.finish_takes(taken, dups, set, out);
    }

    /// Gives up a value that nobody needs any more.
    fn give_up(&self, v: Value, span: Span, out: &mut Vec<Inst>) {
        let op = if self.kinds[v.index()] == Kind::Token { Opcode::FreeToken } else { Opcode::Drop };
        out.push(walk::inst(op, vec![v], Vec::new(), span));
    }

    /// Dups and drops on the edges from a block.
    fn edges(&mut self, b: BlockId) {
        let alive = self.alive_before_edges(b);
        let edges = self.func.blocks[b.index()].term.targets().len();
        for edge in 0..edges {
            let mut before = Vec::new();
            self.pass(b, edge, &mut before);
            let drops = self.dead_on(b, edge, &alive);
            if before.is_empty() && drops.is_empty() {
                continue;
            }
            let span = self.func.blocks[b.index()].term_span;
            let mut code = before;
            drops.into_iter().for_each(|v| self.give_up(v, span, &mut code));
            self.place(b, edge, code);
        }
    }

    /// Owned values that are there when the terminator has acted.
    fn alive_before_edges(&self, b: BlockId) -> Vec<Value> {
        let mut alive = self.live_at_end(b);
        let term = &self.func.blocks[b.index()].term;
        if !gives_up(term) {
            alive.extend(term.operands().into_iter().filter_map(|v| self.owner(v)));
        }
        alive.sort_unstable();
        alive.dedup();
        alive
    }

    /// Arguments of an edge become owners of their own: a `dup` for each but the last one of a value that nobody
    /// needs behind the edge.
    fn pass(&mut self, b: BlockId, edge: usize, before: &mut Vec<Inst>) {
        let span = self.func.blocks[b.index()].term_span;
        let target = self.func.blocks[b.index()].term.targets()[edge].clone();
        let mut given: Vec<Value> = Vec::new();
        let mut args = target.args.clone();
        for v in &mut args {
            let kind = self.kinds[v.index()];
            if kind == Kind::Word {
                continue;
            }
            if kind.binds() && !given.contains(v) && !self.live.is_at_start(target.block, *v) {
                given.push(*v);
                continue;
            }
            let copy = self.copy_of(*v);
            before.push(walk::inst(Opcode::Dup, vec![*v], vec![copy], span));
            *v = copy;
        }
        if args != target.args {
            self.func.blocks[b.index()].term.targets_mut()[edge].args = args;
        }
    }

    /// Of the values that are alive at an edge: those which nothing behind it needs.
    fn dead_on(&self, b: BlockId, edge: usize, alive: &[Value]) -> Vec<Value> {
        let term = &self.func.blocks[b.index()].term;
        let target = term.targets()[edge];
        let no_cell = match term {
            Term::SwitchTag(v, _) if self.has_no_cell(*v, edge) => Some(*v),
            _ => None,
        };
        alive
            .iter()
            .copied()
            .filter(|v| Some(*v) != no_cell && !target.args.contains(v) && !self.live.is_at_start(target.block, *v))
            .collect()
    }

    fn has_no_cell(&self, v: Value, variant: usize) -> bool {
        kinds::variants(&self.program.types, self.func.typ(v)).get(variant) == Some(&None)
    }

    /// Puts code on an edge: at the start of its target or the end of its block if no other edge is there.
    fn place(&mut self, b: BlockId, edge: usize, code: Vec<Inst>) {
        let block = &self.func.blocks[b.index()];
        if matches!(block.term, Term::Jump(_)) {
            self.func.blocks[b.index()].insts.extend(code);
            return;
        }
        let target = block.term.targets()[edge].block;
        let drops_only = code.iter().all(|i| i.op != Opcode::Dup);
        if drops_only && self.graph.preds[target.index()].len() == 1 {
            self.func.blocks[target.index()].insts.splice(0..0, code);
            return;
        }
        let new = walk::split_edge(self.func, b, edge);
        self.func.blocks[new.index()].insts = code;
        while self.kinds.len() < self.func.values.len() {
            self.kinds.push(Kind::Word);
        }
        self.needed.resize(self.func.values.len(), false);
    }
}

/// Whether a terminator takes its operands.
fn gives_up(term: &Term) -> bool {
    matches!(term, Term::Return(_) | Term::TailCall(..) | Term::TailCallValue(..) | Term::Panic(_))
}
