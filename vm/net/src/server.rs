//! The HTTP server: one queue of requests for each address.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::Arc;

use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::header::{CONTENT_LENGTH, HeaderValue, RETRY_AFTER, TRANSFER_ENCODING};
use hyper::{Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::sync::{Mutex, Semaphore, oneshot};
use tokio::task::AbortHandle;

use crate::message::{self, Message};
use crate::{Refusal, Replied, Shared};

/// Where an exchange's answer goes. Dropped, it answers 503.
pub(crate) type Responder = oneshot::Sender<Response<Full<Bytes>>>;

/// A request that waits for the program: its message, without the exchange.
struct Waiting {
    message: (String, hyper::HeaderMap, Vec<u8>),
    responder: Responder,
}

/// A listener and what came in over it.
pub(crate) struct Server {
    /// With the port that the host chose, if that was left to it.
    address: SocketAddr,
    requests: Mutex<Receiver<Waiting>>,
    accepting: AbortHandle,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

/// Opens a listener, unless it is open: its address.
pub(crate) async fn listen(shared: &Rc<Shared>, argument: &str) -> Replied {
    Ok(open(shared, argument).await?.address.to_string().into_bytes())
}

/// The next request.
pub(crate) async fn next(shared: &Rc<Shared>, argument: &str) -> Replied {
    let server = open(shared, argument).await?;
    loop {
        let waiting = server.requests.lock().await.recv().await.ok_or(Refusal::Lost)?;
        if waiting.responder.is_closed() {
            // Who asked has left.
            continue;
        }
        let exchange = shared.handle();
        shared.exchanges.borrow_mut().insert(exchange, waiting.responder);
        let (first, headers, body) = waiting.message;
        return Ok(message::encode(&[&exchange.to_string(), &first], &headers, &body));
    }
}

/// Answers a request.
pub(crate) fn respond(shared: &Shared, argument: &[u8]) -> Replied {
    let Message { first, headers, body } = Message::parse(argument, 2)?;
    let exchange = first[0].parse::<u64>().map_err(|_| "the exchange is not a number".to_owned())?;
    let status = first.get(1).and_then(|status| StatusCode::from_bytes(status.as_bytes()).ok());
    let status = status.ok_or_else(|| "the status is not a number from 100 to 999".to_owned())?;
    let responder = shared.exchanges.borrow_mut().remove(&exchange).ok_or(Refusal::Lost)?;
    let mut response = Response::new(Full::new(Bytes::from(body)));
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    // The length is what it is.
    response.headers_mut().remove(CONTENT_LENGTH);
    response.headers_mut().remove(TRANSFER_ENCODING);
    responder.send(response).map(|()| Vec::new()).map_err(|_| Refusal::Lost)
}

/// The server of an address; it is opened if it is not there.
async fn open(shared: &Rc<Shared>, argument: &str) -> Result<Rc<Server>, Refusal> {
    let address = argument.lines().next().unwrap_or_default();
    if let Some(server) = shared.servers.borrow().get(address) {
        return Ok(server.clone());
    }
    let listener = bind(address).await?;
    let bound = listener.local_addr()?;
    let (sender, requests) = channel(shared.limits.waiting);
    let accepting = tokio::task::spawn_local(accept(shared.clone(), listener, sender)).abort_handle();
    let server = Rc::new(Server { address: bound, requests: Mutex::new(requests), accepting });
    let mut servers = shared.servers.borrow_mut();
    // While this one waited for the host, another question may have opened it.
    Ok(servers.entry(bound.to_string()).or_insert(server).clone())
}

/// Binds an address. One that the dead process before this one had is free at once: the host is told to reuse it.
pub(crate) async fn bind(address: &str) -> Result<TcpListener, Refusal> {
    let words = |e: std::io::Error| match Refusal::from(e) {
        Refusal::Failed(why) => Refusal::Failed(format!("{address}: {why}")),
        other => other,
    };
    TcpListener::bind(address).await.map_err(words)
}

async fn accept(shared: Rc<Shared>, listener: TcpListener, requests: Sender<Waiting>) {
    let room = Arc::new(Semaphore::new(shared.limits.connections));
    loop {
        let Ok(permit) = room.clone().acquire_owned().await else { return };
        match listener.accept().await {
            Ok((stream, peer)) => {
                let (shared, requests) = (shared.clone(), requests.clone());
                shared.sending.set(shared.sending.get() + 1);
                tokio::task::spawn_local(async move {
                    connection(shared.clone(), stream, peer, requests).await;
                    shared.sending.set(shared.sending.get() - 1);
                    drop(permit);
                });
            }
            // Out of descriptors, or a connection that is gone already: what is open goes on.
            Err(_) => tokio::time::sleep(std::time::Duration::from_millis(20)).await,
        }
    }
}

/// Serves one connection until either side ends it.
async fn connection(shared: Rc<Shared>, stream: TcpStream, peer: SocketAddr, requests: Sender<Waiting>) {
    // Answers are small and should leave at once.
    let _ = stream.set_nodelay(true);
    let limit = shared.limits.body;
    let service = hyper::service::service_fn(|request: hyper::Request<Incoming>| {
        let requests = requests.clone();
        async move { Ok::<_, Infallible>(exchange(request, peer, &requests, limit).await) }
    });
    let served = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(shared.limits.head)
        .serve_connection(TokioIo::new(stream), service);
    tokio::pin!(served);
    // A client that breaks off is its own affair; what it sent wrong, hyper has answered.
    tokio::select! {
        _ = served.as_mut() => return,
        () = shared.leaving.notified() => served.as_mut().graceful_shutdown(),
    }
    let _ = served.await;
}

/// Hands a request to the program, and waits for its answer.
async fn exchange(
    request: hyper::Request<Incoming>,
    peer: SocketAddr,
    requests: &Sender<Waiting>,
    limit: usize,
) -> Response<Full<Bytes>> {
    let (head, body) = request.into_parts();
    let body = match Limited::new(body, limit).collect().await {
        Ok(body) => body.to_bytes().to_vec(),
        Err(e) if e.is::<LengthLimitError>() => return plain(StatusCode::PAYLOAD_TOO_LARGE),
        Err(_) => return plain(StatusCode::BAD_REQUEST),
    };
    let target = head.uri.path_and_query().map_or("*", |target| target.as_str());
    let first = format!("{}\n{target}\n{peer}", head.method);
    let (responder, response) = oneshot::channel();
    if requests.try_send(Waiting { message: (first, head.headers, body), responder }).is_err() {
        return plain(StatusCode::SERVICE_UNAVAILABLE);
    }
    // Whoever took the request may collapse, or give it back.
    response.await.unwrap_or_else(|_| plain(StatusCode::SERVICE_UNAVAILABLE))
}

/// An answer that the program has no part in.
fn plain(status: StatusCode) -> Response<Full<Bytes>> {
    let text = format!("{status}\n");
    let mut response = Response::new(Full::new(Bytes::from(text)));
    *response.status_mut() = status;
    if status == StatusCode::SERVICE_UNAVAILABLE {
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("1"));
    }
    response
}
