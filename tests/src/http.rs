//! The smallest HTTP on both sides, for tests of programs that speak it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::Duration;

/// How long a side waits for the other.
const PATIENCE: Duration = Duration::from_secs(5);

/// Sends a request with these headers (each line ended); `None` if no whole answer came.
pub fn ask(address: &str, method: &str, target: &str, headers: &str) -> Option<(u16, String)> {
    let mut stream = TcpStream::connect(address).ok()?;
    stream.set_read_timeout(Some(PATIENCE)).ok()?;
    write!(stream, "{method} {target} HTTP/1.1\r\nHost: x\r\n{headers}Connection: close\r\n\r\n").ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    let status = answer.split(' ').nth(1)?.parse().ok()?;
    let (head, body) = answer.split_once("\r\n\r\n")?;
    let length: usize = head.lines().find_map(|l| l.strip_prefix("content-length: "))?.parse().ok()?;
    (length == body.len()).then(|| (status, body.to_owned()))
}

/// A request that a [`serve`] got.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// Names, in lower case, and values.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: String,
}

impl Request {
    /// The value of a header, or nothing.
    pub fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
    }
}

/// Serves on a free port of this host, until the process ends: each request goes to `hear`, which says whether it is answered (204) or the
/// connection is closed without a word. Gives the address.
pub fn serve(mut hear: impl FnMut(Request) -> bool + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a listener");
    let address = listener.local_addr().expect("an address").to_string();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            if let Some(request) = receive(&stream)
                && hear(request)
            {
                // Whoever asked may be killed meanwhile.
                let _ = (&stream).write_all(b"HTTP/1.1 204 No Content\r\n\r\n");
            }
        }
    });
    address
}

/// A whole request; one that breaks off is none.
fn receive(stream: &TcpStream) -> Option<Request> {
    stream.set_read_timeout(Some(PATIENCE)).ok()?;
    let mut reader = BufReader::new(stream);
    let mut request = Request::default();
    loop {
        let mut line = String::new();
        (reader.read_line(&mut line).ok()? > 0).then_some(())?;
        match line.trim_end().split_once(": ") {
            Some((name, value)) => request.headers.push((name.to_lowercase(), value.to_owned())),
            None if line == "\r\n" => break,
            None => {}
        }
    }
    let mut body = vec![0; request.header("content-length").parse().unwrap_or(0)];
    reader.read_exact(&mut body).ok()?;
    request.body = String::from_utf8(body).ok()?;
    Some(request)
}
