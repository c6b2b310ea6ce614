//! Integers: 64 bits, two's complement; arithmetic that leaves the range traps.

use std::ops::Range;

use crate::trap::Trap;

/// `a + b`
#[inline]
pub fn add(a: i64, b: i64) -> Result<i64, Trap> {
    a.checked_add(b).ok_or(Trap::Overflow)
}

/// `a - b`
#[inline]
pub fn sub(a: i64, b: i64) -> Result<i64, Trap> {
    a.checked_sub(b).ok_or(Trap::Overflow)
}

/// `a × b`
#[inline]
pub fn mul(a: i64, b: i64) -> Result<i64, Trap> {
    a.checked_mul(b).ok_or(Trap::Overflow)
}

/// `a ÷ b`, towards zero.
#[inline]
pub fn div(a: i64, b: i64) -> Result<i64, Trap> {
    if b == 0 {
        return Err(Trap::DivideByZero);
    }
    a.checked_div(b).ok_or(Trap::Overflow)
}

/// `a % b` with the sign of `a`. `min % -1` is 0, though its quotient would overflow.
#[inline]
pub fn rem(a: i64, b: i64) -> Result<i64, Trap> {
    if b == 0 {
        return Err(Trap::DivideByZero);
    }
    Ok(a.wrapping_rem(b))
}

/// `-a`
#[inline]
pub fn neg(a: i64) -> Result<i64, Trap> {
    a.checked_neg().ok_or(Trap::Overflow)
}

/// `a + b` modulo 2^64.
#[inline]
pub fn wrapping_add(a: i64, b: i64) -> i64 {
    a.wrapping_add(b)
}

/// `a - b` modulo 2^64.
#[inline]
pub fn wrapping_sub(a: i64, b: i64) -> i64 {
    a.wrapping_sub(b)
}

/// `a × b` modulo 2^64.
#[inline]
pub fn wrapping_mul(a: i64, b: i64) -> i64 {
    a.wrapping_mul(b)
}

/// The upper 64 bits of the unsigned product.
#[inline]
pub fn mul_high(a: i64, b: i64) -> i64 {
    ((u128::from(a as u64) * u128::from(b as u64)) >> 64) as i64
}

/// Bitwise and.
#[inline]
pub fn and(a: i64, b: i64) -> i64 {
    a & b
}

/// Bitwise or.
#[inline]
pub fn or(a: i64, b: i64) -> i64 {
    a | b
}

/// Bitwise exclusive or.
#[inline]
pub fn xor(a: i64, b: i64) -> i64 {
    a ^ b
}

/// Shift left; a count outside 0..=63 has shifted everything out.
#[inline]
pub fn shl(a: i64, count: i64) -> i64 {
    if (0..64).contains(&count) { a << count } else { 0 }
}

/// Arithmetic shift right; a count outside 0..=63 leaves the sign, 0 or -1.
#[inline]
pub fn shr(a: i64, count: i64) -> i64 {
    a >> if (0..64).contains(&count) { count } else { 63 }
}

/// Logical shift right; a count outside 0..=63 has shifted everything out.
#[inline]
pub fn shr_logical(a: i64, count: i64) -> i64 {
    if (0..64).contains(&count) { ((a as u64) >> count) as i64 } else { 0 }
}

/// Number of one bits.
#[inline]
pub fn count_ones(a: i64) -> i64 {
    i64::from(a.count_ones())
}

/// Number of leading zero bits; 64 for 0.
#[inline]
pub fn leading_zeros(a: i64) -> i64 {
    i64::from(a.leading_zeros())
}

/// Number of trailing zero bits; 64 for 0.
#[inline]
pub fn trailing_zeros(a: i64) -> i64 {
    i64::from(a.trailing_zeros())
}

/// `1 - a`: the other Bool. Any other word gives `1 - a` modulo 2^64.
#[inline]
pub fn not(a: i64) -> i64 {
    1i64.wrapping_sub(a)
}

/// `a ≡ b`
#[inline]
pub fn eq(a: i64, b: i64) -> i64 {
    i64::from(a == b)
}

/// `a ≠ b`
#[inline]
pub fn ne(a: i64, b: i64) -> i64 {
    i64::from(a != b)
}

/// `a < b`
#[inline]
pub fn lt(a: i64, b: i64) -> i64 {
    i64::from(a < b)
}

/// `a ≤ b`
#[inline]
pub fn le(a: i64, b: i64) -> i64 {
    i64::from(a <= b)
}

/// One step of a counted loop: the new counter, and whether the body runs again.
#[inline]
pub fn loop_step(counter: i64, limit: i64) -> Result<(i64, bool), Trap> {
    let next = counter.checked_add(1).ok_or(Trap::Unreachable)?;
    Ok((next, next < limit))
}

/// What a byte field or element keeps of a word: the low 8 bits.
#[inline]
pub fn to_byte(a: i64) -> u8 {
    a as u8
}

/// An index into something with `length` elements.
#[inline]
pub fn index(at: i64, length: usize) -> Result<usize, Trap> {
    match usize::try_from(at) {
        Ok(i) if i < length => Ok(i),
        _ => Err(Trap::Bounds),
    }
}

/// `from..to`, cut to what exists: both ends go to the nearest of 0 and `length`, and a range that
/// ends before it starts is empty at its start. For `list_slice` and `bytes_slice`.
#[inline]
pub fn cut_range(from: i64, to: i64, length: usize) -> Range<usize> {
    let start = clamp(from, length);
    start..clamp(to, length).max(start)
}

/// How many elements `list_truncate` keeps: `count` cut to `0..=length`.
#[inline]
pub fn clamp(count: i64, length: usize) -> usize {
    usize::try_from(count).map_or(if count < 0 { 0 } else { length }, |n| n.min(length))
}

#[cfg(test)]
mod tests {
    use super::*;
    use Trap::{DivideByZero, Overflow};

    const MIN: i64 = i64::MIN;
    const MAX: i64 = i64::MAX;

    #[test]
    fn arithmetic_that_leaves_the_range_traps() {
        assert_eq!((add(MAX, 1), add(MIN, -1), add(MAX, MIN)), (Err(Overflow), Err(Overflow), Ok(-1)));
        assert_eq!((sub(MIN, 1), sub(0, MIN), sub(-1, MIN)), (Err(Overflow), Err(Overflow), Ok(MAX)));
        assert_eq!((mul(MIN, -1), mul(MAX, 2), mul(MIN, 1)), (Err(Overflow), Err(Overflow), Ok(MIN)));
        assert_eq!((neg(MIN), neg(MAX)), (Err(Overflow), Ok(-MAX)));
    }

    #[test]
    fn division_truncates_and_knows_its_two_traps() {
        assert_eq!((div(7, -2), div(-7, 2), div(MIN, 1)), (Ok(-3), Ok(-3), Ok(MIN)));
        assert_eq!((div(1, 0), div(MIN, -1)), (Err(DivideByZero), Err(Overflow)));
        assert_eq!((rem(7, -2), rem(-7, 2), rem(MIN, -1), rem(5, 0)), (Ok(1), Ok(-1), Ok(0), Err(DivideByZero)));
    }

    #[test]
    fn shifts_by_any_count_are_defined() {
        assert_eq!((shl(1, 63), shl(1, 64), shl(1, -1), shl(-1, MAX)), (MIN, 0, 0, 0));
        assert_eq!((shr(-8, 1), shr(-8, 64), shr(8, 64), shr(-8, -1)), (-4, -1, 0, -1));
        assert_eq!((shr_logical(-1, 63), shr_logical(-1, 64), shr_logical(-1, MIN)), (1, 0, 0));
    }

    #[test]
    fn bits_are_counted() {
        assert_eq!((count_ones(-1), leading_zeros(0), trailing_zeros(0), trailing_zeros(MIN)), (64, 64, 64, 63));
        assert_eq!((mul_high(-1, -1), mul_high(1 << 32, 1 << 32), mul_high(MAX, 2)), (-2, 1, 0));
        assert_eq!((not(0), not(1), not(MIN)), (1, 0, MIN + 1));
    }

    #[test]
    fn a_loop_counts_to_its_limit_and_cannot_wrap() {
        assert_eq!(
            (loop_step(0, 2), loop_step(1, 2), loop_step(5, 2)),
            (Ok((1, true)), Ok((2, false)), Ok((6, false)))
        );
        assert_eq!((loop_step(MAX - 1, MAX), loop_step(MAX, MAX)), (Ok((MAX, false)), Err(Trap::Unreachable)));
    }

    #[test]
    fn ranges_are_cut_to_what_exists() {
        assert_eq!(cut_range(-5, 3, 10), 0..3);
        assert_eq!(cut_range(4, 2, 10), 4..4);
        assert_eq!(cut_range(20, MAX, 10), 10..10);
        assert_eq!((clamp(MIN, 3), clamp(2, 3), clamp(MAX, 3)), (0, 2, 3));
        assert_eq!((index(-1, 3), index(2, 3), index(3, 3)), (Err(Trap::Bounds), Ok(2), Err(Trap::Bounds)));
    }
}
