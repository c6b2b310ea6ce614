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

#[cfg(feature = "simulate")]
mod switch {
    use std::cell::Cell;

    use super::Bug;

    thread_local!(static BUG: Cell<Option<Bug>> = const { Cell::new(None) });

    pub(crate) fn has(bug: Bug) -> bool {
        BUG.get() == Some(bug)
    }

    /// Does something with a mistake built in, on this thread.
    pub fn with<T>(bug: Bug, run: impl FnOnce() -> T) -> T {
        struct Off;
        impl Drop for Off {
            fn drop(&mut self) {
                BUG.set(None);
            }
        }
        let _off = Off;
        BUG.set(Some(bug));
        run()
    }
}

#[cfg(not(feature = "simulate"))]
mod switch {
    pub(crate) const fn has(_: super::Bug) -> bool {
        false
    }
}

pub(crate) use switch::has;
#[cfg(feature = "simulate")]
pub use switch::with;
