//! Instructions that the interpreter's handlers do, on scratch registers; and what is short of hashes,
//! constants and the world.

use codex_spec::instruction::{Inst, OperandMut, OperandRef, Reg, Role};
use codex_spec::layout::RegType;
use codex_spec::trap::Trap;
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::types::I64;
use cranelift_codegen::ir::{InstBuilder, Value};

use super::memory::activation;
use super::{Translator, machine_type};

/// What an instruction does with its registers, each once and in the order of its scratch registers.
struct Window {
    registers: Vec<Reg>,
    reads: Vec<Reg>,
    writes: Vec<Reg>,
}

impl Window {
    fn of(inst: &Inst) -> Window {
        let mut window = Window { registers: Vec::new(), reads: Vec::new(), writes: Vec::new() };
        inst.for_each_operand(|spec, operand| {
            let registers = match &operand {
                OperandRef::Reg(reg) => std::slice::from_ref(reg),
                OperandRef::Regs(regs) => regs,
                _ => &[],
            };
            for &reg in registers {
                let add = |to: &mut Vec<Reg>| {
                    if !to.contains(&reg) {
                        to.push(reg);
                    }
                };
                add(&mut window.registers);
                if !matches!(spec.role, Role::Def | Role::Lend | Role::Token | Role::Defs) {
                    add(&mut window.reads);
                }
                if matches!(spec.role, Role::Def | Role::Lend | Role::Token | Role::Defs | Role::Edit | Role::Unique) {
                    add(&mut window.writes);
                }
            }
        });
        window
    }

    fn slot(&self, reg: Reg) -> usize {
        self.registers.iter().position(|&r| r == reg).unwrap_or(0)
    }

    /// The instruction with scratch registers in place of its own.
    fn renamed(&self, inst: &Inst) -> Inst {
        let mut renamed = inst.clone();
        renamed.for_each_operand_mut(|_, operand| match operand {
            OperandMut::Reg(reg) => reg.0 = self.slot(*reg) as u16,
            OperandMut::Regs(regs) => regs.iter_mut().for_each(|reg| reg.0 = self.slot(*reg) as u16),
            _ => {}
        });
        renamed
    }
}

impl Translator<'_, '_, '_, '_> {
    /// One instruction by the interpreter's handler.
    pub(super) fn out_of_line(&mut self, inst: &Inst) {
        self.step(inst, false);
    }

    /// The same in a cold block.
    pub(super) fn out_of_line_rarely(&mut self, inst: &Inst) {
        self.step(inst, true);
    }

    fn step(&mut self, inst: &Inst, rarely: bool) {
        let window = Window::of(inst);
        let types: Vec<RegType> = window.registers.iter().map(|&reg| self.typ(reg)).collect();
        let words = self.collected.host.words(window.renamed(inst), types);
        let scratch = self.activation(I64, activation!(scratch));
        for &reg in &window.reads {
            let value = self.visible(reg);
            self.builder.ins().store(self.regions.frame, value, scratch, 8 * window.slot(reg) as i32);
        }
        let (before, words) = (self.fuel(), self.constant(words as i64));
        let helper = self.shared.machine.helpers.step;
        let fuel = match rarely {
            true => self.ask_rarely(helper, before, words),
            false => self.ask(helper, &[before, words]),
        };
        let next = self.builder.create_block();
        let stopped = self.is_negative(fuel);
        let cold = self.cold();
        self.builder.ins().brif(stopped, cold, &[], next, &[]);
        self.switch(cold);
        self.stepped_below(&window, fuel);
        self.switch(next);
        self.set_fuel(fuel);
        self.reload_base();
        self.load_results(&window, scratch);
    }

    fn load_results(&mut self, window: &Window, scratch: Value) {
        for &reg in &window.writes {
            let typ = machine_type(self.typ(reg));
            let value = self.builder.ins().load(typ, self.regions.frame, scratch, 8 * window.slot(reg) as i32);
            self.set(reg, value);
        }
    }

    /// It failed, or owes fuel now: then the interpreter goes on behind it, to the next safepoint.
    fn stepped_below(&mut self, window: &Window, fuel: Value) {
        let failed = self.trap_out_of_line(&window.registers);
        let owes = self.cold();
        let is_trap = self.builder.ins().icmp_imm_s(IntCC::Equal, fuel, i64::MIN);
        // A failed instruction's fuel is in the activation; what ends it writes the variable there.
        let left = self.activation(I64, activation!(fuel));
        self.set_fuel(left);
        self.builder.ins().brif(is_trap, failed, &[], owes, &[]);
        self.switch(owes);
        let scratch = self.activation(I64, activation!(scratch));
        self.set_fuel(fuel);
        self.reload_base();
        self.load_results(window, scratch);
        self.stop_before(self.index + 1);
    }

    /// Hashes, constants, the world: what is short.
    pub(super) fn other(&mut self, inst: &Inst) {
        match *inst {
            Inst::HashSeed { dst } => {
                let seed = self.activation(I64, activation!(hash_seed));
                self.set(dst, seed);
            }
            Inst::Clock { dst } => {
                let clock = self.activation(I64, activation!(clock));
                self.set(dst, clock);
            }
            Inst::HashWord { dst, state, value } => self.hash_word(dst, state, value),
            Inst::GlobalReady { dst, global } => {
                let ready = self.ready(global.0);
                self.set(dst, ready);
            }
            Inst::GlobalGet { dst, global } => self.global(inst, dst, global.0),
            _ => unreachable!("{} is not inline", inst.opcode().name()),
        }
    }

    fn ready(&mut self, global: u32) -> Value {
        let table = self.activation(I64, activation!(ready));
        self.builder.ins().uload8(I64, self.regions.container, table, global as i32)
    }

    fn global(&mut self, inst: &Inst, dst: Reg, global: u32) {
        let ready = self.ready(global);
        let trap = self.trap(inst, Trap::Unreachable);
        let next = self.builder.create_block();
        self.builder.ins().brif(ready, next, &[], trap, &[]);
        self.switch(next);
        let table = self.activation(I64, activation!(globals));
        let typ = machine_type(self.typ(dst));
        let value = self.builder.ins().load(typ, self.regions.container, table, 8 * global as i32);
        if matches!(self.typ(dst), RegType::Ref(_)) {
            self.dup(value);
        }
        self.set(dst, value);
    }

    /// `semantics::hash_word`.
    fn hash_word(&mut self, dst: Reg, state: Reg, value: Reg) {
        let [p0, p1, p2, _] = codex_spec::semantics::HASH_KEYS.map(|key| self.constant(key as i64));
        let (state, value) = (self.get(state), self.get(value));
        let (a, b) = (self.builder.ins().bxor(state, p0), self.builder.ins().bxor(value, p1));
        let once = self.fold(a, b);
        let twice = self.fold(once, p2);
        self.set(dst, twice);
    }

    fn fold(&mut self, a: Value, b: Value) -> Value {
        let (low, high) = (self.builder.ins().imul(a, b), self.builder.ins().umulhi(a, b));
        let factors = self.builder.ins().bxor(a, b);
        let product = self.builder.ins().bxor(low, high);
        self.builder.ins().bxor(factors, product)
    }
}
