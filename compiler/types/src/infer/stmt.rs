//! Blocks and statements.

use codex_diagnostics::Span;
use codex_diagnostics::catalog::{block_without_value, let_else, unused_value};
use codex_syntax::ast::{self, PatternKind as AstPattern, StmtKind};

use super::{Infer, Want, Why};
use crate::arena;
use crate::typed::{self, Arm, ExprKind, LocalId, Pattern, PatternKind, Stmt, Ty};
use crate::world::ValueKind;

impl<'a> Infer<'_, 'a> {
    pub(crate) fn block(&mut self, block: &'a ast::Block, span: Span, want: Want) -> typed::Expr {
        let mark = self.body.mark();
        let outer = self.frame().stmt;
        let mut stmts = Vec::with_capacity(block.stmts.len());
        let mut never = false;
        let mut value = None;
        for (i, stmt) in block.stmts.iter().enumerate() {
            self.frame().stmt = Some(stmt.span);
            match &stmt.kind {
                StmtKind::Expr(e) if i + 1 == block.stmts.len() => {
                    if want.drop {
                        self.lint_unused(e);
                    }
                    let typed = self.expr(e, want);
                    if want.drop {
                        self.lint_lost(&typed);
                    }
                    value = Some(typed);
                }
                _ => never |= self.stmt(stmt, &mut stmts),
            }
        }
        self.frame().stmt = outer;
        self.body.leave(mark);
        match value {
            Some(value) if stmts.is_empty() => value,
            Some(value) => {
                let ty = if never { arena::NEVER } else { value.ty };
                self.make(ExprKind::Block(stmts, Some(value)), ty, span)
            }
            None => self.valueless(block, stmts, never, span, want),
        }
    }

    /// A block that ends with a statement, or is empty: its value is `()`.
    fn valueless(&mut self, block: &ast::Block, stmts: Vec<Stmt>, never: bool, span: Span, want: Want) -> typed::Expr {
        let ty = if never { arena::NEVER } else { arena::UNIT };
        let broken = block.stmts.iter().any(|s| matches!(s.kind, StmtKind::Error));
        if let Some(wanted) = want.ty
            && !never
            && self.arena.unify(wanted, arena::UNIT).is_err()
        {
            if !broken {
                let shown = self.show(wanted);
                let last = block.stmts.last().map(|s| s.span);
                self.report(block_without_value::block(span, last, &shown, want.why.place()));
            }
            return self.error_expr(span);
        }
        // What could not be read may have been the value.
        let last_is_broken = block.stmts.last().is_some_and(|s| matches!(s.kind, StmtKind::Error));
        if last_is_broken && !never {
            return self.error_expr(span);
        }
        self.make(ExprKind::Block(stmts, None), ty, span)
    }

    /// Infers a statement; says whether nothing after it is reached.
    pub(crate) fn stmt(&mut self, stmt: &'a ast::Stmt, out: &mut Vec<Stmt>) -> bool {
        match &stmt.kind {
            StmtKind::Let { pattern, ty, value, otherwise } => {
                self.let_(stmt.span, pattern, ty.as_deref(), value, otherwise.as_ref(), out)
            }
            StmtKind::Var { name, ty, value } => {
                let (value, ty) = self.bound_value(ty.as_deref(), value);
                let local = self.body.local(name.name, ty, true, name.span, false);
                self.body.locals[local.index()].origin = Some(value.span);
                self.body.enter(local);
                let never = value.ty == arena::NEVER;
                out.push(Stmt::Var(local, value));
                never
            }
            StmtKind::Assign { place, op, op_span, value } => {
                out.extend(self.assign(place, *op, *op_span, value, stmt.span));
                false
            }
            StmtKind::Expr(e) => {
                self.lint_unused(e);
                let typed = self.expr(e, Want::DROP);
                self.lint_lost(&typed);
                let never = typed.ty == arena::NEVER;
                out.push(Stmt::Expr(typed));
                never
            }
            StmtKind::Error => false,
        }
    }

    /// The value after `=`, and the type of what is bound to it.
    fn bound_value(&mut self, ty: Option<&ast::TypeExpr>, value: &'a ast::Expr) -> (typed::Expr, Ty) {
        match ty {
            Some(written) => {
                let ty = self.annotation(written);
                (self.expr(value, Want::is(ty, Why::Annotation(written.span))), ty)
            }
            None => {
                let value = self.expr(value, Want::ANY);
                let ty = self.kept(value.ty);
                (value, ty)
            }
        }
    }

    fn let_(
        &mut self,
        span: Span,
        pattern: &'a ast::Pattern,
        ty: Option<&ast::TypeExpr>,
        value: &'a ast::Expr,
        otherwise: Option<&'a ast::Expr>,
        out: &mut Vec<Stmt>,
    ) -> bool {
        let (value, ty) = self.bound_value(ty, value);
        let never = value.ty == arena::NEVER;
        if let Some(otherwise) = otherwise {
            self.let_else(pattern, ty, value, otherwise, out);
            return never;
        }
        let typed = self.irrefutable(pattern, ty, Why::Matched(value.span), "a `let`");
        if let (AstPattern::Bind(_), PatternKind::Bind(id)) = (&pattern.kind, &typed.kind) {
            let info = &mut self.body.locals[id.index()];
            info.origin = Some(value.span);
            info.keyword = Some(Span { end: span.start + 3, ..span });
        }
        self.enter_pattern(&typed);
        out.push(Stmt::Let(typed, value));
        never
    }

    /// `let p = e else { … }` becomes a match that gives what `p` binds: nothing, one value or a tuple.
    fn let_else(
        &mut self,
        pattern: &'a ast::Pattern,
        ty: Ty,
        value: typed::Expr,
        otherwise: &'a ast::Expr,
        out: &mut Vec<Stmt>,
    ) {
        let way_out = self.expr(otherwise, Want::ANY);
        if way_out.ty != arena::NEVER && !self.arena.is_error(way_out.ty) {
            self.report(let_else::goes_on(otherwise.span));
        }
        let span = pattern.span;
        let inner = self.pattern(pattern, ty, Why::Matched(value.span));
        let bound = bound_locals(&inner);
        let mut values = Vec::with_capacity(bound.len());
        let mut outer = Vec::with_capacity(bound.len());
        for id in bound {
            let local = self.body.locals[id.index()].local;
            self.body.locals[id.index()].quiet = true;
            self.body.locals[id.index()].read = true;
            values.push(self.make(ExprKind::Local(id), local.ty, local.span));
            let visible = self.body.local(local.name, local.ty, false, local.span, false);
            self.body.enter(visible);
            outer.push(Pattern { kind: PatternKind::Bind(visible), ty: local.ty, span: local.span });
        }
        let types: Vec<Ty> = outer.iter().map(|p| p.ty).collect();
        let (given, binds) = if let ([_], [_]) = (&values[..], &outer[..]) {
            (values.remove(0), outer.remove(0))
        } else {
            let tuple = self.arena.tuple(&types);
            let binds = Pattern { kind: PatternKind::Tuple(outer), ty: tuple, span };
            (self.make(ExprKind::Tuple(values), tuple, span), binds)
        };
        let any = Pattern { kind: PatternKind::Any, ty, span };
        let result = given.ty;
        let arms =
            vec![Arm { pattern: inner, guard: None, body: given }, Arm { pattern: any, guard: None, body: way_out }];
        let chosen = self.make(ExprKind::Match(value, arms), result, span);
        out.push(Stmt::Let(binds, chosen));
    }

    /// A statement whose value is lost and that does nothing else.
    fn lint_unused(&mut self, e: &ast::Expr) {
        if self.std {
            return;
        }
        let what = match &*e.kind {
            ast::ExprKind::Binary { op: ast::BinaryOp::Equal, .. } => "comparison",
            ast::ExprKind::Binary { .. } | ast::ExprKind::Neg(_) | ast::ExprKind::Not(_) => "result",
            ast::ExprKind::Int(_) | ast::ExprKind::Float(_) | ast::ExprKind::Bool(_) | ast::ExprKind::Text(_) => {
                "literal"
            }
            ast::ExprKind::Name(_) | ast::ExprKind::Field(..) | ast::ExprKind::Index(..) => "value",
            ast::ExprKind::List(_) | ast::ExprKind::Map(_) | ast::ExprKind::Lambda { .. } => "value",
            ast::ExprKind::Range { .. } => "range",
            ast::ExprKind::Tuple(items) if !items.is_empty() => "tuple",
            _ => return,
        };
        self.report(unused_value::unused(what, e.span));
    }

    /// A call whose only effect is its result, which is lost: `list.push(xs, 1)` does not change `xs`.
    fn lint_lost(&mut self, e: &typed::Expr) {
        // A dropped value was wrapped into a block of one statement.
        let ExprKind::Block(stmts, None) = &*e.kind else {
            return;
        };
        let [Stmt::Expr(inner)] = &stmts[..] else {
            return;
        };
        let ExprKind::Call { function, args, .. } = &*inner.kind else {
            return;
        };
        if self.std || inner.span != e.span {
            return;
        }
        let value = self.world.value(self.world.value_of[function.index()]);
        let module = self.world.module(value.module);
        let pure = ["list", "map", "set", "text", "int", "float", "option", "result", "bytes", "order"];
        let ValueKind::Function(f) = value.kind else {
            return;
        };
        if !module.std || !pure.contains(&module.name.as_str()) {
            return;
        }
        let name = format!("{}.{}", module.name, f.name.name);
        let changed = match args.first().map(|a| &*a.kind) {
            Some(ExprKind::Local(id)) => {
                let local = &self.body.locals[id.index()].local;
                local.mutable.then(|| local.name.as_str())
            }
            _ => None,
        };
        let text = self.world.text(e.span);
        self.report(unused_value::lost_result(&name, e.span, changed.map(|c| (c, text))));
    }
}

/// What a pattern binds, each local once.
pub(crate) fn bound_locals(pattern: &Pattern) -> Vec<LocalId> {
    fn walk(p: &Pattern, out: &mut Vec<LocalId>) {
        let mut add = |id: LocalId| {
            if !out.contains(&id) {
                out.push(id);
            }
        };
        match &p.kind {
            PatternKind::Bind(id) => add(*id),
            PatternKind::As(id, inner) => {
                add(*id);
                walk(inner, out);
            }
            PatternKind::Variant(_, items) | PatternKind::Tuple(items) | PatternKind::Or(items) => {
                items.iter().for_each(|p| walk(p, out));
            }
            PatternKind::List { before, rest, after } => {
                before.iter().for_each(|p| walk(p, out));
                if let Some(Some(id)) = rest
                    && !out.contains(id)
                {
                    out.push(*id);
                }
                after.iter().for_each(|p| walk(p, out));
            }
            _ => {}
        }
    }
    let mut out = Vec::new();
    walk(pattern, &mut out);
    out
}
