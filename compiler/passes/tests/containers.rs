//! Containers as bytecode: what a handler allocates and copies, and that both ways of compiling give modules that verify.

mod common;

use codex_spec::instruction::{Inst, Opcode};
use codex_spec::module::{Function, Module};

const TEXT: &str = "container Log(limit: Int) {
  var n = 0
  var lines: List[Int] = []
  var grid = [[1, 2], [3]]
  on Add(k: Int) { n += k }
  on Get() → Int { n }
  on Push(k: Int) { lines ≔ list.push(lines, k) }
  on Set(i: Int, j: Int, k: Int) { grid[i][j] ≔ k }
  on Maybe(k: Int) → Bool {
    if k > limit { return false }
    n += k
    lines ≔ [..lines, k]
    true
  }
  on Lines() → List[Int] { lines }
  on Later(reply: Reply[Int]) { container.answer(reply, n) }
  on collapsed(child: Link, why: Collapse) { if why.code ≡ \"R0001\" { container.restart(child) } }
}
fn main() {
  let log = ⊞ Log(9)
  log ⇒ Add(1)
  log ⇒ Push(2)
  log ⇒ Set(0, 1, 2)
  print((log ⇔ Get(), log ⇔ Maybe(1), log ⇔ Lines(), log ⇔ Later()))
  print(container.ask_within(time.seconds(1), log ⇔ Get()))
}
";

fn module() -> Module {
    common::module(TEXT, true)
}

fn handler<'m>(module: &'m Module, name: &str) -> &'m Function {
    let at = module.names.functions.iter().position(|n| n == name).unwrap_or_else(|| panic!("no `{name}`"));
    &module.functions[at]
}

fn has(function: &Function, ops: &[Opcode]) -> Vec<&'static str> {
    let code = function.blocks.iter().flat_map(|b| &b.code);
    code.map(Inst::opcode).filter(|op| ops.contains(op)).map(|op| op.name()).collect()
}

/// What makes a cell, or shares one so that a change has to copy it.
const MAKES: &[Opcode] = &[Opcode::New, Opcode::ListNew, Opcode::ListAppend, Opcode::TextJoin, Opcode::Closure];

#[test]
fn a_word_is_changed_without_a_new_cell() {
    let module = module();
    for name in ["Log.Add", "Log.Get", "Log.Later"] {
        let function = handler(&module, name);
        assert_eq!(has(function, MAKES), Vec::<&str>::new(), "{name}");
        assert_eq!(
            has(function, &[Opcode::NewReuse, Opcode::Unpack, Opcode::UnpackReuse, Opcode::Dup]),
            Vec::<&str>::new()
        );
    }
}

#[test]
fn a_list_is_changed_where_it_is() {
    let module = module();
    for name in ["Log.Push", "Log.Set", "Log.Maybe"] {
        let function = handler(&module, name);
        assert_eq!(has(function, MAKES), Vec::<&str>::new(), "{name}");
        assert_eq!(has(function, &[Opcode::Dup]), Vec::<&str>::new(), "{name}");
        assert_eq!(has(function, &[Opcode::UnpackReuse, Opcode::NewReuse]), ["unpack_reuse", "new_reuse"], "{name}");
    }
}

#[test]
fn every_way_out_replies_once() {
    let module = module();
    assert_eq!(has(handler(&module, "Log.Maybe"), &[Opcode::Reply]).len(), 2);
    assert_eq!(has(handler(&module, "Log.Add"), &[Opcode::Reply]).len(), 1);
    // The one who answers replies; the event has nobody to reply to.
    assert_eq!(has(handler(&module, "Log.Later"), &[Opcode::Asker, Opcode::Reply]), ["asker", "reply"]);
    assert_eq!(has(handler(&module, "Log.collapsed"), &[Opcode::Reply]), Vec::<&str>::new());
}

#[test]
fn the_module_knows_its_containers() {
    let module = module();
    assert_eq!(module.names.containers.len(), 1);
    let (name, messages) = &module.names.containers[0];
    assert_eq!((name.as_str(), messages.len()), ("Log", 7));
    let def = &module.containers[0];
    let names = |id: codex_spec::instruction::FuncId| module.names.functions[id.index()].as_str();
    assert_eq!(names(def.init), "Log");
    for (message, handler) in messages.iter().zip(&def.handlers) {
        assert_eq!(names(handler.function), format!("Log.{message}"));
        assert!(module.functions[handler.function.index()].params.iter().all(|p| !p.borrowed));
    }
    assert_eq!(def.lifecycle.map(|f| f.map(names)), [None, None, Some("Log.collapsed"), None]);
    let state = match def.state {
        codex_spec::layout::RegType::Ref(t) => &module.names.types[t.index()],
        _ => panic!("the state is a record"),
    };
    let fields = module.names.layouts.iter().find(|(n, _)| n == state).expect("a layout of the state");
    assert_eq!(fields.1, ["limit", "n", "lines", "grid"]);
}

#[test]
fn scripts_and_examples_verify_both_ways() {
    let mut all = common::programs("tests/language/containers");
    all.extend(common::programs("examples").into_iter().filter(|(_, text)| text.contains("container ")));
    assert!(all.len() > 20, "only {}", all.len());
    for (name, text) in all {
        for optimise in [false, true] {
            let module = common::module(&text, optimise);
            let bytes = codex_spec::codec::encode(&module);
            codex_spec::verify::load(&bytes).unwrap_or_else(|e| panic!("{name}: {e}"));
        }
    }
}
