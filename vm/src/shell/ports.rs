//! Answers to requests: `spec::port` says what each one asks.
//!
//! Some are answered at once. Others (standard input, the network) are answered later, by other threads: their answers arrive
//! over one channel, at which a run waits that has nothing else to do.
//!
//! Keeps true: a request is taken up once in the life of a process, and answered once. What arrives for a container that does
//! not wait any more goes back to where it came from.

mod files;
mod sealed;

use std::collections::BTreeMap;
use std::io::{self, ErrorKind};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use codex_net::{Answer, Net, Question};
use codex_spec::port::{
    Request, STATUS_DENIED, STATUS_END, STATUS_FAILED, STATUS_NOT_FOUND, STATUS_NOT_PERMITTED, STATUS_NOT_TEXT,
    STATUS_OK,
};
use codex_vault::Secrets;

use super::Failure;
use super::console::Console;
use super::permissions::Permissions;
use crate::tick::Input;
use crate::world::World;

/// A status and bytes.
pub(super) use codex_net::Reply;

/// The variant of the answer to a savepoint of a run without a vault.
const UNSAVED: u8 = 2;

/// What requests are answered from.
pub struct Ports {
    arguments: Vec<String>,
    permissions: Permissions,
    /// Whether the world is told the time while it runs.
    pub tells_time: bool,
    /// What was not permitted last, and the flag that would permit it: `to read x.txt, run it with --allow-read=.`
    pub(super) refused: Option<String>,
    /// What the keys of effects begin with: a request's key is this and its number, the same however often it is sent.
    pub(super) effects: String,
    /// The last request that was looked at.
    seen: u64,
    /// Those that are being answered.
    waiting: BTreeMap<u64, Waiting>,
    /// The bytes of sealed values.
    pub(super) secrets: Secrets,
    net: Option<Net>,
    answers: Sender<Answer>,
    arrivals: Receiver<Answer>,
}

/// What has to be known of a request when its answer arrives.
struct Waiting {
    /// Headers whose values the program must not see.
    sealed: Vec<String>,
}

/// What becomes of a request.
pub(super) enum Answered {
    Now(Reply),
    /// The answer arrives at [`Ports::arrived`].
    Later,
}

impl Ports {
    /// Ports for a run with these arguments and permissions; `tells_time`: whether its world is told the time.
    pub fn new(arguments: Vec<String>, permissions: Permissions, tells_time: bool) -> Ports {
        let (answers, arrivals) = channel();
        Ports {
            arguments,
            permissions,
            tells_time,
            refused: None,
            effects: format!("{:016x}", super::random_seeds().timeline),
            seen: 0,
            waiting: BTreeMap::new(),
            secrets: Secrets::in_memory(),
            net: None,
            answers,
            arrivals,
        }
    }

    /// The time for a world that can do nothing before it: the host's, or, for one that is not told that, the time of
    /// its first timer.
    pub(super) fn clock(&self, world: &World) -> i64 {
        match (self.tells_time, world.next_timer()) {
            (true, _) | (_, None) => super::now(),
            (false, Some(due)) => due,
        }
    }

    /// The requests that a world has made since the last look.
    pub(super) fn fresh<'w>(&mut self, world: &'w World) -> impl Iterator<Item = (u64, u32, &'w [u8])> + use<'w> {
        let seen = self.seen;
        self.seen = world.last_request().unwrap_or(seen).max(seen);
        world.requests_after(seen)
    }

    /// Whether something is being answered.
    pub(super) fn is_waiting(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// What has been answered meanwhile; if there is nothing yet, waits so long for it.
    pub(super) fn arrived(&mut self, world: &World, patience: Duration) -> Result<Vec<Input>, Failure> {
        let first = if patience.is_zero() { None } else { self.arrivals.recv_timeout(patience).ok() };
        let answers: Vec<Answer> = first.into_iter().chain(self.arrivals.try_iter()).collect();
        let mut inputs = Vec::with_capacity(answers.len());
        for Answer { number, reply: (status, bytes) } in answers {
            let waiting = self.waiting.remove(&number);
            if world.waits_for(number) {
                let sealed = waiting.map_or(Vec::new(), |waiting| waiting.sealed);
                let bytes = self.sealed_message(bytes, &sealed)?;
                inputs.push(Input::Reply { request: number, status, bytes });
            } else if let Some(net) = &self.net {
                net.give_back((status, bytes));
            }
        }
        Ok(inputs)
    }

    /// Takes a request up. Standard input is read by another thread if the run has other things to do meanwhile (`aside`).
    pub(super) fn answer(
        &mut self,
        (number, what, argument): (u64, u32, &[u8]),
        console: &mut Console,
        aside: bool,
    ) -> Result<Answered, Failure> {
        let Some(request) = Request::from_number(what) else {
            return Ok(Answered::Now(failed(&format!("this machine has no request {what}"))));
        };
        if matches!(request, Request::ReadLine | Request::ReadAll) && aside {
            self.waiting.insert(number, Waiting { sealed: Vec::new() });
            console.read_aside(number, request == Request::ReadAll, self.answers.clone())?;
            return Ok(Answered::Later);
        }
        let answered = match codex_net::is_of_network(request) {
            true => self.network(number, request, argument)?,
            false => Answered::Now(self.at_once(request, argument, console)?),
        };
        if let Answered::Now((STATUS_NOT_PERMITTED, why)) = &answered {
            self.refused = Some(String::from_utf8_lossy(why).into_owned());
        }
        Ok(answered)
    }

    fn at_once(&mut self, request: Request, argument: &[u8], console: &mut Console) -> Result<Reply, Failure> {
        let text = std::str::from_utf8(argument);
        Ok(match (request, text) {
            (Request::ReadLine, _) => line(console.read_line()?, false),
            (Request::ReadAll, _) => reply(console.read_all()?),
            (Request::IsTerminal, _) => (STATUS_OK, vec![console.is_terminal() as u8]),
            (Request::Args, _) => (STATUS_OK, zero_ended(&self.arguments)),
            (Request::Savepoint, _) => (STATUS_OK, vec![UNSAVED]),
            (Request::WriteFile, _) => self.write(argument, |path, bytes| std::fs::write(path, bytes)),
            (Request::SealedIs, _) => self.is_sealed(argument),
            (Request::AppendFile, _) => self.append_at(argument, self.length(argument)),
            (_, Err(_)) => (STATUS_NOT_TEXT, Vec::new()),
            (Request::Env, Ok(name)) => self.environment(name),
            (Request::SealEnv, Ok(name)) => self.seal_environment(name)?,
            (Request::ReadFile, Ok(path)) => self.with_file(path, files::read),
            (Request::ListDirectory, Ok(path)) => self.with_file(path, files::list),
            (Request::FileInfo, Ok(path)) => self.with_file(path, files::info),
            (other, Ok(_)) => failed(&format!("{} is not for this port", other.name())),
        })
    }

    fn network(&mut self, number: u64, request: Request, argument: &[u8]) -> Result<Answered, Failure> {
        let message = match self.opened_message(request, argument) {
            Ok(message) => message,
            Err(reply) => return Ok(Answered::Now(reply)),
        };
        let address = match codex_net::address(request, &message) {
            Ok(address) => address,
            Err(why) => return Ok(Answered::Now(failed(&why))),
        };
        if let Some(address) = address
            && let Err(flag) = self.permissions.may_net(&address)
        {
            return Ok(Answered::Now(not_permitted(&format!("use the network at {address}"), &flag)));
        }
        if self.net.is_none() {
            let started = Net::start(codex_net::Limits::default(), self.answers.clone());
            self.net = Some(started.map_err(|e| Failure::Host(format!("the network: {e}")))?);
        }
        if let Some(net) = &self.net {
            let key = format!("{}-{number}", self.effects);
            net.ask(Question { number, request, argument: message, key });
            let sealed = if request == Request::HttpNext { sealed::names(argument) } else { Vec::new() };
            self.waiting.insert(number, Waiting { sealed });
        }
        Ok(Answered::Later)
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
