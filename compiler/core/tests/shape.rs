//! What the builder writes for loops, conditions and matches: shapes that later passes and the machine rely on.

mod common;

use common::core;

/// The text of one function.
fn function(text: &str, name: &str) -> String {
    let program = core(text);
    let func = program.functions.iter().find(|f| f.name == name).expect("the function is there");
    codex_core::print::function(&program, func)
}

#[test]
fn a_for_loop_is_counted() {
    let shown = function(
        "fn f(n: Int) → Int {\n  var s = 0\n  for i ∈ 0..n { s += i }\n  s\n}\nfn main() { print(f(3)) }",
        "f",
    );
    let expected = "fn f(v0: Int) → Int {
b0:
  v1 = const 0
  v2 = const 0
  jump_le_imm v0 0 → b2(v1), b1(v2, v1)
b1(v3: Int, v4: Int):
  v5 = add v4, v3
  loop v3, v0 → b1(v5), b2(v5)
b2(v8: Int):
  return v8
}
";
    let renamed = |text: &str| -> Vec<String> {
        text.lines().map(|l| l.split_whitespace().next().unwrap_or("").to_string()).collect()
    };
    assert_eq!(renamed(&shown).len(), renamed(expected).len(), "{shown}");
    assert!(shown.contains("jump_le_imm v0 0 → b2(v1), b1(v2, v1)"), "{shown}");
    assert!(shown.contains("loop v3, v0 → b1(v5), b2(v5)"), "{shown}");
}

#[test]
fn a_while_loop_has_one_jump_a_turn() {
    let shown =
        function("fn f(n: Int) → Int {\n  var i = 0\n  while i < n { i += 2 }\n  i\n}\nfn main() { print(f(3)) }", "f");
    assert_eq!(shown.matches("jump_lt").count(), 2, "{shown}");
    assert!(!shown.contains("  jump b"), "{shown}");
    assert!(shown.contains("add_imm 2"), "{shown}");
}

#[test]
fn a_nested_place_is_taken_out_changed_and_put_back() {
    let shown = function(
        "fn f(g: List[List[Int]]) → List[List[Int]] {\n  var x = g\n  x[0][1] ≔ 5\n  x\n}\nfn main() { print(f([[1, 2]])) }",
        "f",
    );
    let order: Vec<usize> =
        ["list_take_ref", "list_set", "list_put_ref"].iter().map(|op| shown.find(op).expect("it is there")).collect();
    assert!(order.is_sorted(), "{shown}");
}

#[test]
fn dense_matches_switch_and_variants_switch_by_tag() {
    let text = "type S { A, B(Int), C(Int, Int) }\nfn f(n: Int) → Int { match n { 0 → 5; 1 → 6; 2 → 7; 3 → 8; _ → 9 } }\n\
                fn g(s: S) → Int { match s { A → 0; B(x) → x; C(x, y) → x + y } }\nfn main() { print(f(1) + g(A) + g(B(1)) + g(C(1, 2))) }";
    assert!(function(text, "f").contains("switch v0 → [b1, b2, b3, b4], b5"), "{}", function(text, "f"));
    assert!(function(text, "g").contains("switch_tag v0 → [b1, b2, b3]"), "{}", function(text, "g"));
}

#[test]
fn conditions_are_fused_with_their_jump() {
    let text =
        "fn f(a: Int, b: Float) → Bool = if a ≥ 3 ∧ ¬(b < 1.0) { true } else { false }\nfn main() { print(f(1, 2.0)) }";
    let shown = function(text, "f");
    assert!(shown.contains("jump_lt_imm v0 3") && shown.contains("jump_flt"), "{shown}");
    assert!(!shown.contains("jump_if"), "{shown}");
}

#[test]
fn the_last_call_is_in_tail_position() {
    let text = "fn f(n: Int, acc: Int) → Int {\n  match n {\n    0 → acc\n    _ → if n < 0 { 0 } else { f(n - 1, acc + n) }\n  }\n}\nfn main() { print(f(3, 0)) }";
    let shown = function(text, "f");
    let call = shown.lines().position(|l| l.contains("call @")).expect("a call");
    assert!(shown.lines().nth(call + 1).is_some_and(|l| l.trim().starts_with("return")), "{shown}");
}

#[test]
fn instances_that_came_out_the_same_are_one_function() {
    let text = "fn first(a: x, b: y) → Int = 1\nfn main() { print(first(1, true) + first(true, 1) + first(1, 1.0)) }";
    let program = core(text);
    assert_eq!(program.functions.iter().filter(|f| f.name == "first").count(), 2, "Int and Bool are both words");
}

#[test]
fn functions_that_read_the_same_keep_their_names() {
    let text = "fn a(x: Int) → Int = x + 1\nfn b(x: Int) → Int = x + 1\nfn main() { print(a(1) + b(1)) }";
    let program = core(text);
    assert!(["a", "b"].iter().all(|n| program.functions.iter().any(|f| f.name == *n)));
}

#[test]
fn building_is_repeatable() {
    let text = "fn main() { print([1: \"a\"]); print(list.map([1], λ x → Some(x))) }";
    assert_eq!(codex_core::print::program(&core(text)), codex_core::print::program(&core(text)));
}
