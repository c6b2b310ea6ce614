//! Seeded bugs: mistakes of the durable layer that the tests must catch, made on purpose. Those of the storage are in
//! `codex_vault::seeded`.
//!
//! Without the feature `simulate` nothing of this is in the program: [`has`] is `false`.

/// A mistake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bug {
    /// Outputs are let out before the journal is on the disk.
    ReleaseBeforeSync,
    /// Dead registers are part of a state.
    HashDeadRegisters,
    /// What comes out of an image has no mailboxes.
    ForgetMailbox,
    /// What waits to be let out is not let out before a save.
    SaveBeforeRelease,
    /// What comes from outside is not walked.
    SkipWalk,
    /// Pages that a save has count as saved before it is on the disk.
    ClearEarly,
    /// Pages that a heap grew by count only when somebody writes to them.
    ForgetGrowth,
}

codex_vault::seeded_switch!();
