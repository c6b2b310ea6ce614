//! What could not be parsed, in the reader's words.
//!
//! [`explain`] turns each failure of the grammar (a place, and what would have been welcome)
//! into one diagnostic. A list of small functions, each knowing one habit of another language
//! or one common slip, looks at the tokens around the place; the first that recognises its case
//! speaks. When none does, the general message lists at most three things that could stand there.
//!
//! Keeps true: one diagnostic for each failure; none for a failure that an earlier mistake on
//! the same line, or within the same statement, explains.

mod blocks;
mod definitions;
mod values;

use codex_diagnostics::catalog as say;
use codex_diagnostics::{Diagnostic, Span};

use crate::parser::{Category, Failure, Outcome};
use crate::report::Report;
use crate::token::{Kind, KindSet, Token};

type Habit = fn(&Place) -> Option<Diagnostic>;

/// In order: what is certain about a token before what is only likely.
const HABITS: &[&[Habit]] = &[
    &[definitions::misplaced_doc, blocks::brace_on_next_line, blocks::c_style_for],
    values::CERTAIN,
    blocks::HABITS,
    definitions::HABITS,
    values::LIKELY,
];

/// A failure and its surroundings.
struct Place<'a> {
    source: &'a str,
    tokens: &'a [Token],
    failure: Failure,
}

/// Reports what the parser found.
pub(crate) fn explain(source: &str, tokens: &[Token], outcome: &Outcome, report: &mut Report) {
    let mut earlier: Vec<Span> = report.all().iter().map(|d| d.primary.span).collect();
    for d in &outcome.said {
        report.add(d.clone());
    }
    for &failure in &outcome.failures {
        let place = Place { source, tokens, failure };
        if place.is_explained_by(&earlier) {
            continue;
        }
        earlier.push(place.here().span);
        report.add(place.explain());
    }
    if !outcome.failures.is_empty() && report.is_empty() {
        let span = tokens.last().map(|t| t.span).unwrap_or_default();
        report.add(say::unexpected_token::unexpected(span, "this", &[]));
    }
}

impl<'a> Place<'a> {
    fn token(&self, index: usize) -> Token {
        self.tokens[index.min(self.tokens.len() - 1)]
    }
    fn here(&self) -> Token {
        self.token(self.failure.at)
    }
    /// The token `n` after the place.
    fn next(&self, n: usize) -> Token {
        self.token(self.failure.at + n)
    }
    /// The token `n` before the place.
    fn before(&self, n: usize) -> Option<Token> {
        self.failure.at.checked_sub(n).map(|i| self.token(i))
    }
    fn before_kind(&self, n: usize) -> Kind {
        self.before(n).map_or(Kind::Eof, |t| t.kind)
    }
    /// The first token of the statement or item.
    fn start(&self) -> Token {
        self.token(self.failure.start)
    }
    fn at_start(&self) -> bool {
        self.failure.at == self.failure.start
    }
    fn text(&self, token: Token) -> &'a str {
        token.text(self.source)
    }
    fn wants(&self, category: Category) -> bool {
        self.failure.wanted.has(category)
    }
    fn wants_kind(&self, kind: Kind) -> bool {
        self.failure.wanted.kinds.has(kind)
    }

    /// Whether the place is on the line on which something ends.
    fn ends_line(&self) -> bool {
        matches!(self.here().kind, Kind::Sep | Kind::Eof | Kind::RBrace)
    }

    /// Walks back from the place over whole brackets; gives indices of tokens of the same
    /// level, and last that of the opening bracket around them, if there is one.
    fn back(&self) -> impl Iterator<Item = usize> + '_ {
        let mut depth = 0usize;
        let mut done = false;
        (0..self.failure.at).rev().filter(move |&i| {
            let kind = self.tokens[i].kind;
            match kind {
                _ if done => return false,
                Kind::RParen | Kind::RBracket | Kind::RBrace | Kind::CloseQuote | Kind::InterpClose => depth += 1,
                _ if kind.closer().is_some() && depth == 0 => done = true,
                _ if kind.closer().is_some() => {
                    depth -= 1;
                    return false;
                }
                Kind::Sep if depth == 0 => {
                    done = true;
                    return false;
                }
                _ => {}
            }
            depth == 0
        })
    }

    /// The nearest token of the set before the place, on the same level and in this statement.
    fn last_of(&self, set: KindSet) -> Option<usize> {
        self.back().find(|&i| set.has(self.tokens[i].kind))
    }

    /// The bracket around the place, if it was opened within this statement or line.
    fn around(&self) -> Option<Token> {
        self.back().last().map(|i| self.tokens[i]).filter(|t| t.kind.closer().is_some())
    }

    /// The index of the bracket that closes the one at an index.
    fn matching(&self, open: usize) -> Option<usize> {
        let mut depth = 0usize;
        for (i, token) in self.tokens.iter().enumerate().skip(open) {
            match token.kind {
                Kind::RParen | Kind::RBracket | Kind::RBrace | Kind::CloseQuote | Kind::InterpClose => {
                    depth = depth.checked_sub(1)?;
                    if depth == 0 {
                        return Some(i).filter(|_| !token.is_virtual());
                    }
                }
                kind if kind.closer().is_some() => depth += 1,
                _ => {}
            }
        }
        None
    }

    /// Whether a mistake that has been reported already explains this failure: it lies on the
    /// same line, or within the statement that failed.
    fn is_explained_by(&self, earlier: &[Span]) -> bool {
        let here = self.here();
        if here.is_virtual() && here.kind.spelling().is_some() {
            // A bracket that the newline pass closed; it has said so.
            return true;
        }
        let (start, here) = (self.start().span.start, here.span.start);
        earlier.iter().any(|span| {
            let (from, to) = (span.start.min(here) as usize, span.end.max(here) as usize);
            span.start <= here && (start <= span.start || !self.source[from..to].contains('\n'))
        })
    }

    fn explain(&self) -> Diagnostic {
        HABITS.iter().copied().flatten().find_map(|habit| habit(self)).unwrap_or_else(|| self.general())
    }

    /// What stands here and what could.
    fn general(&self) -> Diagnostic {
        let here = self.here();
        let found = match here.kind {
            Kind::Name | Kind::Upper => format!("the name `{}`", self.text(here)),
            Kind::Bad => "this".to_owned(),
            kind => kind.describe(),
        };
        say::unexpected_token::unexpected(self.visible(), &found, &self.expected())
    }

    /// The place; for what has no width of its own, that just after the token before.
    fn visible(&self) -> Span {
        let here = self.here();
        match self.before(1) {
            Some(before) if here.span.start == here.span.end => before.span.after(),
            _ => here.span,
        }
    }

    /// At most three things, by category, sorted.
    fn expected(&self) -> Vec<String> {
        let mut list: Vec<String> = Vec::new();
        for (category, words) in CATEGORIES {
            if self.wants(*category) {
                list.push((*words).to_owned());
            }
        }
        let kinds = LISTED.iter().filter(|kind| self.wants_kind(**kind));
        list.extend(kinds.map(|kind| kind.describe()));
        if list.len() < 3 && self.wants(Category::Operator) {
            list.push("an operator".into());
        }
        list.truncate(3);
        list.sort();
        list
    }
}

const CATEGORIES: &[(Category, &str)] = &[
    (Category::Expression, "an expression"),
    (Category::Pattern, "a pattern"),
    (Category::Type, "a type"),
    (Category::Item, "a definition (`fn`, `type`, `let`, …)"),
    (Category::Member, "a member of the container (`var`, `on`, `fn`)"),
];

/// What is worth listing, most helpful first.
const LISTED: &[Kind] = &[
    Kind::Name,
    Kind::Upper,
    Kind::Text,
    Kind::RParen,
    Kind::RBracket,
    Kind::CloseQuote,
    Kind::InterpClose,
    Kind::Arrow,
    Kind::LBrace,
    Kind::Assign,
    Kind::In,
    Kind::Comma,
    Kind::Colon,
    Kind::LParen,
    Kind::Rewrite,
    Kind::RBrace,
    Kind::Sep,
    Kind::Dot,
];
