//! Types, cells and their layouts: what the bytes of a heap mean.
//!
//! A *reference word* is 32 bits in units of 8 bytes from the heap's base. Words below
//! [`FIRST_CELL`] are not cells but variants without fields (the word is the variant's number);
//! the first page of a heap holds its own bookkeeping, so no cell lies there.
//!
//! A *cell* starts with a header of 8 bytes: count (32 bits), layout (24 bits), tag (8 bits: the
//! variant's number). Fields follow, widest first: words of 8 bytes, references of 4, bytes of
//! 1, in declaration order within a width; the cell is padded with zeros to a multiple of 8 and is at least 16 bytes.
//! Lists, text and bytes have a second word, length and capacity (32 bits each), then
//! elements of 8, 4 or 1 bytes. A slice of a text or of bytes is a cell with length and offset in the second
//! word and the parent's reference in the third.

use serde::{Deserialize, Serialize};

use crate::instruction::{FuncId, LayoutId, TypeId};

/// The first reference word that is a cell: one page of 4 KiB in units of 8 bytes.
pub const FIRST_CELL: u32 = 512;
/// Variants of one type at most: their numbers fit into the header's tag and below [`FIRST_CELL`].
pub const MAX_VARIANTS: usize = 256;
/// Fields of a record, or captures of a function value, at most: a cell stays below 32 KiB.
pub const MAX_FIELDS: usize = 4000;
/// Layouts of a module at most, the built-in ones included: a header has 24 bits for the layout.
pub const MAX_LAYOUTS: usize = 1 << 24;

/// The static type of a register.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum RegType {
    /// Int, Bool, enumerations, `()`.
    I64,
    /// Float.
    F64,
    /// A reference to a value of this type.
    Ref(TypeId),
}

/// How a field or element is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Storage {
    /// 8 bytes.
    I64,
    /// 8 bytes.
    F64,
    /// 1 byte, an i64 of 0..=255 in a register: Bool, enumerations, `()`.
    Byte,
    /// 4 bytes.
    Ref(TypeId),
}

impl Storage {
    /// Its size in a cell.
    pub fn size(self) -> u32 {
        match self {
            Storage::I64 | Storage::F64 => 8,
            Storage::Ref(_) => 4,
            Storage::Byte => 1,
        }
    }
    /// The type of a register that holds it.
    pub fn reg_type(self) -> RegType {
        match self {
            Storage::I64 | Storage::Byte => RegType::I64,
            Storage::F64 => RegType::F64,
            Storage::Ref(t) => RegType::Ref(t),
        }
    }
}

/// A reference type of a module.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum TypeDef {
    /// Records and variants (also tuples): for each variant its layout, or `None` for one without fields.
    Data(Vec<Option<LayoutId>>),
    /// A list.
    List {
        /// How elements are stored.
        element: Storage,
        /// The layout of its cells.
        layout: LayoutId,
    },
    /// UTF-8 text.
    Text,
    /// Bytes.
    Bytes,
    /// A function value.
    Function {
        /// Parameters, without the function value itself; all are owned.
        params: Vec<RegType>,
        /// The result.
        result: RegType,
    },
}

/// What the cells with this layout look like.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum LayoutDef {
    /// One variant of a data type.
    Record {
        /// The type.
        typ: TypeId,
        /// The variant's number.
        tag: u8,
        /// Fields in declaration order.
        fields: Vec<Storage>,
    },
    /// A list of this type.
    List(TypeId),
    /// A function value: the function that runs, and its captures.
    Closure {
        /// The type of the value.
        typ: TypeId,
        /// The function; its first parameter is the function value itself.
        function: FuncId,
        /// Captures.
        fields: Vec<Storage>,
    },
}

/// Layouts that every module has, before its own.
pub mod builtin_layout {
    use super::LayoutId;
    /// A text with its bytes.
    pub const TEXT: LayoutId = LayoutId(0);
    /// A part of another text.
    pub const TEXT_SLICE: LayoutId = LayoutId(1);
    /// Bytes.
    pub const BYTES: LayoutId = LayoutId(2);
    /// A part of other bytes, or of a text.
    pub const BYTES_SLICE: LayoutId = LayoutId(3);
    /// The first of a module's own: `Module::layouts[0]`.
    pub const FIRST: u32 = 4;
}

/// Where each field of a record or closure stands, from the cell's start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldOffsets {
    /// In declaration order.
    pub offsets: Vec<u32>,
    /// Bytes of the whole cell, header and padding included.
    pub size: u32,
    /// Byte range `start..end` of the references, which are next to each other.
    pub refs: (u32, u32),
}

/// Computes the offsets by the rule in the module's documentation.
pub fn field_offsets(fields: &[Storage]) -> FieldOffsets {
    let mut offsets = vec![0; fields.len()];
    let mut at = 8;
    let mut refs = (8, 8);
    for width in [8, 4, 1] {
        if width == 4 {
            refs.0 = at;
        }
        for (offset, field) in offsets.iter_mut().zip(fields) {
            if field.size() == width {
                *offset = at;
                at += width;
            }
        }
        if width == 4 {
            refs.1 = at;
        }
    }
    FieldOffsets { offsets, size: at.next_multiple_of(8).max(16), refs }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_node_of_two_references_takes_sixteen_bytes() {
        let r = Storage::Ref(TypeId(0));
        assert_eq!(field_offsets(&[r, r]).size, 16);
        let mixed = field_offsets(&[Storage::Byte, r, Storage::F64]);
        assert_eq!(mixed.offsets, [20, 16, 8]);
        assert_eq!((mixed.size, mixed.refs), (24, (16, 20)));
    }
}
