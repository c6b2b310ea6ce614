//! A page that says how things are: one text, made anew for each `GET`, on a thread of its own.
//!
//! For monitoring, so it must never hold up what it watches: few connections at once, each with little time.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::header::{ALLOW, CONTENT_TYPE, HeaderValue};
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::{LocalSet, spawn_local};

/// Connections at once.
const CONNECTIONS: usize = 16;
/// How long a connection may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// Serves a text at `/metrics` of an address such as `127.0.0.1:9100`, until the process ends. Gives the address with its port.
///
/// # Errors
/// If the address can't be had.
pub fn serve_page(address: &str, page: impl Fn() -> String + Send + 'static) -> io::Result<SocketAddr> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let listener = runtime.block_on(TcpListener::bind(address))?;
    let bound = listener.local_addr()?;
    std::thread::Builder::new().name("metrics".to_owned()).spawn(move || {
        LocalSet::new().block_on(&runtime, accept(&listener, Rc::new(page)));
    })?;
    Ok(bound)
}

async fn accept(listener: &TcpListener, page: Rc<impl Fn() -> String + 'static>) {
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    loop {
        let Ok(place) = places.clone().acquire_owned().await else { return };
        match listener.accept().await {
            Ok((stream, _)) => {
                let page = page.clone();
                spawn_local(async move {
                    // One that takes too long, or leaves, is no concern of ours.
                    let _ = tokio::time::timeout(PATIENCE, connection(stream, page)).await;
                    drop(place);
                });
            }
            // Too many files are open, for example: that may pass.
            Err(_) => tokio::time::sleep(Duration::from_millis(100)).await,
        }
    }
}

async fn connection(stream: TcpStream, page: Rc<impl Fn() -> String>) -> hyper::Result<()> {
    let service = service_fn(|request: Request<Incoming>| {
        let answer = answer(&request, &*page);
        async { Ok::<_, Infallible>(answer) }
    });
    let mut server = hyper::server::conn::http1::Builder::new();
    server.timer(TokioTimer::new()).header_read_timeout(PATIENCE).keep_alive(false);
    server.serve_connection(TokioIo::new(stream), service).await
}

fn answer(request: &Request<Incoming>, page: &impl Fn() -> String) -> Response<Full<Bytes>> {
    let plain = |status, text: String| {
        let mut response = Response::new(Full::new(Bytes::from(text)));
        *response.status_mut() = status;
        let kind = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
        response.headers_mut().insert(CONTENT_TYPE, kind);
        response
    };
    match (request.method(), request.uri().path()) {
        (&Method::GET, "/metrics") => plain(StatusCode::OK, page()),
        (&Method::GET, _) => plain(StatusCode::NOT_FOUND, "there is /metrics\n".to_owned()),
        _ => {
            let mut refused = plain(StatusCode::METHOD_NOT_ALLOWED, "only GET\n".to_owned());
            refused.headers_mut().insert(ALLOW, HeaderValue::from_static("GET"));
            refused
        }
    }
}
