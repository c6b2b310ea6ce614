//! Builtins, by the table in `codex_spec::builtin`.

use codex_spec::builtin::{BUILTINS, Lowering};
use codex_spec::instruction::{Opcode, Role};
use codex_spec::layout::{RegType, Storage};
use codex_spec::trap::Trap;
use codex_types::typed::Expr;

use super::Lower;
use super::expr::literal;
use super::mono::{Kind, Mono};
use crate::ir::{Imm, NO_IMM, Term, Value};

impl<'a> Lower<'_, 'a> {
    /// A call of a builtin.
    pub(crate) fn builtin(&mut self, e: &'a Expr, index: u32, args: &'a [Expr]) -> Value {
        let Some(builtin) = BUILTINS.get(index as usize) else { return self.unreachable(e) };
        match builtin.lowering {
            Lowering::Request => return self.request(e, args),
            Lowering::Trap => {
                self.trap_of(args);
                return self.unreachable(e);
            }
            _ => {}
        }
        let values = self.exprs(args);
        match (builtin.lowering, &values[..]) {
            (Lowering::Op(op), _) => self.op(op, values),
            (Lowering::OkOp(op), _) => self.ok_op(e, op, values),
            (Lowering::Math(f), _) => self.coded(Opcode::Math, f.number(), values, RegType::F64),
            (Lowering::Math2(f), _) => self.coded(Opcode::Math2, f.number(), values, RegType::F64),
            (Lowering::Char(class), _) => self.coded(Opcode::CharIs, class.number(), values, RegType::I64),
            (Lowering::ListGet, &[list, at]) => {
                let storage = self.element_storage(&args[0]);
                self.s.element(list, at, storage)
            }
            (Lowering::ListSet, &[list, at, value]) => self.list_set(&args[0], list, at, value),
            (Lowering::ListRepeat, _) => {
                let mono = self.mono(e.ty);
                let typ = self.b.types.type_id(mono);
                self.s.one(Opcode::ListRepeat, [Some(Imm::Index(typ.0)), None], values, RegType::Ref(typ))
            }
            (Lowering::Hash, &[state, value]) => {
                let mono = self.mono(args[1].ty);
                self.b.hash(&mut self.s, state, value, mono)
            }
            (Lowering::Compare, &[a, b]) => {
                let mono = self.mono(args[0].ty);
                self.b.order(&mut self.s, mono, a, b)
            }
            (Lowering::Show, &[value]) => {
                let mono = self.mono(args[0].ty);
                self.b.show(&mut self.s, value, mono)
            }
            (Lowering::Debug, &[value]) => {
                let mono = self.mono(args[0].ty);
                self.b.debug(&mut self.s, value, mono)
            }
            (Lowering::Panic, &[message]) => {
                self.s.end(Term::Panic(message));
                self.unreachable(e)
            }
            (Lowering::Exit, &[code]) => {
                self.s.end(Term::Exit(code));
                self.unreachable(e)
            }
            _ => self.unreachable(e),
        }
    }

    /// `trap(number)`
    pub(crate) fn trap_of(&mut self, args: &[Expr]) {
        let reason = args.first().and_then(literal).and_then(|n| Trap::from_number(n as u32));
        self.s.trap(reason.unwrap_or(Trap::Unreachable));
    }

    /// An instruction on registers alone. What it gives: its result, else what it changed, else `()`.
    fn op(&mut self, op: Opcode, args: Vec<Value>) -> Value {
        let edits = |r| matches!(r, Role::Edit);
        let Some(first) = op.operands().first() else { return self.s.unit() };
        match first.role {
            Role::Def => {
                let typ = self.result_type(op, &args);
                self.s.one(op, NO_IMM, args, typ)
            }
            role if edits(role) => self.s.edit(op, NO_IMM, args),
            _ => {
                self.s.inst(op, NO_IMM, args, &[]);
                self.s.unit()
            }
        }
    }

    /// The type of the result of an instruction on registers alone.
    fn result_type(&mut self, op: Opcode, args: &[Value]) -> RegType {
        use codex_spec::instruction::Class;
        match op.operands()[0].class {
            Class::F64 => RegType::F64,
            Class::Text => RegType::Ref(codex_spec::module::TEXT),
            Class::Bytes => RegType::Ref(codex_spec::module::BYTES),
            Class::List | Class::Raw => args.first().map_or(RegType::I64, |&a| self.s.func.typ(a)),
            _ => RegType::I64,
        }
    }

    fn coded(&mut self, op: Opcode, code: u32, args: Vec<Value>, typ: RegType) -> Value {
        self.s.one(op, [Some(Imm::Index(code)), None], args, typ)
    }

    /// An instruction with an `ok` and a value: `Some(value)` or `None`.
    fn ok_op(&mut self, e: &Expr, op: Opcode, args: Vec<Value>) -> Value {
        let option = self.mono(e.ty);
        let inner = self.b.types.fields(option, 1).first().map_or(option, |f| f.1);
        let typ = self.b.types.reg(inner);
        let got = self.s.inst(op, NO_IMM, args, &[RegType::I64, typ]);
        let (mut some, mut none, mut end) = (self.s.join(), self.s.join(), self.s.join());
        self.s.branch(Opcode::JumpIf, &got[..1], None, &mut some, &mut none);
        self.s.enter(some, &[]);
        let value = self.b.construct(&mut self.s, option, 1, vec![got[1]]);
        self.s.jump(&mut end, vec![value]);
        self.s.enter(none, &[]);
        let value = self.b.construct(&mut self.s, option, 0, Vec::new());
        self.s.jump(&mut end, vec![value]);
        let typ = self.b.types.reg(option);
        self.s.enter(end, &[typ])[0]
    }

    fn element_storage(&mut self, list: &Expr) -> Storage {
        let mono = self.mono(list.ty);
        let element: Mono = match *self.b.types.kind(mono) {
            Kind::List(element) => element,
            _ => mono,
        };
        self.b.types.storage(element)
    }

    /// `list_set`: of a word or byte at once, of a reference by taking the old one out.
    fn list_set(&mut self, e: &Expr, list: Value, at: Value, value: Value) -> Value {
        match self.element_storage(e) {
            Storage::I64 | Storage::F64 => self.s.edit(Opcode::ListSet, NO_IMM, vec![list, at, value]),
            Storage::Byte => self.s.edit(Opcode::ListSetByte, NO_IMM, vec![list, at, value]),
            Storage::Ref(typ) => {
                let results = [RegType::Ref(typ), self.s.func.typ(list)];
                let open = self.s.inst(Opcode::ListTakeRef, NO_IMM, vec![list, at], &results)[1];
                self.s.edit(Opcode::ListPutRef, NO_IMM, vec![open, at, value])
            }
        }
    }

    /// `request`: the pair of status and reply.
    fn request(&mut self, e: &'a Expr, args: &'a [Expr]) -> Value {
        let [number, argument] = args else { return self.unreachable(e) };
        let number = literal(number).unwrap_or(0) as u32;
        let argument = self.expr(argument);
        let bytes = self.s.func.typ(argument);
        let got =
            self.s.inst(Opcode::Request, [Some(Imm::Index(number)), None], vec![argument], &[RegType::I64, bytes]);
        let pair = self.mono(e.ty);
        self.b.construct(&mut self.s, pair, 0, got)
    }
}
