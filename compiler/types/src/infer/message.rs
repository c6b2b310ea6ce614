//! Spawning containers, and messages to them.

use codex_diagnostics::Span;
use codex_diagnostics::catalog::{
    argument_count, argument_label, ask_wanted, lifecycle_message, message_parentheses, not_a_container, not_a_link,
    unknown_message,
};
use codex_syntax::Symbol;
use codex_syntax::ast::{self, Arg, Ident};

use super::call::{Arguments, Given, arguments};
use super::{Callee, Infer, Want, Why};
use crate::annotate::{Annotator, Unknown};
use crate::arena::{self, Node};
use crate::contract::{self, Message};
use crate::similar::similar;
use crate::typed::{self, ContainerId, Delivery, ExprKind, Stmt, Ty};
use crate::walk::addressee;
use crate::world::{TypeRef, ValueId};

/// A function of the module `container` whose argument must be an ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AskForm {
    Try,
    Within,
}

impl<'a> Infer<'_, 'a> {
    /// `⊞ C(args)`
    pub(crate) fn spawn(&mut self, spawned: &'a ast::Expr, span: Span, want: Want) -> typed::Expr {
        let Some((module, name, args)) = addressee(spawned) else { return self.error_expr(span) };
        let Some(id) = self.find_container(module, name) else {
            self.infer_anyway(arguments(None, args));
            return self.error_expr(span);
        };
        let contract = &self.shared.contracts[id.index()];
        if !self.has_parentheses(spawned, name, &contract.params) {
            return self.error_expr(span);
        }
        let entry = self.world.container(id);
        let declared = (!self.world.module(entry.module).std).then_some(entry.decl.name.span);
        let callee = Callee { name: name.name, declared };
        let result = self.arena.container(id);
        let made =
            self.with_arguments(id, (&contract.params, args), callee, span, |args| (ExprKind::Spawn(id, args), result));
        self.finish(made, want)
    }

    fn find_container(&mut self, module: Option<Ident>, name: Ident) -> Option<ContainerId> {
        let mut annotator = Annotator {
            world: self.world,
            arena: &mut self.arena,
            diagnostics: &mut self.diagnostics,
            module: self.module,
            vars: &mut self.body.vars,
            unknown: Unknown::Report,
            open: Vec::new(),
        };
        let found = match module {
            Some(module) => Some(annotator.in_module(module, name)?),
            None => self.world.type_named(self.module, name.name),
        };
        let text = name.name.as_str();
        match found {
            Some(TypeRef::Container(id)) => return Some(id),
            Some(_) => self.report(not_a_container::a_type(text, name.span)),
            None if self.world.is_reported(self.module, name.name) => {}
            None => {
                let names = self.world.containers.iter().filter(|c| c.module == self.module).map(|c| c.decl.name.name);
                let near = similar(text, names.map(|n| n.as_str()));
                self.report(not_a_container::unknown(text, name.span, &near));
            }
        }
        None
    }

    /// Whether a message or container is written with parentheses; if not, that is reported.
    fn has_parentheses(&mut self, written: &ast::Expr, name: Ident, params: &[(Ident, Ty)]) -> bool {
        if matches!(*written.kind, ast::ExprKind::Call(..)) {
            return true;
        }
        let labels: Vec<&str> = params.iter().map(|(p, _)| p.name.as_str()).collect();
        self.report(message_parentheses::missing(name.name.as_str(), written.span, &labels));
        false
    }

    /// Arguments for the parameters of a container or message, and what `make` makes of them. They are evaluated as written.
    fn with_arguments(
        &mut self,
        of: ContainerId,
        (params, args): (&[(Ident, Ty)], &'a [Arg]),
        callee: Callee,
        span: Span,
        make: impl FnOnce(Vec<typed::Expr>) -> (ExprKind, Ty),
    ) -> typed::Expr {
        let given = arguments(None, args);
        let Some(places) = self.message_places(&given, params, callee, of, span) else {
            self.infer_anyway(given);
            return self.error_expr(span);
        };
        let types = self.contract_types(of, params.iter().map(|(_, ty)| *ty));
        let ordered: Vec<Ty> = places.iter().map(|p| types[*p]).collect();
        let items = given.items.into_iter().map(|(_, g)| g).collect();
        let args = self.givens(items, &ordered, |i| Why::Argument(places[i] as u32, callee));
        let (stmts, args) = self.by_place(args, &places);
        let (kind, ty) = make(args);
        let made = self.make(kind, ty, span);
        if stmts.is_empty() { made } else { self.make(ExprKind::Block(stmts, Some(made)), ty, span) }
    }

    fn message_places(
        &mut self,
        given: &Arguments<'a>,
        params: &[(Ident, Ty)],
        callee: Callee,
        of: ContainerId,
        span: Span,
    ) -> Option<Vec<usize>> {
        if let Some(base) = given.spread {
            self.report(argument_label::spread(base.span));
            return None;
        }
        let labels: Vec<Symbol> = params.iter().map(|(name, _)| name.name).collect();
        let places = self.places(given, &labels, callee.name)?;
        if given.items.len() != params.len() {
            let extra = given.items.get(params.len()).map_or(span, |(_, g)| g.span());
            let signature = format!("{}({})", callee.name, self.params_text(of, params));
            let (wanted, count) = (params.len(), given.items.len());
            let name = callee.name.as_str();
            self.report(argument_count::wrong(name, extra, wanted, count, &signature, callee.declared));
            return None;
        }
        Some(places)
    }

    /// Parameters as declared.
    fn params_text(&mut self, of: ContainerId, params: &[(Ident, Ty)]) -> String {
        let types = self.contract_types(of, params.iter().map(|(_, ty)| *ty));
        let shown: Vec<String> =
            params.iter().zip(types).map(|((name, _), ty)| format!("{}: {}", name.name, self.show(ty))).collect();
        shown.join(", ")
    }

    /// `c ⇒ M(args)` and `c ⇔ M(args)`
    pub(crate) fn deliver(
        &mut self,
        link: &'a ast::Expr,
        message: &'a ast::Expr,
        ask: bool,
        span: Span,
        want: Want,
    ) -> typed::Expr {
        let link = self.expr(link, Want::ANY);
        let Some((module, name, args)) = addressee(message) else { return self.error_expr(span) };
        let Some(of) = self.kind_of(&link, if ask { "⇔" } else { "⇒" }) else {
            self.infer_anyway(arguments(None, args));
            return self.error_expr(span);
        };
        let Some((number, found)) = self.find_message(of, module, name) else {
            self.infer_anyway(arguments(None, args));
            return self.error_expr(span);
        };
        if !self.has_parentheses(message, name, &found.params) {
            return self.error_expr(span);
        }
        let entry = self.world.container(of);
        let declared = (!self.world.module(entry.module).std).then_some(found.name.span);
        let callee = Callee { name: found.name.name, declared };
        let (how, ty) = match ask {
            true => (Delivery::Ask, self.contract_types(of, [found.reply].into_iter())[0]),
            false => (Delivery::Send, arena::UNIT),
        };
        let made = self.with_arguments(of, (&found.params, args), callee, span, |args| {
            (ExprKind::Deliver { how, link, container: of, message: number, args }, ty)
        });
        self.finish(made, want)
    }

    /// The kind of container that a link leads to.
    fn kind_of(&mut self, link: &typed::Expr, sign: &str) -> Option<ContainerId> {
        let shown = self.show(link.ty);
        let diagnostic = match self.arena.peek(link.ty) {
            Node::Container(id) => return Some(id),
            Node::Error | Node::Never => return None,
            Node::AnyLink => not_a_link::of_any_kind(link.span),
            Node::Var(..) => not_a_link::unknown(link.span),
            _ => not_a_link::other(link.span, sign, &shown),
        };
        let diagnostic = self.label_origin(diagnostic, link);
        self.report(diagnostic);
        None
    }

    fn find_message(&mut self, of: ContainerId, module: Option<Ident>, name: Ident) -> Option<(u32, Message)> {
        let messages = &self.shared.contracts[of.index()].messages;
        let found = messages.iter().position(|m| m.name.name == name.name);
        if let (Some(at), None) = (found, module) {
            return Some((at as u32, messages[at].clone()));
        }
        let text = name.name.as_str();
        if let (Some(_), None) = (contract::event(name.name), module) {
            self.report(lifecycle_message::sent(text, name.span));
            return None;
        }
        let known: Vec<String> = messages
            .iter()
            .map(|m| {
                let mut text = format!("{}({})", m.name.name, self.params_text(of, &m.params));
                let reply = self.contract_types(of, [m.reply].into_iter())[0];
                if !self.arena.is_unit(reply) {
                    text.push_str(&format!(" → {}", self.show(reply)));
                }
                text
            })
            .collect();
        let names: Vec<&str> = messages.iter().map(|m| m.name.name.as_str()).collect();
        let near = similar(text, names);
        let container = self.world.container(of).decl.name;
        self.report(unknown_message::unknown(container.name.as_str(), text, name.span, &near, &known));
        None
    }

    // ── Asks that may fail ───────────────────────────────────────────────────────

    /// Whether a function of the library is one whose argument must be an ask.
    pub(crate) fn ask_form(&self, id: ValueId) -> Option<AskForm> {
        let value = self.world.value(id);
        let module = self.world.module(value.module);
        if !module.std || module.name != "container" {
            return None;
        }
        match value.name()?.as_str() {
            "try_ask" => Some(AskForm::Try),
            "ask_within" => Some(AskForm::Within),
            _ => None,
        }
    }

    /// `container.try_ask(c ⇔ M(args))`, `container.ask_within(d, c ⇔ M(args))`
    pub(crate) fn try_ask(
        &mut self,
        form: AskForm,
        id: ValueId,
        given: Arguments<'a>,
        (name, span): (Span, Span),
        want: Want,
    ) -> typed::Expr {
        let Some(function) = self.world.function(id) else { return self.error_expr(span) };
        let (_, params, _) = self.signature(function, span);
        let mut items = self.unlabelled(given);
        if items.len() != params.len() {
            let signature = ask_wanted::signature(form == AskForm::Within);
            let text = self.world.text(name);
            self.report(argument_count::wrong(text, span, params.len(), items.len(), signature, None));
            self.infer_anyway(Arguments { items, spread: None });
            return self.error_expr(span);
        }
        let Some((_, ask)) = items.pop() else { return self.error_expr(span) };
        let callee = Callee { name: Symbol::new(self.world.text(name)), declared: None };
        let within = match items.pop() {
            Some((_, limit)) => {
                let limit = self.given(limit, Want::is(params[0], Why::Argument(0, callee)));
                let field = Ident { name: Symbol::new("milliseconds"), span: limit.span };
                let at = limit.span;
                Some(self.field_of(limit, field, at))
            }
            None => None,
        };
        let at = ask.span();
        let written = matches!(&ask, Given::Ast(e) if matches!(*e.kind, ast::ExprKind::Ask(..)));
        let piped = matches!(&ask, Given::Piped(_));
        let mut ask = self.given(ask, Want::ANY);
        if self.arena.is_error(ask.ty) {
            return self.error_expr(span);
        }
        let known = self.world.known;
        let (Some(result), Some(unanswered)) = (known.result, known.unanswered) else { return self.error_expr(span) };
        let reason = self.arena.data(unanswered, &[]);
        let ty = self.arena.data(result, &[ask.ty, reason]);
        if !(written || piped) || !turn(&mut ask, within, ty) {
            self.report(ask_wanted::wanted(self.world.text(name), at));
            return self.error_expr(span);
        }
        self.finish(ask, want)
    }

    // ── Savepoints ───────────────────────────────────────────────────────────────

    /// `◈ name`
    pub(crate) fn savepoint(&mut self, name: &'a ast::Expr, span: Span, want: Want) -> typed::Expr {
        let name = self.expr(name, Want::is(arena::TEXT, Why::Nothing));
        match self.known(self.world.known.savepoint, "save", span) {
            Some(function) => {
                let made = self.call_known(function, vec![name], span);
                self.finish(made, want)
            }
            None => self.error_expr(span),
        }
    }

    /// Arguments in the order of parameters; what has to be evaluated before, as it was written.
    pub(crate) fn by_place(&mut self, args: Vec<typed::Expr>, places: &[usize]) -> (Vec<Stmt>, Vec<typed::Expr>) {
        if places.is_sorted() {
            return (Vec::new(), args);
        }
        let mut stmts: Vec<Stmt> = Vec::with_capacity(args.len());
        let mut sorted: Vec<(usize, typed::Expr)> = Vec::with_capacity(args.len());
        for (place, arg) in places.iter().zip(args) {
            let (stmt, value) = self.named("argument", arg);
            stmts.push(stmt);
            sorted.push((*place, value));
        }
        sorted.sort_by_key(|(place, _)| *place);
        (stmts, sorted.into_iter().map(|(_, value)| value).collect())
    }
}

/// Makes a `try_ask` of an ask, whose arguments may have been evaluated before. Whether it was one.
fn turn(e: &mut typed::Expr, within: Option<typed::Expr>, ty: Ty) -> bool {
    let turned = match &mut *e.kind {
        ExprKind::Deliver { how, .. } if matches!(how, Delivery::Ask) => {
            *how = Delivery::TryAsk(within);
            true
        }
        ExprKind::Block(_, Some(last)) => turn(last, within, ty),
        _ => false,
    };
    if turned {
        e.ty = ty;
    }
    turned
}
