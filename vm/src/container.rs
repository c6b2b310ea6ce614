//! A container: an isolated actor with its own heap and stack.
//!
//! Everything in it is state, except what [`crate::hash`] lists as the host's: the memory behind heap and stack, and the
//! form of its code.

use std::sync::Arc;

use codex_native::Activation;
use codex_spec::instruction::FuncId;

use crate::effects::Effects;
use crate::heap::Heap;
use crate::interpreter::op::Word;
use crate::interpreter::stack::{Frame, Stack};
use crate::program::{Entry, HALT, Program};
use crate::world::Limits;

/// Whether a container runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// It can go on.
    Runnable,
    /// It waits for the reply to this request.
    Waiting(u64),
    /// It has the reply (`Container::reply`), and goes on with it when it runs next.
    Replied,
}

/// See the module's documentation.
pub struct Container {
    /// Its number in the world.
    pub(crate) id: u64,
    pub(crate) program: Arc<Program>,
    /// `program.entries()`, for calls.
    pub(crate) entries: *const Entry,
    pub(crate) heap: Heap,
    pub(crate) stack: Stack,
    /// Where it goes on: the start of a block or function, or the `request` it waits in.
    pub(crate) pc: *const Word,
    /// Fuel left of the last quantum; what is below zero is owed.
    pub(crate) fuel: i64,
    /// Fuel used since it began.
    pub(crate) used: u64,
    pub(crate) status: Status,
    /// What it waits for: a request's number in `spec::port`, and its argument.
    pub(crate) asked: Option<(u32, Vec<u8>)>,
    /// The reply it goes on with: a status and bytes. They go into the heap when it runs, on its own fuel.
    pub(crate) reply: Option<(i64, Vec<u8>)>,
    /// How many ambient random numbers it drew.
    pub(crate) drawn: u64,
    /// For each constant of the module the word of its text and of its bytes; 0 before the first use.
    pub(crate) literals: Box<[u32]>,
    /// The slots for top-level constants.
    pub(crate) globals: Box<[u64]>,
    /// Which slots are filled.
    pub(crate) ready: Box<[bool]>,
    /// What it did to the outside in this tick. Empty between ticks.
    pub(crate) effects: Effects,
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
    /// A container about to run a function without parameters.
    pub(crate) fn new(id: u64, program: Arc<Program>, function: FuncId, limits: &Limits) -> Container {
        let mut container = Container::bare(id, program, limits);
        let entries = container.program.entries();
        let entry = &entries[function.index()];
        let (pc, registers) = (entry.code(), entry.registers);
        container.pc = pc;
        let frame = Frame { back: &raw const HALT[1], base: BOTTOM, function: function.0 };
        // A limit too small for one frame shows as a stack overflow at the first call; this first frame always fits.
        if container.stack.push(frame, registers).is_err() {
            container.stack = Stack::new(limits.frames.max(1), registers as u64 + BOTTOM as u64);
            let _ = container.stack.push(frame, registers);
        }
        container
    }

    /// A container without frames.
    pub(crate) fn bare(id: u64, program: Arc<Program>, limits: &Limits) -> Container {
        let module = program.module();
        let (constants, globals) = (module.constants.len(), module.globals.len());
        Container {
            id,
            entries: program.entries().as_ptr(),
            heap: Heap::new(program.layouts().clone(), limits.memory),
            stack: Stack::new(limits.frames, limits.registers),
            pc: &raw const HALT[1],
            fuel: 0,
            used: 0,
            status: Status::Runnable,
            asked: None,
            reply: None,
            drawn: 0,
            literals: vec![0; constants * 2].into(),
            globals: vec![0; globals].into(),
            ready: vec![false; globals].into(),
            effects: Effects::default(),
            panic: None,
            activation: Activation::IDLE,
            program,
        }
    }

    /// Its number in the world.
    pub fn id(&self) -> u64 {
        self.id
    }

    /// Whether it runs.
    pub fn status(&self) -> Status {
        self.status
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
