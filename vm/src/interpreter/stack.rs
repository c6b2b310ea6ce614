//! The frames of a container and the registers of all of them: two growable runs of memory.
//!
//! - A frame says which function runs, where its registers start, and where its caller goes on. The caller's
//!   code has the register for the result in the word before that place.
//! - The registers of a call begin where the caller's end. Behind the last there is always room for the arguments of
//!   one more call.
//! - Limits are counted in frames and registers, never in bytes: they are the same on every host.

use codex_spec::trap::Trap;

use super::op::Word;
use crate::heap::memory::Memory;
use crate::sizes::{FIRST_FRAMES, FIRST_REGISTERS};

/// One call.
#[derive(Clone, Copy)]
#[repr(C)]
pub(crate) struct Frame {
    /// Where the caller goes on.
    pub(crate) back: *const Word,
    /// Its first register, counted from the start of the stack.
    pub(crate) base: u32,
    /// Its function.
    pub(crate) function: u32,
}

/// Room behind the last register that needs no check: arguments of one call.
const SLACK: usize = (1 << 16) + 512;
const FRAME: usize = size_of::<Frame>();

/// See the module's documentation.
pub(crate) struct Stack {
    frames: Memory,
    registers: Memory,
    /// The frame that runs; the one before the first is a sentinel.
    pub(crate) top: *mut Frame,
    /// The last frame there is room for.
    pub(super) last: *mut Frame,
    /// The end of the room for registers.
    pub(super) end: *mut u64,
    max_frames: usize,
    max_registers: usize,
}

// SAFETY: the pointers point into the memory that this value owns, or into code that the program, which is shared by
// threads, keeps.
unsafe impl Send for Stack {}
// SAFETY: through a shared reference the stack is only read.
unsafe impl Sync for Stack {}

impl Stack {
    /// An empty stack with these limits.
    pub(crate) fn new(max_frames: u64, max_registers: u64) -> Stack {
        let max_frames = max_frames.clamp(1, 1 << 28) as usize;
        let max_registers = max_registers.clamp(1, 1 << 31) as usize;
        let frames = Memory::new((FIRST_FRAMES.min(max_frames) + 1) * FRAME);
        let registers = Memory::new((FIRST_REGISTERS.min(max_registers) + SLACK) * 8);
        let top: *mut Frame = frames.base().cast();
        let end = registers.base().cast();
        let mut stack = Stack { frames, registers, top, last: top, end, max_frames, max_registers };
        // SAFETY: the memory has room for one frame.
        unsafe { stack.top.write(Frame { back: std::ptr::null(), base: 0, function: u32::MAX }) };
        stack.point();
        stack
    }

    /// Sets the ends from what is mapped and allowed.
    fn point(&mut self) {
        let frames = (self.frames.length() / FRAME - 1).min(self.max_frames);
        let registers = (self.registers.length() / 8 - SLACK).min(self.max_registers);
        self.last = self.frames.base().cast::<Frame>().wrapping_add(frames);
        self.end = self.registers.base().cast::<u64>().wrapping_add(registers);
    }

    /// The first register of the stack.
    #[inline(always)]
    pub(crate) fn start(&self) -> *mut u64 {
        self.registers.base().cast()
    }

    /// How many frames there may still be.
    pub(crate) fn frames_left(&self) -> usize {
        self.max_frames.saturating_sub(self.depth())
    }

    /// How many registers there may still be from the base of the frame on top on.
    pub(crate) fn registers_left(&self) -> usize {
        self.max_registers.saturating_sub(self.frame(self.depth()).base as usize)
    }

    /// Frames in use, the sentinel aside.
    pub(crate) fn depth(&self) -> usize {
        (self.top as usize - self.frames.base() as usize) / FRAME
    }

    /// Whether there are no frames.
    #[inline(always)]
    pub(crate) fn is_empty(&self) -> bool {
        self.top == self.frames.base().cast()
    }

    /// A frame by its number: 1 is the first that ran.
    pub(crate) fn frame(&self, number: usize) -> Frame {
        assert!(number <= self.depth(), "the caller counts frames by depth");
        // SAFETY: the frame is in use.
        unsafe { self.frames.base().cast::<Frame>().add(number).read() }
    }

    /// The registers from a frame's base on, so many.
    pub(crate) fn registers(&self, base: u32, count: usize) -> &[u64] {
        let bytes = self.registers.bytes((base as usize + count) * 8);
        // SAFETY: memory is aligned to pages, and any bytes are numbers.
        unsafe { std::slice::from_raw_parts(bytes.as_ptr().cast::<u64>().add(base as usize), count) }
    }

    /// The same, for writing.
    pub(crate) fn registers_mut(&mut self, base: u32, count: usize) -> &mut [u64] {
        let bytes = self.registers.bytes_mut((base as usize + count) * 8);
        // SAFETY: as above, and the borrow is exclusive.
        unsafe { std::slice::from_raw_parts_mut(bytes.as_mut_ptr().cast::<u64>().add(base as usize), count) }
    }

    /// Adds a frame whose function has so many registers.
    pub(crate) fn push(&mut self, frame: Frame, registers: u32) -> Result<(), Trap> {
        self.make_room(frame.base as usize + registers as usize, true)?;
        // SAFETY: there is room for one more.
        unsafe {
            self.top = self.top.add(1);
            self.top.write(frame);
        }
        Ok(())
    }

    /// Adds the first frame, which has room whatever the limits are: one too small for it shows at the first call.
    #[inline(always)]
    pub(crate) fn push_first(&mut self, frame: Frame, registers: u32) {
        let end = self.start().wrapping_add((frame.base + registers) as usize);
        if self.top >= self.last || end > self.end {
            return self.push_first_slowly(frame, registers);
        }
        // SAFETY: there is room for one more frame, and for its registers. Field by field: a copy of a frame that was just
        // put together waits for its parts.
        unsafe {
            self.top = self.top.add(1);
            (&raw mut (*self.top).back).write(frame.back);
            (&raw mut (*self.top).base).write(frame.base);
            (&raw mut (*self.top).function).write(frame.function);
        }
    }

    #[cold]
    fn push_first_slowly(&mut self, frame: Frame, registers: u32) {
        let (max_frames, max_registers) = (self.max_frames, self.max_registers);
        (self.max_frames, self.max_registers) =
            (max_frames.max(1), max_registers.max((frame.base + registers) as usize));
        let pushed = self.push(frame, registers);
        debug_assert!(pushed.is_ok(), "there is room for one frame");
        (self.max_frames, self.max_registers) = (max_frames, max_registers);
        self.point();
    }

    /// Appends all frames to a block, two words each.
    pub(crate) fn write_frames(&self, block: &mut Vec<u64>) {
        for number in 1..=self.depth() {
            let frame = self.frame(number);
            block.extend([frame.back as u64, frame.base as u64 | (frame.function as u64) << 32]);
        }
    }

    /// Becomes the stack of a block. It must be empty.
    pub(crate) fn read_back(&mut self, frames: &[u64], registers: &[u64]) {
        if frames.is_empty() {
            return;
        }
        // A stack that was within its limits is again; the memory only has to be there.
        self.registers.grow((registers.len() + SLACK) * 8);
        self.frames.grow((frames.len() / 2 + 2) * FRAME);
        self.top = self.frames.base().cast();
        for pair in frames.chunks_exact(2) {
            let frame = Frame { back: pair[0] as *const Word, base: pair[1] as u32, function: (pair[1] >> 32) as u32 };
            // SAFETY: the memory has room for so many frames.
            unsafe {
                self.top = self.top.add(1);
                self.top.write(frame);
            }
        }
        self.point();
        self.registers_mut(0, registers.len()).copy_from_slice(registers);
    }

    /// Is empty.
    pub(crate) fn renew(&mut self) {
        self.top = self.frames.base().cast();
    }

    /// Makes room for registers up to this one, and for one more frame if asked.
    #[cold]
    #[inline(never)]
    pub(crate) fn make_room(&mut self, registers: usize, frame: bool) -> Result<(), Trap> {
        let depth = self.depth();
        if registers > self.max_registers || (frame && depth >= self.max_frames) {
            return Err(Trap::StackOverflow);
        }
        self.registers.grow((registers + SLACK) * 8);
        self.frames.grow((depth + 2) * FRAME);
        self.top = self.frames.base().cast::<Frame>().wrapping_add(depth);
        self.point();
        Ok(())
    }
}
