//! Expressions: which rule is for which kind.

use codex_diagnostics::Span;
use codex_diagnostics::catalog::{ask_wanted, expected_value, thoughts_later, trees_later};
use codex_syntax::ast::{self, Ident, TextPart};

use super::{Infer, Want, Why};
use crate::arena;
use crate::constraint::Mask;
use crate::typed::{self, Expect, ExprKind, LocalId, Ty};
use crate::world::{ValueId, ValueKind};

impl<'a> Infer<'_, 'a> {
    /// Infers an expression that must be what is wanted; a mismatch is reported here or further down.
    pub(crate) fn expr(&mut self, e: &'a ast::Expr, want: Want) -> typed::Expr {
        let span = e.span;
        match &*e.kind {
            ast::ExprKind::Int(n) => self.leaf(ExprKind::Int(*n), arena::INT, span, want),
            ast::ExprKind::Float(x) => self.leaf(ExprKind::Float(*x), arena::FLOAT, span, want),
            ast::ExprKind::Bool(b) => self.leaf(ExprKind::Bool(*b), arena::BOOL, span, want),
            ast::ExprKind::Text(parts) => self.text(parts, span, want),
            ast::ExprKind::Name(name) => self.name(*name, span, want),
            ast::ExprKind::Upper(name) => self.constructor_value(None, *name, span, want),
            ast::ExprKind::Hole => self.hole(span, want),
            ast::ExprKind::Field(base, field) => self.field(base, *field, span, want),
            ast::ExprKind::Call(callee, args) => self.call(callee, None, args, span, want),
            ast::ExprKind::Pipe(left, right) => self.pipe(left, right, span, want),
            ast::ExprKind::Index(base, index) => self.index(base, index, span, want),
            ast::ExprKind::Try(inner) => {
                let inner = self.expr(inner, Want::ANY);
                self.try_value(inner, span, want)
            }
            ast::ExprKind::Neg(inner) => self.negate(inner, span, want),
            ast::ExprKind::Not(inner) => {
                let inner = self.expr(inner, Want::is(arena::BOOL, Why::Condition));
                self.leaf(ExprKind::Not(inner), arena::BOOL, span, want)
            }
            ast::ExprKind::Binary { op, op_span, left, right } => self.binary(*op, *op_span, (left, right), span, want),
            ast::ExprKind::Range { lo, hi, inclusive } => self.range(lo, hi, *inclusive, span, want),
            ast::ExprKind::List(items) => self.list(items, span, want),
            ast::ExprKind::Map(pairs) => self.map(pairs, span, want),
            ast::ExprKind::Tuple(items) => self.tuple(items, span, want),
            ast::ExprKind::Lambda { params, body } => self.lambda(e, params, body, want),
            ast::ExprKind::Error => self.error_expr(span),
            kind => self.control(kind, span, want),
        }
    }

    fn control(&mut self, kind: &'a ast::ExprKind, span: Span, want: Want) -> typed::Expr {
        match kind {
            ast::ExprKind::If { cond, then, otherwise } => self.if_(cond, then, otherwise.as_ref(), span, want),
            ast::ExprKind::Match(value, arms) => self.match_(value, arms, span, want),
            ast::ExprKind::Block(block) => self.block(block, span, want),
            ast::ExprKind::Loop(body) => self.loop_(body, span, want),
            ast::ExprKind::While(cond, body) => self.while_(cond, body, span, want),
            ast::ExprKind::For { pattern, iterable, body } => self.for_(pattern, iterable, body, span, want),
            ast::ExprKind::Break => self.jump(ExprKind::Break, span),
            ast::ExprKind::Continue => self.jump(ExprKind::Continue, span),
            ast::ExprKind::Return(value) => self.return_(value.as_ref(), span),
            ast::ExprKind::Expect(cond) => {
                let expect = self.expectation(cond, span);
                self.finish(expect, want)
            }
            ast::ExprKind::Spawn(spawned) => self.spawn(spawned, span, want),
            ast::ExprKind::Send(link, message) => self.deliver(link, message, false, span, want),
            ast::ExprKind::Ask(link, message) => self.deliver(link, message, true, span, want),
            ast::ExprKind::Save(name) => self.savepoint(name, span, want),
            ast::ExprKind::Quote(_) | ast::ExprKind::Unquote(_) => {
                self.later("trees", span, |s| trees_later::later(s, "quoted trees"))
            }
            ast::ExprKind::Branch(_) | ast::ExprKind::Require(_) | ast::ExprKind::Collapse(..) => {
                self.later("thoughts", span, thoughts_later::later)
            }
            _ => self.error_expr(span),
        }
    }

    /// Syntax that is kept for later: reported once for each kind and file.
    pub(crate) fn later(
        &mut self,
        kind: &'static str,
        span: Span,
        diagnostic: impl FnOnce(Span) -> codex_diagnostics::Diagnostic,
    ) -> typed::Expr {
        if self.reserved.insert((span.file, kind)) {
            self.report(diagnostic(span));
        }
        self.error_expr(span)
    }

    /// An expression that has its type already.
    pub(crate) fn leaf(&mut self, kind: ExprKind, ty: Ty, span: Span, want: Want) -> typed::Expr {
        let expr = self.make(kind, ty, span);
        self.finish(expr, want)
    }

    /// Compares what was found with what is wanted.
    pub(crate) fn finish(&mut self, expr: typed::Expr, want: Want) -> typed::Expr {
        if want.drop {
            return self.dropped(expr);
        }
        let Some(ty) = want.ty else { return expr };
        let mut expr = expr;
        if !self.expect_type(ty, &expr, want.why) {
            // What follows goes by what was wanted.
            expr.ty = ty;
        }
        expr
    }

    /// A value that nothing uses: evaluated, then `()`.
    fn dropped(&mut self, expr: typed::Expr) -> typed::Expr {
        if expr.ty == arena::NEVER || self.arena.is_unit(expr.ty) {
            return expr;
        }
        let span = expr.span;
        self.make(ExprKind::Block(vec![typed::Stmt::Expr(expr)], None), arena::UNIT, span)
    }

    /// Whether the expression has this type; if not, that is reported.
    pub(crate) fn expect_type(&mut self, ty: Ty, found: &typed::Expr, why: Why) -> bool {
        match self.arena.unify(ty, found.ty) {
            Ok(()) => true,
            Err(clash) => {
                self.report_mismatch(ty, found, why, clash);
                false
            }
        }
    }

    fn hole(&mut self, span: Span, want: Want) -> typed::Expr {
        let ty = want.ty.map(|t| self.show(t)).filter(|t| t != "_");
        self.report(expected_value::hole(span, ty.as_deref()));
        self.error_expr(span)
    }

    fn text(&mut self, parts: &'a [TextPart], span: Span, want: Want) -> typed::Expr {
        let mut joined = Vec::with_capacity(parts.len());
        let mut plain = true;
        for part in parts {
            joined.push(match part {
                TextPart::Chars(chars) => self.make(ExprKind::Text(chars.clone()), arena::TEXT, span),
                TextPart::Expr(e) => {
                    plain = false;
                    let value = self.expr(e, Want::ANY);
                    self.demand(&value, Mask::PRINTABLE, value.span);
                    let at = value.span;
                    self.make(ExprKind::Show(value), arena::TEXT, at)
                }
            });
        }
        if plain && joined.len() <= 1 {
            let text = joined.pop().unwrap_or_else(|| self.make(ExprKind::Text(String::new()), arena::TEXT, span));
            return self.finish(text, want);
        }
        self.leaf(ExprKind::Join(joined), arena::TEXT, span, want)
    }

    /// The type of the expression must meet these demands.
    pub(crate) fn demand(&mut self, expr: &typed::Expr, mask: Mask, why: Span) -> bool {
        match self.arena.demand(expr.ty, mask, Some(why)) {
            Ok(()) => true,
            Err(clash) => {
                self.report_unmet(expr, clash, why);
                false
            }
        }
    }

    /// A name alone.
    pub(crate) fn name(&mut self, name: Ident, span: Span, want: Want) -> typed::Expr {
        if let Some(local) = self.body.lookup(name.name) {
            let expr = self.local(local, span);
            return self.finish(expr, want);
        }
        let Some(value) = self.value_named(name.name) else {
            self.unknown_name(name);
            return self.error_expr(span);
        };
        let expr = self.value(value, span);
        self.finish(expr, want)
    }

    /// A local where it is used.
    pub(crate) fn local(&mut self, id: LocalId, span: Span) -> typed::Expr {
        self.body.locals[id.index()].read = true;
        if !self.capture(id, span) {
            return self.error_expr(span);
        }
        let ty = self.body.locals[id.index()].local.ty;
        self.make(ExprKind::Local(id), ty, span)
    }

    /// Notes that the λs around hold a local of the outside; a `var` cannot be held.
    pub(crate) fn capture(&mut self, id: LocalId, span: Span) -> bool {
        let info = &self.body.locals[id.index()];
        let (from, mutable) = (info.frame, info.local.mutable);
        let here = self.body.frames.len() - 1;
        if from >= here {
            return true;
        }
        if mutable {
            self.report_captured(id, span);
            return false;
        }
        for frame in &mut self.body.frames[from + 1..] {
            if !frame.captures.contains(&id) {
                frame.captures.push(id);
            }
        }
        true
    }

    /// A function or constant where it is used as a value.
    pub(crate) fn value(&mut self, id: ValueId, span: Span) -> typed::Expr {
        let Some(function) = self.world.function(id) else {
            return self.lost(span);
        };
        if self.ask_form(id).is_some() {
            self.report(ask_wanted::wanted(self.world.text(span), span));
            return self.error_expr(span);
        }
        let kind = self.world.value(id).kind;
        let (type_args, params, result) = self.signature(function, span);
        match kind {
            ValueKind::Const(_) => match self.world.const_of.get(&id) {
                Some(id) => self.make(ExprKind::Const(*id), result, span),
                None => self.lost(span),
            },
            _ => {
                // A function that never returns fits where any result is wanted.
                let result = self.kept(result);
                let ty = self.arena.function(&params, result);
                self.make(ExprKind::Function(function, type_args), ty, span)
            }
        }
    }

    /// Something that the walk over names did not foresee: better an error than a wrong program.
    fn lost(&mut self, span: Span) -> typed::Expr {
        let text = self.world.text(span);
        self.report(codex_diagnostics::catalog::unknown_name::unknown(text, span, &[]));
        self.error_expr(span)
    }

    fn tuple(&mut self, items: &'a [ast::Expr], span: Span, want: Want) -> typed::Expr {
        if items.is_empty() {
            let unit = self.unit(span);
            return self.finish(unit, want);
        }
        let wanted: Vec<Ty> = match want.ty.map(|t| self.arena.get(t)) {
            Some(arena::Node::Tuple(s)) => self.arena.items(s).to_vec(),
            _ => Vec::new(),
        };
        let fits = wanted.len() == items.len();
        let mut typed = Vec::with_capacity(items.len());
        for (i, item) in items.iter().enumerate() {
            let want = if fits { Want::is(wanted[i], want.why) } else { Want::ANY };
            typed.push(self.expr(item, want));
        }
        let types: Vec<Ty> = typed.iter().map(|e| e.ty).collect();
        let types: Vec<Ty> = types.into_iter().map(|t| self.kept(t)).collect();
        let ty = self.arena.tuple(&types);
        self.leaf(ExprKind::Tuple(typed), ty, span, want)
    }

    fn list(&mut self, items: &'a [ast::ListItem], span: Span, want: Want) -> typed::Expr {
        let (item_ty, mut why) = match want.ty.map(|t| self.arena.get(t)) {
            Some(arena::Node::List(item)) => (item, want.why),
            _ => (self.arena.var(), Why::Nothing),
        };
        let ty = self.arena.list(item_ty);
        let mut typed = Vec::with_capacity(items.len());
        for item in items {
            match item {
                ast::ListItem::Item(e) => {
                    let item = self.expr(e, Want::is(item_ty, why));
                    if matches!(why, Why::Nothing) && item.ty != arena::NEVER {
                        why = Why::Element(item.span);
                    }
                    typed.push(typed::ListItem::Item(item));
                }
                ast::ListItem::Spread(e) => {
                    let rest = self.expr(e, Want::is(ty, why));
                    typed.push(typed::ListItem::Spread(rest));
                }
            }
        }
        self.leaf(ExprKind::List(typed), ty, span, want)
    }

    fn map(&mut self, pairs: &'a [(ast::Expr, ast::Expr)], span: Span, want: Want) -> typed::Expr {
        let known = self.world.known;
        let Some(function) = self.known(known.map_from_list, "map", span) else {
            return self.error_expr(span);
        };
        let (key, value) = match want.ty.map(|t| self.arena.get(t)) {
            Some(arena::Node::Data(id, args)) if known.map == Some(id) => {
                (self.arena.item(args, 0), self.arena.item(args, 1))
            }
            _ => (self.arena.var(), self.arena.var()),
        };
        let pair = self.arena.tuple(&[key, value]);
        let (mut key_why, mut value_why) = (want.why, want.why);
        let mut items = Vec::with_capacity(pairs.len());
        for (k, v) in pairs {
            let k = self.expr(k, Want::is(key, key_why));
            let v = self.expr(v, Want::is(value, value_why));
            if want.ty.is_none() && items.is_empty() {
                (key_why, value_why) = (Why::Element(k.span), Why::Element(v.span));
            }
            let at = k.span.to(v.span);
            items.push(typed::ListItem::Item(self.make(ExprKind::Tuple(vec![k, v]), pair, at)));
        }
        let list = self.arena.list(pair);
        let list = self.make(ExprKind::List(items), list, span);
        let made = self.call_known(function, vec![list], span);
        self.finish(made, want)
    }

    fn expectation(&mut self, cond: &'a ast::Expr, span: Span) -> typed::Expr {
        let source = self.world.text(cond.span).to_owned();
        let cond = self.expr(cond, Want::is(arena::BOOL, Why::Condition));
        let cond = match *cond.kind {
            ExprKind::Binary(op, left, right) if is_comparison(op) => {
                self.demand(&left, Mask::PRINTABLE, left.span);
                Expect::Compare(op, left, right)
            }
            _ => Expect::Bool(cond),
        };
        self.make(ExprKind::Expect { cond, source }, arena::UNIT, span)
    }
}

fn is_comparison(op: ast::BinaryOp) -> bool {
    use ast::BinaryOp::{Equal, Greater, GreaterEqual, Less, LessEqual, NotEqual};
    matches!(op, Equal | NotEqual | Less | LessEqual | Greater | GreaterEqual)
}
