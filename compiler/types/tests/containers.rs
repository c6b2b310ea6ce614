//! Containers: what is known of their types, and what is said about mistakes with them.

mod common;

use common::{run, run_modules};

const COUNTER: &str = "container Counter(start: Int) {
  var n = start
  on Add(k: Int) { n += k }
  on Get() → Int { n }
  on Both(a: Text, b: List[Int]) → Text { \"{a} {b}\" }
  on Later(k: Int, reply: Reply[Int]) { container.answer(reply, k) }
}
";

const USE: &str = "  c ⇒ Add(1)\n  print(c ⇔ Get())\n  print(c ⇔ Both(\"\", []))\n  print(c ⇔ Later(1))\n";

/// A program with the counter `c` and this body has these messages, each with all of its parts.
#[track_caller]
fn says(body: &str, wanted: &[&[&str]]) {
    let text = format!("{COUNTER}\nfn main() {{\n  let c = ⊞ Counter(0)\n{USE}{body}\n}}\n");
    messages(&text, wanted);
}

#[track_caller]
fn messages(text: &str, wanted: &[&[&str]]) {
    let run = run(text);
    let lines = run.lines();
    assert_eq!(lines.len(), wanted.len(), "{text}\n{lines:#?}");
    for (line, parts) in lines.iter().zip(wanted) {
        for part in *parts {
            assert!(line.contains(part), "{text}\nwanted: {part}\nsaid: {line}");
        }
    }
    if run.errors().is_empty() {
        assert_eq!(common::verify::verify(&run.checked.program), Vec::<String>::new(), "{text}");
    }
}

#[test]
fn messages_are_checked_like_calls() {
    says("c ⇒ Add(k: 5)", &[]);
    says("c ⇒ Add(\"x\")", &[&["G0401", "the 1st argument of `Add` has the wrong type", "this is a `Text`"]]);
    says("c ⇒ Add()", &[&["G0402", "`Add` takes 1 argument, but here are none", "label: declared here"]]);
    says("c ⇒ Add(1, 2)", &[&["G0402", "`Add` takes 1 argument", "this one is too much"]]);
    says("print(c ⇔ Both(b: [1], a: \"x\"))", &[]);
    says("c ⇒ Add(j: 5)", &[&["G0407", "`Add` has nothing named `j`"]]);
    says("let t: Text = c ⇔ Get()\n  print(t)", &[&["G0401", "this is an `Int`, but a `Text`"]]);
    says("let n: Int = c ⇔ Later(3)\n  print(n)", &[]);
    says("c ⇔ Later(3, 4)", &[&["G0402", "`Later` takes 1 argument"]]);
    says("let unit: () = c ⇒ Later(3)\n  print(unit)", &[]);
    says("⊞ Counter(\"x\") ⇒ Add(1)", &[&["G0401", "the 1st argument of `Counter`"]]);
    says("print(⊞ Counter(start: 1) ⇔ Get())", &[]);
}

#[test]
fn a_wrong_message_lists_the_right_ones() {
    says("c ⇒ Reset()", &[&["G0602", "`Counter` has no message `Reset`"]]);
    says("c ⇒ Ad(1)", &[&["G0602", "fix: there is a message with a similar name: `Add`"]]);
    says("print(c ⇔ get())", &[&["G0602", "no message `get`"]]);
    says("c ⇒ stopping()", &[&["G0605", "`stopping` cannot be sent"]]);
    says("c ⇒ Add", &[&["G0610", "`Add` needs parentheses", "help: write `Add(k)`"]]);
    says("let d = ⊞ Counter\n  d ⇒ Add(1)", &[&["G0610", "`Counter` needs parentheses"]]);
    says("5 ⇒ Add(1)", &[&["G0603", "this is an `Int`"]]);
    says("container.link(c) ⇒ Add(1)", &[&["G0603", "a `Link` does not say"]]);
    says("let f = λ d → d ⇒ Add(1)\n  f(c)", &[&["G0603", "it is not known which container this is"]]);
    says(
        "let d = Counter(1)\n  d ⇒ Add(1)",
        &[&["G0611", "`Counter` is a container, not a value", "fix: make a new one"]],
    );
    says("print(⊞ Conter(1))", &[&["G0604", "there is no container named `Conter`", "fix: "]]);
    says("print(⊞ Option(1))", &[&["G0604", "`Option` is a type, not a container"]]);
    says("print(c.n)", &[&["G0404", "has no field `n`", "help: what a container holds is its own"]]);
}

#[test]
fn links_and_replies_have_types_of_their_own() {
    says("print(container.link(c) ≡ container.me())", &[]);
    says("let l: Link = c\n  print(l)", &[&["G0401", "this is a `Counter`, but a `Link`"]]);
    says("print(c ≡ container.me())", &[&["G0401"]]);
    says("container.stop(5)", &[&["G0408", "an `Int` is not a link to a container"]]);
    says("container.stop(c)\n  container.stop(container.link(c))", &[]);
    says("print(map.get([c: 1], c))", &[]);
    says("print(container.try_ask(5))", &[&["G0614", "`container.try_ask` takes an ask"]]);
    says("print(container.try_ask(c ⇒ Add(1)))", &[&["G0614"]]);
    says("print(c ⇔ Get() ▷ container.try_ask)", &[]);
    says("let f = container.try_ask\n  print(f(1))", &[&["G0614"]]);
    says("print(container.try_ask())", &[&["G0402"]]);
    says("print(container.ask_within(5, c ⇔ Get()))", &[&["G0401", "1st argument", "`Duration`"]]);
    says("let r: Result[Int, Unanswered] = container.ask_within(time.seconds(1), c ⇔ Later(1))\n  print(r)", &[]);
}

#[test]
fn members_are_inferred_within_the_container() {
    let with = |members: &str| {
        format!("container C(start: Int) {{\n{members}\n}}\nfn main() {{\n  let c = ⊞ C(1)\n  c ⇒ Go()\n}}\n")
    };
    messages(&with("  var xs = []\n  on Go() { xs ≔ [..xs, start] }"), &[]);
    messages(
        &with("  var xs = []\n  on Go() { print(xs) }"),
        &[&["G0613", "the type of `xs` is not known", "`List[_]`"]],
    );
    messages(&with("  let (a, b) = (start, \"x\")\n  on Go() { print(\"{a} {b}\") }"), &[]);
    messages(&with("  let a = 1\n  on Go() { a ≔ 2 }"), &[&["G0411", "`a`"]]);
    messages(&with("  on Go() { start ≔ 2 }"), &[&["G0411", "`start`"]]);
    messages(&with("  var n = 1\n  on Go() { n ≔ \"x\" }"), &[&["G0401", "a `var` keeps its type"]]);
    messages(&with("  var n = 1\n  var n = 2\n  on Go() { print(n) }"), &[&["G0309", "`n`"]]);
    messages(
        &with("  var n = 1\n  on Go() {\n    let f = λ → n\n    print(f())\n  }"),
        &[&["G0412", "cannot use the `var` `n`"]],
    );
    messages(&with("  let n = return\n  on Go() { print(n) }"), &[&["G0615", "`return`"]]);
    messages(&with("  let f = λ x → if x > 0 { return 1 } else { x }\n  on Go() { print(f(2)) }"), &[]);
    messages(&with("  on Go() { return 5 }"), &[&["G0401", "this handler has no result"]]);
    messages(&with("  let me = self\n  on Go() { print(me ≡ self) }"), &[]);
    messages(
        &with("  on Go() { print(help(1)) }\n  fn help(k: Int) → Int = k + start"),
        &[&["G0608", "cannot use its `start`"]],
    );
    messages(&with("  on Go() { help() }\n  fn help() { print(self) }"), &[&["G0609", "help: pass it"]]);
    messages(
        &with("  on Go() { print(outer(1)) }\n  fn outer(k: Int) → Int = inner(k)\n  fn inner(k: Int) → Int = k"),
        &[],
    );
}

#[test]
fn heads_are_closed_and_said_once() {
    let with = |handlers: &str| {
        format!(
            "container C() {{\n  on Go() {{ }}\n{handlers}\n}}\nfn main() {{\n  let c = ⊞ C()\n  c ⇒ Go()\n  print(c)\n}}\n"
        )
    };
    messages(&with("  on _A(x) { print(x) }"), &[&["G0606"]]);
    messages(&with("  on Put(x) { print(x) }"), &[&["G0613", "`x` needs a type"]]);
    messages(&with("  on Put(x: a) { print(x) }"), &[&["G0613", "`a` stands for any type"]]);
    messages(&with("  on Put(x: List[_]) { print(x) }"), &[&["G0613", "`x` needs a type"]]);
    messages(&with("  on Go() { }"), &[&["G0607"]]);
    messages(&with("  on stopping() { }\n  on stopping() { }"), &[&["G0607"]]);
    messages(&with("  on stoping() { }"), &[&["G0606", "fix: there is an event with a similar name: `stopping`"]]);
    messages(&with("  on stopping() → Int { 1 }"), &[&["G0606", "on stopping()"]]);
    messages(&with("  on resumed(how: Int) { print(how) }"), &[&["G0606", "on resumed(how: Resumption)"]]);
    messages(&with("  on resumed(how: Resumption) { print(how) }"), &[]);
}

#[test]
fn what_nobody_needs_is_told() {
    let text = "container A() {\n  on Hi() { }\n  on Never() { }\n}\ncontainer B() { on Hi() { } }\nfn main() { ⊞ A() ⇒ Hi() }\n";
    messages(text, &[&["G0312", "the message `Never` is not used"], &["G0312", "the container `B` is not used"]]);
    // What a public container understands is for others.
    messages("pub container A() { on Hi() { } }\nfn main() { print(1) }\n", &[]);
    messages(
        "container A() {\n  on Hi() { }\n  fn help() { }\n}\nfn main() { ⊞ A() ⇒ Hi() }\n",
        &[&["G0312", "`help`"]],
    );
}

#[test]
fn containers_of_other_modules() {
    let store = "pub container Store() { on Put(k: Int) { print(k) } }\ncontainer Hidden() { }\npub fn new() → Store = ⊞ Store()\nfn _hidden() → Hidden = ⊞ Hidden()\n";
    let main = |body: &str| {
        let run = run_modules(&[("main", &format!("import store\n\nfn main() {{\n{body}\n}}\n")), ("store", store)]);
        run.lines()
    };
    assert_eq!(
        main("  let s = store.new()\n  s ⇒ Put(1)\n  ⊞ store.Store() ⇒ Put(2)\n  let t: store.Store = s\n  print(t)"),
        Vec::<String>::new()
    );
    let private = main("  print(store.new())\n  print(⊞ store.Hidden())");
    assert!(private.len() == 1 && private[0].starts_with("G0306"), "{private:#?}");
    let missing = main("  print(store.new())\n  print(⊞ store.Nothing())");
    assert!(missing.len() == 1 && missing[0].starts_with("G0305"), "{missing:#?}");
}
