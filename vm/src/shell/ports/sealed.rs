//! Sealed values: a program has a number, and the bytes are here.
//!
//! Where a text goes out (a header, a comparison), a number between two [`SEAL`]s stands for the bytes; where headers come in
//! that are to be sealed, such a number takes the place of the value.

use codex_spec::port::{MESSAGE_END, Request, SEAL, STATUS_LOST, STATUS_OK};

use super::{Ports, Reply, failed};
use crate::shell::Failure;

/// Lines of a message that goes out before its headers: method and URL, or exchange and status.
const FIRST_LINES: usize = 2;

impl Ports {
    /// Seals an environment variable.
    pub(super) fn seal_environment(&mut self, name: &str) -> Result<Reply, Failure> {
        let (status, bytes) = self.environment(name);
        if status != STATUS_OK {
            return Ok((status, bytes));
        }
        let number = self.secrets.seal(&bytes).map_err(|e| Failure::Host(e.to_string()))?;
        Ok(number
            .map_or_else(|| failed("the value is too long to be sealed"), |n| (STATUS_OK, n.to_string().into_bytes())))
    }

    /// Compares a sealed value with a text, in a time that does not tell where they differ.
    pub(super) fn is_sealed(&self, argument: &[u8]) -> Reply {
        let Some(end) = argument.iter().position(|&b| b == b'\n') else {
            return failed("there is no text to compare with");
        };
        let secret = number(&argument[..end]).and_then(|n| self.secrets.get(n));
        let (Some(secret), Some(text)) = (secret, self.opened(&argument[end + 1..])) else {
            return (STATUS_LOST, Vec::new());
        };
        // Hashes of both: how much of them is alike tells nothing about the bytes.
        (STATUS_OK, vec![u8::from(blake3::hash(secret) == blake3::hash(&text))])
    }

    /// A message as it leaves, with the bytes of sealed values in the values of its headers. Nowhere else: a URL or a name that is
    /// refused comes back in words, and would tell the program what it must not read.
    pub(super) fn opened_message(&self, request: Request, argument: &[u8]) -> Result<Vec<u8>, Reply> {
        let end = argument.windows(2).position(|w| w == MESSAGE_END);
        let end = end.filter(|_| matches!(request, Request::HttpSend | Request::HttpRespond));
        let Some(end) = end.filter(|&end| argument[..end].contains(&SEAL)) else { return Ok(argument.to_vec()) };
        let mut message = Vec::with_capacity(argument.len());
        for (i, line) in argument[..end].split(|&b| b == b'\n').enumerate() {
            let value = line.iter().position(|&b| b == b':').filter(|_| i >= FIRST_LINES).unwrap_or(line.len());
            if line[..value].contains(&SEAL) {
                return Err(failed("a sealed value can stand in the value of a header only"));
            }
            let opened = self.opened(&line[value..]).ok_or((STATUS_LOST, Vec::new()))?;
            if opened.contains(&b'\n') {
                return Err(failed("a sealed value with a line's end cannot stand in a header"));
            }
            message.extend([if i > 0 { &b"\n"[..] } else { b"" }, &line[..value], &opened].concat());
        }
        message.extend_from_slice(&argument[end..]);
        Ok(message)
    }

    /// A message as the program gets it: the values of these headers are sealed. One that is too long is left out.
    pub(super) fn sealed_message(&mut self, message: Vec<u8>, names: &[String]) -> Result<Vec<u8>, Failure> {
        let Some(end) = message.windows(2).position(|w| w == MESSAGE_END).filter(|_| !names.is_empty()) else {
            return Ok(message);
        };
        let mut sealed = Vec::with_capacity(message.len());
        for line in message[..end].split(|&b| b == b'\n') {
            let name = names.iter().find(|name| {
                line.len() > name.len() + 1 && line.starts_with(name.as_bytes()) && line[name.len()] == b':'
            });
            let start = if sealed.is_empty() { "" } else { "\n" };
            sealed.extend_from_slice(start.as_bytes());
            match name {
                None => sealed.extend_from_slice(line),
                Some(name) => {
                    let value = line[name.len() + 1..].trim_ascii();
                    let number = self.secrets.seal(value).map_err(|e| Failure::Host(e.to_string()))?;
                    let seal = char::from(SEAL);
                    let shown = number.map_or(String::new(), |n| format!("{seal}{n}{seal}"));
                    sealed.extend_from_slice(format!("{name}: {shown}").as_bytes());
                }
            }
        }
        sealed.extend_from_slice(&message[end..]);
        Ok(sealed)
    }

    /// Bytes with those of sealed values in the place of their numbers; `None` if one is not known here.
    fn opened(&self, bytes: &[u8]) -> Option<Vec<u8>> {
        let mut opened = Vec::with_capacity(bytes.len());
        for (i, part) in bytes.split(|&b| b == SEAL).enumerate() {
            match i % 2 {
                0 => opened.extend_from_slice(part),
                _ => opened.extend_from_slice(self.secrets.get(number(part)?)?),
            }
        }
        Some(opened)
    }
}

/// The headers that are to be sealed, by the argument of a request for the next message: its lines behind the first.
pub(super) fn names(argument: &[u8]) -> Vec<String> {
    String::from_utf8_lossy(argument).lines().skip(1).map(str::to_lowercase).collect()
}

fn number(digits: &[u8]) -> Option<u64> {
    std::str::from_utf8(digits).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shell::permissions::Permissions;

    fn ports() -> (Ports, u64) {
        let mut ports = Ports::new(Vec::new(), Permissions::default(), true);
        let number = ports.secrets.seal(b"xyzzy").expect("memory").expect("short");
        (ports, number)
    }

    #[test]
    fn a_sealed_value_leaves_in_a_header_and_nowhere_else() {
        let (ports, n) = ports();
        let message = format!("GET\nhttp://a/\nauthorization: Bearer \u{1}{n}\u{1}\n\nbody \u{1}{n}\u{1}");
        let opened = ports.opened_message(Request::HttpSend, message.as_bytes()).unwrap();
        let expected = format!("GET\nhttp://a/\nauthorization: Bearer xyzzy\n\nbody \u{1}{n}\u{1}");
        assert_eq!(String::from_utf8(opened).unwrap(), expected);
        let same = ports.opened_message(Request::TcpWrite, message.as_bytes()).unwrap();
        assert_eq!(same, message.as_bytes(), "only HTTP has headers");
        let unknown = format!("GET\nhttp://a/\na: \u{1}{}\u{1}\n\n", n ^ 1);
        assert_eq!(ports.opened_message(Request::HttpSend, unknown.as_bytes()), Err((STATUS_LOST, Vec::new())));
    }

    #[test]
    fn a_sealed_value_cannot_become_another_header() {
        let (mut ports, _) = ports();
        let n = ports.secrets.seal(b"a\nevil: yes").unwrap().unwrap();
        let message = format!("GET\nhttp://a/\na: \u{1}{n}\u{1}\n\n");
        assert!(ports.opened_message(Request::HttpSend, message.as_bytes()).is_err());
    }

    #[test]
    fn a_sealed_value_stands_nowhere_where_a_refusal_would_tell_it() {
        let (ports, n) = ports();
        let seal = format!("\u{1}{n}\u{1}");
        for message in [
            format!("{seal}\nhttp://a/\na: b\n\n"),
            format!("GET\nhttp://{seal}/\na: b\n\n"),
            format!("GET\nhttp://a/\n{seal}\n\n"),
            format!("GET\nhttp://a/\n{seal}: b\n\n"),
        ] {
            let (status, why) = ports.opened_message(Request::HttpSend, message.as_bytes()).unwrap_err();
            assert!(status != STATUS_OK && !why.windows(5).any(|w| w == b"xyzzy"), "{message:?}");
        }
    }

    #[test]
    fn headers_that_come_in_are_sealed_by_name_only() {
        let (mut ports, n) = ports();
        let message =
            b"7\nGET\n/authorization: x\npeer\nauthorization: xyzzy\nauthorizations: xyzzy\n\nauthorization: xyzzy"
                .to_vec();
        let sealed = ports.sealed_message(message.clone(), &["authorization".to_owned()]).unwrap();
        let expected = format!(
            "7\nGET\n/authorization: x\npeer\nauthorization: \u{1}{n}\u{1}\nauthorizations: xyzzy\n\nauthorization: xyzzy"
        );
        assert_eq!(String::from_utf8(sealed).unwrap(), expected);
        assert_eq!(ports.sealed_message(message.clone(), &[]).unwrap(), message);
    }

    #[test]
    fn a_sealed_value_is_compared_with_a_text_that_may_hold_others() {
        let (mut ports, n) = ports();
        let whole = ports.secrets.seal(b"Bearer xyzzy").unwrap().unwrap();
        let is = |text: String| ports.is_sealed(text.as_bytes());
        assert_eq!(is(format!("{n}\nxyzzy")), (STATUS_OK, vec![1]));
        assert_eq!(is(format!("{n}\nxyzz")), (STATUS_OK, vec![0]));
        assert_eq!(is(format!("{whole}\nBearer \u{1}{n}\u{1}")), (STATUS_OK, vec![1]));
        assert_eq!(is(format!("{}\nxyzzy", n ^ 1)), (STATUS_LOST, Vec::new()));
    }
}
