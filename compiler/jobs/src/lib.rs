//! Work spread over threads.
//!
//! A phase that looks at many things, each on its own (files, functions), hands them to [`Jobs`]. Threads take one after
//! the other from a common iterator, so that a large one holds up nobody.
//!
//! Keeps true: what comes out is in the order of what went in, however many threads there are and whoever is first; a
//! panic in the work goes on in the caller.

use std::num::NonZeroUsize;
use std::sync::{Mutex, PoisonError};

/// How many threads may work at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Jobs(NonZeroUsize);

impl Default for Jobs {
    /// As many as the cores that this process may use.
    fn default() -> Self {
        Jobs(std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN))
    }
}

impl From<NonZeroUsize> for Jobs {
    fn from(threads: NonZeroUsize) -> Self {
        Jobs(threads)
    }
}

impl Jobs {
    /// Threads, at least one.
    pub fn threads(self) -> usize {
        self.0.get()
    }

    /// Calls `work` with every item. No more threads are started than there are items; a single one is the caller's own.
    pub fn for_each<I>(self, items: I, work: impl Fn(I::Item) + Sync)
    where
        I: ExactSizeIterator + Send,
        I::Item: Send,
    {
        let threads = self.threads().min(items.len());
        if threads <= 1 {
            return items.for_each(work);
        }
        let items = Mutex::new(items);
        // The lock is held only while an item is taken, so a panic in the work cannot leave the iterator half changed.
        let next = || items.lock().unwrap_or_else(PoisonError::into_inner).next();
        let run = || {
            while let Some(item) = next() {
                work(item);
            }
        };
        std::thread::scope(|scope| {
            let others: Vec<_> = (1..threads).map(|_| scope.spawn(run)).collect();
            run();
            for other in others {
                other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            }
        });
    }

    /// What `work` makes of every item, in order.
    pub fn map<T: Sync, R: Send>(self, items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
        let mut results: Vec<Option<R>> = items.iter().map(|_| None).collect();
        self.for_each(items.iter().zip(&mut results), |(item, result)| *result = Some(work(item)));
        results.into_iter().flatten().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn jobs(threads: usize) -> Jobs {
        Jobs(NonZeroUsize::new(threads).expect("not zero"))
    }

    #[test]
    fn results_are_in_order_for_any_number_of_threads() {
        let items: Vec<u64> = (0..1000).collect();
        let expected: Vec<u64> = items.iter().map(|n| n * n).collect();
        for threads in [1, 2, 7, 2000] {
            assert_eq!(jobs(threads).map(&items, |n| n * n), expected, "{threads}");
        }
        assert_eq!(jobs(4).map(&[], |n: &u64| *n), []);
    }

    #[test]
    fn a_panic_goes_on_in_the_caller() {
        for threads in [1, 3] {
            let run = || jobs(threads).map(&[1, 2, 3], |n| assert_ne!(*n, 2, "no twos"));
            let panic = std::panic::catch_unwind(run).expect_err("one of the items panics");
            let message = panic.downcast_ref::<String>().map_or("", |s| s.as_str());
            assert!(message.contains("no twos"), "{message}");
        }
    }
}
