//! Text to tokens.
//!
//! logos finds the tokens; this file drives it, and takes over where a regular language ends:
//! texts with `{expr}` inside (see [`crate::text`]), habits of other languages that are
//! reported and read as what was meant, and characters that may not occur.
//!
//! Keeps true: every byte is a token, a comment, space, or has been reported; spans lie on
//! character boundaries; a reported token is replaced by what was probably meant, so that one
//! mistake gives one error.

use codex_diagnostics::catalog as say;
use codex_diagnostics::{Diagnostic, FileId, Span};
use logos::Logos;
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

use crate::Symbol;
use crate::characters::{Forbidden, first_forbidden, forbidden, lookalike};
use crate::report::Report;
use crate::text::{self, Texts};
use crate::token::{GLUED, Kind, LINE_START, Token};

/// Longer files are refused: places are 32 bits wide.
const LONGEST: usize = 1 << 30;

/// What the lexer found.
#[derive(Default)]
pub(crate) struct Lexed {
    /// In order; without comments and newlines.
    pub tokens: Vec<Token>,
    /// Plain comments, in order.
    pub comments: Vec<Span>,
}

/// Reads bytes as a source file.
///
/// # Errors
/// When the bytes are not UTF-8; the diagnostic has the offset of the first wrong byte.
pub fn decode(file: FileId, bytes: &[u8]) -> Result<&str, Box<Diagnostic>> {
    std::str::from_utf8(bytes).map_err(|error| {
        let at = error.valid_up_to();
        let byte = bytes.get(at).copied().unwrap_or_default();
        Box::new(say::not_utf8::not_utf8(Span::new(file, at as u32, at as u32), at, byte))
    })
}

/// Makes the tokens of a file.
pub(crate) fn lex(file: FileId, text: &str, report: &mut Report) -> Lexed {
    if text.len() > LONGEST {
        report.fatal = true;
        report.add(say::file_too_long::file_too_long(Span::new(file, 0, 0), text.len()));
        return Lexed::default();
    }
    let mut lexer = Lexer {
        file,
        text,
        logos: Kind::lexer(text),
        out: Lexed { tokens: Vec::with_capacity(text.len() / 4), comments: Vec::new() },
        line_start: true,
        texts: Texts::default(),
        report,
    };
    if text.starts_with('\u{FEFF}') {
        lexer.logos.bump('\u{FEFF}'.len_utf8());
    }
    lexer.run();
    lexer.out
}

/// The state of the lexer.
pub(crate) struct Lexer<'s, 'r> {
    pub(crate) file: FileId,
    pub(crate) text: &'s str,
    logos: logos::Lexer<'s, Kind>,
    pub(crate) out: Lexed,
    line_start: bool,
    /// Texts whose interpolation is being read, outermost first.
    pub(crate) texts: Texts,
    pub(crate) report: &'r mut Report,
}

impl Lexer<'_, '_> {
    fn run(&mut self) {
        while let Some(found) = self.logos.next() {
            match found {
                Ok(kind) => self.take(kind),
                Err(()) => self.strange(),
            }
            if self.report.is_full() {
                self.report.fatal = true;
                return;
            }
        }
        text::end_of_file(self);
    }

    /// The span of what logos found last.
    pub(crate) fn span(&self) -> Span {
        let range = self.logos.span();
        self.span_of(range.start, range.end)
    }

    pub(crate) fn span_of(&self, start: usize, end: usize) -> Span {
        Span::new(self.file, start as u32, end as u32)
    }

    /// Where the next token is looked for.
    pub(crate) fn position(&self) -> usize {
        self.logos.span().end
    }

    /// Goes on at another place.
    pub(crate) fn move_to(&mut self, at: usize) {
        let now = self.position();
        if at >= now {
            self.logos.bump(at - now);
        } else {
            self.logos = Kind::lexer(self.text);
            self.logos.bump(at);
        }
    }

    pub(crate) fn push(&mut self, kind: Kind, span: Span, payload: u32) {
        let mut flags = 0;
        if std::mem::take(&mut self.line_start) {
            flags |= LINE_START;
        } else if self.out.tokens.last().is_some_and(|t| t.span.end == span.start) {
            flags |= GLUED;
        }
        self.out.tokens.push(Token { span, kind, flags, payload });
    }

    /// The next token is the first of its line.
    pub(crate) fn begin_line(&mut self) {
        self.line_start = true;
    }

    fn take(&mut self, kind: Kind) {
        match kind {
            Kind::RawNewline => text::newline(self),
            Kind::Name | Kind::Upper => self.name(kind),
            Kind::RawComment => self.comment(),
            Kind::LBrace => {
                self.texts.open_brace();
                self.push(kind, self.span(), 0);
            }
            Kind::RBrace => text::close_brace(self),
            Kind::Int => self.int(),
            Kind::Float => self.float(),
            Kind::RawQuote | Kind::RawTripleQuote | Kind::RawRawQuote | Kind::RawRawTripleQuote => {
                text::begin(self, kind);
            }
            _ if kind < Kind::RawNewline => self.push(kind, self.span(), 0),
            _ => self.foreign(kind),
        }
    }

    fn name(&mut self, kind: Kind) {
        let slice = self.logos.slice();
        let symbol = if slice.is_ascii() || is_nfc_quick(slice.chars()) == IsNormalized::Yes {
            Symbol::new(slice)
        } else {
            Symbol::new(&slice.nfc().collect::<String>())
        };
        self.push(kind, self.span(), symbol.raw());
    }

    fn comment(&mut self) {
        let (slice, span) = (self.logos.slice(), self.span());
        self.check_quoted(slice, span.start as usize, "comment");
        let slashes = slice.bytes().take_while(|&b| b == b'/').count();
        let kind = match slashes {
            3 => Kind::Doc,
            4 => Kind::ModuleDoc,
            _ => return self.out.comments.push(span),
        };
        // Lines of one doc comment make one token.
        match self.out.tokens.last_mut() {
            Some(last)
                if last.kind == kind
                    && self.line_start
                    && last.line_start()
                    && is_blank(self.text, last.span, span) =>
            {
                last.span.end = span.end;
            }
            _ => self.push(kind, span, 0),
        }
    }

    /// Reports characters that may not stand even in texts and comments.
    pub(crate) fn check_quoted(&mut self, slice: &str, start: usize, place: &str) {
        if let Some((at, c, why)) = first_forbidden(slice) {
            let span = self.span_of(start + at, start + at + c.len_utf8());
            self.report.add(forbidden_character(span, c, why, place));
        }
    }

    fn int(&mut self) {
        let span = self.span();
        // 17 characters always fit, decimal or hexadecimal.
        if self.logos.slice().len() > 17 {
            match crate::number::int(self.logos.slice()) {
                Some(value) if value <= i64::MAX as u64 => {}
                Some(value) if value == 1 << 63 && self.after_sign() => {}
                _ => self.report.add(say::number_too_large::int(span, self.logos.slice())),
            }
        }
        self.push(Kind::Int, span, 0);
    }

    /// Whether the token before is a sign, not an operator between two operands.
    fn after_sign(&self) -> bool {
        match self.out.tokens.as_slice() {
            [.., before, minus] if minus.kind == Kind::Minus => minus.line_start() || !before.kind.can_end(),
            [minus] => minus.kind == Kind::Minus,
            _ => false,
        }
    }

    fn float(&mut self) {
        let span = self.span();
        if crate::number::float(self.logos.slice()).is_infinite() {
            self.report.add(say::number_too_large::float(span, self.logos.slice()));
        }
        self.push(Kind::Float, span, 0);
    }

    /// Habits of other languages: reported, and read as what was meant.
    fn foreign(&mut self, kind: Kind) {
        let span = self.span();
        let (meant, glyph) = match kind {
            Kind::RawHash => return self.hash_comment(span),
            Kind::RawBlockComment => return self.block_comment(span),
            Kind::RawSingleQuote => return text::single_quoted(self),
            Kind::RawMalformedNumber => {
                self.report.add(say::malformed_number::malformed(span, self.logos.slice()));
                return self.push(Kind::Bad, span, 0);
            }
            Kind::RawBangWord | Kind::RawBang => (Kind::Not, "¬"),
            Kind::RawTripleEqual => (Kind::Equal, "≡"),
            Kind::RawBangDoubleEqual => (Kind::NotEqual, "≠"),
            Kind::RawDoubleAmpersand => (Kind::And, "∧"),
            Kind::RawDoubleBar => (Kind::Or, "∨"),
            Kind::RawDoubleStar => (Kind::Caret, "^"),
            Kind::RawEllipsis => (Kind::DotDot, ".."),
            Kind::RawDoubleColon => (Kind::Dot, "."),
            _ => return self.unused_sign(span),
        };
        let span = match kind {
            Kind::RawBangWord => self.span_of(span.start as usize, span.start as usize + 1),
            _ => span,
        };
        self.move_to(span.end as usize);
        if meant == Kind::Not && self.is_macro_call(span) {
            return;
        }
        let written = &self.text[span.start as usize..span.end as usize];
        self.report.add(say::foreign_operator::foreign(span, written, glyph));
        self.push(meant, span, 0);
    }

    /// `name!(`: reported, and read without the `!`.
    fn is_macro_call(&mut self, bang: Span) -> bool {
        let opens = self.text[bang.end as usize..].starts_with(['(', '[', '{']);
        let Some(name) = self.out.tokens.last().filter(|t| t.kind == Kind::Name && t.span.end == bang.start) else {
            return false;
        };
        if opens {
            let whole = name.span.to(bang);
            self.report.add(say::macro_call::call(name.text(self.text), bang, whole));
        }
        opens
    }

    /// `&`, `~` and a backtick have no meaning at all.
    fn unused_sign(&mut self, span: Span) {
        let sign = self.logos.slice();
        self.report.add(say::foreign_operator::meaningless(span, sign));
        if sign == "`" {
            self.push(Kind::Bad, span, 0);
        }
    }

    fn line_end(&self, from: usize) -> usize {
        self.text[from..].find('\n').map_or(self.text.len(), |n| from + n)
    }

    fn hash_comment(&mut self, span: Span) {
        let end = self.line_end(span.start as usize);
        self.report.add(say::hash_comment::hash_comment(span));
        self.out.comments.push(self.span_of(span.start as usize, end));
        self.move_to(end);
    }

    fn block_comment(&mut self, span: Span) {
        let start = span.start as usize;
        let end = self.text[start..].find("*/").map_or(self.text.len(), |n| start + n + 2);
        self.report.add(say::block_comment::block_comment(self.span_of(start, end), &self.text[start..end]));
        self.line_start |= self.text[start..end].contains('\n');
        self.move_to(end);
    }

    /// A character that begins no token.
    fn strange(&mut self) {
        let start = self.logos.span().start;
        let c = self.text[start..].chars().next().unwrap_or('\0');
        let end = start + c.len_utf8();
        self.move_to(end);
        let span = self.span_of(start, end);
        if let Some(why) = forbidden(c, false) {
            return self.report.add(forbidden_character(span, c, why, "program"));
        }
        match lookalike(c) {
            Some(meant) => self.looks_like(span, c, meant),
            None => self.unknown(span, c),
        }
    }

    fn looks_like(&mut self, span: Span, c: char, meant: &'static str) {
        if meant == "\"" {
            return text::curly_quoted(self, span, c);
        }
        self.report.add(say::lookalike_character::lookalike(span, c, meant));
        if let Some(Ok(kind)) = Kind::lexer(meant).next() {
            self.push(kind, span, 0);
        }
    }

    fn unknown(&mut self, span: Span, c: char) {
        // A run of unknown characters is one mistake.
        let rest = &self.text[span.end as usize..];
        let more = rest.chars().take_while(|&d| is_unknown(d)).map(char::len_utf8).sum::<usize>();
        let end = span.end as usize + more;
        self.move_to(end);
        let span = self.span_of(span.start as usize, end);
        self.report.add(say::unknown_character::unknown(span, c));
        self.push(Kind::Bad, span, 0);
    }
}

fn is_unknown(c: char) -> bool {
    !c.is_ascii()
        && !c.is_alphanumeric()
        && !c.is_whitespace()
        && lookalike(c).is_none()
        && forbidden(c, false).is_none()
        && !matches!(Kind::lexer(c.encode_utf8(&mut [0; 4])).next(), Some(Ok(_)))
}

/// Whether only one line break and space stand between two tokens.
fn is_blank(text: &str, before: Span, after: Span) -> bool {
    let between = &text[before.end as usize..after.start as usize];
    between.bytes().filter(|&b| b == b'\n').count() == 1 && between.trim().is_empty()
}

fn forbidden_character(span: Span, c: char, why: Forbidden, place: &str) -> Diagnostic {
    match why {
        Forbidden::Bidi => say::hidden_character::bidi(span, c, place),
        Forbidden::Invisible => say::hidden_character::invisible(span, c, place),
        Forbidden::Control => say::hidden_character::control(span, c, place),
    }
}
