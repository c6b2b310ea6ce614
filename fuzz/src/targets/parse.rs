//! Any bytes as a source: an answer soon, never a panic, and errors that point into the text.

use std::time::{Duration, Instant};

use codex_diagnostics::{Diagnostic, FileId};
use codex_syntax::{Parsed, decode};

/// Decodes and parses.
pub fn parse(bytes: &[u8]) {
    let begun = Instant::now();
    match decode(FileId(0), bytes) {
        Ok(text) => drop(checked(text)),
        Err(found) => {
            assert_eq!(found.code.0, "G0109");
            let at = found.primary.span.start as usize;
            assert!(std::str::from_utf8(&bytes[..at]).is_ok(), "the place is past the first wrong byte");
        }
    }
    // Far above what it takes, so that a busy host does not fail the test; far below what is not linear.
    let allowed = Duration::from_secs(2) + Duration::from_micros(20 * bytes.len() as u64);
    assert!(begun.elapsed() < allowed, "{:?} for {} bytes", begun.elapsed(), bytes.len());
}

/// Parses, and checks what holds for every text.
pub(crate) fn checked(text: &str) -> Parsed {
    let parsed = codex_syntax::parse(FileId(0), text);
    assert!(parsed.diagnostics.len() <= 20, "{} errors", parsed.diagnostics.len());
    parsed.diagnostics.iter().for_each(|d| points_into(d, text));
    parsed
}

/// Every place of a message is in the text, between characters.
pub(crate) fn points_into(d: &Diagnostic, text: &str) {
    let spans = std::iter::once(d.primary.span).chain(d.secondary.iter().map(|l| l.span));
    for span in spans.chain(d.fixes.iter().flat_map(|f| &f.edits).map(|e| e.span)) {
        if span.file == FileId(0) {
            assert!(text.get(span.start as usize..span.end as usize).is_some(), "{span:?} of {d:?}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[should_panic(expected = "0:1..2")]
    fn a_place_inside_of_a_character_is_seen() {
        let mut found = codex_syntax::parse(FileId(0), "fn").diagnostics.swap_remove(0);
        (found.primary.span.start, found.primary.span.end) = (1, 2);
        points_into(&found, "é");
    }
}
