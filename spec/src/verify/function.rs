//! Code: one pass over the blocks of each function.
//!
//! Each instruction is checked in the order in which it acts: classes and types, then what it reads, what it takes and
//! changes, once more what it reads (which must not be what it takes or changes), and last what
//! it writes. [`super::frame`] keeps the states, [`super::edges`] compares them with those of the next block.

use super::classes;
use super::edges::Edges;
use super::entries::{self, Entry, normalised};
use super::error::{Place, VerifyError};
use super::frame::{Frame, Step};
use super::holds::{is_fresh, shares};
use super::rules::Rules;
use crate::instruction::{BlockId, FuncId, Inst, OperandRef, Reg, Role};
use crate::layout::{LayoutDef, RegType, field_offsets};
use crate::module::{Block, Function, Hold, Module, State};

type Check = Result<(), VerifyError>;

/// Checks the code of every function.
pub(super) fn all(module: &Module) -> Check {
    let texts: Vec<bool> = module.constants.iter().map(|c| std::str::from_utf8(c).is_ok()).collect();
    for (n, function) in (0..).zip(&module.functions) {
        let id = FuncId(n);
        if function.blocks.is_empty() {
            return Err(VerifyError::new(Place::Function(id), "it has no blocks"));
        }
        let entries = check_blocks(module, id, function)?;
        Walk::new(module, id, function, &texts, &entries).blocks()?;
    }
    Ok(())
}

/// The shape of each block, and the states it claims, ready to be compared.
fn check_blocks<'m>(module: &Module, id: FuncId, function: &'m Function) -> Result<Vec<Entry<'m>>, VerifyError> {
    let mut found = Vec::with_capacity(function.blocks.len());
    for (n, block) in (0..).zip(&function.blocks) {
        let entry = check_block(module, function, n, block);
        found.push(entry.map_err(|m| VerifyError::new(Place::Block(id, BlockId(n)), m))?);
    }
    Ok(found)
}

fn check_block<'m>(module: &Module, function: &Function, number: u32, block: &'m Block) -> Step<Entry<'m>> {
    let Some((last, body)) = block.code.split_last() else {
        return Err("it has no instructions".to_owned());
    };
    if !last.is_terminator() {
        return Err("its last instruction does not end it".to_owned());
    }
    if let Some(at) = body.iter().position(Inst::is_terminator) {
        return Err(format!("instruction {at} ends it, but others follow"));
    }
    if number == 0 {
        entries::check_first(function, block)?;
    }
    entries::check(module, function, block)?;
    normalised(&block.entry).ok_or_else(|| "its borrows go round in a circle".to_owned())
}

/// One function's code.
struct Walk<'a, 'm> {
    id: FuncId,
    frame: Frame<'m>,
    texts: &'a [bool],
    edges: Edges<'a, 'm>,
    /// Whether some instruction writes register 0.
    writes_first: bool,
    /// Whether register 0 surely is what it was at the function's entry, if it holds anything.
    own_value: bool,
}

impl<'a, 'm> Walk<'a, 'm> {
    fn new(
        module: &'m Module,
        id: FuncId,
        function: &'m Function,
        texts: &'a [bool],
        entries: &'a [Entry<'m>],
    ) -> Self {
        let writes_first = function.closure.is_some() && function.blocks.iter().flat_map(|b| &b.code).any(writes_first);
        let frame = Frame::new(module, function);
        Walk { id, frame, texts, edges: Edges::new(entries), writes_first, own_value: true }
    }

    fn blocks(mut self) -> Check {
        for (n, block) in (0..).zip(&self.frame.function().blocks) {
            self.own_value = n == 0 || !self.writes_first;
            self.edges.enter(&mut self.frame, BlockId(n));
            for (at, inst) in block.code.iter().enumerate() {
                let place = Place::Instruction(self.id, BlockId(n), at);
                self.instruction(inst)
                    .map_err(|message| VerifyError::new(place, format!("`{}`: {message}", inst.opcode().name())))?;
            }
        }
        Ok(())
    }

    fn instruction(&mut self, inst: &Inst) -> Step {
        classes::check(self.frame.module(), self.frame.function(), inst)?;
        let rules = Rules { frame: &self.frame, texts: self.texts, own_value: self.own_value };
        rules.check(inst)?;
        let results = consume(&mut self.frame, inst)?;
        produce(&mut self.frame, inst, results)?;
        self.own_value &= !writes_first(inst);
        if inst.is_terminator() { self.edges.leave(&self.frame, inst) } else { Ok(()) }
    }
}

fn writes_first(inst: &Inst) -> bool {
    let mut writes = false;
    for_each_result(inst, |_, reg| writes |= reg == Reg(0));
    writes
}

// ── Effects ──────────────────────────────────────────────────────────────────────

/// What an instruction gives, known before it takes its operands.
pub(crate) struct Results {
    /// The state of a `def` that is a reference.
    reference: State,
    /// The state of a `lend`.
    lent: State,
}

/// The first half of an instruction: what it reads, takes and changes.
pub(crate) fn consume(frame: &mut Frame<'_>, inst: &Inst) -> Step<Results> {
    let results = results(frame, inst)?;
    let mut result = Ok(());
    for_each_use(frame.module(), inst, |usage, reg| {
        if result.is_ok() && usage == Use::Read {
            result = frame.read(reg).map(drop);
        }
    });
    result?;
    let module = frame.module();
    // What is given away first: a holder cannot be changed by putting it into itself.
    for gives in [true, false] {
        let mut result = Ok(());
        for_each_use(module, inst, |usage, reg| {
            if result.is_ok() && gives == matches!(usage, Use::Take | Use::Spend) {
                result = apply(frame, inst, usage, reg);
            }
        });
        result?;
    }
    still_readable(frame, inst)?;
    if let Inst::Loop { counter, .. } = inst {
        frame.unpinned(*counter)?;
    }
    if let Inst::TailCall { args, .. } = inst {
        outlives_the_frame(frame, args)?;
    }
    if shares(inst.opcode()) {
        for_each_use(module, inst, |usage, reg| {
            if usage == Use::Read {
                frame.share(reg);
            }
        });
    }
    Ok(results)
}

/// The second half: what it writes.
pub(crate) fn produce(frame: &mut Frame<'_>, inst: &Inst, results: Results) -> Step {
    let mut result = Ok(());
    let mut written: Vec<Reg> = Vec::new();
    let token = token_size(frame.module(), inst);
    for_each_result(inst, |role, reg| {
        if result.is_err() {
            return;
        }
        let state = match (role, frame.reg_type(reg)) {
            (Role::Token, _) => State::of(Hold::Token(token)),
            (Role::Lend, _) => results.lent,
            (_, RegType::Ref(_)) => results.reference,
            _ => State::of(Hold::Word),
        };
        written.push(reg);
        result = frame.write(reg, state);
    });
    result?;
    written.sort_unstable();
    match written.windows(2).find(|w| w[0] == w[1]) {
        Some(twice) => Err(format!("r{} is written twice", twice[0].0)),
        None => Ok(()),
    }
}

/// How an instruction uses a register.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Use {
    Read,
    Take,
    Spend,
    Edit,
    Open,
    Close,
    Unique,
}

/// Calls `f` with each register operand that is not a result. A word is read where a reference would be taken.
pub(crate) fn for_each_use(module: &Module, inst: &Inst, mut f: impl FnMut(Use, Reg)) {
    let params = match inst {
        Inst::Call { function, .. } | Inst::TailCall { function, .. } => module.function(*function).map(|c| &c.params),
        _ => None,
    };
    inst.for_each_operand(|spec, value| match (spec.role, value) {
        (Role::Read, OperandRef::Reg(reg)) => f(Use::Read, reg),
        (Role::Take, OperandRef::Reg(reg)) => f(Use::Take, reg),
        (Role::Spend, OperandRef::Reg(reg)) => f(Use::Spend, reg),
        (Role::Edit, OperandRef::Reg(reg)) => f(Use::Edit, reg),
        (Role::Open, OperandRef::Reg(reg)) => f(Use::Open, reg),
        (Role::Close, OperandRef::Reg(reg)) => f(Use::Close, reg),
        (Role::Unique, OperandRef::Reg(reg)) => f(Use::Unique, reg),
        (Role::Takes, OperandRef::Regs(regs)) => regs.iter().for_each(|&reg| f(Use::Take, reg)),
        (Role::Reads, OperandRef::Regs(regs)) => regs.iter().for_each(|&reg| f(Use::Read, reg)),
        (Role::Args, OperandRef::Regs(regs)) => {
            for (i, &reg) in regs.iter().enumerate() {
                let borrowed = params.and_then(|p| p.get(i)).is_some_and(|p| p.borrowed);
                f(if borrowed { Use::Read } else { Use::Take }, reg);
            }
        }
        _ => {}
    });
}

/// Calls `f` with each register that the instruction writes anew.
pub(crate) fn for_each_result(inst: &Inst, mut f: impl FnMut(Role, Reg)) {
    inst.for_each_operand(|spec, value| match (spec.role, value) {
        (Role::Def | Role::Lend | Role::Token, OperandRef::Reg(reg)) => f(spec.role, reg),
        (Role::Defs, OperandRef::Regs(regs)) => regs.iter().for_each(|&reg| f(Role::Defs, reg)),
        _ => {}
    });
}

fn apply(frame: &mut Frame<'_>, inst: &Inst, usage: Use, reg: Reg) -> Step {
    let is_word = !matches!(frame.reg_type(reg), RegType::Ref(_));
    match usage {
        Use::Read => Ok(()),
        Use::Take if is_word => frame.read(reg).map(drop),
        Use::Take => frame.take(reg).map(drop),
        Use::Spend => frame.spend(reg).map(drop),
        Use::Edit => frame.edit(reg),
        Use::Unique => frame.make_unique(reg),
        Use::Open => open_hold(inst).map_or(Ok(()), |hold| frame.open(reg, hold)),
        Use::Close => open_hold(inst).map_or(Ok(()), |hold| frame.close(reg, hold)),
    }
}

/// How the holder is open between a take and its put.
fn open_hold(inst: &Inst) -> Option<Hold> {
    match inst {
        Inst::TakeRef { index, .. } | Inst::PutRef { index, .. } => Some(Hold::OpenField(*index)),
        Inst::ListTakeRef { at, .. } | Inst::ListPutRef { at, .. } => Some(Hold::OpenItem(*at)),
        _ => None,
    }
}

/// What the instruction reads is neither taken nor changed by it.
fn still_readable(frame: &Frame<'_>, inst: &Inst) -> Step {
    let module = frame.module();
    let mut edited = None;
    for_each_use(module, inst, |usage, reg| {
        if usage == Use::Edit {
            edited = Some(reg);
        }
    });
    let mut result = Ok(());
    for_each_use(module, inst, |usage, reg| {
        if usage == Use::Read && (edited == Some(reg) || frame.get(reg).is_none()) {
            result = Err(format!("r{} is both read and given away or changed", reg.0));
        }
    });
    result
}

/// What a tail call lends to the callee is not of the frame that it replaces.
fn outlives_the_frame(frame: &Frame<'_>, args: &[Reg]) -> Step {
    for &reg in args {
        if let Some(State { hold, .. }) = frame.get(reg)
            && !matches!(hold, Hold::Word | Hold::Lent)
        {
            return Err(format!("r{} is borrowed from the frame that the call replaces", reg.0));
        }
    }
    Ok(())
}

fn results(frame: &Frame<'_>, inst: &Inst) -> Step<Results> {
    let made = if is_fresh(inst.opcode()) { Hold::Unique } else { Hold::Owned };
    let known = |variant| State { hold: made, variant };
    let reference = match inst {
        Inst::New { layout, .. } | Inst::NewReuse { layout, .. } => match frame.module().layout(*layout) {
            Some(LayoutDef::Record { tag, .. }) => known(Some(*tag)),
            _ => known(None),
        },
        Inst::NewTag { tag, .. } => known(u8::try_from(*tag).ok()),
        Inst::Dup { src, .. } => known(frame.read(*src)?.variant),
        Inst::Move { src, .. } => frame.read(*src)?,
        _ => known(None),
    };
    let lent = match inst {
        Inst::GetRef { obj, .. } => frame.lend(*obj)?,
        Inst::ListGetRef { list, .. } => frame.lend(*list)?,
        _ => State::of(Hold::Lent),
    };
    Ok(Results { reference, lent })
}

/// The size of the cell that becomes the instruction's token.
fn token_size(module: &Module, inst: &Inst) -> u32 {
    match inst {
        Inst::DropReuse { layout, .. } | Inst::UnpackReuse { layout, .. } => match module.layout(*layout) {
            Some(LayoutDef::Record { fields, .. }) => field_offsets(fields).size,
            _ => 0,
        },
        _ => 0,
    }
}
