//! The `codexvm` beside this `codexc`: found, its version checked, started.

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, ExitCode};

use clap::Args;

use crate::command::NO_FILE;
use crate::console::errln;

/// Exit code when the machine is missing or another version.
const NO_MACHINE: u8 = 4;

/// The machine's path: `CODEXVM` if set, else beside this program.
fn path() -> Result<PathBuf, String> {
    if let Some(path) = std::env::var_os("CODEXVM") {
        return Ok(path.into());
    }
    let here = std::env::current_exe().map_err(|e| format!("where this program is cannot be found out: {e}"))?;
    let beside = here.with_file_name(format!("codexvm{}", std::env::consts::EXE_SUFFIX));
    if beside.is_file() {
        Ok(beside)
    } else {
        Err(format!("there is no `codexvm` at {}; build it, or set CODEXVM to its path", beside.display()))
    }
}

/// A command for the machine, once its version is known to be ours.
///
/// # Errors
/// The exit code, after saying why.
fn command() -> Result<Command, ExitCode> {
    let refuse = |why: String| {
        errln!("codexc: {why}");
        ExitCode::from(NO_MACHINE)
    };
    let path = path().map_err(refuse)?;
    let version = Command::new(&path).arg("--version").output();
    let version = version.map_err(|e| refuse(format!("`{}` cannot be started: {e}", path.display())))?;
    let theirs = String::from_utf8_lossy(&version.stdout);
    let ours = env!("CARGO_PKG_VERSION");
    if theirs.split_whitespace().nth(1) != Some(ours) {
        return Err(refuse(format!(
            "`{}` is of another version: it says `{}`, and this is codexc {ours}; build both together",
            path.display(),
            theirs.lines().next().unwrap_or_default().trim()
        )));
    }
    Ok(Command::new(path))
}

/// What a program may touch; passed on to the machine.
#[derive(Debug, Args)]
pub(crate) struct Allow {
    /// Let the program read files below DIR
    #[arg(long, value_name = "DIR")]
    allow_read: Vec<PathBuf>,
    /// Let the program read the environment variable NAME
    #[arg(long, value_name = "NAME")]
    allow_env: Vec<String>,
    /// Let the program do anything it asks for
    #[arg(long)]
    allow_all: bool,
}

impl Allow {
    fn pass_to(&self, command: &mut Command) {
        for dir in &self.allow_read {
            command.arg("--allow-read").arg(dir);
        }
        for name in &self.allow_env {
            command.arg("--allow-env").arg(name);
        }
        if self.allow_all {
            command.arg("--allow-all");
        }
    }
}

/// Gives a stored module to the machine's `verb`, and its exit code back.
pub(crate) fn start(verb: &str, module: &[u8], allow: &Allow, flags: impl FnOnce(&mut Command)) -> ExitCode {
    let mut command = match command() {
        Ok(command) => command,
        Err(code) => return code,
    };
    let file = tempfile::Builder::new().suffix(".codex").tempfile();
    let file = match file.and_then(|mut f| f.write_all(module).map(|()| f)) {
        Ok(file) => file,
        Err(error) => {
            errln!("codexc: the module cannot be written to a temporary file: {error}");
            return ExitCode::from(NO_FILE);
        }
    };
    command.arg(verb).arg(file.path());
    allow.pass_to(&mut command);
    flags(&mut command);
    exit_code(command)
}

/// Runs a command to its end and gives its exit code.
fn exit_code(mut command: Command) -> ExitCode {
    match command.status() {
        Ok(status) => {
            #[cfg(unix)]
            let signal = std::os::unix::process::ExitStatusExt::signal(&status);
            #[cfg(not(unix))]
            let signal: Option<i32> = None;
            let code = status.code().unwrap_or_else(|| 128 + signal.unwrap_or(0));
            ExitCode::from(u8::try_from(code & 0xff).unwrap_or(1))
        }
        Err(error) => {
            errln!("codexc: the machine cannot be started: {error}");
            ExitCode::from(NO_MACHINE)
        }
    }
}
