//! Expressions and statements.

use codex_spec::instruction::Opcode;
use codex_spec::layout::{RegType, Storage};
use codex_spec::semantics::Math2;
use codex_spec::trap::Trap;
use codex_types::typed::{BinaryOp, Expr, ExprKind, ListItem, LocalId, Stmt};

use super::mono::{Kind, Mono, Types};
use super::{Key, Lambda, Lower};
use crate::ir::{Imm, NO_IMM, Value};

/// How many items of a list, or parts of a text, one instruction takes.
const CHUNK: usize = 64;

impl<'a> Lower<'_, 'a> {
    /// The value of an expression.
    pub(crate) fn expr(&mut self, e: &'a Expr) -> Value {
        if self.s.dead {
            let typ = self.reg(e.ty);
            return self.s.nothing(typ);
        }
        let saved = std::mem::replace(&mut self.s.span, e.span);
        let value = self.expr_kind(e);
        // What gives no value ends the function here, whatever the type of its stand-in.
        if !self.s.dead && self.mono(e.ty) == Types::NEVER {
            self.s.trap(Trap::Unreachable);
        }
        self.s.span = saved;
        value
    }

    /// The values of expressions, left to right.
    pub(crate) fn exprs(&mut self, all: &'a [Expr]) -> Vec<Value> {
        all.iter().map(|e| self.expr(e)).collect()
    }

    fn expr_kind(&mut self, e: &'a Expr) -> Value {
        match &*e.kind {
            ExprKind::Int(value) => self.s.int(*value),
            ExprKind::Float(value) => self.s.float(*value),
            ExprKind::Bool(value) => self.s.int((*value).into()),
            ExprKind::Text(text) => self.text(text),
            ExprKind::Join(parts) => self.join_texts(parts),
            ExprKind::Show(inner) => {
                let value = self.expr(inner);
                let mono = self.mono(inner.ty);
                self.b.show(&mut self.s, value, mono)
            }
            ExprKind::Local(local) => self.local(*local),
            ExprKind::Const(_)
            | ExprKind::Function(..)
            | ExprKind::Constructor(..)
            | ExprKind::Call { .. }
            | ExprKind::Builtin(..)
            | ExprKind::CallValue(..)
            | ExprKind::Lambda { .. } => self.call_kind(e),
            ExprKind::Spawn(container, args) => self.spawn(*container, args),
            ExprKind::Deliver { .. } => self.deliver(e),
            ExprKind::Construct { .. } | ExprKind::Update { .. } | ExprKind::Field(..) | ExprKind::Tuple(_) => {
                self.record_kind(e)
            }
            ExprKind::List(items) => self.list(e, items),
            ExprKind::Index(list, at) => {
                let mono = self.mono(list.ty);
                let (list, at) = (self.expr(list), self.expr(at));
                let element = self.b.types.element(mono);
                let storage = self.b.types.storage(element);
                self.s.element(list, at, storage)
            }
            ExprKind::Block(stmts, value) => self.block(stmts, value.as_ref()),
            ExprKind::If(..) | ExprKind::And(..) | ExprKind::Or(..) | ExprKind::Match(..) => self.choice_kind(e),
            ExprKind::Not(inner) => {
                let value = self.expr(inner);
                self.s.word(Opcode::Not, &[value])
            }
            ExprKind::Neg(inner) => self.negate(inner),
            ExprKind::Binary(op, a, b) => self.binary(*op, a, b),
            ExprKind::Loop(_) | ExprKind::While(..) | ExprKind::ForRange { .. } | ExprKind::ForList { .. } => {
                self.loop_kind(e)
            }
            ExprKind::Break | ExprKind::Continue | ExprKind::Return(_) => self.leave(e),
            ExprKind::Expect { cond, source } => self.expect(cond, source),
            ExprKind::Error => self.unreachable(e),
        }
    }

    /// A place that a correct program does not reach.
    pub(crate) fn unreachable(&mut self, e: &Expr) -> Value {
        let typ = self.reg(e.ty);
        self.s.trap(Trap::Unreachable);
        self.s.nothing(typ)
    }

    // ── Statements ───────────────────────────────────────────────────────────────

    fn block(&mut self, stmts: &'a [Stmt], value: Option<&'a Expr>) -> Value {
        let depth = self.s.vars.len();
        self.stmts(stmts);
        let value = match value {
            Some(value) => self.expr(value),
            None => self.s.unit(),
        };
        self.s.vars.truncate(depth);
        value
    }

    /// Statements, one after the other.
    pub(crate) fn stmts(&mut self, stmts: &'a [Stmt]) {
        for stmt in stmts {
            if self.s.dead {
                return;
            }
            match stmt {
                Stmt::Let(pattern, value) => {
                    let value = self.expr(value);
                    self.bind(pattern, value);
                }
                Stmt::Var(local, value) => {
                    let value = self.expr(value);
                    self.declare_var(*local, value);
                }
                Stmt::Assign { local, path, op, value, span } => {
                    let saved = std::mem::replace(&mut self.s.span, *span);
                    self.assign(*local, path, *op, value);
                    self.s.span = saved;
                }
                Stmt::Expr(value) => {
                    self.expr(value);
                }
            }
        }
    }

    // ── Arithmetic ───────────────────────────────────────────────────────────────

    fn negate(&mut self, inner: &'a Expr) -> Value {
        if let ExprKind::Int(value) = &*inner.kind
            && let Some(negated) = value.checked_neg()
        {
            return self.s.int(negated);
        }
        let value = self.expr(inner);
        match self.mono(inner.ty) {
            Types::FLOAT => self.s.float_op(Opcode::FNeg, &[value]),
            _ => self.s.word(Opcode::Neg, &[value]),
        }
    }

    fn binary(&mut self, op: BinaryOp, a: &'a Expr, b: &'a Expr) -> Value {
        let mono = self.mono(a.ty);
        let a = self.expr(a);
        self.apply_to(op, mono, a, b)
    }

    /// An operator on a value and an expression of the same type, which is evaluated now.
    pub(crate) fn apply_to(&mut self, op: BinaryOp, mono: Mono, a: Value, b: &'a Expr) -> Value {
        if let Some(literal) = literal(b)
            && mono == Types::INT
            && let Some((op, imm)) = with_immediate(op, literal)
        {
            return self.s.one(op, [Some(Imm::I64(imm)), None], vec![a], RegType::I64);
        }
        let b = self.expr(b);
        self.apply(op, mono, a, b)
    }

    /// An operator on two values of one type.
    pub(crate) fn apply(&mut self, op: BinaryOp, mono: Mono, a: Value, b: Value) -> Value {
        use BinaryOp as B;
        match op {
            B::Equal | B::NotEqual | B::Less | B::LessEqual | B::Greater | B::GreaterEqual => {
                self.b.compare_value(&mut self.s, op, mono, a, b)
            }
            B::Concat => match &*self.b.types.kind(mono) {
                Kind::List(_) => self.s.edit(Opcode::ListAppend, NO_IMM, vec![a, b]),
                _ => self.s.edit(Opcode::RawAppend, NO_IMM, vec![a, b]),
            },
            _ if mono == Types::FLOAT => self.float_arithmetic(op, a, b),
            B::Add => self.s.word(Opcode::Add, &[a, b]),
            B::Sub => self.s.word(Opcode::Sub, &[a, b]),
            B::Mul => self.s.word(Opcode::Mul, &[a, b]),
            B::Div => self.s.word(Opcode::Div, &[a, b]),
            B::Rem => self.s.word(Opcode::Rem, &[a, b]),
            B::Pow => match self.b.typed.known.int_pow {
                Some(pow) => {
                    let pow = self.b.function(pow, [].into());
                    self.s.call(pow, vec![a, b], RegType::I64)
                }
                None => self.missing(),
            },
            B::In | B::NotIn | B::And | B::Or => self.missing(),
        }
    }

    fn missing(&mut self) -> Value {
        self.s.trap(Trap::Unreachable);
        self.s.nothing(RegType::I64)
    }

    fn float_arithmetic(&mut self, op: BinaryOp, a: Value, b: Value) -> Value {
        let of_two = |f: Math2| [Some(Imm::Index(f.number())), None];
        match op {
            BinaryOp::Add => self.s.float_op(Opcode::FAdd, &[a, b]),
            BinaryOp::Sub => self.s.float_op(Opcode::FSub, &[a, b]),
            BinaryOp::Mul => self.s.float_op(Opcode::FMul, &[a, b]),
            BinaryOp::Div => self.s.float_op(Opcode::FDiv, &[a, b]),
            BinaryOp::Rem => self.s.one(Opcode::Math2, of_two(Math2::Rem), vec![a, b], RegType::F64),
            _ => self.s.one(Opcode::Math2, of_two(Math2::Pow), vec![a, b], RegType::F64),
        }
    }

    // ── Texts ────────────────────────────────────────────────────────────────────

    /// A literal.
    pub(crate) fn text(&mut self, text: &str) -> Value {
        self.b.text(&mut self.s, text)
    }

    fn join_texts(&mut self, parts: &'a [Expr]) -> Value {
        let mut joined: Option<Value> = None;
        for chunk in parts.chunks(CHUNK) {
            let values = self.exprs(chunk);
            let next = match values[..] {
                [one] => one,
                _ => self.b.join_values(&mut self.s, values),
            };
            joined = Some(match joined {
                Some(before) => self.s.edit(Opcode::RawAppend, NO_IMM, vec![before, next]),
                None => next,
            });
        }
        joined.unwrap_or_else(|| self.text(""))
    }

    // ── Records ──────────────────────────────────────────────────────────────────

    fn record_kind(&mut self, e: &'a Expr) -> Value {
        let mono = self.mono(e.ty);
        match &*e.kind {
            ExprKind::Construct { variant, fields, order } => {
                let values = self.in_order(fields, order);
                self.b.construct(&mut self.s, mono, *variant, values)
            }
            ExprKind::Tuple(items) if items.is_empty() => self.s.unit(),
            ExprKind::Tuple(items) => {
                let values = self.exprs(items);
                self.b.construct(&mut self.s, mono, 0, values)
            }
            ExprKind::Field(record, index) => {
                let mono = self.mono(record.ty);
                let record = self.expr(record);
                self.get_field(record, mono, 0, *index)
            }
            ExprKind::Update { base, fields } => {
                let mut record = self.expr(base);
                let values: Vec<(u32, Value)> = fields.iter().map(|(i, e)| (*i, self.expr(e))).collect();
                for (index, value) in values {
                    record = self.set_field(record, mono, index, value);
                }
                record
            }
            _ => self.unreachable(e),
        }
    }

    /// Fields, evaluated in the order written, given in the order declared.
    fn in_order(&mut self, fields: &'a [Expr], order: &[u32]) -> Vec<Value> {
        let mut values: Vec<Option<Value>> = vec![None; fields.len()];
        let written = order.iter().map(|&i| i as usize).filter(|&i| i < fields.len());
        for i in written.chain(0..fields.len()) {
            if values[i].is_none() {
                values[i] = Some(self.expr(&fields[i]));
            }
        }
        values.into_iter().flatten().collect()
    }

    // ── Lists ────────────────────────────────────────────────────────────────────

    fn list(&mut self, e: &'a Expr, items: &'a [ListItem]) -> Value {
        let mono = self.mono(e.ty);
        let mut built: Option<Value> = None;
        let mut waiting = Vec::new();
        for item in items {
            match item {
                ListItem::Item(item) => {
                    waiting.push(self.expr(item));
                    if waiting.len() == CHUNK {
                        built = Some(self.extend(mono, built, &mut waiting));
                    }
                }
                ListItem::Spread(list) => {
                    let list = self.expr(list);
                    let before = match (built, waiting.is_empty()) {
                        (None, true) => None,
                        _ => Some(self.extend(mono, built, &mut waiting)),
                    };
                    built = Some(match before {
                        Some(before) => self.s.edit(Opcode::ListAppend, NO_IMM, vec![before, list]),
                        None => list,
                    });
                }
            }
        }
        match built {
            Some(built) if waiting.is_empty() => built,
            _ => self.extend(mono, built, &mut waiting),
        }
    }

    /// The list with the waiting items at its end.
    fn extend(&mut self, mono: Mono, built: Option<Value>, waiting: &mut Vec<Value>) -> Value {
        match built {
            Some(list) => {
                waiting.drain(..).fold(list, |list, item| self.s.edit(Opcode::ListPush, NO_IMM, vec![list, item]))
            }
            None => {
                let typ = self.b.types.type_id(mono);
                let items = std::mem::take(waiting);
                self.s.one(Opcode::ListNew, [Some(Imm::Index(typ.0)), None], items, RegType::Ref(typ))
            }
        }
    }

    // ── Function values ──────────────────────────────────────────────────────────

    /// A λ with what it captures.
    pub(crate) fn lambda_value(
        &mut self,
        e: &'a Expr,
        params: &'a [LocalId],
        captures: &'a [LocalId],
        body: &'a Expr,
    ) -> Value {
        let typ = self.mono(e.ty);
        let values: Vec<Value> = captures.iter().map(|&l| self.local(l)).collect();
        let named: Vec<(String, Mono)> = captures
            .iter()
            .map(|&l| {
                (self.source.locals.get(l.index()).map_or(String::new(), |l| l.name.to_string()), self.local_mono(l))
            })
            .collect();
        let name = self.lambda_name();
        let (source, args) = (self.source, self.args.clone());
        let lambda = Lambda { source, args, params, captures, body, typ };
        let layout = self.b.lambda(name, e.span, &named, lambda);
        let reg = self.b.types.reg(typ);
        self.s.one(Opcode::Closure, [Some(Imm::Index(layout.0)), None], values, reg)
    }

    /// A function or constructor as a value.
    pub(crate) fn empty_closure(&mut self, e: &Expr, key: Key, name: String) -> Value {
        let typ = self.mono(e.ty);
        let layout = self.b.function_value(key, name, e.span, typ);
        let reg = self.b.types.reg(typ);
        self.s.one(Opcode::Closure, [Some(Imm::Index(layout.0)), None], Vec::new(), reg)
    }
}

/// The Int that an expression writes out.
pub(crate) fn literal(e: &Expr) -> Option<i64> {
    match &*e.kind {
        ExprKind::Int(value) => Some(*value),
        ExprKind::Neg(inner) => match &*inner.kind {
            ExprKind::Int(value) => value.checked_neg(),
            _ => None,
        },
        _ => None,
    }
}

/// The row with an immediate for an operator whose right side is written out.
fn with_immediate(op: BinaryOp, literal: i64) -> Option<(Opcode, i64)> {
    match op {
        BinaryOp::Add => Some((Opcode::AddImm, literal)),
        BinaryOp::Sub => Some((Opcode::AddImm, literal.checked_neg()?)),
        BinaryOp::Mul => Some((Opcode::MulImm, literal)),
        _ => None,
    }
}

/// The row that changes a field or element of this storage: of a record, of a list.
pub(crate) fn set_rows(storage: Storage) -> Option<(Opcode, Opcode)> {
    match storage {
        Storage::I64 | Storage::F64 => Some((Opcode::SetWord, Opcode::ListSet)),
        Storage::Byte => Some((Opcode::SetByte, Opcode::ListSetByte)),
        Storage::Ref(_) => None,
    }
}
