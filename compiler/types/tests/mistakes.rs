//! Mistakes and what is said about them: code, place, headline, label.

mod common;

use codex_diagnostics::Fix;
use common::{Run, run, run_modules};

fn main_with(body: &str) -> String {
    format!("fn main() {{\n{body}\n}}\n")
}

/// The only message of a `main` with this body must contain all of these.
#[track_caller]
fn says(body: &str, parts: &[&str]) {
    let run = run(&main_with(body));
    let lines = run.lines();
    assert_eq!(lines.len(), 1, "{body}\n{lines:#?}");
    for part in parts {
        assert!(lines[0].contains(part), "{body}\nwanted: {part}\nsaid: {}", lines[0]);
    }
}

/// A program with this body checks, and the typed tree is sound.
#[track_caller]
fn fine(text: &str) {
    let run = run(text);
    assert!(run.lines().is_empty(), "{text}\n{:#?}", run.lines());
    assert_eq!(common::verify::verify(&run.checked.program), Vec::<String>::new(), "{text}");
}

fn apply(text: &str, fix: &Fix) -> String {
    let mut edits: Vec<_> = fix.edits.iter().collect();
    edits.sort_by_key(|e| std::cmp::Reverse(e.span.start));
    let mut text = text.to_owned();
    for edit in edits {
        text.replace_range(edit.span.start as usize..edit.span.end as usize, &edit.text);
    }
    text
}

/// The only message has a fix, and with it the program has no errors.
#[track_caller]
fn fixes(text: &str, fixed: &str) {
    let run = run(text);
    let [diagnostic] = &run.checked.diagnostics[..] else { panic!("{text}\n{:#?}", run.lines()) };
    let [fix] = &diagnostic.fixes[..] else { panic!("no fix: {}", run.line(diagnostic)) };
    let after = apply(text, fix);
    assert_eq!(after, fixed);
    let again = common::run(&after);
    assert!(again.errors().is_empty(), "{after}\n{:#?}", again.lines());
}

#[test]
fn mismatches_say_where_both_types_come_from() {
    says(
        "let x: Int = true\nprint(x)",
        &["G0401 2:14 `true`", "this is a `Bool`, but an `Int`", "the type is written here"],
    );
    says(
        "let p = if true { 90 } else { \"full\" }\nprint(p)",
        &["`\"full\"`", "two branches", "label: this branch is an `Int`"],
    );
    says("print(1 + 2.0)", &["`2.0`", "the two sides", "fix: write the other side as a Float: `1.0`"]);
    says(
        "let n = \"a\"\nlet m: Int = n\nprint(m)",
        &["label: `n` is a `Text` because of this", "help: read the number"],
    );
    says("print(list.map(λ x → x, [1]))", &["1st argument of `map`", "`List[_]` is needed"]);
    says(
        "print(list.map([1, 2], λ x y → x))",
        &["G0402", "this λ has 2 parameters, but `map` calls it with 1 argument"],
    );
    says("print(list.fold([1], 0))", &["G0402", "`fold` takes 3 arguments, but here are 2"]);
    says(
        "let n = int.parse(\"4\")\nprint(n + 1)",
        &["G0408", "an `Option[Int]` is not a number", "help: say what happens for `None`"],
    );
    says("return 5", &["`main` and tests give no value"]);
}

#[test]
fn demands_reach_through_functions() {
    says("let f = λ x → x + 1\nprint(f)", &["cannot be shown as text"]);
    says("print(list.sort([λ x → x]))", &["cannot be put in order"]);
    says("print((λ x → x) ≡ (λ x → x))", &["cannot be compared for equality"]);
    let text = "fn biggest(a: a, b: a) → a = if a < b { b } else { a }\n\nfn top(a: b, c: b) → b = biggest(a, c)\n\n";
    let run = run(&format!("{text}{}", main_with("let f = top(λ (x: Int) → x, λ x → x)\nprint(f(1))")));
    assert_eq!(run.codes(), ["G0408"], "{:#?}", run.lines());
}

#[test]
fn habits_from_other_languages_are_known() {
    says("print([1].map(λ x → x))", &["G0418", "there are no methods", "`[1] ▷ list.map(…)`"]);
    says("print(\"a\" + \"b\")", &["G0408", "fix: `++` joins"]);
    says("let t = \"abc\"\nfor c ∈ t { print(c) }", &["G0420", "help: walk its characters: `text.graphemes(t)`"]);
    says("for i ∈ 10 { print(i) }", &["G0420", "help: count up to it: `0..10`"]);
    says("if 1 { print(2) }", &["a condition must be a Bool", "help: compare it"]);
    says("print(Just(1))", &["G0303", "fix: here it is called `Some`"]);
    says("x ≔ 1", &["G0411", "help: declare it first: `var x = …`"]);
}

#[test]
fn fixes_are_exact() {
    fixes("fn main() {\n  let n = 1\n  n ≔ 2\n  print(n)\n}\n", "fn main() {\n  var n = 1\n  n ≔ 2\n  print(n)\n}\n");
    fixes(
        "fn main() {\n  var n = 1\n  n += 1\n  print(list.map([1], λ x → x + n))\n}\n",
        "fn main() {\n  var n = 1\n  n += 1\n  let n_now = n\n  print(list.map([1], λ x → x + n_now))\n}\n",
    );
    fixes(
        "fn main() {\n  let xs = [1, 2]\n  print(xs.map(λ x → x + 1))\n  print(list.length(xs))\n}\n",
        "fn main() {\n  let xs = [1, 2]\n  print(list.map(xs, λ x → x + 1))\n  print(list.length(xs))\n}\n",
    );
    fixes(
        "fn main() {\n  var xs = [1]\n  list.push(xs, 2)\n  print(xs)\n}\n",
        "fn main() {\n  var xs = [1]\n  xs ≔ list.push(xs, 2)\n  print(xs)\n}\n",
    );
    fixes(
        "fn main() {\n  print(match Some(1) { Some(n) → n })\n}\n",
        "fn main() {\n  print(match Some(1) { Some(n) → n ; None → todo() })\n}\n",
    );
    fixes(
        "fn main() {\n  match Some(1) {\n    Some(n) → print(n)\n  }\n}\n",
        "fn main() {\n  match Some(1) {\n    Some(n) → print(n)\n    None → todo()\n  }\n}\n",
    );
    fixes(
        "pub fn pair(a, b: Int) = (a + 1, b)\n\nfn main() {\n  print(pair(1, 2))\n}\n",
        "pub fn pair(a: Int, b: Int) → (Int, Int) = (a + 1, b)\n\nfn main() {\n  print(pair(1, 2))\n}\n",
    );
}

#[test]
fn missing_cases_are_code_to_paste() {
    let cases = |ty: &str, body: &str| {
        let text = format!(
            "type T {{\n  A\n  B(Int, Bool)\n  C(Option[T])\n}}\n\nfn f(x: {ty}) → Int {{\n  match x {{\n{body}\n  }}\n}}\n\npub fn g(x: {ty}) → Int = f(x)\n"
        );
        let run = run(&text);
        assert_eq!(run.codes(), ["G0501"], "{text}\n{:#?}", run.lines());
        run.checked.diagnostics[0].helps[0].replace(" → todo()", "")
    };
    assert_eq!(cases("T", "A → 1"), "add:\nB(_, _)\nC(_)");
    assert_eq!(
        cases("T", "A → 1\nB(_, true) → 2\nC(None | Some(A)) → 3"),
        "add:\nB(_, false)\nC(Some(B(_, _)))\nC(Some(C(_)))"
    );
    assert_eq!(cases("List[Bool]", "[] → 1\n[true, ..] → 2"), "add:\n[false, ..]");
    assert_eq!(cases("(Bool, Bool)", "(true, _) → 1\n(_, true) → 2"), "add:\n(false, false)");
    assert_eq!(cases("Int", "0..10 → 1\n10 → 2"), "add:\n_");
    assert_eq!(cases("Text", "\"a\" → 1"), "add:\n_");
    assert_eq!(cases("T", "A → 1\nB(n, _) if n > 1 → 2\nC(_) → 3"), "add:\nB(_, _)");
}

#[test]
fn covered_matches_are_quiet() {
    fine(
        "fn f(x: Int, xs: List[Int], p: (Bool, Option[Int])) → Int {\n  let a = match x { 0 | 1 → 1\n n if n > 5 → 2\n _ → 3 }\n  \
         let b = match xs { [] → 0\n [x] → x\n [x, .., y] → x + y }\n  \
         let c = match p { (true, Some(n)) → n\n (false, Some(_)) → 1\n (_, None) → 2 }\n  a + b + c\n}\n\nfn main() {\n  print(f(1, [2], (true, None)))\n}\n",
    );
}

#[test]
fn one_mistake_gives_one_error() {
    says("let x = unknown(1)\nprint(x + \"a\")\nlet y = x.z\nprint(y[0])", &["G0301"]);
    says("let Some(a) = unknwn else { return }\nprint(a)", &["G0301"]);
}

#[test]
fn functions_get_the_most_general_type() {
    fine(
        "fn swap(p) {\n  let (a, b) = p\n  (b, a)\n}\n\nfn main() {\n  print(swap((1, \"a\")))\n  print(swap((true, [1])))\n}\n",
    );
    fine(
        "fn ping(n, x) = if n ≡ 0 { x } else { pong(n - 1, x) }\n\nfn pong(n, x) = ping(n, x)\n\nfn main() {\n  print(ping(3, \"a\"))\n  print(ping(3, 1.5))\n}\n",
    );
    fine(
        "fn fail(why: Text) → a = panic(why)\n\nfn main() {\n  let Some(n) = int.parse(\"1\") else { fail(\"no\") }\n  print(n)\n}\n",
    );
}

const SHAPE: &str = "/// A shape.\npub type Shape {\n  Circle(Float)\n  Square(side: Float)\n}\n\npub type Size = Float\n\npub fn area(s: Shape) → Size {\n  match s {\n    Circle(r) → r × r × 3.0\n    Square(side:) → side × side\n  }\n}\n\nfn secret() → Int = 1\n\npub fn open() → Int = secret()\n";

fn with_shape(main: &str) -> Run {
    run_modules(&[("main", main), ("geometry.shape", SHAPE)])
}

#[test]
fn modules_are_used_by_name_or_by_import() {
    let run = with_shape(
        "import geometry.shape: area, Shape\n\nfn grow(s: Shape) → shape.Shape {\n  match s {\n    shape.Circle(r) → shape.Circle(r + 1.0)\n    shape.Square(side: a) → shape.Square(side: a)\n  }\n}\n\nfn main() {\n  let z: shape.Size = area(grow(shape.Circle(1.0)))\n  print(z)\n  print(shape.open())\n}\n",
    );
    assert!(run.lines().is_empty(), "{:#?}", run.lines());
    assert_eq!(common::verify::verify(&run.checked.program), Vec::<String>::new());
    let names: Vec<&str> = run.checked.program.functions.iter().map(|f| f.name.as_str()).collect();
    assert!(names.contains(&"geometry.shape.area") && names.contains(&"main"), "{names:?}");
}

#[test]
fn mistakes_between_modules_are_told_once() {
    let code = |main: &str| with_shape(main).codes();
    assert_eq!(code("import geometry.shape as s\n\nfn main() {\n  print(s.secret())\n}\n"), ["G0306"]);
    assert_eq!(code("import geometry.shape\n\nfn main() {\n  print(shape.aera(shape.Circle(1.0)))\n}\n"), ["G0305"]);
    assert_eq!(code("import geometry.shape: Triangle\n\nfn main() {\n  print(Triangle(1.0))\n}\n"), ["G0305"]);
    assert_eq!(code("import geometry.shpae\n\nfn main() {\n  print(shpae.area(1.0))\n}\n"), ["G0304"]);
    assert_eq!(code("import geometry.shape\n\nfn main() {\n  print(1)\n}\n"), ["G0310"]);
    assert_eq!(
        code("import geometry.shape: area, Shape\n\nfn main() {\n  print(area(shape.Circle(1.0)))\n}\n"),
        ["G0310"]
    );
    assert_eq!(
        code("import geometry.shape: area\n\nfn area() → Int = 1\n\nfn main() {\n  print(area())\n}\n"),
        ["G0307"]
    );
    let cycle = run_modules(&[
        ("main", "import a\n\nfn main() {\n  print(a.one())\n}\n"),
        ("a", "import b\n\npub fn one() → Int = b.two()\n"),
        ("b", "import a\n\npub fn two() → Int = a.one()\n"),
    ]);
    assert_eq!(cycle.codes(), ["G0308"]);
    assert!(cycle.checked.diagnostics[0].notes[0].contains("`a` → `b` → `a`"));
}

#[test]
fn the_result_does_not_depend_on_threads() {
    let files: Vec<(String, String)> = (0..30)
        .map(|i| (format!("m{i}"), format!("pub fn f(x: Int) → Int = x + {i} + \"{i}\"\n\nfn unused{i}() → Int = 1\n")))
        .collect();
    let imports: String = (0..30).map(|i| format!("import m{i}\n")).collect();
    let main = format!("{imports}\nfn main() {{\n  print(m1.f(1))\n}}\n");
    let mut modules: Vec<(&str, &str)> = files.iter().map(|(n, t)| (n.as_str(), t.as_str())).collect();
    modules.push(("main", &main));
    let first = run_modules(&modules).lines();
    assert!(first.len() >= 30);
    for _ in 0..5 {
        assert_eq!(run_modules(&modules).lines(), first);
    }
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

#[test]
fn long_and_deep_programs_are_no_danger() {
    let chain = format!("print({})", vec!["1"; 900].join(" + "));
    fine(&main_with(&chain));
    let nested = format!("let x = {}1{}\nprint(x)", "(".repeat(200), ")".repeat(200));
    fine(&main_with(&nested));
    let many: String =
        (0..3000).map(|i| format!("let Some(a{i}) = Some({i}) else {{ return }}\nprint(a{i})\n")).collect();
    fine(&main_with(&many));
    let ifs = format!("let x = {}{{ 2 }}\nprint(x)", "if 1 < 2 { 1 } else ".repeat(100));
    let lines = run(&main_with(&ifs)).lines();
    assert!(lines.len() <= 1, "{lines:#?}");
}

#[test]
fn only_the_modules_that_are_needed_are_asked_for() {
    let needs = |body: &str| {
        let parsed = codex_syntax::parse(codex_diagnostics::FileId(0), &main_with(body));
        codex_types::dependencies(&parsed.module, false).join(" ")
    };
    assert_eq!(needs("print(\"hello\")"), "prelude");
    assert_eq!(needs("print([\"hello\"])"), "prelude text");
    assert_eq!(needs("[1] ▷ list.each(print)"), "list prelude text");
    assert_eq!(needs("let list = [2 ^ 3]\nlet n = list.length(list)\nlet m = [:]"), "int list map prelude");
    assert_eq!(needs("let p = Point(x: 1)\nlet q = p.x"), "prelude");
}
