//! What a cell looks like in memory: reference words, headers, and one compact row for each layout.
//!
//! `spec::layout` gives the rules. What this room adds:
//!
//! - Page 0 holds, at `8 × n` for each variant number `n`, a header with that tag and an immortal count.
//!   So a variant without fields is read and counted like a cell, without a test.
//! - The empty list, text and bytes are the word [`EMPTY`]: an immortal header of a text whose length
//!   and capacity are 0, in page 0 too.
//! - A count of [`IMMORTAL`] never changes: literals, and what 2^32 - 1 owners once held.
//! - A *free* cell has count 0 and the next free cell of its class in the upper half of its header.
//! - A *dead* cell, whose contents are still to be dropped, has the next dead cell in place of its count.
//! - A *token* is a cell with count 0 that a register holds.

use codex_spec::layout::{FIRST_CELL, LayoutDef, RegType, Storage, TypeDef, builtin_layout, field_offsets};
use codex_spec::module::Module;

/// The word of the empty list, text and bytes.
pub(crate) const EMPTY: u32 = 256;
/// A count that never changes.
pub(crate) const IMMORTAL: u32 = u32::MAX;

/// Byte offset of the head of the list of dead cells in page 0.
pub(crate) const DEAD_HEAD: usize = EMPTY as usize * 8 + 16;
/// Byte offset of the heads of the free lists in page 0: one for each size class.
pub(crate) const FREE_HEADS: usize = DEAD_HEAD + 8;
/// Units up to which each size has a class of its own.
pub(crate) const EXACT: u64 = 64;
/// Size classes: exact to 64 units of 8 bytes, then four for each doubling up to 2^32 units.
pub(crate) const CLASSES: usize = 65 + 26 * 4;
/// The first byte behind page 0.
pub(crate) const START: usize = FIRST_CELL as usize * 8;

const _: () = assert!(FREE_HEADS + CLASSES * 4 <= START);

/// How the cells of a layout are built.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Kind {
    Record,
    Closure,
    ListWord,
    ListRef,
    ListByte,
    Text,
    TextSlice,
    Bytes,
    BytesSlice,
}

/// One layout, as allocation, copy, drop and walk read it.
#[derive(Clone, Debug)]
pub(crate) struct Layout {
    /// How its cells are built.
    pub(crate) kind: Kind,
    /// The tag that its headers carry.
    pub(crate) tag: u8,
    /// Records and closures: bytes of a cell.
    pub(crate) size: u32,
    /// Records and closures: byte range of the references.
    pub(crate) refs: (u32, u32),
    /// Records and closures: how many fields of 8, 4 and 1 bytes.
    pub(crate) widths: (u32, u32, u32),
    /// Closures: the function that runs.
    pub(crate) function: u32,
    /// The type whose values have this layout.
    pub(crate) typ: u32,
}

impl Layout {
    fn new(kind: Kind, typ: u32) -> Layout {
        Layout { kind, tag: 0, size: 0, refs: (8, 8), widths: (0, 0, 0), function: 0, typ }
    }

    fn with_fields(kind: Kind, typ: u32, tag: u8, fields: &[Storage]) -> Layout {
        let offsets = field_offsets(fields);
        let count = |size| fields.iter().filter(|f| f.size() == size).count() as u32;
        let widths = (count(8), count(4), count(1));
        Layout { tag, size: offsets.size, refs: offsets.refs, widths, ..Layout::new(kind, typ) }
    }

    /// Whether a cell may refer to others.
    #[inline(always)]
    pub(crate) fn is_leaf(&self) -> bool {
        match self.kind {
            Kind::Record | Kind::Closure => self.refs.0 == self.refs.1,
            Kind::ListRef | Kind::TextSlice | Kind::BytesSlice => false,
            Kind::ListWord | Kind::ListByte | Kind::Text | Kind::Bytes => true,
        }
    }

    /// Bytes of an element of a list, text or bytes.
    #[inline(always)]
    pub(crate) fn element(&self) -> usize {
        match self.kind {
            Kind::ListWord => 8,
            Kind::ListRef => 4,
            _ => 1,
        }
    }
}

/// How elements with this storage are kept in a list.
pub(crate) fn list_kind(element: Storage) -> Kind {
    match element {
        Storage::I64 | Storage::F64 => Kind::ListWord,
        Storage::Byte => Kind::ListByte,
        Storage::Ref(_) => Kind::ListRef,
    }
}

/// The rows of a module's layouts, built-in ones first.
pub(crate) fn table(module: &Module) -> Box<[Layout]> {
    let text = codex_spec::module::TEXT.0;
    let bytes = codex_spec::module::BYTES.0;
    let mut rows = vec![
        Layout::new(Kind::Text, text),
        Layout::new(Kind::TextSlice, text),
        Layout::new(Kind::Bytes, bytes),
        Layout::new(Kind::BytesSlice, bytes),
    ];
    debug_assert_eq!(rows.len(), builtin_layout::FIRST as usize);
    for def in &module.layouts {
        rows.push(match def {
            LayoutDef::Record { typ, tag, fields } => Layout::with_fields(Kind::Record, typ.0, *tag, fields),
            LayoutDef::Closure { typ, function, fields } => {
                Layout { function: function.0, ..Layout::with_fields(Kind::Closure, typ.0, 0, fields) }
            }
            LayoutDef::List(typ) => match module.types.get(typ.index()) {
                Some(TypeDef::List { element, .. }) => Layout::new(list_kind(*element), typ.0),
                _ => Layout::new(Kind::ListByte, typ.0),
            },
        });
    }
    rows.into()
}

/// Whether a register of this type holds a reference.
pub(crate) fn is_ref(typ: RegType) -> bool {
    matches!(typ, RegType::Ref(_))
}

/// A header from its parts.
#[inline(always)]
pub(crate) const fn header(count: u32, layout: u32, tag: u8) -> u64 {
    count as u64 | (layout as u64) << 32 | (tag as u64) << 56
}

/// The layout in the upper half of a header.
#[inline(always)]
pub(crate) const fn layout_of(upper: u32) -> u32 {
    upper & 0x00ff_ffff
}

/// The number of the size class that holds cells of this many units, and how many units its cells have.
#[inline(always)]
pub(crate) fn class(units: u64) -> (usize, u64) {
    if units <= EXACT {
        return (units as usize, units);
    }
    let power = 63 - (units - 1).leading_zeros() as u64;
    let step = 1u64 << (power - 2);
    let quarter = (units - (1 << power)).div_ceil(step);
    (65 + (power as usize - 6) * 4 + (quarter as usize - 1), (1 << power) + quarter * step)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_are_exact_when_small_and_waste_at_most_a_quarter_when_large() {
        let mut last = (0, 0);
        for units in 1..100_000u64 {
            let (number, size) = class(units);
            assert!(size >= units && size <= units + units / 4 + 1);
            assert!(units > 64 || size == units);
            assert!(number == last.0 && size == last.1 || number == last.0 + 1 && size > last.1);
            assert_eq!(class(size), (number, size));
            last = (number, size);
        }
        assert_eq!(class(1 << 32).0, CLASSES - 1);
    }
}
