//! Who is to be woken when: a queue by time, then by the order in which the timers were set.

use std::collections::BTreeMap;

/// See the module's documentation.
#[derive(Clone, Debug, Default)]
pub(crate) struct Timers {
    due: BTreeMap<(i64, u64), u64>,
    /// The number of the next timer.
    next: u64,
}

impl Timers {
    /// Wakes a container at a time, in milliseconds since 1970. Gives the timer's key.
    pub(crate) fn set(&mut self, at: i64, container: u64) -> (i64, u64) {
        let key = (at, self.next);
        self.next += 1;
        self.due.insert(key, container);
        key
    }

    /// Forgets a timer.
    pub(crate) fn cancel(&mut self, key: (i64, u64)) {
        self.due.remove(&key);
    }

    /// Takes the first timer that is due by a time: its key and its container.
    pub(crate) fn take_due(&mut self, by: i64) -> Option<((i64, u64), u64)> {
        let first = self.due.first_entry()?;
        if first.key().0 > by {
            return None;
        }
        Some(first.remove_entry())
    }

    /// When the first timer is due.
    pub(crate) fn first(&self) -> Option<i64> {
        self.due.first_key_value().map(|(&(at, _), _)| at)
    }

    /// All timers in order, and the number of the next: what a hash or an image keeps.
    pub(crate) fn parts(&self) -> (&BTreeMap<(i64, u64), u64>, u64) {
        (&self.due, self.next)
    }

    /// Timers with these parts.
    pub(crate) fn from_parts(due: BTreeMap<(i64, u64), u64>, next: u64) -> Timers {
        Timers { due, next }
    }
}
