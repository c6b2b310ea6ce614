//! The real commands as processes, watched.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::binary;

/// What a command did.
pub struct Did {
    /// Its exit code, if it was not killed.
    pub code: Option<i32>,
    /// What it wrote to standard error.
    pub errors: String,
    /// How long it took.
    pub took: Duration,
    /// Peak resident memory in MiB; 0 where it is not known.
    pub peak: u64,
}

/// Runs a command to its end, and looks at its memory meanwhile.
///
/// # Panics
/// If it goes on for more than two minutes.
pub fn run(program: &str, arguments: &[&str], folder: &Path) -> Did {
    run_with(program, arguments, folder, &[])
}

/// [`run`] with some environment variables.
///
/// # Panics
/// As [`run`].
pub fn run_with(program: &str, arguments: &[&str], folder: &Path, environment: &[(&str, &str)]) -> Did {
    let file = folder.join("errors.txt");
    let errors = std::fs::File::create(&file).expect("a file");
    let begun = Instant::now();
    let mut child = Command::new(binary(program))
        .args(arguments)
        .current_dir(folder)
        .envs(environment.iter().copied())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(errors)
        .spawn()
        .unwrap_or_else(|e| panic!("{program}: {e}"));
    let mut peak = 0;
    let status = loop {
        peak = peak.max(peak_memory(child.id()));
        if let Some(status) = child.try_wait().expect("a status") {
            break status;
        }
        if begun.elapsed() > Duration::from_secs(120) {
            child.kill().expect("it ends");
            panic!("{program} {arguments:?} goes on and on");
        }
        std::thread::sleep(Duration::from_millis(2));
    };
    let errors = String::from_utf8_lossy(&std::fs::read(file).expect("the errors")).into_owned();
    Did { code: status.code(), errors, took: begun.elapsed(), peak }
}

/// The peak resident memory of a process so far, in MiB.
pub fn peak_memory(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:"));
    line.and_then(|l| l.trim().trim_end_matches(" kB").parse::<u64>().ok()).unwrap_or(0) / 1024
}
