//! What a container understands: its parameters, messages and lifecycle handlers, from their heads alone.
//!
//! Keeps true: all types are written and closed, so that a message can be checked where it is sent without a look at any
//! body; what is not was reported, and its type is `Error`.

use codex_diagnostics::Diagnostic;
use codex_diagnostics::catalog::{
    duplicate_binding, duplicate_handler, lifecycle_handler, open_container, reply_parameter,
};
use codex_spec::module::Lifecycle;
use codex_syntax::Symbol;
use codex_syntax::ast::{Handler, Ident, Param};
use rustc_hash::FxHashMap;

use crate::annotate::{Annotator, Unknown};
use crate::arena::{self, Arena, Node};
use crate::typed::{Ty, Types};
use crate::world::{ContainerDecl, World};
use crate::zonk::{Finish, params_of};

/// A name and its type.
pub(crate) type Typed = (Ident, Ty);

/// A container as others see it.
#[derive(Clone, Debug)]
pub(crate) struct Contract {
    /// The types of everything here.
    pub(crate) types: Types,
    /// What it is spawned with.
    pub(crate) params: Vec<Typed>,
    /// What it understands, in order.
    pub(crate) messages: Vec<Message>,
    /// By the places of the handlers in the declaration.
    pub(crate) handlers: Vec<Role>,
}

/// A message.
#[derive(Clone, Debug)]
pub(crate) struct Message {
    pub(crate) name: Ident,
    /// The place of its handler in the declaration.
    pub(crate) handler: usize,
    /// What is sent with it.
    pub(crate) params: Vec<Typed>,
    /// What an ask gives.
    pub(crate) reply: Ty,
    /// The parameter behind the others that stands for a later reply.
    pub(crate) deferred: Option<Ident>,
}

/// What a handler is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// The message with this number.
    Message(usize),
    Lifecycle(Lifecycle),
    /// Was reported.
    Wrong,
}

/// The event with this name.
pub(crate) fn event(name: Symbol) -> Option<Lifecycle> {
    Lifecycle::ALL.into_iter().find(|event| event.name() == name.as_str())
}

/// The contracts of all containers.
pub(crate) fn contracts(world: &World<'_>, diagnostics: &mut Vec<Diagnostic>) -> Vec<Contract> {
    world.containers.iter().map(|entry| contract(world, entry, diagnostics)).collect()
}

fn contract(world: &World<'_>, entry: &ContainerDecl<'_>, diagnostics: &mut Vec<Diagnostic>) -> Contract {
    let (mut arena, mut vars) = (Arena::new(&[]), FxHashMap::default());
    let mut annotator = Annotator {
        world,
        arena: &mut arena,
        diagnostics,
        module: entry.module,
        vars: &mut vars,
        unknown: Unknown::Container,
        open: Vec::new(),
    };
    let mut reader = Reader { annotator: &mut annotator, messages: Vec::new(), lifecycle: Vec::new() };
    let mut params = reader.params(&entry.decl.params);
    let handlers = entry.decl.handlers.iter().enumerate().map(|(n, h)| reader.handler(n, h)).collect();
    let mut messages = reader.messages;
    let mut finish = Finish::new(&arena, &[]);
    for (_, ty) in params.iter_mut().chain(messages.iter_mut().flat_map(|m| &mut m.params)) {
        *ty = finish.ty(&arena, *ty);
    }
    for message in &mut messages {
        message.reply = finish.ty(&arena, message.reply);
    }
    Contract { types: finish.end(), params, messages, handlers }
}

struct Reader<'r, 'x, 'w, 'a> {
    annotator: &'r mut Annotator<'x, 'w, 'a>,
    messages: Vec<Message>,
    lifecycle: Vec<(Lifecycle, Ident)>,
}

impl Reader<'_, '_, '_, '_> {
    fn report(&mut self, diagnostic: Diagnostic) {
        self.annotator.diagnostics.push(diagnostic);
    }

    fn params(&mut self, params: &[Param]) -> Vec<Typed> {
        let mut read: Vec<Typed> = Vec::with_capacity(params.len());
        for param in params {
            let name = param.name;
            if let Some((first, _)) = read.iter().find(|(n, _)| n.name == name.name && name.name.as_str() != "_") {
                let first = first.span;
                self.report(duplicate_binding::twice(name.name.as_str(), name.span, first));
            }
            let ty = match &param.ty {
                Some(ty) => self.annotator.read(ty),
                None => {
                    self.report(open_container::untyped(name.name.as_str(), name.span));
                    arena::ERROR
                }
            };
            if !params_of(self.annotator.arena, [ty].into_iter()).is_empty() {
                self.report(open_container::untyped(name.name.as_str(), name.span));
            }
            read.push((name, ty));
        }
        read
    }

    fn handler(&mut self, number: usize, handler: &Handler) -> Role {
        let name = handler.name;
        if !name.name.as_str().starts_with(char::is_uppercase) {
            return self.lifecycle(handler);
        }
        if let Some(first) = self.messages.iter().find(|m| m.name.name == name.name) {
            let first = first.name.span;
            self.report(duplicate_handler::twice(name.name.as_str(), name.span, first));
            return Role::Wrong;
        }
        let params = self.params(&handler.params);
        let result = handler.result.as_ref().map(|ty| self.annotator.read(ty));
        let (params, deferred) = self.deferred(params, handler);
        let reply = deferred.map(|(_, ty)| ty).or(result).unwrap_or(arena::UNIT);
        self.messages.push(Message { name, handler: number, params, reply, deferred: deferred.map(|(name, _)| name) });
        Role::Message(self.messages.len() - 1)
    }

    /// Takes a `Reply[a]` off the end of the parameters: its name and `a`.
    fn deferred(&mut self, params: Vec<Typed>, handler: &Handler) -> (Vec<Typed>, Option<Typed>) {
        let of = |reader: &Self, ty: Ty| match reader.annotator.arena.peek(ty) {
            Node::Reply(of) => Some(of),
            _ => None,
        };
        match params.split_last() {
            Some((&(name, ty), rest)) => match of(self, ty) {
                Some(of) => {
                    if let Some(result) = &handler.result {
                        self.report(reply_parameter::with_result(name.span, result.span));
                    }
                    (rest.to_vec(), Some((name, of)))
                }
                None => {
                    if let Some((early, _)) = rest.iter().find(|(_, t)| of(self, *t).is_some()) {
                        let early = early.span;
                        self.report(reply_parameter::not_last(early, name.span));
                    }
                    (params, None)
                }
            },
            None => (params, None),
        }
    }

    fn lifecycle(&mut self, handler: &Handler) -> Role {
        let name = handler.name;
        let text = name.name.as_str();
        let Some(event) = event(name.name) else {
            let names: Vec<&str> = Lifecycle::ALL.iter().map(|e| e.name()).collect();
            let near = crate::similar::similar(text, names.iter().copied());
            self.report(lifecycle_handler::unknown(text, name.span, &near));
            return Role::Wrong;
        };
        if let Some((_, first)) = self.lifecycle.iter().find(|(e, _)| *e == event) {
            let first = first.span;
            self.report(duplicate_handler::twice(text, name.span, first));
            return Role::Wrong;
        }
        self.lifecycle.push((event, name));
        let params = self.params(&handler.params);
        let wanted = self.annotator.world.lifecycle_types(event, self.annotator.arena);
        let fits = params.len() == wanted.len()
            && params.iter().zip(&wanted).all(|((_, ty), w)| self.annotator.arena.unify(*w, *ty).is_ok());
        if !fits || handler.result.is_some() {
            let at = handler.result.as_ref().map_or(name.span, |r| r.span);
            self.report(lifecycle_handler::wrong(text, if fits { at } else { name.span }, signature(event)));
            return Role::Wrong;
        }
        Role::Lifecycle(event)
    }
}

/// The head of a lifecycle handler.
fn signature(event: Lifecycle) -> &'static str {
    match event {
        Lifecycle::Started => "on started()",
        Lifecycle::Resumed => "on resumed(how: Resumption)",
        Lifecycle::Collapsed => "on collapsed(child: Link, why: Collapse)",
        Lifecycle::Stopping => "on stopping()",
    }
}

impl World<'_> {
    /// The types of a lifecycle handler's parameters.
    pub(crate) fn lifecycle_types(&self, event: Lifecycle, arena: &mut Arena<'_>) -> Vec<Ty> {
        let data = |arena: &mut Arena<'_>, id: Option<_>| id.map_or(arena::ERROR, |id| arena.data(id, &[]));
        match event {
            Lifecycle::Started | Lifecycle::Stopping => Vec::new(),
            Lifecycle::Resumed => vec![data(arena, self.known.resumption)],
            Lifecycle::Collapsed => vec![arena::LINK, data(arena, self.known.collapse)],
        }
    }
}
