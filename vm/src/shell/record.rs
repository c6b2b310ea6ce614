//! Inputs as bytes, for the journal.
//!
//! | first byte | is | then |
//! |---|---|---|
//! | 1 | the clock | milliseconds since 1970, 8 bytes |
//! | 2 | a reply | the request's number and the status, 8 bytes each; the bytes |

use crate::tick::Input;

const CLOCK: u8 = 1;
const REPLY: u8 = 2;

/// An input's bytes.
pub fn encode(input: &Input) -> Vec<u8> {
    match input {
        Input::Clock(milliseconds) => [&[CLOCK][..], &milliseconds.to_le_bytes()].concat(),
        Input::Reply { request, status, bytes } => {
            [&[REPLY][..], &request.to_le_bytes(), &status.to_le_bytes(), bytes].concat()
        }
    }
}

/// The input with these bytes; `None` if there is none.
pub fn decode(bytes: &[u8]) -> Option<Input> {
    let (&kind, rest) = bytes.split_first()?;
    match kind {
        CLOCK => Some(Input::Clock(i64::from_le_bytes(rest.try_into().ok()?))),
        REPLY => {
            let (request, rest) = rest.split_first_chunk()?;
            let (status, bytes) = rest.split_first_chunk()?;
            let (request, status) = (u64::from_le_bytes(*request), i64::from_le_bytes(*status));
            Some(Input::Reply { request, status, bytes: bytes.to_vec() })
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        let inputs = [
            Input::Clock(-5),
            Input::Reply { request: 7, status: 3, bytes: b"words".to_vec() },
            Input::Reply { request: 0, status: 0, bytes: Vec::new() },
        ];
        for input in inputs {
            let bytes = encode(&input);
            assert_eq!(decode(&bytes), Some(input));
            assert!(bytes.len() < 17 || decode(&bytes[..16]).is_none());
        }
        assert_eq!(decode(&[]), None);
        assert_eq!(decode(&[9, 1]), None);
    }
}
