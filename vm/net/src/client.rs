//! The HTTP client: one connection for each request.

use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::Bytes;
use hyper::header::{CONTENT_LENGTH, HOST, HeaderName, HeaderValue, TRANSFER_ENCODING};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use crate::message::{self, Message};
use crate::{Refusal, Replied};

/// The header by which a server knows a request again that is sent a second time.
const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// Where a URL points to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Target {
    host: String,
    port: u16,
    /// Path and query.
    path: String,
}

impl Target {
    /// Takes a URL apart.
    pub(crate) fn parse(url: &str) -> Result<Target, String> {
        let uri: hyper::Uri = url.parse().map_err(|_| format!("`{url}` is not a URL"))?;
        match uri.scheme_str() {
            Some("http") => {}
            Some("https") => return Err("https is not supported yet: put a proxy that speaks it in between".to_owned()),
            _ => return Err(format!("`{url}` does not begin with http://")),
        }
        let host = uri.host().filter(|host| !host.is_empty()).ok_or_else(|| format!("`{url}` names no host"))?;
        let path = uri.path_and_query().map_or("/", |path| path.as_str());
        Ok(Target { host: host.to_owned(), port: uri.port_u16().unwrap_or(80), path: path.to_owned() })
    }

    /// `host:port`.
    pub(crate) fn address(&self) -> String {
        format!("{}:{}", self.host, self.port)
    }
}

/// Sends a request, and gives the answer.
pub(crate) async fn send(argument: &[u8], key: &str, limit: usize) -> Replied {
    let Message { first, headers, body } = Message::parse(argument, 2)?;
    let (method, url) = (&first[0], first.get(1).map_or("", |url| url));
    let method = hyper::Method::from_bytes(method.as_bytes()).map_err(|_| format!("`{method}` is not a method"))?;
    let target = Target::parse(url)?;
    let mut request = hyper::Request::new(Full::new(Bytes::from(body)));
    *request.method_mut() = method;
    *request.uri_mut() = target.path.parse().map_err(|_| format!("`{url}` is not a URL"))?;
    *request.headers_mut() = headers;
    let headers = request.headers_mut();
    headers.remove(CONTENT_LENGTH);
    headers.remove(TRANSFER_ENCODING);
    let value = |text: &str| HeaderValue::from_str(text).map_err(|_| format!("`{url}` is not a URL"));
    headers.entry(HOST).or_insert(value(&target.address())?);
    if !key.is_empty() {
        headers.entry(IDEMPOTENCY_KEY).or_insert(value(key)?);
    }
    let words = |why: String| Refusal::Failed(format!("{}: {why}", target.address()));
    let stream = TcpStream::connect(target.address()).await.map_err(|e| words(e.kind().to_string()))?;
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.map_err(|e| words(reason(&e)))?;
    let connection = tokio::task::spawn_local(connection);
    let answered = receive(&mut sender, request, limit).await;
    connection.abort();
    answered.map_err(words)
}

async fn receive(
    sender: &mut hyper::client::conn::http1::SendRequest<Full<Bytes>>,
    request: hyper::Request<Full<Bytes>>,
    limit: usize,
) -> Result<Vec<u8>, String> {
    let response = sender.send_request(request).await.map_err(|e| reason(&e))?;
    let (head, body) = response.into_parts();
    let body = Limited::new(body, limit).collect().await.map_err(|e| match e.is::<LengthLimitError>() {
        true => format!("the answer has more than {limit} bytes"),
        false => "the answer broke off".to_owned(),
    })?;
    Ok(message::encode(&[head.status.as_str()], &head.headers, &body.to_bytes()))
}

/// Why an exchange failed, in words that depend on nothing but its kind.
fn reason(error: &hyper::Error) -> String {
    let words = match error {
        e if e.is_timeout() => "no answer in time",
        e if e.is_parse() => "the answer is not HTTP",
        e if e.is_incomplete_message() || e.is_closed() || e.is_canceled() => "the connection was closed",
        _ => "the connection failed",
    };
    words.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_taken_apart() {
        let target = Target::parse("http://example.com:81/a/b?c=d#e").unwrap();
        assert_eq!((target.address().as_str(), target.path.as_str()), ("example.com:81", "/a/b?c=d"));
        assert_eq!(Target::parse("http://example.com").unwrap().address(), "example.com:80");
        assert_eq!(Target::parse("http://[::1]:8/").unwrap().address(), "[::1]:8");
    }

    #[test]
    fn what_is_no_url_of_http_is_refused_with_the_reason() {
        for (url, why) in [("", "not a URL"), ("/a", "begin with http"), ("https://a/", "https"), ("http:///a", "URL")]
        {
            let found = Target::parse(url).unwrap_err();
            assert!(found.contains(why), "{url}: {found}");
        }
    }
}
