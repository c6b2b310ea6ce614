//! The functions of containers, and messages.
//!
//! A container's state is one record of its members; without any, the number 0. A handler takes the state and gives the
//! next one: the members are locals in between, and every way out puts them together again ([`Lower::give`]). What a path
//! does not change stays where it is: the old record is given back as it is, or with words written into it; only where
//! a member that is a reference was changed is a new one made, which takes the old one's cell.
//!
//! A handler with a result replies on its way out; one without replies `()`, so that every message can be waited for. One
//! with a `Reply` leaves that to whoever gets it.

use codex_spec::instruction::{FuncId, Opcode};
use codex_spec::layout::RegType;
use codex_spec::module::{ContainerDef, HandlerDef, Lifecycle};
use codex_types::typed::{ContainerId, Delivery, Expr, ExprKind, FnId, LocalId};

use super::expr::set_rows;
use super::lower::Lower;
use super::mono::{Kind, Mono};
use super::{Builder, Key};
use crate::ir::{Func, Imm, NO_IMM, Value};

/// What a function of a container is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Role {
    /// Makes the first state.
    Init,
    /// Handles a message.
    Message,
    /// Is called by the machine.
    Event(Lifecycle),
}

/// What a handler gives back.
pub(crate) struct Handling<'a> {
    mono: Mono,
    members: &'a [LocalId],
    /// The state as it was, and its members.
    state: Value,
    loaded: Vec<Value>,
    /// Whether the handler's value is the reply.
    replies: bool,
}

impl Builder<'_> {
    /// The number of a container in the module.
    pub(crate) fn container(&mut self, id: ContainerId) -> u32 {
        if let Some(&known) = self.container_ids.get(&id) {
            return known;
        }
        let typed = self.typed;
        let Some((source, init)) = typed.containers.get(id.index()).and_then(|c| Some((c, c.init?))) else { return 0 };
        let number = self.containers.len() as u32;
        self.container_ids.insert(id, number);
        let state = self.types.intern(Kind::State(id));
        let state = self.types.reg(state);
        let init = self.part(init, Role::Init, state);
        let mut handlers = Vec::with_capacity(source.messages.len());
        for &(_, handler) in &source.messages {
            handlers
                .push(HandlerDef { function: self.part(handler, Role::Message, state), reply: self.reply_of(handler) });
        }
        let mut lifecycle = [None; Lifecycle::ALL.len()];
        for event in Lifecycle::ALL {
            lifecycle[event as usize] =
                source.lifecycle[event as usize].map(|f| self.part(f, Role::Event(event), state));
        }
        self.containers.push(ContainerDef { state, init, handlers, lifecycle });
        let messages = source.messages.iter().map(|(name, _)| name.to_string()).collect();
        self.container_names.push((source.name.to_string(), messages));
        number
    }

    /// Reserves a function of a container.
    fn part(&mut self, id: FnId, role: Role, state: RegType) -> FuncId {
        let Some(source) = self.typed.functions.get(id.index()) else { return FuncId(0) };
        self.keyed(Key::Part(id, role), |b| {
            let (params, _) = b.signature(source, &[]);
            let before = if role == Role::Init { None } else { Some(state) };
            let after = match role {
                Role::Event(event) => event.params().to_vec(),
                _ => params.iter().map(|&m| b.types.reg(m)).collect(),
            };
            (source.name.clone(), source.span, before.into_iter().chain(after).collect(), state)
        })
    }

    /// What an ask of a handler gives.
    fn reply_of(&mut self, handler: FnId) -> RegType {
        let Some(source) = self.typed.functions.get(handler.index()) else { return RegType::I64 };
        let reply = source.part.as_ref().and_then(|p| p.reply).and_then(|r| source.locals.get(r.index()));
        let mut memo = super::mono::Memo::default();
        let mono = match reply {
            Some(local) => {
                let mono = self.types.subst(&source.types, local.ty, &[], &mut memo);
                match *self.types.kind(mono) {
                    Kind::Reply(of) => of,
                    _ => mono,
                }
            }
            None => self.types.subst(&source.types, source.result, &[], &mut memo),
        };
        self.types.reg(mono)
    }
}

impl<'b, 'a> Lower<'b, 'a> {
    /// The body of a function of a container.
    pub(crate) fn container_part(b: &'b mut Builder<'a>, id: FuncId, source: FnId, role: Role) -> Func {
        let typed = b.typed;
        let source = &typed.functions[source.index()];
        let mut lower = Lower::new(b, id, source, [].into());
        let Some(part) = &source.part else { return lower.s.finish() };
        let state = lower.b.types.intern(Kind::State(part.container));
        let link = lower.s.word(Opcode::SelfLink, &[]);
        lower.set_local(part.link, link);
        match role {
            Role::Init => lower.init(state, &source.body),
            Role::Message => {
                let args = lower.s.func.params[1..].to_vec();
                if let Some(reply) = part.reply {
                    let asker = lower.s.word(Opcode::Asker, &[]);
                    lower.set_local(reply, asker);
                }
                lower.handle(state, &part.members, args, part.reply.is_none());
            }
            Role::Event(event) => {
                let args = lower.event_arguments(event);
                lower.handle(state, &part.members, args, false);
            }
        }
        lower.s.finish()
    }

    /// Makes the first state of the members' values.
    fn init(&mut self, state: Mono, body: &'a Expr) {
        for (&local, value) in self.source.params.iter().zip(self.s.func.params.clone()) {
            self.set_local(local, value);
        }
        let ExprKind::Block(stmts, Some(members)) = &*body.kind else { return };
        self.stmts(stmts);
        let ExprKind::Tuple(members) = &*members.kind else { return };
        let values = self.exprs(members);
        let made = self.pack(state, values);
        self.s.ret(made);
    }

    fn pack(&mut self, state: Mono, values: Vec<Value>) -> Value {
        match values.is_empty() {
            true => self.s.unit(),
            false => self.b.construct(&mut self.s, state, 0, values),
        }
    }

    /// The body of a handler, between taking the members out and putting them back.
    fn handle(&mut self, mono: Mono, members: &'a [LocalId], args: Vec<Value>, replies: bool) {
        let state = self.s.func.params[0];
        let mut loaded = Vec::with_capacity(members.len());
        for (i, &member) in (0..).zip(members) {
            let value = self.get_field(state, mono, 0, i);
            match self.source.locals.get(member.index()).is_some_and(|l| l.mutable) {
                true => self.declare_var(member, value),
                false => self.set_local(member, value),
            }
            loaded.push(value);
        }
        for (&local, value) in self.source.params.iter().zip(args) {
            self.set_local(local, value);
        }
        self.handling = Some(Handling { mono, members, state, loaded, replies });
        self.tail(&self.source.body);
    }

    /// What the handler of an event is called with, made of what the machine tells.
    fn event_arguments(&mut self, event: Lifecycle) -> Vec<Value> {
        let told = self.s.func.params[1..].to_vec();
        match (event, &told[..], self.source.params.get(1)) {
            (Lifecycle::Collapsed, [child, why @ ..], Some(&local)) => {
                let mono = self.local_mono(local);
                let why = self.b.construct(&mut self.s, mono, 0, why.to_vec());
                vec![*child, why]
            }
            _ => told,
        }
    }

    /// Ends the function with its value: in a handler, replies and gives the state.
    pub(crate) fn give(&mut self, value: Value) {
        let Some(handling) = self.handling.take() else { return self.s.ret(value) };
        if handling.replies {
            let asker = self.s.word(Opcode::Asker, &[]);
            self.s.inst(Opcode::Reply, NO_IMM, vec![asker, value], &[]);
        }
        let state = self.next_state(&handling);
        self.s.ret(state);
        self.handling = Some(handling);
    }

    /// The state with the members as they are now.
    fn next_state(&mut self, handling: &Handling<'a>) -> Value {
        if self.s.dead {
            return handling.state;
        }
        let now: Vec<Value> = handling.members.iter().map(|&m| self.local(m)).collect();
        let changed: Vec<usize> = (0..now.len()).filter(|&i| now[i] != handling.loaded[i]).collect();
        let fields = self.b.types.fields(handling.mono, 0);
        let rows: Option<Vec<Opcode>> =
            changed.iter().map(|&i| set_rows(self.b.types.storage(fields[i].1)).map(|(row, _)| row)).collect();
        let (Some(rows), Some(layout)) = (rows, self.b.types.layout(handling.mono, 0)) else {
            return self.pack(handling.mono, now);
        };
        changed.iter().zip(rows).fold(handling.state, |state, (&i, row)| {
            let imm = [Some(Imm::Index(layout.0)), Some(Imm::Index(i as u32))];
            self.s.edit(row, imm, vec![state, now[i]])
        })
    }

    // ── Messages ─────────────────────────────────────────────────────────────────

    /// `⊞ C(args)`
    pub(crate) fn spawn(&mut self, container: ContainerId, args: &'a [Expr]) -> Value {
        let args = self.exprs(args);
        let kind = self.b.container(container);
        self.s.one(Opcode::Spawn, [Some(Imm::Index(kind)), None], args, RegType::I64)
    }

    /// A message that is sent.
    pub(crate) fn deliver(&mut self, e: &'a Expr) -> Value {
        let ExprKind::Deliver { how, link, container, message, args } = &*e.kind else { return self.unreachable(e) };
        let mut operands = vec![self.expr(link)];
        if let Delivery::TryAsk(within) = how {
            operands.push(self.within(within.as_ref()));
        }
        operands.extend(self.exprs(args));
        let kind = self.b.container(*container);
        let imm = [Some(Imm::Index(kind)), Some(Imm::Index(*message))];
        let typ = self.reg(e.ty);
        match how {
            Delivery::Send => {
                self.s.inst(Opcode::Send, imm, operands, &[]);
                self.s.unit()
            }
            Delivery::Ask => self.s.one(Opcode::Ask, imm, operands, typ),
            Delivery::TryAsk(_) => self.s.one(Opcode::TryAsk, imm, operands, typ),
        }
    }

    /// How long to wait: below zero for ever, so a time that is over already is 0.
    fn within(&mut self, time: Option<&'a Expr>) -> Value {
        let Some(time) = time else { return self.s.int(-1) };
        let time = self.expr(time);
        let (mut over, mut left, mut end) = (self.s.join(), self.s.join(), self.s.join());
        self.s.branch(Opcode::JumpLtImm, &[time], Some(0), &mut over, &mut left);
        self.s.enter(over, &[]);
        let zero = self.s.int(0);
        self.s.jump(&mut end, vec![zero]);
        self.s.enter(left, &[]);
        self.s.jump(&mut end, vec![time]);
        self.s.enter(end, &[RegType::I64])[0]
    }
}
