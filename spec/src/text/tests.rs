use super::*;
use crate::module::{LineRun, Module, Names};

fn error(source: &str) -> String {
    match assemble(source) {
        Ok(module) => panic!("this is a module: {module:?}"),
        Err(e) => e.to_string(),
    }
}

#[test]
fn an_error_says_where() {
    assert_eq!(
        error("type t0 text\n  what"),
        "2:3: `type`, `layout`, `constant`, `global`, `container`, `entry`, `test`, `function` or `names` belongs here"
    );
    assert_eq!(error("type t1 text"), "1:6: the next one is t0");
    assert_eq!(error("function f0 () i64 {\n  b0:\n    conts r0, 1"), "3:5: there is no such instruction");
    assert_eq!(error("function f0 () i64 { b0: const r0 1"), "1:35: `,` belongs here");
    assert_eq!(error("function f0 () i64 { b0: const r70000, 1"), "1:32: `r` and a number belong here");
    assert_eq!(error("function f0 () i64 { b0: jump f1"), "1:31: `b` and a number belong here");
    assert_eq!(error("function f0 () i64 { b0: const r0, 9223372036854775808"), "1:36: a number belongs here");
    assert_eq!(
        error("function f0 () i64 { registers i64*99999 b0:"),
        "1:36: these are more registers than there can be"
    );
    assert_eq!(error("function f0 () i64 {"), "1:21: `b` and a number belong here");
    assert_eq!(error("constant c0 \"ä"), "1:15: the literal does not end");
    assert_eq!(error("constant c0 \"\\q\""), "1:14: there is no such escape");
    assert_eq!(error("constant c0 \"\\x4"), "1:14: two hexadecimal digits belong after `\\x`");
    assert_eq!(error("names { file \"\\xff\" }"), "1:14: a name is text");
    assert_eq!(error("type t0 text §"), "1:14: this character has no meaning here");
}

#[test]
fn names_and_literals_of_any_content_come_back() {
    let odd = "a \"quoted\" \\ \n\r\t\u{0}\u{7f}\u{85}\u{2028}é‑🚀".to_owned();
    let names = Names {
        files: vec![odd.clone(), String::new()],
        functions: vec![odd.clone()],
        types: vec![odd.clone()],
        layouts: vec![(odd.clone(), vec![odd.clone(), odd.clone()]), (odd.clone(), vec![])],
        containers: vec![(odd.clone(), vec![odd.clone()])],
        lines: vec![vec![LineRun { count: 1, file: 0, line: u32::MAX, column: 7 }], vec![]],
    };
    let constants = vec![odd.into_bytes().into(), (0..=255).collect(), [].into()];
    let module = Module { constants, names, ..Module::default() };
    let text = disassemble(&module);
    assert_eq!(assemble(&text), Ok(module), "{text}");
}

#[test]
fn a_whole_module_reads_well() {
    let source = include_str!("../../tests/modules/sum.asm");
    let module = assemble(source).unwrap_or_else(|e| panic!("{e}"));
    assert_eq!(disassemble(&module), source);
}
