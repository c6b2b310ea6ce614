//! Whatever the input: no panic, an answer soon, and errors near what is wrong. Every run is the
//! same: the changes come from a seeded generator.

mod common;

use std::time::{Duration, Instant};

use codex_diagnostics::FileId;
use codex_syntax::{Parsed, Spelling, decode, format, parse, tokens};
use common::{Random, good_programs};

/// Parses, and checks what holds for every input.
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

#[test]
fn any_characters() {
    let alphabet: Vec<char> =
        "abAZ019_ \t\n\r(){}[]⟦⟧\"\\'`.,:;|@?$#&!=<>+-*/%^~λ→≔≡∈¬∧▷⊞⇒⇔↦⇉⊢⊙◈×÷🍎é漢\u{202E}\u{200B}\u{FEFF}\0“”−"
            .chars()
            .collect();
    let mut random = Random(1);
    for _ in 0..3000 {
        let length = random.below(60);
        let text: String = (0..length).map(|_| alphabet[random.below(alphabet.len())]).collect();
        parsed(&text);
        let _ = format(&text, Spelling::Ascii);
    }
}

#[test]
fn any_words() {
    let words: Vec<&str> = "fn let var type pub import container on rules test if else match for while loop break continue return \
        expect true false in not and or spawn branch require collapse save null x Foo 1 2.5 \"t\" \"a{ }\" ( ) { } [ ] [| |] , ; : . .. ..= \
        = := += -> => <=> |> ~> == != < > + - * / ++ ? | @ $ _ \\ \n \n \n /// //// // r\" \"\"\""
        .split(' ')
        .collect();
    let mut random = Random(2);
    for _ in 0..6000 {
        let text: Vec<&str> = (0..random.below(40)).map(|_| words[random.below(words.len())]).collect();
        let text = text.join(" ");
        if parsed(&text).diagnostics.is_empty() {
            let once = format(&text, Spelling::Glyph).unwrap();
            assert_eq!(format(&once, Spelling::Glyph).unwrap(), once, "from {text:?}");
        }
    }
}

#[test]
fn any_bytes() {
    let mut random = Random(3);
    for _ in 0..2000 {
        let bytes: Vec<u8> = (0..random.below(50)).map(|_| random.next() as u8).collect();
        match decode(FileId(0), &bytes) {
            Ok(text) => drop(parsed(text)),
            Err(d) => assert_eq!(d.code.0, "G0109"),
        }
    }
    assert_eq!(decode(FileId(0), b"ab\xFFc").unwrap_err().primary.span.start, 2);
}

/// One token of a good program taken away, doubled, or put elsewhere.
fn mutated(program: &str, random: &mut Random) -> (String, usize) {
    let all = tokens(FileId(0), program);
    let span = |i: usize| all[i].span.start as usize..all[i].span.end as usize;
    let which = random.below(all.len());
    let mut text = program.to_owned();
    let at = span(which);
    match random.below(4) {
        0 => text.replace_range(at.clone(), ""),
        1 => text.insert_str(at.end, &format!(" {}", &program[at.clone()])),
        2 => text.replace_range(at.clone(), &program[span(random.below(all.len()))]),
        _ => text.insert_str(at.start, &format!("{} ", &program[span(random.below(all.len()))])),
    }
    let line = program[..at.start].matches('\n').count();
    (text, line)
}

#[test]
fn programs_with_one_wrong_token() {
    let programs = good_programs();
    let mut random = Random(4);
    let (mut wrong, mut few, mut near) = (0, 0, 0);
    for _ in 0..3000 {
        let (_, program) = &programs[random.below(programs.len().min(8))];
        let (text, line) = mutated(program, &mut random);
        let begun = Instant::now();
        let found = parsed(&text).diagnostics;
        assert!(begun.elapsed() < Duration::from_secs(1), "{text}");
        if found.is_empty() {
            continue;
        }
        wrong += 1;
        few += usize::from(found.len() <= 3);
        let lines = found.iter().map(|d| text[..d.primary.span.start as usize].matches('\n').count());
        near += usize::from(lines.into_iter().any(|l| l.abs_diff(line) <= 1));
    }
    println!("{wrong} mutants with errors, {few} with at most three, {near} with one nearby");
    assert!(wrong > 1000);
    assert!(few * 100 >= wrong * 95, "{few} of {wrong}");
    assert!(near * 100 >= wrong * 80, "{near} of {wrong}");
}

#[test]
fn the_checks_see_a_wrong_place() {
    // A positive control: the check for spans is one that can fail.
    let text = "é";
    assert!(!text.is_char_boundary(1));
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
