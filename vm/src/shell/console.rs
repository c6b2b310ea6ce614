//! Standard input, output and error; or, for tests, a console that has no input and keeps what is written.
//!
//! Standard output is buffered: it is flushed at the end, before standard input is read, before anything is written to standard
//! error, and after each tick if it is a terminal.

use std::io::{self, BufRead, BufWriter, ErrorKind, IsTerminal, Read, Write};
use std::sync::mpsc::Sender;

use codex_net::Answer;
use codex_spec::port::Stream;

use super::Failure;
use super::ports::line;

/// See the module's documentation.
pub struct Console {
    out: Out,
    is_terminal: bool,
}

/// Where output goes, and input comes from.
enum Out {
    Process(BufWriter<io::StdoutLock<'static>>),
    /// Both streams in the order in which they were written; there is no input.
    Kept(String),
}

impl Default for Console {
    fn default() -> Console {
        Console::new()
    }
}

impl Console {
    /// The console of this process.
    pub fn new() -> Console {
        let out = io::stdout().lock();
        let is_terminal = out.is_terminal();
        Console { out: Out::Process(BufWriter::with_capacity(64 * 1024, out)), is_terminal }
    }

    /// A console without input that keeps what is written to either stream.
    pub fn kept() -> Console {
        Console { out: Out::Kept(String::new()), is_terminal: false }
    }

    /// What was written to a [`Console::kept`].
    pub fn written(&self) -> &str {
        match &self.out {
            Out::Process(_) => "",
            Out::Kept(text) => text,
        }
    }

    /// Whether standard output is a terminal.
    pub fn is_terminal(&self) -> bool {
        self.is_terminal
    }

    /// Writes to a stream; what is for no stream that there is goes nowhere.
    pub(super) fn print(&mut self, stream: i64, text: &str) -> Result<(), Failure> {
        let out = match &mut self.out {
            Out::Process(out) => out,
            Out::Kept(kept) => {
                kept.push_str(text);
                return Ok(());
            }
        };
        if stream == Stream::Out as i64 {
            return out.write_all(text.as_bytes()).map_err(failure);
        }
        if stream == Stream::Error as i64 {
            self.flush()?;
            // Standard error may be closed; a program can't do anything about it.
            let _ = io::stderr().write_all(text.as_bytes());
        }
        Ok(())
    }

    /// Shows the report of a collapse.
    pub(super) fn report(&mut self, text: &str) -> Result<(), Failure> {
        self.print(Stream::Error as i64, text)
    }

    pub(super) fn tick_ended(&mut self) -> Result<(), Failure> {
        if self.is_terminal { self.flush() } else { Ok(()) }
    }

    /// Writes what is buffered.
    pub fn flush(&mut self) -> Result<(), Failure> {
        match &mut self.out {
            Out::Process(out) => out.flush().map_err(failure),
            Out::Kept(_) => Ok(()),
        }
    }

    /// The next line of standard input without its end; `None` at the end.
    pub(super) fn read_line(&mut self) -> Result<io::Result<Option<Vec<u8>>>, Failure> {
        self.flush()?;
        if matches!(self.out, Out::Kept(_)) {
            return Ok(Ok(None));
        }
        Ok(stdin_line())
    }

    /// Reads a line of standard input, or all of it, on another thread; the answer has this number. A run can go on meanwhile,
    /// and leave.
    pub(super) fn read_aside(&mut self, number: u64, all: bool, answers: Sender<Answer>) -> Result<(), Failure> {
        self.flush()?;
        let is_kept = matches!(self.out, Out::Kept(_));
        let read = move || match (is_kept, all) {
            (true, _) => Ok(None),
            (false, true) => stdin_rest().map(Some),
            (false, false) => stdin_line(),
        };
        // A run that left does not listen any more.
        let answer = move || drop(answers.send(Answer { number, reply: line(read(), all) }));
        std::thread::Builder::new().spawn(answer).map(drop).map_err(|e| Failure::Host(format!("standard input: {e}")))
    }

    /// All of standard input that is left.
    pub(super) fn read_all(&mut self) -> Result<io::Result<Vec<u8>>, Failure> {
        self.flush()?;
        if matches!(self.out, Out::Kept(_)) {
            return Ok(Ok(Vec::new()));
        }
        Ok(stdin_rest())
    }
}

/// The next line of this process's standard input without its end; `None` at the end.
pub(super) fn stdin_line() -> io::Result<Option<Vec<u8>>> {
    let mut line = Vec::new();
    let count = io::stdin().lock().read_until(b'\n', &mut line)?;
    if line.ends_with(b"\n") {
        line.pop();
        if line.ends_with(b"\r") {
            line.pop();
        }
    }
    Ok((count > 0).then_some(line))
}

/// All that is left of this process's standard input.
pub(super) fn stdin_rest() -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    io::stdin().lock().read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn failure(error: io::Error) -> Failure {
    match error.kind() {
        ErrorKind::BrokenPipe => Failure::BrokenPipe,
        kind => Failure::Host(format!("standard output: {kind}")),
    }
}
