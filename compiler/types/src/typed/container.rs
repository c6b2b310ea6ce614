//! Containers in the typed tree: their functions, and how messages are delivered.

use codex_syntax::Symbol;

use super::{ContainerId, Expr, FnId, LocalId, ModuleId};

/// What a function of a container knows of it.
///
/// The function that makes the state has the container's parameters, and its value is the tuple of all members. A
/// handler has the message's arguments as parameters (but for a `Reply`), and its value is the reply.
#[derive(Clone, Debug)]
pub struct Part {
    /// Of which.
    pub container: ContainerId,
    /// The locals that hold the members: parameters of the container, then `let`s and `var`s.
    pub members: Vec<LocalId>,
    /// `self`
    pub link: LocalId,
    /// The local for the `Reply[a]` of a handler that answers later.
    pub reply: Option<LocalId>,
}

/// A kind of container. One that nothing needs has no functions.
#[derive(Clone, Debug)]
pub struct Container {
    /// Its name.
    pub name: Symbol,
    /// Its module.
    pub module: ModuleId,
    /// Makes the members from the parameters.
    pub init: Option<FnId>,
    /// What it understands: name and handler.
    pub messages: Vec<(Symbol, FnId)>,
    /// By `codex_spec::module::Lifecycle`.
    pub lifecycle: [Option<FnId>; 4],
}

/// How a message is delivered.
#[derive(Clone, Debug)]
pub enum Delivery {
    /// `⇒`: the value is `()`.
    Send,
    /// `⇔`: the value is the reply.
    Ask,
    /// The value is a `Result` of the reply and an `Unanswered`. With how many milliseconds to wait, else for ever.
    TryAsk(Option<Expr>),
}
