//! Loading of calls, and of what ends a call.

use codex_spec::instruction::{FuncId, Inst, Reg};

use super::super::messages::reg_type_code;
use super::super::op::{Op, Word};
use super::Loader;

impl Loader<'_> {
    pub(super) fn call(&mut self, inst: &Inst) {
        match inst {
            Inst::Call { dst, function, args } => self.call_function(*dst, *function, args),
            Inst::CallValue { dst, f, args } => {
                self.call_long(Op::CallValue, args, (f.0 as u64) << 32);
                self.code.push(Word::extra([0, dst.0, 0, 0, 0, 0, 0, 0]));
            }
            Inst::TailCall { function, args } => self.call_long(Op::TailCall, args, function.0 as u64),
            Inst::TailCallValue { f, args } => self.call_long(Op::TailCallValue, args, (f.0 as u64) << 32),
            _ => unreachable!("regular"),
        }
    }

    pub(super) fn message(&mut self, inst: &Inst) {
        let message = |container: u32, handler: u32| container as u64 | (handler as u64) << 32;
        let none = Reg(0);
        let args = match inst {
            Inst::Spawn { dst, container, args } => {
                self.emit(Op::Spawn, *dst, none, none, *container as u64);
                args
            }
            Inst::Send { link, container, handler, args } => {
                self.emit(Op::Send, *link, none, none, message(*container, *handler));
                args
            }
            Inst::Ask { dst, link, container, handler, args } => {
                self.emit(Op::Ask, *dst, *link, none, message(*container, *handler));
                args
            }
            Inst::TryAsk { dst, link, container, handler, within, args } => {
                self.emit(Op::TryAsk, *dst, *link, *within, message(*container, *handler));
                args
            }
            Inst::Reply { to, value } => {
                let typ = reg_type_code(self.typ(*value));
                self.emit(Op::Reply, *to, *value, none, typ);
                return;
            }
            _ => unreachable!("regular"),
        };
        self.registers(args.iter().copied());
    }

    fn call_function(&mut self, dst: Reg, function: FuncId, args: &[Reg]) {
        let window = self.function.registers.len() as u64;
        let d = function.0 as u64 | window << 48;
        let short = window <= u16::MAX as u64;
        match *args {
            [] if short => self.emit(Op::Call0, dst, Reg(0), Reg(0), d),
            [a] if short => self.emit(Op::Call1, dst, a, Reg(0), d),
            [a, b] if short => self.emit(Op::Call2, dst, a, b, d),
            [a, b, c] if short => self.emit(Op::Call3, dst, a, b, d | (c.0 as u64) << 32),
            _ => {
                self.call_long(Op::CallN, args, function.0 as u64);
                self.code.push(Word::extra([0, dst.0, 0, 0, 0, 0, 0, 0]));
                self.code.len() - 1
            }
        };
    }

    fn call_long(&mut self, op: Op, args: &[Reg], d: u64) {
        let window = self.function.registers.len();
        self.emit(op, Reg(args.len() as u16), Reg(window as u16), Reg((window >> 16) as u16), d);
        self.registers(args.iter().copied());
    }
}
