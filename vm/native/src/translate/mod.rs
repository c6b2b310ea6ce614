//! A function of the module becomes a function of Cranelift's IR.
//!
//! A register is a variable: an i64, or an f64 (a reference is an i64 whose upper half is zero). Fuel and the heap's base
//! are variables too. What leaves native code is at the end of [`exits`]; everything else is one file for each part of the
//! instruction table.
//!
//! Floats: arithmetic leaves a NaN as the host makes it; what can be seen of one (a store into a cell, its bits, an operand
//! of an out-of-line instruction) is made canonical first. Registers in exit records and results of entries are made so by the machine.

pub(crate) mod bridge;
mod calls;
mod cells;
mod control;
mod exits;
mod floats;
mod lists;
mod memory;
mod out_of_line;
mod records;
mod texts;
mod words;

use std::collections::HashMap;

use codex_spec::instruction::{BlockId, FuncId, Inst, Reg};
use codex_spec::layout::RegType;
use codex_spec::liveness::Safepoints;
use codex_spec::module::{Function, Module};
use codex_spec::verify::Verified;
use cranelift_codegen::ir::types::{F64, I64};
use cranelift_codegen::ir::{self, AbiParam, InstBuilder, Signature, Type, Value};
use cranelift_codegen::isa::{CallConv, TargetFrontendConfig};
use cranelift_frontend::{FunctionBuilder, FunctionBuilderContext, Variable};

use crate::compile::Host;
use crate::inline::FRAME_ROOM;
use crate::machine::{Machine, Seed};
use crate::point::Point;
use crate::ranges::{Range, Ranges, State};
use crate::region::loop_blocks;
use crate::way::{Way, way};
use memory::Regions;

/// Names of a unit's functions begin here; nothing else has a name.
pub(crate) const NAMESPACE: u32 = 0;

/// What the functions of a unit share.
pub(crate) struct Shared<'a> {
    pub(crate) verified: &'a Verified,
    pub(crate) machine: Machine,
    /// For each function whose body is in this unit: its number in the unit.
    pub(crate) bodies: HashMap<FuncId, u32>,
    pub(crate) convention: CallConv,
    pub(crate) frontend: TargetFrontendConfig,
    /// The number of the unit's first point.
    pub(crate) first_point: u32,
    /// The address of the [`bridge`].
    pub(crate) bridge: usize,
}

/// What is collected while a unit's functions are translated.
pub(crate) struct Collected<'a> {
    pub(crate) points: Vec<Point>,
    pub(crate) host: &'a mut dyn Host,
}

/// What is made of a function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// Its body, called by native code: container, fuel, room, arguments; gives fuel and the result.
    Body,
    /// What the machine calls to enter the body: container, fuel, room, the frame's registers; gives fuel, and the result in the first
    /// scratch register.
    Entry,
    /// A loop: what lies behind it is left to the machine. Called like an entry.
    Loop(BlockId),
}

/// Stack that a frame of native code takes at most, in bytes: what it pays of its room.
pub(crate) fn frame_cost(function: &Function) -> i64 {
    256 + FRAME_ROOM + 16 * function.registers.len() as i64
}

/// The machine type of a register.
pub(crate) fn machine_type(typ: RegType) -> Type {
    match typ {
        RegType::F64 => F64,
        RegType::I64 | RegType::Ref(_) => I64,
    }
}

/// The signature of the body of a function with these parameters.
pub(crate) fn body_signature(
    params: impl IntoIterator<Item = RegType>,
    result: RegType,
    convention: CallConv,
) -> Signature {
    let mut signature = Signature::new(convention);
    signature.params.extend([AbiParam::new(I64); 3]);
    signature.params.extend(params.into_iter().map(|t| AbiParam::new(machine_type(t))));
    signature.returns.push(AbiParam::new(I64));
    signature.returns.push(AbiParam::new(machine_type(result)));
    signature
}

/// The signature of an entry.
pub(crate) fn entry_signature(convention: CallConv) -> Signature {
    let mut signature = Signature::new(convention);
    signature.params.extend([AbiParam::new(I64); 4]);
    signature.returns.push(AbiParam::new(I64));
    signature
}

/// Translates a function in one of its shapes.
pub(crate) fn translate(
    shared: &Shared<'_>,
    collected: &mut Collected<'_>,
    context: &mut FunctionBuilderContext,
    into: &mut ir::Function,
    id: FuncId,
    shape: Shape,
) {
    let module = shared.verified.module();
    let function = &module.functions[id.index()];
    into.signature = match shape {
        Shape::Body => body_signature(function.params.iter().map(|p| p.typ), function.result, shared.convention),
        Shape::Entry | Shape::Loop(_) => entry_signature(shared.convention),
    };
    let regions = Regions::new(into);
    let mut builder = FunctionBuilder::new(into, context);
    let first = builder.create_block();
    builder.append_block_params_for_function_params(first);
    builder.switch_to_block(first);
    let params = builder.block_params(first).to_vec();
    let mut declare = |typ| builder.declare_var(typ);
    let registers = function.registers.iter().map(|&t| declare(machine_type(t))).collect();
    let (fuel, base) = (declare(I64), declare(I64));
    let lengths = lists::indexed(function).into_iter().map(|reg| (reg, declare(I64))).collect();
    let ranges = Ranges::of(function);
    let safepoints = Safepoints::of(shared.verified, id).unwrap_or_else(|| unreachable!("a function of the module"));
    let mut translator = Translator {
        shared,
        collected,
        module,
        function,
        id,
        shape,
        safepoints,
        builder,
        regions,
        registers,
        fuel,
        base,
        container: params[0],
        room: params[2],
        blocks: HashMap::new(),
        latches: HashMap::new(),
        leaves: HashMap::new(),
        traps: HashMap::new(),
        failed: Vec::new(),
        last: None,
        inside: vec![true; function.blocks.len()],
        block: BlockId(0),
        index: 0,
        callees: HashMap::new(),
        state: ranges.entry(function, BlockId(0)),
        ranges,
        lengths,
    };
    translator.set_fuel(params[1]);
    match shape {
        Shape::Body => translator.body(&params[3..]),
        Shape::Entry => translator.entry(params[3]),
        Shape::Loop(head) => translator.loop_from(head, params[3]),
    }
    translator.builder.seal_all_blocks();
    translator.builder.finalize(shared.frontend);
}

pub(crate) struct Translator<'a, 's, 'h, 'b> {
    shared: &'s Shared<'a>,
    collected: &'s mut Collected<'h>,
    module: &'a Module,
    function: &'a Function,
    id: FuncId,
    shape: Shape,
    safepoints: Safepoints<'a>,
    builder: FunctionBuilder<'b>,
    regions: Regions,
    registers: Vec<Variable>,
    fuel: Variable,
    base: Variable,
    /// The address of the container.
    container: Value,
    /// The room that calls from here have.
    room: Value,
    /// Blocks of the function, made when something leads to them.
    blocks: HashMap<BlockId, ir::Block>,
    /// For each loop head: where its back-edges pay.
    latches: HashMap<BlockId, ir::Block>,
    /// For each block that this code does not have: where edges to it leave, by whether they pay.
    leaves: HashMap<(BlockId, bool), ir::Block>,
    /// Ends of failed instructions, by the number of operands.
    traps: HashMap<usize, ir::Block>,
    /// Failed instructions whose blocks are not filled yet.
    failed: Vec<exits::Failed>,
    /// Where everything that stops returns.
    last: Option<ir::Block>,
    /// The blocks that this code has.
    inside: Vec<bool>,
    /// The block and instruction that are translated.
    block: BlockId,
    index: usize,
    callees: HashMap<FuncId, ir::FuncRef>,
    ranges: Ranges,
    /// The intervals of registers before the instruction that is translated.
    state: State,
    /// For each list whose elements are read or changed by index: its length. A list that is held is changed only through its
    /// register, so its length is a value like any other.
    lengths: HashMap<Reg, Variable>,
}

impl<'a> Translator<'a, '_, '_, '_> {
    /// The body: pays room, looks at the fuel that the call cost, and runs from block 0.
    fn body(&mut self, arguments: &[Value]) {
        self.reload_base();
        for (i, &value) in arguments.iter().enumerate() {
            self.set(Reg(i as u16), value);
        }
        self.pay();
        self.room = self.builder.ins().iadd_imm_s(self.room, -frame_cost(self.function));
        let fuel = self.fuel();
        let either = self.builder.ins().bor(fuel, self.room);
        let stops = self.is_negative(either);
        let (cold, start) = (self.cold(), self.block(BlockId(0)));
        self.builder.ins().brif(stops, cold, &[], start, &[]);
        self.switch(cold);
        self.stop_entering(BlockId(0));
        self.blocks_from(BlockId(0));
    }

    /// Calls the body with the frame's registers. The machine paid for the call already, so the fuel that the body takes
    /// is given back first.
    fn entry(&mut self, frame: Value) {
        let mut arguments = Vec::new();
        for (i, param) in self.function.params.iter().enumerate() {
            let flags = self.regions.frame;
            arguments.push(self.builder.ins().load(machine_type(param.typ), flags, frame, 8 * i as i32));
        }
        let fuel = self.fuel();
        let fuel = self.builder.ins().iadd_imm_s(fuel, 1);
        self.set_fuel(fuel);
        let callee = self.callee(self.id).unwrap_or_else(|| unreachable!("an entry is in the unit of its body"));
        let (fuel, result) = self.call_direct(callee, self.room, &arguments);
        self.set_fuel(fuel);
        self.give(result);
    }

    /// A loop, with the frame's registers.
    fn loop_from(&mut self, head: BlockId, frame: Value) {
        self.reload_base();
        for &(reg, _) in self.safepoints.entering(head).unwrap_or_default() {
            let flags = self.regions.frame;
            let typ = machine_type(self.typ(reg));
            let value = self.builder.ins().load(typ, flags, frame, 8 * i32::from(reg.0));
            self.set(reg, value);
        }
        self.inside = loop_blocks(self.function, head);
        let start = self.block(head);
        self.builder.ins().jump(start, &[]);
        self.blocks_from(head);
    }

    /// All blocks that are reached from this one, then the edges that pay or leave.
    fn blocks_from(&mut self, first: BlockId) {
        let mut done = vec![false; self.function.blocks.len()];
        let mut work = vec![first];
        let mut order = Vec::new();
        while let Some(block) = work.pop() {
            if std::mem::replace(&mut done[block.index()], true) {
                continue;
            }
            order.push(block);
            if let Some(end) = self.function.blocks[block.index()].code.last() {
                end.for_each_target(|to| work.extend(self.inside[to.index()].then_some(to)));
            }
        }
        order.sort_unstable();
        for block in order {
            let start = self.block(block);
            self.builder.switch_to_block(start);
            self.block = block;
            self.state = self.ranges.entry(self.function, block);
            self.code(&self.function.blocks[block.index()].code);
        }
        self.finish_edges();
        self.finish_traps();
    }

    /// The instructions of a block.
    fn code(&mut self, code: &'a [Inst]) {
        for (index, inst) in code.iter().enumerate() {
            self.index = index;
            match way(inst.opcode()) {
                Way::HandOver => {
                    self.stop_before(index);
                    return;
                }
                Way::OutOfLine => self.out_of_line(inst),
                Way::Inline => self.inline(inst),
            }
            self.state.step(inst);
        }
    }

    fn inline(&mut self, inst: &Inst) {
        match inst.opcode() as u8 {
            0x00..0x20 => self.word(inst),
            0x20..0x40 => self.float(inst),
            0x40..0x60 => self.control(inst),
            0x60..0x68 => self.ownership(inst),
            0x68..0x80 => self.record(inst),
            0x80..0x98 => self.list(inst),
            0x98..0xb0 | 0xba => self.text(inst),
            _ => self.other(inst),
        }
    }

    // ── Registers ────────────────────────────────────────────────────────────────

    fn typ(&self, reg: Reg) -> RegType {
        self.function.registers[usize::from(reg.0)]
    }

    /// A register's value: the number, if only one is possible.
    fn get(&mut self, reg: Reg) -> Value {
        if self.typ(reg) == RegType::I64
            && let Some(number) = self.range(reg).number()
        {
            return self.constant(number);
        }
        self.variable(reg)
    }

    /// A register's value in a block that no intervals are kept for: where edges pay, and where code stops.
    fn variable(&mut self, reg: Reg) -> Value {
        self.builder.use_var(self.registers[usize::from(reg.0)])
    }

    fn set(&mut self, reg: Reg, value: Value) {
        self.builder.def_var(self.registers[usize::from(reg.0)], value);
        if self.lengths.contains_key(&reg) {
            let length = self.load_length(value);
            self.set_length(reg, length);
        }
    }

    /// Which numbers a register may hold.
    fn range(&self, reg: Reg) -> Range {
        self.state.get(reg)
    }

    fn fuel(&mut self) -> Value {
        self.builder.use_var(self.fuel)
    }

    fn set_fuel(&mut self, fuel: Value) {
        self.builder.def_var(self.fuel, fuel);
    }

    /// Takes a unit of fuel.
    fn pay(&mut self) {
        let fuel = self.fuel();
        let units = if self.has(Seed::FuelPaidTwice) { -2 } else { -1 };
        let fuel = self.builder.ins().iadd_imm_s(fuel, units);
        self.set_fuel(fuel);
    }

    /// Whether the code gets this bug.
    fn has(&self, seed: Seed) -> bool {
        self.shared.machine.seed == seed
    }

    // ── Blocks ───────────────────────────────────────────────────────────────────

    fn block(&mut self, block: BlockId) -> ir::Block {
        *self.blocks.entry(block).or_insert_with(|| self.builder.create_block())
    }

    /// A new block that is rarely run.
    fn cold(&mut self) -> ir::Block {
        let block = self.builder.create_block();
        self.builder.set_cold_block(block);
        block
    }

    /// Goes on in a block to which all ways are known.
    fn switch(&mut self, block: ir::Block) {
        self.builder.seal_block(block);
        self.builder.switch_to_block(block);
    }

    /// Goes to a cold block if a condition holds, else on in a new block.
    fn rarely(&mut self, condition: Value, cold: ir::Block) {
        let next = self.builder.create_block();
        self.builder.ins().brif(condition, cold, &[], next, &[]);
        self.switch(next);
    }

    fn constant(&mut self, value: i64) -> Value {
        self.builder.ins().iconst(I64, value)
    }

    fn is_negative(&mut self, value: Value) -> Value {
        self.builder.ins().icmp_imm_s(ir::condcodes::IntCC::SignedLessThan, value, 0)
    }
}
