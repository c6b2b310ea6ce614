//! What each register holds at each safepoint: the one table that heap walk, hash, image, dump and the
//! drop of frames read.
//!
//! Safepoints are where a machine may stop, and where a suspended caller waits:
//!
//! - *entering* a block: the function's entry (block 0) and each loop head (the target of a back-edge);
//! - *waiting* at an instruction: a call whose callee runs, or a request that is not answered. Its operands are taken,
//!   its results not yet written.
//!
//! References that are owned, tokens and open holders are always listed: somebody has to give them up. Words and borrowed
//! references are listed only if some path still reads them, so a dead register is never seen and an image does
//! not depend on what was left in it. (The index of an open list's missing element is listed with the list.)
//!
//! The states are those that the verifier proved; that a block's entry list holds every register which can be live there
//! makes liveness sparse: it is a set of entries of that list, and each is found once.

use std::sync::OnceLock;

use crate::instruction::{BlockId, FuncId, Inst, Reg};
use crate::module::{Block, Function, Hold, Module, State};
use crate::verify::{Frame, Verified, consume, for_each_result, for_each_use, normalised, produce};

/// Registers that hold something, in order, and how.
pub type Live = [(Reg, State)];

/// The safepoints of one function.
#[derive(Clone, Copy, Debug)]
pub struct Safepoints<'v> {
    module: &'v Module,
    function: &'v Function,
    table: &'v Table,
}

/// What is known about a function's safepoints; kept by [`Verified`].
#[derive(Debug)]
pub(crate) struct Table {
    blocks: Box<[Points]>,
}

/// One block's part of the table. Lists are made when first asked for.
#[derive(Debug)]
struct Points {
    /// For each entry of the block's list: whether it is read before it is written, here or later.
    live: Box<[bool]>,
    /// Whether a machine can stop at its start.
    entering: Option<OnceLock<Box<Live>>>,
    /// Its calls and requests, by index.
    waiting: Box<[(u32, OnceLock<Box<Live>>)]>,
}

impl<'v> Safepoints<'v> {
    /// The safepoints of a function; `None` if there is no such function.
    pub fn of(verified: &'v Verified, id: FuncId) -> Option<Self> {
        let module = verified.module();
        let function = module.function(id)?;
        let table = verified.safepoints(id)?.get_or_init(|| Table::of(module, function));
        Some(Safepoints { module, function, table })
    }

    /// What a machine that stops at the start of this block finds. `None` if it cannot stop there.
    pub fn entering(&self, block: BlockId) -> Option<&'v Live> {
        let points = self.table.blocks.get(block.index())?;
        let list = points.entering.as_ref()?.get_or_init(|| {
            let entry = normalised(&self.function.blocks[block.index()].entry).unwrap_or_default();
            let live = |reg| position(&entry, reg).is_some_and(|i| points.live[i]);
            listed(&entry, live)
        });
        Some(list)
    }

    /// What a frame holds that waits at this instruction. `None` if it is neither a call nor a request.
    pub fn waiting(&self, block: BlockId, instruction: usize) -> Option<&'v Live> {
        let points = self.table.blocks.get(block.index())?;
        let at = u32::try_from(instruction).ok()?;
        let found = points.waiting.binary_search_by_key(&at, |(n, _)| *n).ok()?;
        let list = points.waiting[found].1.get_or_init(|| {
            let body = &self.function.blocks[block.index()];
            let fates = self.fates(body, instruction);
            listed(&self.states_waiting(body, instruction), |reg| fates[usize::from(reg.0)] == Fate::Read)
        });
        Some(list)
    }

    /// What a frame holds just before an instruction. No safepoint: a tier that hands a frame over to another
    /// between two safepoints needs it.
    pub fn before(&self, block: BlockId, instruction: usize) -> Box<Live> {
        let body = &self.function.blocks[block.index()];
        let mut fates = vec![Fate::None; self.function.registers.len()];
        self.fates_from(body, instruction, &mut fates);
        let states = self.frame_before(body, instruction).states();
        listed(&states, |reg| fates[usize::from(reg.0)] == Fate::Read)
    }

    /// The frame before an instruction, from the block's start.
    fn frame_before(&self, block: &Block, instruction: usize) -> Frame<'v> {
        let mut frame = Frame::new(self.module, self.function);
        frame.enter(&normalised(&block.entry).unwrap_or_default());
        // Nothing fails: the verifier did the same steps.
        for inst in &block.code[..instruction] {
            if let Ok(results) = consume(&mut frame, inst) {
                let _ = produce(&mut frame, inst, results);
            }
        }
        frame
    }

    /// The states while an instruction waits.
    fn states_waiting(&self, block: &Block, instruction: usize) -> Vec<(Reg, State)> {
        let mut frame = self.frame_before(block, instruction);
        let _ = consume(&mut frame, &block.code[instruction]);
        frame.states()
    }

    /// For each register: what happens to it next after an instruction.
    fn fates(&self, block: &Block, instruction: usize) -> Vec<Fate> {
        let mut fates = vec![Fate::None; self.function.registers.len()];
        for_each_result(&block.code[instruction], |_, reg| fates[usize::from(reg.0)] = Fate::Written);
        self.fates_from(block, instruction + 1, &mut fates);
        fates
    }

    /// Adds what happens to registers from an instruction on.
    fn fates_from(&self, block: &Block, instruction: usize, fates: &mut [Fate]) {
        let mut meet = |reg: Reg, fate| {
            let known = &mut fates[usize::from(reg.0)];
            if *known == Fate::None {
                *known = fate;
            }
        };
        for inst in &block.code[instruction..] {
            for_each_use(self.module, inst, |_, reg| meet(reg, Fate::Read));
            for_each_result(inst, |_, reg| meet(reg, Fate::Written));
        }
        if let Some(last) = block.code.last() {
            last.for_each_target(|target| {
                let entry = &self.function.blocks[target.index()].entry;
                let live = &self.table.blocks[target.index()].live;
                for ((reg, _), _) in entry.iter().zip(live).filter(|(_, live)| **live) {
                    meet(*reg, Fate::Read);
                }
            });
        }
    }
}

/// What happens to a register next.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fate {
    None,
    Read,
    Written,
}

/// The states without words and borrowed references that nothing reads.
fn listed(states: &Live, live: impl Fn(Reg) -> bool) -> Box<Live> {
    let mut indexes: Vec<Reg> = Vec::new();
    for (_, state) in states {
        if let Hold::OpenItem(at) = state.hold {
            indexes.push(at);
        }
    }
    indexes.sort_unstable();
    let keep = |&&(reg, state): &&(Reg, State)| match state.hold {
        Hold::Word | Hold::Lent | Hold::Borrowed(_) => live(reg) || indexes.binary_search(&reg).is_ok(),
        _ => true,
    };
    states.iter().filter(keep).copied().collect()
}

fn position(entry: &Live, reg: Reg) -> Option<usize> {
    entry.binary_search_by_key(&reg, |(r, _)| *r).ok()
}

// ── The table ────────────────────────────────────────────────────────────────────

impl Table {
    fn of(module: &Module, function: &Function) -> Table {
        let mut heads = vec![false; function.blocks.len()];
        heads[0] = true;
        for (n, block) in function.blocks.iter().enumerate() {
            if let Some(last) = block.code.last() {
                last.for_each_target(|target| heads[target.index()] |= target.index() <= n);
            }
        }
        let live = live_entries(module, function);
        let points = |((block, live), head): ((&Block, Box<[bool]>), bool)| Points {
            live,
            entering: head.then(OnceLock::new),
            waiting: waiting_places(block),
        };
        Table { blocks: function.blocks.iter().zip(live).zip(heads).map(points).collect() }
    }
}

fn waiting_places(block: &Block) -> Box<[(u32, OnceLock<Box<Live>>)]> {
    let waits = |inst: &Inst| matches!(inst, Inst::Call { .. } | Inst::CallValue { .. }) || inst.waits();
    (0..).zip(&block.code).filter(|(_, inst)| waits(inst)).map(|(n, _)| (n, OnceLock::new())).collect()
}

/// For each block and each entry of its list: whether it is live.
///
/// A block's own reads come first; then each fact 'live at this entry' goes, once, to the predecessors that do not write
/// the register. So the time is linear in the entries, times the edges that lead to them.
fn live_entries(module: &Module, function: &Function) -> Vec<Box<[bool]>> {
    let mut facts = Facts {
        function,
        live: function.blocks.iter().map(|b| vec![false; b.entry.len()].into()).collect(),
        work: Vec::new(),
    };
    let mut predecessors = vec![Vec::new(); function.blocks.len()];
    let mut written = Vec::with_capacity(function.blocks.len());
    let mut latest = vec![0; function.registers.len()];
    for (n, block) in function.blocks.iter().enumerate() {
        written.push(facts.own_reads(module, n, &mut latest));
        if let Some(last) = block.code.last() {
            last.for_each_target(|target| predecessors[target.index()].push(n));
        }
    }
    predecessors.iter_mut().for_each(Vec::dedup);
    while let Some((block, reg)) = facts.work.pop() {
        for &from in &predecessors[block] {
            if written[from].binary_search(&reg).is_err() {
                facts.found(from, reg);
            }
        }
    }
    facts.live
}

/// What is known so far, and what has yet to be passed on.
struct Facts<'m> {
    function: &'m Function,
    live: Vec<Box<[bool]>>,
    work: Vec<(usize, Reg)>,
}

impl Facts<'_> {
    /// The register is live at the block's entry.
    fn found(&mut self, block: usize, reg: Reg) {
        let Some(at) = position(&self.function.blocks[block].entry, reg) else {
            return;
        };
        if !std::mem::replace(&mut self.live[block][at], true) {
            self.work.push((block, reg));
        }
    }

    /// Finds what a block reads before it writes it; gives what it writes, sorted. `latest` has for each register the last
    /// block (counted from 1) that wrote it.
    fn own_reads(&mut self, module: &Module, block: usize, latest: &mut [usize]) -> Vec<Reg> {
        let mut written = Vec::new();
        for inst in &self.function.blocks[block].code {
            for_each_use(module, inst, |_, reg| {
                if latest[usize::from(reg.0)] != block + 1 {
                    self.found(block, reg);
                }
            });
            for_each_result(inst, |_, reg| {
                latest[usize::from(reg.0)] = block + 1;
                written.push(reg);
            });
        }
        written.sort_unstable();
        written.dedup();
        written
    }
}

#[cfg(test)]
mod tests;
