//! HTTP messages as programs see them: `codex_spec::port::MESSAGE_END` says how.
//!
//! Keeps true: no line holds a line's end or a control character, so what one side puts into a header cannot become another
//! header, or a body.

use codex_spec::port::MESSAGE_END;
use hyper::header::{HeaderMap, HeaderName, HeaderValue};

/// A message taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Message {
    /// The lines before the headers.
    pub(crate) first: Vec<String>,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Message {
    /// Takes bytes apart, of which so many lines stand before the headers.
    pub(crate) fn parse(bytes: &[u8], first: usize) -> Result<Message, String> {
        let end = bytes.windows(2).position(|w| w == MESSAGE_END).ok_or("the message has no empty line")?;
        let head = std::str::from_utf8(&bytes[..end]).map_err(|_| "the head of the message is not text")?;
        let mut lines = head.split('\n');
        let first: Vec<String> = lines.by_ref().take(first).map(str::to_owned).collect();
        let mut headers = HeaderMap::new();
        for line in lines {
            let (name, value) = line.split_once(':').ok_or_else(|| format!("`{line}` is not a header"))?;
            let name =
                HeaderName::from_bytes(name.trim().as_bytes()).map_err(|_| format!("`{name}` names no header"))?;
            let value = HeaderValue::from_str(value.trim())
                .map_err(|_| format!("the header {name} has a value that none can have"))?;
            headers.append(name, value);
        }
        Ok(Message { first, headers, body: bytes[end + MESSAGE_END.len()..].to_vec() })
    }
}

/// The bytes of a message with these lines, headers and body.
pub(crate) fn encode(first: &[&str], headers: &HeaderMap, body: &[u8]) -> Vec<u8> {
    let mut head = first.join("\n");
    for (name, value) in headers {
        head.push('\n');
        head.push_str(name.as_str());
        head.push_str(": ");
        // Bytes above 127 are those of Latin-1, as HTTP had them once.
        head.extend(value.as_bytes().iter().map(|&b| char::from(b)));
    }
    [head.as_bytes(), MESSAGE_END, body].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_what_was_encoded() {
        let message = Message::parse(b"7\n200\na: b\nA:  c \n\nbody\n\nmore", 2).unwrap();
        assert_eq!(message.first, ["7", "200"]);
        assert_eq!(message.headers.get_all("a").iter().collect::<Vec<_>>(), ["b", "c"]);
        assert_eq!(message.body, b"body\n\nmore");
        let again = encode(&["7", "200"], &message.headers, &message.body);
        assert_eq!(Message::parse(&again, 2).unwrap(), message);
    }

    #[test]
    fn what_is_no_message_is_refused_with_the_reason() {
        for (bytes, why) in [
            (&b"7\n200"[..], "no empty line"),
            (b"7\n200\nno colon\n\n", "is not a header"),
            (b"7\n200\nsp ace: x\n\n", "names no header"),
            (b"7\n200\na: \x01\n\n", "a value that none can have"),
            (b"7\n\xff\n\n", "not text"),
        ] {
            let found = Message::parse(bytes, 2).unwrap_err();
            assert!(found.contains(why), "{found}");
        }
    }
}
