//! The report of a container that failed: why, and where in the program.

use std::fmt;

use codex_spec::instruction::{Class, FuncId, Inst, OperandRef, Role};
use codex_spec::module::{LineRun, Names};
use codex_spec::trap::Trap;

use crate::container::Container;
use crate::program::Program;

/// Frames shown at each end of a trace; those between are counted.
const SHOWN: usize = 12;

/// Why and where a container failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrapReport {
    /// The reason.
    pub reason: Trap,
    /// What the values were, or the program's own words; may be empty.
    pub details: String,
    /// Where: innermost call first.
    pub trace: Vec<TracePlace>,
    /// How many calls are left out, in the middle of the trace.
    pub omitted: usize,
}

impl TrapReport {
    /// The trace as lines, innermost call first.
    pub fn trace_text(&self) -> String {
        let mut text = String::new();
        // Writing to a string cannot fail.
        let _ = self.write_trace(&mut text);
        text
    }

    fn write_trace(&self, f: &mut impl fmt::Write) -> fmt::Result {
        for (i, place) in self.trace.iter().enumerate() {
            if i == SHOWN && self.omitted > 0 {
                writeln!(f, "  … {} more calls …", self.omitted)?;
            }
            match &place.place {
                Some((file, line, column)) => writeln!(f, "  at {} ({file}:{line}:{column})", place.function)?,
                None => writeln!(f, "  at {}", place.function)?,
            }
        }
        Ok(())
    }
}

/// One call of a trace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TracePlace {
    /// The function's name.
    pub function: String,
    /// File, line and column, if the module knows them.
    pub place: Option<(String, u32, u32)>,
}

impl fmt::Display for TrapReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "error[{}]: {}", self.reason.code(), self.reason.message())?;
        for line in self.details.lines() {
            writeln!(f, "  {line}")?;
        }
        self.write_trace(f)
    }
}

/// The report of a container that stopped with a trap; `words` say what the values can't.
pub(crate) fn report(c: &Container, reason: Trap, words: Option<String>) -> TrapReport {
    let depth = c.stack.depth();
    let omitted = depth.saturating_sub(2 * SHOWN);
    let shown = (1..=depth).rev().enumerate().filter(|&(i, _)| i < SHOWN || i >= SHOWN + omitted);
    let trace = shown.map(|(_, number)| place(c, number)).collect();
    let details = match (words, &c.panic, reason) {
        (Some(words), ..) => words,
        (_, Some(words), Trap::Panic) => words.clone(),
        _ => details(c, reason).unwrap_or_default(),
    };
    TrapReport { reason, details, trace, omitted }
}

/// Where a container stands: innermost call first, and no more calls than a report shows.
pub(crate) fn trace(c: &Container) -> Vec<TracePlace> {
    (1..=c.stack.depth()).rev().take(2 * SHOWN).map(|number| place(c, number)).collect()
}

/// The function of a frame, and the instruction in it that runs or called, counted through its blocks.
pub(crate) fn position(c: &Container, number: usize) -> (FuncId, usize) {
    let function = FuncId(c.stack.frame(number).function);
    let loaded = c.program.loaded(function);
    if number < c.stack.depth() {
        // The word before the one it goes on at is the last of the call.
        let call = c.stack.frame(number + 1).back.wrapping_sub(1);
        return (function, loaded.instruction_at(call));
    }
    if std::ptr::eq(c.pc, &raw const crate::program::LOAD) || std::ptr::eq(c.pc, &raw const crate::program::NATIVE) {
        return (function, 0);
    }
    (function, loaded.instruction_at(c.pc))
}

fn place(c: &Container, number: usize) -> TracePlace {
    let (function, instruction) = position(c, number);
    place_of(&c.program, function, instruction)
}

/// The name of a function, and where an instruction in it was written.
pub(crate) fn place_of(program: &Program, function: FuncId, instruction: usize) -> TracePlace {
    let names = &program.module().names;
    let name = names.functions.get(function.index()).cloned();
    TracePlace {
        function: name.unwrap_or_else(|| format!("function {}", function.0)),
        place: line(names, function, instruction),
    }
}

/// Where an instruction was written.
fn line(names: &Names, function: FuncId, instruction: usize) -> Option<(String, u32, u32)> {
    let mut end = 0;
    let runs = names.lines.get(function.index())?;
    let holds = |run: &&LineRun| {
        end += run.count as usize;
        instruction < end
    };
    let run = runs.iter().find(holds)?;
    Some((names.files.get(run.file as usize)?.clone(), run.line, run.column))
}

/// What the operands of the failed instruction were.
fn details(c: &Container, reason: Trap) -> Option<String> {
    if c.stack.depth() == 0 {
        return None;
    }
    let (function, number) = position(c, c.stack.depth());
    let function = &c.program.module().functions[function.index()];
    let inst = function.blocks.iter().flat_map(|b| &b.code).nth(number)?;
    let (numbers, length) = operands(c, inst);
    let listed = numbers.iter().map(i64::to_string).collect::<Vec<_>>().join(" and ");
    match (reason, numbers.len(), length) {
        (Trap::Bounds, 0, Some(_)) => Some("the list is empty".to_owned()),
        (Trap::Bounds, 1, Some(n)) => Some(format!("the index is {listed}, the length is {n}")),
        (Trap::Bounds, _, Some(n)) => Some(format!("the indices are {listed}, the length is {n}")),
        (Trap::NotACharacter, 1, _) => Some(format!("the offset is {listed}")),
        (Trap::NotACharacter, _, _) => Some(format!("the offsets are {listed}")),
        (Trap::NotAScalar, 1, _) => Some(format!("the number is {listed}")),
        (Trap::Overflow | Trap::DivideByZero, 1, _) => Some(format!("the operand is {listed}")),
        (Trap::Overflow | Trap::DivideByZero, 2, _) => Some(format!("the operands are {listed}")),
        (Trap::OutOfMemory, _, _) => Some(format!("the limit is {} bytes", c.heap.limit())),
        (Trap::StackOverflow, _, _) => Some(format!("{} calls are open", c.stack.depth())),
        _ => None,
    }
}

/// The integers that an instruction reads, and the length of the list, text or bytes it works on.
fn operands(c: &Container, inst: &Inst) -> (Vec<i64>, Option<u32>) {
    let frame = c.stack.frame(c.stack.depth());
    let count = c.program.entries()[frame.function as usize].registers as usize;
    let registers = c.stack.registers(frame.base, count);
    let mut numbers = Vec::new();
    let mut length = None;
    // A value that is stored, not looked up, says nothing about an index.
    let looks_up = inst.opcode().operands().iter().any(|o| o.name == "at");
    inst.for_each_operand(|spec, operand| match (operand, spec.class) {
        (OperandRef::Reg(reg), Class::I64) if spec.role == Role::Read && !(looks_up && spec.name == "value") => {
            numbers.push(registers[reg.0 as usize] as i64);
        }
        (OperandRef::Imm(value), _) => numbers.push(value),
        (OperandRef::Reg(reg), Class::List | Class::Text | Class::Bytes | Class::Raw)
            if length.is_none() && spec.role != Role::Def =>
        {
            // SAFETY: the instruction failed, so the register still holds what it read: a value of this class.
            length = Some(unsafe { c.heap.length(registers[reg.0 as usize] as u32) });
        }
        _ => {}
    });
    (numbers, length)
}
