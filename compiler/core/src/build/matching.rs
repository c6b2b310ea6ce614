//! Decision trees to code.
//!
//! Each arm's body is written once, behind a join whose arguments are what its pattern binds. Parts of the
//! value are read when first needed on a path, and known from there on.

use codex_diagnostics::catalog::match_too_complex;
use codex_spec::instruction::Opcode;
use codex_spec::layout::RegType;
use codex_spec::trap::Trap;
use codex_types::typed::{Arm, BinaryOp, Expr, LocalId, Pattern};

use super::Lower;
use super::control::compare_literal;
use super::ssa::Join;
use super::tree::{Access, Binds, By, MAX_NODES, Occ, Plan, Tree, plan, plan_patterns};
use crate::ir::{Imm, NO_IMM, Value};

/// A `switch` is used from this many segments on.
const SWITCH_FROM: usize = 4;

/// The writing of one match.
struct Matching<'a> {
    plan: Plan<'a>,
    arms: &'a [Arm],
    /// The value of each occurrence that has been read on the way here.
    values: Vec<Option<Value>>,
    /// Occurrences in the order in which they were read.
    read: Vec<Occ>,
    /// For each arm, its body and the locals it gets.
    bodies: Vec<(Join, Option<Vec<LocalId>>)>,
    fail: Join,
}

impl<'a> Lower<'_, 'a> {
    /// A match whose value is the function's result.
    pub(crate) fn match_tail(&mut self, value: &'a Expr, arms: &'a [Arm]) {
        let bodies = self.match_arms(value, arms);
        for ((join, locals), arm) in bodies.into_iter().zip(arms) {
            self.enter_arm(join, locals);
            self.tail(&arm.body);
        }
    }

    /// A match whose arms go on to `end`.
    pub(crate) fn match_into(&mut self, value: &'a Expr, arms: &'a [Arm], unit: bool, end: &mut Join) {
        let bodies = self.match_arms(value, arms);
        for ((join, locals), arm) in bodies.into_iter().zip(arms) {
            self.enter_arm(join, locals);
            self.arm(&arm.body, unit, end);
        }
    }

    /// Binds a pattern that may fail to match: it traps then.
    pub(crate) fn bind_or_trap(&mut self, pattern: &'a Pattern, value: Value) {
        let plan = plan_patterns(self, &[], &[pattern]);
        if let Some((join, locals)) = self.choose(value, plan, &[], 1).pop() {
            self.enter_arm(join, locals);
        }
    }

    fn match_arms(&mut self, value: &'a Expr, arms: &'a [Arm]) -> Vec<(Join, Option<Vec<LocalId>>)> {
        let span = value.span;
        let value = self.expr(value);
        let plan = plan(self, arms);
        if plan.too_complex && self.b.errors.is_empty() {
            self.b.errors.push(match_too_complex::too_complex(span, MAX_NODES));
        }
        self.choose(value, plan, arms, arms.len())
    }

    /// Writes the tests; gives the join of each arm.
    fn choose(
        &mut self,
        value: Value,
        mut plan: Plan<'a>,
        arms: &'a [Arm],
        count: usize,
    ) -> Vec<(Join, Option<Vec<LocalId>>)> {
        let tree = std::mem::replace(&mut plan.tree, Tree::Fail);
        let mut values = vec![None; plan.occs.len()];
        values[0] = Some(value);
        let bodies = (0..count).map(|_| (self.s.join(), None)).collect();
        let mut matching = Matching { plan, arms, values, read: Vec::new(), bodies, fail: self.s.join() };
        self.test(&mut matching, &tree);
        let Matching { bodies, fail, .. } = matching;
        self.s.enter(fail, &[]);
        self.s.trap(Trap::NoMatch);
        bodies
    }

    fn enter_arm(&mut self, join: Join, locals: Option<Vec<LocalId>>) {
        let locals = locals.unwrap_or_default();
        let types: Vec<RegType> = locals.iter().map(|&l| self.local_reg(l)).collect();
        let values = self.s.enter(join, &types);
        for (local, value) in locals.into_iter().zip(values) {
            self.set_local(local, value);
        }
    }

    fn test(&mut self, m: &mut Matching<'a>, tree: &Tree<'a>) {
        if self.s.dead {
            return;
        }
        match tree {
            Tree::Fail => self.s.jump(&mut m.fail, Vec::new()),
            Tree::Leaf { arm, binds } => {
                let bound = self.bindings(m, binds);
                self.go(m, *arm, bound);
            }
            Tree::Guard { arm, binds, otherwise } => {
                let bound = self.bindings(m, binds);
                for &(local, value) in &bound {
                    self.set_local(local, value);
                }
                let (mut yes, mut no) = (self.s.join(), self.s.join());
                if let Some(guard) = m.arms.get(*arm).and_then(|a| a.guard.as_ref()) {
                    self.condition(guard, &mut yes, &mut no);
                }
                self.s.enter(yes, &[]);
                self.go(m, *arm, bound);
                self.s.enter(no, &[]);
                self.test(m, otherwise);
            }
            Tree::Switch { occ, by, cases } => self.switch(m, *occ, by, cases),
        }
    }

    fn bindings(&mut self, m: &mut Matching<'a>, binds: &Binds) -> Vec<(LocalId, Value)> {
        binds.iter().map(|&(local, occ)| (local, self.part(m, occ))).collect()
    }

    /// Goes to an arm's body with what its pattern binds; alternatives may bind in another order.
    fn go(&mut self, m: &mut Matching<'a>, arm: usize, mut bound: Vec<(LocalId, Value)>) {
        bound.sort_by_key(|(local, _)| *local);
        let (join, locals) = &mut m.bodies[arm];
        locals.get_or_insert_with(|| bound.iter().map(|(l, _)| *l).collect());
        self.s.jump(join, bound.into_iter().map(|(_, v)| v).collect());
    }

    // ── Parts ────────────────────────────────────────────────────────────────────

    /// The value of an occurrence.
    fn part(&mut self, m: &mut Matching<'a>, occ: Occ) -> Value {
        if let Some(value) = m.values[occ.0 as usize] {
            return value;
        }
        let value = match m.plan.occs[occ.0 as usize].0 {
            Access::Root => self.s.unit(),
            Access::Field { of, variant, index } => {
                let record = self.part(m, of);
                match m.plan.occs[of.0 as usize].1 {
                    Some(mono) => self.get_field(record, mono, variant, index),
                    None => record,
                }
            }
            Access::Length { of } => {
                let list = self.part(m, of);
                self.s.word(Opcode::ListLength, &[list])
            }
            Access::Front { of, index } => {
                let at = self.s.int(index.into());
                self.list_part(m, of, at)
            }
            Access::Back { of, index } => {
                let at = self.before_end(m, of, index);
                self.list_part(m, of, at)
            }
            Access::Rest { of, front, back } => {
                let list = self.part(m, of);
                let (from, to) = (self.s.int(front.into()), self.before_end(m, of, back));
                let typ = self.s.func.typ(list);
                self.s.one(Opcode::ListSlice, NO_IMM, vec![list, from, to], typ)
            }
        };
        m.values[occ.0 as usize] = Some(value);
        m.read.push(occ);
        value
    }

    /// The length of a list less `back`.
    fn before_end(&mut self, m: &mut Matching<'a>, of: Occ, back: u32) -> Value {
        let length =
            (0..m.plan.occs.len() as u32).map(Occ).find(|o| m.plan.occs[o.0 as usize].0 == Access::Length { of });
        let length = match length {
            Some(length) => self.part(m, length),
            None => {
                let list = self.part(m, of);
                self.s.word(Opcode::ListLength, &[list])
            }
        };
        match back {
            0 => length,
            _ => self.s.one(Opcode::AddImm, [Some(Imm::I64(-i64::from(back))), None], vec![length], RegType::I64),
        }
    }

    fn list_part(&mut self, m: &mut Matching<'a>, of: Occ, at: Value) -> Value {
        let list = self.part(m, of);
        let Some(mono) = m.plan.occs[of.0 as usize].1 else { return list };
        let element = self.b.types.element(mono);
        let storage = self.b.types.storage(element);
        self.s.element(list, at, storage)
    }

    // ── Switches ─────────────────────────────────────────────────────────────────

    fn switch(&mut self, m: &mut Matching<'a>, occ: Occ, by: &By<'a>, cases: &[Tree<'a>]) {
        let value = self.part(m, occ);
        let mut joins: Vec<Join> = cases.iter().map(|_| self.s.join()).collect();
        match by {
            By::Variant(which) => self.s.switch_tag(value, which, &mut joins),
            By::Word { segments, bool } => self.segments(value, segments, *bool, &mut joins),
            By::Float(values) => {
                for (case, &number) in values.iter().enumerate() {
                    let mut other = self.s.join();
                    let number = self.s.float(number);
                    self.s.branch(Opcode::JumpFEq, &[value, number], None, &mut joins[case], &mut other);
                    self.s.enter(other, &[]);
                }
                self.s.jump(&mut joins[values.len()], Vec::new());
            }
            By::Text(values) => {
                for (case, text) in values.iter().enumerate() {
                    let mut other = self.s.join();
                    let text = self.text(text);
                    let equal = self.s.word(Opcode::RawEq, &[value, text]);
                    self.s.branch(Opcode::JumpIf, &[equal], None, &mut joins[case], &mut other);
                    self.s.enter(other, &[]);
                }
                self.s.jump(&mut joins[values.len()], Vec::new());
            }
        }
        let before = m.read.len();
        for (join, case) in joins.into_iter().zip(cases) {
            self.s.enter(join, &[]);
            self.test(m, case);
            for occ in m.read.drain(before..) {
                m.values[occ.0 as usize] = None;
            }
        }
    }

    /// Goes to the case of the segment in which a word lies.
    fn segments(&mut self, value: Value, segments: &[(i64, usize)], bool: bool, joins: &mut [Join]) {
        match *segments {
            [] => {}
            [(_, only)] => self.s.jump(&mut joins[only], Vec::new()),
            [(_, zero), (1, one)] if bool => {
                let (zero, one) = two(joins, zero, one);
                self.s.branch(Opcode::JumpIf, &[value], None, one, zero);
            }
            [(_, below), (from, above)] => {
                let (below, above) = two(joins, below, above);
                compare_literal(&mut self.s, BinaryOp::Less, value, from, below, above);
            }
            [(_, below), (from, inside), (to, above)] if below == above && to == from + 1 => {
                let (inside, other) = two(joins, inside, below);
                compare_literal(&mut self.s, BinaryOp::Equal, value, from, inside, other);
            }
            _ if dense(segments) => self.dense_switch(value, segments, joins),
            _ => {
                let (mut low, mut high) = (self.s.join(), self.s.join());
                let middle = segments.len() / 2;
                compare_literal(&mut self.s, BinaryOp::Less, value, segments[middle].0, &mut low, &mut high);
                self.s.enter(low, &[]);
                self.segments(value, &segments[..middle], bool, joins);
                self.s.enter(high, &[]);
                self.segments(value, &segments[middle..], bool, joins);
            }
        }
    }

    /// One `switch`. What is below its first number (nothing, or the same case as above its last) goes to `other`.
    fn dense_switch(&mut self, value: Value, segments: &[(i64, usize)], joins: &mut [Join]) {
        let (base, last) = span(segments);
        let other = segments[segments.len() - 1].1;
        let mut which = Vec::new();
        for pair in segments.windows(2) {
            let (from, to) = (pair[0].0.max(base), pair[1].0);
            which.extend((from..to).map(|_| pair[0].1));
        }
        debug_assert_eq!(which.len() as i64, last - base);
        let index = match base {
            0 => value,
            _ => {
                let base = self.s.int(base);
                self.s.word(Opcode::WrappingSub, &[value, base])
            }
        };
        self.s.switch(index, &which, other, joins);
    }
}

/// The first and one past the last number that a `switch` for these segments lists.
fn span(segments: &[(i64, usize)]) -> (i64, i64) {
    let last = segments[segments.len() - 1].0;
    match segments[0].0 {
        0 => (0, last),
        _ => match segments[1].0 {
            first @ 0..=8 if first < last => (0, last),
            first => (first, last),
        },
    }
}

/// Whether one `switch` does for these segments, without a table much larger than they are.
fn dense(segments: &[(i64, usize)]) -> bool {
    let (base, last) = span(segments);
    let closed = segments[0].0 == 0 || segments[0].1 == segments[segments.len() - 1].1;
    let size = i128::from(last) - i128::from(base);
    closed && segments.len() >= SWITCH_FROM && size <= 4 * segments.len() as i128 && segments[0].0 <= base
}

/// Two different joins for change.
fn two(joins: &mut [Join], a: usize, b: usize) -> (&mut Join, &mut Join) {
    debug_assert_ne!(a, b, "neighbouring segments have different cases");
    let (low, high) = (a.min(b), a.max(b));
    let (left, right) = joins.split_at_mut(high);
    if a < b { (&mut left[low], &mut right[0]) } else { (&mut right[0], &mut left[low]) }
}
