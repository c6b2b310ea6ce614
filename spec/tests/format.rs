//! The stored form stays what it is: old modules are read, new ones are written, byte for byte.
//!
//! With `BLESS=1` the expectations are written anew; a changed `.codex` means a new format version.

use std::path::PathBuf;

use codex_spec::codec::{decode, encode, module_id};
use codex_spec::instruction::{Class, Opcode, OperandSpec};
use codex_spec::text::{assemble, disassemble};
use codex_spec::verify::{load, verify};

fn file(name: &str) -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), name].iter().collect()
}

fn bless() -> bool {
    std::env::var_os("BLESS").is_some_and(|v| v == "1")
}

/// Compares a file with what it should hold, or writes it.
fn current(name: &str, expected: &[u8]) {
    if bless() {
        std::fs::write(file(name), expected).expect("the file can be written");
    }
    let found = std::fs::read(file(name)).unwrap_or_default();
    assert!(found == expected, "{name} is out of date: run the tests once with BLESS=1 and look at the difference");
}

#[test]
fn a_stored_module_reads_and_writes_as_ever() {
    let source = std::fs::read_to_string(file("tests/modules/sum.asm")).expect("the source is there");
    let module = assemble(&source).unwrap_or_else(|e| panic!("{e}"));
    current("tests/modules/sum.asm", disassemble(&module).as_bytes());
    current("tests/modules/sum.codex", &encode(&module));
    let stored = std::fs::read(file("tests/modules/sum.codex")).expect("the module is there");
    assert_eq!(decode(&stored).as_ref(), Ok(&module));
    assert!(load(&stored).is_ok());
    let id: String = module_id(&stored).iter().map(|b| format!("{b:02x}")).collect();
    assert_eq!(id, "a0787c695c1f5853a5bedbbdf913bbc2a7fa2aca41d4c64bfd6ddec0dcbc8760");
}

#[test]
fn hello_world_is_small() {
    let source = "
        type t0 text  type t1 bytes  constant c0 \"Hello, world!\\n\"  entry f0
        function f0 () i64 { registers i64 t0
          b0: literal r1, t0, c0 const r0, 1 output r0, r1 drop r1 const r0, 0 return r0 }
        names { file \"hello.glyph\" function \"main\" type \"Text\" type \"Bytes\" lines (6 0:1:1) }";
    let module = assemble(source).unwrap_or_else(|e| panic!("{e}"));
    assert!(verify(module.clone()).is_ok());
    assert!(encode(&module).len() < 120, "{} bytes", encode(&module).len());
}

// ── The table of instructions ────────────────────────────────────────────────────

/// An operand as it stands in the table.
fn operand(spec: &OperandSpec) -> String {
    let class = if spec.class == Class::None { String::new() } else { format!(" {:?}", spec.class).to_lowercase() };
    format!("{}: {}{class}", spec.name, format!("{:?}", spec.role).to_lowercase())
}

fn row(opcode: Opcode) -> String {
    let operands: Vec<String> = opcode.operands().iter().map(operand).collect();
    format!("{:02x} {} ({})", opcode as u8, opcode.name(), operands.join(", "))
}

#[test]
fn the_reference_of_instructions_is_current() {
    let mut page = String::from(
        "# Instructions\n\nMade from the table in src/instruction.rs (`BLESS=1 cargo test -p codex-spec`); \
         its introduction is [bytecode.md](bytecode.md).\n",
    );
    for &opcode in Opcode::ALL {
        let operands: Vec<String> = opcode.operands().iter().map(|o| format!("`{}`", operand(o))).collect();
        let meaning = opcode.doc().lines().map(str::trim).collect::<Vec<_>>().join(" ");
        page += &format!("\n## `{}` (0x{:02x})\n\n{meaning}\n", opcode.name(), opcode as u8);
        if !operands.is_empty() {
            page += &format!("\nOperands: {}.\n", operands.join(", "));
        }
    }
    current("instructions.md", page.as_bytes());
}

#[test]
fn numbers_are_forever() {
    let rows: Vec<String> = Opcode::ALL.iter().map(|o| row(*o)).collect();
    let known = std::fs::read_to_string(file("tests/instructions.txt")).unwrap_or_default();
    for old in known.lines() {
        // Also with BLESS=1: a row that once was may only go together with this file's line, and a new semantics version.
        assert!(rows.iter().any(|row| row == old), "the row `{old}` changed or went");
    }
    current("tests/instructions.txt", (rows.join("\n") + "\n").as_bytes());
}
