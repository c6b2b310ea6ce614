//! The rules that are easy to get wrong: newlines, words that are keywords in places, texts, numbers
//! and precedence. Each test compares trees, so it says what is read, not how.

use codex_diagnostics::FileId;
use codex_syntax::ast::{ExprKind, ItemKind, StmtKind, TextPart};
use codex_syntax::{Parsed, parse};

fn good(text: &str) -> Parsed {
    let parsed = parse(FileId(0), text);
    assert!(parsed.diagnostics.is_empty(), "{:?} in\n{text}", parsed.diagnostics[0]);
    parsed
}

/// The tree without places.
fn tree(text: &str) -> String {
    let shown = format!("{:?}", good(text).module);
    let mut out = String::new();
    let mut rest = shown.as_str();
    while let Some(at) = rest.find(" 0:") {
        out.push_str(&rest[..at]);
        rest = rest[at + 3..].trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
    }
    out + rest
}

fn body(lines: &str) -> String {
    format!("fn main() {{\n{lines}\n}}\n")
}

fn same(a: &str, b: &str) {
    assert_eq!(tree(&body(a)), tree(&body(b)), "{a}\nis not\n{b}");
}

fn statements(lines: &str) -> usize {
    let module = good(&body(lines)).module;
    let ItemKind::Function(f) = &module.items[0].kind else { panic!("a function") };
    let ExprKind::Block(block) = &*f.body.kind else { panic!("a block") };
    block.stmts.len()
}

#[test]
fn a_sign_at_the_start_of_a_line_begins_a_statement_or_goes_on() {
    assert_eq!(statements("a\n-b"), 2);
    assert_eq!(statements("a\n(b)"), 2);
    assert_eq!(statements("a\n[b]"), 2);
    assert_eq!(statements("a\n¬b"), 2);
    assert_eq!(statements("a\n▷ b"), 1);
    assert_eq!(statements("a\n.b"), 1);
    assert_eq!(statements("a\n+ b\n× c"), 1);
    assert_eq!(statements("a +\nb"), 1);
    assert_eq!(statements("f(a,\nb\n)"), 1);
    assert_eq!(statements("if a { b }\nelse { c }"), 1);
    assert_eq!(statements("a; b;; c;"), 3);
    assert_eq!(statements("return\na"), 2);
    assert_eq!(statements("let x =\n1"), 1);
}

#[test]
fn operators_bind_as_the_table_says() {
    same("a + b × c ^ d ^ e", "a + (b × (c ^ (d ^ e)))");
    same("-a ^ b", "-(a ^ b)");
    same("-a × b", "(-a) × b");
    same("¬a ≡ b ∧ c ∨ d", "((¬(a ≡ b)) ∧ c) ∨ d");
    same("a ++ b ++ c", "a ++ (b ++ c)");
    same("a + 1..b ++ c", "(a + 1)..(b ++ c)");
    same("a ▷ f ▷ g", "(a ▷ f) ▷ g");
    same("x ∈ a..b", "x ∈ (a..b)");
    same("a - b - c", "(a - b) - c");
    same("c ⇒ A(1 + 2)", "(c) ⇒ (A(1 + 2))");
    same("c ⇔ A() + 1", "(c ⇔ A()) + 1");
    same("⊞ C(0) ⇔ A()", "(⊞ C(0)) ⇔ A()");
    same("⊢ a ▷ f", "⊢ (a ▷ f)");
}

#[test]
fn both_spellings_are_one_program() {
    same("a ∧ ¬b ∨ c ≠ d", "a and not b or c != d");
    same("xs ▷ f(λ x → x × 2)", "xs |> f(\\x -> x * 2)");
    same("x ≔ 1 ÷ 2", "x := 1 / 2");
    same("for x ∈ xs { y ×= 2 }", "for x in xs { y *= 2 }");
    same("let t = ⟦ $x ⟧", "let t = [| $x |]");
    same("⇉ 1..=8\n⊢ ok\n◈ \"x\"\n⊙ first { 1 }", "branch 1..=8\nrequire ok\nsave \"x\"\ncollapse first { 1 }");
    same("x ∉ xs", "x !in xs");
}

#[test]
fn words_are_names_where_no_item_or_operator_begins() {
    good(
        "import test\nimport container\n\nfn main() {\n  test.forall(1)\n  container.exit(self)\n  option.or(a, b)\n}",
    );
    good("fn or(a: Int) → Int = a\nfn save(type: Int) → Int = 1\nfn test() { }");
    good(&body(
        "let save = 1\nlet rules = save + 1\nlet on = [rules, save]\non[0]\nsave(1)\nbranch(1, 2)\nx ▷ expect(1)",
    ));
    good(&body("f(in: 1, type: 2, as: 3)\nx.type.match"));
    assert_eq!(statements("save\n- 1"), 2);
    same("branch - 1", "(branch) - (1)");
    same("branch -1", "⇉ -1");
    same("expect(a ≡ b)", "expect a ≡ b");
}

fn text(literal: &str) -> String {
    let module = good(&format!("let t = {literal}\n")).module;
    let ItemKind::Const(c) = &module.items[0].kind else { panic!("a constant") };
    let ExprKind::Text(parts) = &*c.value.kind else { panic!("a text") };
    parts
        .iter()
        .map(|p| match p {
            TextPart::Chars(c) => c.clone(),
            TextPart::Expr(_) => "‹›".to_owned(),
        })
        .collect()
}

#[test]
fn texts_have_the_value_that_is_written() {
    assert_eq!(text(r#""a\n\t\\\"\{\}\u{1F34E}b""#), "a\n\t\\\"{}🍎b");
    assert_eq!(text(r#""""#), "");
    assert_eq!(text(r#"r"a\n{x}""#), "a\\n{x}");
    assert_eq!(text(r#""a{x}b{"c{y}" ++ z}""#), "a‹›b‹›");
    assert_eq!(text("\"\"\"\n    a\n      b\n\n    c\n    \"\"\""), "a\n  b\n\nc");
    assert_eq!(text("\"\"\"\n  a {x}\n    b\n  \"\"\""), "a ‹›\n  b");
    assert_eq!(text("\"\"\"\n  \"\"\""), "");
    assert_eq!(text("\"\"\"\r\n  a\r\n  b\r\n  \"\"\""), "a\nb");
    assert_eq!(text("r\"\"\"\n  {\"a\": \"\\n\"}\n  \"\"\""), "{\"a\": \"\\n\"}");
}

#[test]
fn the_least_int_can_be_written() {
    let module = good("let least = -9223372036854775808\n").module;
    let ItemKind::Const(c) = &module.items[0].kind else { panic!("a constant") };
    assert!(matches!(*c.value.kind, ExprKind::Int(i64::MIN)));
    assert!(!parse(FileId(0), "let x = 1 - 9223372036854775808\n").diagnostics.is_empty());
}

#[test]
fn names_are_compared_in_nfc() {
    same("let ä = 1\nä", "let a\u{308} = 1\nä");
    good(&body("let 🍎 = 1\nlet größe = 🍎\nlet xλ = λ x → x\nlet y = λy → y"));
}

#[test]
fn recovery_keeps_what_is_right() {
    let parsed =
        parse(FileId(0), "fn a() { 1 }\n\nfn b() {\n  let x = = 2\n  let y = 3\n}\n\nfn c( → { }\n\nfn d() { 4 }\n");
    let functions = parsed.module.items.iter().filter(|i| matches!(i.kind, ItemKind::Function(_))).count();
    assert!(functions >= 3, "{:?}", parsed.module.items);
    let ItemKind::Function(b) = &parsed.module.items[1].kind else { panic!("b is lost") };
    let ExprKind::Block(block) = &*b.body.kind else { panic!("a block") };
    assert!(matches!(block.stmts[0].kind, StmtKind::Error));
    assert!(matches!(block.stmts[1].kind, StmtKind::Let { .. }));
}
