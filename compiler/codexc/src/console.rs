//! What the commands print, and how: colours only on a terminal (and never with `NO_COLOR`), progress only on a
//! terminal and only for work that takes long. When nobody reads any more, nothing is printed, and that is no error.

use std::fmt::Arguments;
use std::io::{IsTerminal, Write};
use std::time::{Duration, Instant};

use codex_diagnostics::{Diagnostic, Severity, SourceMap, Style, render, to_json};

use crate::command::{Color, MessageFormat, Output};

/// A line on standard output.
macro_rules! outln {
    ($($part:tt)*) => { $crate::console::out(format_args!("{}\n", format_args!($($part)*))) };
}
/// A line on standard error.
macro_rules! errln {
    ($($part:tt)*) => { $crate::console::err(format_args!("{}\n", format_args!($($part)*))) };
}
pub(crate) use {errln, outln};

/// Prints to standard output. A closed pipe is the reader's wish to see no more.
pub(crate) fn out(text: Arguments<'_>) {
    let mut out = std::io::stdout().lock();
    let _ = out.write_fmt(text).and_then(|()| out.flush());
}

/// Prints to standard error.
pub(crate) fn err(text: Arguments<'_>) {
    let _ = std::io::stderr().lock().write_fmt(text);
}

/// Whether standard error gets colours.
pub(crate) fn color(choice: Color) -> bool {
    match choice {
        Color::Always => true,
        Color::Never => false,
        Color::Auto => std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty()),
    }
}

/// Prints diagnostics to standard error (as JSON lines: to standard output), and a closing line.
pub(crate) fn report(diagnostics: &[Diagnostic], sources: &SourceMap, output: &Output) {
    if output.message_format == MessageFormat::Json {
        for d in diagnostics {
            outln!("{}", to_json(d, sources));
        }
        return;
    }
    if output.message_format == MessageFormat::Short {
        for d in diagnostics {
            let (line, column) = sources.line_column(d.primary.span.file, d.primary.span.start);
            let file = sources.get(d.primary.span.file).map_or("?", |s| s.name.as_str());
            let severity = if d.severity == Severity::Error { "error" } else { "warning" };
            errln!("{file}:{line}:{column}: {severity}[{}]: {}", d.code.0, d.headline);
        }
        return;
    }
    let style = Style { color: color(output.color), ascii: ascii_only() };
    err(format_args!("{}", render(diagnostics, sources, style)));
    let mut errors = diagnostics.iter().filter(|d| d.severity == Severity::Error);
    let count = errors.clone().count();
    if let Some(first) = errors.next() {
        let s = if count == 1 { "" } else { "s" };
        errln!("{count} error{s}; more about it: codexc explain {}", first.code.0);
    }
}

/// Frames of ASCII where the locale is not UTF-8.
fn ascii_only() -> bool {
    let locale =
        ["LC_ALL", "LC_CTYPE", "LANG"].iter().find_map(|name| std::env::var(name).ok().filter(|v| !v.is_empty()));
    locale.is_some_and(|l| {
        let l = l.to_lowercase();
        !l.contains("utf-8") && !l.contains("utf8") && std::io::stderr().is_terminal()
    })
}

/// A line on the terminal that says what is being done, once it has taken a while.
pub(crate) struct Progress {
    done: std::sync::mpsc::Sender<()>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Progress {
    /// Starts the clock; nothing is shown in the first half second, nor when standard error is not a terminal.
    pub(crate) fn start(what: String) -> Option<Progress> {
        if !std::io::stderr().is_terminal() {
            return None;
        }
        let (done, wait) = std::sync::mpsc::channel();
        let started = Instant::now();
        let thread = std::thread::spawn(move || {
            let mut shown = false;
            while wait.recv_timeout(Duration::from_millis(500)) == Err(std::sync::mpsc::RecvTimeoutError::Timeout) {
                err(format_args!("\r\x1b[K{what} … {:.0} s", started.elapsed().as_secs_f32()));
                shown = true;
            }
            if shown {
                err(format_args!("\r\x1b[K"));
            }
        });
        Some(Progress { done, thread: Some(thread) })
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        // The receiver may be gone already; then there is nothing to stop.
        let _ = self.done.send(());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
