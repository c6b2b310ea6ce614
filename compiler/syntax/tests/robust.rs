//! Deep, long and large sources: an answer soon, with one error that says what is too much. Random and changed sources are
//! in the fuzz targets (`fuzz/`).

use std::time::{Duration, Instant};

use codex_diagnostics::FileId;
use codex_syntax::{Parsed, parse};

/// Parses, and checks the places of the messages.
fn parsed(text: &str) -> Parsed {
    let parsed = parse(FileId(0), text);
    assert!(parsed.diagnostics.len() <= 20);
    for d in &parsed.diagnostics {
        let spans = std::iter::once(d.primary.span).chain(d.secondary.iter().map(|l| l.span));
        for span in spans.chain(d.fixes.iter().flat_map(|f| &f.edits).map(|e| e.span)) {
            assert!(span.start <= span.end && span.end as usize <= text.len(), "{d:?} in {text:?}");
            assert!(text.is_char_boundary(span.start as usize) && text.is_char_boundary(span.end as usize));
        }
    }
    parsed
}

fn only_code(text: &str, code: &str) {
    let begun = Instant::now();
    let codes: Vec<&str> = parsed(text).diagnostics.iter().map(|d| d.code.0).collect();
    assert_eq!(codes, [code]);
    assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
}

fn in_main(expression: &str) -> String {
    format!("fn main() {{\n  let x = {expression}\n}}\n")
}

#[test]
fn nesting_is_limited_and_allowed_up_to_the_limit() {
    // The function's braces are one level.
    let nested = |n: usize| in_main(&format!("{}1{}", "(".repeat(n), ")".repeat(n)));
    assert!(parsed(&nested(255)).diagnostics.is_empty());
    only_code(&nested(256), "G0204");
    only_code(&nested(1_000_000), "G0204");
    only_code(&in_main(&"(".repeat(1_000_000)), "G0204");
    only_code(&in_main(&"[".repeat(100_000)), "G0204");
    only_code(&"{".repeat(100_000), "G0204");
}

#[test]
fn height_is_limited_and_allowed_up_to_the_limit() {
    let sum = |n: usize| in_main(&vec!["1"; n].join(" + "));
    assert!(parsed(&sum(900)).diagnostics.is_empty());
    only_code(&sum(1100), "G0204");
    only_code(&sum(1_000_000), "G0204");
    for chain in ["f()", "- - ", "¬¬", "λ x → ", "x ^ ", "x ++ ", "x.y.", "x?? + ", "return ", "if a { } else ", "⊢ "]
    {
        let text = in_main(&format!("{}1", chain.repeat(100_000)));
        let found = parsed(&text).diagnostics;
        assert_eq!(found.first().map(|d| d.code.0), Some("G0204"), "{chain}");
    }
    let types = format!("fn f(x: {}Int) {{ }}", "fn() → ".repeat(100_000));
    only_code(&types, "G0204");
}

#[test]
fn long_and_flat_is_fine() {
    let list = in_main(&format!("[{}]", vec!["1"; 300_000].join(", ")));
    assert!(parsed(&list).diagnostics.is_empty());
    let lines = format!("fn main() {{\n{}}}\n", "  print(1)\n".repeat(100_000));
    assert!(parsed(&lines).diagnostics.is_empty());
    let text = in_main(&format!("\"{}\"", "a{x}".repeat(100_000)));
    assert!(parsed(&text).diagnostics.is_empty());
    let line = format!("// {}\nfn main() {{ }}\n", "long ".repeat(2_000_000));
    assert!(parsed(&line).diagnostics.is_empty());
}

#[test]
fn many_mistakes_are_found_soon() {
    let begun = Instant::now();
    for piece in [
        "§", ")", "]", "\"{", "}", "'", "x y ", "let ", "fn ", "\\", "= ", "\n)", "\n/// x", "\u{202E}", "a < ", "`",
        "/*",
    ] {
        parsed(&piece.repeat(100_000));
        parsed(&in_main(&piece.repeat(20_000)));
    }
    assert!(begun.elapsed() < Duration::from_secs(120), "{:?}", begun.elapsed());
}

#[test]
fn texts_in_texts_are_limited() {
    let nested = |n: usize| in_main(&format!("{}x{}", "\"{".repeat(n), "}\"".repeat(n)));
    assert!(parsed(&nested(30)).diagnostics.is_empty());
    only_code(&nested(40), "G0204");
}
