//! Calls and function values.

use codex_spec::builtin::{BUILTINS, Lowering};
use codex_spec::instruction::Opcode;
use codex_spec::layout::RegType;
use codex_types::typed::{DataId, Expr, ExprKind, FnId};

use super::mono::{Kind, Mono};
use super::{Args, Key, Lower};
use crate::ir::{NO_IMM, Term, Value};

impl<'a> Lower<'_, 'a> {
    /// Calls, and what can be called.
    pub(crate) fn call_kind(&mut self, e: &'a Expr) -> Value {
        match &*e.kind {
            ExprKind::Const(id) => {
                let mono = self.mono(e.ty);
                match self.b.constant(*id, mono) {
                    Some(function) => {
                        let result = self.b.result(function);
                        self.s.call(function, Vec::new(), result)
                    }
                    None => self.unreachable(e),
                }
            }
            ExprKind::Function(id, type_args) => {
                let args = self.monos(type_args);
                let name = self.b.typed.functions.get(id.index()).map_or(String::new(), |f| f.name.clone());
                self.empty_closure(e, Key::Wrapper(*id, args), name)
            }
            ExprKind::Constructor(data, variant) => self.constructor_value(e, *data, *variant),
            ExprKind::Call { function, type_args, args } => {
                let args = self.exprs(args);
                if self.ends(*function, &args) {
                    return self.unreachable(e);
                }
                let type_args = self.monos(type_args);
                let function = self.b.function(*function, type_args);
                let result = self.b.result(function);
                self.s.call(function, args, result)
            }
            ExprKind::Builtin(index, args) => self.builtin(e, *index, args),
            ExprKind::CallValue(function, args) => {
                let mono = self.mono(function.ty);
                let mut values = vec![self.expr(function)];
                values.extend(self.exprs(args));
                let result = match &*self.b.types.kind(mono) {
                    Kind::Fn(_, result) => self.b.types.reg(*result),
                    _ => RegType::I64,
                };
                self.s.one(Opcode::CallValue, NO_IMM, values, result)
            }
            ExprKind::Lambda { params, captures, body } => self.lambda_value(e, params, captures, body),
            _ => self.unreachable(e),
        }
    }

    /// A function that only ends the program, such as `panic`, ends it right here, so that the report names the place that called it.
    /// Whether it was one.
    fn ends(&mut self, function: FnId, args: &[Value]) -> bool {
        let Some(body) = self.b.typed.functions.get(function.index()).map(|f| &f.body) else { return false };
        let ExprKind::Builtin(index, inner) = &*body.kind else { return false };
        match (BUILTINS.get(*index as usize).map(|b| b.lowering), args) {
            (Some(Lowering::Panic), &[message]) => self.s.end(Term::Panic(message)),
            (Some(Lowering::Trap), []) => self.trap_of(inner),
            _ => return false,
        }
        true
    }

    fn monos(&mut self, tys: &[codex_types::typed::Ty]) -> Args {
        tys.iter().map(|&t| self.mono(t)).collect::<Vec<Mono>>().into()
    }

    /// A constructor as a value: a function value, or the variant itself if it has no fields.
    fn constructor_value(&mut self, e: &'a Expr, data: DataId, variant: u32) -> Value {
        let mono = self.mono(e.ty);
        let Kind::Fn(_, result) = *self.b.types.kind(mono) else {
            return self.b.construct(&mut self.s, mono, variant, Vec::new());
        };
        let name =
            self.b.types.data(data).and_then(|d| d.variants.get(variant as usize)).map_or("", |v| v.name.as_str());
        self.empty_closure(e, Key::Constructor(mono, result, variant), name.to_string())
    }
}
