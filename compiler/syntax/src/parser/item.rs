//! Items, and the module.

use chumsky::error::EmptyErr;
use chumsky::prelude::*;
use codex_diagnostics::Span;
use codex_diagnostics::catalog as say;

use super::statement::{annotation, at_end, block, definition};
use super::{
    Category, Inp, P, State, dispatch, expression, ident, listed, name, one_of_set, pattern, recovering, recovering_at,
    span_of, tok, types, upper,
};
use crate::ast::{
    Const, Container, Doc, Expr, FieldDecl, Function, Handler, Ident, Import, Item, ItemKind, Module, Param, Pattern,
    Rules, Stmt, Test, TypeBody, TypeDecl, TypeExpr, VariantDecl,
};
use crate::text;
use crate::token::{Kind, KindSet, Token};

const fn only(kind: Kind) -> KindSet {
    KindSet::of(&[kind])
}

#[derive(Clone)]
struct Parts<'s> {
    expr: P<'s, Expr>,
    block: P<'s, Expr>,
    pattern: P<'s, Pattern>,
    ty: P<'s, TypeExpr>,
}

/// The text of a doc comment: each line without its marker and one space.
fn doc_text(source: &str, token: Token) -> Doc {
    let lines: Vec<&str> = token
        .text(source)
        .lines()
        .map(|line| {
            let line = line.trim().trim_start_matches('/');
            line.strip_prefix(' ').unwrap_or(line)
        })
        .collect();
    Doc { text: lines.join("\n"), span: token.span }
}

fn doc<'s>() -> P<'s, Option<Doc>> {
    tok(Kind::Doc).map_with(|t, e| doc_text(e.state().source, t)).or_not().boxed()
}

fn params<'s>(ty: P<'s, TypeExpr>) -> P<'s, Vec<Param>> {
    let hole = tok(Kind::Underscore).map(|t| Ident { name: crate::Symbol::new("_"), span: t.span });
    let param = choice((name(), hole)).then(annotation(ty)).map(|(name, ty)| Param { name, ty });
    listed(Kind::LParen, param.boxed(), Kind::RParen).boxed()
}

/// `→ T`; `: T` is a habit of other languages.
fn result<'s>(ty: P<'s, TypeExpr>) -> P<'s, Option<TypeExpr>> {
    let colon = custom(|inp: &mut Inp<'s, '_>| {
        let at = *inp.cursor().inner();
        let state = inp.state();
        let is_type = matches!(state.kind(at + 1), Kind::Upper | Kind::Name | Kind::LParen | Kind::Fn);
        if state.kind(at) == Kind::Colon && is_type && !state.tokens[at + 1].line_start() {
            let span = state.tokens[at].span;
            state.say(say::result_colon::result_colon(span));
            inp.skip();
            return Ok(());
        }
        Err(EmptyErr::default())
    });
    choice((tok(Kind::Arrow).ignored(), colon)).ignore_then(ty).or_not().boxed()
}

fn body<'s>(p: &Parts<'s>) -> P<'s, Expr> {
    let short = tok(Kind::Assign).ignore_then(p.expr.clone());
    choice((p.block.clone(), short)).boxed()
}

fn function<'s>(p: &Parts<'s>) -> P<'s, Function> {
    tok(Kind::Fn)
        .ignore_then(name())
        .then(params(p.ty.clone()))
        .then(result(p.ty.clone()))
        .then(body(p))
        .map(|(((name, params), result), body)| Function { name, params, result, body })
        .boxed()
}

fn import<'s>() -> P<'s, ItemKind> {
    let path = name().separated_by(tok(Kind::Dot)).at_least(1).collect::<Vec<_>>();
    let alias = tok(Kind::As).ignore_then(name()).or_not();
    let used = one_of_set(KindSet::of(&[Kind::Name, Kind::Upper])).map(ident);
    let names = tok(Kind::Colon).ignore_then(used.separated_by(tok(Kind::Comma)).at_least(1).collect::<Vec<_>>());
    tok(Kind::Import)
        .ignore_then(path)
        .then(alias)
        .then(names.or_not())
        .map(|((path, alias), names)| ItemKind::Import(Import { path, alias, names: names.unwrap_or_default() }))
        .boxed()
}

// ── Types ───────────────────────────────────────────────────────────────────────────────

fn fields<'s>(ty: P<'s, TypeExpr>) -> P<'s, Vec<FieldDecl>> {
    let field = custom(move |inp: &mut Inp<'s, '_>| {
        let at = *inp.cursor().inner();
        let state = inp.state();
        let mut label = None;
        if state.kind(at) == Kind::Name && state.kind(at + 1) == Kind::Colon {
            label = Some(ident(state.tokens[at]));
            inp.skip();
            inp.skip();
        }
        inp.parse(&ty).map(|ty| FieldDecl { label, ty, doc: None })
    });
    let documented = doc().then(field).map(|(doc, field)| FieldDecl { doc, ..field });
    listed(Kind::LParen, documented.boxed(), Kind::RParen).boxed()
}

/// One entry of a type's braces: a record's field or a variant.
enum Entry {
    Field(FieldDecl),
    Variant(VariantDecl),
    Error,
}

fn entry_ends(state: &State, at: usize) -> bool {
    at_end(state, at) || state.kind(at) == Kind::Comma
}

fn entries<'s>(ty: P<'s, TypeExpr>) -> P<'s, Vec<Entry>> {
    let field = name()
        .then_ignore(tok(Kind::Colon))
        .then(ty.clone())
        .map(|(label, ty)| Entry::Field(FieldDecl { label: Some(label), ty, doc: None }));
    let variant = upper()
        .then(fields(ty).or_not())
        .map(|(name, fields)| Entry::Variant(VariantDecl { name, fields: fields.unwrap_or_default(), doc: None }));
    let entry = dispatch(None, vec![(only(Kind::Name), field.boxed()), (only(Kind::Upper), variant.boxed())]);
    let documented = doc().then(entry).map(|(doc, entry)| match entry {
        Entry::Field(f) => Entry::Field(FieldDecl { doc, ..f }),
        Entry::Variant(v) => Entry::Variant(VariantDecl { doc, ..v }),
        Entry::Error => Entry::Error,
    });
    let expected = KindSet::of(&[Kind::Sep, Kind::Comma, Kind::RBrace]);
    let entry = recovering(documented.boxed(), entry_ends, expected, |_| Entry::Error);
    let between = tok(Kind::Comma).then(tok(Kind::Sep).or_not()).ignored();
    let between = choice((between, tok(Kind::Sep).ignored()));
    entry
        .separated_by(between)
        .allow_trailing()
        .collect::<Vec<_>>()
        .delimited_by(tok(Kind::LBrace), tok(Kind::RBrace))
        .boxed()
}

fn type_body(entries: Vec<Entry>, span: Span, state: &mut State) -> TypeBody {
    let (mut fields, mut variants) = (Vec::new(), Vec::new());
    for entry in entries {
        match entry {
            Entry::Field(f) => fields.push(f),
            Entry::Variant(v) => variants.push(v),
            Entry::Error => {}
        }
    }
    match (fields.is_empty(), variants.is_empty()) {
        (false, true) => TypeBody::Record(fields),
        (true, _) => TypeBody::Variants(variants),
        (false, false) => {
            state.say(say::mixed_type::mixed_type(span, variants[0].name.span));
            TypeBody::Variants(variants)
        }
    }
}

fn type_decl<'s>(p: &Parts<'s>) -> P<'s, ItemKind> {
    let variables = listed(Kind::LBracket, name().boxed(), Kind::RBracket).or_not();
    let alias = tok(Kind::Assign).ignore_then(p.ty.clone()).map(TypeBody::Alias);
    let braces = entries(p.ty.clone()).map_with(|list, e| {
        let span = span_of(e);
        type_body(list, span, e.state())
    });
    tok(Kind::Type)
        .ignore_then(upper())
        .then(variables)
        .then(choice((alias, braces)))
        .map(|((name, params), body)| ItemKind::Type(TypeDecl { name, params: params.unwrap_or_default(), body }))
        .boxed()
}

// ── Containers, rules, tests, constants ─────────────────────────────────────────────────

enum Member {
    State(Stmt),
    Handler(Handler),
    Function(Item),
    Error,
}

fn handler<'s>(p: &Parts<'s>) -> P<'s, Handler> {
    tok(Kind::On)
        .ignore_then(one_of_set(KindSet::of(&[Kind::Name, Kind::Upper])).map(ident))
        .then(params(p.ty.clone()))
        .then(result(p.ty.clone()))
        .then(body(p))
        .map(|(((name, params), result), body)| Handler { name, params, result, body, doc: None })
        .boxed()
}

fn members<'s>(p: &Parts<'s>) -> P<'s, Vec<Member>> {
    let state = definition(p.expr.clone(), p.block.clone(), p.pattern.clone(), p.ty.clone()).map(Member::State);
    let helper = tok(Kind::Pub).or_not().then(function(p)).map_with(|(public, f), e| {
        let kind = ItemKind::Function(f);
        Member::Function(Item { public: public.is_some(), doc: None, span: span_of(e), kind })
    });
    let rows = vec![
        (KindSet::of(&[Kind::Let, Kind::Var]), state.boxed()),
        (only(Kind::On), handler(p).map(Member::Handler).boxed()),
        (KindSet::of(&[Kind::Fn, Kind::Pub]), helper.boxed()),
    ];
    let member = doc().then(dispatch(Some(Category::Member), rows)).map(|(doc, member)| match member {
        Member::Handler(h) => Member::Handler(Handler { doc, ..h }),
        Member::Function(f) => Member::Function(Item { doc, ..f }),
        member => member,
    });
    let expected = KindSet::of(&[Kind::Sep, Kind::RBrace]);
    recovering(member.boxed(), at_end, expected, |_| Member::Error)
        .separated_by(tok(Kind::Sep))
        .collect::<Vec<_>>()
        .delimited_by(tok(Kind::LBrace), tok(Kind::RBrace))
        .boxed()
}

fn container<'s>(p: &Parts<'s>) -> P<'s, ItemKind> {
    tok(Kind::Container)
        .ignore_then(upper())
        .then(params(p.ty.clone()).or_not())
        .then(members(p))
        .map(|((name, params), members)| {
            let params = params.unwrap_or_default();
            let mut c = Container { name, params, state: Vec::new(), handlers: Vec::new(), functions: Vec::new() };
            for member in members {
                match member {
                    Member::State(s) => c.state.push(s),
                    Member::Handler(h) => c.handlers.push(h),
                    Member::Function(f) => c.functions.push(f),
                    Member::Error => {}
                }
            }
            ItemKind::Container(c)
        })
        .boxed()
}

fn rules<'s>(p: &Parts<'s>) -> P<'s, ItemKind> {
    let guard = tok(Kind::If).ignore_then(p.expr.clone()).or_not();
    let rule =
        p.expr.clone().then_ignore(tok(Kind::Rewrite)).then(p.expr.clone()).then(guard).map(|((l, r), c)| (l, r, c));
    tok(Kind::Rules)
        .ignore_then(name())
        .then(rule.separated_by(tok(Kind::Sep)).collect::<Vec<_>>().delimited_by(tok(Kind::LBrace), tok(Kind::RBrace)))
        .map(|(name, rules)| ItemKind::Rules(Rules { name, rules }))
        .boxed()
}

fn test<'s>(p: &Parts<'s>) -> P<'s, ItemKind> {
    tok(Kind::Test)
        .ignore_then(tok(Kind::Text))
        .then(p.block.clone())
        .map_with(|(name, body), e| {
            let value = text::value(e.state().source, &name);
            ItemKind::Test(Test { name: value, name_span: name.span, body })
        })
        .boxed()
}

fn constant<'s>(p: &Parts<'s>) -> P<'s, ItemKind> {
    tok(Kind::Let)
        .ignore_then(name())
        .then(annotation(p.ty.clone()))
        .then_ignore(tok(Kind::Assign))
        .then(p.expr.clone())
        .map(|((name, ty), value)| ItemKind::Const(Const { name, ty, value }))
        .boxed()
}

// ── The module ──────────────────────────────────────────────────────────────────────────

const STARTS: KindSet = KindSet::of(&[
    Kind::Fn,
    Kind::Type,
    Kind::Let,
    Kind::Pub,
    Kind::Import,
    Kind::Container,
    Kind::Rules,
    Kind::Test,
    Kind::Doc,
    Kind::ModuleDoc,
]);

/// Where the next item can be gone on with: at a separator before something that begins an item.
fn item_ends(state: &State, at: usize) -> bool {
    match state.kind(at) {
        Kind::Eof => true,
        Kind::Sep => STARTS.has(state.kind(at + 1)),
        _ => false,
    }
}

fn no_item(span: Span) -> Item {
    Item { public: false, doc: None, span, kind: ItemKind::Error }
}

fn item<'s>(p: &Parts<'s>) -> P<'s, Item> {
    let rows = vec![
        (only(Kind::Fn), function(p).map(ItemKind::Function).boxed()),
        (only(Kind::Type), type_decl(p)),
        (only(Kind::Let), constant(p)),
        (only(Kind::Import), import()),
        (only(Kind::Container), container(p)),
        (only(Kind::Rules), rules(p)),
        (only(Kind::Test), test(p)),
    ];
    let bare = tok(Kind::Pub).or_not().then(dispatch(Some(Category::Item), rows)).map_with(|(public, kind), e| Item {
        public: public.is_some(),
        doc: None,
        span: span_of(e),
        kind,
    });
    let item = doc().then(bare).map(|(doc, item)| Item { doc, ..item });
    let line_ends = |state: &State, at: usize| matches!(state.kind(at), Kind::Sep | Kind::Eof);
    recovering_at(item.boxed(), line_ends, item_ends, KindSet::of(&[Kind::Sep, Kind::Eof]), no_item).boxed()
}

/// A whole file.
pub(crate) fn module<'s>() -> P<'s, Module> {
    let expr = expression::expression();
    let ty = types::type_expr();
    let (pattern, _) = pattern::patterns(expr.clone());
    let block = block(expr.clone(), pattern.clone(), ty.clone());
    let parts = Parts { expr, block, pattern, ty };
    let head = tok(Kind::ModuleDoc).map_with(|t, e| doc_text(e.state().source, t)).then_ignore(tok(Kind::Sep).or_not());
    head.or_not()
        .then(item(&parts).separated_by(tok(Kind::Sep)).collect::<Vec<_>>())
        .then_ignore(tok(Kind::Eof))
        .map(|(doc, items)| Module { doc, items })
        .boxed()
}
