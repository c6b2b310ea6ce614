//! The values of number literals.

/// The value of `42`, `0xFF`, `0b1010` or `1_000`; `None` when it needs more than 64 bits.
pub(crate) fn int(text: &str) -> Option<u64> {
    let (digits, radix) = match text.as_bytes() {
        [b'0', b'x', ..] => (&text[2..], 16),
        [b'0', b'b', ..] => (&text[2..], 2),
        _ => (text, 10),
    };
    digits.bytes().filter(|&b| b != b'_').try_fold(0u64, |value, b| {
        let digit = (b as char).to_digit(radix)?;
        value.checked_mul(radix.into())?.checked_add(digit.into())
    })
}

/// The value of `1.5`, `2e-3` or `1_000.0`; infinite when it is too large.
pub(crate) fn float(text: &str) -> f64 {
    if text.contains('_') {
        return text.replace('_', "").parse().unwrap_or(f64::INFINITY);
    }
    text.parse().unwrap_or(f64::INFINITY)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers() {
        assert_eq!(int("1_000"), Some(1000));
        assert_eq!(int("0xFF"), Some(255));
        assert_eq!(int("0b1010"), Some(10));
        assert_eq!(int("0xFFFF_FFFF_FFFF_FFFF"), Some(u64::MAX));
        assert_eq!(int("18446744073709551616"), None);
    }

    #[test]
    fn floats() {
        assert_eq!(float("1_000.5"), 1000.5);
        assert_eq!(float("2e-3"), 0.002);
        assert!(float("1e999").is_infinite());
    }
}
