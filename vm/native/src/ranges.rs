//! Which numbers a register may hold: intervals, by abstract interpretation of a function's blocks.
//!
//! A check that cannot fail is left out where an interval shows it. Intervals are found from the bytecode alone, for every run that
//! reaches a block, in whichever tier it came there. A block's interval for a register covers all ways into it; at loop heads
//! what grows is widened to the end of the range at once, and two further passes narrow it to what the loop's condition lets through.

use codex_spec::instruction::{BlockId, Inst, OperandRef, Reg, Role};
use codex_spec::module::Function;

/// All integers from `lo` to `hi`, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Range {
    pub(crate) lo: i64,
    pub(crate) hi: i64,
}

/// Any integer.
const ANY: Range = Range { lo: i64::MIN, hi: i64::MAX };
/// The length of a list or text.
const LENGTH: Range = Range { lo: 0, hi: u32::MAX as i64 };
/// The largest number whose square is an Int.
const ROOT: i64 = 3_037_000_499;
/// Visits of a block before it is widened.
const PATIENCE: u32 = 3;

impl Range {
    fn new(lo: i64, hi: i64) -> Range {
        Range { lo, hi }
    }

    fn only(n: i64) -> Range {
        Range::new(n, n)
    }

    /// The only integer of the interval, if it has one alone.
    pub(crate) fn number(self) -> Option<i64> {
        (self.lo == self.hi).then_some(self.lo)
    }

    fn join(self, other: Range) -> Range {
        Range::new(self.lo.min(other.lo), self.hi.max(other.hi))
    }

    fn meet(self, other: Range) -> Range {
        Range::new(self.lo.max(other.lo), self.hi.min(other.hi))
    }

    fn is_empty(self) -> bool {
        self.lo > self.hi
    }

    /// What grows goes to the end.
    fn widen(self, next: Range) -> Range {
        let lo = if next.lo < self.lo { i64::MIN } else { self.lo };
        let hi = if next.hi > self.hi { i64::MAX } else { self.hi };
        Range::new(lo, hi)
    }

    /// The interval of a sum, product or difference from its ends, and whether it fits.
    fn of(ends: impl IntoIterator<Item = i128>) -> (Range, bool) {
        let (lo, hi) = ends.into_iter().fold((i128::MAX, i128::MIN), |(lo, hi), n| (lo.min(n), hi.max(n)));
        let fits = lo >= i64::MIN.into() && hi <= i64::MAX.into();
        let cut = |n: i128| n.clamp(i64::MIN.into(), i64::MAX.into()) as i64;
        (Range::new(cut(lo), cut(hi)), fits)
    }

    /// `self + other` where it does not overflow, and whether it never does.
    pub(crate) fn add(self, other: Range) -> (Range, bool) {
        Range::of([i128::from(self.lo) + i128::from(other.lo), i128::from(self.hi) + i128::from(other.hi)])
    }

    /// `self - other`, as for [`Range::add`].
    pub(crate) fn sub(self, other: Range) -> (Range, bool) {
        Range::of([i128::from(self.lo) - i128::from(other.hi), i128::from(self.hi) - i128::from(other.lo)])
    }

    /// `self × other`, as for [`Range::add`].
    pub(crate) fn mul(self, other: Range) -> (Range, bool) {
        let product = |a: i64, b: i64| i128::from(a) * i128::from(b);
        Range::of([
            product(self.lo, other.lo),
            product(self.lo, other.hi),
            product(self.hi, other.lo),
            product(self.hi, other.hi),
        ])
    }

    /// `self ÷ other` where that is not by zero.
    fn div(self, other: Range) -> Range {
        match other.lo {
            1.. if other.lo == other.hi => Range::new(self.lo / other.lo, self.hi / other.lo),
            0.. => Range::new(self.lo.min(0), self.hi.max(0)),
            _ => ANY,
        }
    }

    /// `self % other`: smaller than the divisor, with the sign of the dividend.
    fn rem(self, other: Range) -> Range {
        let most = other.lo.unsigned_abs().max(other.hi.unsigned_abs()).saturating_sub(1).min(i64::MAX as u64) as i64;
        let lo = if self.lo >= 0 { 0 } else { self.lo.max(-most) };
        let hi = if self.hi <= 0 { 0 } else { self.hi.min(most) };
        Range::new(lo, hi)
    }
}

/// The intervals of all registers at one place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct State(Vec<Range>);

impl State {
    /// A register's interval.
    pub(crate) fn get(&self, reg: Reg) -> Range {
        self.0[usize::from(reg.0)]
    }

    fn set(&mut self, reg: Reg, range: Range) {
        self.0[usize::from(reg.0)] = range;
    }

    fn cut(&mut self, reg: Reg, range: Range) {
        self.set(reg, self.get(reg).meet(range));
    }

    /// What holds after an instruction that did not trap.
    pub(crate) fn step(&mut self, inst: &Inst) {
        self.check(inst);
        let result = self.result(inst);
        inst.for_each_operand(|spec, operand| match (spec.role, operand) {
            (Role::Def, OperandRef::Reg(reg)) => self.set(reg, result.unwrap_or(ANY)),
            (Role::Lend | Role::Token, OperandRef::Reg(reg)) => self.set(reg, ANY),
            (Role::Defs, OperandRef::Regs(regs)) => regs.iter().for_each(|&reg| self.set(reg, ANY)),
            _ => {}
        });
    }

    /// What an instruction shows of its operands by not failing.
    fn check(&mut self, inst: &Inst) {
        match *inst {
            Inst::Mul { a, b, .. } if a == b => self.cut(a, Range::new(-ROOT, ROOT)),
            Inst::ListGet { at, .. }
            | Inst::ListGetByte { at, .. }
            | Inst::ListGetRef { at, .. }
            | Inst::ListSet { at, .. }
            | Inst::ListSetByte { at, .. }
            | Inst::ListTakeRef { at, .. }
            | Inst::ListPutRef { at, .. } => self.cut(at, Range::new(0, LENGTH.hi - 1)),
            Inst::ListSwap { a, b, .. } => {
                self.cut(a, Range::new(0, LENGTH.hi - 1));
                self.cut(b, Range::new(0, LENGTH.hi - 1));
            }
            _ => {}
        }
    }

    /// The interval of an instruction's only result, if more is known than that it is an integer.
    fn result(&self, inst: &Inst) -> Option<Range> {
        Some(match *inst {
            Inst::ConstI64 { value, .. } => Range::only(value),
            Inst::Copy { src, .. } => self.get(src),
            Inst::Add { a, b, .. } => self.get(a).add(self.get(b)).0,
            Inst::AddImm { a, value, .. } => self.get(a).add(Range::only(value)).0,
            Inst::Sub { a, b, .. } => self.get(a).sub(self.get(b)).0,
            Inst::Neg { a, .. } => Range::only(0).sub(self.get(a)).0,
            Inst::Mul { a, b, .. } if a == b => {
                let square = self.get(a).mul(self.get(a)).0;
                square.meet(Range::new(0, i64::MAX))
            }
            Inst::Mul { a, b, .. } => self.get(a).mul(self.get(b)).0,
            Inst::MulImm { a, value, .. } => self.get(a).mul(Range::only(value)).0,
            Inst::Div { a, b, .. } => self.get(a).div(self.get(b)),
            Inst::Rem { a, b, .. } => self.get(a).rem(self.get(b)),
            Inst::And { a, b, .. } => match (self.get(a), self.get(b)) {
                (Range { lo: 0.., hi: x }, Range { lo: 0.., hi: y }) => Range::new(0, x.min(y)),
                (Range { lo: 0.., hi }, _) | (_, Range { lo: 0.., hi }) => Range::new(0, hi),
                _ => return None,
            },
            Inst::Shr { a, b, .. } => match self.get(b) {
                Range { lo: count @ 0..=63, hi } if hi == count => {
                    Range::new(self.get(a).lo >> count, self.get(a).hi >> count)
                }
                _ => return None,
            },
            _ => return bounded(inst),
        })
    }

    /// What holds on the way from the end of a block to its `n`-th target; `None` if there is no such way.
    fn way(&self, end: &Inst, n: usize) -> Option<State> {
        let mut state = self.clone();
        match *end {
            Inst::JumpLt { a, b, .. } if n == 0 => state.less(a, b, 1),
            Inst::JumpLt { a, b, .. } => state.less(b, a, 0),
            Inst::JumpLe { a, b, .. } if n == 0 => state.less(a, b, 0),
            Inst::JumpLe { a, b, .. } => state.less(b, a, 1),
            Inst::JumpEq { a, b, .. } if n == 0 => {
                let both = self.get(a).meet(self.get(b));
                state.set(a, both);
                state.set(b, both);
            }
            Inst::JumpEqImm { a, value, .. } if n == 0 => state.cut(a, Range::only(value)),
            Inst::JumpLtImm { a, value, .. } if n == 0 => state.cut(a, Range::new(i64::MIN, value.checked_sub(1)?)),
            Inst::JumpLtImm { a, value, .. } => state.cut(a, Range::new(value, i64::MAX)),
            Inst::JumpLeImm { a, value, .. } if n == 0 => state.cut(a, Range::new(i64::MIN, value)),
            Inst::JumpLeImm { a, value, .. } => state.cut(a, Range::new(value.checked_add(1)?, i64::MAX)),
            Inst::JumpIf { a, .. } if n == 1 => state.cut(a, Range::only(0)),
            Inst::Loop { counter, limit, .. } => {
                state.set(counter, self.get(counter).add(Range::only(1)).0);
                if n == 0 {
                    state.less(counter, limit, 1);
                } else {
                    state.less(limit, counter, 0);
                }
            }
            _ => {}
        }
        (!state.0.iter().any(|range| range.is_empty())).then_some(state)
    }

    /// `a + by ≤ b`.
    fn less(&mut self, a: Reg, b: Reg, by: i64) {
        let (x, y) = (self.get(a), self.get(b));
        // No number is below the least or above the largest: then the interval is empty.
        let below = y.hi.checked_sub(by).map_or(Range::new(1, 0), |hi| Range::new(i64::MIN, hi));
        let above = x.lo.checked_add(by).map_or(Range::new(1, 0), |lo| Range::new(lo, i64::MAX));
        self.set(a, x.meet(below));
        self.set(b, self.get(b).meet(above));
    }

    /// Covers another state too. Gives whether that changed anything.
    fn cover(&mut self, other: &State, widens: bool) -> bool {
        let mut changed = false;
        for (mine, theirs) in self.0.iter_mut().zip(&other.0) {
            let both = mine.join(*theirs);
            if both != *mine {
                changed = true;
                *mine = if widens { mine.widen(both) } else { both };
            }
        }
        changed
    }
}

/// Results that are small by their nature.
fn bounded(inst: &Inst) -> Option<Range> {
    Some(match inst {
        Inst::Eq { .. } | Inst::Ne { .. } | Inst::Lt { .. } | Inst::Le { .. } => Range::new(0, 1),
        Inst::FEq { .. } | Inst::FLt { .. } | Inst::FLe { .. } | Inst::RawEq { .. } => Range::new(0, 1),
        Inst::CountOnes { .. } | Inst::LeadingZeros { .. } | Inst::TrailingZeros { .. } => Range::new(0, 64),
        Inst::GetByte { .. } | Inst::ListGetByte { .. } | Inst::Tag { .. } | Inst::RawByte { .. } => Range::new(0, 255),
        Inst::ListLength { .. } | Inst::RawLength { .. } => LENGTH,
        Inst::Probe { .. } => Range::new(-1, LENGTH.hi),
        _ => return None,
    })
}

/// The intervals at the start of each block of a function; `None` for one that no run reaches.
pub(crate) struct Ranges(Vec<Option<State>>);

impl Ranges {
    /// Finds them.
    pub(crate) fn of(function: &Function) -> Ranges {
        let mut ranges = Ranges(vec![None; function.blocks.len()]);
        let start = State(vec![ANY; function.registers.len()]);
        ranges.0[0] = Some(start.clone());
        let mut visits = vec![0; function.blocks.len()];
        let mut work = std::collections::BTreeSet::from([0]);
        while let Some(block) = work.pop_first() {
            for (to, state) in ranges.ways(function, block) {
                visits[to] += 1;
                let widens = to <= block && visits[to] > PATIENCE || visits[to] > 4 * PATIENCE;
                let changed = match &mut ranges.0[to] {
                    Some(known) => known.cover(&state, widens),
                    empty => empty.replace(state).is_none(),
                };
                if changed {
                    work.insert(to);
                }
            }
        }
        ranges.narrow(function, &start);
        ranges.narrow(function, &start);
        ranges
    }

    /// The intervals at the start of a block.
    pub(crate) fn entry(&self, function: &Function, block: BlockId) -> State {
        let any = || State(vec![ANY; function.registers.len()]);
        self.0[block.index()].clone().unwrap_or_else(any)
    }

    /// What holds on the ways out of a block.
    fn ways(&self, function: &Function, block: usize) -> Vec<(usize, State)> {
        let Some(mut state) = self.0[block].clone() else { return Vec::new() };
        let Some((end, code)) = function.blocks[block].code.split_last() else { return Vec::new() };
        for inst in code {
            state.step(inst);
            if state.0.iter().any(|range| range.is_empty()) {
                return Vec::new();
            }
        }
        let (mut ways, mut n) = (Vec::new(), 0);
        end.for_each_target(|to| {
            ways.extend(state.way(end, n).map(|state| (to.index(), state)));
            n += 1;
        });
        ways
    }

    /// Computes each block's intervals once more, from what is known of all blocks.
    fn narrow(&mut self, function: &Function, start: &State) {
        let mut next: Vec<Option<State>> = vec![None; self.0.len()];
        next[0] = Some(start.clone());
        for block in 0..self.0.len() {
            for (to, state) in self.ways(function, block) {
                match &mut next[to] {
                    Some(known) => _ = known.cover(&state, false),
                    empty => *empty = Some(state),
                }
            }
        }
        self.0 = next;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn function(code: &str) -> Function {
        let source = format!("type t0 text type t1 bytes type t2 list i64 l4 layout l4 list t2 entry f0 {code}");
        codex_spec::text::assemble(&source).unwrap().functions.remove(0)
    }

    #[test]
    fn a_counted_loop_stays_below_its_limit() {
        let f = function(
            "function f0 (i64) i64 { registers i64*3
            b0: r0 word const r1, 0 jump_le_imm r0, 0, b2, b1
            b1: r0 word, r1 word add_imm r2, r1, 1 loop r1, r0, b1, b2
            b2: return r0 }",
        );
        let ranges = Ranges::of(&f);
        let body = ranges.entry(&f, BlockId(1));
        assert_eq!(body.get(Reg(1)), Range::new(0, i64::MAX - 1));
        assert_eq!(body.get(Reg(0)), Range::new(1, i64::MAX));
        assert!(body.get(Reg(1)).add(Range::only(1)).1);
    }

    #[test]
    fn what_did_not_fail_is_known_afterwards() {
        let f = function(
            "function f0 (i64, i64) i64 { registers i64*4 t2
            b0: r0 word, r1 word const r3, 3 list_repeat r4, t2, r3, r3 mul r2, r0, r0 jump b1
            b1: r0 word, r1 word, r2 word, r4 owned list_get r3, r4, r2 add r2, r2, r0 jump_le r2, r1, b1, b2
            b2: r0 word, r4 owned drop r4 return r0 }",
        );
        let ranges = Ranges::of(&f);
        let mut body = ranges.entry(&f, BlockId(1));
        body.step(&f.blocks[1].code[0]);
        let (sum, fits) = body.get(Reg(2)).add(body.get(Reg(0)));
        assert!(fits, "{sum:?}");
    }

    #[test]
    fn what_grows_without_end_is_anything() {
        let f = function(
            "function f0 (i64) i64 { registers i64*2
            b0: r0 word const r1, 5 jump b1
            b1: r0 word, r1 word mul_imm r1, r1, 3 jump_lt r1, r0, b1, b2
            b2: r1 word return r1 }",
        );
        let ranges = Ranges::of(&f);
        assert!(!ranges.entry(&f, BlockId(1)).get(Reg(1)).mul(Range::only(3)).1);
    }
}
