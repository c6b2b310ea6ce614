//! Prints how many lines a second the lexer and parser take on a generated, varied source:
//! `cargo run --release --example speed`.

use std::fmt::Write;
use std::time::Instant;

use codex_diagnostics::FileId;

/// A source of about `lines` lines that looks like what people write.
fn source(lines: usize) -> String {
    let mut out = String::from("//// Generated.\n\nimport geometry.shape\n\n");
    let mut n = 0;
    while out.bytes().filter(|&b| b == b'\n').count() < lines {
        for _ in 0..50 {
            n += 1;
            let _ = write!(
                out,
                r#"/// Number {n} of its kind.
type Shape{n} {{
  Circle{n}(radius: Float)
  Square{n}(side: Float, name: Text)
}}

pub fn area{n}(shape: Shape{n}, scale: Int) → Float {{
  match shape {{
    Circle{n}(radius: r) → r × r × 3.14159 // roughly
    Square{n}(side: s, ..) if s > {n}.0 → s ^ 2.0
    _ → 0.0
  }}
}}

fn largest{n}(xs: List[Int], limit: Int) → Option[Int] {{
  var best = 0
  for x ∈ xs {{
    if x > best ∧ x ≤ limit {{
      best ≔ x
    }} else if x ≡ {n} {{
      best += list.length(xs) - 1
    }} else {{
      break
    }}
  }}

  let squares = xs ▷ list.map(λ x → x × x + {n}) ▷ list.filter(λ x → x % 2 ≡ 0)
  print("the best of {{list.length(squares)}} is {{best}}")
  if best ≡ 0 {{ None }} else {{ Some(best) }}
}}

test "largest {n}" {{
  expect largest{n}([1, 2, {n}], 1_000) ≡ Some({n})
  expect area{n}(Circle{n}(radius: 1.0), 1) > 3.0
}}

"#
            );
        }
    }
    out
}

fn main() {
    let text = source(100_000);
    let lines = text.bytes().filter(|&b| b == b'\n').count();
    let mut best = f64::INFINITY;
    let mut lexing = f64::INFINITY;
    for _ in 0..7 {
        let start = Instant::now();
        let tokens = codex_syntax::tokens(FileId(0), &text);
        lexing = lexing.min(start.elapsed().as_secs_f64());
        let start = Instant::now();
        let parsed = codex_syntax::parse(FileId(0), &text);
        best = best.min(start.elapsed().as_secs_f64());
        assert!(parsed.diagnostics.is_empty(), "{:?}", parsed.diagnostics[0]);
        std::hint::black_box((tokens.len(), parsed));
    }
    let tokens = codex_syntax::tokens(FileId(0), &text).len();
    println!("{lines} lines, {tokens} tokens, {} bytes", text.len());
    println!("lexing            {:>9.0} lines/s", lines as f64 / lexing);
    println!("lexing + parsing  {:>9.0} lines/s, {:.2} M tokens/s", lines as f64 / best, tokens as f64 / best / 1e6);
}
