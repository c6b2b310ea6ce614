//! Seeded bugs: the mistakes that the tests of this crate must catch, made on purpose.
//!
//! Without the feature `simulate` nothing of this is in the program: [`has`] is `false`.

/// A mistake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bug {
    /// A save is acknowledged, so that the caller clears its dirty set, before its chunks are synced.
    ClearBeforeSync,
    /// An owner doesn't look for a newer one.
    SkipFence,
    /// A sync that failed counts as one that didn't.
    IgnoreFailedSync,
    /// The released watermark isn't written.
    DropWatermark,
    /// Directories aren't synced.
    SkipDirSync,
    /// A portable file's packed chunks are checked by packing again what was unpacked, not by the bytes that are stored.
    HashReencoded,
    /// A chunk that is read is not checked.
    SkipCheck,
}

/// The switch of a crate's seeded bugs, for its type `Bug`: `has`, and with the feature `simulate` of that crate `with`, which
/// does something with a mistake built in, on its thread.
#[macro_export]
macro_rules! seeded_switch {
    () => {
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
    };
}

seeded_switch!();
