//! The network ports: TCP, an HTTP/1.1 server and client (hyper), as questions that are answered later.
//!
//! One thread with an event loop does all of it. A question has a number and is answered once, in any order, over a channel; the
//! forms of arguments and replies are those of `codex_spec::port`. Nothing here knows of worlds.
//!
//! Keeps true:
//! - Whatever comes over a wire is bounded: messages, heads, connections, waiting requests, time. What is too large or too slow
//!   is refused in HTTP's own words, and never reaches a program.
//! - A listener is called by its address, so it is opened again by the first question for it in another process. A connection
//!   or an exchange is a number that no other process gives out; a question for one that is gone is answered `LOST`.

mod client;
mod message;
mod page;
mod server;
mod tcp;

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::future::Future;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::io;
use std::rc::Rc;
use std::sync::mpsc;
use std::time::Duration;

use codex_spec::port::{Request, STATUS_DENIED, STATUS_END, STATUS_FAILED, STATUS_LOST, STATUS_OK};
use tokio::sync::Notify;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

pub use page::serve_page;

/// A status and bytes, as `codex_spec::port` says for each request.
pub type Reply = (i64, Vec<u8>);

/// The answer to a question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The question's number.
    pub number: u64,
    /// What is answered.
    pub reply: Reply,
}

/// What is asked of the network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// Its number: whatever the asker tells its questions apart by.
    pub number: u64,
    /// One of the requests that [`is_of_network`] holds for.
    pub request: Request,
    /// The request's argument.
    pub argument: Vec<u8>,
    /// For [`Request::HttpSend`]: the value of its `Idempotency-Key`.
    pub key: String,
}

/// Bounds of what comes in.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Bytes of a body, of a request or of an answer.
    pub body: usize,
    /// Connections of a listener.
    pub connections: usize,
    /// Requests that wait for the program at a listener; more are answered 503.
    pub waiting: usize,
    /// How long the head of a request may take, and a connection without one may last.
    pub head: Duration,
    /// How long a request to another server may take in all.
    pub send: Duration,
}

impl Default for Limits {
    /// 8 MiB of body, 1024 connections, 1024 waiting requests, 30 seconds for a head, 60 for an answer.
    fn default() -> Limits {
        Limits {
            body: 8 << 20,
            connections: 1024,
            waiting: 1024,
            head: Duration::from_secs(30),
            send: Duration::from_secs(60),
        }
    }
}

/// Whether a request is answered here.
pub fn is_of_network(request: Request) -> bool {
    use Request::{HttpListen, HttpNext, HttpRespond, HttpSend};
    use Request::{TcpAccept, TcpClose, TcpConnect, TcpListen, TcpRead, TcpWrite};
    matches!(
        request,
        HttpListen
            | HttpNext
            | HttpRespond
            | HttpSend
            | TcpConnect
            | TcpListen
            | TcpAccept
            | TcpRead
            | TcpWrite
            | TcpClose
    )
}

/// Whether a request only takes something in: nobody outside sees that it was made.
pub fn only_receives(request: Request) -> bool {
    matches!(request, Request::HttpNext | Request::TcpAccept | Request::TcpRead)
}

/// The address that a request would use, for who permits it; `None` if it uses one that was permitted before.
///
/// # Errors
/// Text for people, where the argument holds no address.
pub fn address(request: Request, argument: &[u8]) -> Result<Option<String>, String> {
    let text = || std::str::from_utf8(argument).map_err(|_| "an address is text".to_owned());
    Ok(match request {
        Request::HttpListen | Request::HttpNext => Some(text()?.lines().next().unwrap_or_default().to_owned()),
        Request::TcpConnect | Request::TcpListen | Request::TcpAccept => Some(text()?.to_owned()),
        Request::HttpSend => Some(client::Target::parse(&message::Message::parse(argument, 2)?.first[1])?.address()),
        _ => None,
    })
}

/// See the module's documentation. Its thread ends with it: requests that were not answered are answered 503, what was
/// answered is still sent, for a second at most, and all connections are closed.
pub struct Net {
    questions: UnboundedSender<Command>,
    thread: Option<std::thread::JoinHandle<()>>,
}

enum Command {
    Ask(Question),
    GiveBack(Reply),
    Leave,
}

/// How long answers are still sent when the process leaves.
const LAST_WORDS: Duration = Duration::from_secs(1);

impl Net {
    /// Starts the thread. Answers go to `answers`.
    ///
    /// # Errors
    /// When the host gives no thread or event queue.
    pub fn start(limits: Limits, answers: mpsc::Sender<Answer>) -> io::Result<Net> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let (questions, receiver) = unbounded_channel();
        let work = move || {
            let local = tokio::task::LocalSet::new();
            let shared = Rc::new(Shared::new(limits));
            local.block_on(&runtime, serve(shared, receiver, answers));
        };
        let thread = std::thread::Builder::new().name("network".to_owned()).spawn(work)?;
        Ok(Net { questions, thread: Some(thread) })
    }

    /// Asks. The answer comes over the channel, whenever it is there.
    pub fn ask(&self, question: Question) {
        // The thread ends only with this handle.
        let _ = self.questions.send(Command::Ask(question));
    }

    /// Takes back the reply to [`Request::HttpNext`] or [`Request::TcpAccept`] that nobody waits for any more: the other side is told
    /// that nothing came of it.
    pub fn give_back(&self, reply: Reply) {
        let _ = self.questions.send(Command::GiveBack(reply));
    }
}

impl Drop for Net {
    fn drop(&mut self) {
        let _ = self.questions.send(Command::Leave);
        // A panic over there has been reported there.
        let _ = self.thread.take().map(std::thread::JoinHandle::join);
    }
}

/// What the tasks of the event loop share.
struct Shared {
    limits: Limits,
    /// The upper half of every handle of this process.
    life: u64,
    handles: RefCell<u64>,
    servers: RefCell<HashMap<String, Rc<server::Server>>>,
    exchanges: RefCell<HashMap<u64, server::Responder>>,
    listeners: RefCell<HashMap<String, Rc<tokio::net::TcpListener>>>,
    connections: RefCell<HashMap<u64, Rc<tcp::Connection>>>,
    /// HTTP connections that are open, and writes to others that are on their way.
    sending: Cell<usize>,
    /// Told when no more requests are wanted.
    leaving: Notify,
}

impl Shared {
    fn new(limits: Limits) -> Shared {
        let life = (RandomState::new().build_hasher().finish() & 0x7fff_ffff) << 32;
        Shared {
            limits,
            life,
            handles: RefCell::new(0),
            servers: RefCell::default(),
            exchanges: RefCell::default(),
            listeners: RefCell::default(),
            connections: RefCell::default(),
            sending: Cell::new(0),
            leaving: Notify::new(),
        }
    }

    /// A new handle. Another process gives the same one out once in 2^31 lives.
    fn handle(&self) -> u64 {
        let mut last = self.handles.borrow_mut();
        *last += 1;
        self.life | *last
    }
}

async fn serve(shared: Rc<Shared>, mut commands: UnboundedReceiver<Command>, answers: mpsc::Sender<Answer>) {
    while let Some(command) = commands.recv().await {
        let (shared, answers) = (shared.clone(), answers.clone());
        match command {
            // Waits for nothing, so it is done before the next command: that may be to leave.
            Command::Ask(Question { number, request: Request::HttpRespond, argument, .. }) => {
                let reply = replied(server::respond(&shared, &argument));
                let _ = answers.send(Answer { number, reply });
            }
            Command::Ask(question) => {
                let sends = usize::from(question.request == Request::TcpWrite);
                shared.sending.set(shared.sending.get() + sends);
                tokio::task::spawn_local(async move {
                    let number = question.number;
                    let reply = answer(&shared, question).await;
                    shared.sending.set(shared.sending.get() - sends);
                    // Who asked may be gone.
                    let _ = answers.send(Answer { number, reply });
                });
            }
            Command::GiveBack((status, bytes)) if status == STATUS_OK => give_back(&shared, &bytes),
            Command::GiveBack(_) => {}
            Command::Leave => break,
        }
    }
    leave(&shared).await;
}

/// Sends what is still to be sent.
async fn leave(shared: &Shared) {
    // Listeners first, with the requests that wait at them; dropped responders answer 503.
    shared.servers.borrow_mut().clear();
    shared.exchanges.borrow_mut().clear();
    shared.leaving.notify_waiters();
    let sent = async {
        while shared.sending.get() > 0 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    let _ = tokio::time::timeout(LAST_WORDS, sent).await;
}

async fn answer(shared: &Rc<Shared>, question: Question) -> Reply {
    let Question { request, argument, key, .. } = question;
    let text = String::from_utf8_lossy(&argument);
    replied(match request {
        Request::HttpListen => server::listen(shared, &text).await,
        Request::HttpNext => server::next(shared, &text).await,
        Request::HttpSend => in_time(shared.limits.send, client::send(&argument, &key, shared.limits.body)).await,
        Request::TcpConnect => in_time(shared.limits.send, tcp::connect(shared, &text)).await,
        Request::TcpListen => tcp::listen(shared, &text).await,
        Request::TcpAccept => tcp::accept(shared, &text).await,
        Request::TcpRead => tcp::read(shared, &text).await,
        Request::TcpWrite => tcp::write(shared, &argument).await,
        Request::TcpClose => tcp::close(shared, &text),
        _ => Err(Refusal::Failed(format!("{} is not for the network", request.name()))),
    })
}

async fn in_time(limit: Duration, work: impl Future<Output = Replied>) -> Replied {
    let late = |_| Err(Refusal::Failed(format!("no answer within {} seconds", limit.as_secs())));
    tokio::time::timeout(limit, work).await.unwrap_or_else(late)
}

/// The exchange or connection of a reply that nobody waits for.
fn give_back(shared: &Shared, reply: &[u8]) {
    let first = reply.split(|&b| b == b'\n').next().unwrap_or_default();
    if let Some(handle) = std::str::from_utf8(first).ok().and_then(|text| text.parse().ok()) {
        // A dropped responder answers 503.
        shared.exchanges.borrow_mut().remove(&handle);
        shared.connections.borrow_mut().remove(&handle);
    }
}

/// What a question gives.
type Replied = Result<Vec<u8>, Refusal>;

/// Why it gives nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Refusal {
    /// The handle's connection or exchange is gone.
    Lost,
    /// Nothing more will come.
    End,
    /// The host does not let this process do it.
    Denied,
    /// Anything else, in words.
    Failed(String),
}

fn replied(replied: Replied) -> Reply {
    match replied {
        Ok(bytes) => (STATUS_OK, bytes),
        Err(Refusal::Lost) => (STATUS_LOST, Vec::new()),
        Err(Refusal::End) => (STATUS_END, Vec::new()),
        Err(Refusal::Denied) => (STATUS_DENIED, Vec::new()),
        Err(Refusal::Failed(why)) => (STATUS_FAILED, why.into_bytes()),
    }
}

impl From<String> for Refusal {
    fn from(why: String) -> Refusal {
        Refusal::Failed(why)
    }
}

impl From<io::Error> for Refusal {
    /// The same words on every host: those of the kind of error.
    fn from(error: io::Error) -> Refusal {
        match error.kind() {
            io::ErrorKind::PermissionDenied => Refusal::Denied,
            kind => Refusal::Failed(kind.to_string()),
        }
    }
}
