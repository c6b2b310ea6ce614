//! Lowering of one function or λ: what its parts share.

use codex_spec::instruction::FuncId;
use codex_spec::layout::RegType;
use codex_spec::trap::Trap;
use codex_types::typed::{self, Expr, ExprKind, FnId, LocalId, Pattern, PatternKind, Ty};
use rustc_hash::FxHashMap;

use super::container::Handling;
use super::mono::{Memo, Mono, Types};
use super::ssa::{Head, Join, Ssa};
use super::{Args, Builder, Lambda};
use crate::ir::{Func, Value};

/// The lowering of one function.
pub(crate) struct Lower<'b, 'a> {
    pub(crate) b: &'b mut Builder<'a>,
    pub(crate) s: Ssa,
    pub(crate) source: &'a typed::Function,
    pub(crate) args: Args,
    memo: Memo,
    /// Locals that do not change.
    locals: FxHashMap<LocalId, Value>,
    /// For a `var`: its place in [`Ssa::vars`].
    slots: FxHashMap<LocalId, usize>,
    /// The loops around this place, outermost first.
    pub(crate) loops: Vec<LoopFrame>,
    /// λs so far, for their names.
    lambdas: u32,
    /// In a handler: the state it has to give back.
    pub(crate) handling: Option<Handling<'a>>,
}

/// A loop around the place that is being lowered.
pub(crate) struct LoopFrame {
    /// Where `break` goes.
    pub(crate) exit: Join,
    /// Where `continue` goes.
    pub(crate) next: Continue,
}

/// Where `continue` goes.
pub(crate) enum Continue {
    /// To the end of the body.
    Latch(Join),
    /// To the head itself.
    Head(Head),
}

impl<'b, 'a> Lower<'b, 'a> {
    pub(crate) fn new(b: &'b mut Builder<'a>, id: FuncId, source: &'a typed::Function, args: Args) -> Self {
        let s = b.writer(id);
        Lower {
            b,
            s,
            source,
            args,
            memo: Memo::default(),
            locals: FxHashMap::default(),
            slots: FxHashMap::default(),
            loops: Vec::new(),
            lambdas: 0,
            handling: None,
        }
    }

    /// The body of a function of the program.
    pub(crate) fn function(b: &'b mut Builder<'a>, id: FuncId, source: FnId, args: Args) -> Func {
        let typed = b.typed;
        let source = &typed.functions[source.index()];
        let mut lower = Lower::new(b, id, source, args);
        for (&local, value) in source.params.iter().zip(lower.s.func.params.clone()) {
            lower.set_local(local, value);
        }
        lower.tail(&source.body);
        lower.s.finish()
    }

    /// The body of a λ.
    pub(crate) fn lambda(b: &'b mut Builder<'a>, id: FuncId, lambda: Lambda<'a>) -> Func {
        let mut lower = Lower::new(b, id, lambda.source, lambda.args);
        let types: Vec<RegType> = lambda.captures.iter().map(|&l| lower.local_reg(l)).collect();
        let captured = lower.b.open_closure(&mut lower.s, &types);
        for (&local, value) in lambda.captures.iter().zip(captured) {
            lower.set_local(local, value);
        }
        let params = lower.s.func.params[1..].to_vec();
        for (&local, value) in lambda.params.iter().zip(params) {
            lower.set_local(local, value);
        }
        lower.tail(lambda.body);
        lower.s.finish()
    }

    // ── Types ────────────────────────────────────────────────────────────────────

    /// The concrete type.
    pub(crate) fn mono(&mut self, ty: Ty) -> Mono {
        self.b.types.subst(&self.source.types, ty, &self.args, &mut self.memo)
    }

    /// The type of a register for it.
    pub(crate) fn reg(&mut self, ty: Ty) -> RegType {
        let mono = self.mono(ty);
        self.b.types.reg(mono)
    }

    /// Whether its only value is `()`.
    pub(crate) fn is_unit(&mut self, ty: Ty) -> bool {
        self.mono(ty) == Types::UNIT
    }

    /// The concrete type of a local.
    pub(crate) fn local_mono(&mut self, local: LocalId) -> Mono {
        match self.source.locals.get(local.index()) {
            Some(l) => self.mono(l.ty),
            None => Types::UNIT,
        }
    }

    /// The type of a register for a local.
    pub(crate) fn local_reg(&mut self, local: LocalId) -> RegType {
        let mono = self.local_mono(local);
        self.b.types.reg(mono)
    }

    // ── Locals ───────────────────────────────────────────────────────────────────

    /// Binds a local that does not change.
    pub(crate) fn set_local(&mut self, local: LocalId, value: Value) {
        self.locals.insert(local, value);
    }

    /// Declares a `var`.
    pub(crate) fn declare_var(&mut self, local: LocalId, value: Value) {
        self.slots.insert(local, self.s.vars.len());
        self.s.vars.push(value);
    }

    /// The place of a `var` that is in scope.
    pub(crate) fn slot(&self, local: LocalId) -> Option<usize> {
        self.slots.get(&local).copied().filter(|&slot| slot < self.s.vars.len())
    }

    /// The present value of a local.
    pub(crate) fn local(&mut self, local: LocalId) -> Value {
        if let Some(slot) = self.slot(local) {
            return self.s.vars[slot];
        }
        if let Some(&value) = self.locals.get(&local) {
            return value;
        }
        let typ = self.local_reg(local);
        self.s.trap(Trap::Unreachable);
        self.s.nothing(typ)
    }

    /// The name of the next λ.
    pub(crate) fn lambda_name(&mut self) -> String {
        self.lambdas += 1;
        format!("{}.λ{}", self.s.func.name, self.lambdas)
    }

    // ── Patterns that always match ───────────────────────────────────────────────

    /// Binds a pattern to a value; one that may fail becomes a match that traps.
    pub(crate) fn bind(&mut self, pattern: &'a Pattern, value: Value) {
        if !self.is_total(pattern) {
            return self.bind_or_trap(pattern, value);
        }
        match &pattern.kind {
            PatternKind::Bind(local) => self.set_local(*local, value),
            PatternKind::As(local, inner) => {
                self.set_local(*local, value);
                self.bind(inner, value);
            }
            PatternKind::Variant(_, fields) | PatternKind::Tuple(fields) => {
                let mono = self.mono(pattern.ty);
                for (i, field) in fields.iter().enumerate() {
                    if !matches!(field.kind, PatternKind::Any) {
                        let part = self.get_field(value, mono, 0, i as u32);
                        self.bind(field, part);
                    }
                }
            }
            PatternKind::List { rest: Some(Some(local)), .. } => self.set_local(*local, value),
            PatternKind::Or(patterns) => {
                if let Some(first) = patterns.first() {
                    self.bind(first, value);
                }
            }
            _ => {}
        }
    }

    /// Whether a pattern matches every value of its type.
    fn is_total(&mut self, pattern: &Pattern) -> bool {
        match &pattern.kind {
            PatternKind::Any | PatternKind::Bind(_) => true,
            PatternKind::As(_, inner) => self.is_total(inner),
            PatternKind::Variant(_, fields) | PatternKind::Tuple(fields) => {
                let mono = self.mono(pattern.ty);
                self.b.types.variant_count(mono) == 1 && fields.iter().all(|f| self.is_total(f))
            }
            PatternKind::List { before, rest, after } => before.is_empty() && after.is_empty() && rest.is_some(),
            PatternKind::Or(patterns) => patterns.first().is_some_and(|p| self.is_total(p)),
            _ => false,
        }
    }

    /// A field of a record, tuple or variant that is known.
    pub(crate) fn get_field(&mut self, record: Value, mono: Mono, variant: u32, index: u32) -> Value {
        self.b.get_field(&mut self.s, record, mono, variant, index)
    }

    // ── Ends ─────────────────────────────────────────────────────────────────────

    /// Lowers an expression whose value is the function's result.
    pub(crate) fn tail(&mut self, e: &'a Expr) {
        if self.s.dead {
            return;
        }
        let saved = std::mem::replace(&mut self.s.span, e.span);
        match &*e.kind {
            ExprKind::Block(stmts, value) => {
                let depth = self.s.vars.len();
                self.stmts(stmts);
                match value {
                    Some(value) => self.tail(value),
                    None => self.return_unit(),
                }
                self.s.vars.truncate(depth);
            }
            ExprKind::If(cond, then, otherwise) => {
                let (mut yes, mut no) = (self.s.join(), self.s.join());
                self.condition(cond, &mut yes, &mut no);
                self.s.enter(yes, &[]);
                self.tail(then);
                self.s.enter(no, &[]);
                self.tail(otherwise);
            }
            ExprKind::Match(value, arms) => self.match_tail(value, arms),
            ExprKind::Return(value) => self.tail(value),
            _ => {
                let value = self.expr(e);
                self.give(value);
            }
        }
        self.s.span = saved;
    }

    fn return_unit(&mut self) {
        if !self.s.dead {
            let unit = self.s.unit();
            self.give(unit);
        }
    }
}

impl Builder<'_> {
    /// A field of a record, tuple or variant that is known.
    pub(crate) fn get_field(&mut self, s: &mut Ssa, record: Value, mono: Mono, variant: u32, index: u32) -> Value {
        let fields = self.types.fields(mono, variant);
        let field = fields.get(index as usize).map_or(Types::UNIT, |f| f.1);
        let storage = self.types.storage(field);
        match self.types.layout(mono, variant) {
            Some(layout) => s.field(record, layout, index, storage),
            None => {
                s.trap(Trap::Unreachable);
                s.nothing(storage.reg_type())
            }
        }
    }
}
