//! λs: their parameters, result and what they hold of the outside.

use codex_diagnostics::Span;
use codex_diagnostics::catalog::argument_count;
use codex_syntax::ast::{self, Ident, LambdaParam, PatternKind};

use super::stmt::bound_locals;
use super::{Frame, Infer, Want, Why};
use crate::arena::{self, Node};
use crate::typed::{self, ExprKind, LocalId, Stmt, Ty};

impl<'a> Infer<'_, 'a> {
    pub(crate) fn lambda(
        &mut self,
        whole: &'a ast::Expr,
        params: &'a [LambdaParam],
        body: &'a ast::Expr,
        want: Want,
    ) -> typed::Expr {
        let span = whole.span;
        let (wanted, result, fits) = self.wanted_function(params.len(), span, want);
        let mark = self.body.mark();
        self.body.frames.push(Frame {
            result,
            why: Why::LambdaResult,
            loops: Vec::new(),
            captures: Vec::new(),
            lambda: Some(whole),
            stmt: None,
            refused: Vec::new(),
            initial: false,
        });
        let (ids, types, stmts) = self.lambda_params(params, &wanted);
        let drops = self.arena.is_unit(result);
        let body =
            if drops { self.expr(body, Want::DROP) } else { self.expr(body, Want::is(result, Why::LambdaResult)) };
        let frame = self.body.frames.pop();
        self.body.leave(mark);
        let body = if stmts.is_empty() {
            body
        } else {
            let (ty, at) = (body.ty, body.span);
            self.make(ExprKind::Block(stmts, Some(body)), ty, at)
        };
        if !fits {
            return self.error_expr(span);
        }
        let ty = self.arena.function(&types, result);
        let captures = frame.map_or(Vec::new(), |f| f.captures);
        self.leaf(ExprKind::Lambda { params: ids, captures, body }, ty, span, want)
    }

    /// The types that parameters and result must have, as far as they are wanted; and whether their number fits.
    fn wanted_function(&mut self, count: usize, span: Span, want: Want) -> (Vec<Ty>, Ty, bool) {
        if let Some(ty) = want.ty
            && let Node::Fn(params, result) = self.arena.get(ty)
        {
            let params = self.arena.items(params).to_vec();
            if params.len() == count {
                return (params, result, true);
            }
            let callee = match want.why {
                Why::Argument(_, callee) => Some(callee.name.as_str()),
                _ => None,
            };
            let diagnostic = argument_count::lambda(span, params.len(), count, callee);
            self.report(diagnostic);
            // The mistake is told: what follows goes by the λ.
            return (vec![arena::ERROR; count], arena::ERROR, false);
        }
        ((0..count).map(|_| self.arena.var()).collect(), self.arena.var(), true)
    }

    fn lambda_params(&mut self, params: &'a [LambdaParam], wanted: &[Ty]) -> (Vec<LocalId>, Vec<Ty>, Vec<Stmt>) {
        let mut ids: Vec<LocalId> = Vec::with_capacity(params.len());
        let mut types = Vec::with_capacity(params.len());
        let mut stmts = Vec::new();
        for (param, wanted) in params.iter().zip(wanted) {
            let mut ty = *wanted;
            if let Some(written) = &param.ty {
                let annotated = self.annotation(written);
                let pattern = self.make(ExprKind::Error, annotated, written.span);
                self.expect_type(ty, &pattern, Why::LambdaResult);
                ty = annotated;
            }
            types.push(ty);
            let span = param.pattern.span;
            ids.push(match &param.pattern.kind {
                PatternKind::Bind(name) => {
                    self.refuse_twice(*name, &ids);
                    let id = self.body.local(name.name, ty, false, name.span, true);
                    self.body.locals[id.index()].param = true;
                    self.body.enter(id);
                    id
                }
                PatternKind::Any => self.body.hidden("_", ty, span),
                _ => {
                    let id = self.body.hidden("parameter", ty, span);
                    let pattern = self.irrefutable(&param.pattern, ty, Why::LambdaResult, "a λ");
                    self.enter_pattern(&pattern);
                    // Who calls a λ decides what it is given.
                    for bound in bound_locals(&pattern) {
                        self.body.locals[bound.index()].quiet = true;
                    }
                    let value = self.make(ExprKind::Local(id), ty, span);
                    stmts.push(Stmt::Let(pattern, value));
                    id
                }
            });
        }
        (ids, types, stmts)
    }

    /// Parameters of one function have different names.
    pub(crate) fn refuse_twice(&mut self, name: Ident, before: &[LocalId]) {
        if name.name.as_str() == "_" {
            return;
        }
        let first = before.iter().map(|id| &self.body.locals[id.index()].local).find(|l| l.name == name.name);
        if let Some(first) = first.map(|l| l.span) {
            let d = codex_diagnostics::catalog::duplicate_binding::twice(name.name.as_str(), name.span, first);
            self.report(d);
        }
    }
}
