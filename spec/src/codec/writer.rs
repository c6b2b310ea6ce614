//! The writer: what [`super::reader`] reads, nothing can fail.

use crate::instruction::{BlockId, Inst, OperandRef, Reg};

/// Bytes being written.
pub(super) struct Writer {
    bytes: Vec<u8>,
}

impl Writer {
    pub(super) fn new() -> Self {
        Writer { bytes: Vec::new() }
    }

    pub(super) fn finish(self) -> Vec<u8> {
        self.bytes
    }

    pub(super) fn byte(&mut self, byte: u8) {
        self.bytes.push(byte);
    }

    pub(super) fn bytes(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// LEB128.
    pub(super) fn number(&mut self, mut n: u64) {
        while n >= 0x80 {
            self.byte(n as u8 | 0x80);
            n >>= 7;
        }
        self.byte(n as u8);
    }

    /// A counted list.
    pub(super) fn list<T>(&mut self, items: &[T], mut element: impl FnMut(&mut Self, &T)) {
        self.number(items.len() as u64);
        for item in items {
            element(self, item);
        }
    }

    /// 0 for none, else an index + 1.
    pub(super) fn optional_id(&mut self, id: Option<u32>) {
        self.number(id.map_or(0, |n| u64::from(n) + 1));
    }

    /// Number, then operands in the row's order.
    pub(super) fn inst(&mut self, inst: &Inst) {
        self.byte(inst.opcode() as u8);
        inst.for_each_operand(|_, operand| match operand {
            OperandRef::Reg(Reg(r)) => self.number(r.into()),
            OperandRef::Regs(regs) => self.list(regs, |w, r| w.number(r.0.into())),
            OperandRef::Imm(n) => self.number((n << 1 ^ n >> 63) as u64),
            // Short numbers have their zeros at the low end; swapped, these need no bytes.
            OperandRef::Float(bits) => self.number(bits.swap_bytes()),
            OperandRef::Index(n) | OperandRef::Block(BlockId(n)) => self.number(n.into()),
            OperandRef::Blocks(blocks) => self.list(blocks, |w, b| w.number(b.0.into())),
        });
    }
}
