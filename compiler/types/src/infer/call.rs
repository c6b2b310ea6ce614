//! Calls: of functions, builtins, variants and function values, with or without a pipe.

use codex_diagnostics::Span;
use codex_diagnostics::catalog::{argument_count, argument_label, not_a_function, pipe_target};
use codex_syntax::Symbol;
use codex_syntax::ast::{self, Arg, Ident};

use super::access::Dotted;
use super::{Callee, Infer, Want, Why};
use crate::arena::{self, Node};
use crate::typed::{self, ExprKind, FnId, Ty};
use crate::world::{ValueId, ValueKind};

/// An argument before it is inferred, or the piped value, which was inferred first.
pub(crate) enum Given<'a> {
    Piped(typed::Expr),
    Ast(&'a ast::Expr),
    /// `name:`
    Pun(Ident),
}

impl Given<'_> {
    pub(crate) fn span(&self) -> Span {
        match self {
            Given::Piped(e) => e.span,
            Given::Ast(e) => e.span,
            Given::Pun(name) => name.span,
        }
    }
    fn is_lambda(&self) -> bool {
        matches!(self, Given::Ast(e) if matches!(*e.kind, ast::ExprKind::Lambda { .. }))
    }
}

/// The arguments of a call by kind.
pub(crate) struct Arguments<'a> {
    /// With their labels, in the order written.
    pub(crate) items: Vec<(Option<Ident>, Given<'a>)>,
    pub(crate) spread: Option<&'a ast::Expr>,
}

impl<'a> Infer<'_, 'a> {
    pub(crate) fn pipe(&mut self, left: &'a ast::Expr, right: &'a ast::Expr, span: Span, want: Want) -> typed::Expr {
        // `x ▷ f(y)?` is `f(x, y)?`.
        if let ast::ExprKind::Try(inner) = &*right.kind {
            let at = left.span.to(inner.span);
            let inner = self.pipe(left, inner, at, Want::ANY);
            return self.try_value(inner, span, want);
        }
        let piped = self.expr(left, Want::ANY);
        match &*right.kind {
            ast::ExprKind::Call(callee, args) => self.call(callee, Some(piped), args, span, want),
            ast::ExprKind::Name(_)
            | ast::ExprKind::Upper(_)
            | ast::ExprKind::Field(..)
            | ast::ExprKind::Lambda { .. } => self.call(right, Some(piped), &[], span, want),
            ast::ExprKind::Error => self.error_expr(span),
            _ => {
                let typed = self.expr(right, Want::ANY);
                if matches!(self.arena.peek(typed.ty), Node::Fn(..) | Node::Var(..)) {
                    return self.call_function_value(typed, vec![(None, Given::Piped(piped))], span, want);
                }
                if !self.arena.is_error(typed.ty) {
                    let shown = self.show(typed.ty);
                    self.report(pipe_target::not_a_call(right.span, &shown));
                }
                self.error_expr(span)
            }
        }
    }

    pub(crate) fn call(
        &mut self,
        callee: &'a ast::Expr,
        piped: Option<typed::Expr>,
        args: &'a [Arg],
        span: Span,
        want: Want,
    ) -> typed::Expr {
        let arguments = arguments(piped, args);
        match &*callee.kind {
            ast::ExprKind::Upper(name) => {
                return self.construct(None, *name, arguments, span, want);
            }
            ast::ExprKind::Name(name) if self.body.lookup(name.name).is_none() => {
                return match self.value_named(name.name) {
                    Some(id) => self.call_value(id, arguments, callee.span, span, want),
                    None => {
                        self.unknown_name(*name);
                        self.infer_anyway(arguments);
                        self.error_expr(span)
                    }
                };
            }
            ast::ExprKind::Field(base, name) => match self.dotted(base, *name) {
                Dotted::Value(id) => {
                    return self.call_value(id, arguments, callee.span, span, want);
                }
                Dotted::Builtin(index) => return self.call_builtin(index, arguments, span, want),
                Dotted::Variant => {
                    if let ast::ExprKind::Name(module) = &*base.kind {
                        return self.construct(Some(*module), *name, arguments, span, want);
                    }
                }
                Dotted::Field => return self.call_field(base, *name, arguments, span, want),
                Dotted::Error => {
                    self.infer_anyway(arguments);
                    return self.error_expr(span);
                }
            },
            _ => {}
        }
        let callee = match (&*callee.kind, &arguments.items[..]) {
            // `x ▷ λ y → …`: the value tells the λ its parameter's type.
            (ast::ExprKind::Lambda { .. }, [(None, Given::Piped(piped))]) => {
                let ty = self.kept(piped.ty);
                let result = self.arena.var();
                let function = self.arena.function(&[ty], result);
                self.expr(callee, Want::is(function, Why::LambdaResult))
            }
            _ => self.expr(callee, Want::ANY),
        };
        let items = self.unlabelled(arguments);
        self.call_function_value(callee, items, span, want)
    }

    /// `base.name(args)` where the base is a value.
    fn call_field(
        &mut self,
        base: &'a ast::Expr,
        name: Ident,
        arguments: Arguments<'a>,
        span: Span,
        want: Want,
    ) -> typed::Expr {
        let base = self.expr(base, Want::ANY);
        let known = !self.arena.is_var(base.ty) && !self.arena.is_error(base.ty);
        if known && self.find_field(base.ty, name.name).is_none() {
            let piped = matches!(arguments.items.first(), Some((_, Given::Piped(_))));
            let open = self.opening(name.span).filter(|_| !piped);
            self.report_method(&base, name, open, arguments.items.is_empty());
            self.infer_anyway(arguments);
            return self.error_expr(span);
        }
        let at = base.span.to(name.span);
        let callee = self.field_of(base, name, at);
        let items = self.unlabelled(arguments);
        self.call_function_value(callee, items, span, want)
    }

    /// The parenthesis right after a name.
    fn opening(&self, name: Span) -> Option<Span> {
        let after = Span { start: name.end, end: name.end + 1, ..name };
        (self.world.text(after) == "(").then_some(after)
    }

    /// Looks for mistakes in the arguments of a call that is one itself.
    pub(crate) fn infer_anyway(&mut self, arguments: Arguments<'a>) {
        for (_, given) in arguments.items {
            self.given(given, Want::ANY);
        }
        if let Some(base) = arguments.spread {
            self.expr(base, Want::ANY);
        }
    }

    /// Labels and spreads are for variants, and labels for functions that are named.
    pub(crate) fn unlabelled(&mut self, arguments: Arguments<'a>) -> Vec<(Option<Ident>, Given<'a>)> {
        if let Some(base) = arguments.spread {
            self.report(argument_label::spread(base.span));
        } else if let Some((Some(label), _)) = arguments.items.iter().find(|(l, _)| l.is_some()) {
            self.report(argument_label::of_value(label.name.as_str(), label.span));
        }
        arguments.items
    }

    /// An argument that must be what is wanted.
    pub(crate) fn given(&mut self, given: Given<'a>, want: Want) -> typed::Expr {
        match given {
            Given::Piped(e) => self.finish(e, want),
            Given::Ast(e) => self.expr(e, want),
            Given::Pun(name) => self.name(name, name.span, want),
        }
    }

    /// Infers arguments for parameters; λs last, because the others tell more about types.
    pub(crate) fn givens(
        &mut self,
        items: Vec<Given<'a>>,
        params: &[Ty],
        why: impl Fn(usize) -> Why,
    ) -> Vec<typed::Expr> {
        let mut done: Vec<Option<typed::Expr>> = Vec::with_capacity(items.len());
        let mut later = Vec::new();
        for (i, given) in items.into_iter().enumerate() {
            if given.is_lambda() {
                later.push((i, given));
                done.push(None);
            } else {
                done.push(Some(self.given(given, Want::is(params[i], why(i)))));
            }
        }
        for (i, given) in later {
            done[i] = Some(self.given(given, Want::is(params[i], why(i))));
        }
        done.into_iter().flatten().collect()
    }

    /// A call of a named function, or of what a constant holds.
    fn call_value(&mut self, id: ValueId, arguments: Arguments<'a>, name: Span, span: Span, want: Want) -> typed::Expr {
        if let Some(form) = self.ask_form(id) {
            return self.try_ask(form, id, arguments, (name, span), want);
        }
        let (Some(function), ValueKind::Function(f)) = (self.world.function(id), self.world.value(id).kind) else {
            let callee = self.value(id, name);
            let items = self.unlabelled(arguments);
            return self.call_function_value(callee, items, span, want);
        };
        if let Some(base) = arguments.spread {
            self.report(argument_label::spread(base.span));
            return self.error_expr(span);
        }
        let labels: Vec<Symbol> = f.params.iter().map(|p| p.name.name).collect();
        let Some(places) = self.places(&arguments, &labels, f.name.name) else {
            self.infer_anyway(arguments);
            return self.error_expr(span);
        };
        let (type_args, params, result) = self.signature(function, span);
        if arguments.items.len() != params.len() {
            let signature = self.signature_text(f);
            let given = arguments.items.len();
            let extra = arguments.items.get(params.len()).map(|(_, g)| g.span());
            let declared = self.declared(id);
            let name = f.name.name.as_str();
            let d = argument_count::wrong(name, extra.unwrap_or(span), params.len(), given, &signature, declared);
            self.report(d);
            self.infer_anyway(arguments);
            return self.error_expr(span);
        }
        let callee = Callee { name: f.name.name, declared: self.declared(id) };
        let ordered: Vec<Ty> = places.iter().map(|p| params[*p]).collect();
        let items = arguments.items.into_iter().map(|(_, g)| g).collect();
        let before = self.diagnostics.len();
        let args = self.givens(items, &ordered, |i| Why::Argument(places[i] as u32, callee));
        self.merge_mismatches(before, f);
        let call = self.in_order(function, type_args, args, &places, result, span);
        self.finish(call, want)
    }

    /// Several arguments of the wrong type are one mistake: often their order.
    fn merge_mismatches(&mut self, before: usize, f: &ast::Function) {
        let code = codex_diagnostics::catalog::type_mismatch::CODE;
        let of = format!(" argument of `{}` ", f.name.name);
        let mut mine: Vec<usize> = (before..self.diagnostics.len())
            .filter(|i| self.diagnostics[*i].code == code && self.diagnostics[*i].headline.contains(&of))
            .collect();
        if mine.len() < 2 {
            return;
        }
        mine.sort_by_key(|i| self.diagnostics[*i].primary.span);
        let first = mine[0];
        let signature = self.signature_text(f);
        self.diagnostics[first].notes.push(format!("another argument has the wrong type too; it is `{signature}`"));
        let mut at = 0;
        self.diagnostics.retain(|_| {
            at += 1;
            at - 1 == first || !mine.contains(&(at - 1))
        });
    }

    /// Where an item is declared, when the reader can see it.
    pub(crate) fn declared(&self, id: ValueId) -> Option<Span> {
        let value = self.world.value(id);
        (!self.world.module(value.module).std).then(|| value.span())
    }

    /// The call, its arguments in the order of parameters but evaluated as written.
    fn in_order(
        &mut self,
        function: FnId,
        type_args: Vec<Ty>,
        args: Vec<typed::Expr>,
        places: &[usize],
        result: Ty,
        span: Span,
    ) -> typed::Expr {
        let (stmts, args) = self.by_place(args, places);
        let call = self.make(ExprKind::Call { function, type_args, args }, result, span);
        if stmts.is_empty() { call } else { self.make(ExprKind::Block(stmts, Some(call)), result, span) }
    }

    /// Which parameter each argument is for; a wrong label is reported.
    pub(crate) fn places(&mut self, arguments: &Arguments<'a>, labels: &[Symbol], of: Symbol) -> Option<Vec<usize>> {
        let mut places: Vec<usize> = Vec::with_capacity(arguments.items.len());
        let mut labelled = false;
        for (i, (label, given)) in arguments.items.iter().enumerate() {
            let Some(label) = label else {
                if labelled {
                    self.report(argument_label::positional_after(given.span()));
                    return None;
                }
                places.push(i);
                continue;
            };
            labelled = true;
            let Some(place) = labels.iter().position(|l| *l == label.name) else {
                let known: Vec<&str> = labels.iter().map(|l| l.as_str()).collect();
                let near = crate::similar::similar(label.name.as_str(), known.iter().copied());
                let d = argument_label::unknown(label.name.as_str(), label.span, of.as_str(), &near, &known);
                self.report(d);
                return None;
            };
            if let Some(first) = places.iter().position(|p| *p == place) {
                let first = arguments.items[first].1.span();
                self.report(argument_label::twice(label.name.as_str(), label.span, first));
                return None;
            }
            places.push(place);
        }
        Some(places)
    }

    fn call_builtin(&mut self, index: u32, arguments: Arguments<'a>, span: Span, want: Want) -> typed::Expr {
        let instance = self.builtin(index).instantiate(&mut self.arena, span);
        let items = self.unlabelled(arguments);
        let row = codex_spec::builtin::BUILTINS.get(index as usize);
        let name = Symbol::new(row.map_or("builtin", |r| r.name));
        if items.len() != instance.params.len() {
            let signature = row.map_or("", |r| r.signature);
            let (wanted, given) = (instance.params.len(), items.len());
            self.report(argument_count::wrong(name.as_str(), span, wanted, given, signature, None));
            return self.error_expr(span);
        }
        let items = items.into_iter().map(|(_, g)| g).collect();
        let callee = Callee { name, declared: None };
        let args = self.givens(items, &instance.params, |i| Why::Argument(i as u32, callee));
        self.leaf(ExprKind::Builtin(index, args), instance.result, span, want)
    }

    /// A call of a value, which must be a function.
    fn call_function_value(
        &mut self,
        callee: typed::Expr,
        items: Vec<(Option<Ident>, Given<'a>)>,
        span: Span,
        want: Want,
    ) -> typed::Expr {
        let count = items.len();
        if self.arena.is_var(callee.ty) {
            let params: Vec<Ty> = (0..count).map(|_| self.arena.var()).collect();
            let result = self.arena.var();
            let function = self.arena.function(&params, result);
            if let Err(clash) = self.arena.unify(callee.ty, function) {
                self.report_unmet(&callee, clash, span);
            }
        }
        let (params, result) = match self.arena.get(callee.ty) {
            Node::Fn(params, result) => (self.arena.items(params).to_vec(), result),
            node => {
                if !matches!(node, Node::Error) {
                    let shown = self.show(callee.ty);
                    let text = self.world.text(callee.span);
                    let d = not_a_function::not_a_function(text, callee.span, &shown);
                    let d = self.label_origin(d, &callee);
                    self.report(d);
                }
                self.infer_anyway(Arguments { items, spread: None });
                return self.error_expr(span);
            }
        };
        if params.len() != count {
            let signature = self.show(callee.ty);
            let text = self.world.text(callee.span);
            let extra = items.get(params.len()).map(|(_, g)| g.span());
            let d = argument_count::wrong(text, extra.unwrap_or(span), params.len(), count, &signature, None);
            self.report(d);
            self.infer_anyway(Arguments { items, spread: None });
            return self.error_expr(span);
        }
        let name = Symbol::new(self.world.text(callee.span));
        let named = Callee { name, declared: None };
        let items = items.into_iter().map(|(_, g)| g).collect();
        let args = self.givens(items, &params, |i| Why::Argument(i as u32, named));
        let result = if result == arena::NEVER { self.arena.var() } else { result };
        self.leaf(ExprKind::CallValue(callee, args), result, span, want)
    }

    /// A function's head as written.
    fn signature_text(&self, f: &ast::Function) -> String {
        let end = f.result.as_ref().map(|r| r.span).or_else(|| f.params.last().map(param_end));
        let mut head = self.world.text(end.map_or(f.name.span, |end| f.name.span.to(end))).to_owned();
        if f.result.is_none() {
            head.push_str(if f.params.is_empty() { "()" } else { ")" });
        }
        format!("fn {head}")
    }
}

fn param_end(p: &ast::Param) -> Span {
    p.ty.as_ref().map_or(p.name.span, |t| t.span)
}

/// The arguments of a call, a piped value first.
pub(crate) fn arguments<'a>(piped: Option<typed::Expr>, args: &'a [Arg]) -> Arguments<'a> {
    let mut items = Vec::with_capacity(args.len() + usize::from(piped.is_some()));
    items.extend(piped.map(|p| (None, Given::Piped(p))));
    let mut spread = None;
    for arg in args {
        match arg {
            Arg::Positional(e) => items.push((None, Given::Ast(e))),
            Arg::Labelled(label, e) => items.push((Some(*label), Given::Ast(e))),
            Arg::Pun(name) => items.push((Some(*name), Given::Pun(*name))),
            Arg::Spread(e) => spread = Some(e),
        }
    }
    Arguments { items, spread }
}
