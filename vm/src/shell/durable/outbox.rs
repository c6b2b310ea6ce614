//! Outputs that wait for the journal.

use std::time::{Duration, Instant};

use crate::shell::Failure;
use crate::shell::console::Console;
use crate::tick::{TickReport, What};

/// An output waits at most this long for others to share a sync with.
const PATIENCE: Duration = Duration::from_millis(2);
/// And no longer once there are so many bytes.
const ENOUGH: usize = 64 << 10;

/// One output that waits.
#[derive(Debug)]
struct Waiting {
    number: u64,
    what: Kind,
}

#[derive(Debug)]
enum Kind {
    Print(i64, String),
    Report(String),
    /// The shell looks at the world for requests; here only its number counts.
    Other,
}

/// Outputs in order of their numbers.
#[derive(Debug, Default)]
pub(super) struct Outbox {
    waiting: Vec<Waiting>,
    bytes: usize,
    /// When the first of them came.
    since: Option<Instant>,
}

impl Outbox {
    /// Adds the outputs of a tick, but for those up to a number that are out already.
    pub(super) fn add(&mut self, report: &TickReport, released: u64) {
        for output in report.outputs().filter(|output| output.number > released) {
            let what = match output.what {
                What::Print { stream, text } => {
                    self.bytes += text.len();
                    Kind::Print(stream, text.to_owned())
                }
                What::Collapse(report) => Kind::Report(report.to_string()),
                What::Request { .. } | What::Exit(_) => Kind::Other,
            };
            self.waiting.push(Waiting { number: output.number, what });
            self.since.get_or_insert_with(Instant::now);
        }
    }

    /// Forgets outputs up to a number: they are out.
    pub(super) fn forget(&mut self, released: u64) {
        self.waiting.retain(|waiting| waiting.number > released);
    }

    /// Whether nothing waits.
    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Whether something waited long enough.
    pub(super) fn is_due(&self) -> bool {
        self.bytes >= ENOUGH || self.since.is_some_and(|since| since.elapsed() >= PATIENCE)
    }

    /// The numbers of the first and the last output.
    pub(super) fn numbers(&self) -> Option<(u64, u64)> {
        Some((self.waiting.first()?.number, self.waiting.last()?.number))
    }

    /// Lets all out.
    pub(super) fn let_out(&mut self, console: &mut Console) -> Result<(), Failure> {
        for waiting in self.waiting.drain(..) {
            match waiting.what {
                Kind::Print(stream, text) => console.print(stream, &text)?,
                Kind::Report(text) => console.report(&text)?,
                Kind::Other => {}
            }
        }
        (self.bytes, self.since) = (0, None);
        console.flush()
    }
}
