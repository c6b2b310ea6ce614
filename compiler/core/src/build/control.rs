//! Conditions, choices and loops.

use codex_spec::instruction::Opcode;
use codex_spec::layout::RegType;
use codex_types::typed::{BinaryOp, Expect, Expr, ExprKind, LocalId, Pattern};

use super::expr::literal;
use super::lower::{Continue, LoopFrame};
use super::mono::{Kind, Mono, Types};
use super::ssa::{Join, Ssa};
use super::walk::{assigned, is_small};
use super::{Builder, Key, Lower};
use crate::ir::{Imm, NO_IMM, Term, Value};

impl<'a> Lower<'_, 'a> {
    // ── Conditions ───────────────────────────────────────────────────────────────

    /// Goes to `yes` or `no`.
    pub(crate) fn condition(&mut self, e: &'a Expr, yes: &mut Join, no: &mut Join) {
        if self.s.dead {
            return;
        }
        let saved = std::mem::replace(&mut self.s.span, e.span);
        match &*e.kind {
            ExprKind::Bool(true) => self.s.jump(yes, Vec::new()),
            ExprKind::Bool(false) => self.s.jump(no, Vec::new()),
            ExprKind::Not(inner) => self.condition(inner, no, yes),
            ExprKind::And(a, b) => {
                let mut both = self.s.join();
                self.condition(a, &mut both, no);
                self.s.enter(both, &[]);
                self.condition(b, yes, no);
            }
            ExprKind::Or(a, b) => {
                let mut other = self.s.join();
                self.condition(a, yes, &mut other);
                self.s.enter(other, &[]);
                self.condition(b, yes, no);
            }
            ExprKind::Binary(op, a, b) if is_comparison(*op) => self.compare(*op, a, b, yes, no),
            _ => {
                let value = self.expr(e);
                self.s.branch(Opcode::JumpIf, &[value], None, yes, no);
            }
        }
        self.s.span = saved;
    }

    /// Compares and goes.
    fn compare(&mut self, op: BinaryOp, a: &'a Expr, b: &'a Expr, yes: &mut Join, no: &mut Join) {
        let mono = self.mono(a.ty);
        let words = self.b.types.reg(mono) == RegType::I64;
        match (literal(a), literal(b)) {
            (_, Some(right)) if words => {
                let left = self.expr(a);
                compare_literal(&mut self.s, op, left, right, yes, no);
            }
            (Some(left), None) if words => {
                let right = self.expr(b);
                compare_literal(&mut self.s, mirrored(op), right, left, yes, no);
            }
            _ => {
                let (a, b) = (self.expr(a), self.expr(b));
                self.b.compare_branch(&mut self.s, op, mono, (a, b), yes, no);
            }
        }
    }

    // ── Choices ──────────────────────────────────────────────────────────────────

    /// `if`, `∧`, `∨` and `match` as values.
    pub(crate) fn choice_kind(&mut self, e: &'a Expr) -> Value {
        let mut end = self.s.join();
        let unit = self.is_unit(e.ty);
        match &*e.kind {
            ExprKind::If(cond, then, otherwise) => {
                let (mut yes, mut no) = (self.s.join(), self.s.join());
                self.condition(cond, &mut yes, &mut no);
                self.s.enter(yes, &[]);
                self.arm(then, unit, &mut end);
                self.s.enter(no, &[]);
                self.arm(otherwise, unit, &mut end);
            }
            ExprKind::Match(value, arms) => self.match_into(value, arms, unit, &mut end),
            _ => {
                let (mut yes, mut no) = (self.s.join(), self.s.join());
                self.condition(e, &mut yes, &mut no);
                for (join, value) in [(yes, 1), (no, 0)] {
                    self.s.enter(join, &[]);
                    let value = self.s.int(value);
                    self.s.jump(&mut end, vec![value]);
                }
            }
        }
        self.end_choice(e, unit, end)
    }

    /// One way of a choice: its value, then on to the end.
    pub(crate) fn arm(&mut self, e: &'a Expr, unit: bool, end: &mut Join) {
        let value = self.expr(e);
        self.s.jump(end, if unit { Vec::new() } else { vec![value] });
    }

    /// The value of a choice. `()` needs no parameter.
    fn end_choice(&mut self, e: &'a Expr, unit: bool, end: Join) -> Value {
        if unit {
            self.s.enter(end, &[]);
            return self.s.unit();
        }
        let typ = self.reg(e.ty);
        self.s.enter(end, &[typ])[0]
    }

    // ── Loops ────────────────────────────────────────────────────────────────────

    /// `loop`, `while`, `for`.
    pub(crate) fn loop_kind(&mut self, e: &'a Expr) -> Value {
        match &*e.kind {
            ExprKind::Loop(body) => self.endless(e, body),
            ExprKind::While(cond, body) if is_small(cond) => self.rotated(e, cond, body),
            ExprKind::While(cond, body) => self.tested_first(e, cond, body),
            ExprKind::ForRange { local, lo, hi, inclusive, body } => {
                let (from, mut to) = (self.expr(lo), self.expr(hi));
                if *inclusive {
                    to = self.s.one(Opcode::AddImm, [Some(Imm::I64(1)), None], vec![to], RegType::I64);
                }
                let (mut start, mut skip) = (self.s.join(), self.s.join());
                match (literal(lo), literal(hi)) {
                    (Some(from), Some(to)) if from < to => self.s.jump(&mut start, Vec::new()),
                    (Some(from), _) => compare_literal(&mut self.s, BinaryOp::Greater, to, from, &mut start, &mut skip),
                    (_, Some(hi)) if !inclusive => {
                        compare_literal(&mut self.s, BinaryOp::Less, from, hi, &mut start, &mut skip)
                    }
                    _ => self.s.branch(Opcode::JumpLt, &[from, to], None, &mut start, &mut skip),
                }
                self.counted(e, (from, to), (start, skip), |lower, counter| {
                    lower.set_local(*local, counter);
                    lower.expr(body);
                });
            }
            ExprKind::ForList { pattern, list, body } => self.for_list(e, pattern, list, body),
            _ => return self.unreachable(e),
        }
        self.s.unit()
    }

    /// The `var`s in scope that are assigned in the loop.
    fn assigned_slots(&self, e: &Expr) -> Vec<usize> {
        let mut slots: Vec<usize> = assigned(e).into_iter().filter_map(|l: LocalId| self.slot(l)).collect();
        slots.sort_unstable();
        slots.dedup();
        slots
    }

    fn endless(&mut self, e: &'a Expr, body: &'a Expr) {
        let exit = self.s.join();
        let slots = self.assigned_slots(e);
        let (head, _) = self.s.enter_loop(slots, None);
        self.loops.push(LoopFrame { exit, next: Continue::Head(head) });
        self.expr(body);
        if let Some(LoopFrame { exit, next: Continue::Head(head) }) = self.loops.pop() {
            self.s.repeat(&head);
            self.s.enter(exit, &[]);
        }
    }

    /// `while` with the test before the loop and again at the end of its body: one jump for each turn.
    fn rotated(&mut self, e: &'a Expr, cond: &'a Expr, body: &'a Expr) {
        let (mut exit, mut start) = (self.s.join(), self.s.join());
        let slots = self.assigned_slots(e);
        self.condition(cond, &mut start, &mut exit);
        self.s.enter(start, &[]);
        let (head, _) = self.s.enter_loop(slots, None);
        let next = self.s.join();
        self.loops.push(LoopFrame { exit, next: Continue::Latch(next) });
        self.expr(body);
        let Some(LoopFrame { mut exit, next: Continue::Latch(mut next) }) = self.loops.pop() else { return };
        self.s.jump(&mut next, Vec::new());
        self.s.enter(next, &[]);
        let mut again = self.s.join();
        self.condition(cond, &mut again, &mut exit);
        self.s.enter(again, &[]);
        self.s.repeat(&head);
        self.s.enter(exit, &[]);
    }

    /// `while` with a large test, which is written once, at the head.
    fn tested_first(&mut self, e: &'a Expr, cond: &'a Expr, body: &'a Expr) {
        let exit = self.s.join();
        let slots = self.assigned_slots(e);
        let (head, _) = self.s.enter_loop(slots, None);
        self.loops.push(LoopFrame { exit, next: Continue::Head(head) });
        let mut inside = self.s.join();
        // The test is part of the loop, but no `break` or `continue` in it means this loop.
        let Some(LoopFrame { mut exit, next }) = self.loops.pop() else { return };
        self.condition(cond, &mut inside, &mut exit);
        self.loops.push(LoopFrame { exit, next });
        self.s.enter(inside, &[]);
        self.expr(body);
        if let Some(LoopFrame { exit, next: Continue::Head(head) }) = self.loops.pop() {
            self.s.repeat(&head);
            self.s.enter(exit, &[]);
        }
    }

    /// The list is a value: what the body does to a `var` that held it does not change the walk.
    fn for_list(&mut self, e: &'a Expr, pattern: &'a Pattern, list: &'a Expr, body: &'a Expr) {
        let mono = self.mono(list.ty);
        let element = self.b.types.element(mono);
        let storage = self.b.types.storage(element);
        let list = self.expr(list);
        let length = self.s.word(Opcode::ListLength, &[list]);
        let zero = self.s.int(0);
        let (mut start, mut skip) = (self.s.join(), self.s.join());
        self.s.branch(Opcode::JumpLeImm, &[length], Some(0), &mut skip, &mut start);
        self.counted(e, (zero, length), (start, skip), |lower, counter| {
            let item = lower.s.element(list, counter, storage);
            lower.bind(pattern, item);
            lower.expr(body);
        });
    }

    /// A counted loop that has been entered if `start` is reached; `skip` joins its end.
    fn counted(
        &mut self,
        e: &'a Expr,
        (from, to): (Value, Value),
        (start, skip): (Join, Join),
        body: impl FnOnce(&mut Self, Value),
    ) {
        let slots = self.assigned_slots(e);
        let exit = skip;
        self.s.enter(start, &[]);
        let (head, counter) = self.s.enter_loop(slots, Some(from));
        let next = self.s.join();
        self.loops.push(LoopFrame { exit, next: Continue::Latch(next) });
        let counter = counter.unwrap_or(from);
        body(self, counter);
        let Some(LoopFrame { mut exit, next: Continue::Latch(mut next) }) = self.loops.pop() else { return };
        self.s.jump(&mut next, Vec::new());
        self.s.enter(next, &[]);
        self.s.count(&head, counter, to, &mut exit);
        self.s.enter(exit, &[]);
    }

    /// `break`, `continue`, `return`.
    pub(crate) fn leave(&mut self, e: &'a Expr) -> Value {
        match &*e.kind {
            ExprKind::Return(value) => {
                let value = self.expr(value);
                self.give(value);
            }
            ExprKind::Break => {
                if let Some(LoopFrame { exit, .. }) = self.loops.last_mut() {
                    self.s.jump(exit, Vec::new());
                }
            }
            _ => match self.loops.last_mut() {
                Some(LoopFrame { next: Continue::Latch(join), .. }) => self.s.jump(join, Vec::new()),
                Some(LoopFrame { next: Continue::Head(head), .. }) => self.s.repeat(head),
                None => {}
            },
        }
        self.unreachable(e)
    }

    // ── Expectations ─────────────────────────────────────────────────────────────

    /// `expect`: a panic that names the source, and both sides of a comparison.
    pub(crate) fn expect(&mut self, cond: &'a Expect, source: &str) -> Value {
        let (mut yes, mut no) = (self.s.join(), self.s.join());
        let headline = format!("expectation failed: {source}");
        let message = match cond {
            Expect::Bool(cond) => {
                self.condition(cond, &mut yes, &mut no);
                self.s.enter(no, &[]);
                self.text(&headline)
            }
            Expect::Compare(op, a, b) => {
                let mono = self.mono(a.ty);
                let (a, b) = (self.expr(a), self.expr(b));
                self.b.compare_branch(&mut self.s, *op, mono, (a, b), &mut yes, &mut no);
                self.s.enter(no, &[]);
                let before = self.text(&format!("{headline}\n  left:  "));
                let left = self.b.debug(&mut self.s, a, mono);
                let between = self.text("\n  right: ");
                let right = self.b.debug(&mut self.s, b, mono);
                self.b.join_values(&mut self.s, vec![before, left, between, right])
            }
        };
        self.s.end(Term::Panic(message));
        self.s.enter(yes, &[]);
        self.s.unit()
    }
}

impl Builder<'_> {
    /// Compares two values of one type and goes.
    pub(crate) fn compare_branch(
        &mut self,
        s: &mut Ssa,
        op: BinaryOp,
        mono: Mono,
        (a, b): (Value, Value),
        yes: &mut Join,
        no: &mut Join,
    ) {
        use BinaryOp as B;
        let (lt, le, eq) = match self.types.reg(mono) {
            RegType::I64 => (Opcode::JumpLt, Opcode::JumpLe, Opcode::JumpEq),
            RegType::F64 => (Opcode::JumpFLt, Opcode::JumpFLe, Opcode::JumpFEq),
            RegType::Ref(_) if matches!(op, B::Equal | B::NotEqual) => {
                let equal = self.equal(s, mono, a, b);
                return match op {
                    B::Equal => s.branch(Opcode::JumpIf, &[equal], None, yes, no),
                    _ => s.branch(Opcode::JumpIf, &[equal], None, no, yes),
                };
            }
            RegType::Ref(_) => {
                let order = self.order(s, mono, a, b);
                return compare_literal(s, op, order, 0, yes, no);
            }
        };
        match op {
            B::Less => s.branch(lt, &[a, b], None, yes, no),
            B::LessEqual => s.branch(le, &[a, b], None, yes, no),
            B::Greater => s.branch(lt, &[b, a], None, yes, no),
            B::GreaterEqual => s.branch(le, &[b, a], None, yes, no),
            B::NotEqual => s.branch(eq, &[a, b], None, no, yes),
            _ => s.branch(eq, &[a, b], None, yes, no),
        }
    }

    /// Compares two values of one type: a Bool.
    pub(crate) fn compare_value(&mut self, s: &mut Ssa, op: BinaryOp, mono: Mono, a: Value, b: Value) -> Value {
        use BinaryOp as B;
        let (lt, le) = match self.types.reg(mono) {
            RegType::F64 => (Opcode::FLt, Opcode::FLe),
            _ => (Opcode::Lt, Opcode::Le),
        };
        let (a, b) = match self.types.reg(mono) {
            RegType::Ref(_) if !matches!(op, B::Equal | B::NotEqual) => (self.order(s, mono, a, b), s.int(0)),
            _ => (a, b),
        };
        match op {
            B::Less => s.word(lt, &[a, b]),
            B::LessEqual => s.word(le, &[a, b]),
            B::Greater => s.word(lt, &[b, a]),
            B::GreaterEqual => s.word(le, &[b, a]),
            B::NotEqual if self.types.reg(mono) == RegType::I64 => s.word(Opcode::Ne, &[a, b]),
            B::NotEqual => {
                let equal = self.equal(s, mono, a, b);
                s.word(Opcode::Not, &[equal])
            }
            _ => self.equal(s, mono, a, b),
        }
    }

    /// Whether two values of one type are equal: a Bool.
    pub(crate) fn equal(&mut self, s: &mut Ssa, mono: Mono, a: Value, b: Value) -> Value {
        match (self.types.reg(mono), &*self.types.kind(mono)) {
            (RegType::I64, _) => s.word(Opcode::Eq, &[a, b]),
            (RegType::F64, _) => s.word(Opcode::FEq, &[a, b]),
            (_, Kind::Text | Kind::Bytes) => s.word(Opcode::RawEq, &[a, b]),
            _ => {
                let function = self.derived(Key::Equal(mono), s.span);
                s.call(function, vec![a, b], RegType::I64)
            }
        }
    }

    /// The order of two values of one type: -1, 0 or 1.
    pub(crate) fn order(&mut self, s: &mut Ssa, mono: Mono, a: Value, b: Value) -> Value {
        match (self.types.reg(mono), &*self.types.kind(mono)) {
            (RegType::I64, _) => {
                let (above, below) = (s.word(Opcode::Lt, &[b, a]), s.word(Opcode::Lt, &[a, b]));
                s.word(Opcode::WrappingSub, &[above, below])
            }
            (RegType::F64, _) => s.word(Opcode::FCompare, &[a, b]),
            (_, Kind::Text | Kind::Bytes) => s.word(Opcode::RawCompare, &[a, b]),
            _ => {
                let function = self.derived(Key::Compare(mono), s.span);
                s.call(function, vec![a, b], RegType::I64)
            }
        }
    }

    /// A text literal.
    pub(crate) fn text(&mut self, s: &mut Ssa, text: &str) -> Value {
        let constant = self.literal(text.as_bytes());
        let typ = self.types.type_id(Types::TEXT);
        let imm = [Some(Imm::Index(typ.0)), Some(Imm::Index(constant.0))];
        s.one(Opcode::Literal, imm, Vec::new(), RegType::Ref(typ))
    }

    /// Texts, one after the other.
    pub(crate) fn join_values(&mut self, s: &mut Ssa, parts: Vec<Value>) -> Value {
        let typ = self.types.reg(Types::TEXT);
        s.one(Opcode::TextJoin, NO_IMM, parts, typ)
    }
}

/// Compares a word with a number and goes.
pub(crate) fn compare_literal(s: &mut Ssa, op: BinaryOp, a: Value, number: i64, yes: &mut Join, no: &mut Join) {
    use BinaryOp as B;
    let number = Some(number);
    match op {
        B::Less => s.branch(Opcode::JumpLtImm, &[a], number, yes, no),
        B::LessEqual => s.branch(Opcode::JumpLeImm, &[a], number, yes, no),
        B::Greater => s.branch(Opcode::JumpLeImm, &[a], number, no, yes),
        B::GreaterEqual => s.branch(Opcode::JumpLtImm, &[a], number, no, yes),
        B::NotEqual => s.branch(Opcode::JumpEqImm, &[a], number, no, yes),
        _ => s.branch(Opcode::JumpEqImm, &[a], number, yes, no),
    }
}

/// The operator with its sides exchanged.
fn mirrored(op: BinaryOp) -> BinaryOp {
    match op {
        BinaryOp::Less => BinaryOp::Greater,
        BinaryOp::LessEqual => BinaryOp::GreaterEqual,
        BinaryOp::Greater => BinaryOp::Less,
        BinaryOp::GreaterEqual => BinaryOp::LessEqual,
        other => other,
    }
}

fn is_comparison(op: BinaryOp) -> bool {
    use BinaryOp as B;
    matches!(op, B::Equal | B::NotEqual | B::Less | B::LessEqual | B::Greater | B::GreaterEqual)
}
