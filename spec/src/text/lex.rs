//! Words of the assembly form.

/// A word.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token<'s> {
    /// Letters, digits, `_`: names, ids and whole numbers.
    Word(&'s str),
    /// A number with a sign, a point or an exponent; also whole numbers with a sign.
    Number(&'s str),
    /// A literal's bytes.
    Quoted(Vec<u8>),
    /// One of `( ) { } , : *`.
    Mark(char),
    /// The end.
    End,
}

/// A word and where it starts, in bytes.
pub(super) type Placed<'s> = (Token<'s>, usize);

/// All words, the end last; or where there is none, and why.
pub(super) fn words(source: &str) -> Result<Vec<Placed<'_>>, (usize, &'static str)> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(c) = source[at..].chars().next() {
        let start = at;
        match c {
            ';' => at += source[at..].find('\n').unwrap_or(source.len() - at),
            c if c.is_whitespace() => at += c.len_utf8(),
            '(' | ')' | '{' | '}' | ',' | ':' | '*' => {
                at += 1;
                found.push((Token::Mark(c), start));
            }
            '"' => {
                let (bytes, length) = quoted(&source[at + 1..]).map_err(|(n, why)| (at + 1 + n, why))?;
                at += 1 + length;
                found.push((Token::Quoted(bytes), start));
            }
            c if c.is_ascii_alphanumeric() || c == '_' || c == '-' => {
                at += number_or_word(&source[at..]);
                let text = &source[start..at];
                let is_word = text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
                found.push((if is_word { Token::Word(text) } else { Token::Number(text) }, start));
            }
            _ => return Err((at, "this character has no meaning here")),
        }
    }
    found.push((Token::End, source.len()));
    Ok(found)
}

/// The length of a word, or of a number, which may have a point and a sign after its `e`.
fn number_or_word(text: &str) -> usize {
    let bytes = text.as_bytes();
    let is_number = bytes[0] == b'-' || bytes[0].is_ascii_digit();
    let mut n = 1;
    while let Some(&b) = bytes.get(n) {
        let sign_of_exponent = b == b'-' && bytes[n - 1] == b'e';
        let part = b.is_ascii_alphanumeric() || b == b'_' || is_number && (b == b'.' || sign_of_exponent);
        if !part {
            break;
        }
        n += 1;
    }
    n
}

/// A literal's bytes, and its length with the closing quote.
fn quoted(text: &str) -> Result<(Vec<u8>, usize), (usize, &'static str)> {
    let source = text.as_bytes();
    let mut bytes = Vec::new();
    let mut n = 0;
    loop {
        match (source.get(n), source.get(n + 1)) {
            (None, _) => return Err((n, "the literal does not end")),
            (Some(b'"'), _) => return Ok((bytes, n + 1)),
            (Some(b'\\'), Some(b'n')) => bytes.push(b'\n'),
            (Some(b'\\'), Some(&b @ (b'"' | b'\\'))) => bytes.push(b),
            (Some(b'\\'), Some(b'x')) => {
                let digits = source.get(n + 2..n + 4).and_then(|d| std::str::from_utf8(d).ok());
                let byte = digits.and_then(|d| u8::from_str_radix(d, 16).ok());
                bytes.push(byte.ok_or((n, "two hexadecimal digits belong after `\\x`"))?);
                n += 2;
            }
            (Some(b'\\'), _) => return Err((n, "there is no such escape")),
            (Some(&b), _) => {
                bytes.push(b);
                n += 1;
                continue;
            }
        }
        n += 2;
    }
}
