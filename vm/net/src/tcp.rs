//! Plain TCP.

use std::rc::Rc;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::sync::{Mutex, Notify};

use crate::{Refusal, Replied, Shared, server};

/// Bytes that one read gives at most.
const MOST: usize = 64 << 10;

/// One connection; one can read while another writes.
pub(crate) struct Connection {
    reader: Mutex<OwnedReadHalf>,
    writer: Mutex<OwnedWriteHalf>,
    /// Wakes who reads or writes when the connection is closed here.
    closed: Notify,
}

/// Connects to an address: the handle.
pub(crate) async fn connect(shared: &Shared, address: &str) -> Replied {
    let words = |e: std::io::Error| match Refusal::from(e) {
        Refusal::Failed(why) => Refusal::Failed(format!("{address}: {why}")),
        other => other,
    };
    let stream = TcpStream::connect(address).await.map_err(words)?;
    Ok(keep(shared, stream)?.to_string().into_bytes())
}

/// Opens a listener, unless it is open: its address.
pub(crate) async fn listen(shared: &Shared, address: &str) -> Replied {
    Ok(open(shared, address).await?.local_addr()?.to_string().into_bytes())
}

/// The next connection: its handle, and the peer's address.
pub(crate) async fn accept(shared: &Shared, address: &str) -> Replied {
    let listener = open(shared, address).await?;
    let (stream, peer) = listener.accept().await?;
    Ok(format!("{}\n{peer}", keep(shared, stream)?).into_bytes())
}

/// What came over a connection.
pub(crate) async fn read(shared: &Shared, handle: &str) -> Replied {
    let connection = find(shared, handle)?;
    let mut bytes = vec![0; MOST];
    let read = async { connection.reader.lock().await.read(&mut bytes).await };
    let count = tokio::select! {
        read = read => read,
        () = connection.closed.notified() => return Err(Refusal::Lost),
    };
    match count {
        Ok(0) => Err(Refusal::End),
        Ok(count) => {
            bytes.truncate(count);
            Ok(bytes)
        }
        Err(_) => Err(lose(shared, handle)),
    }
}

/// Writes all of some bytes.
pub(crate) async fn write(shared: &Shared, argument: &[u8]) -> Replied {
    let end =
        argument.iter().position(|&b| b == b'\n').ok_or_else(|| "there is no connection to write to".to_owned())?;
    let handle = String::from_utf8_lossy(&argument[..end]);
    let connection = find(shared, &handle)?;
    let write = async { connection.writer.lock().await.write_all(&argument[end + 1..]).await };
    let written = tokio::select! {
        written = write => written,
        () = connection.closed.notified() => return Err(Refusal::Lost),
    };
    written.map(|()| Vec::new()).map_err(|_| lose(shared, &handle))
}

/// Closes a connection; one that is gone is closed already.
pub(crate) fn close(shared: &Shared, handle: &str) -> Replied {
    let found = handle.parse().ok().and_then(|handle: u64| shared.connections.borrow_mut().remove(&handle));
    found.iter().for_each(|connection| connection.closed.notify_waiters());
    Ok(Vec::new())
}

async fn open(shared: &Shared, address: &str) -> Result<Rc<tokio::net::TcpListener>, Refusal> {
    if let Some(listener) = shared.listeners.borrow().get(address) {
        return Ok(listener.clone());
    }
    let listener = Rc::new(server::bind(address).await?);
    let bound = listener.local_addr()?.to_string();
    Ok(shared.listeners.borrow_mut().entry(bound).or_insert(listener).clone())
}

fn keep(shared: &Shared, stream: TcpStream) -> Result<u64, Refusal> {
    if shared.connections.borrow().len() >= shared.limits.connections {
        return Err(Refusal::Failed(format!("there are {} open connections already", shared.limits.connections)));
    }
    // Programs write whole messages; waiting for more would only delay them.
    let _ = stream.set_nodelay(true);
    let (reader, writer) = stream.into_split();
    let handle = shared.handle();
    let connection = Connection { reader: Mutex::new(reader), writer: Mutex::new(writer), closed: Notify::new() };
    shared.connections.borrow_mut().insert(handle, Rc::new(connection));
    Ok(handle)
}

fn find(shared: &Shared, handle: &str) -> Result<Rc<Connection>, Refusal> {
    let handle: u64 = handle.parse().map_err(|_| Refusal::Failed("a connection is a number".to_owned()))?;
    shared.connections.borrow().get(&handle).cloned().ok_or(Refusal::Lost)
}

/// Forgets a connection that broke.
fn lose(shared: &Shared, handle: &str) -> Refusal {
    let _ = close(shared, handle);
    Refusal::Lost
}
