//! Texts: `"a{x}b"`, `r"raw"`, and `"""` over several lines.
//!
//! A text without interpolation is one token. One with interpolation is `TextOpen`, then
//! `Chunk`s and `InterpOpen … InterpClose` groups, then `TextClose`; the tokens of the
//! expressions are read by the ordinary lexer, which comes back here at the closing brace.
//!
//! Keeps true: a text that is not closed on its line becomes one broken `Text` token up to the
//! line's end, so the rest of the file is read as if it had been closed; texts within
//! interpolations are kept on an explicit stack, never on the machine's.

use codex_diagnostics::Span;
use codex_diagnostics::catalog as say;

use crate::lexer::Lexer;
use crate::token::{Kind, Token};

const RAW: u32 = 1;
const MULTI: u32 = 2;
const BROKEN: u32 = 4;
const FIRST: u32 = 8;
const LAST: u32 = 16;
const INDENT_SHIFT: u32 = 8;

/// How deep texts may stand within interpolations of texts.
const DEEPEST: usize = 32;

/// A text whose interpolation is being read.
struct Open {
    /// Index of its `TextOpen`.
    opener: usize,
    flags: u32,
    /// Indices of its chunks.
    chunks: Vec<usize>,
    /// Braces opened in the interpolation and not closed yet.
    braces: u32,
    /// The `{` of the interpolation being read.
    brace: Span,
}

/// The texts around the place that is being read, outermost first.
#[derive(Default)]
pub(crate) struct Texts {
    open: Vec<Open>,
}

impl Texts {
    pub(crate) fn open_brace(&mut self) {
        if let Some(text) = self.open.last_mut() {
            text.braces += 1;
        }
    }
}

/// How a run of characters of a text ends.
enum End {
    /// The closing delimiter starts here.
    Quote(usize),
    /// An interpolation's `{`.
    Brace(usize),
    /// A newline where the text may not have one, or the end of the file.
    Missing(usize),
}

fn delimiter(flags: u32) -> &'static str {
    if flags & MULTI != 0 { "\"\"\"" } else { "\"" }
}

/// Reads a text whose opening delimiter logos has just found.
pub(crate) fn begin(lexer: &mut Lexer, kind: Kind) {
    let flags = match kind {
        Kind::RawTripleQuote => MULTI,
        Kind::RawRawQuote => RAW,
        Kind::RawRawTripleQuote => RAW | MULTI,
        _ => 0,
    };
    let opener = lexer.span();
    let flags = if flags & MULTI != 0 && !check_opening_line(lexer, opener) { flags | BROKEN } else { flags };
    let from = opener.end as usize;
    match scan(lexer, from, flags) {
        End::Quote(at) => whole(lexer, opener, at, flags),
        End::Missing(at) => missing(lexer, opener, at, flags),
        End::Brace(at) => {
            if lexer.texts.open.len() >= DEEPEST {
                lexer.report.fatal = true;
                lexer.report.add(say::nesting_too_deep::texts(opener, DEEPEST));
                return lexer.move_to(lexer.text.len());
            }
            lexer.push(Kind::TextOpen, opener, flags);
            let opener = lexer.out.tokens.len() - 1;
            let span = lexer.span_of(from, at);
            let brace = lexer.span_of(at, at + 1);
            lexer.texts.open.push(Open { opener, flags, chunks: Vec::new(), braces: 0, brace });
            chunk(lexer, span, FIRST);
            interpolation(lexer, at);
        }
    }
}

/// A text without interpolation.
fn whole(lexer: &mut Lexer, opener: Span, quote: usize, flags: u32) {
    let end = quote + delimiter(flags).len();
    let inner = lexer.span_of(opener.end as usize, quote);
    let mut payload = flags;
    if flags & MULTI != 0 && flags & BROKEN == 0 {
        let indent = indentation(lexer.text, quote);
        check_indentation(lexer, inner, indent);
        payload |= (indent.len() as u32) << INDENT_SHIFT;
    }
    let slice = &lexer.text[opener.end as usize..quote];
    lexer.check_quoted(slice, opener.end as usize, "text");
    lexer.push(Kind::Text, lexer.span_of(opener.start as usize, end), payload);
    lexer.move_to(end);
}

fn chunk(lexer: &mut Lexer, span: Span, place: u32) {
    let slice = &lexer.text[span.start as usize..span.end as usize];
    lexer.check_quoted(slice, span.start as usize, "text");
    let index = lexer.out.tokens.len();
    let flags = lexer.texts.open.last().map_or(0, |t| t.flags);
    lexer.push(Kind::Chunk, span, flags | place);
    if let Some(text) = lexer.texts.open.last_mut() {
        text.chunks.push(index);
    }
}

fn interpolation(lexer: &mut Lexer, at: usize) {
    let brace = lexer.span_of(at, at + 1);
    lexer.push(Kind::InterpOpen, brace, 0);
    if let Some(text) = lexer.texts.open.last_mut() {
        text.braces = 0;
        text.brace = brace;
    }
    lexer.move_to(at + 1);
}

/// `}`: of a block, or the end of an interpolation, after which the text goes on.
pub(crate) fn close_brace(lexer: &mut Lexer) {
    let span = lexer.span();
    match lexer.texts.open.last_mut() {
        None => return lexer.push(Kind::RBrace, span, 0),
        Some(text) if text.braces > 0 => {
            text.braces -= 1;
            return lexer.push(Kind::RBrace, span, 0);
        }
        Some(text) => {
            if lexer.out.tokens.last().is_some_and(|t| t.kind == Kind::InterpOpen) {
                lexer.report.add(say::open_interpolation::empty(text.brace.to(span)));
                lexer.push(Kind::Bad, span, 0);
            }
        }
    }
    lexer.push(Kind::InterpClose, span, 0);
    go_on(lexer, span.end as usize);
}

/// Reads on after an interpolation.
fn go_on(lexer: &mut Lexer, from: usize) {
    let Some(flags) = lexer.texts.open.last().map(|t| t.flags) else {
        return;
    };
    match scan(lexer, from, flags) {
        End::Brace(at) => {
            let span = lexer.span_of(from, at);
            chunk(lexer, span, 0);
            interpolation(lexer, at);
        }
        End::Quote(at) => {
            let span = lexer.span_of(from, at);
            chunk(lexer, span, LAST);
            close(lexer, at);
        }
        End::Missing(at) => {
            let Some(text) = lexer.texts.open.pop() else {
                return;
            };
            let opener = lexer.out.tokens[text.opener];
            lexer.out.tokens.truncate(text.opener);
            broken(lexer, opener, at);
            lexer.report.add(say::unterminated_text::unterminated(opener.span, text.flags & MULTI != 0));
        }
    }
}

fn close(lexer: &mut Lexer, quote: usize) {
    let Some(text) = lexer.texts.open.pop() else {
        return;
    };
    if text.flags & MULTI != 0 && text.flags & BROKEN == 0 {
        let indent = indentation(lexer.text, quote);
        for &index in &text.chunks {
            lexer.out.tokens[index].payload |= (indent.len() as u32) << INDENT_SHIFT;
            check_indentation(lexer, lexer.out.tokens[index].span, indent);
        }
    }
    let end = quote + delimiter(text.flags).len();
    lexer.push(Kind::TextClose, lexer.span_of(quote, end), 0);
    lexer.move_to(end);
}

/// A newline between tokens: texts of one line whose interpolation is open end here.
pub(crate) fn newline(lexer: &mut Lexer) {
    if let Some(at) = lexer.texts.open.iter().position(|t| t.flags & MULTI == 0) {
        open_interpolation(lexer, at, lexer.span().start as usize);
    }
    lexer.begin_line();
}

/// Closes everything at the end of the file.
pub(crate) fn end_of_file(lexer: &mut Lexer) {
    if !lexer.texts.open.is_empty() && !lexer.report.fatal {
        open_interpolation(lexer, 0, lexer.text.len());
    }
}

fn open_interpolation(lexer: &mut Lexer, which: usize, end: usize) {
    let text = lexer.texts.open.swap_remove(which);
    lexer.texts.open.truncate(which);
    let opener = lexer.out.tokens[text.opener];
    lexer.out.tokens.truncate(text.opener);
    lexer.report.add(say::open_interpolation::open(text.brace, opener.span));
    broken(lexer, opener, end);
}

/// A text that goes on to the end of the line, standing for one that is not closed.
fn broken(lexer: &mut Lexer, opener: Token, end: usize) {
    let span = lexer.span_of(opener.span.start as usize, end);
    if opener.line_start() {
        lexer.begin_line();
    }
    lexer.push(Kind::Text, span, BROKEN);
    lexer.move_to(end);
}

fn missing(lexer: &mut Lexer, opener: Span, at: usize, flags: u32) {
    // Within an interpolation, the brace is the likelier mistake.
    if let Some(which) = lexer.texts.open.iter().position(|t| t.flags & MULTI == 0) {
        return open_interpolation(lexer, which, at);
    }
    lexer.report.add(say::unterminated_text::unterminated(opener, flags & MULTI != 0));
    let end = if flags & MULTI != 0 { lexer.text.len() } else { at };
    lexer.push(Kind::Text, lexer.span_of(opener.start as usize, end), BROKEN);
    lexer.move_to(end);
}

/// Whether a token stands for a text without its end.
pub(crate) fn is_broken(token: &Token) -> bool {
    token.kind == Kind::Text && token.payload & BROKEN != 0
}

/// Looks for the end of a run of characters, and checks its escapes.
fn scan(lexer: &mut Lexer, from: usize, flags: u32) -> End {
    let bytes = lexer.text.as_bytes();
    let (raw, multi) = (flags & RAW != 0, flags & MULTI != 0);
    let mut at = from;
    while at < bytes.len() {
        match bytes[at] {
            b'"' if !multi || bytes[at..].starts_with(b"\"\"\"") => return End::Quote(at),
            b'\n' if !multi => {
                return End::Missing(at - usize::from(at > from && bytes[at - 1] == b'\r'));
            }
            b'{' if !raw => return End::Brace(at),
            b'\\' if !raw => at = escape(lexer, at),
            _ => at += 1,
        }
    }
    End::Missing(at)
}

/// Checks the escape at a backslash and gives the place after it.
fn escape(lexer: &mut Lexer, at: usize) -> usize {
    let rest = &lexer.text[at + 1..];
    match rest.chars().next() {
        None | Some('\n' | '\r') => {
            lexer.report.add(say::unknown_escape::unknown(lexer.span_of(at, at + 1), "\\"));
            at + 1
        }
        Some('n' | 't' | 'r' | '\\' | '"' | '{' | '}') => at + 2,
        Some('u') => match code_point(rest) {
            Some((_, length)) => at + 1 + length,
            None => {
                let end = at
                    + 2
                    + rest[1..].bytes().take_while(|b| b.is_ascii_hexdigit() || matches!(b, b'{' | b'}')).count();
                lexer.report.add(say::unknown_escape::code_point(lexer.span_of(at, end)));
                end
            }
        },
        Some(c) => {
            let end = at + 1 + c.len_utf8();
            lexer.report.add(say::unknown_escape::unknown(lexer.span_of(at, end), &lexer.text[at..end]));
            end
        }
    }
}

/// The character of `u{…}` and how long the escape is (without the backslash).
fn code_point(rest: &str) -> Option<(char, usize)> {
    let digits = rest.strip_prefix("u{")?;
    let end = digits.bytes().take(8).position(|b| b == b'}')?;
    let digits = digits.get(..end)?;
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    let c = char::from_u32(u32::from_str_radix(digits, 16).ok()?)?;
    Some((c, end + 3))
}

/// The space before the closing delimiter of a text over several lines.
fn indentation(text: &str, quote: usize) -> &str {
    let line = text[..quote].rfind('\n').map_or(0, |n| n + 1);
    let space = text[line..quote].bytes().take_while(|b| matches!(b, b' ' | b'\t')).count();
    &text[line..line + space]
}

/// Nothing but the line's end may follow the opening delimiter.
fn check_opening_line(lexer: &mut Lexer, opener: Span) -> bool {
    let rest = lexer.text[opener.end as usize..].split('\n').next().unwrap_or_default();
    if !rest.trim().is_empty() {
        let at = opener.end as usize;
        lexer.report.add(say::text_layout::opening(lexer.span_of(at, at + rest.trim_end().len())));
        return false;
    }
    true
}

/// Each line that is not blank begins with the space before the closing delimiter.
fn check_indentation(lexer: &mut Lexer, span: Span, indent: &str) {
    let text = lexer.text;
    let (start, end) = (span.start as usize, span.end as usize);
    for (at, _) in text[start..end].match_indices('\n') {
        let line = start + at + 1;
        let rest = text[line..].split('\n').next().unwrap_or_default();
        if !rest.starts_with(indent) && !rest.trim().is_empty() {
            let space = rest.len() - rest.trim_start().len();
            let span = lexer.span_of(line, line + space);
            return lexer.report.add(say::text_layout::indentation(span, indent.len()));
        }
    }
    let last = text[start..end].rsplit('\n').next().unwrap_or_default();
    if text[end..].starts_with("\"\"\"") && !last.trim().is_empty() {
        lexer.report.add(say::text_layout::closing(lexer.span_of(end, end + 3)));
    }
}

/// `'text'`: another language's quotes.
pub(crate) fn single_quoted(lexer: &mut Lexer) {
    let start = lexer.span().start as usize;
    let line = lexer.text[start + 1..].split('\n').next().unwrap_or_default();
    let mut escaped = false;
    let close = line.char_indices().find(|&(_, c)| {
        let found = c == '\'' && !escaped;
        escaped = c == '\\' && !escaped;
        found
    });
    match close {
        Some((at, _)) => {
            let span = lexer.span_of(start, start + at + 2);
            lexer.report.add(say::single_quotes::single_quotes(span, &line[..at]));
            lexer.push(Kind::Text, span, BROKEN);
            lexer.move_to(span.end as usize);
        }
        None => {
            let span = lexer.span();
            lexer.report.add(say::single_quotes::lone_quote(span));
            lexer.push(Kind::Bad, span, 0);
        }
    }
}

/// `“text”`: a word processor's quotes.
pub(crate) fn curly_quoted(lexer: &mut Lexer, open: Span, c: char) {
    let start = open.start as usize;
    let line = lexer.text[open.end as usize..].split('\n').next().unwrap_or_default();
    let close = line.char_indices().find(|&(_, c)| matches!(c, '”' | '“' | '„' | '‟' | '’' | '‘' | '»' | '＂' | '"'));
    let end = close.map_or(open.end as usize + line.trim_end().len(), |(at, c)| open.end as usize + at + c.len_utf8());
    let closing = close.map(|(at, c)| lexer.span_of(open.end as usize + at, open.end as usize + at + c.len_utf8()));
    lexer.report.add(say::lookalike_character::quotes(open, closing, c));
    lexer.push(Kind::Text, lexer.span_of(start, end), BROKEN);
    lexer.move_to(end);
}

/// The characters of a `Text` or `Chunk` token, escapes resolved and indentation taken away.
pub(crate) fn value(source: &str, token: &Token) -> String {
    let flags = token.payload;
    if flags & BROKEN != 0 {
        return String::new();
    }
    let mut slice = token.text(source);
    if token.kind == Kind::Text {
        let quotes = delimiter(flags).len();
        slice = &slice[quotes + (flags & RAW) as usize..slice.len() - quotes];
    }
    if flags & MULTI == 0 {
        return if flags & RAW == 0 { unescape(slice) } else { slice.to_owned() };
    }
    let whole = token.kind == Kind::Text;
    let lines = strip(slice, (flags >> INDENT_SHIFT) as usize, whole || flags & FIRST != 0, whole || flags & LAST != 0);
    if flags & RAW == 0 { unescape(&lines) } else { lines }
}

/// Takes the first line break, the indentation of each line and the last line break away.
fn strip(slice: &str, indent: usize, first: bool, last: bool) -> String {
    let mut lines: Vec<&str> = slice.split('\n').map(|l| l.strip_suffix('\r').unwrap_or(l)).collect();
    let take = |line: &str| -> usize { indent.min(line.len() - line.trim_start_matches([' ', '\t']).len()) };
    for line in lines.iter_mut().skip(1) {
        *line = &line[take(line)..];
    }
    if last && lines.len() > 1 {
        lines.pop();
    }
    if first && !lines.is_empty() {
        lines.remove(0);
    }
    lines.join("\n")
}

fn unescape(slice: &str) -> String {
    let mut out = String::with_capacity(slice.len());
    let mut rest = slice;
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        let Some(c) = rest.chars().next() else { break };
        let mut length = c.len_utf8();
        match c {
            'n' => out.push('\n'),
            't' => out.push('\t'),
            'r' => out.push('\r'),
            'u' => {
                if let Some((c, used)) = code_point(rest) {
                    out.push(c);
                    length = used;
                }
            }
            c => out.push(c),
        }
        rest = &rest[length..];
    }
    out.push_str(rest);
    out
}
