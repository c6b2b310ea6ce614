//! Each limit of the builder at and past its edge, and values and calls that are deep.

mod common;

use codex_core::evaluate::{End, World, evaluate};
use codex_spec::trap::Trap;
use common::{built, on_big_stack, printed, run};

fn code(text: &str) -> &'static str {
    match built(text) {
        Ok(_) => "built",
        Err(errors) => errors[0].code.0,
    }
}

#[test]
fn types_that_grow_without_end_are_an_error() {
    let text = "type Nest[a] { End, More(a, Nest[(a, a)]) }\nfn main() { print(More(1, End)) }\n";
    assert_eq!(code(text), "G0490");
}

#[test]
fn functions_that_grow_their_own_types_are_an_error() {
    let text =
        "pub fn wrap(n: Int, x: a) → Int = if n ≤ 0 { 0 } else { wrap(n - 1, [x]) }\nfn main() { print(wrap(3, 1)) }\n";
    let checked = std::panic::catch_unwind(|| code(text));
    // The type checker may refuse it first; if it does not, the builder does.
    if let Ok(code) = checked {
        assert_eq!(code, "G0490");
    }
}

fn nested_lists(depth: usize) -> String {
    format!("fn main() {{ let x = {}1{}\n print(x) }}\n", "[".repeat(depth), "]".repeat(depth))
}

#[test]
fn types_may_be_nested_sixty_three_lists_deep() {
    assert_eq!(code(&nested_lists(63)), "built");
    assert_eq!(code(&nested_lists(64)), "G0490");
}

#[test]
fn a_shared_type_is_looked_at_once() {
    let mut text = String::from("fn main() {\n  let x0 = 1\n");
    for i in 1..40 {
        text.push_str(&format!("  let x{i} = (x{}, x{})\n", i - 1, i - 1));
    }
    text.push_str("  let (a, _) = x39\n  let (b, _) = a\n  let _ = b\n  print(1)\n}\n");
    assert_eq!(printed(&text), "1\n");
}

#[test]
fn an_alias_is_read_once() {
    let mut text = String::from("type A0 = Int\n");
    for i in 1..40 {
        text.push_str(&format!("type A{i} = (A{}, A{})\n", i - 1, i - 1));
    }
    text.push_str("fn left(x: A39) → A38 {\n  let (a, _) = x\n  a\n}\n");
    text.push_str("fn both(x: A38) → A39 = (x, x)\nfn main() {\n  let f = λ x → left(both(x))\n  print(1)\n}\n");
    assert_eq!(printed(&text), "1\n");
}

fn enumeration(count: usize) -> String {
    let names: Vec<String> = (0..count).map(|i| format!("V{i}")).collect();
    format!("type Many {{ {} }}\nfn main() {{ print([V0, V{}]) }}\n", names.join(", "), count - 1)
}

#[test]
fn a_type_may_have_256_variants() {
    assert_eq!(printed(&enumeration(256)), "[V0, V255]\n");
    let past = std::panic::catch_unwind(|| code(&enumeration(257)));
    // Refused by the type checker, or by the builder.
    assert!(past.is_err() || past.is_ok_and(|c| c == "G0492"));
}

#[test]
fn a_match_that_multiplies_is_an_error() {
    // Each arm looks at two columns of twenty: every path has to remember which ones.
    let mut text = String::from("type T { A, B, C }\n");
    let columns = 26;
    let names: Vec<String> = (0..columns).map(|i| format!("c{i}")).collect();
    let params: Vec<String> = names.iter().map(|n| format!("{n}: T")).collect();
    text.push_str(&format!("fn f({}) → Int {{\n  match ({}) {{\n", params.join(", "), names.join(", ")));
    for i in 0..columns {
        for j in 0..i {
            let row: Vec<&str> = (0..columns)
                .map(|c| {
                    if c == i {
                        "A"
                    } else if c == j {
                        "B"
                    } else {
                        "_"
                    }
                })
                .collect();
            text.push_str(&format!("    ({}) → {}\n", row.join(", "), i * columns + j));
        }
    }
    let all = vec!["A"; columns].join(", ");
    text.push_str(&format!("    _ → -1\n  }}\n}}\nfn main() {{ print(f({all})) }}\n"));
    assert_eq!(code(&text), "G0590");
}

#[test]
fn a_match_with_many_arms_is_fine() {
    let arms: String = (0..1000).map(|i| format!("    {} → {i}\n", i * 3)).collect();
    let text = format!(
        "fn f(n: Int) → Int {{\n  match n {{\n{arms}    _ → -1\n  }}\n}}\nfn main() {{ print((f(2997), f(0), f(1), f(-3), f(300))) }}\n"
    );
    assert_eq!(printed(&text), "(999, 0, -1, -1, 100)\n");
}

#[test]
fn a_list_may_be_long() {
    let items: Vec<String> = (0..5000).map(|i| i.to_string()).collect();
    let text = format!("fn main() {{ let xs = [{}]\n print((list.length(xs), xs[4999])) }}\n", items.join(", "));
    assert_eq!(printed(&text), "(5000, 4999)\n");
}

#[test]
fn a_function_may_be_nested_deep() {
    let text = format!("fn main() {{ print({}1{}) }}\n", "(".repeat(200), ")".repeat(200));
    assert_eq!(printed(&text), "1\n");
    let sum = vec!["1"; 400].join(" + ");
    assert_eq!(printed(&format!("fn main() {{ print({sum}) }}\n")), "400\n");
}

#[test]
fn deep_values_are_made_and_dropped_without_the_hosts_stack() {
    let text = "type Chain { End, Link(Int, Chain) }
fn length(c: Chain) → Int {
  var n = 0
  var rest = c
  loop {
    match rest {
      End → { return n }
      Link(_, next) → { n += 1; rest ≔ next }
    }
  }
}
fn main() {
  var c = End
  for i ∈ 0..300000 { c ≔ Link(i, c) }
  let same = c
  print(length(c))
  print(c ≡ same)
}";
    let program = common::core(text);
    let entry = program.entry.expect("there is a main");
    // On a small stack: a host that recursed would not come back.
    let run = || evaluate(&program, entry, World::default());
    let outcome = std::thread::scope(|s| {
        std::thread::Builder::new()
            .stack_size(256 << 10)
            .spawn_scoped(s, run)
            .expect("a thread")
            .join()
            .expect("no overflow")
    });
    assert_eq!((outcome.end.clone(), outcome.stdout()), (End::Returned, "300000\ntrue\n".to_string()));
}

#[test]
fn calls_in_last_place_take_no_stack_and_others_are_limited() {
    let text = "fn down(n: Int) → Int = if n ≡ 0 { 7 } else { down(n - 1) }\nfn main() { print(down(2000000)) }\n";
    assert_eq!(printed(text), "7\n");
    let text = "fn up(n: Int) → Int = 1 + up(n + 1)\nfn main() { print(up(0)) }\n";
    assert!(matches!(run(text).end, End::Trap(Trap::StackOverflow, _)));
}

#[test]
fn a_run_may_be_limited_in_steps() {
    let program = common::core("fn main() { loop { } }");
    let entry = program.entry.expect("there is a main");
    let outcome = on_big_stack(|| evaluate(&program, entry, World { max_steps: 1000, ..World::default() }));
    assert_eq!(outcome.end, End::OutOfSteps);
}
