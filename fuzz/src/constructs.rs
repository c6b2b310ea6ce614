//! What of the language is in a program: the columns of the coverage table.
//!
//! The tree is walked with matches that name every kind of node, so that a construct that is added to the
//! language has to be given a name here, and then a program that contains it.

use std::collections::BTreeSet;

use codex_syntax::ast::{
    Arg, Arm, BinaryOp, Block, Cond, Expr, ExprKind, Function, Item, ItemKind, ListItem, Module, Pattern, PatternKind,
    StmtKind, TextPart, TypeBody, TypeExpr, TypeExprKind,
};

/// Every construct that random programs have to contain.
pub const ALL: &[&str] = &[
    "alias",
    "alias with parameter",
    "annotated let",
    "argument, labelled",
    "argument, pun",
    "argument, spread",
    "block with value",
    "break",
    "call",
    "compound assignment",
    "constant",
    "constructor",
    "continue",
    "doc comment",
    "field",
    "float",
    "for",
    "function of an expression",
    "function without result type",
    "generic function",
    "generic type",
    "if",
    "if let",
    "if without else",
    "index",
    "int",
    "interpolation",
    "item of a module",
    "lambda",
    "lambda called at once",
    "lambda of several parameters",
    "lambda with pattern",
    "lambda with type",
    "let-else",
    "list",
    "list spread",
    "loop",
    "map",
    "match",
    "match guard",
    "operator ++",
    "operator %",
    "operator +",
    "operator -",
    "operator <",
    "operator >",
    "operator ^",
    "operator ×",
    "operator ÷",
    "operator ∈",
    "operator ∉",
    "operator ∧",
    "operator ∨",
    "operator ≠",
    "operator ≡",
    "operator ≤",
    "operator ≥",
    "operator -x",
    "operator ¬",
    "parameter without type",
    "pattern, as",
    "pattern, bool",
    "pattern, float",
    "pattern, int",
    "pattern, list",
    "pattern, list rest",
    "pattern, list rest with name",
    "pattern, name",
    "pattern, or",
    "pattern, pun",
    "pattern, range",
    "pattern, rest of fields",
    "pattern, text",
    "pattern, tuple",
    "pattern, variant",
    "pattern, wildcard",
    "pipe",
    "place in a field",
    "place in an element",
    "place several levels deep",
    "range",
    "record",
    "return",
    "text",
    "try",
    "tuple",
    "type of a function",
    "type variable",
    "unit",
    "var",
    "variants",
    "variants with labels",
    "while",
    "while let",
    "≔",
];

/// What this module does not ask for, and why.
pub const LEFT_OUT: &[(&str, &str)] = &[
    ("test, expect", "only in builds for `codexc test`"),
    ("import", "a program of several files"),
    ("container, rules, spawn, send, ask, quote, unquote, branch, require, collapse, save", "not in the language yet"),
    ("_ as an expression or type, Error", "what is written by mistake, or to be inferred"),
];

/// The constructs in a program.
pub fn of(module: &Module) -> BTreeSet<&'static str> {
    let mut walk = Walk { found: BTreeSet::new() };
    module.items.iter().for_each(|i| walk.item(i));
    walk.found
}

struct Walk {
    found: BTreeSet<&'static str>,
}

impl Walk {
    fn is(&mut self, name: &'static str) {
        debug_assert!(ALL.contains(&name), "{name} is not in the list");
        self.found.insert(name);
    }

    fn when(&mut self, holds: bool, name: &'static str) {
        if holds {
            self.is(name);
        }
    }

    fn item(&mut self, item: &Item) {
        self.when(item.doc.is_some(), "doc comment");
        match &item.kind {
            ItemKind::Function(f) => self.function(f),
            ItemKind::Type(decl) => {
                self.when(!decl.params.is_empty(), "generic type");
                match &decl.body {
                    TypeBody::Record(fields) => {
                        self.is("record");
                        fields.iter().for_each(|f| self.ty(&f.ty));
                    }
                    TypeBody::Variants(variants) => {
                        self.is("variants");
                        for field in variants.iter().flat_map(|v| &v.fields) {
                            self.when(field.label.is_some(), "variants with labels");
                            self.ty(&field.ty);
                        }
                    }
                    TypeBody::Alias(t) => {
                        self.is(if decl.params.is_empty() { "alias" } else { "alias with parameter" });
                        self.ty(t);
                    }
                }
            }
            ItemKind::Const(c) => {
                self.is("constant");
                c.ty.iter().for_each(|t| self.ty(t));
                self.expr(&c.value);
            }
            ItemKind::Import(_) | ItemKind::Test(_) | ItemKind::Container(_) | ItemKind::Rules(_) | ItemKind::Error => {
            }
        }
    }

    fn function(&mut self, f: &Function) {
        self.when(f.result.is_none() && f.name.name.as_str() != "main", "function without result type");
        self.when(!matches!(*f.body.kind, ExprKind::Block(_)), "function of an expression");
        let variable = |t: &TypeExpr| matches!(t.kind, TypeExprKind::Var(_));
        self.when(f.params.iter().filter_map(|p| p.ty.as_ref()).any(variable), "generic function");
        self.when(f.params.iter().any(|p| p.ty.is_none()), "parameter without type");
        f.params.iter().filter_map(|p| p.ty.as_ref()).chain(&f.result).for_each(|t| self.ty(t));
        self.expr(&f.body);
    }

    fn ty(&mut self, t: &TypeExpr) {
        match &t.kind {
            TypeExprKind::Named { args, .. } => args.iter().for_each(|t| self.ty(t)),
            TypeExprKind::Var(_) => self.is("type variable"),
            TypeExprKind::Fn(params, result) => {
                self.is("type of a function");
                params.iter().for_each(|t| self.ty(t));
                self.ty(result);
            }
            TypeExprKind::Tuple(parts) => parts.iter().for_each(|t| self.ty(t)),
            TypeExprKind::Hole | TypeExprKind::Error => {}
        }
    }

    fn exprs<'e>(&mut self, all: impl IntoIterator<Item = &'e Expr>) {
        all.into_iter().for_each(|e| self.expr(e));
    }

    fn expr(&mut self, e: &Expr) {
        match &*e.kind {
            ExprKind::Int(_) => self.is("int"),
            ExprKind::Float(_) => self.is("float"),
            ExprKind::Text(parts) => {
                self.is("text");
                for part in parts {
                    if let TextPart::Expr(e) = part {
                        self.is("interpolation");
                        self.expr(e);
                    }
                }
            }
            ExprKind::Upper(_) => self.is("constructor"),
            ExprKind::Field(of, _) => {
                self.is("field");
                self.expr(of);
            }
            ExprKind::Call(f, args) => self.call(f, args),
            ExprKind::Index(xs, at) => {
                self.is("index");
                self.exprs([xs, at]);
            }
            ExprKind::Try(e) => self.under("try", e),
            ExprKind::Neg(e) => self.under("operator -x", e),
            ExprKind::Not(e) => self.under("operator ¬", e),
            ExprKind::Binary { op, left, right, .. } => {
                self.is(operator(*op));
                self.exprs([left, right]);
            }
            ExprKind::Pipe(a, b) => {
                self.is("pipe");
                self.exprs([a, b]);
            }
            ExprKind::Range { lo, hi, .. } => {
                self.is("range");
                self.exprs([lo, hi]);
            }
            ExprKind::List(items) => self.list(items),
            ExprKind::Map(entries) => {
                self.is("map");
                self.exprs(entries.iter().flat_map(|(k, v)| [k, v]));
            }
            ExprKind::Tuple(parts) => {
                self.is(if parts.is_empty() { "unit" } else { "tuple" });
                self.exprs(parts);
            }
            ExprKind::Lambda { params, body } => {
                self.is("lambda");
                self.when(params.len() > 1, "lambda of several parameters");
                for p in params {
                    self.when(!matches!(p.pattern.kind, PatternKind::Bind(_)), "lambda with pattern");
                    self.when(p.ty.is_some(), "lambda with type");
                }
                self.expr(body);
            }
            _ => self.control(e),
        }
    }

    fn under(&mut self, name: &'static str, e: &Expr) {
        self.is(name);
        self.expr(e);
    }

    fn call(&mut self, f: &Expr, args: &[Arg]) {
        self.is("call");
        self.when(matches!(*f.kind, ExprKind::Lambda { .. }), "lambda called at once");
        self.when(matches!(*f.kind, ExprKind::Field(..)), "item of a module");
        self.expr(f);
        for arg in args {
            match arg {
                Arg::Positional(e) => self.expr(e),
                Arg::Labelled(_, e) => self.under("argument, labelled", e),
                Arg::Pun(_) => self.is("argument, pun"),
                Arg::Spread(e) => self.under("argument, spread", e),
            }
        }
    }

    fn list(&mut self, items: &[ListItem]) {
        self.is("list");
        for item in items {
            match item {
                ListItem::Item(e) => self.expr(e),
                ListItem::Spread(e) => self.under("list spread", e),
            }
        }
    }

    fn control(&mut self, e: &Expr) {
        match &*e.kind {
            ExprKind::If { cond, then, otherwise } => {
                self.is("if");
                self.when(otherwise.is_none(), "if without else");
                self.cond(cond, "if let");
                self.exprs(std::iter::once(then).chain(otherwise));
            }
            ExprKind::Match(e, arms) => {
                self.under("match", e);
                arms.iter().for_each(|a| self.arm(a));
            }
            ExprKind::Block(block) => self.block(block),
            ExprKind::Loop(body) => self.under("loop", body),
            ExprKind::While(cond, body) => {
                self.is("while");
                self.cond(cond, "while let");
                self.expr(body);
            }
            ExprKind::For { pattern, iterable, body } => {
                self.is("for");
                self.pattern(pattern);
                self.exprs([iterable, body]);
            }
            ExprKind::Break => self.is("break"),
            ExprKind::Continue => self.is("continue"),
            ExprKind::Return(e) => {
                self.is("return");
                self.exprs(e);
            }
            // See LEFT_OUT; and names and `true` are everywhere.
            _ => {}
        }
    }

    fn cond(&mut self, cond: &Cond, with_let: &'static str) {
        match cond {
            Cond::Expr(e) => self.expr(e),
            Cond::Let(pattern, e) => {
                self.under(with_let, e);
                self.pattern(pattern);
            }
        }
    }

    fn arm(&mut self, arm: &Arm) {
        self.pattern(&arm.pattern);
        if let Some(guard) = &arm.guard {
            self.under("match guard", guard);
        }
        self.expr(&arm.body);
    }

    fn block(&mut self, block: &Block) {
        let has_value = block.stmts.last().is_some_and(|s| matches!(s.kind, StmtKind::Expr(_)));
        self.when(has_value && block.stmts.len() > 1, "block with value");
        for stmt in &block.stmts {
            match &stmt.kind {
                StmtKind::Let { pattern, ty, value, otherwise } => {
                    self.when(ty.is_some(), "annotated let");
                    self.when(otherwise.is_some(), "let-else");
                    ty.iter().for_each(|t| self.ty(t));
                    self.pattern(pattern);
                    self.exprs(std::iter::once(value).chain(otherwise));
                }
                StmtKind::Var { ty, value, .. } => {
                    ty.iter().for_each(|t| self.ty(t));
                    self.under("var", value);
                }
                StmtKind::Assign { place, op, value, .. } => {
                    self.is(if op.is_some() { "compound assignment" } else { "≔" });
                    self.place(place);
                    self.expr(value);
                }
                StmtKind::Expr(e) => self.expr(e),
                StmtKind::Error => {}
            }
        }
    }

    fn place(&mut self, place: &Expr) {
        let inner = match &*place.kind {
            ExprKind::Field(inner, _) => {
                self.is("place in a field");
                inner
            }
            ExprKind::Index(inner, at) => {
                self.under("place in an element", at);
                inner
            }
            _ => return,
        };
        self.when(!matches!(*inner.kind, ExprKind::Name(_)), "place several levels deep");
        self.place(inner);
    }

    fn pattern(&mut self, p: &Pattern) {
        match &p.kind {
            PatternKind::Any => self.is("pattern, wildcard"),
            PatternKind::Bind(_) => self.is("pattern, name"),
            PatternKind::As(_, inner) => {
                self.is("pattern, as");
                self.pattern(inner);
            }
            PatternKind::Int(_) => self.is("pattern, int"),
            PatternKind::Float(_) => self.is("pattern, float"),
            PatternKind::Bool(_) => self.is("pattern, bool"),
            PatternKind::Text(_) => self.is("pattern, text"),
            PatternKind::Range { .. } => self.is("pattern, range"),
            PatternKind::Variant { fields, rest, .. } => {
                self.is("pattern, variant");
                self.when(*rest, "pattern, rest of fields");
                for (label, inner) in fields {
                    let pun = matches!((label, &inner.kind), (Some(l), PatternKind::Bind(n)) if l.name == n.name);
                    self.when(pun, "pattern, pun");
                    self.pattern(inner);
                }
            }
            PatternKind::List { before, rest, after } => {
                self.is("pattern, list");
                self.when(rest.is_some(), "pattern, list rest");
                self.when(matches!(rest, Some(Some(_))), "pattern, list rest with name");
                before.iter().chain(after).for_each(|p| self.pattern(p));
            }
            PatternKind::Tuple(parts) => {
                self.is("pattern, tuple");
                parts.iter().for_each(|p| self.pattern(p));
            }
            PatternKind::Or(all) => {
                self.is("pattern, or");
                all.iter().for_each(|p| self.pattern(p));
            }
            PatternKind::Quote(_) | PatternKind::Error => {}
        }
    }
}

fn operator(op: BinaryOp) -> &'static str {
    match op {
        BinaryOp::Add => "operator +",
        BinaryOp::Sub => "operator -",
        BinaryOp::Mul => "operator ×",
        BinaryOp::Div => "operator ÷",
        BinaryOp::Rem => "operator %",
        BinaryOp::Pow => "operator ^",
        BinaryOp::Concat => "operator ++",
        BinaryOp::Equal => "operator ≡",
        BinaryOp::NotEqual => "operator ≠",
        BinaryOp::Less => "operator <",
        BinaryOp::LessEqual => "operator ≤",
        BinaryOp::Greater => "operator >",
        BinaryOp::GreaterEqual => "operator ≥",
        BinaryOp::In => "operator ∈",
        BinaryOp::NotIn => "operator ∉",
        BinaryOp::And => "operator ∧",
        BinaryOp::Or => "operator ∨",
    }
}
