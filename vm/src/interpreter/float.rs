//! Floats.
//!
//! `spec::semantics` says what the instructions mean. The four operations of arithmetic are computed here once more, because
//! a NaN must be found by a branch: as a selection it would be part of each result's latency, which is a quarter of
//! the time of a loop over floats. A test holds them to `semantics`.

use codex_spec::semantics::{CANONICAL_NAN, Math, Math2};

use super::op::Word;
use super::registers::Regs;

/// A function that is not in the table has no value anywhere.
const NOWHERE: f64 = f64::from_bits(CANONICAL_NAN);

/// A result, NaN in its canonical form.
#[inline(always)]
fn result(value: f64) -> f64 {
    if value.is_nan() { not_a_number() } else { value }
}

#[cold]
#[inline(never)]
fn not_a_number() -> f64 {
    std::hint::black_box(NOWHERE)
}

#[inline(always)]
pub(super) fn add(a: f64, b: f64) -> f64 {
    result(a + b)
}

#[inline(always)]
pub(super) fn sub(a: f64, b: f64) -> f64 {
    result(a - b)
}

#[inline(always)]
pub(super) fn mul(a: f64, b: f64) -> f64 {
    result(a * b)
}

#[inline(always)]
pub(super) fn div(a: f64, b: f64) -> f64 {
    result(a / b)
}

/// # Safety
/// `w` is a `Math` of the frame `r`.
pub(super) unsafe fn math(r: Regs, w: &Word) {
    // SAFETY: the caller's promise.
    unsafe {
        let a = r.float(w.b);
        r.set_float(w.a, Math::from_number(w.d as u32).map_or(NOWHERE, |f| f.apply(a)));
    }
}

/// # Safety
/// `w` is a `Math2` of the frame `r`.
pub(super) unsafe fn math2(r: Regs, w: &Word) {
    // SAFETY: the caller's promise.
    unsafe {
        let (a, b) = (r.float(w.b), r.float(w.c));
        r.set_float(w.a, Math2::from_number(w.d as u32).map_or(NOWHERE, |f| f.apply(a, b)));
    }
}

#[cfg(test)]
mod tests {
    use codex_spec::semantics as means;

    #[test]
    fn arithmetic_is_that_of_the_specification() {
        let most = f64::MAX;
        let values =
            [0.0, -0.0, 1.5, -2.25, 1e-310, most, -most, f64::INFINITY, f64::NEG_INFINITY, f64::NAN, -f64::NAN];
        for a in values {
            for b in values {
                assert_eq!(super::add(a, b).to_bits(), means::fadd(a, b).to_bits());
                assert_eq!(super::sub(a, b).to_bits(), means::fsub(a, b).to_bits());
                assert_eq!(super::mul(a, b).to_bits(), means::fmul(a, b).to_bits());
                assert_eq!(super::div(a, b).to_bits(), means::fdiv(a, b).to_bits());
            }
        }
    }
}
