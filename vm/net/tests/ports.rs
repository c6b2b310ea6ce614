//! The network ports over the loopback interface.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use codex_net::{Answer, Limits, Net, Question, Reply};
use codex_spec::port::{Request, STATUS_END, STATUS_FAILED, STATUS_LOST, STATUS_OK};

/// A net, and its answers.
struct Host {
    net: Net,
    answers: Receiver<Answer>,
    last: u64,
}

const PATIENCE: Duration = Duration::from_secs(20);

impl Host {
    fn new(limits: Limits) -> Host {
        let (sender, answers) = channel();
        Host { net: Net::start(limits, sender).expect("a thread"), answers, last: 0 }
    }

    fn ask(&mut self, request: Request, argument: impl AsRef<[u8]>) -> u64 {
        self.last += 1;
        let argument = argument.as_ref().to_vec();
        self.net.ask(Question { number: self.last, request, argument, key: format!("key-{}", self.last) });
        self.last
    }

    fn answer(&self) -> Answer {
        self.answers.recv_timeout(PATIENCE).expect("an answer")
    }

    fn reply(&mut self, request: Request, argument: impl AsRef<[u8]>) -> Reply {
        let number = self.ask(request, argument);
        let answer = self.answer();
        assert_eq!(answer.number, number);
        answer.reply
    }

    fn text(&mut self, request: Request, argument: impl AsRef<[u8]>) -> String {
        let (status, bytes) = self.reply(request, argument);
        let text = String::from_utf8(bytes).expect("text");
        assert_eq!(status, STATUS_OK, "{text}");
        text
    }
}

/// Sends bytes to an address, and gives all that comes back.
fn exchange(address: &str, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(address).expect("a connection");
    stream.set_read_timeout(Some(PATIENCE)).expect("a timeout");
    stream.write_all(bytes).expect("written");
    let mut all = Vec::new();
    // What was refused may be cut off.
    let _ = stream.read_to_end(&mut all);
    String::from_utf8_lossy(&all).into_owned()
}

fn client(address: &str, bytes: &'static [u8]) -> std::thread::JoinHandle<String> {
    let address = address.to_owned();
    std::thread::spawn(move || exchange(&address, bytes))
}

#[test]
fn a_request_comes_in_and_its_answer_goes_out() {
    let mut host = Host::new(Limits::default());
    let address = host.text(Request::HttpListen, "127.0.0.1:0");
    assert_eq!(host.text(Request::HttpListen, &address), address, "an open listener is not opened twice");
    let client = client(
        &address,
        b"POST /a?b=c HTTP/1.1\r\nHost: x\r\nX-Two: 2\r\nConnection: close\r\nContent-Length: 4\r\n\r\nbody",
    );
    let message = host.text(Request::HttpNext, &address);
    let lines: Vec<&str> = message.split('\n').collect();
    assert_eq!(lines[1..3], ["POST", "/a?b=c"]);
    assert!(
        lines[3].starts_with("127.0.0.1:") && lines.contains(&"x-two: 2") && message.ends_with("\n\nbody"),
        "{message}"
    );
    let exchange = lines[0];
    let answer = format!("{exchange}\n201\nx-mine: yes\ncontent-length: 99\n\nmade");
    assert_eq!(host.reply(Request::HttpRespond, &answer).0, STATUS_OK);
    let received = client.join().expect("a client");
    assert!(received.starts_with("HTTP/1.1 201") && received.contains("x-mine: yes\r\n"), "{received}");
    assert!(received.contains("content-length: 4\r\n") && received.ends_with("\r\n\r\nmade"), "{received}");
    assert_eq!(host.reply(Request::HttpRespond, &answer).0, STATUS_LOST, "a request is answered once");
}

#[test]
fn what_nobody_waits_for_any_more_is_told_so() {
    let mut host = Host::new(Limits::default());
    let address = host.text(Request::HttpListen, "127.0.0.1:0");
    let waiting = client(&address, b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    let reply = host.reply(Request::HttpNext, &address);
    host.net.give_back(reply);
    let received = waiting.join().expect("a client");
    assert!(received.starts_with("HTTP/1.1 503") && received.contains("retry-after: 1"), "{received}");
    // A client that left before it was its turn is passed over.
    let mut gone = TcpStream::connect(&address).expect("a connection");
    gone.write_all(b"GET /gone HTTP/1.1\r\nHost: x\r\n\r\n").expect("written");
    std::thread::sleep(Duration::from_millis(100));
    drop(gone);
    std::thread::sleep(Duration::from_millis(100));
    let stays = client(&address, b"GET /stays HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    let message = host.text(Request::HttpNext, &address);
    assert!(message.contains("\n/stays\n"), "{message}");
    // A process that leaves answers what it has not answered.
    drop(host);
    assert!(stays.join().expect("a client").starts_with("HTTP/1.1 503"));
}

#[test]
fn an_answer_is_sent_even_if_the_process_leaves_at_once() {
    for _ in 0..20 {
        let mut host = Host::new(Limits::default());
        let address = host.text(Request::HttpListen, "127.0.0.1:0");
        let client = client(&address, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n");
        let message = host.text(Request::HttpNext, &address);
        let exchange = message.lines().next().expect("an exchange");
        host.ask(Request::HttpRespond, format!("{exchange}\n200\n\nlast words"));
        drop(host);
        assert!(client.join().expect("a client").ends_with("last words"));
    }
}

#[test]
fn what_is_too_large_or_too_slow_never_reaches_the_program() {
    let limits = Limits { body: 10, waiting: 1, head: Duration::from_millis(300), ..Limits::default() };
    let mut host = Host::new(limits);
    let address = host.text(Request::HttpListen, "127.0.0.1:0");
    let large = exchange(&address, b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 11\r\n\r\nhello world");
    assert!(large.starts_with("HTTP/1.1 413"), "{large}");
    assert!(exchange(&address, b"what is this\r\n\r\n").starts_with("HTTP/1.1 400"));
    let start = Instant::now();
    let slow = exchange(&address, b"GET / HT");
    assert!(!slow.contains("200") && start.elapsed() < PATIENCE, "{slow}");
    // One waits; the next is sent away.
    let first = client(&address, b"GET /first HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    std::thread::sleep(Duration::from_millis(200));
    let second = exchange(&address, b"GET /second HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    assert!(second.starts_with("HTTP/1.1 503"), "{second}");
    let message = host.text(Request::HttpNext, &address);
    assert!(message.contains("\n/first\n"), "{message}");
    drop(host);
    first.join().expect("a client");
}

#[test]
fn what_is_asked_wrongly_is_refused_with_the_reason() {
    let mut host = Host::new(Limits::default());
    for (request, argument, status, why) in [
        (Request::HttpListen, "nonsense", STATUS_FAILED, "nonsense"),
        (Request::HttpRespond, "x\n200\n\n", STATUS_FAILED, "not a number"),
        (Request::HttpRespond, "1\n99\n\n", STATUS_FAILED, "100 to 999"),
        (Request::HttpRespond, "1\n200\n\n", STATUS_LOST, ""),
        (Request::HttpRespond, "1\n200", STATUS_FAILED, "no empty line"),
        (Request::HttpSend, "GET\nhttps://a/\n\n", STATUS_FAILED, "https"),
        (Request::HttpSend, "G T\nhttp://a/\n\n", STATUS_FAILED, "not a method"),
        (Request::HttpSend, "GET\nhttp://127.0.0.1:1/\n\n", STATUS_FAILED, "connection refused"),
        (Request::TcpConnect, "127.0.0.1:1", STATUS_FAILED, "connection refused"),
        (Request::TcpRead, "12", STATUS_LOST, ""),
        (Request::TcpRead, "twelve", STATUS_FAILED, "number"),
        (Request::TcpWrite, "12\nbytes", STATUS_LOST, ""),
        (Request::TcpClose, "12", STATUS_OK, ""),
        (Request::Env, "HOME", STATUS_FAILED, "not for the network"),
    ] {
        let (found, bytes) = host.reply(request, argument);
        let text = String::from_utf8_lossy(&bytes);
        assert!(found == status && text.contains(why), "{request:?} {argument:?}: {found} {text}");
    }
    let address = host.text(Request::TcpListen, "127.0.0.1:0");
    let (status, why) = host.reply(Request::HttpListen, &address);
    assert!(status == STATUS_FAILED && String::from_utf8_lossy(&why).contains("in use"), "{status}");
}

#[test]
fn a_request_goes_out_with_its_key_and_the_answer_comes_back() {
    let mut host = Host::new(Limits::default());
    let address = host.text(Request::HttpListen, "127.0.0.1:0");
    let next = host.ask(Request::HttpNext, &address);
    let send = host.ask(Request::HttpSend, format!("PUT\nhttp://{address}/x\nx-a: b\n\nhello"));
    let came = host.answer();
    assert_eq!(came.number, next);
    let message = String::from_utf8(came.reply.1).expect("text");
    assert!(message.contains(&format!("\nidempotency-key: key-{send}\n")) && message.contains("\nx-a: b"), "{message}");
    assert!(message.contains("\nPUT\n/x\n") && message.ends_with("\n\nhello"), "{message}");
    let exchange = message.lines().next().expect("an exchange");
    host.ask(Request::HttpRespond, format!("{exchange}\n404\nx-c: d\n\nno"));
    let answers = [host.answer(), host.answer()];
    let sent = answers.iter().find(|a| a.number == send).expect("the answer");
    let text = String::from_utf8_lossy(&sent.reply.1);
    assert!(text.starts_with("404\n") && text.contains("\nx-c: d") && text.ends_with("\n\nno"), "{text}");
}

#[test]
fn tcp_carries_bytes_both_ways_until_one_side_ends() {
    let mut host = Host::new(Limits::default());
    let address = host.text(Request::TcpListen, "127.0.0.1:0");
    let mut peer = TcpStream::connect(&address).expect("a connection");
    let accepted = host.text(Request::TcpAccept, &address);
    let (connection, from) = accepted.split_once('\n').expect("two lines");
    assert_eq!(from, peer.local_addr().expect("an address").to_string());
    assert_eq!(host.text(Request::TcpWrite, format!("{connection}\nhello")), "");
    let mut bytes = [0; 5];
    peer.read_exact(&mut bytes).expect("bytes");
    assert_eq!(&bytes, b"hello");
    // One question may read while another writes.
    let read = host.ask(Request::TcpRead, connection);
    assert_eq!(host.text(Request::TcpWrite, format!("{connection}\nmore")), "");
    peer.write_all(b"back").expect("written");
    let answer = host.answer();
    assert_eq!((answer.number, answer.reply), (read, (STATUS_OK, b"back".to_vec())));
    // Closing wakes who reads.
    let read = host.ask(Request::TcpRead, connection);
    std::thread::sleep(Duration::from_millis(50));
    host.ask(Request::TcpClose, connection);
    let answers = [host.answer(), host.answer()];
    assert!(answers.contains(&Answer { number: read, reply: (STATUS_LOST, Vec::new()) }), "{answers:?}");
    let mut rest = Vec::new();
    peer.read_to_end(&mut rest).expect("the end");
    assert_eq!(rest, b"more");
    // The other side's end is the end.
    let connection = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a listener");
        let address = listener.local_addr().expect("an address").to_string();
        let connection = host.text(Request::TcpConnect, address);
        drop(listener.accept().expect("a peer"));
        connection
    };
    assert_eq!(host.reply(Request::TcpRead, connection).0, STATUS_END);
}
