//! What the commands print, and how: colours only on a terminal (and never with `NO_COLOR`), progress only on a
//! terminal and only for work that takes long.

use std::io::{IsTerminal, Write};
use std::time::{Duration, Instant};

use codex_diagnostics::{Diagnostic, Severity, SourceMap, Style, render, to_json};

use crate::command::{Color, MessageFormat, Output};

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
        let mut out = std::io::stdout().lock();
        for d in diagnostics {
            // A closed pipe is the reader's wish to see no more.
            if writeln!(out, "{}", to_json(d, sources)).is_err() {
                return;
            }
        }
        return;
    }
    if output.message_format == MessageFormat::Short {
        for d in diagnostics {
            let (line, column) = sources.line_column(d.primary.span.file, d.primary.span.start);
            let file = sources.get(d.primary.span.file).map_or("?", |s| s.name.as_str());
            let severity = if d.severity == Severity::Error { "error" } else { "warning" };
            eprintln!("{file}:{line}:{column}: {severity}[{}]: {}", d.code.0, d.headline);
        }
        return;
    }
    let style = Style { color: color(output.color), ascii: ascii_only() };
    eprint!("{}", render(diagnostics, sources, style));
    let errors = diagnostics.iter().filter(|d| d.severity == Severity::Error).count();
    if errors > 0 {
        let mut codes: Vec<&str> = diagnostics.iter().map(|d| d.code.0).collect();
        codes.sort_unstable();
        codes.dedup();
        let shown = codes.first().copied().unwrap_or_default();
        eprintln!("{errors} error{}; more about each: codexc explain {shown}", if errors == 1 { "" } else { "s" });
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
                eprint!("\r\x1b[K{what} … {:.0} s", started.elapsed().as_secs_f32());
                shown = true;
            }
            if shown {
                eprint!("\r\x1b[K");
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
