//! A group of functions: signatures first, then bodies, then what is left open.

use codex_diagnostics::Span;
use codex_syntax::Symbol;
use codex_syntax::ast;
use rustc_hash::FxHashMap;

use super::{Body, Frame, Infer, LocalInfo, Member, Want, Why};
use crate::annotate::Unknown;
use crate::arena::{self, Node};
use crate::typed::{self, FnId, LocalId, Ty};
use crate::world::{Value, ValueKind};

/// A function whose body was inferred; types are handles of the arena.
pub(crate) struct Inferred {
    pub(crate) id: FnId,
    pub(crate) params: Vec<LocalId>,
    pub(crate) result: Ty,
    pub(crate) locals: Vec<LocalInfo>,
    pub(crate) body: typed::Expr,
    pub(crate) span: Span,
    /// A constant has no type parameters, and neither has a part of a container.
    pub(crate) generic: bool,
    /// For a part of a container.
    pub(crate) part: Option<typed::Part>,
}

/// What a function's head says.
struct Head {
    /// Type variables that it declares.
    vars: FxHashMap<Symbol, Ty>,
    result_why: Why,
}

impl<'a> Infer<'_, 'a> {
    /// Infers functions that use each other. The arena holds their types until the next call.
    pub(crate) fn group(&mut self, functions: &[FnId]) -> Vec<Inferred> {
        self.arena.clear();
        self.group.clear();
        self.deferred.clear();
        self.powers.clear();
        self.members.clear();
        let heads: Vec<Head> = functions.iter().map(|id| self.head(*id)).collect();
        let inferred = functions.iter().zip(heads).map(|(id, head)| self.function(*id, head)).collect();
        self.settle_powers();
        self.settle_members();
        self.settle_demands();
        inferred
    }

    fn value_of(&self, id: FnId) -> Value<'a> {
        *self.world.value(self.world.value_of[id.index()])
    }

    fn go_to(&mut self, value: &Value<'_>) {
        self.module = value.module;
        self.container = value.container;
        self.std = self.world.module(value.module).std;
    }

    /// The types of parameters and result: written, or to be found.
    fn head(&mut self, id: FnId) -> Head {
        let value = self.value_of(id);
        self.go_to(&value);
        self.body = Body::new();
        let (member, result_why) = match value.kind {
            ValueKind::Function(f) => self.function_head(id, f),
            ValueKind::Const(c) => {
                let ty = c.ty.as_ref();
                let result = match ty {
                    Some(ty) => self.read_type(ty, Unknown::Report),
                    None => self.arena.var(),
                };
                let why = ty.map_or(Why::Nothing, |t| Why::Annotation(t.span));
                (Member { params: Vec::new(), result, annotated: false }, why)
            }
            ValueKind::Test(_) => (Member { params: Vec::new(), result: arena::UNIT, annotated: true }, Why::Start),
            ValueKind::Init(_) => (self.init_head(), Why::Nothing),
            ValueKind::Handler(h, number) => self.handler_head(h, number),
        };
        self.group.insert(id, member);
        Head { vars: std::mem::take(&mut self.body.vars), result_why }
    }

    fn function_head(&mut self, id: FnId, f: &ast::Function) -> (Member, Why) {
        let declare = Unknown::Declare(id);
        let mut annotated = f.result.is_some();
        let mut params = Vec::with_capacity(f.params.len());
        for p in &f.params {
            annotated &= p.ty.as_ref().is_some_and(|t| !has_hole(t));
            params.push(match &p.ty {
                Some(ty) => self.read_type(ty, declare),
                None => self.arena.var(),
            });
        }
        if self.is_main(id) {
            return (Member { params, result: arena::UNIT, annotated }, Why::Start);
        }
        let (result, why) = match &f.result {
            Some(ty) => {
                annotated &= !has_hole(ty);
                (self.read_type(ty, declare), Why::Result(ty.span))
            }
            None => (self.arena.var(), Why::Returned(None)),
        };
        (Member { params, result, annotated }, why)
    }

    /// Whether this is where the program starts.
    pub(crate) fn is_main(&self, id: FnId) -> bool {
        let value = self.value_of(id);
        let module = self.world.module(value.module);
        !module.std && module.name == "main" && value.name().is_some_and(|n| n.as_str() == "main")
    }

    fn function(&mut self, id: FnId, head: Head) -> Inferred {
        let value = self.value_of(id);
        self.go_to(&value);
        let member = self.group[&id].clone();
        self.body = Body::new();
        self.body.vars = head.vars;
        self.body.frames.push(Frame {
            result: member.result,
            why: head.result_why,
            loops: Vec::new(),
            captures: Vec::new(),
            lambda: None,
            stmt: None,
            refused: Vec::new(),
            initial: matches!(value.kind, ValueKind::Init(_)),
        });
        let (mut params, mut part) = (Vec::new(), None);
        let body = match value.kind {
            ValueKind::Function(f) => {
                params = self.params(f, &member);
                self.function_body(&f.body, &member, self.is_main(id))
            }
            ValueKind::Const(c) => self.function_body(&c.value, &member, false),
            ValueKind::Test(t) => self.function_body(&t.body, &member, true),
            ValueKind::Init(c) => self.init(c, &member, &mut params, &mut part),
            ValueKind::Handler(h, number) => {
                self.enter_handler(h, number, &member, &mut params, &mut part);
                self.function_body(&h.body, &member, h.result.is_none())
            }
        };
        self.body.frames.clear();
        Inferred {
            id,
            params,
            result: member.result,
            locals: std::mem::take(&mut self.body.locals),
            body,
            span: value.span(),
            generic: matches!(value.kind, ValueKind::Function(_)),
            part,
        }
    }

    fn params(&mut self, f: &ast::Function, member: &Member) -> Vec<LocalId> {
        let mut ids: Vec<LocalId> = Vec::with_capacity(f.params.len());
        for (p, ty) in f.params.iter().zip(&member.params) {
            self.refuse_twice(p.name, &ids);
            ids.push(self.param(p, *ty));
        }
        ids
    }

    /// A parameter, from here on in scope.
    pub(crate) fn param(&mut self, p: &ast::Param, ty: Ty) -> LocalId {
        let local = self.body.local(p.name.name, ty, false, p.name.span, false);
        self.body.locals[local.index()].param = true;
        self.body.locals[local.index()].origin = p.ty.as_ref().map(|t| t.span);
        self.body.enter(local);
        local
    }

    fn function_body(&mut self, body: &'a ast::Expr, member: &Member, statement: bool) -> typed::Expr {
        if statement {
            return self.expr(body, Want::DROP);
        }
        let why = self.frame().why;
        if let Why::Annotation(_) | Why::Result(_) = why {
            return self.expr(body, Want::is(member.result, why));
        }
        let typed = self.expr(body, Want::ANY);
        let why = self.frame().why;
        self.finish(typed, Want::is(member.result, why))
    }

    /// What is raised to a power is an Int, unless something made it a Float.
    fn settle_powers(&mut self) {
        for (ty, span) in std::mem::take(&mut self.powers) {
            match self.arena.peek(ty) {
                Node::Var(..) => {
                    let _ = self.arena.unify(ty, arena::INT);
                }
                Node::Rigid(_) => self.report_power(span),
                _ => {}
            }
        }
    }

    /// Demands on written type variables, passed on to those who call with them, until nothing changes.
    fn settle_demands(&mut self) {
        let deferred = std::mem::take(&mut self.deferred);
        let mut before = u32::MAX;
        loop {
            let total: u32 = self.arena.rigids.iter().map(|r| r.mask.0.count_ones()).sum();
            if total == before {
                return;
            }
            before = total;
            for use_ in &deferred {
                for (rigid, ty) in &use_.vars {
                    let mask = self.arena.rigids[*rigid as usize].mask;
                    if let Err(clash) = self.arena.demand(*ty, mask, Some(use_.span)) {
                        self.report_demand(clash, use_.span);
                    }
                }
            }
        }
    }
}

pub(crate) fn has_hole(ty: &ast::TypeExpr) -> bool {
    match &ty.kind {
        ast::TypeExprKind::Hole | ast::TypeExprKind::Error => true,
        ast::TypeExprKind::Named { args, .. } | ast::TypeExprKind::Tuple(args) => args.iter().any(has_hole),
        ast::TypeExprKind::Fn(params, result) => params.iter().any(has_hole) || has_hole(result),
        ast::TypeExprKind::Var(_) => false,
    }
}
