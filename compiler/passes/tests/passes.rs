//! Each pass does what its file says: programs before and after.

mod common;

use common::{after, function};

/// Fails unless the text has all of these and none of those.
#[track_caller]
fn shows(text: &str, all: &[&str], none: &[&str]) {
    for wanted in all {
        assert!(text.contains(wanted), "no `{wanted}` in\n{text}");
    }
    for unwanted in none {
        assert!(!text.contains(unwanted), "`{unwanted}` in\n{text}");
    }
}

#[test]
fn constants_are_folded_but_traps_stay() {
    let text = "fn f() → Int = 2 + 3 × 4\nfn g() → Int = 9223372036854775807 + 1\nfn main() {\n  print(f())\n  print(g())\n}\n";
    let main = function("simplify", "main", text);
    shows(&main, &["const 14", "add_imm"], &["mul"]);
}

#[test]
fn equal_computations_are_made_once() {
    let text = "fn f(a: Int, b: Int) → Int {\n  var n = 0\n  for i ∈ 0..a { n += (i × b) + (i × b) }\n  n\n}\nfn main() { print(f(3, 4)) }\n";
    let all = after("simplify again", text);
    assert_eq!(all.matches("= mul ").count() + all.matches("= mul_imm ").count(), 1, "{all}");
}

#[test]
fn a_function_value_that_is_known_is_inlined() {
    let text =
        "fn main() {\n  let ys = list.map([1, 2, 3], λ n → n × n)\n  print(list.fold(ys, 0, λ a b → a + b))\n}\n";
    shows(&function("simplify again", "main", text), &["loop"], &["call_value", "closure"]);
}

#[test]
fn functions_that_nobody_calls_are_left_out() {
    let helper = "fn helper(n: Int) → Int = n + 1\n";
    let inlined = format!("{helper}fn main() {{ print(helper(2)) }}\n");
    shows(&after("inline", &inlined), &["fn main("], &["fn helper("]);
    let called =
        "fn helper(n: Int) → Int = if n ≡ 0 { 1 } else { n × helper(n - 1) }\nfn main() { print(helper(2)) }\n";
    shows(&after("prune", called), &["fn main(", "fn helper("], &[]);
}

#[test]
fn a_constant_that_is_a_number_needs_no_slot() {
    let text = "let pi = 3.0\nlet area = 4.0 × pi × pi\nfn main() { print(area) }\n";
    shows(&after("simplify", text), &["global_ready"], &[]);
    shows(&after("globals", text), &["36"], &["global_ready", "global_get"]);
}

const BODIES: &str = "type Body { x: Float, y: Float }
fn step(bodies: List[Body], by: Float) → List[Body] {
  var all = bodies
  for i ∈ 0..list.length(all) {
    all[i].x += by
    all[i].y += by × all[i].x
  }
  all
}
fn grown(n: Int, bodies: List[Body]) → List[Body] = if n ≡ 0 { bodies } else { grown(n - 1, step(bodies, 0.5)) }
fn main() { print(grown(3, [Body(x: 1.0, y: 2.0)])) }
";

#[test]
fn a_part_that_is_put_back_and_taken_again_stays_out() {
    let text = after("simplify again", BODIES);
    assert_eq!(text.matches("list_take_ref").count(), 1, "{text}");
    assert_eq!(text.matches("list_put_ref").count(), 1, "{text}");
}

#[test]
fn what_is_changed_in_a_loop_is_made_unique_before_it() {
    let text = "fn sieve(marks: List[Bool], n: Int) → List[Bool] {
  var all = marks
  for k ∈ 2..n {
    if all[k] { all[k - 1] ≔ false }
  }
  all
}
fn again(n: Int, marks: List[Bool]) → List[Bool] = if n ≡ 0 { marks } else { again(n - 1, sieve(marks, 10)) }
fn main() { print(again(2, list.repeat(true, 10))) }
";
    let text = function("unique", "again", text);
    let unique = text.find("= unique").unwrap_or_else(|| panic!("no `unique` in\n{text}"));
    let set = text.find("list_set_byte").unwrap_or_else(|| panic!("no change in\n{text}"));
    assert_eq!(text.matches("= unique").count(), 1, "{text}");
    // There is a block's start between the two: the loop's.
    assert!(text[unique..set].contains("\nb"), "{text}");
}

#[test]
fn what_a_loop_computes_in_each_turn_alike_is_computed_before_it() {
    let text = "fn f(n: Int, x: Float) → Float {
  var sum = 0.0
  for i ∈ 0..n { sum += int.to_float(i) × (x × x) }
  sum
}
fn main() { for i ∈ 0..3 { print(f(i, 2.5)) } }
";
    let hoisted = after("hoist", text);
    assert_eq!(hoisted.matches("= fmul").count() + hoisted.matches("fconst 6.25").count(), 2, "{hoisted}");
}

const SHAPES: &str = "type Chain {
  End
  Link(Int, Chain)
}
fn total(c: Chain, sum: Int) → Int {
  match c {
    End → sum
    Link(n, rest) → total(rest, sum + n)
  }
}
fn doubled(c: Chain) → Chain {
  match c {
    End → End
    Link(n, rest) → Link(n × 2, doubled(rest))
  }
}
fn made(n: Int) → Chain = if n ≡ 0 { End } else { Link(n, made(n - 1)) }
fn main() { print(total(doubled(made(9)), 0)) }
";

#[test]
fn what_is_only_read_is_lent_even_along_a_tail_call() {
    let total = function("late tail", "total", SHAPES);
    shows(&total, &["lent", "tail_call"], &["dup", "drop"]);
}

#[test]
fn what_is_rebuilt_is_taken_apart_and_its_cell_used_again() {
    let doubled = function("late tail", "doubled", SHAPES);
    shows(&doubled, &["unpack_reuse", "new_reuse"], &["dup", "drop", "get_ref", "lent"]);
}

#[test]
fn a_part_of_what_lives_on_is_borrowed_and_one_that_outlives_it_is_not() {
    let text = "fn longest(words: List[Text]) → Text {
  var best = words[0]
  for w ∈ words { if text.length(w) > text.length(best) { best ≔ w } }
  best
}
fn many(n: Int) → Int = if n ≡ 0 { 0 } else { many(n - 1) + text.length(longest([\"a\", \"bbb\", \"{n}\"])) }
fn main() { print(many(3)) }
";
    shows(&after("count", text), &["list_get_ref", "dup"], &[]);
}

#[test]
fn without_optimisation_the_passes_that_are_needed_still_run() {
    let (core, sources) = common::core(SHAPES);
    let options = codex_passes::Options { optimise: false, ..Default::default() };
    let (_, stats) = codex_passes::compile_with_stats(core, &sources, &options);
    let names: Vec<&str> = stats.passes.iter().map(|(name, _)| *name).collect();
    assert_eq!(names, ["settle", "count", "unique", "emit"]);
}

#[test]
fn passes_on_a_function_may_run_together_or_one_by_one_over_all() {
    let mut compared = 0;
    for (path, text) in common::programs("examples") {
        let (core, sources) = common::core(&text);
        let module = |checks: bool, threads: usize| {
            let jobs = std::num::NonZeroUsize::new(threads).expect("not zero").into();
            let options = codex_passes::Options { checks, jobs, ..Default::default() };
            codex_spec::codec::encode(&codex_passes::compile(core.clone(), &sources, &options))
        };
        let apart = module(true, 1);
        assert!(apart == module(false, 1) && apart == module(false, 3), "{path}");
        compared += 1;
    }
    assert!(compared > 10, "{compared} programs");
}
