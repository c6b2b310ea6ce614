//! The `codexvm` beside this `codexc`: found, its version checked, started.

use std::path::PathBuf;
use std::process::{Command, ExitCode};

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
pub(crate) fn command() -> Result<Command, ExitCode> {
    let refuse = |why: String| {
        eprintln!("codexc: {why}");
        ExitCode::from(NO_MACHINE)
    };
    let path = path().map_err(refuse)?;
    let version = Command::new(&path).arg("--version").output();
    let version = version.map_err(|e| refuse(format!("`{}` cannot be started: {e}", path.display())))?;
    let theirs = String::from_utf8_lossy(&version.stdout);
    let ours = env!("CARGO_PKG_VERSION");
    if theirs.split_whitespace().nth(1) != Some(ours) {
        return Err(refuse(format!(
            "`{}` is of another version: `{}`, and this is codexc {ours}; build both together",
            path.display(),
            theirs.trim()
        )));
    }
    Ok(Command::new(path))
}

/// Runs a command to its end and gives its exit code.
pub(crate) fn exit_code(mut command: Command) -> ExitCode {
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
            eprintln!("codexc: the machine cannot be started: {error}");
            ExitCode::from(NO_MACHINE)
        }
    }
}
