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

/// Words of a block at most, tables and lists aside.
const SMALL: usize = 512;
/// Words of literals and constants in a block at most: so its parts end below 2^16.
const MANY: usize = 60_000;

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

/// A container in a block. The fields are those of [`Container`]; the row has the others. Their order is another, or they would
/// be copied two at a time, and a processor waits for a pair that it has just written one by one.
pub(crate) struct Resting {
    fuel: i64,
    /// Its state, if it has one.
    state: u64,
    pc: *const Word,
    child: u64,
    used: u64,
    drawn: u64,
    handling: u32,
    waits: bool,
    has_state: bool,
    /// Where each part ends in the block, but for the last.
    ends: [u16; PARTS - 1],
    words: Vec<u64>,
}

/// What the row of a container that rests has of it.
#[derive(Clone, Copy)]
pub(crate) struct Who {
    pub(crate) id: u64,
    pub(crate) kind: u32,
    pub(crate) asker: u64,
    pub(crate) taken: u64,
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
            state: 0,
            child: 0,
            drawn: 0,
            handling: Message::Init.code(),
            waits: false,
            has_state: false,
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
        Form::Resting(Resting::drew(drawn))
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
    /// See [`Form::drew`].
    pub(crate) fn drew(drawn: u64) -> Resting {
        Resting { drawn, ..Resting::default() }
    }

    fn part(&self, number: usize) -> &[u64] {
        let start = number.checked_sub(1).map_or(0, |n| self.ends[n] as usize);
        let end = self.ends.get(number).map_or(self.words.len(), |&end| end as usize);
        &self.words[start..end]
    }
}

impl Container {
    /// Becomes the container of a row and a block. It must be as new.
    #[inline(always)]
    pub(crate) fn wake(&mut self, who: Who, from: &Resting) {
        self.id = who.id;
        self.kind = who.kind;
        self.asker = who.asker;
        self.taken = who.taken;
        self.fuel = from.fuel;
        self.used = from.used;
        self.pc = from.pc;
        self.waits = from.waits;
        self.state = from.has_state.then_some(from.state);
        self.handling = Message::from_code(from.handling);
        self.child = from.child;
        self.drawn = from.drawn;
        if from.words.is_empty() {
            return;
        }
        let (lists, cells) = from.words[..from.ends[1] as usize].split_at(from.ends[0] as usize);
        self.heap.read_back(lists, cells);
        if from.words.len() > from.ends[1] as usize {
            self.wake_rest(from);
        }
    }

    fn wake_rest(&mut self, from: &Resting) {
        for &word in from.part(2) {
            self.literals.fill((word >> 32) as usize, word as u32);
        }
        for pair in from.part(3).chunks_exact(2) {
            self.globals.fill(pair[0] as usize, pair[1]);
        }
        self.stack.read_back(from.part(4), from.part(5));
    }

    /// Writes itself into a block and is as new; `false`, and nothing, if it is too large for one. What the row has is
    /// the caller's.
    #[inline]
    pub(crate) fn settle(&mut self, into: &mut Resting) -> bool {
        let (registers, tables) = (self.registers(), self.literals.len() + 2 * self.globals.len());
        let words = self.heap.words() + 2 * self.stack.depth() + registers;
        if words > SMALL || tables > MANY {
            return false;
        }
        into.fuel = self.fuel;
        into.used = self.used;
        into.pc = self.pc;
        into.waits = self.waits;
        into.has_state = self.state.is_some();
        into.state = self.state.unwrap_or(0);
        into.handling = self.handling.code();
        into.child = self.child;
        into.drawn = self.drawn;
        into.words.clear();
        match self.is_bare() {
            true => {
                let block = &mut into.words;
                let lists = self.heap.leave(block);
                into.ends = [block.len() as u16; PARTS - 1];
                into.ends[0] = lists as u16;
                self.state = None;
                self.waits = false;
            }
            false => {
                self.settle_all(into, registers);
                self.renew();
            }
        }
        if into.words.capacity() > 2 * into.words.len() + 8 {
            into.words.shrink_to_fit();
        }
        true
    }

    /// Whether it has no more than a heap, as most have between two messages.
    #[inline(always)]
    fn is_bare(&self) -> bool {
        self.stack.is_empty() && self.literals.is_empty() && self.globals.is_empty()
    }

    fn settle_all(&self, into: &mut Resting, registers: usize) {
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
    }

    /// Registers of the stack that may mean something.
    #[inline(always)]
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
