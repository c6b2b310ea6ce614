//! Containers at rest: a small one is a block of words, and works in the memory of whoever runs it.
//!
//! Most containers of a world wait most of the time, and hold little. Memory of its own for each (a heap, a stack) would
//! cost pages and mappings, so a container whose heap and stack are small is written into one block of words when its
//! quantum ends, and read back into the memory of the thread that runs it next. Where a container is kept is the host's
//! business: neither state nor hash know of it.
//!
//! Keeps true: `wake` after `settle` gives the same container, bit by bit; between two containers the memory they work
//! in is as new.

use crate::container::Container;
use crate::interpreter::op::Word;
use crate::mailbox::Message;
use crate::program::HALT;

/// Words of a block at most.
const SMALL: usize = 512;

/// Where a container is.
pub(crate) enum Form {
    /// In a block.
    Resting(Resting),
    /// In memory of its own.
    Own(Box<Container>),
}

impl Default for Form {
    fn default() -> Form {
        Form::Resting(Resting::default())
    }
}

/// A container in a block. The fields are those of [`Container`].
pub(crate) struct Resting {
    fuel: i64,
    used: u64,
    pc: *const Word,
    waits: bool,
    state: Option<u64>,
    handling: Message,
    asker: u64,
    taken: u64,
    child: u64,
    drawn: u64,
    /// Where each part ends in the block, but for the last.
    ends: [u16; PARTS - 1],
    words: Vec<u64>,
}

/// Free lists, cells, literals, constants, frames, registers.
const PARTS: usize = 6;

// SAFETY: `pc`, and the frames in the block, point into code that the world's program keeps and threads share.
unsafe impl Send for Resting {}
// SAFETY: through a shared reference it is only read.
unsafe impl Sync for Resting {}

impl Default for Resting {
    fn default() -> Resting {
        Resting {
            fuel: 0,
            used: 0,
            pc: &raw const HALT[1],
            waits: false,
            state: None,
            handling: Message::Init,
            asker: 0,
            taken: 0,
            child: 0,
            drawn: 0,
            ends: [0; PARTS - 1],
            words: Vec::new(),
        }
    }
}

impl Form {
    /// How many ambient random numbers the container drew.
    pub(crate) fn drawn(&self) -> u64 {
        match self {
            Form::Own(c) => c.drawn,
            Form::Resting(resting) => resting.drawn,
        }
    }

    /// What is left of a container that collapsed: nothing but that it draws no random number twice.
    pub(crate) fn drew(drawn: u64) -> Form {
        Form::Resting(Resting { drawn, ..Resting::default() })
    }

    /// The same container, which has drawn at least so many.
    pub(crate) fn having_drawn(mut self, drawn: u64) -> Form {
        let own = match &mut self {
            Form::Own(c) => &mut c.drawn,
            Form::Resting(resting) => &mut resting.drawn,
        };
        *own = drawn.max(*own);
        self
    }
}

impl Resting {
    fn part(&self, number: usize) -> &[u64] {
        let start = number.checked_sub(1).map_or(0, |n| self.ends[n] as usize);
        let end = self.ends.get(number).map_or(self.words.len(), |&end| end as usize);
        &self.words[start..end]
    }
}

impl Container {
    /// Becomes the container of a block. It must be as new.
    pub(crate) fn wake(&mut self, id: u64, kind: u32, from: &Resting) {
        self.id = id;
        self.kind = kind;
        self.fuel = from.fuel;
        self.used = from.used;
        self.pc = from.pc;
        self.waits = from.waits;
        self.state = from.state;
        self.handling = from.handling;
        self.asker = from.asker;
        self.taken = from.taken;
        self.child = from.child;
        self.drawn = from.drawn;
        if from.words.is_empty() {
            return;
        }
        self.heap.read_back(from.part(0), from.part(1));
        for &word in from.part(2) {
            self.literals.fill((word >> 32) as usize, word as u32);
        }
        for pair in from.part(3).chunks_exact(2) {
            self.globals.fill(pair[0] as usize, pair[1]);
        }
        self.stack.read_back(from.part(4), from.part(5));
    }

    /// Writes itself into a block and is as new; `false`, and nothing, if it is too large for one.
    pub(crate) fn settle(&mut self, into: &mut Resting) -> bool {
        let registers = self.registers();
        let words = self.heap.words() + 2 * self.stack.depth() + registers;
        if words > SMALL {
            return false;
        }
        into.fuel = self.fuel;
        into.used = self.used;
        into.pc = self.pc;
        into.waits = self.waits;
        into.state = self.state;
        into.handling = self.handling;
        into.asker = self.asker;
        into.taken = self.taken;
        into.child = self.child;
        into.drawn = self.drawn;
        into.words.clear();
        let block = &mut into.words;
        self.heap.write_free_lists(block);
        into.ends[0] = block.len() as u16;
        self.heap.write_cells(block);
        into.ends[1] = block.len() as u16;
        block.extend(self.literals.iter().map(|(number, word)| (number as u64) << 32 | word as u64));
        into.ends[2] = block.len() as u16;
        block.extend(self.globals.iter().flat_map(|(number, value)| [number as u64, value]));
        into.ends[3] = block.len() as u16;
        self.stack.write_frames(block);
        into.ends[4] = block.len() as u16;
        block.extend_from_slice(self.stack.registers(0, registers));
        if block.len() > u16::MAX as usize {
            return false;
        }
        if block.capacity() > 2 * block.len() + 8 {
            block.shrink_to_fit();
        }
        self.renew();
        true
    }

    /// Registers of the stack that may mean something.
    fn registers(&self) -> usize {
        match self.stack.depth() {
            0 => 0,
            depth => {
                let top = self.stack.frame(depth);
                top.base as usize + self.program.entries()[top.function as usize].registers as usize
            }
        }
    }

    /// Whether it is small enough to be made as new at little cost.
    pub(crate) fn is_small(&self) -> bool {
        self.heap.words() <= SMALL
    }

    /// Is as new, whatever it was.
    pub(crate) fn renew(&mut self) {
        self.heap.renew();
        self.stack.renew();
        self.literals.clear();
        self.globals.clear();
        self.state = None;
        self.waits = false;
        self.panic = None;
    }
}
