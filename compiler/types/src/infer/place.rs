//! Changes of `var`s and of parts of them.

use codex_diagnostics::Span;
use codex_diagnostics::catalog::{assign_unchangeable, loop_changes_list, not_a_place};
use codex_syntax::ast;

use super::operator::demand_of;
use super::{Infer, Want, Why};
use crate::arena::{self, Node};
use crate::typed::{BinaryOp, LocalId, PlaceStep, Stmt, Ty};

/// A `var`, the way to the part, and the part's type.
struct Place {
    local: LocalId,
    path: Vec<PlaceStep>,
    ty: Ty,
}

impl<'a> Infer<'_, 'a> {
    /// `place ≔ value`, `place += value`
    pub(crate) fn assign(
        &mut self,
        place: &'a ast::Expr,
        op: Option<BinaryOp>,
        op_span: Span,
        value: &'a ast::Expr,
        span: Span,
    ) -> Option<Stmt> {
        let Some(target) = self.place(place, op_span) else {
            self.expr(value, Want::ANY);
            return None;
        };
        if let Some((_, walked)) = self.body.walked.iter().find(|(l, _)| *l == target.local)
            && !self.std
        {
            let name = self.body.locals[target.local.index()].local.name;
            let d = loop_changes_list::changes(name.as_str(), place.span, *walked);
            self.report(d);
        }
        let why = if target.path.is_empty() { Why::Variable(target.local) } else { Why::Operand(place.span) };
        if let Some(op) = op {
            let place_value = self.make(crate::typed::ExprKind::Error, target.ty, place.span);
            if !self.demand(&place_value, demand_of(op), op_span) {
                self.expr(value, Want::ANY);
                return None;
            }
            if op == BinaryOp::Pow {
                self.powers.push((target.ty, span));
            }
        }
        let value = self.expr(value, Want::is(target.ty, why));
        Some(Stmt::Assign { local: target.local, path: target.path, op, value, span })
    }

    fn place(&mut self, place: &'a ast::Expr, op_span: Span) -> Option<Place> {
        match &*place.kind {
            ast::ExprKind::Name(name) => self.changed_local(*name, op_span),
            ast::ExprKind::Field(base, name) => {
                let mut base_place = self.place(base, op_span)?;
                let base_ty = base_place.ty;
                let value = self.make(crate::typed::ExprKind::Error, base_ty, base.span);
                let field = self.field_of(value, *name, place.span);
                let crate::typed::ExprKind::Field(_, index) = *field.kind else {
                    return None;
                };
                base_place.path.push(PlaceStep::Field(index, base_ty));
                base_place.ty = field.ty;
                Some(base_place)
            }
            ast::ExprKind::Index(base, index) => {
                let base_place = self.place(base, op_span)?;
                self.index_step(base_place, base.span, index)
            }
            ast::ExprKind::Error => None,
            _ => {
                self.report(not_a_place::not_a_place(place.span, op_span));
                None
            }
        }
    }

    fn index_step(&mut self, mut place: Place, base: Span, index: &'a ast::Expr) -> Option<Place> {
        let known = self.world.known;
        let whole = place.ty;
        match self.arena.get(whole) {
            Node::List(item) => {
                let index = self.expr(index, Want::is(arena::INT, Why::Index(base)));
                place.path.push(PlaceStep::Index(index, whole));
                place.ty = item;
            }
            Node::Data(id, args) if known.map == Some(id) => {
                let (key, value) = (self.arena.item(args, 0), self.arena.item(args, 1));
                let key = self.expr(index, Want::is(key, Why::Key(base)));
                self.demand(&key, crate::constraint::Mask::HASHABLE, key.span);
                self.known(known.map_insert, "map", key.span)?;
                place.path.push(PlaceStep::Key(key, whole));
                place.ty = value;
            }
            Node::Var(..) => {
                let item = self.arena.var();
                let list = self.arena.list(item);
                let index = self.expr(index, Want::is(arena::INT, Why::Index(base)));
                self.arena.unify(whole, list).ok()?;
                place.path.push(PlaceStep::Index(index, whole));
                place.ty = item;
            }
            Node::Error => return None,
            _ => {
                let value = self.make(crate::typed::ExprKind::Error, whole, base);
                self.report_not_indexable(&value);
                return None;
            }
        }
        Some(place)
    }

    fn changed_local(&mut self, name: ast::Ident, op_span: Span) -> Option<Place> {
        let text = name.name.as_str();
        let Some(id) = self.body.lookup(name.name) else {
            if let Some(diagnostic) = self.not_in_a_handler(name) {
                self.report(diagnostic);
                return None;
            }
            match self.value_named(name.name) {
                Some(value) => {
                    let declared = self.declared(value);
                    self.report(assign_unchangeable::item(text, name.span, declared));
                }
                None => self.report(assign_unchangeable::unknown(text, name.span, op_span)),
            }
            return None;
        };
        let info = &self.body.locals[id.index()];
        if !info.local.mutable {
            let (declared, keyword, param) = (info.local.span, info.keyword, info.param);
            let keyword = keyword.filter(|k| self.world.text(*k) == "let");
            self.body.locals[id.index()].read = true;
            self.report(assign_unchangeable::local(text, name.span, declared, keyword, param));
            return None;
        }
        if info.frame < self.body.frames.len() - 1 {
            self.report_captured(id, name.span);
            return None;
        }
        Some(Place { local: id, path: Vec::new(), ty: info.local.ty })
    }
}
