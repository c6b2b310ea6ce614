//! Tokens: what the lexer makes of the text, and all the parser ever sees of it.
//!
//! Keeps true: a token is small and `Copy`; a glyph and its ASCII spelling are one kind (the
//! kinds of glyphs are expanded from the table in `codex_spec::glyph`); numbers and texts are
//! read from the source again when they are needed, so a token carries no string.

use codex_diagnostics::{FileId, Span};
use codex_spec::glyph::{self, Glyph};
use logos::Logos;

use crate::Symbol;

/// The first token on its line.
pub(crate) const LINE_START: u8 = 1;
/// No space between this token and the one before.
pub(crate) const GLUED: u8 = 2;
/// Put in by the newline pass; not in the source.
pub(crate) const VIRTUAL: u8 = 4;

/// One token.
#[derive(Clone, Copy, Debug)]
pub struct Token {
    /// Where; empty for what the newline pass put in.
    pub span: Span,
    /// What.
    pub kind: Kind,
    pub(crate) flags: u8,
    /// A name's symbol or a text's flags.
    pub(crate) payload: u32,
}

impl Token {
    pub(crate) fn virtual_at(kind: Kind, file: FileId, at: u32) -> Token {
        Token { span: Span::new(file, at, at), kind, flags: VIRTUAL, payload: 0 }
    }
    pub(crate) fn line_start(&self) -> bool {
        self.flags & LINE_START != 0
    }
    pub(crate) fn glued(&self) -> bool {
        self.flags & GLUED != 0
    }
    pub(crate) fn is_virtual(&self) -> bool {
        self.flags & VIRTUAL != 0
    }
    /// The name of a `Name`, `Upper` or foreign token.
    pub(crate) fn symbol(&self) -> Symbol {
        Symbol::from_raw(self.payload)
    }
    /// What stands in the source.
    pub fn text<'s>(&self, source: &'s str) -> &'s str {
        &source[self.span.start as usize..self.span.end as usize]
    }
}

macro_rules! kinds {
    ($(($kind:ident $sign:tt $ascii:tt $name:tt $meaning:tt $precedence:tt $fixity:ident $doc:tt $example:tt))*) => {
        /// Kinds of tokens.
        #[derive(Logos, Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[logos(skip r"[ \t\r]+")]
        #[repr(u8)]
        #[allow(missing_docs)]
        pub enum Kind {
            $(#[token($sign)] #[token($ascii)] $kind,)*

            #[token("as")] As,
            #[token("break")] Break,
            #[token("container")] Container,
            #[token("continue")] Continue,
            #[token("else")] Else,
            #[token("expect")] Expect,
            #[token("false")] False,
            #[token("fn")] Fn,
            #[token("for")] For,
            #[token("if")] If,
            #[token("import")] Import,
            #[token("let")] Let,
            #[token("loop")] Loop,
            #[token("match")] Match,
            #[token("on")] On,
            #[token("pub")] Pub,
            #[token("return")] Return,
            #[token("rules")] Rules,
            #[token("test")] Test,
            #[token("true")] True,
            #[token("type")] Type,
            #[token("var")] Var,
            #[token("while")] While,

            #[token("+")] Plus,
            #[token("-")] Minus,
            #[token("%")] Percent,
            #[token("^")] Caret,
            #[token("++")] Concat,
            #[token("<")] Less,
            #[token(">")] Greater,
            #[token("=")] Assign,
            #[token("+=")] PlusAssign,
            #[token("-=")] MinusAssign,
            #[token("×=")] #[token("*=")] TimesAssign,
            #[token("÷=")] #[token("/=")] DivideAssign,
            #[token(".")] Dot,
            #[token("..")] DotDot,
            #[token("..=")] DotDotEqual,
            #[token(",")] Comma,
            #[token(":")] Colon,
            #[token("|")] Bar,
            #[token("@")] At,
            #[token("?")] Question,
            #[token("$")] Dollar,
            #[token("_", priority = 9)] Underscore,
            #[token("(")] LParen,
            #[token(")")] RParen,
            #[token("[")] LBracket,
            #[token("]")] RBracket,
            #[token("{")] LBrace,
            #[token("}")] RBrace,
            #[token(";")] Semicolon,

            #[regex(r"[[\p{XID_Start}_]--[λ\p{Lu}\p{Lt}]]\p{XID_Continue}*")]
            #[regex(r"[\p{Emoji_Presentation}--[\u{1F1E6}-\u{1F1FF}\u{1F3FB}-\u{1F3FF}\u{2795}-\u{2797}]]")]
            Name,
            #[regex(r"[\p{Lu}\p{Lt}]\p{XID_Continue}*")]
            Upper,
            #[regex(r"[0-9][0-9_]*", priority = 9)]
            #[regex(r"0x[0-9a-fA-F_]*[0-9a-fA-F]_*", priority = 9)]
            #[regex(r"0b[01_]*[01]_*", priority = 9)]
            Int,
            #[regex(r"[0-9][0-9_]*\.[0-9][0-9_]*([eE][+-]?[0-9]+)?", priority = 9)]
            #[regex(r"[0-9][0-9_]*[eE][+-]?[0-9]+", priority = 9)]
            Float,
            /// A whole text without interpolation.
            Text,
            /// The opening delimiter of a text with interpolation.
            TextOpen,
            /// Characters between interpolations.
            Chunk,
            /// `{` within a text.
            InterpOpen,
            /// The `}` that goes with it.
            InterpClose,
            /// The closing delimiter.
            TextClose,
            /// Lines of `/// …`.
            Doc,
            /// Lines of `//// …`.
            ModuleDoc,
            /// A line's end that separates, or `;` (put in by the newline pass).
            Sep,
            /// The end of the file (put in by the newline pass).
            Eof,
            /// `null`, `nil`, `undefined`: never a name, so that the message can be a good one.
            #[token("null")] #[token("nil")] #[token("undefined")] Null,
            /// Something the lexer has reported; stands for any value.
            Bad,

            // What never leaves the lexer.
            #[token("\n")] RawNewline,
            #[regex(r"//[^\n]*", allow_greedy = true)] RawComment,
            #[token("/*")] RawBlockComment,
            #[token("#")] RawHash,
            #[token("'")] RawSingleQuote,
            #[token("\"")] RawQuote,
            #[token("\"\"\"")] RawTripleQuote,
            #[token("r\"")] RawRawQuote,
            #[token("r\"\"\"")] RawRawTripleQuote,
            #[regex(r"[0-9][0-9a-zA-Z_]*", priority = 3)] RawMalformedNumber,
            #[regex(r"![\p{XID_Start}_]\p{XID_Continue}*", priority = 1)] RawBangWord,
            #[token("!")] RawBang,
            #[token("===")] RawTripleEqual,
            #[token("!==")] RawBangDoubleEqual,
            #[token("&&")] RawDoubleAmpersand,
            #[token("||")] RawDoubleBar,
            #[token("**")] RawDoubleStar,
            #[token("...")] RawEllipsis,
            #[token("::")] RawDoubleColon,
            #[token("&")] RawAmpersand,
            #[token("~")] RawTilde,
            #[token("`")] RawBacktick,
        }

        impl Kind {
            /// The row of the glyph table, for kinds that have one.
            pub fn glyph(self) -> Option<&'static Glyph> {
                glyph::GLYPHS.get(self as usize)
            }
        }
    };
}
codex_spec::glyph_rows!(kinds);

/// A set of kinds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(crate) struct KindSet(u128);

impl KindSet {
    pub(crate) const EMPTY: KindSet = KindSet(0);
    pub(crate) const fn of(kinds: &[Kind]) -> KindSet {
        let mut bits = 0;
        let mut i = 0;
        while i < kinds.len() {
            bits |= 1 << kinds[i] as u32;
            i += 1;
        }
        KindSet(bits)
    }
    pub(crate) const fn has(self, kind: Kind) -> bool {
        self.0 & (1 << kind as u32) != 0
    }
    /// Whether the kind with this number is in it.
    pub(crate) const fn has_index(self, index: usize) -> bool {
        self.0 & (1 << index) != 0
    }
    pub(crate) const fn and(self, other: KindSet) -> KindSet {
        KindSet(self.0 | other.0)
    }
    pub(crate) fn is_empty(self) -> bool {
        self.0 == 0
    }
}

/// What a value, a name or a construct may end with.
const ENDERS: KindSet = KindSet::of(&[
    Kind::Name,
    Kind::Upper,
    Kind::Int,
    Kind::Float,
    Kind::Text,
    Kind::TextClose,
    Kind::True,
    Kind::False,
    Kind::Null,
    Kind::Bad,
    Kind::RParen,
    Kind::RBracket,
    Kind::RBrace,
    Kind::CloseQuote,
    Kind::Underscore,
    Kind::Question,
    Kind::Break,
    Kind::Continue,
    Kind::Return,
    Kind::ModuleDoc,
]);

/// What can only go on with something begun before.
const CONTINUERS: KindSet = KindSet::of(&[
    Kind::Plus,
    Kind::Times,
    Kind::Divide,
    Kind::Percent,
    Kind::Caret,
    Kind::Concat,
    Kind::Equal,
    Kind::NotEqual,
    Kind::Less,
    Kind::Greater,
    Kind::LessEqual,
    Kind::GreaterEqual,
    Kind::And,
    Kind::Or,
    Kind::In,
    Kind::NotIn,
    Kind::Pipe,
    Kind::Send,
    Kind::Ask,
    Kind::Rewrite,
    Kind::Arrow,
    Kind::Becomes,
    Kind::Assign,
    Kind::PlusAssign,
    Kind::MinusAssign,
    Kind::TimesAssign,
    Kind::DivideAssign,
    Kind::DotDot,
    Kind::DotDotEqual,
    Kind::Bar,
    Kind::Colon,
    Kind::At,
    Kind::Question,
    Kind::Dot,
    Kind::Else,
    Kind::Comma,
    Kind::RParen,
    Kind::RBracket,
    Kind::RBrace,
    Kind::CloseQuote,
    Kind::InterpClose,
    Kind::As,
]);

/// What an operand can begin with.
const STARTERS: KindSet = KindSet::of(&[
    Kind::Name,
    Kind::Upper,
    Kind::Int,
    Kind::Float,
    Kind::Text,
    Kind::TextOpen,
    Kind::True,
    Kind::False,
    Kind::Null,
    Kind::Bad,
    Kind::LParen,
    Kind::LBracket,
    Kind::OpenQuote,
    Kind::Underscore,
    Kind::Lambda,
    Kind::Not,
    Kind::Minus,
    Kind::If,
    Kind::Match,
    Kind::Loop,
    Kind::Branch,
    Kind::Require,
    Kind::Collapse,
    Kind::Save,
    Kind::Spawn,
    Kind::Dollar,
    Kind::Container,
    Kind::On,
    Kind::Rules,
    Kind::Test,
    Kind::Expect,
]);

impl Kind {
    /// Whether a statement may end with this token.
    pub(crate) fn can_end(self) -> bool {
        ENDERS.has(self)
    }
    /// Whether this token can only continue what came before.
    pub(crate) fn continues(self) -> bool {
        CONTINUERS.has(self)
    }
    /// Whether an operand can begin with this token.
    pub(crate) fn starts_operand(self) -> bool {
        STARTERS.has(self)
    }
    /// The other half of a bracket.
    pub(crate) fn closer(self) -> Option<Kind> {
        Some(match self {
            Kind::LParen => Kind::RParen,
            Kind::LBracket => Kind::RBracket,
            Kind::LBrace => Kind::RBrace,
            Kind::OpenQuote => Kind::CloseQuote,
            Kind::InterpOpen => Kind::InterpClose,
            _ => return None,
        })
    }
    /// The spelling of a kind that has just one (or its glyph), without quotes.
    pub(crate) fn spelling(self) -> Option<&'static str> {
        if let Some(glyph) = self.glyph() {
            return Some(glyph.sign);
        }
        Some(match self {
            Kind::As => "as",
            Kind::Break => "break",
            Kind::Container => "container",
            Kind::Continue => "continue",
            Kind::Else => "else",
            Kind::Expect => "expect",
            Kind::False => "false",
            Kind::Fn => "fn",
            Kind::For => "for",
            Kind::If => "if",
            Kind::Import => "import",
            Kind::Let => "let",
            Kind::Loop => "loop",
            Kind::Match => "match",
            Kind::On => "on",
            Kind::Pub => "pub",
            Kind::Return => "return",
            Kind::Rules => "rules",
            Kind::Test => "test",
            Kind::True => "true",
            Kind::Type => "type",
            Kind::Var => "var",
            Kind::While => "while",
            Kind::Plus => "+",
            Kind::Minus => "-",
            Kind::Percent => "%",
            Kind::Caret => "^",
            Kind::Concat => "++",
            Kind::Less => "<",
            Kind::Greater => ">",
            Kind::Assign => "=",
            Kind::PlusAssign => "+=",
            Kind::MinusAssign => "-=",
            Kind::TimesAssign => "×=",
            Kind::DivideAssign => "÷=",
            Kind::Dot => ".",
            Kind::DotDot => "..",
            Kind::DotDotEqual => "..=",
            Kind::Comma => ",",
            Kind::Colon => ":",
            Kind::Bar => "|",
            Kind::At => "@",
            Kind::Question => "?",
            Kind::Dollar => "$",
            Kind::Underscore => "_",
            Kind::LParen => "(",
            Kind::RParen => ")",
            Kind::LBracket => "[",
            Kind::RBracket => "]",
            Kind::LBrace | Kind::InterpOpen => "{",
            Kind::RBrace | Kind::InterpClose => "}",
            Kind::Semicolon => ";",
            _ => return None,
        })
    }
    /// What the reader calls a token of this kind.
    pub(crate) fn describe(self) -> String {
        match self {
            Kind::Name => "a name".into(),
            Kind::Upper => "an upper-case name".into(),
            Kind::Int | Kind::Float => "a number".into(),
            Kind::Text | Kind::TextOpen | Kind::Chunk | Kind::TextClose => "a text".into(),
            Kind::Doc | Kind::ModuleDoc => "a doc comment".into(),
            Kind::Sep => "the end of the line".into(),
            Kind::Eof => "the end of the file".into(),
            _ => self.spelling().map_or("this".into(), |s| format!("`{s}`")),
        }
    }
}
