//! The stored form of a module (`.codex`): the one place where bytes become structures and back.
//!
//! The byte map is in spec/module.md. What this keeps:
//!
//! - **One form.** A module has exactly one stored form: numbers are LEB128 without padding, sections stand in
//!   order, nothing follows the last. So `encode(&decode(bytes)?) == bytes`, and a module's id, the blake3 of its
//!   bytes, is an id of its content.
//! - **Bounded.** A declared count is checked against the bytes that are left before anything is allocated,
//!   so memory stays within a constant factor of the input.
//! - **Shape, not sense.** Whether ids are in range and code is well-typed is the verifier's business
//!   ([`crate::verify`]); any [`Module`] value can be encoded.

mod error;
mod names;
mod reader;
mod sections;
mod writer;

pub use error::{CodecError, Wrong};

use crate::module::Module;
use crate::semantics;
use reader::Reader;
use writer::Writer;

/// The first bytes of every module. The high bit and the line ends show a file that was
/// sent as text.
pub const MAGIC: [u8; 8] = *b"\x8bcodex\r\n";
/// The version of the stored form.
pub const FORMAT: u32 = 1;
/// Bytes of a stored module at most.
pub const MAX_BYTES: usize = 256 << 20;

/// The stored form.
pub fn encode(module: &Module) -> Vec<u8> {
    let mut writer = Writer::new();
    writer.bytes(&MAGIC);
    writer.number(FORMAT.into());
    writer.number(semantics::VERSION.into());
    for section in sections::ALL {
        let mut part = Writer::new();
        (section.write)(module, &mut part);
        let part = part.finish();
        writer.byte(section.id);
        writer.number(part.len() as u64);
        writer.bytes(&part);
    }
    writer.finish()
}

/// The module with this stored form, or the first thing that is wrong with it.
pub fn decode(bytes: &[u8]) -> Result<Module, CodecError> {
    let mut reader = Reader::new(bytes);
    header(&mut reader)?;
    let mut module = Module::default();
    for section in sections::ALL {
        let at = reader.offset();
        let id = reader.byte()?;
        if id != section.id {
            return Err(CodecError { offset: at, wrong: Wrong::Section { expected: section.name, found: id } });
        }
        let length = reader.count("section length")?;
        let mut part = reader.part(length)?;
        (section.read)(&mut module, &mut part)?;
        part.end()?;
    }
    reader.end()?;
    Ok(module)
}

/// What a module is called: the blake3 of its stored form.
pub fn module_id(bytes: &[u8]) -> [u8; 32] {
    *blake3::hash(bytes).as_bytes()
}

fn header(reader: &mut Reader<'_>) -> Result<(), CodecError> {
    if reader.left() > MAX_BYTES {
        return Err(reader.error(Wrong::TooMany { what: "bytes", count: reader.left() as u64 }));
    }
    if reader.take(MAGIC.len()).ok() != Some(&MAGIC) {
        return Err(CodecError { offset: 0, wrong: Wrong::NotAModule });
    }
    let at = reader.offset();
    let format = reader.number()?;
    if format != u64::from(FORMAT) {
        return Err(CodecError { offset: at, wrong: Wrong::Format(format) });
    }
    let at = reader.offset();
    let version = reader.number()?;
    if version != u64::from(semantics::VERSION) {
        return Err(CodecError { offset: at, wrong: Wrong::Semantics(version) });
    }
    Ok(())
}

#[cfg(test)]
mod tests;
