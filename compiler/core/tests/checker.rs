//! The checker finds what is broken on purpose.

mod common;

use codex_core::check::{Stage, check};
use codex_core::ir::{BlockId, Func, Program, Target, Term, Value};
use codex_spec::instruction::Opcode;

const TEXT: &str = "type S { A, B(Int), C(Int, Int) }
fn g(s: S) → Int { match s { A → 0; B(x) → x; C(x, y) → x + y } }
fn f(n: Int) → Int {
  var s = 0
  for i ∈ 0..n { s += i }
  s
}
fn main() { print(f(3) + g(B(1))); print(list.map([1], λ x → x + f(x))) }";

/// Whether a change to the function of this name is noticed.
fn notices(name: &str, change: impl FnOnce(&mut Func)) -> bool {
    let mut program: Program = common::core(TEXT);
    let func = program.functions.iter_mut().find(|f| f.name == name).expect("it is there");
    change(func);
    check(&program, Stage::Built).is_err()
}

#[test]
fn a_well_formed_program_passes() {
    assert!(!notices("f", |_| {}));
}

#[test]
fn structure_and_definitions() {
    assert!(notices("f", |f| f.blocks[0].term = Term::None));
    assert!(notices("f", |f| f.blocks[0].term = Term::Jump(Target { block: BlockId(0), args: Vec::new() })));
    assert!(notices("f", |f| f.blocks[1].params.clear()));
    assert!(notices("f", |f| f.blocks[0].insts.clear()));
    assert!(notices("f", |f| f.blocks[1].insts[0].args[0] = Value(9999)));
    assert!(notices("f", |f| f.params.push(f.params[0])));
}

#[test]
fn types_and_rows() {
    assert!(notices("f", |f| f.result = codex_spec::layout::RegType::F64));
    assert!(notices("f", |f| f.blocks[1].insts[0].op = Opcode::FAdd));
    assert!(notices("f", |f| f.blocks[1].insts[0].args.truncate(1)));
    assert!(notices("f", |f| f.blocks[1].insts[0].op = Opcode::Dup));
}

#[test]
fn the_counted_loop() {
    let latch = |f: &mut Func, change: &dyn Fn(&mut Value, &mut Target, &mut Target)| {
        for block in &mut f.blocks {
            if let Term::Loop { counter, body, done, .. } = &mut block.term {
                change(counter, body, done);
            }
        }
    };
    assert!(notices("f", |f| latch(f, &|counter, _, _| *counter = Value(0))));
    assert!(notices("f", |f| latch(f, &|counter, body, _| body.args = vec![*counter])));
    assert!(notices("f", |f| latch(f, &|counter, _, done| done.args = vec![*counter])));
}

#[test]
fn fields_of_a_variant_that_is_not_known() {
    assert!(notices("g", |g| {
        let Term::SwitchTag(_, targets) = &mut g.blocks[0].term else { panic!("a switch") };
        targets.swap(1, 2);
    }));
    assert!(notices("g", |g| {
        let Term::SwitchTag(_, targets) = &mut g.blocks[0].term else { panic!("a switch") };
        targets[0] = targets[1].clone();
    }));
}

#[test]
fn function_values() {
    assert!(notices("main.λ1", |f| f.closure = None));
    assert!(notices("main.λ1", |f| {
        f.blocks[0].insts.remove(0);
    }));
}

#[test]
fn ownership_is_counted_after_its_pass() {
    let text = "fn f(t: Text) → Text = t\nfn g(t: Text) → Int { print(t); print(t); 1 }\nfn main() { print(f(\"a\")); print(g(\"b\")) }";
    let mut program = common::core(text);
    program.functions.retain(|f| f.name == "f");
    (program.entry, program.layouts, program.layout_names) = (None, Vec::new(), Vec::new());
    program.types.truncate(2);
    program.type_names.truncate(2);
    assert_eq!(check(&program, Stage::Counted), Ok(()), "a value that is given on once");
    let program = common::core(text);
    assert!(check(&program, Stage::Counted).is_err(), "`t` is given away twice");
}

#[test]
fn containers_fit_their_states() {
    let text = "container C(a: Int) {
  var n = a
  on Add(k: Int) { n += k }
  on stopping() { print(n) }
}
fn main() { ⊞ C(1) ⇒ Add(2) }";
    let notices = |change: &dyn Fn(&mut Program)| {
        let mut program = common::core(text);
        change(&mut program);
        check(&program, Stage::Built).is_err()
    };
    assert!(!notices(&|_| {}));
    assert!(notices(&|p| p.containers[0].init = p.entry.expect("main")));
    assert!(notices(&|p| p.containers[0].handlers[0].function = p.containers[0].init));
    assert!(notices(&|p| p.containers[0].state = codex_spec::layout::RegType::I64));
    assert!(notices(&|p| p.containers[0].lifecycle[2] = p.containers[0].lifecycle[3]));
    assert!(notices(&|p| p.containers[0].handlers.clear()));
    assert!(notices(&|p| p.containers.clear()));
    let in_main = |p: &mut Program, op: Opcode, change: &dyn Fn(&mut codex_core::ir::Inst)| {
        let main = p.entry.expect("main").index();
        p.functions[main].blocks.iter_mut().flat_map(|b| &mut b.insts).filter(|i| i.op == op).for_each(change);
    };
    assert!(notices(&|p| in_main(p, Opcode::Spawn, &|i| i.args.clear())));
    assert!(notices(&|p| in_main(p, Opcode::Send, &|i| i.args.truncate(1))));
}
