//! Reading and writing the machine's memory.
//!
//! Each access is in one region; accesses of different regions never touch the same bytes while neither is out of line, so one
//! does not undo what is known of the other.

use cranelift_codegen::ir::types::I64;
use cranelift_codegen::ir::{AliasRegionData, Function, InstBuilder, MemFlagsData, Type, Value};

use super::Translator;

/// Flags of the accesses to each region.
#[derive(Clone, Copy)]
pub(super) struct Regions {
    /// Headers of cells: count, layout, tag; and links of free ones.
    pub(super) header: MemFlagsData,
    /// Length and capacity.
    pub(super) length: MemFlagsData,
    /// Elements of lists.
    pub(super) item: MemFlagsData,
    /// Fields of records.
    pub(super) field: MemFlagsData,
    /// Heads of free lists and of the list of dead cells.
    pub(super) page: MemFlagsData,
    /// The container and what it points to outside of its heap.
    pub(super) container: MemFlagsData,
    /// Registers of frames, scratch registers, exit records.
    pub(super) frame: MemFlagsData,
}

impl Regions {
    pub(super) fn new(function: &mut Function) -> Regions {
        let mut region = |user_id, name: &'static str| {
            let data = AliasRegionData { user_id, description: name.into() };
            let region = function.dfg.alias_regions.insert(data);
            MemFlagsData::trusted().with_alias_region(Some(region))
        };
        Regions {
            header: region(0, "header"),
            length: region(1, "length"),
            item: region(2, "item"),
            field: region(3, "field"),
            page: region(4, "page"),
            container: region(5, "container"),
            frame: region(6, "frame"),
        }
    }
}

/// A field of the activation.
macro_rules! activation {
    ($field:ident) => {
        std::mem::offset_of!(crate::activation::Activation, $field) as i32
    };
}
pub(super) use activation;

impl Translator<'_, '_, '_, '_> {
    /// Loads a field of the activation.
    pub(super) fn activation(&mut self, typ: Type, field: i32) -> Value {
        let at = self.shared.machine.activation + field;
        self.builder.ins().load(typ, self.regions.container, self.container, at)
    }

    /// Stores a field of the activation.
    pub(super) fn set_activation(&mut self, field: i32, value: Value) {
        let at = self.shared.machine.activation + field;
        self.builder.ins().store(self.regions.container, value, self.container, at);
    }

    /// The heap's base.
    pub(super) fn base(&mut self) -> Value {
        self.builder.use_var(self.base)
    }

    /// Loads the heap's base: at the start, and after everything that may move the heap.
    pub(super) fn reload_base(&mut self) {
        let at = self.shared.machine.heap_base;
        let base = self.builder.ins().load(I64, self.regions.container, self.container, at);
        self.builder.def_var(self.base, base);
    }

    /// The address of a cell.
    pub(super) fn address(&mut self, reference: Value) -> Value {
        let base = self.base();
        let bytes = self.builder.ins().ishl_imm_u(reference, 3);
        self.builder.ins().iadd(base, bytes)
    }

    /// Reads 32 bits as a word.
    pub(super) fn read32(&mut self, flags: MemFlagsData, address: Value, offset: i32) -> Value {
        self.builder.ins().uload32(flags, address, offset)
    }

    /// Writes the lower 32 bits of a word.
    pub(super) fn write32(&mut self, flags: MemFlagsData, value: Value, address: Value, offset: i32) {
        self.builder.ins().istore32(flags, value, address, offset);
    }
}
