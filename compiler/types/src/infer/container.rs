//! The parts of a container: what makes its members, and its handlers.
//!
//! All parts are one group, so that a handler may tell the type of a member (`var seen = []`). In a handler the members
//! are locals; the core takes them out of the state before and puts them back after.

use codex_diagnostics::catalog::{duplicate_binding, open_container};
use codex_syntax::ast;

use super::group::has_hole;
use super::stmt::bound_locals;
use super::{Infer, LocalInfo, Member, Why};
use crate::arena;
use crate::contract::Role;
use crate::typed::{self, ContainerId, ExprKind, LocalId, Part, Stmt, Ty};
use crate::zonk::params_of;

impl<'a> Infer<'_, 'a> {
    /// The container whose part is inferred.
    fn here(&self) -> ContainerId {
        self.container.unwrap_or(ContainerId(0))
    }

    /// Types of a contract, in this arena.
    pub(crate) fn contract_types(&mut self, of: ContainerId, types: impl Iterator<Item = Ty>) -> Vec<Ty> {
        let contract = &self.shared.contracts[of.index()];
        types.map(|ty| self.arena.import(&contract.types, ty, &[])).collect()
    }

    pub(crate) fn init_head(&mut self) -> Member {
        let contract = &self.shared.contracts[self.here().index()];
        let params = self.contract_types(self.here(), contract.params.iter().map(|(_, ty)| *ty));
        Member { params, result: self.arena.var(), annotated: false }
    }

    pub(crate) fn handler_head(&mut self, handler: &ast::Handler, number: u32) -> (Member, Why) {
        let contract = &self.shared.contracts[self.here().index()];
        let none = |params| (Member { params, result: arena::UNIT, annotated: true }, Why::NoReply);
        match contract.handlers.get(number as usize) {
            Some(Role::Message(n)) => {
                let message = &contract.messages[*n];
                let mut types = message.params.iter().map(|(_, ty)| *ty).collect::<Vec<Ty>>();
                types.push(message.reply);
                let mut params = self.contract_types(self.here(), types.into_iter());
                let reply = params.pop().unwrap_or(arena::ERROR);
                if message.deferred.is_some() {
                    // The type of the reply stands behind those of the parameters.
                    params.push(self.arena.reply(reply));
                }
                match &handler.result {
                    Some(written) if message.deferred.is_none() => {
                        (Member { params, result: reply, annotated: !has_hole(written) }, Why::Result(written.span))
                    }
                    _ => none(params),
                }
            }
            Some(Role::Lifecycle(event)) => {
                let params = self.world.lifecycle_types(*event, &mut self.arena);
                none(params)
            }
            _ => {
                // The mistake is told: what follows goes by what is written.
                let params = vec![arena::ERROR; handler.params.len()];
                let why = handler.result.as_ref().map_or(Why::NoReply, |r| Why::Result(r.span));
                (Member { params, result: arena::ERROR, annotated: true }, why)
            }
        }
    }

    /// Infers what makes the members: its value is the tuple of them all.
    pub(crate) fn init(
        &mut self,
        decl: &'a ast::Container,
        member: &Member,
        params: &mut Vec<LocalId>,
        part: &mut Option<Part>,
    ) -> typed::Expr {
        let link = self.enter_self(decl.name.span);
        for (p, ty) in decl.params.iter().zip(&member.params) {
            params.push(self.param(p, *ty));
        }
        let mut members = params.clone();
        let mut stmts = Vec::new();
        for stmt in &decl.state {
            self.frame().stmt = Some(stmt.span);
            let before = stmts.len();
            self.stmt(stmt, &mut stmts);
            for made in &stmts[before..] {
                match made {
                    Stmt::Var(local, _) => members.push(*local),
                    Stmt::Let(pattern, _) => members.extend(bound_locals(pattern)),
                    Stmt::Assign { .. } | Stmt::Expr(_) => {}
                }
            }
        }
        self.frame().stmt = None;
        for local in &members {
            let info = &mut self.body.locals[local.index()];
            (info.quiet, info.read) = (true, true);
        }
        self.refuse_two_members(&members[params.len()..], &members);
        let infos: Vec<LocalInfo> = members.iter().map(|m| self.body.locals[m.index()].clone()).collect();
        self.members.insert(self.here(), infos);
        *part = Some(Part { container: self.here(), members: members.clone(), link, reply: None });
        let values: Vec<typed::Expr> = members.iter().map(|m| self.local(*m, decl.name.span)).collect();
        let types: Vec<Ty> = values.iter().map(|v| v.ty).collect();
        let whole = self.arena.tuple(&types);
        // The result is a variable of its own until here.
        let _ = self.arena.unify(member.result, whole);
        let tuple = self.make(ExprKind::Tuple(values), whole, decl.name.span);
        self.make(ExprKind::Block(stmts, Some(tuple)), whole, decl.name.span)
    }

    fn refuse_two_members(&mut self, own: &[LocalId], all: &[LocalId]) {
        for local in own {
            let name = self.body.locals[local.index()].local;
            let first = all.iter().take_while(|l| *l != local).map(|l| self.body.locals[l.index()].local);
            let first = first.into_iter().find(|l| l.name == name.name && name.name.as_str() != "_");
            if let Some(first) = first {
                self.report(duplicate_binding::twice(name.name.as_str(), name.span, first.span));
            }
        }
    }

    fn enter_self(&mut self, span: codex_diagnostics::Span) -> LocalId {
        let ty = self.arena.container(self.here());
        let link = self.body.hidden("self", ty, span);
        self.body.enter(link);
        link
    }

    /// Gives names to the members and parameters of a handler.
    pub(crate) fn enter_handler(
        &mut self,
        handler: &ast::Handler,
        number: u32,
        member: &Member,
        params: &mut Vec<LocalId>,
        part: &mut Option<Part>,
    ) {
        let infos = self.members.get(&self.here()).cloned().unwrap_or_default();
        let mut members = Vec::with_capacity(infos.len());
        for info in infos {
            let id = LocalId(self.body.locals.len() as u32);
            self.body.locals.push(info);
            self.body.enter(id);
            members.push(id);
        }
        let link = self.enter_self(handler.name.span);
        for (p, ty) in handler.params.iter().zip(&member.params) {
            params.push(self.param(p, *ty));
        }
        let contract = &self.shared.contracts[self.here().index()];
        let deferred = contract.messages.iter().any(|m| m.handler == number as usize && m.deferred.is_some());
        let reply = if deferred { params.pop() } else { None };
        *part = Some(Part { container: self.here(), members, link, reply });
    }

    /// A member whose type nothing tells.
    pub(crate) fn settle_members(&mut self) {
        let containers: Vec<Vec<LocalInfo>> = std::mem::take(&mut self.members).into_values().collect();
        for info in containers.iter().flatten() {
            if !params_of(&self.arena, [info.local.ty].into_iter()).is_empty() {
                let shown = self.show(info.local.ty);
                self.report(open_container::member(info.local.name.as_str(), info.local.span, &shown));
            }
        }
    }
}
