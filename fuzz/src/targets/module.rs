//! Any bytes as a stored module: refused with a place, or read back to the same bytes, and then refused or verified.

use codex_spec::instruction::{BlockId, FuncId};
use codex_spec::liveness::Safepoints;
use codex_spec::{codec, text, verify};

/// Decodes, writes again, goes through assembly, verifies.
pub fn module(bytes: &[u8]) {
    let module = match codec::decode(bytes) {
        Ok(module) => module,
        Err(error) => {
            assert!(error.offset <= bytes.len(), "the place {} is past the end", error.offset);
            assert!(!error.to_string().is_empty());
            return;
        }
    };
    assert_eq!(codec::encode(&module), bytes, "another stored form of the same module was read");
    let shown = text::disassemble(&module);
    assert_eq!(text::assemble(&shown).as_ref(), Ok(&module), "assembly gives another module");
    let verified = match verify::verify(module) {
        Ok(verified) => verified,
        Err(error) => return assert!(!error.to_string().is_empty()),
    };
    for n in 0..verified.functions.len() {
        let points = Safepoints::of(&verified, FuncId(n as u32)).expect("the function is there");
        assert!(points.entering(BlockId(0)).is_some());
    }
}
