//! A container at work: an isolated actor with its own heap and stack.
//!
//! Everything in it is state, except what [`crate::hash`] lists as the host's: the memory behind heap and stack, and the
//! form of its code. A container that rests is kept as a small block of words instead ([`crate::rest`]).

use std::ops::Range;
use std::sync::Arc;

use codex_native::Activation;
use codex_spec::instruction::FuncId;

use crate::effects::Effects;
use crate::heap::Heap;
use crate::interpreter::op::Word;
use crate::interpreter::stack::{Frame, Stack};
use crate::mailbox::Message;
use crate::post::Post;
use crate::program::{Entry, HALT, Program};
use crate::world::Limits;

/// The kind of the container that runs a program's entry.
pub const MAIN: u32 = u32::MAX;

/// See the module's documentation.
pub struct Container {
    /// Its number in the world.
    pub(crate) id: u64,
    /// What it is: an index of `Module::containers`, or [`MAIN`].
    pub(crate) kind: u32,
    pub(crate) program: Arc<Program>,
    /// `program.entries()`, for calls.
    pub(crate) entries: *const Entry,
    pub(crate) heap: Heap,
    pub(crate) stack: Stack,
    /// Where it goes on: the start of a block or function, or the instruction that it waits in.
    pub(crate) pc: *const Word,
    /// Fuel left of the last quantum; what is below zero is owed.
    pub(crate) fuel: i64,
    /// Fuel used since it began.
    pub(crate) used: u64,
    /// Whether its top frame waits at an instruction, rather than being about to run a block.
    pub(crate) waits: bool,
    /// Its state between messages. While a handler runs, the state is in the handler's hands.
    pub(crate) state: Option<u64>,
    /// What is being handled, while there are frames.
    pub(crate) handling: Message,
    /// The ask that is being handled; 0 if there is none.
    pub(crate) asker: u64,
    /// The number of the last ask that it began with.
    pub(crate) taken: u64,
    /// The child whose collapse is being handled; 0 if there is none.
    pub(crate) child: u64,
    /// How many ambient random numbers it drew.
    pub(crate) drawn: u64,
    /// For each constant of the module the word of its text and of its bytes.
    pub(crate) literals: Table<u32>,
    /// Top-level constants.
    pub(crate) globals: Table<u64>,
    /// What it did beyond its own state in this tick. Empty between ticks.
    pub(crate) effects: Box<Effects>,
    /// Numbers for the containers that it makes in this tick.
    pub(crate) ids: Range<u64>,
    /// How it reaches others while it runs alone.
    pub(crate) post: Option<Post>,
    /// Bytes of a mailbox: no message can be larger.
    pub(crate) mailbox_limit: u64,
    /// The words of a `panic`, until the report of it is made.
    pub(crate) panic: Option<String>,
    /// For native code, while it runs; the host's.
    pub(crate) activation: Activation,
}

// SAFETY: `entries` and `pc` point into the program, which `program` keeps and threads share.
unsafe impl Send for Container {}
// SAFETY: through a shared reference a container is only read.
unsafe impl Sync for Container {}

impl Container {
    /// A container that has done nothing yet.
    pub(crate) fn new(id: u64, kind: u32, program: Arc<Program>, limits: &Limits) -> Container {
        let module = program.module();
        let (constants, globals) = (module.constants.len(), module.globals.len());
        Container {
            id,
            kind,
            entries: program.entries().as_ptr(),
            heap: Heap::new(program.layouts().clone(), limits.memory),
            stack: Stack::new(limits.frames, limits.registers),
            pc: &raw const HALT[1],
            fuel: 0,
            used: 0,
            waits: false,
            state: None,
            handling: Message::Init,
            asker: 0,
            taken: 0,
            child: 0,
            drawn: 0,
            literals: Table::new(constants * 2),
            globals: Table::new(globals),
            effects: Box::default(),
            ids: 0..0,
            post: None,
            mailbox_limit: limits.mailbox,
            panic: None,
            activation: Activation::IDLE,
            program,
        }
    }

    /// Makes it about to run a function with its state, if that is wanted, and these values in the first registers. It
    /// must have no frames.
    #[inline]
    pub(crate) fn begin(&mut self, function: FuncId, state: Option<u64>, values: &[u64]) {
        let entry = &self.program.entries()[function.index()];
        let (code, registers) = (entry.code(), entry.registers);
        self.stack.push_first(Frame { back: &raw const HALT[1], base: BOTTOM, function: function.0 }, registers);
        let first = state.is_some() as usize;
        assert!(first + values.len() <= registers as usize, "parameters are registers");
        // SAFETY: the frame's registers are mapped.
        unsafe {
            let to = self.stack.start().add(BOTTOM as usize);
            if let Some(state) = state {
                to.write(state);
            }
            for (i, value) in values.iter().enumerate() {
                to.add(first + i).write(*value);
            }
        }
        self.pc = code;
    }

    /// What its first function gave.
    #[inline(always)]
    pub(crate) fn result(&self) -> u64 {
        // SAFETY: the first register of the stack is mapped.
        unsafe { self.stack.start().read() }
    }

    /// Its number in the world.
    pub fn id(&self) -> u64 {
        self.id
    }

    /// Its heap.
    pub fn heap(&self) -> &Heap {
        &self.heap
    }

    /// Fuel used since it began.
    pub fn used(&self) -> u64 {
        self.used
    }
}

/// The base of the first frame: register 0 of the stack takes the result of the first function.
pub(crate) const BOTTOM: u32 = 1;

/// A table with a place for each number of the module, of which a container uses few.
pub(crate) struct Table<T> {
    /// Zero where nothing is.
    values: Box<[T]>,
    filled: Box<[bool]>,
    /// The numbers of what is filled, in the order in which that was done.
    order: Vec<u32>,
}

impl<T: Copy + Default> Table<T> {
    fn new(size: usize) -> Table<T> {
        Table { values: vec![T::default(); size].into(), filled: vec![false; size].into(), order: Vec::new() }
    }

    /// A value; zero if there is none.
    #[inline(always)]
    pub(crate) fn get(&self, number: usize) -> T {
        self.values[number]
    }

    /// Whether there is a value.
    #[inline(always)]
    pub(crate) fn is_filled(&self, number: usize) -> bool {
        self.filled[number]
    }

    /// Fills a place, and says whether it was empty.
    pub(crate) fn fill(&mut self, number: usize, value: T) -> bool {
        if std::mem::replace(&mut self.filled[number], true) {
            return false;
        }
        self.values[number] = value;
        self.order.push(number as u32);
        true
    }

    /// The values, and which of them are filled (one byte each): for native code, which reads them in place.
    pub(crate) fn places(&self) -> (*const T, *const bool) {
        (self.values.as_ptr(), self.filled.as_ptr())
    }

    /// How many places there are.
    pub(crate) fn size(&self) -> usize {
        self.values.len()
    }

    /// How many places are filled.
    pub(crate) fn len(&self) -> usize {
        self.order.len()
    }

    /// Whether nothing is filled.
    #[inline(always)]
    pub(crate) fn is_empty(&self) -> bool {
        self.order.is_empty()
    }

    /// What is filled, as it was filled.
    pub(crate) fn iter(&self) -> impl ExactSizeIterator<Item = (u32, T)> {
        self.order.iter().map(|&number| (number, self.values[number as usize]))
    }

    /// What is filled, by number.
    pub(crate) fn sorted(&self) -> Vec<(u32, T)> {
        let mut all: Vec<_> = self.iter().collect();
        all.sort_unstable_by_key(|&(number, _)| number);
        all
    }

    /// Empties it.
    pub(crate) fn clear(&mut self) {
        for &number in &self.order {
            self.values[number as usize] = T::default();
            self.filled[number as usize] = false;
        }
        self.order.clear();
    }
}
