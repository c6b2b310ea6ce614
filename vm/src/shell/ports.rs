//! Answers to requests: `spec::port` says what each one asks.

use std::io::{self, ErrorKind, Seek, SeekFrom, Write};
use std::path::Path;

use codex_spec::port::{
    Request, STATUS_DENIED, STATUS_END, STATUS_FAILED, STATUS_NOT_FOUND, STATUS_NOT_PERMITTED, STATUS_NOT_TEXT,
    STATUS_OK,
};

use super::Failure;
use super::console::Console;
use super::permissions::Permissions;
use crate::world::World;

/// A status and bytes.
pub(super) type Reply = (i64, Vec<u8>);

/// The variant of the answer to a savepoint of a run without a vault.
const UNSAVED: u8 = 2;

/// What requests are answered from.
pub struct Ports {
    /// The program's arguments.
    pub arguments: Vec<String>,
    /// What the run permits.
    pub permissions: Permissions,
    /// Whether the world is told the time while it runs.
    pub tells_time: bool,
    /// What was not permitted last, and the flag that would permit it: `to read x.txt, run it with --allow-read=.`
    pub refused: Option<String>,
}

impl Ports {
    /// The time for a world that can do nothing before it: the host's, or, for one that is not told that, the time of
    /// its first timer.
    pub(super) fn clock(&self, world: &World) -> i64 {
        match (self.tells_time, world.next_timer()) {
            (true, _) | (_, None) => super::now(),
            (false, Some(due)) => due,
        }
    }

    /// Answers a request, now.
    pub(super) fn answer(&mut self, request: u32, argument: &[u8], console: &mut Console) -> Result<Reply, Failure> {
        let Some(request) = Request::from_number(request) else {
            return Ok(failed(&format!("this machine has no request {request}")));
        };
        let text = std::str::from_utf8(argument);
        let reply = match (request, text) {
            (Request::ReadLine, _) => line(console.read_line()?, false),
            (Request::ReadAll, _) => reply(console.read_all()?),
            (Request::IsTerminal, _) => (STATUS_OK, vec![console.is_terminal() as u8]),
            (Request::Args, _) => (STATUS_OK, zero_ended(&self.arguments)),
            (Request::Savepoint, _) => (STATUS_OK, vec![UNSAVED]),
            (Request::WriteFile, _) => self.write(argument, |path, bytes| std::fs::write(path, bytes)),
            (Request::AppendFile, _) => self.append_at(argument, self.length(argument)),
            (_, Err(_)) => (STATUS_NOT_TEXT, Vec::new()),
            (Request::Env, Ok(name)) => self.environment(name),
            (Request::ReadFile, Ok(path)) => self.with_file(path, |path| std::fs::read(path)),
            (Request::ListDirectory, Ok(path)) => self.with_file(path, list),
            (Request::FileInfo, Ok(path)) => self.with_file(path, info),
        };
        if reply.0 == STATUS_NOT_PERMITTED {
            self.refused = Some(String::from_utf8_lossy(&reply.1).into_owned());
        }
        Ok(reply)
    }

    fn environment(&self, name: &str) -> Reply {
        if let Err(flag) = self.permissions.may_read_env(name) {
            return not_permitted(&format!("read the environment variable {name}"), &flag);
        }
        match std::env::var(name) {
            Ok(value) => (STATUS_OK, value.into_bytes()),
            Err(std::env::VarError::NotPresent) => (STATUS_NOT_FOUND, Vec::new()),
            Err(std::env::VarError::NotUnicode(_)) => (STATUS_NOT_TEXT, Vec::new()),
        }
    }

    fn with_file(&self, path: &str, work: impl Fn(&Path) -> io::Result<Vec<u8>>) -> Reply {
        if let Err(flag) = self.permissions.may_read(Path::new(path)) {
            return not_permitted(&format!("read {path}"), &flag);
        }
        reply(work(Path::new(path)))
    }
}

impl Ports {
    /// How long the file is that an append is for; 0 if there is none.
    pub(super) fn length(&self, argument: &[u8]) -> u64 {
        let path = split(argument).and_then(|(path, _)| std::fs::metadata(path).ok());
        path.map_or(0, |file| file.len())
    }

    /// Puts the bytes of an append at an offset of its file.
    pub(super) fn append_at(&self, argument: &[u8], offset: u64) -> Reply {
        self.write(argument, |path, bytes| {
            let mut file = std::fs::OpenOptions::new().create(true).truncate(false).write(true).open(path)?;
            file.seek(SeekFrom::Start(offset))?;
            file.write_all(bytes)
        })
    }

    fn write(&self, argument: &[u8], work: impl Fn(&Path, &[u8]) -> io::Result<()>) -> Reply {
        let Some((path, bytes)) = split(argument) else { return failed("a path is text, and ends with a zero byte") };
        if let Err(flag) = self.permissions.may_write(Path::new(path)) {
            return not_permitted(&format!("write {path}"), &flag);
        }
        reply(work(Path::new(path), bytes).map(|()| Vec::new()))
    }
}

/// The path before the first zero byte, and the bytes behind it.
fn split(argument: &[u8]) -> Option<(&str, &[u8])> {
    let end = argument.iter().position(|&byte| byte == 0)?;
    Some((std::str::from_utf8(&argument[..end]).ok()?, &argument[end + 1..]))
}

fn not_permitted(what: &str, flag: &str) -> Reply {
    let message = format!("to {what}, run it with {flag}");
    (STATUS_NOT_PERMITTED, message.into_bytes())
}

fn failed(message: &str) -> Reply {
    (STATUS_FAILED, message.as_bytes().to_vec())
}

fn reply(result: io::Result<Vec<u8>>) -> Reply {
    result.map_or_else(|e| refused(&e), |bytes| (STATUS_OK, bytes))
}

/// The same words on every host: those of the kind of error.
fn refused(error: &io::Error) -> Reply {
    match error.kind() {
        ErrorKind::NotFound => (STATUS_NOT_FOUND, Vec::new()),
        ErrorKind::PermissionDenied => (STATUS_DENIED, Vec::new()),
        kind => failed(&kind.to_string()),
    }
}

/// The answer to a request for standard input; all of it has no end to tell.
pub(super) fn line(read: io::Result<Option<Vec<u8>>>, all: bool) -> Reply {
    match read {
        Ok(line) if all => (STATUS_OK, line.unwrap_or_default()),
        Ok(found) => one_line(found),
        Err(error) => refused(&error),
    }
}

fn one_line(line: Option<Vec<u8>>) -> Reply {
    match line {
        None => (STATUS_END, Vec::new()),
        Some(line) if std::str::from_utf8(&line).is_err() => (STATUS_NOT_TEXT, Vec::new()),
        Some(line) => (STATUS_OK, line),
    }
}

fn zero_ended<T: AsRef<str>>(parts: &[T]) -> Vec<u8> {
    parts.iter().flat_map(|p| p.as_ref().bytes().chain([0])).collect()
}

fn list(path: &Path) -> io::Result<Vec<u8>> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(path)? {
        names.push(entry?.file_name().to_string_lossy().into_owned());
    }
    names.sort();
    Ok(zero_ended(&names))
}

fn info(path: &Path) -> io::Result<Vec<u8>> {
    let data = std::fs::metadata(path)?;
    let kind = if data.is_dir() { 'd' } else { 'f' };
    Ok(format!("{kind}{}", data.len()).into_bytes())
}
