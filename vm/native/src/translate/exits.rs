//! Where native code stops: the edges that pay, the ends of failed instructions, and exit records.

use codex_spec::instruction::{BlockId, Inst, OperandRef, Reg, Role};
use codex_spec::layout::RegType;
use codex_spec::trap::Trap;
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::types::{F64, I64};
use cranelift_codegen::ir::{self, BlockArg, InstBuilder, Value};

use super::memory::activation;
use super::{Shape, Translator, machine_type};
use crate::machine::Seed;
use crate::point::{Place, Point};

/// A cold block in which an instruction has failed; it goes to the shared end with the point's number and operands.
pub(super) struct Failed {
    block: ir::Block,
    number: i64,
    values: Box<[Value]>,
}

impl Translator<'_, '_, '_, '_> {
    /// The block to jump to for an edge from this block: one that pays, if it leads back, and one that leaves, if this code
    /// does not have the target.
    pub(super) fn edge(&mut self, to: BlockId) -> ir::Block {
        let pays = to <= self.block;
        if !self.inside[to.index()] {
            return *self.leaves.entry((to, pays)).or_insert_with(|| self.builder.create_block());
        }
        match pays {
            true => *self.latches.entry(to).or_insert_with(|| self.builder.create_block()),
            false => self.block(to),
        }
    }

    /// Fills the blocks that [`Self::edge`] made.
    pub(super) fn finish_edges(&mut self) {
        let mut latches: Vec<_> = self.latches.drain().collect();
        latches.sort_unstable();
        for (to, latch) in latches {
            self.switch(latch);
            self.pay();
            let (cold, head, fuel) = (self.cold(), self.block(to), self.fuel());
            let goes = self.builder.ins().icmp_imm_s(IntCC::SignedGreaterThanOrEqual, fuel, 0);
            match self.has(Seed::NoFuelAtLoops) {
                true => self.builder.ins().jump(head, &[]),
                false => self.builder.ins().brif(goes, head, &[], cold, &[]),
            };
            self.switch(cold);
            self.stop_entering(to);
        }
        let mut leaves: Vec<_> = self.leaves.drain().collect();
        leaves.sort_unstable();
        for ((to, pays), leave) in leaves {
            self.switch(leave);
            match pays {
                true => {
                    self.pay();
                    self.stop_entering(to);
                }
                false => self.stop_at(to),
            }
        }
    }

    /// Stops at the start of a block.
    pub(super) fn stop_entering(&mut self, block: BlockId) {
        let live = self.safepoints.entering(block).unwrap_or_default();
        let registers = live.iter().map(|&(reg, _)| reg).collect();
        self.stop_innermost(Place::Entering, block, 0, registers);
    }

    /// Stops on a way to a block that this code does not have.
    fn stop_at(&mut self, block: BlockId) {
        let live = self.safepoints.before(block, 0);
        let registers = live.iter().map(|&(reg, _)| reg).collect();
        self.stop_innermost(Place::Entering, block, 0, registers);
    }

    /// Stops before an instruction of this block.
    pub(super) fn stop_before(&mut self, index: usize) {
        let live = self.safepoints.before(self.block, index);
        let registers = live.iter().map(|&(reg, _)| reg).collect();
        self.stop_innermost(Place::Before, self.block, index, registers);
    }

    fn stop_innermost(&mut self, place: Place, block: BlockId, index: usize, registers: Box<[Reg]>) {
        let fuel = self.fuel();
        self.set_activation(activation!(fuel), fuel);
        self.stop(place, block, index, registers);
    }

    /// Stops at this call, because what it called did.
    pub(super) fn stop_waiting(&mut self) {
        let live = self.safepoints.waiting(self.block, self.index).unwrap_or_default();
        let registers = live.iter().map(|&(reg, _)| reg).collect();
        self.stop(Place::Waiting, self.block, self.index, registers);
    }

    /// Writes an exit record and returns.
    fn stop(&mut self, place: Place, block: BlockId, index: usize, mut registers: Box<[Reg]>) {
        let values: Vec<Value> = registers.iter().map(|&reg| self.variable(reg)).collect();
        if self.has(Seed::FirstRegisterLostAtStops) && place == Place::Waiting {
            registers = registers.iter().skip(1).copied().collect();
        }
        let number = self.point(place, block, index, registers);
        let number = self.constant(number);
        self.write_record(&values, number);
        self.leave();
    }

    fn write_record(&mut self, values: &[Value], number: Value) {
        let cursor = self.activation(I64, activation!(cursor));
        let flags = self.regions.frame;
        for (i, &value) in values.iter().enumerate() {
            self.builder.ins().store(flags, value, cursor, 8 * i as i32);
        }
        let end = 8 * values.len() as i32;
        self.builder.ins().store(flags, number, cursor, end);
        let next = self.builder.ins().iadd_imm_s(cursor, i64::from(end) + 8);
        self.set_activation(activation!(cursor), next);
    }

    fn point(&mut self, place: Place, block: BlockId, index: usize, registers: Box<[Reg]>) -> i64 {
        let points = &mut self.collected.points;
        points.push(Point { place, function: self.id, block: block.0, index: index as u32, registers });
        i64::from(self.shared.first_point) + points.len() as i64 - 1
    }

    /// Goes to where stopped code returns.
    fn leave(&mut self) {
        let last = match self.last {
            Some(last) => last,
            None => *self.last.insert({
                let block = self.builder.create_block();
                self.builder.set_cold_block(block);
                block
            }),
        };
        self.builder.ins().jump(last, &[]);
    }

    // ── Traps ────────────────────────────────────────────────────────────────────

    /// A cold block in which this instruction has failed.
    pub(super) fn trap(&mut self, inst: &Inst, reason: Trap) -> ir::Block {
        let registers = operands(inst, |reg| self.typ(reg) != RegType::F64);
        let values: Vec<Value> = registers.iter().map(|&reg| self.get(reg)).collect();
        self.trap_with(Place::Trap(reason), registers.into(), &values)
    }

    /// A cold block in which this instruction has failed out of line, with these registers as the scratch registers.
    pub(super) fn trap_out_of_line(&mut self, scratch: &[Reg]) -> ir::Block {
        self.trap_with(Place::TrapOutOfLine, scratch.into(), &[])
    }

    /// The same, when none of its operands is shown.
    pub(super) fn trap_without_operands(&mut self, reason: Trap) -> ir::Block {
        self.trap_with(Place::Trap(reason), Box::default(), &[])
    }

    fn trap_with(&mut self, place: Place, registers: Box<[Reg]>, values: &[Value]) -> ir::Block {
        let index = self.index + usize::from(self.has(Seed::TrapAtNextInstruction));
        let number = self.point(place, self.block, index, registers);
        let block = self.cold();
        self.failed.push(Failed { block, number, values: values.into() });
        block
    }

    /// The shared end of failed instructions with so many operands.
    fn end_of_traps(&mut self, count: usize) -> ir::Block {
        if let Some(&block) = self.traps.get(&count) {
            return block;
        }
        let block = self.cold();
        for _ in 0..count + 1 {
            self.builder.append_block_param(block, I64);
        }
        self.traps.insert(count, block);
        block
    }

    /// Fills the ends of failed instructions, and the end of everything that stops.
    pub(super) fn finish_traps(&mut self) {
        for failed in std::mem::take(&mut self.failed) {
            let end = self.end_of_traps(failed.values.len());
            self.switch(failed.block);
            let number = self.constant(failed.number);
            let values = failed.values.iter().copied();
            let arguments: Vec<BlockArg> = std::iter::once(number).chain(values).map(Into::into).collect();
            self.builder.ins().jump(end, &arguments);
        }
        let mut traps: Vec<_> = self.traps.drain().collect();
        traps.sort_unstable();
        for (_, block) in traps {
            self.switch(block);
            let params = self.builder.block_params(block).to_vec();
            let fuel = self.fuel();
            self.set_activation(activation!(fuel), fuel);
            self.write_record(&params[1..], params[0]);
            self.leave();
        }
        if let Some(last) = self.last {
            self.switch(last);
            let stopped = self.constant(-1);
            let nothing = self.nothing();
            self.return_values(stopped, nothing);
        }
    }

    /// A result that nobody reads.
    fn nothing(&mut self) -> Value {
        match machine_type(self.function.result) {
            F64 => self.builder.ins().f64const(0.0),
            _ => self.constant(0),
        }
    }

    /// Returns from a body.
    fn return_values(&mut self, fuel: Value, result: Value) {
        match self.shape {
            Shape::Body => self.builder.ins().return_(&[fuel, result]),
            Shape::Entry | Shape::Loop(_) => self.builder.ins().return_(&[fuel]),
        };
    }

    /// Returns with a result, to native code or to the machine.
    pub(super) fn give(&mut self, result: Value) {
        if self.shape != Shape::Body {
            let scratch = self.activation(I64, activation!(scratch));
            self.builder.ins().store(self.regions.frame, result, scratch, 0);
        }
        let fuel = self.fuel();
        self.return_values(fuel, result);
    }
}

/// The registers that an instruction reads, for which `holds`.
fn operands(inst: &Inst, holds: impl Fn(Reg) -> bool) -> Vec<Reg> {
    let mut registers = Vec::new();
    inst.for_each_operand(|spec, operand| {
        let reads = !matches!(spec.role, Role::Def | Role::Lend | Role::Token);
        if let (true, OperandRef::Reg(reg)) = (reads, operand)
            && holds(reg)
        {
            registers.push(reg);
        }
    });
    registers
}
