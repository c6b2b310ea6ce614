//! Type inference: one group of functions that use each other at a time.
//!
//! An expression is inferred into the typed tree straight away; its types are handles into the
//! group's [`Arena`], which [`crate::zonk`] replaces by the finished ones. What an expression must be
//! is handed down as a [`Want`], so that a mismatch is reported at the smallest place and with its reason.
//!
//! Keeps true: a tree that holds an `Error` was reported; locals are numbered in the order they are
//! bound; nothing here depends on other groups than through finished [`Scheme`]s.

mod access;
mod call;
mod construct;
mod container;
mod control;
mod expr;
mod group;
mod lambda;
mod loops;
mod message;
mod operator;
mod pattern;
mod place;
mod report;
mod stmt;

pub(crate) use group::Inferred;

use std::rc::Rc;
use std::sync::OnceLock;

use codex_diagnostics::catalog::unknown_module;
use codex_diagnostics::{Diagnostic, FileId, Span};
use codex_syntax::Symbol;
use codex_syntax::ast;
use rustc_hash::{FxHashMap, FxHashSet};

use crate::annotate::{Annotator, Unknown};
use crate::arena::{self, Arena};
use crate::constraint::Facts;
use crate::contract::Contract;
use crate::scheme::Scheme;
use crate::typed::{self, ContainerId, Data, ExprKind, FnId, LocalId, ModuleId, Ty};
use crate::world::{ValueId, World};

/// What all groups share.
pub(crate) struct Shared<'w, 'a> {
    pub(crate) world: &'w World<'a>,
    pub(crate) data: &'w [Data],
    pub(crate) facts: &'w [Facts],
    /// By [`ContainerId`].
    pub(crate) contracts: &'w [Contract],
    /// By [`FnId`]; filled group by group.
    pub(crate) schemes: &'w [OnceLock<Scheme>],
}

/// Who is called, for messages.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Callee {
    pub(crate) name: Symbol,
    /// Where it is declared.
    pub(crate) declared: Option<Span>,
}

/// Why an expression must have a type.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Why {
    Nothing,
    /// The type is written there.
    Annotation(Span),
    /// `main` and tests give nothing.
    Start,
    /// A handler without a result replies nothing.
    NoReply,
    /// The function's result is written there.
    Result(Span),
    /// An earlier `return` or end of the function.
    Returned(Option<Span>),
    /// An argument, counted from 0.
    Argument(u32, Callee),
    /// The first branch of an `if`.
    Branch(Span),
    /// The first arm of a match.
    Arm(Span),
    /// The first element of a list.
    Element(Span),
    /// The other side of an operator.
    Operand(Span),
    /// Must be a Bool.
    Condition,
    /// The value of a `var` that is changed.
    Variable(LocalId),
    /// A field of a record.
    Field(Symbol, Span),
    /// The position in a list.
    Index(Span),
    /// The key of a map.
    Key(Span),
    /// The end of a range.
    RangeEnd,
    /// The result of a λ, wanted by who is called.
    LambdaResult,
    /// What a pattern is matched with.
    Matched(Span),
}

/// What an expression must be.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Want {
    pub(crate) ty: Option<Ty>,
    pub(crate) why: Why,
    /// Its value is not used: it may have any type, and becomes `()`.
    pub(crate) drop: bool,
}

impl Want {
    /// Any value.
    pub(crate) const ANY: Want = Want { ty: None, why: Why::Nothing, drop: false };
    /// A value that is not used.
    pub(crate) const DROP: Want = Want { ty: None, why: Why::Nothing, drop: true };

    pub(crate) fn is(ty: Ty, why: Why) -> Want {
        Want { ty: Some(ty), why, drop: false }
    }
}

/// A local while its function is inferred.
#[derive(Clone, Debug)]
pub(crate) struct LocalInfo {
    pub(crate) local: typed::Local,
    /// In which λ it is bound: index into the frames.
    pub(crate) frame: usize,
    pub(crate) read: bool,
    /// The compiler made it, or it need not be used.
    pub(crate) quiet: bool,
    /// The expression that gave it its type.
    pub(crate) origin: Option<Span>,
    /// The `let` keyword, if it was bound by `let name`.
    pub(crate) keyword: Option<Span>,
    pub(crate) param: bool,
}

/// The function, or a λ in it.
pub(crate) struct Frame<'a> {
    pub(crate) result: Ty,
    pub(crate) why: Why,
    /// For each loop around, whether a `break` leaves it.
    pub(crate) loops: Vec<bool>,
    pub(crate) captures: Vec<LocalId>,
    /// The λ; `None` for the function itself.
    pub(crate) lambda: Option<&'a ast::Expr>,
    /// The statement that is being inferred.
    pub(crate) stmt: Option<Span>,
    pub(crate) refused: Vec<LocalId>,
    /// It makes the members of a container: there is no way out.
    pub(crate) initial: bool,
}

/// The function that is being inferred.
pub(crate) struct Body<'a> {
    pub(crate) locals: Vec<LocalInfo>,
    scope: FxHashMap<Symbol, LocalId>,
    undo: Vec<(Symbol, Option<LocalId>)>,
    pub(crate) frames: Vec<Frame<'a>>,
    /// Type variables by their written names.
    pub(crate) vars: FxHashMap<Symbol, Ty>,
    /// Lists that a `for` walks.
    pub(crate) walked: Vec<(LocalId, Span)>,
}

/// A function of the group.
#[derive(Clone, Debug)]
pub(crate) struct Member {
    pub(crate) params: Vec<Ty>,
    pub(crate) result: Ty,
    /// Every type is written, so uses may differ in their type arguments.
    pub(crate) annotated: bool,
}

/// A use of an annotated function of the group: what its type variables must meet is known at the end.
pub(crate) struct Deferred {
    pub(crate) vars: Vec<(u32, Ty)>,
    pub(crate) span: Span,
}

/// Infers groups of functions, one after the other.
pub(crate) struct Infer<'w, 'a> {
    pub(crate) shared: &'w Shared<'w, 'a>,
    pub(crate) world: &'w World<'a>,
    pub(crate) arena: Arena<'w>,
    pub(crate) diagnostics: Vec<Diagnostic>,
    pub(crate) module: ModuleId,
    /// The container that the function stands in.
    pub(crate) container: Option<ContainerId>,
    pub(crate) std: bool,
    /// Members of the containers of the group, as they were inferred.
    pub(crate) members: FxHashMap<ContainerId, Vec<LocalInfo>>,
    pub(crate) group: FxHashMap<FnId, Member>,
    pub(crate) deferred: Vec<Deferred>,
    /// Operands of `^`, which must be known as Int or Float.
    pub(crate) powers: Vec<(Ty, Span)>,
    pub(crate) body: Body<'a>,
    /// Some pattern could not be understood, so cases cannot be checked.
    pub(crate) unclear: bool,
    builtins: FxHashMap<u32, Rc<Scheme>>,
    /// Reserved syntax that was reported: once for each kind and file.
    pub(crate) reserved: FxHashSet<(FileId, &'static str)>,
}

impl<'w, 'a> Infer<'w, 'a> {
    pub(crate) fn new(shared: &'w Shared<'w, 'a>) -> Self {
        Infer {
            shared,
            world: shared.world,
            arena: Arena::new(shared.facts),
            diagnostics: Vec::new(),
            module: ModuleId(0),
            container: None,
            std: false,
            members: FxHashMap::default(),
            group: FxHashMap::default(),
            deferred: Vec::new(),
            powers: Vec::new(),
            body: Body::new(),
            unclear: false,
            builtins: FxHashMap::default(),
            reserved: FxHashSet::default(),
        }
    }

    pub(crate) fn make(&self, kind: ExprKind, ty: Ty, span: Span) -> typed::Expr {
        typed::Expr { kind: Box::new(kind), ty, span }
    }

    /// Stands for something that was reported.
    pub(crate) fn error_expr(&self, span: Span) -> typed::Expr {
        self.make(ExprKind::Error, arena::ERROR, span)
    }

    pub(crate) fn unit(&self, span: Span) -> typed::Expr {
        self.make(ExprKind::Tuple(Vec::new()), arena::UNIT, span)
    }

    pub(crate) fn report(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    /// The type to keep for a value: what never comes could be of any type.
    pub(crate) fn kept(&mut self, ty: Ty) -> Ty {
        if ty == arena::NEVER { self.arena.var() } else { ty }
    }

    pub(crate) fn frame(&mut self) -> &mut Frame<'a> {
        self.body.frames.last_mut().expect("a body has a frame while it is inferred")
    }

    /// The value that a name alone means here, if it is no local.
    pub(crate) fn value_named(&self, name: Symbol) -> Option<ValueId> {
        self.world.value_named(self.module, self.container, name)
    }

    /// A written type inside a body.
    pub(crate) fn annotation(&mut self, ty: &ast::TypeExpr) -> Ty {
        self.read_type(ty, Unknown::Report)
    }

    pub(crate) fn read_type(&mut self, ty: &ast::TypeExpr, unknown: Unknown) -> Ty {
        let mut annotator = Annotator {
            world: self.world,
            arena: &mut self.arena,
            diagnostics: &mut self.diagnostics,
            module: self.module,
            vars: &mut self.body.vars,
            unknown,
            open: Vec::new(),
        };
        annotator.read(ty)
    }

    /// The type of a builtin.
    pub(crate) fn builtin(&mut self, index: u32) -> Rc<Scheme> {
        let implicit = &self.world.implicit;
        let scheme = self.builtins.entry(index).or_insert_with(|| {
            Rc::new(crate::signature::builtin(index, |name| match implicit.types.get(&Symbol::new(name)) {
                Some(crate::world::TypeRef::Data(id)) => Some(*id),
                _ => None,
            }))
        });
        Rc::clone(scheme)
    }

    /// A standard function that the syntax stands for; when its module is missing, that is reported.
    pub(crate) fn known(&mut self, function: Option<FnId>, module: &str, span: Span) -> Option<FnId> {
        if function.is_none() {
            self.report(unknown_module::unknown(module, span, &[]));
        }
        function
    }

    /// A call of a known function with arguments that were inferred already.
    pub(crate) fn call_known(&mut self, function: FnId, args: Vec<typed::Expr>, span: Span) -> typed::Expr {
        let (type_args, params, result) = self.signature(function, span);
        let callee = self.callee_of(function);
        for (i, (arg, param)) in args.iter().zip(params).enumerate() {
            self.expect_type(param, arg, Why::Argument(i as u32, callee));
        }
        self.make(ExprKind::Call { function, type_args, args }, result, span)
    }

    /// The types of a function at one use.
    pub(crate) fn signature(&mut self, function: FnId, span: Span) -> (Vec<Ty>, Vec<Ty>, Ty) {
        let Some(member) = self.group.get(&function) else {
            let instance = match self.shared.schemes[function.index()].get() {
                Some(scheme) => scheme.instantiate(&mut self.arena, span),
                None => Scheme::unknown().instantiate(&mut self.arena, span),
            };
            return (instance.type_args, instance.params, instance.result);
        };
        let member = member.clone();
        if !member.annotated {
            // The type arguments are filled in when the group is finished.
            return (Vec::new(), member.params, member.result);
        }
        let mut fresh = Vec::new();
        let params = member.params.iter().map(|t| self.arena.refresh(*t, function, &mut fresh)).collect();
        let result = self.arena.refresh(member.result, function, &mut fresh);
        // In the order in which they are numbered: that of their first place in the head.
        let type_args = fresh.iter().map(|(_, var)| *var).collect();
        self.deferred.push(Deferred { vars: fresh, span });
        (type_args, params, result)
    }

    pub(crate) fn callee_of(&self, function: FnId) -> Callee {
        let value = self.world.value(self.world.value_of[function.index()]);
        Callee { name: value.name().unwrap_or_else(|| Symbol::new("test")), declared: Some(value.span()) }
    }
}

impl<'a> Body<'a> {
    pub(crate) fn new() -> Self {
        Body {
            locals: Vec::new(),
            scope: FxHashMap::default(),
            undo: Vec::new(),
            frames: Vec::new(),
            vars: FxHashMap::default(),
            walked: Vec::new(),
        }
    }

    /// A new local that no name leads to.
    pub(crate) fn hidden(&mut self, name: &str, ty: Ty, span: Span) -> LocalId {
        self.local(Symbol::new(name), ty, false, span, true)
    }

    /// A new local.
    pub(crate) fn local(&mut self, name: Symbol, ty: Ty, mutable: bool, span: Span, quiet: bool) -> LocalId {
        let id = LocalId(self.locals.len() as u32);
        let local = typed::Local { name, ty, mutable, span };
        let frame = self.frames.len().saturating_sub(1);
        let quiet = quiet || name.as_str().starts_with('_');
        self.locals.push(LocalInfo { local, frame, read: false, quiet, origin: None, keyword: None, param: false });
        id
    }

    /// From here on the name means this local.
    pub(crate) fn enter(&mut self, id: LocalId) {
        let name = self.locals[id.index()].local.name;
        if name.as_str() == "_" {
            return;
        }
        let hidden = self.scope.insert(name, id);
        self.undo.push((name, hidden));
    }

    pub(crate) fn lookup(&self, name: Symbol) -> Option<LocalId> {
        self.scope.get(&name).copied()
    }

    /// The names in scope.
    pub(crate) fn names(&self) -> impl Iterator<Item = &'static str> + '_ {
        self.scope.keys().map(|n| n.as_str())
    }

    pub(crate) fn mark(&self) -> usize {
        self.undo.len()
    }

    /// Forgets the names bound since the mark.
    pub(crate) fn leave(&mut self, mark: usize) {
        while self.undo.len() > mark {
            match self.undo.pop() {
                Some((name, Some(hidden))) => {
                    self.scope.insert(name, hidden);
                }
                Some((name, None)) => {
                    self.scope.remove(&name);
                }
                None => return,
            }
        }
    }
}
