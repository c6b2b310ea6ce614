//! Bytes that are no module, one way after the other. Round trips over whole programs are in tests/.

use super::*;
use crate::instruction::{Inst, Reg};
use crate::layout::RegType;
use crate::module::{Block, Function, Hold, Names, State};

#[test]
fn nothing_is_small() {
    let bytes = encode(&Module::default());
    assert_eq!(decode(&bytes), Ok(Module::default()));
    assert!(bytes.len() < 48, "{} bytes", bytes.len());
}

/// The bytes of the empty module with those at `at` replaced.
fn with(at: usize, replacement: &[u8]) -> Vec<u8> {
    let mut bytes = encode(&Module::default());
    bytes.splice(at..at + 1, replacement.iter().copied());
    bytes
}

fn wrong(bytes: &[u8]) -> (usize, Wrong) {
    match decode(bytes) {
        Ok(module) => panic!("this is a module: {module:?}"),
        Err(e) => (e.offset, e.wrong),
    }
}

#[test]
fn the_header_is_checked_first() {
    assert_eq!(wrong(b""), (0, Wrong::NotAModule));
    assert_eq!(wrong(b"\x8bcodex\n"), (0, Wrong::NotAModule));
    assert_eq!(wrong(&with(8, &[2])), (8, Wrong::Format(2)));
    assert_eq!(wrong(&with(9, &[9])), (9, Wrong::Semantics(9)));
    assert_eq!(wrong(&with(8, &[0x81, 0])), (8, Wrong::Overlong));
}

#[test]
fn sections_stand_in_order_and_have_their_length() {
    assert_eq!(wrong(&with(10, &[2])), (10, Wrong::Section { expected: "types", found: 2 }));
    assert_eq!(wrong(&with(11, &[99])), (11, Wrong::TooMany { what: "section length", count: 99 }));
    // A section of two bytes, of which the second means nothing.
    assert_eq!(wrong(&with(11, &[2, 0])), (13, Wrong::Trailing));
    let mut more = encode(&Module::default());
    more.push(0);
    assert_eq!(wrong(&more), (more.len() - 1, Wrong::Trailing));
}

#[test]
fn every_cut_is_noticed() {
    let bytes =
        encode(&Module { constants: vec![(*b"text").into()], globals: vec![RegType::F64], ..Module::default() });
    for length in 0..bytes.len() {
        assert!(decode(&bytes[..length]).is_err(), "{length} bytes");
    }
}

#[test]
fn numbers_have_one_form() {
    let read = |bytes: &[u8]| Reader::new(bytes).number().map_err(|e| e.wrong);
    assert_eq!(read(&[0]), Ok(0));
    assert_eq!(read(&[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1]), Ok(u64::MAX));
    assert_eq!(read(&[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2]), Err(Wrong::Overlong));
    assert_eq!(read(&[0x80; 11]), Err(Wrong::Overlong));
    assert_eq!(read(&[0x80, 0]), Err(Wrong::Overlong));
    assert_eq!(read(&[0x80]), Err(Wrong::Ended));
}

#[test]
fn a_count_beyond_the_input_allocates_nothing() {
    // 2^40 types in a section of six bytes.
    let bytes = with(11, &[6, 0x80, 0x80, 0x80, 0x80, 0x80, 0x20]);
    assert_eq!(wrong(&bytes), (12, Wrong::TooMany { what: "types", count: 1 << 40 }));
    let mut reader = Reader::new(&[0x80, 0x80, 0x80, 0x80, 0x80, 0x20]);
    let error = reader.list("types", |r| r.byte()).map_err(|e| e.wrong);
    assert_eq!(error, Err(Wrong::TooMany { what: "types", count: 1 << 40 }));
}

#[test]
fn any_states_and_extremes_come_back() {
    let state = |hold, variant| State { hold, variant };
    let entry = vec![
        (Reg(u16::MAX), state(Hold::Word, Some(255))),
        (Reg(0), state(Hold::Borrowed(Reg(u16::MAX)), None)),
        (Reg(0), state(Hold::Token(u32::MAX), None)),
        (Reg(7), state(Hold::OpenItem(Reg(1)), Some(0))),
        (Reg(6), state(Hold::OpenField(u32::MAX), None)),
    ];
    let imm = |value| Inst::ConstI64 { dst: Reg(0), value };
    let float = |value| Inst::ConstF64 { dst: Reg(0), value };
    let mut code: Vec<Inst> = [0, -1, 63, -64, 64, i64::MAX, i64::MIN].map(imm).into();
    code.extend([0, 1, u64::MAX, 1.0f64.to_bits(), f64::NAN.to_bits()].map(float));
    let registers = [vec![RegType::I64; 17], vec![RegType::F64; 8], vec![RegType::I64]].concat();
    let blocks = vec![Block { entry, code }];
    let function = Function { params: vec![], result: RegType::I64, closure: None, registers, blocks };
    let names = Names { files: vec!["a".repeat(300)], ..Names::default() };
    let module = Module { functions: vec![function], names, ..Module::default() };
    let bytes = encode(&module);
    assert_eq!(decode(&bytes), Ok(module));
    assert_eq!(encode(&decode(&bytes).unwrap_or_default()), bytes);
}

#[test]
fn runs_of_registers_have_one_form() {
    // Runs of 7 and 1 of the same type, where one run of 8 belongs.
    let mut reader = Reader::new(&[2, 6, 0]);
    assert_eq!(sections::read_registers(&mut reader), Err(CodecError { offset: 2, wrong: Wrong::SplitRun }));
    let mut reader = Reader::new(&[2, 7, 0]);
    assert_eq!(sections::read_registers(&mut reader), Ok(vec![RegType::I64; 9]));
}

#[test]
fn padded_names_are_refused() {
    let names = names::encode(&Names::default());
    assert_eq!(names, [0; 6]);
    assert_eq!(names::decode(&names), Ok(Names::default()));
    // bincode's long form of 0, and a byte too many.
    for padded in [&[251, 0, 0, 0, 0, 0, 0, 0][..], &[0; 7]] {
        assert_eq!(names::decode(padded), Err(Wrong::Names("not in their one form".to_owned())));
    }
    assert!(matches!(names::decode(&[253, 255, 255, 255, 255, 255, 255, 255, 127]), Err(Wrong::Names(_))));
}
