//! What a block leaves is what the next one claims to find, and nothing that must be given up is lost on the way.

use super::entries::{Entry, find};
use super::frame::{Frame, Step};
use crate::instruction::{BlockId, Inst, Reg};
use crate::module::{Hold, State};

/// The states at the entry of each block of a function.
pub(super) struct Edges<'a, 'm> {
    entries: &'a [Entry<'m>],
    /// For each block: the terminator (counted from 1) that last had an edge to it compared.
    compared: Vec<usize>,
    terminators: usize,
}

impl<'a, 'm> Edges<'a, 'm> {
    pub(super) fn new(entries: &'a [Entry<'m>]) -> Self {
        Edges { entries, compared: vec![0; entries.len()], terminators: 0 }
    }

    /// Starts a block.
    pub(super) fn enter(&self, frame: &mut Frame<'_>, block: BlockId) {
        frame.enter(&self.entries[block.index()]);
    }

    /// Checks all ways out of a block, from the states after its terminator's own effects.
    pub(super) fn leave(&mut self, frame: &Frame<'_>, last: &Inst) -> Step {
        self.terminators += 1;
        match last {
            Inst::Return { .. } | Inst::TailCall { .. } | Inst::TailCallValue { .. } => no_leftovers(frame),
            // The container ends: its heap goes as a whole.
            Inst::TrapCode { .. } | Inst::Panic { .. } | Inst::Exit { .. } => Ok(()),
            Inst::SwitchTag { a, to } => {
                // `to` is as long as the type has variants, 256 at most.
                to.iter().enumerate().try_for_each(|(n, &target)| self.edge(frame, target, Some((*a, n as u8))))
            }
            _ => {
                let mut result = Ok(());
                last.for_each_target(|target| {
                    if result.is_ok() {
                        result = self.plain_edge(frame, target);
                    }
                });
                result
            }
        }
    }

    /// An edge that teaches nothing. Of several to one block, one is enough to look at.
    fn plain_edge(&mut self, frame: &Frame<'_>, target: BlockId) -> Step {
        match self.compared.get_mut(target.index()) {
            Some(last) if *last == self.terminators => return Ok(()),
            Some(last) => *last = self.terminators,
            None => {}
        }
        self.edge(frame, target, None)
    }

    /// One edge; on it, a register may be known to be of a variant.
    fn edge(&self, frame: &Frame<'_>, target: BlockId, learned: Option<(Reg, u8)>) -> Step {
        let Some(entry) = self.entries.get(target.index()) else {
            return Err(format!("there is no block {}", target.0));
        };
        if target == BlockId(0) {
            return Err("an edge leads to block 0".to_owned());
        }
        let with_learned = |reg: Reg, state: State| match learned {
            Some((r, variant)) if r == reg => State { variant: Some(variant), ..state },
            _ => state,
        };
        let mut kept = 0;
        for &(reg, wanted) in entry.iter() {
            let Some(found) = frame.get(reg) else {
                return Err(format!("block {} wants r{}, which is empty", target.0, reg.0));
            };
            let found = with_learned(reg, found);
            fits(frame, reg, found, wanted).map_err(|m| format!("block {} wants r{} {m}", target.0, reg.0))?;
            kept += usize::from(frame.binds(reg, found));
        }
        let must_keep = frame.bound() - usize::from(loosened(frame, learned));
        if kept == must_keep {
            return Ok(());
        }
        let is_kept =
            |reg| find(entry, reg).is_some() || frame.get(reg).is_some_and(|s| !frame.binds(reg, with_learned(reg, s)));
        let lost = frame.find_bound(is_kept).map_or_else(String::new, |r| format!("r{} ", r.0));
        Err(format!("{lost}still holds something, which would be lost on the way to block {}", target.0))
    }
}

/// Whether what is learned on an edge shows that there is nothing to give up.
fn loosened(frame: &Frame<'_>, learned: Option<(Reg, u8)>) -> bool {
    learned.is_some_and(|(reg, variant)| {
        frame.get(reg).is_some_and(|s| frame.binds(reg, s) && !frame.binds(reg, State { variant: Some(variant), ..s }))
    })
}

/// Whether what a register holds is at least what is wanted: unique serves as owned, lent as borrowed from
/// anything, and a known variant may be forgotten.
fn fits(frame: &Frame<'_>, reg: Reg, found: State, wanted: State) -> Result<(), &'static str> {
    let held = match (found.hold, wanted.hold) {
        (Hold::Unique, Hold::Owned) | (Hold::Lent, Hold::Borrowed(_)) => true,
        (found, wanted) => found == wanted,
    };
    if !held {
        return Err("held in another way");
    }
    match wanted.variant {
        Some(v) if frame.variant(reg, found) != Some(v) => Err("to be of a variant it is not known to be"),
        _ => Ok(()),
    }
}

/// When a frame goes, nothing in it must have to be given up.
fn no_leftovers(frame: &Frame<'_>) -> Step {
    match frame.find_bound(|_| false) {
        Some(reg) if frame.bound() > 0 => {
            Err(format!("r{} still holds something, which would be lost with the frame", reg.0))
        }
        _ => Ok(()),
    }
}
