//! Mistakes and what is said about them: code, place, headline, label.

mod common;

use common::{run, run_modules};

/// The only message of a `main` with this body.
fn one(body: &str) -> String {
    let run = run(&format!("fn main() {{\n{body}\n}}\n"));
    let lines = run.lines();
    assert_eq!(lines.len(), 1, "{body}\n{lines:#?}");
    lines.into_iter().next().unwrap_or_default()
}

#[test]
#[ignore = "prints the messages for reading"]
fn show_all() {
    for body in [
        "let x: Int = 1.5\nprint(x)",
        "let x: Float = 1\nprint(x)",
        "let p = if true { 90 } else { \"full\" }\nprint(p)",
        "let xs = [1, \"a\"]\nprint(xs)",
        "print(1 + 2.0)",
        "print([1].map(λ x → x))",
        "print(list.map([1, 2], λ x y → x))",
        "print(list.map(λ x → x, [1]))",
        "print(list.fold([1], 0))",
        "print((λ x → x) ≡ (λ x → x))",
        "let f = λ x → x + 1\nprint(f)",
        "let n = int.parse(\"4\")\nprint(n + 1)",
        "let o: Option[Int] = 3\nprint(o)",
        "if 1 { print(2) }",
        "match Some(3) { Some(1) → print(1) }",
        "match (true, [1]) { (true, []) → print(1)\n (false, [_, ..]) → print(2) }",
        "match 5 { 0..=9 → print(1)\n 20 → print(2) }",
        "let t = \"abc\"\nfor c ∈ t { print(c) }",
        "for i ∈ 10 { print(i) }",
        "print(lst.map([1], λ x → x))",
        "prin(1)",
        "print(Som(1))",
        "let x = String\nprint(x)",
        "var x = 1\nx ≔ \"a\"\nprint(x)",
        "x ≔ 1",
        "var xs = [1]\nlist.push(xs, 2)\nprint(xs)",
        "var n = 0\nlist.each([1], λ x → { n += x })\nprint(n)",
        "print(\"a\" + \"b\")",
        "print(-\"a\")",
        "let (a, b, c) = (1, 2)\nprint(a + b + c)",
        "return 5",
        "let x = { let y = 1 }\nprint(x + 1)",
        "print(map.get([\"a\": 1], 2))",
        "let m = [\"a\": 1]\nprint(m[0])",
        "print([1, 2][\"a\"])",
        "print(max(1, 2.0))",
        "print(todo() + 1)",
        "let n = 3\nn()",
        "print(text.length(5))",
        "let x = None\nprint(x.y)",
        "print(Some(1)?)",
        "print(list.sort([λ x → x]))",
        "let r = 1..3\nprint(r.from)\nlet s = 2 ∈ r\nprint(s)",
        "print(3 ∈ 5)",
        "print(a.b.c)",
    ] {
        let run = run(&format!("fn main() {{\n{body}\n}}\n"));
        println!("--- {body}");
        for line in run.lines() {
            println!("    {line}");
        }
        if run.errors().is_empty() {
            for line in common::verify::verify(&run.checked.program) {
                println!("    UNSOUND {line}");
            }
        }
    }
}
