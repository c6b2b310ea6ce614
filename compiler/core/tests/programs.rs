//! Programs from source to what they print: the builder and the evaluator together. Every program is also checked.

mod common;

use codex_core::evaluate::End;
use codex_spec::trap::Trap;
use common::{printed, prints, run};

fn lines(expected: &[&str]) -> String {
    expected.iter().map(|l| format!("{l}\n")).collect()
}

// ── Arithmetic and conditions ────────────────────────────────────────────────

#[test]
fn arithmetic() {
    let text = "print(7 ÷ 2)\nprint(-7 ÷ 2)\nprint(-7 % 3)\nprint(7.5 % 2.0)\nprint(2 ^ 10)\nprint(2.0 ^ 3.0)\nprint(3 - 5 × 2)\nlet x = 4\nprint(-x)\nprint(x - 1)";
    assert_eq!(prints(text), lines(&["3", "-3", "-1", "1.5", "1024", "8.0", "-7", "-4", "3"]));
}

#[test]
fn comparisons_of_floats_with_nan_are_all_false_but_unequal() {
    let text = "let nan = 0.0 ÷ 0.0\nprint([nan < 1.0, nan ≤ 1.0, nan > 1.0, nan ≥ 1.0, nan ≡ nan, nan ≠ nan])\n\
                if ¬(nan < 1.0) { print(\"not less\") }\nif nan ≥ 1.0 { print(\"wrong\") } else { print(\"right\") }";
    assert_eq!(prints(text), lines(&["[false, false, false, false, false, true]", "not less", "right"]));
}

#[test]
fn conditions_compare_with_a_literal_on_either_side() {
    let program = "fn f(n: Int) → Text {
  var out = \"\"
  if n < 3 { out ≔ out ++ \"a\" }
  if 3 < n { out ≔ out ++ \"b\" }
  if n ≤ 3 { out ≔ out ++ \"c\" }
  if 3 ≤ n { out ≔ out ++ \"d\" }
  if n ≠ 3 { out ≔ out ++ \"e\" }
  if 3 ≡ n { out ≔ out ++ \"f\" }
  if n > 3 { out ≔ out ++ \"g\" }
  if 3 > n { out ≔ out ++ \"h\" }
  if 3 ≥ n { out ≔ out ++ \"i\" }
  out
}
fn main() { for n ∈ 2..5 { print(f(n)) } }";
    assert_eq!(printed(program), lines(&["acehi", "cdfi", "bdeg"]));
}

#[test]
fn and_and_or_do_not_look_at_the_right_side_without_need() {
    let program = "fn say(t: Text, b: Bool) → Bool { write(t); b }
fn main() {
  if say(\"a\", false) ∧ say(\"b\", true) { print(\"!\") }
  if say(\"c\", true) ∨ say(\"d\", true) { print(\"!\") }
  let x = say(\"e\", false) ∨ ¬say(\"f\", false)
  print(x)
  print((say(\"g\", true) ∧ say(\"h\", false)) ∨ say(\"i\", true))
}";
    assert_eq!(printed(program), "ac!\neftrue\nghitrue\n");
}

// ── Loops and variables ──────────────────────────────────────────────────────

#[test]
fn loops_with_break_and_continue() {
    let text = "var i = 0\nwhile i < 10 {\n  i += 1\n  if i % 2 ≡ 0 { continue }\n  if i > 7 { break }\n  write(\"{i} \")\n}\nprint(i)\n\
                var n = 0\nloop {\n  n += 1\n  if n < 3 { continue }\n  break\n}\nprint(n)\n\
                for k ∈ 0..10 {\n  if k ≡ 2 { continue }\n  if k ≡ 5 { break }\n  write(\"{k} \")\n}\nprint(\"\")";
    assert_eq!(prints(text), lines(&["1 3 5 7 9", "3", "0 1 3 4 "]));
}

#[test]
fn ranges_of_a_for_loop() {
    let text = "for i ∈ 3..3 { print(i) }\nfor i ∈ 3..=3 { print(i) }\nfor i ∈ 5..2 { print(i) }\nlet n = 2\nfor i ∈ 0..=n { write(i) }\nfor i ∈ n..4 { write(i) }\nprint(\"\")";
    assert_eq!(prints(text), lines(&["3", "01223"]));
}

#[test]
fn the_last_counter_outlives_its_loop() {
    let text = "var last = -1\nfor i ∈ 0..5 { last ≔ i }\nprint(last)\nvar before = 0\nvar now = 0\nfor i ∈ 0..4 { before ≔ now; now ≔ i }\nprint((before, now))";
    assert_eq!(prints(text), lines(&["4", "(2, 3)"]));
}

#[test]
fn a_loop_walks_the_list_as_it_was() {
    let text = "var xs = [1, 2]\nfor x ∈ xs { xs ≔ [..xs, x × 10] }\nprint(xs)";
    assert_eq!(prints(text), lines(&["[1, 2, 10, 20]"]));
}

#[test]
fn variables_assigned_in_branches_and_nested_loops() {
    let program = "fn collatz(start: Int) → Int {
  var n = start
  var steps = 0
  while n ≠ 1 {
    if n % 2 ≡ 0 { n ≔ n ÷ 2 } else { n ≔ 3 × n + 1 }
    steps += 1
  }
  steps
}
fn main() {
  var best = (0, 0)
  for i ∈ 1..30 {
    let s = collatz(i)
    let (_, most) = best
    if s > most { best ≔ (i, s) }
  }
  print(best)
}";
    assert_eq!(printed(program), lines(&["(27, 111)"]));
}

#[test]
fn a_large_condition_is_tested_at_the_head() {
    let text = "var i = 0\nwhile match i { 0 → true; 1 → true; _ → false } { i += 1 }\nprint(i)\nvar j = 0\nwhile { j += 1; j < 4 } { write(j) }\nprint(\"\")";
    assert_eq!(prints(text), lines(&["2", "123"]));
}

#[test]
fn return_leaves_the_function_from_anywhere() {
    let program = "fn find(xs: List[List[Int]], wanted: Int) → Option[Int] {
  for row ∈ xs {
    for x ∈ row {
      if x ≡ wanted { return Some(x × 2) }
    }
  }
  None
}
fn main() { print(find([[1], [2, 3]], 3)); print(find([], 1)) }";
    assert_eq!(printed(program), lines(&["Some(6)", "None"]));
}

// ── Places ───────────────────────────────────────────────────────────────────

#[test]
fn places_of_lists_records_and_maps() {
    let program = "type Point { x: Float, y: Float }
type Shape { at: Point, name: Text, tags: List[Text] }
fn main() {
  var grid = [[1, 2], [3, 4]]
  let before = grid
  grid[0][1] ≔ 20
  grid[1][0] += 5
  print((grid, before))
  var s = Shape(at: Point(1.0, 2.0), name: \"s\", tags: [\"a\"])
  let old = s
  s.at.x += 0.5
  s.name ≔ s.name ++ \"!\"
  s.tags[0] ≔ \"b\"
  print(s)
  print(old)
  var all = [s, old]
  all[1].at.y ≔ 9.0
  print(all[1].at)
  var m = [\"a\": [1], \"b\": [2]]
  m[\"a\"][0] += 41
  m[\"c\"] ≔ []
  print(m)
  var flags = [true, false]
  flags[1] ≔ true
  print(flags)
  var counts = [\"x\": 1]
  counts[\"x\"] += 1
  print(counts)
}";
    let expected = [
        "([[1, 20], [8, 4]], [[1, 2], [3, 4]])",
        "Shape(at: Point(x: 1.5, y: 2.0), name: \"s!\", tags: [\"b\"])",
        "Shape(at: Point(x: 1.0, y: 2.0), name: \"s\", tags: [\"a\"])",
        "Point(x: 1.0, y: 9.0)",
        "[\"a\": [42], \"b\": [2], \"c\": []]",
        "[true, true]",
        "[\"x\": 2]",
    ];
    assert_eq!(printed(program), lines(&expected));
}

#[test]
fn indices_then_the_right_side_then_the_write() {
    let program = "fn say(t: Text, n: Int) → Int { write(t); n }
fn main() {
  var xs = [[1, 2], [3, 4]]
  xs[say(\"a\", 0)][say(\"b\", 1)] ≔ say(\"c\", 9)
  xs[say(\"d\", 1)][0] += say(\"e\", xs[0][1])
  print(xs)
  xs[say(\"f\", 5)][0] ≔ say(\"g\", 1)
}";
    let outcome = run(program);
    assert_eq!(outcome.stdout(), "abcde[[1, 9], [12, 4]]\nfg");
    assert!(matches!(outcome.end, End::Trap(Trap::Bounds, _)));
}

#[test]
fn the_right_side_of_a_compound_assignment_may_change_the_variable() {
    let text = "var x = 1\nx += { x ≔ 10; 5 }\nprint(x)\nvar xs = [1, 2]\nxs[0] += { xs ≔ [7, 8, 9]; 5 }\nprint(xs)";
    assert_eq!(prints(text), lines(&["6", "[6, 8, 9]"]));
}

// ── Data and matches ─────────────────────────────────────────────────────────

const SHAPES: &str = "type Shape {
  Dot
  Circle(Float)
  Box(w: Float, h: Float)
}
type Color { Red, Green, Blue }
type Chain { End, Link(Int, Chain) }
";

fn with_shapes(rest: &str) -> String {
    printed(&format!("{SHAPES}{rest}"))
}

#[test]
fn matches_on_variants_with_guards() {
    let program = "fn area(s: Shape) → Float {
  match s {
    Dot → 0.0
    Circle(r) → r × r × 3.0
    Box(w, h) if w > 10.0 → -1.0
    Box(w, h) → w × h
  }
}
fn main() { print(list.map([Dot, Circle(1.0), Box(2.0, 3.0), Box(11.0, 1.0)], area)) }";
    assert_eq!(with_shapes(program), lines(&["[0.0, 3.0, 6.0, -1.0]"]));
}

#[test]
fn matches_on_numbers_ranges_and_texts() {
    let program = "fn a(n: Int) → Text {
  match n {
    0 → \"zero\"
    1 | 2 | 3 → \"few\"
    4..=9 → \"some\"
    100 → \"hundred\"
    -5..=-1 → \"below\"
    _ → \"many\"
  }
}
fn b(n: Int) → Int { match n { 3 → 30; 4 → 40; 5 → 50; 6 → 60; 7 → 70; -1 → 1; _ → 0 } }
fn c(t: Text) → Int { match t { \"a\" → 1; \"bb\" | \"b\" → 2; _ → 3 } }
fn d(x: Float) → Int { match x { 0.0 → 0; 1.5 → 1; _ → 2 } }
fn main() {
  print(list.map([0, 1, 2, 3, 4, 9, 10, 100, -1, -5, -6], a))
  print(list.map([-2, -1, 0, 2, 3, 4, 5, 6, 7, 8], b))
  print(list.map([\"a\", \"b\", \"bb\", \"\"], c))
  print(list.map([0.0, -0.0, 1.5, 0.0 ÷ 0.0], d))
}";
    let expected = [
        "[\"zero\", \"few\", \"few\", \"few\", \"some\", \"some\", \"many\", \"hundred\", \"below\", \"below\", \"many\"]",
        "[0, 1, 0, 0, 30, 40, 50, 60, 70, 0]",
        "[1, 2, 2, 3]",
        "[0, 0, 1, 2]",
    ];
    assert_eq!(printed(program), lines(&expected));
}

#[test]
fn matches_on_lists() {
    let program = "fn f(xs: List[Int]) → Text {
  match xs {
    [] → \"none\"
    [x] → \"one {x}\"
    [a, b] → \"two {a} {b}\"
    [first, .., last] if first ≡ last → \"same {first}\"
    [1, ..rest, 2] → \"rest {rest}\"
    [first, ..rest] → \"first {first} rest {rest}\"
  }
}
fn main() { for xs ∈ [[], [1], [1, 2], [3, 4, 3], [1, 7, 8, 2], [1, 2, 3]] { print(f(xs)) } }";
    assert_eq!(printed(program), lines(&["none", "one 1", "two 1 2", "same 3", "rest [7, 8]", "first 1 rest [2, 3]"]));
}

#[test]
fn matches_on_several_values_with_alternatives_that_bind() {
    let program = "fn f(p: (Bool, Color)) → Int {
  match p {
    (true, Red) → 1
    (false, Red | Green) → 2
    (_, Blue) → 3
    (true, Green) → 4
  }
}
fn g(a: Option[Int], b: Option[Int]) → Int {
  match (a, b) {
    (Some(x), None) | (None, Some(x)) → x
    (Some(x), Some(y)) if x ≡ y → 0
    (Some(x), Some(y)) → x + y
    (None, None) → -1
  }
}
fn h(p: (Int, Int)) → Int { match p { (x, 0) | (0, x) if x > 3 → x; _ → -1 } }
fn main() {
  print([f((true, Red)), f((false, Red)), f((false, Green)), f((true, Blue)), f((false, Blue)), f((true, Green))])
  print([g(Some(1), None), g(None, Some(2)), g(Some(3), Some(3)), g(Some(3), Some(4)), g(None, None)])
  print([h((5, 0)), h((0, 5)), h((0, 0)), h((1, 0)), h((5, 5))])
}";
    assert_eq!(with_shapes(program), lines(&["[1, 2, 2, 3, 3, 4]", "[1, 2, 0, 7, -1]", "[5, 5, -1, -1, -1]"]));
}

#[test]
fn nested_patterns_names_and_records() {
    let program = "type Expr { Num(Int), Add(Expr, Expr), Neg(Expr) }
fn simple(e: Expr) → Expr {
  match e {
    Add(Num(0), x) | Add(x, Num(0)) → simple(x)
    Neg(Neg(x)) → simple(x)
    whole @ Num(n) if n < 0 → whole
    Add(a, b) → Add(simple(a), simple(b))
    other → other
  }
}
type Pair { left: Int, right: Int }
fn main() {
  print(simple(Add(Num(0), Neg(Neg(Num(3))))))
  print(simple(Add(Num(-1), Add(Num(2), Num(0)))))
  let Pair(left:, right:) = Pair(left: 1, right: 2)
  print(left + right)
  let (a, (b, _)) = (1, (2, 3))
  print(a + b)
}";
    assert_eq!(printed(program), lines(&["Num(3)", "Add(Num(-1), Num(2))", "3", "3"]));
}

#[test]
fn variables_changed_in_arms_and_guards() {
    let text = "var n = 0\nfor x ∈ [Some(1), None, Some(5)] {\n  match x {\n    Some(k) if k > 3 → { n += 100 }\n    Some(k) → { n += k }\n    None → { n += 10 }\n  }\n}\nprint(n)";
    assert_eq!(prints(text), lines(&["111"]));
}

// ── Function values and constants ────────────────────────────────────────────

#[test]
fn function_values() {
    let program = "fn twice(f: fn(Int) → Int) → fn(Int) → Int = λ x → f(f(x))
fn double(x: Int) → Int = x × 2
type Op { Op(name: Text, run: fn(Int, Int) → Int) }
fn main() {
  let k = 10
  let add = λ x → x + k
  print(twice(twice(add))(1))
  print(twice(double)(3))
  print(list.map([1, 2], Some))
  let ops = [Op(\"+\", λ a b → a + b), Op(\"×\", λ a b → a × b)]
  for op ∈ ops {
    let Op(name:, run:) = op
    print(\"{name} {run(6, 7)}\")
  }
  let nested = λ a → λ b → λ c → (a, b, c, k)
  print(nested(1)(\"x\")(true))
}";
    assert_eq!(printed(program), lines(&["41", "12", "[Some(1), Some(2)]", "+ 13", "× 42", "(1, \"x\", true, 10)"]));
}

#[test]
fn constants_are_computed_once() {
    let program = "let base = { write(\"once \"); 20 }
let table = [base, base + 1]
fn main() { print(table); print(table[1] + base) }";
    assert_eq!(printed(program), lines(&["once [20, 21]", "41"]));
}

#[test]
fn fields_are_evaluated_as_written_and_kept_as_declared() {
    let program = "type Point { x: Int, y: Int, z: Int }
fn say(n: Int) → Int { write(n); n }
fn main() {
  let p = Point(z: say(3), x: say(1), y: say(2))
  print(p)
  print(Point(..p, y: say(7)))
  print(p)
}";
    assert_eq!(printed(program), "312Point(x: 1, y: 2, z: 3)\n7Point(x: 1, y: 7, z: 3)\nPoint(x: 1, y: 2, z: 3)\n");
}

// ── Structural operations ────────────────────────────────────────────────────

#[test]
fn texts_of_values() {
    let program = "type Empty { Empty }
fn main() {
  print((1, -2, 3.0, true, \"q\\\"\", (), [1.5], Empty))
  print([Dot, Circle(1.5), Box(w: 1.0, h: 2.0)])
  print([\"a\": 1])
  let none: Map[Text, Int] = [:]
  print(none)
  print(set.from_list([2, 1, 2]))
  print(Some(Some(\"x\")))
  print(\"plain\")
  print(bytes.from_list([1, 255]))
  print([Red, Blue])
  print([[], [()]])
}";
    let shown = with_shapes(program);
    let expected = [
        "(1, -2, 3.0, true, \"q\\\"\", (), [1.5], Empty)",
        "[Dot, Circle(1.5), Box(w: 1.0, h: 2.0)]",
        "[\"a\": 1]",
        "[:]",
        "Set(2, 1)",
        "Some(Some(\"x\"))",
        "plain",
    ];
    assert!(shown.starts_with(&lines(&expected)), "{shown}");
    assert!(shown.ends_with("[Red, Blue]\n[[], [()]]\n"), "{shown}");
}

#[test]
fn equality_and_order() {
    let program = "fn main() {
  print([Dot ≡ Dot, Dot ≡ Circle(1.0), Circle(1.0) ≡ Circle(1.0), Circle(1.0) ≠ Circle(2.0), Box(1.0, 2.0) ≡ Box(1.0, 3.0)])
  print([Dot < Circle(0.0), Circle(5.0) < Box(0.0, 0.0), Box(1.0, 2.0) < Box(1.0, 3.0), Box(2.0, 0.0) ≤ Box(1.0, 9.0)])
  print([[1, 2] < [1, 2, 0], [2] < [1, 9], [] < [0], [[1], [2]] ≡ [[1], [2]], [1.0] ≡ [2.0]])
  print([\"a\" < \"b\", (1, \"b\") < (1, \"a\"), Red < Blue, None < Some(1), Some(2) > Some(1)])
  print([\"a\": 1, \"b\": 2] ≡ [\"b\": 2, \"a\": 1])
  print([[\"a\": 1] ≡ [\"a\": 2], [\"a\": 1] ≡ [\"b\": 1], [\"a\": 1] ≡ [:]])
  print(set.from_list([1, 2, 3]) ≡ set.from_list([3, 1, 2]))
  print(Link(1, Link(2, End)) ≡ Link(1, Link(2, End)))
  print((compare(Link(1, Link(2, End)), Link(1, Link(3, End))), compare(End, End)))
}";
    let expected = [
        "[true, false, true, true, false]",
        "[true, true, true, false]",
        "[true, false, true, true, false]",
        "[true, false, true, true, true]",
        "true",
        "[false, false, false]",
        "true",
        "true",
        "(Less, Equal)",
    ];
    assert_eq!(with_shapes(program), lines(&expected));
}

#[test]
fn hashes_follow_equality() {
    let program = "fn main() {
  print(set.size(set.from_list([Dot, Circle(0.0), Circle(-0.0), Box(1.0, 2.0), Box(1.0, 2.0), Dot])))
  print(set.size(set.from_list([[1, 2], [1], [1, 2]])))
  print(set.size(set.from_list([[\"a\": 1, \"b\": 2], [\"b\": 2, \"a\": 1]])))
  print(map.get([(1, \"x\"): 5], (1, \"x\")))
}";
    assert_eq!(with_shapes(program), lines(&["3", "2", "1", "Some(5)"]));
}

// ── Failures ─────────────────────────────────────────────────────────────────

fn trap(body: &str) -> (Trap, String) {
    match run(&format!("fn main() {{\n{body}\n}}\n")).end {
        End::Trap(trap, message) => (trap, message),
        other => panic!("{other:?}"),
    }
}

#[test]
fn failures_have_reasons() {
    assert_eq!(trap("let x = 9223372036854775807\nprint(x + 1)").0, Trap::Overflow);
    assert_eq!(trap("let x = 0\nprint(1 ÷ x)").0, Trap::DivideByZero);
    assert_eq!(trap("let xs = [1]\nprint(xs[1])").0, Trap::Bounds);
    assert_eq!(trap("panic(\"no {1 + 1}\")"), (Trap::Panic, "no 2".into()));
    assert_eq!(trap("for i ∈ 1..=9223372036854775807 { print(i); break }").0, Trap::Overflow);
}

#[test]
fn a_failed_expectation_shows_both_sides() {
    let text = "test \"sum\" {\n  let x = \"a\"\n  expect [x, x] ≡ [\"a\", \"b\"]\n}\ntest \"flag\" { expect list.is_empty([1]) }\ntest \"fine\" { expect 1 < 2 }\n";
    let typed = common::typed(text, true);
    let program = codex_core::build(&typed, &codex_core::Options { tests: true }).expect("it builds");
    let ends: Vec<End> = program
        .tests
        .iter()
        .map(|(_, id)| codex_core::evaluate::evaluate(&program, *id, codex_core::evaluate::World::default()).end)
        .collect();
    let message = |end: &End| match end {
        End::Trap(Trap::Panic, message) => message.clone(),
        other => format!("{other:?}"),
    };
    let shown: Vec<String> = ends.iter().map(message).collect();
    assert!(
        shown.contains(
            &"expectation failed: [x, x] ≡ [\"a\", \"b\"]\n  left:  [\"a\", \"a\"]\n  right: [\"a\", \"b\"]"
                .to_string()
        ),
        "{shown:?}"
    );
    assert!(shown.contains(&"expectation failed: list.is_empty([1])".to_string()), "{shown:?}");
    assert!(shown.contains(&"Returned".to_string()), "{shown:?}");
}

#[test]
fn exit_and_requests() {
    assert_eq!(run("fn main() { print(1); console.exit(3); print(2) }").end, End::Exit(3));
    assert_eq!(printed("fn main() { print(console.read_line()) }"), lines(&["None"]));
}

#[test]
fn containers_are_the_machines() {
    let outcome = common::run("container C() { on Hi() { } }\nfn main() {\n  print(1)\n  ⊞ C() ⇒ Hi()\n}\n");
    assert_eq!(outcome.stdout(), "1\n");
    assert_eq!(outcome.end, codex_core::evaluate::End::Unsupported("spawn"));
}
