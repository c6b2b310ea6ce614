//! What the whole compiler keeps true: its threads do not show, and small programs stay small.

use std::fmt::Write;
use std::num::NonZeroUsize;

use codex_tests::root;
use codexc::driver::{Options, Outcome, build, build_text};

fn with_jobs(threads: usize) -> Options {
    Options { jobs: NonZeroUsize::new(threads).expect("not zero").into(), ..Options::default() }
}

fn bytes(outcome: &Outcome) -> Vec<u8> {
    assert!(!outcome.failed(), "{:?}", outcome.diagnostics);
    codex_spec::codec::encode(outcome.module.as_ref().expect("a module"))
}

/// A program of a thousand functions, so that every pass has work for several threads: loops, lists, records, λs, texts,
/// and calls in both directions.
fn large_program() -> String {
    let mut text = String::from("type Point { x: Int, y: Int }\n");
    for n in 0..1000 {
        let other = (n + 1) % 1000;
        let _ = write!(
            text,
            "fn work_{n}(depth: Int) → Int {{
  var points = [Point(x: depth, y: {n})]
  var total = 0
  for i in 0..depth {{
    points ≔ points ++ [Point(x: i, y: total)]
    total ≔ total + (points ▷ list.map(λ p → p.x × {n} + p.y) ▷ list.sum)
  }}
  let shown = \"{{total}}: {{list.length(points)}}\"
  if depth > 0 {{ work_{other}(depth - 1) + text.length(shown) }} else {{ total }}
}}\n"
        );
    }
    text + "fn main() { print(work_0(3)) }\n"
}

#[test]
fn the_module_is_the_same_for_any_number_of_threads() {
    let text = large_program();
    let alone = bytes(&build_text("large.glyph", &text, &with_jobs(1)));
    assert!(alone.len() > 100_000, "the program is large enough to be shared out: {} bytes", alone.len());
    for threads in [2, 3, 8] {
        let outcome = build_text("large.glyph", &text, &with_jobs(threads));
        assert!(bytes(&outcome) == alone, "{threads} threads");
    }
}

#[test]
fn messages_are_the_same_for_any_number_of_threads() {
    let text = large_program().replace("{ total }", "{ totle }");
    let alone = build_text("large.glyph", &text, &with_jobs(1)).diagnostics;
    assert!(!alone.is_empty());
    assert_eq!(build_text("large.glyph", &text, &with_jobs(8)).diagnostics, alone);
}

#[test]
fn the_first_program_is_under_two_kibibytes() {
    let hello = root().join("benches/peers/programs/hello/hello.glyph");
    let size = bytes(&build(&hello, &Options::default())).len();
    assert!(size < 2048, "{size} bytes");
}
