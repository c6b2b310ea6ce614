//! Mistakes about types, in the reader's words: what was found, what was needed, and where each comes from.

use codex_diagnostics::catalog::{
    captured_var, infinite_type, not_indexable, not_iterable, power_of_unknown, too_general, try_operand, try_outside,
    type_mismatch, unmet_demand,
};
use codex_diagnostics::{Diagnostic, Edit, Fix, Span};
use codex_syntax::Symbol;
use codex_syntax::ast::{self, Ident};

use super::{Infer, Why};
use crate::arena::{Clash, Node};
use crate::show::show;
use crate::typed::{self, DataId, ExprKind, LocalId, Ty};
use crate::walk::{Need, Sink, Walker};

impl Infer<'_, '_> {
    /// A type as the reader writes it.
    pub(crate) fn show(&self, ty: Ty) -> String {
        show(&self.arena, self.world, ty)
    }

    /// The value is not what is wanted.
    pub(crate) fn report_mismatch(&mut self, wanted: Ty, found: &typed::Expr, why: Why, clash: Clash) {
        let (wanted_text, found_text) = (self.show(wanted), self.show(found.ty));
        let diagnostic = match clash {
            Clash::Unmet(ty, mask, at) => {
                let ty = self.show(ty);
                unmet_demand::unmet(found.span, &ty, mask.inability(), at.filter(|s| *s != found.span))
            }
            Clash::Infinite => infinite_type::infinite(found.span),
            Clash::Rigid(rigid) => {
                let name = self.arena.rigids[rigid as usize].name;
                too_general::too_general(found.span, &found_text, &wanted_text, name.as_str())
            }
            Clash::Differ => type_mismatch::mismatch(headline(why), found.span, &found_text, &wanted_text),
        };
        let diagnostic = self.explain(diagnostic, why, &wanted_text);
        let diagnostic = self.label_origin(diagnostic, found);
        let diagnostic = match clash {
            Clash::Differ => self.suggest(diagnostic, wanted, found, why),
            _ => diagnostic,
        };
        self.report(diagnostic);
    }

    /// A pattern that cannot match the value.
    pub(crate) fn report_pattern_mismatch(&mut self, value: Ty, found: &typed::Expr, why: Why, clash: Clash) {
        if matches!(clash, Clash::Unmet(..) | Clash::Infinite) {
            self.report_mismatch(value, found, why, clash);
            return;
        }
        let (value_text, found_text) = (self.show(value), self.show(found.ty));
        let mut diagnostic = type_mismatch::pattern(found.span, &found_text, &value_text);
        if let Some(at) = why.place().filter(|at| *at != found.span) {
            diagnostic = diagnostic.label(at, format!("this is {}", article(&value_text)));
        }
        self.report(diagnostic);
    }

    /// Where the wanted type came from.
    fn explain(&self, diagnostic: Diagnostic, why: Why, wanted: &str) -> Diagnostic {
        let wanted = article(wanted);
        match why {
            Why::Annotation(at) => diagnostic.label(at, "the type is written here"),
            Why::Result(at) => diagnostic.label(at, "the function's result is written here"),
            Why::Returned(Some(at)) => diagnostic.label(at, format!("it gives {wanted} here")),
            Why::Argument(index, callee) => {
                let note = format!("the {} argument of `{}` is {wanted}", ordinal(index), callee.name);
                match callee.declared {
                    Some(at) => diagnostic.label(at, note),
                    None => diagnostic.note(note),
                }
            }
            Why::Branch(at) => diagnostic
                .label(at, format!("this branch is {wanted}"))
                .note("both branches of an `if` become its value, so they need the same type"),
            Why::Arm(at) => diagnostic
                .label(at, format!("this arm is {wanted}"))
                .note("all arms of a `match` become its value, so they need the same type"),
            Why::Element(at) => diagnostic
                .label(at, format!("the first one is {wanted}"))
                .note("all elements of a list have one type, and so have all keys and all values of a map"),
            Why::Operand(at) => diagnostic.label(at, format!("this is {wanted}")),
            Why::Variable(id) => {
                let info = &self.body.locals[id.index()];
                let name = info.local.name;
                match info.origin {
                    Some(at) => diagnostic.label(at, format!("`{name}` is {wanted} because of this")),
                    None => diagnostic.label(info.local.span, format!("`{name}` is {wanted}")),
                }
            }
            Why::Field(name, at) => diagnostic.label(at, format!("`{name}` is declared here")),
            Why::Index(at) => diagnostic.label(at, "the elements of this are counted from 0"),
            Why::Key(at) => diagnostic.label(at, format!("the keys of this map are {wanted}")),
            Why::Matched(at) => diagnostic.label(at, format!("this is {wanted}")),
            Why::Nothing
            | Why::Start
            | Why::NoReply
            | Why::Returned(None)
            | Why::Condition
            | Why::RangeEnd
            | Why::LambdaResult => diagnostic,
        }
    }

    /// Where the found type came from, if it is that of a local.
    pub(crate) fn label_origin(&self, diagnostic: Diagnostic, found: &typed::Expr) -> Diagnostic {
        let ExprKind::Local(id) = *found.kind else {
            return diagnostic;
        };
        let info = &self.body.locals[id.index()];
        let ty = article(&self.show(found.ty));
        let at = info.origin.unwrap_or(info.local.span);
        if diagnostic.secondary.iter().any(|l| l.span == at) || self.arena.is_var(found.ty) {
            return diagnostic;
        }
        diagnostic.label(at, format!("`{}` is {ty} because of this", info.local.name))
    }

    /// What the reader may want to do about two types that differ.
    fn suggest(&self, diagnostic: Diagnostic, wanted: Ty, found: &typed::Expr, why: Why) -> Diagnostic {
        let text = self.world.text(found.span);
        let other_side = if let Why::Operand(at) = why { self.world.text(at) } else { "" };
        match (self.arena.peek(wanted), self.arena.peek(found.ty)) {
            (Node::Float, Node::Int) => match *found.kind {
                ExprKind::Int(n) if text.parse() == Ok(n) => {
                    diagnostic.fix(format!("write it as a Float: `{text}.0`"), found.span, format!("{text}.0"))
                }
                _ => diagnostic.help(format!("turn it into a Float: `int.to_float({text})`")),
            },
            (Node::Int, Node::Float) if is_integer(other_side) => {
                let (at, text) = (why.place().unwrap_or(found.span), other_side);
                diagnostic.fix(format!("write the other side as a Float: `{text}.0`"), at, format!("{text}.0"))
            }
            (Node::Int | Node::Float, Node::Text | Node::Float) if is_literal(&found.kind) => diagnostic,
            (Node::Int, Node::Float) => {
                diagnostic.help(format!("choose how to round: `float.round({text})`, `float.floor({text})` …"))
            }
            (Node::Text, Node::Int | Node::Float | Node::Bool) if !text.contains(['"', '\n']) => {
                diagnostic.fix(format!("turn it into text: `\"{{{text}}}\"`"), found.span, format!("\"{{{text}}}\""))
            }
            (Node::Int, Node::Text) => {
                diagnostic.help(format!("read the number: `int.parse({text})` gives an Option[Int]"))
            }
            (Node::Float, Node::Text) => {
                diagnostic.help(format!("read the number: `float.parse({text})` gives an Option[Float]"))
            }
            (Node::Bool, Node::Int) => diagnostic.help("compare it: `≠ 0`; a number is neither true nor false"),
            (Node::Bool, Node::List(_) | Node::Text) => diagnostic.help("ask whether it is empty: `is_empty`"),
            _ => self.suggest_wrapping(diagnostic, wanted, found, why),
        }
    }

    /// Options, Results and functions around the value that is meant.
    fn suggest_wrapping(&self, diagnostic: Diagnostic, wanted: Ty, found: &typed::Expr, why: Why) -> Diagnostic {
        let text = self.world.text(found.span);
        let known = self.world.known;
        let is = |id: DataId, of: Option<DataId>| of == Some(id);
        match (self.arena.peek(wanted), self.arena.peek(found.ty)) {
            (Node::Data(id, args), _)
                if is(id, known.option)
                    && self.same(self.arena.item(args, 0), found.ty)
                    && matches!(why, Why::Operand(other) if !self.is_equality(other, found.span)) =>
            {
                diagnostic.help("say what happens for `None`: with `match`, `if let Some(…)` or `option.unwrap_or`")
            }
            (Node::Data(id, args), _) if is(id, known.option) && self.same(self.arena.item(args, 0), found.ty) => {
                diagnostic.fix("wrap it in `Some`", found.span, format!("Some({text})"))
            }
            (Node::Data(id, args), _) if is(id, known.result) && self.same(self.arena.item(args, 0), found.ty) => {
                diagnostic.fix("wrap it in `Ok`", found.span, format!("Ok({text})"))
            }
            (_, Node::Data(id, args)) if is(id, known.option) && self.same(self.arena.item(args, 0), wanted) => {
                diagnostic.help("say what happens for `None`: with `match`, `?` or `option.unwrap_or`")
            }
            (_, Node::Data(id, args)) if is(id, known.result) && self.same(self.arena.item(args, 0), wanted) => {
                diagnostic.help("say what happens for `Error`: with `match`, `?` or `result.unwrap_or`")
            }
            (_, Node::Fn(params, _)) if self.arena.items(params).is_empty() => {
                diagnostic.help(format!("call it: `{text}()`"))
            }
            _ => diagnostic,
        }
    }

    /// Whether the operator between two operands asks if they are equal.
    fn is_equality(&self, left: Span, right: Span) -> bool {
        let between = self.world.text(Span { start: left.end, end: right.start.max(left.end), ..left });
        ["≡", "≠", "==", "!="].contains(&between.trim())
    }

    /// Whether two types are the same as far as they are known.
    fn same(&self, a: Ty, b: Ty) -> bool {
        if self.arena.is_var(a) || self.arena.is_var(b) {
            return self.arena.is_var(a) && !matches!(self.arena.peek(b), Node::Data(..));
        }
        self.show(a) == self.show(b)
    }

    /// An operand does not meet what an operator or a function needs.
    pub(crate) fn report_unmet(&mut self, operand: &typed::Expr, clash: Clash, why: Span) {
        let Clash::Unmet(ty, mask, at) = clash else {
            let ty = operand.ty;
            self.report_mismatch(ty, operand, Why::Nothing, clash);
            return;
        };
        let (whole, part) = (self.show(operand.ty), self.show(ty));
        let at = at.filter(|s| *s != operand.span).or(Some(why)).filter(|s| *s != operand.span);
        let mut diagnostic = unmet_demand::unmet(operand.span, &part, mask.inability(), at);
        if whole != part {
            diagnostic = diagnostic.note(format!("the whole value is {}", article(&whole)));
        }
        let known = self.world.known;
        if let Node::Data(id, _) = self.arena.peek(operand.ty) {
            if known.option == Some(id) {
                diagnostic = diagnostic.help("say what happens for `None`: with `match`, `?` or `option.unwrap_or`");
            } else if known.result == Some(id) {
                diagnostic = diagnostic.help("say what happens for `Error`: with `match`, `?` or `result.unwrap_or`");
            }
        }
        let diagnostic = self.label_origin(diagnostic, operand);
        self.report(diagnostic);
    }

    /// What a called function needs of its type variables is not met.
    pub(crate) fn report_demand(&mut self, clash: Clash, span: Span) {
        let Clash::Unmet(ty, mask, _) = clash else {
            return;
        };
        if self.diagnostics.iter().any(|d| d.primary.span == span) {
            return;
        }
        let ty = self.show(ty);
        self.report(unmet_demand::unmet(span, &ty, mask.inability(), None));
    }

    pub(crate) fn report_power(&mut self, span: Span) {
        self.report(power_of_unknown::unknown(span));
    }

    pub(crate) fn report_try_operand(&mut self, inner: &typed::Expr, span: Span) {
        let shown = self.show(inner.ty);
        let question = Span { start: span.end.saturating_sub(1), ..span };
        let d = self.label_origin(try_operand::try_operand(inner.span, question, &shown), inner);
        self.report(d);
    }

    pub(crate) fn report_try_outside(&mut self, inner: &typed::Expr, result: Ty, span: Span) {
        let (found, result) = (self.show(inner.ty), self.show(result));
        let at = self.frame().why.place();
        let question = Span { start: span.end.saturating_sub(1), ..span };
        self.report(try_outside::try_outside(question, &found, &result, at));
    }

    pub(crate) fn report_not_indexable(&mut self, base: &typed::Expr) {
        let shown = self.show(base.ty);
        let text = matches!(self.arena.peek(base.ty), Node::Text);
        let d = self.label_origin(not_indexable::not_indexable(base.span, &shown, text), base);
        self.report(d);
    }

    pub(crate) fn report_not_iterable(&mut self, values: &typed::Expr) {
        let shown = self.show(values.ty);
        let source = self.world.text(values.span);
        let help = match self.arena.peek(values.ty) {
            Node::Text => Some(format!("walk its characters: `text.graphemes({source})`")),
            Node::Int => Some(format!("count up to it: `0..{source}`")),
            Node::Bytes => Some(format!("walk its numbers: `bytes.to_list({source})`")),
            _ => None,
        };
        let d = self.label_origin(not_iterable::not_iterable(values.span, &shown, help), values);
        self.report(d);
    }

    pub(crate) fn report_not_a_collection(&mut self, whole: &typed::Expr, op: Span) {
        let shown = self.show(whole.ty);
        let d = not_iterable::not_a_collection(whole.span, op, &shown);
        let d = self.label_origin(d, whole);
        self.report(d);
    }

    /// A λ uses a `var` of the outside; told once for each λ.
    pub(crate) fn report_captured(&mut self, id: LocalId, span: Span) {
        let info = &self.body.locals[id.index()];
        let (name, declared, from) = (info.local.name, info.local.span, info.frame);
        let Some(outermost) = self.body.frames.get_mut(from + 1) else {
            return;
        };
        if outermost.refused.contains(&id) {
            return;
        }
        outermost.refused.push(id);
        let lambda = outermost.lambda;
        let stmt = self.body.frames[from].stmt;
        if self.is_changed(span) {
            self.report(captured_var::changed(name.as_str(), span, declared));
            return;
        }
        let mut diagnostic = captured_var::captured(name.as_str(), span, declared);
        let fix = lambda.zip(stmt).and_then(|(lambda, stmt)| self.copy_before(name, lambda, stmt));
        match fix {
            Some(fix) => diagnostic.fixes.push(fix),
            None => diagnostic.helps.push(captured_var::copy(name.as_str())),
        }
        self.report(diagnostic);
    }

    /// Whether the name at a place is given a new value there.
    fn is_changed(&self, name: Span) -> bool {
        let rest = self.world.text(Span { start: name.end, end: name.end + 8, ..name }).trim_start();
        ["≔", ":=", "+=", "-=", "×=", "÷=", "*=", "/="].iter().any(|op| rest.starts_with(op))
    }

    /// Copies a `var` into a `let` before the statement, and uses the copy in the λ.
    fn copy_before(&self, name: Symbol, lambda: &ast::Expr, stmt: Span) -> Option<Fix> {
        let mut uses = Uses { name, spans: Vec::new() };
        Walker::new(&mut uses).expr(lambda);
        let copy = format!("{name}_now");
        let indent = " ".repeat(self.world.column(stmt) as usize);
        let start = Span { end: stmt.start, ..stmt };
        let mut edits = vec![Edit { span: start, text: format!("let {copy} = {name}\n{indent}") }];
        for span in uses.spans {
            let after = Span { start: span.end, end: span.end + 1, ..span };
            let rest = Span { start: span.end, end: stmt.end, ..span };
            // A pun would need a label, and a change is not a use.
            let pun = self.world.text(after) == ":" || self.world.text(rest).trim_start().starts_with(':');
            if pun || self.is_changed(span) || !same_name(self.world.text(span), name) {
                return None;
            }
            edits.push(Edit { span, text: copy.clone() });
        }
        Some(Fix { text: captured_var::copy(name.as_str()), edits })
    }
}

fn is_integer(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

fn is_literal(kind: &ExprKind) -> bool {
    matches!(kind, ExprKind::Int(_) | ExprKind::Float(_) | ExprKind::Text(_))
}

fn same_name(text: &str, name: Symbol) -> bool {
    text == name.as_str()
}

/// The uses of one name that is not bound by the λ itself.
struct Uses {
    name: Symbol,
    spans: Vec<Span>,
}

impl Sink for Uses {
    fn value(&mut self, name: Ident) {
        if name.name == self.name {
            self.spans.push(name.span);
        }
    }
    fn member(&mut self, base: Ident, _: Ident, bound: bool) {
        if !bound {
            self.value(base);
        }
    }
    fn variant(&mut self, _: Option<Ident>, _: Ident) {}
    fn type_name(&mut self, _: Option<Ident>, _: Ident) {}
    fn need(&mut self, _: Need) {}
}

fn headline(why: Why) -> String {
    match why {
        Why::Argument(index, callee) => {
            format!("the {} argument of `{}` has the wrong type", ordinal(index), callee.name)
        }
        Why::Branch(_) => "these two branches have different types".to_owned(),
        Why::Arm(_) => "the arms of this match have different types".to_owned(),
        Why::Element(_) => "the elements have different types".to_owned(),
        Why::Operand(_) => "the two sides have different types".to_owned(),
        Why::Condition => "a condition must be a Bool".to_owned(),
        Why::RangeEnd => "the ends of a range must be Ints".to_owned(),
        Why::Index(_) => "a position must be an Int".to_owned(),
        Why::Key(_) => "the key has the wrong type".to_owned(),
        Why::Result(_) | Why::Returned(_) => "the function's result has the wrong type".to_owned(),
        Why::LambdaResult => "the λ has the wrong type".to_owned(),
        Why::Variable(_) => "a `var` keeps its type".to_owned(),
        Why::Field(name, _) => format!("`{name}` has the wrong type"),
        Why::Start => "`main` and tests give no value".to_owned(),
        Why::NoReply => "this handler has no result".to_owned(),
        Why::Nothing | Why::Annotation(_) | Why::Matched(_) => "this has the wrong type".to_owned(),
    }
}

fn ordinal(index: u32) -> String {
    match index {
        0 => "1st".to_owned(),
        1 => "2nd".to_owned(),
        2 => "3rd".to_owned(),
        n => format!("{}th", n + 1),
    }
}

/// `an Int`, `a Text`.
pub(crate) fn article(ty: &str) -> String {
    let an = ty.starts_with(['A', 'E', 'I', 'O', 'U']) && !ty.starts_with("Un");
    match ty {
        "_" => "of a type that is not known yet".to_owned(),
        "()" => "`()`".to_owned(),
        _ if an => format!("an `{ty}`"),
        _ => format!("a `{ty}`"),
    }
}
