//! Calls and returns.

use codex_spec::instruction::{BlockId, FuncId, Inst, Reg};
use codex_spec::layout::{RegType, TypeDef};
use cranelift_codegen::ir::types::I64;
use cranelift_codegen::ir::{self, ExtFuncData, ExternalName, InstBuilder, UserExternalName, Value};

use super::memory::activation;
use super::{NAMESPACE, Shape, Translator, body_signature};
use crate::machine::Seed;

impl Translator<'_, '_, '_, '_> {
    pub(super) fn call_or_return(&mut self, inst: &Inst) {
        match inst {
            Inst::Return { a } => {
                let value = self.get(*a);
                self.give(value);
            }
            Inst::Call { dst, function, args } => {
                let arguments = self.all(args);
                let (fuel, result) = self.call_function(*function, &arguments);
                self.after_call(*dst, fuel, result);
            }
            Inst::CallValue { dst, f, args } => {
                let (fuel, result) = self.call_value(*f, args);
                self.after_call(*dst, fuel, result);
            }
            Inst::TailCall { function, args } if *function == self.id && self.shape == Shape::Body => {
                let arguments = self.all(args);
                for (i, value) in arguments.into_iter().enumerate() {
                    self.set(Reg(i as u16), value);
                }
                let again = self.edge(BlockId(0));
                self.builder.ins().jump(again, &[]);
            }
            Inst::TailCall { function, args } => {
                let arguments = self.all(args);
                let (fuel, result) = self.call_function(*function, &arguments);
                self.pass_on(fuel, result);
            }
            Inst::TailCallValue { f, args } => {
                let (fuel, result) = self.call_value(*f, args);
                self.pass_on(fuel, result);
            }
            _ => unreachable!("{} is no call", inst.opcode().name()),
        }
    }

    pub(super) fn all(&mut self, registers: &[Reg]) -> Vec<Value> {
        registers.iter().map(|&reg| self.get(reg)).collect()
    }

    /// Calls a function: in this unit by its place, else through the table; if it has no code, the interpreter does.
    fn call_function(&mut self, function: FuncId, arguments: &[Value]) -> (Value, Value) {
        if let Some(callee) = self.callee(function) {
            return self.call_direct(callee, self.room, arguments);
        }
        let table = self.activation(I64, activation!(functions));
        let flags = self.regions.container;
        let address = self.builder.ins().load(I64, flags, table, 8 * function.0 as i32);
        let callee = &self.module.functions[function.index()];
        let params: Vec<RegType> = callee.params.iter().map(|p| p.typ).collect();
        self.call_indirect(address, &params, callee.result, arguments)
    }

    /// Calls a function value.
    fn call_value(&mut self, f: Reg, args: &[Reg]) -> (Value, Value) {
        let RegType::Ref(typ) = self.typ(f) else { unreachable!("verified: a function value") };
        let Some(TypeDef::Function { params, result }) = self.module.typ(typ) else {
            unreachable!("verified: a function value");
        };
        let mut types = vec![RegType::Ref(typ)];
        types.extend(params);
        let value = self.get(f);
        let mut arguments = vec![value];
        arguments.extend(self.all(args));
        let cell = self.address(value);
        let upper = self.read32(self.regions.header, cell, 4);
        let layout = self.builder.ins().band_imm_u(upper, 0x00ff_ffff);
        let table = self.activation(I64, activation!(closures));
        let offset = self.builder.ins().ishl_imm_u(layout, 3);
        let place = self.builder.ins().iadd(table, offset);
        let address = self.builder.ins().load(I64, self.regions.container, place, 0);
        self.call_indirect(address, &types, *result, &arguments)
    }

    fn call_indirect(
        &mut self,
        address: Value,
        params: &[RegType],
        result: RegType,
        arguments: &[Value],
    ) -> (Value, Value) {
        let cold = self.cold();
        let next = self.builder.create_block();
        self.builder.ins().brif(address, next, &[], cold, &[]);
        self.switch(cold);
        self.stop_before(self.index);
        self.switch(next);
        let signature = body_signature(params.iter().copied(), result, self.shared.convention);
        let signature = self.builder.import_signature(signature);
        let all = self.with_context(self.room, arguments);
        let call = self.builder.ins().call_indirect(signature, address, &all);
        self.results(call)
    }

    pub(super) fn call_direct(&mut self, callee: ir::FuncRef, room: Value, arguments: &[Value]) -> (Value, Value) {
        let all = self.with_context(room, arguments);
        let call = self.builder.ins().call(callee, &all);
        self.results(call)
    }

    fn with_context(&mut self, room: Value, arguments: &[Value]) -> Vec<Value> {
        let mut all = vec![self.container, self.fuel(), room];
        all.extend(arguments);
        all
    }

    fn results(&mut self, call: ir::Inst) -> (Value, Value) {
        let results = self.builder.inst_results(call);
        (results[0], results[1])
    }

    /// A function of this unit.
    pub(super) fn callee(&mut self, function: FuncId) -> Option<ir::FuncRef> {
        let index = *self.shared.bodies.get(&function)?;
        if let Some(&callee) = self.callees.get(&function) {
            return Some(callee);
        }
        let callee = &self.module.functions[function.index()];
        let params = callee.params.iter().map(|p| p.typ);
        let signature = body_signature(params, callee.result, self.shared.convention);
        let signature = self.builder.import_signature(signature);
        let name = self.builder.func.declare_imported_user_function(UserExternalName::new(NAMESPACE, index));
        let data = ExtFuncData { name: ExternalName::user(name), signature, colocated: true, patchable: false };
        let callee = self.builder.import_function(data);
        self.callees.insert(function, callee);
        Some(callee)
    }

    /// Goes on after a call, or stops because what was called did.
    fn after_call(&mut self, dst: Reg, fuel: Value, result: Value) {
        let stopped = self.is_negative(fuel);
        let (cold, next) = (self.cold(), self.builder.create_block());
        self.builder.ins().brif(stopped, cold, &[], next, &[]);
        self.switch(cold);
        self.stop_waiting();
        self.switch(next);
        self.set_fuel(fuel);
        if !self.has(Seed::StaleHeapBase) {
            self.reload_base();
        }
        self.set(dst, result);
    }

    /// Returns what a tail call gave. If it stopped, its record stands for this frame, which it replaced.
    fn pass_on(&mut self, fuel: Value, result: Value) {
        self.set_fuel(fuel);
        self.give(result);
    }
}
