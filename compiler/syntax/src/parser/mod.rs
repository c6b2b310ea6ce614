//! Tokens to tree.
//!
//! The grammar is written with chumsky, over a slice of tokens that the newline pass has
//! balanced. It runs with chumsky's cheapest error type, which holds nothing; what was found
//! and what was expected is kept in [`State`] instead. The first run stops at the first mistake
//! and records nothing; only when it fails, a second run of the same grammar records the
//! farthest place it reached and what would have been welcome there, recovers at the ends of
//! statements and items, and [`crate::habits`] puts each failure in the reader's words.
//!
//! Keeps true: a correct file is parsed in one run without backtracking over more than a
//! token; a mistake costs one more run; each mistake is reported once.

mod expression;
mod item;
mod operators;
mod pattern;
mod statement;
mod types;

use chumsky::Boxed;
use chumsky::error::EmptyErr;
use chumsky::extra;
use chumsky::input::{Checkpoint, Cursor, InputRef, MapExtra};
use chumsky::inspector::Inspector;
use chumsky::prelude::*;
use codex_diagnostics::{Diagnostic, Span};

use crate::ast::{Expr, ExprKind, Ident, Module};
use crate::token::{Kind, KindSet, Token};

pub(crate) type In<'s> = &'s [Token];
pub(crate) type Ex<'s> = extra::Full<EmptyErr, State<'s>, ()>;
pub(crate) type P<'s, O> = Boxed<'s, 's, In<'s>, O, Ex<'s>>;
pub(crate) type Inp<'s, 'p> = InputRef<'s, 'p, In<'s>, Ex<'s>>;
pub(crate) type Extra<'s, 'b> = MapExtra<'s, 'b, In<'s>, Ex<'s>>;

/// What the reader would call the things that may stand at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Category {
    Expression = 1,
    Pattern = 2,
    Type = 4,
    Item = 8,
    Operator = 16,
    Member = 32,
}

/// What would have been welcome at a place.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Wanted {
    pub kinds: KindSet,
    categories: u8,
}

impl Wanted {
    pub(crate) fn has(&self, category: Category) -> bool {
        self.categories & category as u8 != 0
    }
}

/// A place that did not parse.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Failure {
    /// Index of the token that could not stand there.
    pub at: usize,
    /// Index of the first token of the statement or item.
    pub start: usize,
    pub wanted: Wanted,
}

/// What the grammar knows besides its input.
pub(crate) struct State<'s> {
    pub source: &'s str,
    pub tokens: &'s [Token],
    /// The second run: record and recover.
    recording: bool,
    farthest: usize,
    wanted: Wanted,
    failures: Vec<Failure>,
    /// What the grammar itself has to say about things that do parse.
    said: Vec<Diagnostic>,
}

impl<'s> Inspector<'s, In<'s>> for State<'s> {
    type Checkpoint = ();
    #[inline(always)]
    fn on_token(&mut self, _: &Token) {}
    #[inline(always)]
    fn on_save<'p>(&self, _: &Cursor<'s, 'p, In<'s>>) {}
    #[inline(always)]
    fn on_rewind<'p>(&mut self, _: &Checkpoint<'s, 'p, In<'s>, ()>) {}
}

impl State<'_> {
    #[inline]
    fn miss(&mut self, at: usize, kinds: KindSet, category: u8) {
        if self.recording {
            self.record(at, kinds, category);
        }
    }

    #[cold]
    fn record(&mut self, at: usize, kinds: KindSet, category: u8) {
        if at > self.farthest || self.wanted.categories == 0 && self.wanted.kinds.is_empty() {
            self.farthest = at;
            self.wanted = Wanted::default();
        }
        if at == self.farthest {
            self.wanted.kinds = self.wanted.kinds.and(kinds);
            self.wanted.categories |= category;
        }
    }

    fn fail(&mut self, start: usize) {
        let wanted = std::mem::take(&mut self.wanted);
        let at = std::mem::take(&mut self.farthest).max(start);
        if self.failures.len() < MOST_FAILURES {
            self.failures.push(Failure { at, start, wanted });
        }
    }

    pub(crate) fn say(&mut self, diagnostic: Diagnostic) {
        if self.said.len() < 100 && !self.said.contains(&diagnostic) {
            self.said.push(diagnostic);
        }
    }

    pub(crate) fn kind(&self, at: usize) -> Kind {
        self.tokens.get(at).map_or(Kind::Eof, |t| t.kind)
    }
}

/// More failures than this are not kept; fewer are shown.
const MOST_FAILURES: usize = 100;

/// What a parse gives.
pub(crate) struct Outcome {
    pub module: Module,
    pub failures: Vec<Failure>,
    pub said: Vec<Diagnostic>,
}

/// Parses the tokens of the newline pass.
pub(crate) fn parse(source: &str, tokens: &[Token]) -> Outcome {
    let mut state = State {
        source,
        tokens,
        recording: false,
        farthest: 0,
        wanted: Wanted::default(),
        failures: Vec::new(),
        said: Vec::new(),
    };
    let grammar = item::module();
    if let Some(module) = grammar.parse_with_state(tokens, &mut state).into_output() {
        return Outcome { module, failures: Vec::new(), said: state.said };
    }
    state.recording = true;
    state.said.clear();
    let module = grammar.parse_with_state(tokens, &mut state).into_output().unwrap_or_default();
    Outcome { module, failures: state.failures, said: state.said }
}

/// One token of a kind.
pub(crate) fn tok<'s>(kind: Kind) -> impl Parser<'s, In<'s>, Token, Ex<'s>> + Copy {
    one_of_set(KindSet::of(&[kind]))
}

/// One token of a set.
pub(crate) fn one_of_set<'s>(set: KindSet) -> impl Parser<'s, In<'s>, Token, Ex<'s>> + Copy {
    custom(move |inp: &mut Inp<'s, '_>| {
        let at = *inp.cursor().inner();
        match inp.next_ref() {
            Some(token) if set.has(token.kind) => Ok(*token),
            _ => {
                inp.state().miss(at, set, 0);
                Err(EmptyErr::default())
            }
        }
    })
}

/// One token of a set, which the reader calls by its category.
pub(crate) fn one_as<'s>(set: KindSet, category: Category) -> impl Parser<'s, In<'s>, Token, Ex<'s>> + Copy {
    custom(move |inp: &mut Inp<'s, '_>| {
        let at = *inp.cursor().inner();
        match inp.next_ref() {
            Some(token) if set.has(token.kind) => Ok(*token),
            _ => {
                inp.state().miss(at, KindSet::EMPTY, category as u8);
                Err(EmptyErr::default())
            }
        }
    })
}

/// Chooses a parser by the next token alone, so that no other is ever tried.
pub(crate) fn dispatch<'s, O: 's>(
    category: Option<Category>,
    rows: Vec<(KindSet, P<'s, O>)>,
) -> impl Parser<'s, In<'s>, O, Ex<'s>> + Clone {
    const NONE: u8 = u8::MAX;
    let mut table = [NONE; 128];
    let mut kinds = KindSet::EMPTY;
    for (index, (set, _)) in rows.iter().enumerate().rev() {
        for (kind, entry) in table.iter_mut().enumerate() {
            if set.has_index(kind) {
                *entry = index as u8;
            }
        }
        kinds = kinds.and(*set);
    }
    let parsers: std::rc::Rc<[P<'s, O>]> = rows.into_iter().map(|(_, parser)| parser).collect();
    custom(move |inp: &mut Inp<'s, '_>| {
        let row = inp.peek_ref().map_or(NONE, |token| table[token.kind as usize]);
        if row == NONE {
            let at = *inp.cursor().inner();
            match category {
                Some(category) => inp.state().miss(at, KindSet::EMPTY, category as u8),
                None => inp.state().miss(at, kinds, 0),
            }
            return Err(EmptyErr::default());
        }
        inp.parse(&parsers[row as usize])
    })
}

/// A parser whose failures skip to a token of `ends` (outside of any bracket), in the second
/// run; `error` makes what stands there instead.
pub(crate) fn recovering<'s, O: 's>(
    parser: P<'s, O>,
    ends: fn(&State, usize) -> bool,
    expected: KindSet,
    error: fn(Span) -> O,
) -> impl Parser<'s, In<'s>, O, Ex<'s>> + Clone {
    recovering_at(parser, ends, ends, expected, error)
}

/// The same, where what parsed well may end at other tokens (`complete`) than those that a failure skips to.
pub(crate) fn recovering_at<'s, O: 's>(
    parser: P<'s, O>,
    complete: fn(&State, usize) -> bool,
    ends: fn(&State, usize) -> bool,
    expected: KindSet,
    error: fn(Span) -> O,
) -> impl Parser<'s, In<'s>, O, Ex<'s>> + Clone {
    custom(move |inp: &mut Inp<'s, '_>| {
        let before = inp.save();
        let start = *before.cursor().inner();
        let nothing = ends(inp.state(), start);
        if let Ok(out) = inp.parse(&parser) {
            let at = *inp.cursor().inner();
            if complete(inp.state(), at) {
                return Ok(out);
            }
            inp.state().miss(at, expected, 0);
        }
        if nothing || !inp.state().recording {
            return Err(EmptyErr::default());
        }
        inp.rewind(before);
        inp.state().fail(start);
        skip(inp, ends);
        let end = (*inp.cursor().inner()).max(start + 1) - 1;
        let tokens = inp.state().tokens;
        Ok(error(tokens[start].span.to(tokens[end].span)))
    })
}

/// Skips to the end of what failed, brackets and all.
fn skip<'s>(inp: &mut Inp<'s, '_>, ends: fn(&State, usize) -> bool) {
    let mut depth = 0usize;
    loop {
        let at = *inp.cursor().inner();
        let kind = inp.state().kind(at);
        if kind == Kind::Eof || depth == 0 && ends(inp.state(), at) {
            return;
        }
        match kind {
            _ if kind.closer().is_some() => depth += 1,
            Kind::RParen | Kind::RBracket | Kind::RBrace | Kind::CloseQuote | Kind::InterpClose => {
                // A closing bracket of what is around: leave it.
                let Some(less) = depth.checked_sub(1) else {
                    return;
                };
                depth = less;
            }
            _ => {}
        }
        inp.skip();
    }
}

/// Things in brackets with commas between, and perhaps one after the last.
pub(crate) fn listed<'s, O: 's>(
    open: Kind,
    item: P<'s, O>,
    close: Kind,
) -> impl Parser<'s, In<'s>, Vec<O>, Ex<'s>> + Clone {
    item.separated_by(tok(Kind::Comma)).allow_trailing().collect::<Vec<_>>().delimited_by(tok(open), tok(close))
}

/// From the first token to the last.
pub(crate) fn span_of(e: &mut Extra<'_, '_>) -> Span {
    let slice = e.slice();
    match (slice.first(), slice.last()) {
        (Some(first), Some(last)) => first.span.to(last.span),
        _ => Span::default(),
    }
}

pub(crate) fn ident(token: Token) -> Ident {
    Ident { name: token.symbol(), span: token.span }
}

pub(crate) fn name<'s>() -> impl Parser<'s, In<'s>, Ident, Ex<'s>> + Clone {
    tok(Kind::Name).map(ident)
}

pub(crate) fn upper<'s>() -> impl Parser<'s, In<'s>, Ident, Ex<'s>> + Clone {
    tok(Kind::Upper).map(ident)
}

pub(crate) fn expr(span: Span, kind: ExprKind) -> Expr {
    Expr { span, kind: Box::new(kind) }
}
