//! Loading: a function of a verified module becomes words for the dispatch loop, when it is first called.
//!
//! What is decided here is not decided again while running: which kind of list, field or constant an instruction works on,
//! where fields stand, which edges are back-edges (they pay fuel), where jumps lead. Short sequences become one word
//! where that was measured to help; a sequence that can trap keeps the place of the instruction that traps, and nothing
//! is fused across a place where a container can stop.

mod calls;
mod control;
mod data;
mod fuse;

use codex_spec::instruction::{BlockId, Inst, LayoutId, OperandRef, Reg};
use codex_spec::layout::{LayoutDef, RegType, Storage, TypeDef, builtin_layout};
use codex_spec::module::{Function, Module};

use super::op::{Op, Word, regular};
use crate::heap::cells::Layout;

/// A loaded function.
pub(crate) struct Loaded {
    /// Its words.
    pub(crate) code: Box<[Word]>,
    /// For each word: the instruction it comes from, counted through the function's blocks.
    origin: Box<[u32]>,
    /// For each instruction: its first word.
    place: Box<[u32]>,
    /// For each block: its first instruction.
    starts: Box<[u32]>,
}

impl Loaded {
    /// The instruction, counted through the function's blocks, that a word comes from.
    pub(crate) fn instruction_at(&self, pc: *const Word) -> usize {
        self.origin[(pc as usize - self.code.as_ptr() as usize) / size_of::<Word>()] as usize
    }

    /// The word of an instruction.
    pub(crate) fn word_of(&self, instruction: usize) -> Option<*const Word> {
        self.place.get(instruction).map(|&at| &raw const self.code[at as usize])
    }

    /// Block and index in it of an instruction.
    pub(crate) fn portable(&self, instruction: usize) -> (u32, u32) {
        let block = self.starts.partition_point(|&start| start as usize <= instruction) - 1;
        (block as u32, instruction as u32 - self.starts[block])
    }

    /// The instruction with this index in this block.
    pub(crate) fn instruction(&self, block: u32, index: u32) -> Option<usize> {
        let start = *self.starts.get(block as usize)? as usize;
        let end = self.starts.get(block as usize + 1).map_or(self.place.len(), |&s| s as usize);
        let at = start + index as usize;
        (at < end).then_some(at)
    }
}

/// Loads a function, with fused words or without.
pub(crate) fn load(module: &Module, layouts: &[Layout], function: &Function, fuses: bool) -> Loaded {
    let mut loader = Loader {
        module,
        layouts,
        function,
        code: Vec::new(),
        origin: Vec::new(),
        place: Vec::new(),
        starts: Vec::new(),
        jumps: Vec::new(),
        block: BlockId(0),
        fused: 0,
        fuses,
    };
    for (number, block) in function.blocks.iter().enumerate() {
        loader.block = BlockId(number as u32);
        loader.starts.push(loader.place.len() as u32);
        for inst in &block.code {
            loader.place.push(loader.code.len() as u32);
            loader.instruction(inst);
            loader.mark();
        }
    }
    loader.resolve();
    loader.finish()
}

/// A jump whose distance is not known yet.
struct Jump {
    /// The word that the distance is counted from.
    from: usize,
    /// The word and lane that hold it.
    word: usize,
    lane: usize,
    /// Where it goes.
    to: BlockId,
    /// Whether a unit of fuel is paid on the way, by a `Back` word of its own.
    pays: bool,
}

struct Loader<'a> {
    module: &'a Module,
    layouts: &'a [Layout],
    function: &'a Function,
    code: Vec<Word>,
    origin: Vec<u32>,
    place: Vec<u32>,
    starts: Vec<u32>,
    jumps: Vec<Jump>,
    block: BlockId,
    /// The last instruction that is the second of a fused pair; 0 if there is none.
    fused: usize,
    fuses: bool,
}

impl Loader<'_> {
    fn instruction(&mut self, inst: &Inst) {
        if self.fuses {
            self.fuse(inst);
        }
        if let Some(op) = regular(inst.opcode()) {
            self.plain(op, inst);
        } else {
            match inst.opcode() as u8 {
                0x00..0x40 => self.word(inst),
                0x40..0x4f => self.control(inst),
                0x4f..0x60 => self.call(inst),
                0x60..0x80 => self.record(inst),
                0x80..0x98 => self.list(inst),
                0xd0.. => self.message(inst),
                _ => self.text_or_world(inst),
            }
        }
    }

    /// Words up to here come from the last instruction.
    fn mark(&mut self) {
        let last = self.place.len() as u32 - 1;
        self.origin.resize(self.code.len(), last);
    }

    fn emit(&mut self, op: Op, a: Reg, b: Reg, c: Reg, d: u64) -> usize {
        self.code.push(Word::new(op, a.0, b.0, c.0, d));
        self.code.len() - 1
    }

    /// Operands as they stand: see [`regular`].
    fn plain(&mut self, op: Op, inst: &Inst) {
        let mut regs = [Reg(0); 4];
        let mut count = 0;
        let mut d = 0;
        inst.for_each_operand(|_, operand| match operand {
            OperandRef::Reg(r) => {
                regs[count] = r;
                count += 1;
            }
            OperandRef::Imm(value) => d = value as u64,
            OperandRef::Float(bits) => d = bits,
            OperandRef::Index(index) => d = index as u64,
            _ => {}
        });
        if count == 4 {
            d = regs[3].0 as u64;
        }
        self.emit(op, regs[0], regs[1], regs[2], d);
    }

    fn word(&mut self, inst: &Inst) {
        match inst {
            Inst::ConstI64 { dst, value } => self.emit(Op::Const, *dst, Reg(0), Reg(0), *value as u64),
            Inst::ConstF64 { dst, value } => self.emit(Op::Const, *dst, Reg(0), Reg(0), *value),
            _ => unreachable!("regular"),
        };
    }

    /// Extra words with these registers.
    fn registers(&mut self, registers: impl IntoIterator<Item = Reg>) {
        let mut lanes = [0; 8];
        let mut count = 0;
        for r in registers {
            lanes[count % 8] = r.0;
            count += 1;
            if count % 8 == 0 {
                self.code.push(Word::extra(std::mem::take(&mut lanes)));
            }
        }
        if count % 8 != 0 {
            self.code.push(Word::extra(lanes));
        }
    }

    /// Whether the edge from this block to that one pays.
    fn is_back(&self, to: BlockId) -> bool {
        to <= self.block
    }

    /// Where a free way to a block leads, if the block only goes on to another one.
    fn through(&self, mut to: BlockId) -> BlockId {
        while let [Inst::Jump { to: next }] = self.function.blocks[to.index()].code[..]
            && next > to
        {
            to = next;
        }
        to
    }

    /// A jump in a lane of a word, counted from the word `from`.
    fn jump(&mut self, from: usize, word: usize, lane: usize, to: BlockId) {
        self.jumps.push(Jump { from, word, lane, to, pays: self.is_back(to) });
    }

    /// Sets the distances of all jumps; those that pay and have no word for it go through one at the end of the code.
    fn resolve(&mut self) {
        for jump in std::mem::take(&mut self.jumps) {
            let block = if jump.pays { jump.to } else { self.through(jump.to) };
            let target = self.place[self.starts[block.index()] as usize] as usize;
            let mut to = target;
            if jump.pays {
                to = self.code.len();
                self.code.push(Word::new(Op::Back, 0, 0, 0, distance(to, target) as u32 as u64));
                self.origin.push(self.origin[jump.from]);
            }
            self.code[jump.word].set_lane(jump.lane, distance(jump.from, to));
        }
    }

    fn finish(self) -> Loaded {
        Loaded {
            code: self.code.into(),
            origin: self.origin.into(),
            place: self.place.into(),
            starts: self.starts.into(),
        }
    }

    fn typ(&self, r: Reg) -> RegType {
        self.function.registers[r.0 as usize]
    }

    fn row(&self, layout: LayoutId) -> &Layout {
        &self.layouts[layout.index()]
    }

    /// The fields of a record's or closure's layout.
    fn fields(&self, layout: LayoutId) -> &[Storage] {
        match &self.module.layouts[layout.index() - builtin_layout::FIRST as usize] {
            LayoutDef::Record { fields, .. } | LayoutDef::Closure { fields, .. } => fields,
            LayoutDef::List(_) => &[],
        }
    }

    /// Element storage and layout of the list in a register.
    fn list_of(&self, r: Reg) -> (Storage, LayoutId) {
        match self.typ(r) {
            RegType::Ref(t) => match &self.module.types[t.index()] {
                TypeDef::List { element, layout } => (*element, *layout),
                _ => unreachable!("verified: a list"),
            },
            _ => unreachable!("verified: a list"),
        }
    }
}

/// Bytes from one word to another.
fn distance(from: usize, to: usize) -> i32 {
    // The codec limits a module far below the 2^27 words that this can reach.
    ((to as i64 - from as i64) * size_of::<Word>() as i64) as i32
}
