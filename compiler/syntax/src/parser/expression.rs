//! Expressions: atoms chosen by their first token, and what may follow them.

use chumsky::error::EmptyErr;
use chumsky::prelude::*;
use codex_diagnostics::Span;
use codex_diagnostics::catalog as say;

use super::operators::operators;
use super::statement::{arm_body, at_end, block};
use super::{
    Category, Ex, Extra, In, Inp, P, State, dispatch, expr, ident, listed, name, one_of_set, pattern, recovering,
    span_of, tok, types, upper,
};
use crate::ast::{
    Arg, Arm, Cond, Expr, ExprKind, Ident, LambdaParam, ListItem, Pattern, PatternKind, TextPart, TypeExpr,
};
use crate::token::{Kind, KindSet, Token};
use crate::{number, text};

const fn only(kind: Kind) -> KindSet {
    KindSet::of(&[kind])
}

/// The parsers that expressions are made of, as a rule needs several of them.
#[derive(Clone)]
struct Parts<'s> {
    expr: P<'s, Expr>,
    block: P<'s, Expr>,
    pattern: P<'s, Pattern>,
    parameter: P<'s, Pattern>,
    ty: P<'s, TypeExpr>,
}

// ── Literals ────────────────────────────────────────────────────────────────────────────

fn literal(token: Token, e: &mut Extra<'_, '_>) -> Expr {
    let source = e.state().source;
    let kind = match token.kind {
        Kind::Int => ExprKind::Int(number::int(token.text(source)).unwrap_or(0) as i64),
        Kind::Float => ExprKind::Float(number::float(token.text(source))),
        Kind::True => ExprKind::Bool(true),
        Kind::False => ExprKind::Bool(false),
        Kind::Text => {
            let value = text::value(source, &token);
            ExprKind::Text(if value.is_empty() { Vec::new() } else { vec![TextPart::Chars(value)] })
        }
        Kind::Name => ExprKind::Name(ident(token)),
        Kind::Upper => ExprKind::Upper(ident(token)),
        Kind::Underscore => ExprKind::Hole,
        Kind::Break => ExprKind::Break,
        Kind::Continue => ExprKind::Continue,
        Kind::Null => {
            e.state().say(say::null_value::null_value(token.span, token.text(source)));
            ExprKind::Error
        }
        _ => ExprKind::Error,
    };
    expr(token.span, kind)
}

const SIMPLE: KindSet = KindSet::of(&[
    Kind::Int,
    Kind::Float,
    Kind::True,
    Kind::False,
    Kind::Text,
    Kind::Name,
    Kind::Upper,
    Kind::Underscore,
    Kind::Break,
    Kind::Continue,
    Kind::Null,
    Kind::Bad,
]);

/// `"a{x}b"`
fn interpolated<'s>(e: P<'s, Expr>) -> P<'s, Expr> {
    let chars = tok(Kind::Chunk).map_with(|t: Token, e| {
        let value = text::value(e.state().source, &t);
        Some(TextPart::Chars(value)).filter(|_| t.span.start != t.span.end)
    });
    let value = e.delimited_by(tok(Kind::InterpOpen), tok(Kind::InterpClose)).map(|v| Some(TextPart::Expr(v)));
    choice((chars, value))
        .repeated()
        .collect::<Vec<_>>()
        .delimited_by(tok(Kind::TextOpen), tok(Kind::TextClose))
        .map_with(|parts, e| {
            let parts = parts.into_iter().flatten().filter(|p| !matches!(p, TextPart::Chars(c) if c.is_empty()));
            expr(span_of(e), ExprKind::Text(parts.collect()))
        })
        .boxed()
}

// ── Brackets ────────────────────────────────────────────────────────────────────────────

fn tuple<'s>(e: P<'s, Expr>) -> P<'s, Expr> {
    listed(Kind::LParen, e, Kind::RParen)
        .map_with(|mut items: Vec<Expr>, e| {
            let span = span_of(e);
            match items.len() {
                1 => Expr { span, kind: items.remove(0).kind },
                _ => expr(span, ExprKind::Tuple(items)),
            }
        })
        .boxed()
}

/// Something between `[` and `]`.
enum Element {
    Item(ListItem),
    Entry(Expr, Expr),
}

fn collection(elements: Vec<Element>, e: &mut Extra<'_, '_>) -> Expr {
    let span = span_of(e);
    let entries = elements.iter().filter(|x| matches!(x, Element::Entry(..))).count();
    if entries != 0 && entries != elements.len() {
        e.state().say(say::mixed_map::mixed_map(span));
        return expr(span, ExprKind::Error);
    }
    let (mut items, mut pairs) = (Vec::new(), Vec::new());
    for element in elements {
        match element {
            Element::Item(item) => items.push(item),
            Element::Entry(key, value) => pairs.push((key, value)),
        }
    }
    expr(span, if entries == 0 { ExprKind::List(items) } else { ExprKind::Map(pairs) })
}

/// `[a, ..rest]`, `["k": v]`, `[:]`
fn list_or_map<'s>(e: P<'s, Expr>) -> P<'s, Expr> {
    let spread = tok(Kind::DotDot).ignore_then(e.clone()).map(|e| Element::Item(ListItem::Spread(e)));
    let entry = e.clone().then(tok(Kind::Colon).ignore_then(e).or_not()).map(|(key, value)| match value {
        None => Element::Item(ListItem::Item(key)),
        Some(value) => Element::Entry(key, value),
    });
    let empty = tok(Kind::LBracket)
        .then(tok(Kind::Colon))
        .then(tok(Kind::RBracket))
        .map_with(|_, e| expr(span_of(e), ExprKind::Map(Vec::new())))
        .boxed();
    let full = listed(Kind::LBracket, choice((spread, entry)).boxed(), Kind::RBracket).map_with(collection).boxed();
    custom(move |inp: &mut Inp<'s, '_>| {
        let at = *inp.cursor().inner();
        let state = inp.state();
        if state.kind(at + 1) == Kind::Colon && state.kind(at + 2) == Kind::RBracket {
            return inp.parse(&empty);
        }
        inp.parse(&full)
    })
    .boxed()
}

/// `⟦ … ⟧`
fn quote<'s>(e: P<'s, Expr>) -> P<'s, Expr> {
    e.delimited_by(tok(Kind::OpenQuote), tok(Kind::CloseQuote))
        .map_with(|inner, e| expr(span_of(e), ExprKind::Quote(inner)))
        .boxed()
}

/// `$x`, `$(e)`, `$(x: T)` and `$..xs`.
///
/// The last two are kept as calls of a hole, `_(x: T)` and `_(..xs)`, with the type written as
/// an expression: the tree has no node of its own for them yet.
fn unquote<'s>(e: P<'s, Expr>) -> P<'s, Expr> {
    let hole = |args: Vec<Arg>, span: Span| expr(span, ExprKind::Call(expr(span, ExprKind::Hole), args));
    let plain = name().map(|n| expr(n.span, ExprKind::Name(n)));
    let many = tok(Kind::DotDot).ignore_then(name()).map_with(move |n, e| {
        let rest = expr(n.span, ExprKind::Name(n));
        hole(vec![Arg::Spread(rest)], span_of(e))
    });
    let typed = e.clone().then(tok(Kind::Colon).ignore_then(e).or_not());
    let inner = typed.delimited_by(tok(Kind::LParen), tok(Kind::RParen)).map_with(move |(value, ty), e| {
        match (&*value.kind, ty) {
            (ExprKind::Name(n), Some(ty)) => hole(vec![Arg::Labelled(*n, ty)], span_of(e)),
            (_, None) => value,
            (_, Some(_)) => expr(span_of(e), ExprKind::Error),
        }
    });
    tok(Kind::Dollar)
        .ignore_then(choice((plain, many, inner)))
        .map_with(|inner, e| expr(span_of(e), ExprKind::Unquote(inner)))
        .boxed()
}

// ── Calls and other suffixes ────────────────────────────────────────────────────────────

fn arguments<'s>(e: P<'s, Expr>) -> P<'s, Vec<Arg>> {
    let spread = tok(Kind::DotDot).ignore_then(e.clone()).map(Arg::Spread).boxed();
    let value = e.clone().boxed();
    let argument = custom(move |inp: &mut Inp<'s, '_>| {
        let at = *inp.cursor().inner();
        let state = inp.state();
        match (state.kind(at), state.kind(at + 1)) {
            (Kind::DotDot, _) => inp.parse(&spread),
            (Kind::Name, Kind::Colon) => {
                let label = ident(state.tokens[at]);
                let pun = matches!(state.kind(at + 2), Kind::Comma | Kind::RParen);
                inp.skip();
                inp.skip();
                if pun { Ok(Arg::Pun(label)) } else { inp.parse(&value).map(|v| Arg::Labelled(label, v)) }
            }
            _ => inp.parse(&value).map(Arg::Positional),
        }
    });
    listed(Kind::LParen, argument.boxed(), Kind::RParen).boxed()
}

/// What may follow an atom and binds most tightly.
enum Suffix {
    Call(Vec<Arg>, Span),
    Index(Expr, Span),
    Field(Ident),
    Try(Span),
    Ask(Expr),
}

/// `Name`, `module.Name`, with arguments if there are any.
fn message<'s>(e: P<'s, Expr>) -> P<'s, Expr> {
    // A lower-case name is no message, but the types say better why.
    let name = one_of_set(KindSet::of(&[Kind::Upper, Kind::Name])).map(|t| {
        let name = ident(t);
        expr(t.span, if t.kind == Kind::Upper { ExprKind::Upper(name) } else { ExprKind::Name(name) })
    });
    let qualified = tok(Kind::Name).then_ignore(tok(Kind::Dot)).then(upper()).map_with(|(module, name), e| {
        let module = expr(module.span, ExprKind::Name(ident(module)));
        expr(span_of(e), ExprKind::Field(module, name))
    });
    choice((qualified, name))
        .then(arguments(e).or_not())
        .map_with(|(name, args), e| match args {
            None => name,
            Some(args) => expr(span_of(e), ExprKind::Call(name, args)),
        })
        .boxed()
}

fn suffix<'s>(e: P<'s, Expr>) -> P<'s, Suffix> {
    let call = arguments(e.clone()).map_with(|args, e| Suffix::Call(args, span_of(e)));
    let index = e
        .clone()
        .delimited_by(tok(Kind::LBracket), tok(Kind::RBracket))
        .map_with(|index, e| Suffix::Index(index, span_of(e)));
    let member = one_of_set(KindSet::of(&[Kind::Name, Kind::Upper]));
    let field = tok(Kind::Dot).ignore_then(member).map(|t| Suffix::Field(ident(t)));
    let ask = tok(Kind::Ask).ignore_then(message(e)).map(Suffix::Ask);
    let attempt = tok(Kind::Question).map(|t| Suffix::Try(t.span));
    let rows = vec![
        (only(Kind::LParen), call.boxed()),
        (only(Kind::LBracket), index.boxed()),
        (only(Kind::Dot), field.boxed()),
        (only(Kind::Ask), ask.boxed()),
        (only(Kind::Question), attempt.boxed()),
    ];
    dispatch(Some(Category::Operator), rows).boxed()
}

fn with_suffix(left: Expr, suffix: Suffix) -> Expr {
    let start = left.span;
    let (end, kind) = match suffix {
        Suffix::Call(args, span) => (span, ExprKind::Call(left, args)),
        Suffix::Index(index, span) => (span, ExprKind::Index(left, index)),
        Suffix::Field(name) => (name.span, ExprKind::Field(left, name)),
        Suffix::Try(span) => (span, ExprKind::Try(left)),
        Suffix::Ask(message) => (message.span, ExprKind::Ask(left, message)),
    };
    expr(start.to(end), kind)
}

// ── Forms that begin with a keyword or sign ─────────────────────────────────────────────

fn condition<'s>(p: &Parts<'s>) -> P<'s, Cond> {
    let matching = tok(Kind::Let)
        .ignore_then(p.pattern.clone())
        .then_ignore(tok(Kind::Assign))
        .then(p.expr.clone())
        .map(|(pattern, value)| Cond::Let(pattern, value))
        .boxed();
    let plain = p.expr.clone().map(Cond::Expr).boxed();
    custom(move |inp: &mut Inp<'s, '_>| {
        let at = *inp.cursor().inner();
        match inp.state().kind(at) {
            Kind::Let => inp.parse(&matching),
            _ => inp.parse(&plain),
        }
    })
    .boxed()
}

/// `elif` and its like, on the line of the brace before: reported, and read as `else if`.
fn elif<'s>() -> impl Parser<'s, In<'s>, (), Ex<'s>> + Clone {
    custom(|inp: &mut Inp<'s, '_>| {
        let at = *inp.cursor().inner();
        let state = inp.state();
        if state.kind(at) == Kind::Name {
            let token = state.tokens[at];
            let word = token.text(state.source);
            if matches!(word, "elif" | "elsif" | "elseif" | "elsf") {
                state.say(say::elif::elif(token.span, word));
                inp.skip();
                return Ok(());
            }
        }
        Err(EmptyErr::default())
    })
}

fn conditional<'s>(p: &Parts<'s>) -> P<'s, Expr> {
    let (cond, block) = (condition(p), p.block.clone());
    let rest = recursive(|rest: Recursive<dyn Parser<'s, In<'s>, Expr, Ex<'s>> + 's>| {
        let chained = choice((tok(Kind::Else).then(tok(Kind::If)).ignored(), elif())).ignore_then(rest);
        let last = tok(Kind::Else).ignore_then(block.clone());
        cond.then(block.clone()).then(choice((chained, last)).or_not()).map_with(|((cond, then), otherwise), e| {
            expr(span_of(e), ExprKind::If { cond: Box::new(cond), then, otherwise })
        })
    });
    tok(Kind::If).ignore_then(rest).map_with(|e2, e| Expr { span: span_of(e), ..e2 }).boxed()
}

fn no_arm(span: Span) -> Arm {
    let pattern = Pattern { span, kind: PatternKind::Error };
    Arm { pattern, guard: None, body: expr(span, ExprKind::Error) }
}

/// `→`, or `⇒`, which other languages write there.
fn arrow<'s>(place: &'static str) -> impl Parser<'s, In<'s>, (), Ex<'s>> + Clone {
    custom(move |inp: &mut Inp<'s, '_>| {
        let at = *inp.cursor().inner();
        let state = inp.state();
        match state.kind(at) {
            Kind::Arrow => {}
            Kind::Send => {
                let token = state.tokens[at];
                state.say(say::fat_arrow::fat_arrow(token.span, token.text(state.source), place));
            }
            _ => {
                state.miss(at, only(Kind::Arrow), 0);
                return Err(EmptyErr::default());
            }
        }
        inp.skip();
        Ok(())
    })
}

/// The end of an arm; a comma is a habit of other languages.
fn arm_end<'s>() -> impl Parser<'s, In<'s>, (), Ex<'s>> + Clone {
    custom(|inp: &mut Inp<'s, '_>| {
        let at = *inp.cursor().inner();
        let state = inp.state();
        let (here, next) = (state.kind(at), state.kind(at + 1));
        if here == Kind::Comma {
            let span = state.tokens[at].span;
            let joined = !state
                .tokens
                .get(at + 1)
                .is_some_and(|t| t.line_start() || t.kind == Kind::RBrace || t.kind == Kind::Sep);
            state.say(say::arm_comma::arm_comma(span, joined));
            inp.skip();
            if next == Kind::Sep {
                inp.skip();
            }
            return Ok(());
        }
        if here == Kind::Sep {
            inp.skip();
            return Ok(());
        }
        state.miss(at, only(Kind::Sep), 0);
        Err(EmptyErr::default())
    })
}

fn arm_ends(state: &State, at: usize) -> bool {
    at_end(state, at) || state.kind(at) == Kind::Comma
}

fn matching<'s>(p: &Parts<'s>) -> P<'s, Expr> {
    let guard = tok(Kind::If).ignore_then(p.expr.clone()).or_not();
    let arm = p
        .pattern
        .clone()
        .then(guard)
        .then_ignore(arrow("an arm of `match`"))
        .then(arm_body(p.expr.clone()))
        .map(|((pattern, guard), body)| Arm { pattern, guard, body });
    let arm = recovering(arm.boxed(), arm_ends, KindSet::of(&[Kind::Sep, Kind::RBrace]), no_arm);
    let arms = arm.separated_by(arm_end()).allow_trailing().collect::<Vec<_>>();
    tok(Kind::Match)
        .ignore_then(p.expr.clone())
        .then(arms.delimited_by(tok(Kind::LBrace), tok(Kind::RBrace)))
        .map_with(|(value, arms), e| expr(span_of(e), ExprKind::Match(value, arms)))
        .boxed()
}

fn loops<'s>(p: &Parts<'s>) -> [(KindSet, P<'s, Expr>); 3] {
    let forever =
        tok(Kind::Loop).ignore_then(p.block.clone()).map_with(|body, e| expr(span_of(e), ExprKind::Loop(body)));
    let while_true = tok(Kind::While)
        .ignore_then(condition(p))
        .then(p.block.clone())
        .map_with(|(cond, body), e| expr(span_of(e), ExprKind::While(Box::new(cond), body)));
    let for_each = tok(Kind::For)
        .ignore_then(p.pattern.clone())
        .then_ignore(tok(Kind::In))
        .then(p.expr.clone())
        .then(p.block.clone())
        .map_with(|((pattern, iterable), body), e| {
            expr(span_of(e), ExprKind::For { pattern: Box::new(pattern), iterable, body })
        });
    [(only(Kind::Loop), forever.boxed()), (only(Kind::While), while_true.boxed()), (only(Kind::For), for_each.boxed())]
}

fn lambda<'s>(p: &Parts<'s>) -> P<'s, Expr> {
    let typed = p.parameter.clone().then_ignore(tok(Kind::Colon)).then(p.ty.clone());
    let typed = typed
        .delimited_by(tok(Kind::LParen), tok(Kind::RParen))
        .map(|(pattern, ty)| LambdaParam { pattern, ty: Some(ty) });
    let plain = p.parameter.clone().map(|pattern| LambdaParam { pattern, ty: None });
    tok(Kind::Lambda)
        .ignore_then(choice((typed, plain)).repeated().collect::<Vec<_>>())
        .then_ignore(arrow("a function value"))
        .then(p.expr.clone())
        .map_with(|(params, body), e| expr(span_of(e), ExprKind::Lambda { params, body }))
        .boxed()
}

/// `⊙ first { … }`, `⊙ best(f) { … }`
fn collapse<'s>(p: &Parts<'s>) -> P<'s, Expr> {
    tok(Kind::Collapse)
        .ignore_then(name())
        .then(arguments(p.expr.clone()).or_not())
        .then(p.block.clone())
        .map_with(|((mode, args), body), e| expr(span_of(e), ExprKind::Collapse(mode, args.unwrap_or_default(), body)))
        .boxed()
}

/// A keyword or sign and an expression.
fn led<'s>(kind: Kind, e: P<'s, Expr>, make: fn(Expr) -> ExprKind) -> (KindSet, P<'s, Expr>) {
    let parser = tok(kind).ignore_then(e).map_with(move |inner, e| expr(span_of(e), make(inner)));
    (only(kind), parser.boxed())
}

fn returning<'s>(e: P<'s, Expr>) -> P<'s, Expr> {
    const ENDS: KindSet = KindSet::of(&[
        Kind::Sep,
        Kind::RBrace,
        Kind::Eof,
        Kind::RParen,
        Kind::RBracket,
        Kind::Comma,
        Kind::InterpClose,
        Kind::Else,
    ]);
    let value = custom(move |inp: &mut Inp<'s, '_>| {
        let at = *inp.cursor().inner();
        if ENDS.has(inp.state().kind(at)) { Ok(None) } else { inp.parse(&e).map(Some) }
    });
    tok(Kind::Return).ignore_then(value).map_with(|value, e| expr(span_of(e), ExprKind::Return(value))).boxed()
}

fn atoms<'s>(p: &Parts<'s>) -> P<'s, Expr> {
    let e = &p.expr;
    let mut rows = vec![
        (SIMPLE, one_of_set(SIMPLE).map_with(literal).boxed()),
        (only(Kind::TextOpen), interpolated(e.clone())),
        (only(Kind::LParen), tuple(e.clone())),
        (only(Kind::LBracket), list_or_map(e.clone())),
        (only(Kind::LBrace), p.block.clone()),
        (only(Kind::OpenQuote), quote(e.clone())),
        (only(Kind::Dollar), unquote(e.clone())),
        (only(Kind::Lambda), lambda(p)),
        (only(Kind::If), conditional(p)),
        (only(Kind::Match), matching(p)),
        (only(Kind::Return), returning(e.clone())),
        (only(Kind::Collapse), collapse(p)),
        led(Kind::Spawn, message(e.clone()), ExprKind::Spawn),
        led(Kind::Expect, e.clone(), ExprKind::Expect),
        led(Kind::Branch, e.clone(), ExprKind::Branch),
        led(Kind::Require, e.clone(), ExprKind::Require),
        led(Kind::Save, e.clone(), ExprKind::Save),
    ];
    rows.extend(loops(p));
    dispatch(Some(Category::Expression), rows).boxed()
}

/// An expression.
pub(crate) fn expression<'s>() -> P<'s, Expr> {
    recursive(|e: Recursive<dyn Parser<'s, In<'s>, Expr, Ex<'s>> + 's>| {
        let e = e.boxed();
        let ty = types::type_expr();
        let (pattern, parameter) = pattern::patterns(e.clone());
        let block = block(e.clone(), pattern.clone(), ty.clone());
        let parts = Parts { expr: e.clone(), block, pattern, parameter, ty };
        let operand = atoms(&parts).foldl(suffix(e).repeated(), with_suffix);
        operators(operand.boxed())
    })
    .boxed()
}
