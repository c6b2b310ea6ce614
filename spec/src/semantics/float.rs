//! Floats: IEEE 754 binary64, every NaN the same, nothing contracted, functions from one library.
//!
//! Hosts differ in the sign and payload of a NaN that an operation makes, so each result that can be
//! NaN goes through [`canonical`]. Transcendental functions come from the `libm` crate on every host: the ones of C
//! libraries differ in the last bits.

use super::numbered;

/// The bits of the only NaN a program can see.
pub const CANONICAL_NAN: u64 = 0x7ff8_0000_0000_0000;

/// The value itself, or the canonical NaN.
#[inline]
pub fn canonical(a: f64) -> f64 {
    if a.is_nan() { not_a_number() } else { a }
}

/// The canonical NaN, in a way that compilers do not see through: to them all NaNs are alike, and they did take the test out that
/// chooses this one over what the square root of a negative number gives.
#[cold]
#[inline(never)]
fn not_a_number() -> f64 {
    std::hint::black_box(f64::from_bits(CANONICAL_NAN))
}

/// `a + b`
#[inline]
pub fn fadd(a: f64, b: f64) -> f64 {
    canonical(a + b)
}

/// `a - b`
#[inline]
pub fn fsub(a: f64, b: f64) -> f64 {
    canonical(a - b)
}

/// `a × b`
#[inline]
pub fn fmul(a: f64, b: f64) -> f64 {
    canonical(a * b)
}

/// `a ÷ b`
#[inline]
pub fn fdiv(a: f64, b: f64) -> f64 {
    canonical(a / b)
}

/// `-a`
#[inline]
pub fn fneg(a: f64) -> f64 {
    canonical(-a)
}

/// `|a|`
#[inline]
pub fn fabs(a: f64) -> f64 {
    canonical(a.abs())
}

/// Square root, correctly rounded.
#[inline]
pub fn fsqrt(a: f64) -> f64 {
    canonical(a.sqrt())
}

/// Largest whole number not above.
#[inline]
pub fn ffloor(a: f64) -> f64 {
    canonical(a.floor())
}

/// Smallest whole number not below.
#[inline]
pub fn fceil(a: f64) -> f64 {
    canonical(a.ceil())
}

/// Nearest whole number, halves away from zero.
#[inline]
pub fn fround(a: f64) -> f64 {
    canonical(a.round())
}

/// Towards zero.
#[inline]
pub fn ftrunc(a: f64) -> f64 {
    canonical(a.trunc())
}

/// `a ≡ b`; false with NaN.
#[inline]
pub fn feq(a: f64, b: f64) -> i64 {
    i64::from(a == b)
}

/// `a < b`; false with NaN.
#[inline]
pub fn flt(a: f64, b: f64) -> i64 {
    i64::from(a < b)
}

/// `a ≤ b`; false with NaN.
#[inline]
pub fn fle(a: f64, b: f64) -> i64 {
    i64::from(a <= b)
}

/// Total order: -1, 0 or 1. The zeros are equal; NaN equals itself and is above all else.
#[inline]
pub fn fcompare(a: f64, b: f64) -> i64 {
    match (a.is_nan(), b.is_nan()) {
        (false, false) => i64::from(a > b) - i64::from(a < b),
        (a, b) => i64::from(a) - i64::from(b),
    }
}

/// Nearest float, halves to even.
#[inline]
pub fn int_to_float(a: i64) -> f64 {
    a as f64
}

/// Truncates; out of range is the nearest Int, NaN is 0.
#[inline]
pub fn float_to_int(a: f64) -> i64 {
    a as i64
}

/// The bits, as an Int.
#[inline]
pub fn float_bits(a: f64) -> i64 {
    canonical(a).to_bits() as i64
}

/// The float with these bits; any NaN becomes the canonical one.
#[inline]
pub fn float_from_bits(bits: i64) -> f64 {
    canonical(f64::from_bits(bits as u64))
}

numbered! {
    /// A function of one float: the code of `math`.
    Math {
        /// e^x
        1 Exp "exp"
        /// 2^x
        2 Exp2 "exp2"
        /// Natural logarithm.
        3 Ln "ln"
        /// Logarithm to base 2.
        4 Log2 "log2"
        /// Logarithm to base 10.
        5 Log10 "log10"
        /// Sine of radians.
        6 Sin "sin"
        /// Cosine of radians.
        7 Cos "cos"
        /// Tangent of radians.
        8 Tan "tan"
        /// Arc sine.
        9 Asin "asin"
        /// Arc cosine.
        10 Acos "acos"
        /// Arc tangent.
        11 Atan "atan"
        /// Hyperbolic sine.
        12 Sinh "sinh"
        /// Hyperbolic cosine.
        13 Cosh "cosh"
        /// Hyperbolic tangent.
        14 Tanh "tanh"
        /// Cube root.
        15 Cbrt "cbrt"
        /// e^x - 1, exact near 0.
        16 ExpM1 "expm1"
        /// ln(1 + x), exact near 0.
        17 Ln1P "ln_1p"
    }
}

numbered! {
    /// A function of two floats: the code of `math2`.
    Math2 {
        /// a^b
        1 Pow "pow"
        /// The angle of the point (b, a).
        2 Atan2 "atan2"
        /// √(a² + b²) without overflow on the way.
        3 Hypot "hypot"
        /// The remainder of a ÷ b, truncated, with the sign of a.
        4 Rem "rem"
    }
}

impl Math {
    /// The function's value.
    #[inline]
    pub fn apply(self, a: f64) -> f64 {
        canonical(match self {
            Math::Exp => libm::exp(a),
            Math::Exp2 => libm::exp2(a),
            Math::Ln => libm::log(a),
            Math::Log2 => libm::log2(a),
            Math::Log10 => libm::log10(a),
            Math::Sin => libm::sin(a),
            Math::Cos => libm::cos(a),
            Math::Tan => libm::tan(a),
            Math::Asin => libm::asin(a),
            Math::Acos => libm::acos(a),
            Math::Atan => libm::atan(a),
            Math::Sinh => libm::sinh(a),
            Math::Cosh => libm::cosh(a),
            Math::Tanh => libm::tanh(a),
            Math::Cbrt => libm::cbrt(a),
            Math::ExpM1 => libm::expm1(a),
            Math::Ln1P => libm::log1p(a),
        })
    }
}

impl Math2 {
    /// The function's value.
    #[inline]
    pub fn apply(self, a: f64, b: f64) -> f64 {
        canonical(match self {
            Math2::Pow => libm::pow(a, b),
            Math2::Atan2 => libm::atan2(a, b),
            Math2::Hypot => libm::hypot(a, b),
            Math2::Rem => libm::fmod(a, b),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAN: f64 = f64::NAN;
    const INF: f64 = f64::INFINITY;

    fn odd_nan() -> f64 {
        f64::from_bits(0xfff4_dead_beef_0001)
    }

    #[test]
    fn every_nan_is_the_canonical_one() {
        let n = odd_nan();
        let made = [
            fadd(INF, -INF),
            fsub(INF, INF),
            fmul(0.0, INF),
            fdiv(0.0, 0.0),
            fneg(n),
            fabs(n),
            fsqrt(std::hint::black_box(-1.0)),
            ffloor(n),
            fceil(n),
            fround(n),
            ftrunc(n),
            float_from_bits(n.to_bits() as i64),
            fadd(n, 1.0),
        ];
        assert!(made.iter().all(|x| x.to_bits() == CANONICAL_NAN));
        for f in Math::ALL {
            assert_eq!(f.apply(n).to_bits(), CANONICAL_NAN, "{}", f.name());
        }
        assert_eq!(Math2::Pow.apply(n, 1.0).to_bits(), CANONICAL_NAN);
        assert_eq!(Math2::Rem.apply(1.0, 0.0).to_bits(), CANONICAL_NAN);
        assert_eq!(float_bits(n) as u64, CANONICAL_NAN);
    }

    #[test]
    fn order_is_total() {
        let ascending = [-INF, -1.0, 0.0, f64::MIN_POSITIVE, 1.0, INF, NAN];
        for (i, &a) in ascending.iter().enumerate() {
            for (j, &b) in ascending.iter().enumerate() {
                assert_eq!(fcompare(a, b), (i as i64 - j as i64).signum(), "{a} {b}");
            }
        }
        assert_eq!((fcompare(-0.0, 0.0), fcompare(odd_nan(), NAN)), (0, 0));
        assert_eq!((feq(NAN, NAN), flt(NAN, 1.0), fle(1.0, NAN), feq(0.0, -0.0)), (0, 0, 0, 1));
    }

    #[test]
    fn conversion_to_int_saturates() {
        assert_eq!((float_to_int(NAN), float_to_int(INF), float_to_int(-INF)), (0, i64::MAX, i64::MIN));
        assert_eq!((float_to_int(-2.9), float_to_int(9.3e18), float_to_int(2.9)), (-2, i64::MAX, 2));
        assert_eq!(int_to_float((1 << 53) + 1), 9_007_199_254_740_992.0);
    }

    #[test]
    fn rounding_goes_away_from_zero() {
        assert_eq!((fround(2.5), fround(-2.5), fround(0.49999999999999994)), (3.0, -3.0, 0.0));
        assert_eq!(ftrunc(-0.5).to_bits(), (-0.0f64).to_bits());
    }

    #[test]
    fn functions_give_the_same_bits_as_ever() {
        // From the library once; a change here is a change of the semantics' version.
        let bits: Vec<u64> = Math::ALL.iter().map(|f| f.apply(0.7).to_bits()).collect();
        let text: Vec<String> = bits.iter().map(|b| format!("{b:016x}")).collect();
        assert_eq!(text.join(" "), include_str!("math_golden.txt").trim());
        assert_eq!(Math2::Pow.apply(2.0, 0.5).to_bits(), 2.0f64.sqrt().to_bits());
        assert_eq!(Math2::Hypot.apply(3.0, 4.0), 5.0);
        assert_eq!(Math2::Atan2.apply(0.0, -1.0), std::f64::consts::PI);
        assert_eq!(Math2::Rem.apply(-7.5, 2.0), -1.5);
    }

    #[test]
    fn numbers_lead_back() {
        for f in Math::ALL {
            assert_eq!((Math::from_number(f.number()), Math::from_name(f.name())), (Some(*f), Some(*f)));
        }
        assert_eq!((Math::from_number(0), Math2::from_number(99)), (None, None));
    }
}
