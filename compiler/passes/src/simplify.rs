//! Simplification: constants are folded, equal computations are made once, and what was just stored is not loaded again.
//!
//! One walk over the dominator tree with a scoped table of what is available (Briggs, Cooper, Simpson, 'Value Numbering',
//! 1997). An instruction is looked at with its operands already simplified:
//!
//! 1. a function of constants becomes a constant, unless it would trap;
//! 2. algebra: `x + 0`, `x × 1`, an addition of a constant becomes `add_imm`;
//! 3. a load from something that an instruction made or changed in view becomes the value stored ([`crate::forward`]);
//! 4. the same row with the same operands as one that dominates it becomes that one's result.
//!
//! Terminators: a branch on a comparison compares itself, a branch on a constant jumps, a `switch_tag` on a known variant jumps.
//! A value that a branch or switch has shown is known behind that edge.
//!
//! Keeps true: traps stay, in their order.

use codex_core::ir::{BlockId, Func, Imm, Imms, Inst, Term, Value, Values};
use codex_spec::instruction::Opcode;
use codex_spec::layout::LayoutDef;
use rustc_hash::FxHashMap;
use smallvec::smallvec;

use crate::View;
use crate::fold::{self, Known};
use crate::graph::{Dominators, Graph};
use crate::variants::tag_of;
use crate::walk::Renames;
use crate::{forward, rows, tidy};

/// How often a function is looked at, at most.
const ROUNDS: usize = 4;

/// Simplifies all functions, and tidies after each.
pub(crate) fn run(view: &View<'_>, func: &mut Func) {
    function(func, &view.program.layouts);
}

/// Simplifies a function. What one round removes lets the next one see further; few functions need a third.
pub(crate) fn function(func: &mut Func, layouts: &[LayoutDef]) {
    for _ in 0..ROUNDS {
        let simplified = Simplifier::new(func, layouts).run();
        if !tidy::function(func) && !simplified {
            break;
        }
    }
    tidy::compact(func);
}

/// What makes two instructions equal: the row, its immediates and operands.
type Key = (Opcode, Imms, [Option<Value>; 3]);

struct Simplifier<'a> {
    func: &'a mut Func,
    layouts: &'a [LayoutDef],
    graph: Graph,
    renames: Renames,
    /// For each value the instruction that makes it, as far as the walk has come.
    makers: Vec<Option<Inst>>,
    /// Words that are known, and variants, everywhere or in the scope.
    known: Vec<Option<Known>>,
    variants: Vec<Option<u8>>,
    available: FxHashMap<Key, Value>,
    undo: Vec<Undo>,
    escapes: Vec<bool>,
    /// Whether a terminator became a jump.
    jumps: bool,
}

/// What leaving a scope takes back.
enum Undo {
    Available(Key, Option<Value>),
    Known(Value, Option<Known>),
    Variant(Value, Option<u8>),
}

impl<'a> Simplifier<'a> {
    fn new(func: &'a mut Func, layouts: &'a [LayoutDef]) -> Self {
        let values = func.values.len();
        Simplifier {
            graph: Graph::new(func),
            escapes: forward::escapes(func),
            func,
            layouts,
            renames: Renames::new(values),
            makers: vec![None; values],
            known: vec![None; values],
            variants: vec![None; values],
            available: FxHashMap::default(),
            undo: Vec::new(),
            jumps: false,
        }
    }

    /// Whether anything changed that may let another round do more.
    fn run(mut self) -> bool {
        let dominators = Dominators::new(&self.graph);
        let Some(&entry) = self.graph.order.first() else { return false };
        // (block, next child, length of `undo` before it)
        let mut stack = vec![(entry, 0, 0)];
        self.block(entry);
        while let Some((b, child, mark)) = stack.last_mut() {
            if let Some(&next) = dominators.children[b.index()].get(*child) {
                *child += 1;
                stack.push((next, 0, self.undo.len()));
                self.learn(next);
                self.block(next);
            } else {
                let mark = *mark;
                stack.pop();
                self.leave(mark);
            }
        }
        self.renames.apply(self.func);
        self.jumps || self.renames.any
    }

    fn leave(&mut self, mark: usize) {
        for change in self.undo.drain(mark..).rev() {
            match change {
                Undo::Available(key, Some(v)) => drop(self.available.insert(key, v)),
                Undo::Available(key, None) => drop(self.available.remove(&key)),
                Undo::Known(v, old) => self.known[v.index()] = old,
                Undo::Variant(v, old) => self.variants[v.index()] = old,
            }
        }
    }

    /// What the only edge to a block shows.
    fn learn(&mut self, b: BlockId) {
        let [pred] = self.graph.preds[b.index()][..] else { return };
        match &self.func.blocks[pred.index()].term {
            Term::SwitchTag(v, to) => {
                let variant = to.iter().position(|t| t.block == b).map(|n| n as u8);
                let v = self.renames.get(*v);
                self.undo.push(Undo::Variant(v, self.variants[v.index()]));
                self.variants[v.index()] = variant;
            }
            Term::Branch { op: Opcode::JumpIf, args, no, .. } => {
                let v = self.renames.get(args[0]);
                let shown = if no.block == b { Some(0) } else { self.is_bool(v).then_some(1) };
                if let Some(shown) = shown {
                    self.learn_word(v, shown);
                }
            }
            Term::Branch { op: Opcode::JumpEqImm, args, imm: Some(value), yes, .. } if yes.block == b => {
                let (v, value) = (self.renames.get(args[0]), *value);
                self.learn_word(v, value);
            }
            _ => {}
        }
    }

    fn learn_word(&mut self, v: Value, value: i64) {
        self.undo.push(Undo::Known(v, self.known[v.index()]));
        self.known[v.index()] = Some(Known::Int(value));
    }

    /// Whether a value is 0 or 1 by the row that makes it.
    fn is_bool(&self, v: Value) -> bool {
        use Opcode::*;
        self.makers[v.index()]
            .as_ref()
            .is_some_and(|i| matches!(i.op, Eq | Ne | Lt | Le | FEq | FLt | FLe | Not | RawEq | CharIs))
    }

    fn block(&mut self, b: BlockId) {
        let insts = std::mem::take(&mut self.func.blocks[b.index()].insts);
        let mut out = Vec::with_capacity(insts.len());
        for mut inst in insts {
            inst.args.iter_mut().for_each(|v| *v = self.renames.get(*v));
            if !self.instruction(&mut inst) {
                self.remember(&inst);
                out.push(inst);
            }
        }
        let mut term = std::mem::replace(&mut self.func.blocks[b.index()].term, Term::None);
        crate::walk::for_each_term_use_mut(&mut term, |v| *v = self.renames.get(*v));
        let jumped = matches!(term, Term::Jump(_));
        self.terminator(&mut term);
        self.jumps |= !jumped && matches!(term, Term::Jump(_));
        let block = &mut self.func.blocks[b.index()];
        block.insts = out;
        block.term = term;
    }

    /// Simplifies an instruction; whether it is not needed any more.
    fn instruction(&mut self, inst: &mut Inst) -> bool {
        if inst.op == Opcode::UnpackClosure
            && let Some(closure) = &self.makers[inst.args[0].index()]
            && closure.op == Opcode::Closure
        {
            inst.results.iter().zip(&closure.args).for_each(|(r, v)| self.renames.set(*r, *v));
            return true;
        }
        if inst.results.len() != 1 {
            return false;
        }
        let result = inst.results[0];
        if let Some(known) = self.folded(inst) {
            let (op, imm) = known.made_by();
            *inst =
                Inst { op, imm: [Some(imm), None], args: Values::new(), results: smallvec![result], span: inst.span };
        } else {
            let same = self.algebra(inst).or_else(|| self.loaded(inst));
            if let Some(same) = same.filter(|s| self.func.typ(*s) == self.func.typ(result)) {
                self.renames.set(result, same);
                return true;
            }
        }
        if !rows::repeats(inst.op) {
            return false;
        }
        let Some(key) = key(inst) else { return false };
        if let Some(&same) = self.available.get(&key) {
            self.renames.set(result, same);
            return true;
        }
        self.undo.push(Undo::Available(key, self.available.insert(key, result)));
        false
    }

    fn loaded(&self, inst: &Inst) -> Option<Value> {
        let available = |older: &Inst| self.available.get(&key(older)?).copied();
        forward::loaded(inst, &self.makers, &self.escapes, available)
    }

    fn remember(&mut self, inst: &Inst) {
        for v in &inst.results {
            self.makers[v.index()] = Some(inst.clone());
        }
        let Some(&first) = inst.results.first() else { return };
        match (inst.op, inst.imm[0]) {
            (Opcode::ConstI64, Some(Imm::I64(v))) => self.known[first.index()] = Some(Known::Int(v)),
            (Opcode::ConstF64, Some(Imm::F64(v))) => self.known[first.index()] = Some(Known::Float(f64::from_bits(v))),
            (Opcode::New, _) => self.variants[first.index()] = tag_of(self.layouts, inst.index(0)),
            (Opcode::NewTag, _) => self.variants[first.index()] = u8::try_from(inst.index(1)).ok(),
            _ => {
                if let Some((before, after)) = rows::tied(inst) {
                    self.variants[after.index()] = self.variants[before.index()];
                }
            }
        }
    }

    fn folded(&self, inst: &Inst) -> Option<Known> {
        match inst.op {
            Opcode::ConstI64 | Opcode::ConstF64 => return None,
            Opcode::Tag => return self.variants[inst.args[0].index()].map(|t| Known::Int(i64::from(t))),
            _ => {}
        }
        if inst.args.is_empty() || inst.args.len() > 2 {
            return None;
        }
        let mut args = [Known::Int(0); 2];
        for (place, v) in args.iter_mut().zip(&inst.args) {
            *place = self.known[v.index()]?;
        }
        fold::fold(inst.op, inst.imm[0], &args[..inst.args.len()])
    }

    fn int(&self, v: Value) -> Option<i64> {
        match self.known[v.index()] {
            Some(Known::Int(i)) => Some(i),
            _ => None,
        }
    }

    /// Rewrites a row into a simpler one, or gives the value that it is.
    fn algebra(&self, inst: &mut Inst) -> Option<Value> {
        use Opcode::*;
        if let (Add | Mul | WrappingAdd | WrappingMul | And | Or | Xor | Eq | Ne | FAdd | FMul | FEq, [a, b]) =
            (inst.op, &inst.args[..])
            && (self.known[a.index()].is_some(), b.0) > (self.known[b.index()].is_some(), a.0)
        {
            // One order for operands that may change places: constants last.
            inst.args.swap(0, 1);
        }
        let first = *inst.args.first()?;
        let constant = inst.args.get(1).and_then(|b| self.int(*b));
        let immediate = match (inst.op, constant) {
            (Add, Some(c)) => Some((AddImm, c)),
            (Sub, Some(c)) => c.checked_neg().map(|c| (AddImm, c)),
            (Mul, Some(c)) => Some((MulImm, c)),
            _ => None,
        };
        if let Some((op, c)) = immediate {
            inst.op = op;
            inst.imm[0] = Some(Imm::I64(c));
            inst.args.truncate(1);
        }
        let value = match inst.imm[0] {
            Some(Imm::I64(v)) => Some(v),
            _ => constant,
        };
        match (inst.op, value) {
            (AddImm | WrappingAdd | WrappingSub | Or | Xor | Shl | Shr | ShrLogical, Some(0)) => Some(first),
            (MulImm | WrappingMul | Div, Some(1)) => Some(first),
            (And, Some(-1)) => Some(first),
            (And | Or, _) if inst.args[1] == first => Some(first),
            // A Bool compared with true is itself.
            (Ne, Some(0)) | (Eq, Some(1)) if self.is_bool(first) => Some(first),
            (Eq, Some(0)) | (Ne, Some(1)) if self.is_bool(first) => {
                inst.op = Not;
                inst.args.truncate(1);
                None
            }
            (Not, _) => match &self.makers[first.index()] {
                Some(Inst { op: Not, args, .. }) => Some(args[0]),
                _ => None,
            },
            _ => None,
        }
    }

    // ── Terminators ──────────────────────────────────────────────────────────────

    fn terminator(&mut self, term: &mut Term) {
        match term {
            Term::Branch { .. } => self.branch(term),
            Term::SwitchTag(v, to) => {
                if let Some(variant) = self.variants[v.index()]
                    && let Some(target) = to.get(usize::from(variant))
                {
                    *term = Term::Jump(target.clone());
                }
            }
            Term::Switch(v, to, other) => {
                if let Some(value) = self.int(*v) {
                    let target = usize::try_from(value).ok().and_then(|n| to.get(n));
                    *term = Term::Jump(target.unwrap_or(other).clone());
                }
            }
            _ => {}
        }
    }

    fn branch(&mut self, term: &mut Term) {
        self.compare_itself(term);
        self.compare_with_immediate(term);
        let Term::Branch { op, args, imm, yes, no } = term else { return };
        let known: Option<Vec<Known>> = args.iter().map(|v| self.known[v.index()]).collect();
        let goes = known.and_then(|known| fold::jumps(*op, &known, *imm));
        let target = match goes {
            Some(true) => Some(&*yes),
            Some(false) => Some(&*no),
            None if yes == no => Some(&*yes),
            None => None,
        };
        if let Some(target) = target.cloned() {
            *term = Term::Jump(target);
        }
    }

    /// A branch on the result of a comparison becomes that comparison.
    fn compare_itself(&self, term: &mut Term) {
        use Opcode::*;
        while let Term::Branch { op: op @ (JumpIf | JumpEqImm), args, imm, yes, no } = term {
            let swaps_zero = *op == JumpEqImm;
            if swaps_zero && *imm != Some(0) {
                return;
            }
            let Some(maker) = &self.makers[args[0].index()] else { return };
            let (jump, swaps) = match maker.op {
                Not => (JumpIf, true),
                Eq => (JumpEq, false),
                Ne => (JumpEq, true),
                Lt => (JumpLt, false),
                Le => (JumpLe, false),
                FEq => (JumpFEq, false),
                FLt => (JumpFLt, false),
                FLe => (JumpFLe, false),
                _ => return,
            };
            *op = jump;
            *args = maker.args.to_vec();
            *imm = None;
            if swaps != swaps_zero {
                std::mem::swap(yes, no);
            }
        }
    }

    fn compare_with_immediate(&self, term: &mut Term) {
        use Opcode::*;
        let Term::Branch { op, args, imm, yes, no } = term else { return };
        let &mut [a, b] = &mut args[..] else { return };
        let (with, value, keep, swaps) = match (*op, self.int(a), self.int(b)) {
            (JumpEq, _, Some(c)) => (JumpEqImm, c, a, false),
            (JumpEq, Some(c), _) => (JumpEqImm, c, b, false),
            (JumpLt, _, Some(c)) => (JumpLtImm, c, a, false),
            (JumpLe, _, Some(c)) => (JumpLeImm, c, a, false),
            // c < b unless b ≤ c, and c ≤ b unless b < c.
            (JumpLt, Some(c), _) => (JumpLeImm, c, b, true),
            (JumpLe, Some(c), _) => (JumpLtImm, c, b, true),
            _ => return,
        };
        (*op, *imm, *args) = (with, Some(value), vec![keep]);
        if swaps {
            std::mem::swap(yes, no);
        }
    }
}

fn key(inst: &Inst) -> Option<Key> {
    let mut args = [None; 3];
    if inst.args.len() > args.len() {
        return None;
    }
    for (place, v) in args.iter_mut().zip(&inst.args) {
        *place = Some(*v);
    }
    Some((inst.op, inst.imm, args))
}
