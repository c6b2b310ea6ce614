//! Calls and jumps.

use codex_spec::instruction::FuncId;
use codex_spec::trap::Trap;

use super::op::Word;
use super::registers::{Regs, extra, extra_words};
use super::stack::Frame;
use crate::container::Container;

/// A jump of a word.
///
/// # Safety
/// `bytes` is a distance that loading computed for this word.
#[inline(always)]
pub(super) unsafe fn go(pc: *const Word, bytes: isize) -> *const Word {
    // SAFETY: the caller's promise: it leads to a word of the same function.
    unsafe { pc.byte_offset(bytes) }
}

/// Keeps the compiler from turning the branch around it into a selection of addresses: the next word would wait for
/// the comparison, where a branch is predicted. (On a loop of three words that is a third of its time.)
#[inline(always)]
pub(super) fn keep_branch() {
    #[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
    // SAFETY: no instructions.
    unsafe {
        std::arch::asm!("", options(nomem, nostack, preserves_flags));
    }
}

/// A jump in an extra word behind a word.
///
/// # Safety
/// The word has that many.
#[inline(always)]
pub(super) unsafe fn go_table(pc: *const Word, number: usize) -> *const Word {
    // SAFETY: the caller's promise.
    unsafe { go(pc, pc.add(1).cast::<i32>().add(number).read() as isize) }
}

/// Where a switch goes: the first jump is for numbers outside of the table.
///
/// # Safety
/// `pc` is a `Switch` of the frame `r`.
#[inline(always)]
pub(super) unsafe fn switch(r: Regs, pc: *const Word) -> *const Word {
    // SAFETY: the caller's promise.
    unsafe {
        let w = &*pc;
        let number = r.word(w.a);
        go_table(pc, if number < w.d { number as usize + 1 } else { 0 })
    }
}

/// The reason of a `TrapCode`.
#[cold]
pub(super) fn trap(w: &Word) -> Trap {
    Trap::from_number(w.d as u32).unwrap_or(Trap::Unreachable)
}

/// Loads the function of the frame on top: its first word.
///
/// # Safety
/// There is a frame.
#[cold]
#[inline(never)]
pub(super) unsafe fn load(c: &mut Container) -> *const Word {
    // SAFETY: the caller's promise.
    let function = unsafe { (*c.stack.top).function };
    c.program.loaded(FuncId(function)).code.as_ptr()
}

/// A call of a function by its number; `pass` copies arguments from the caller's registers to the callee's.
///
/// # Safety
/// `pc` is one of `Call0` to `Call3` of the frame `r`.
#[inline(always)]
pub(super) unsafe fn call(
    c: &mut Container,
    r: Regs,
    pc: *const Word,
    pass: impl FnOnce(Regs, Regs),
) -> Result<(Regs, *const Word), Trap> {
    // SAFETY: the caller's promise.
    unsafe {
        let d = (*pc).d;
        let (r, new, code) = enter(c, r, (d >> 48) as usize, d as u32, pc.add(1))?;
        pass(r, new);
        Ok((new, code))
    }
}

/// Makes the frame of a call: the registers of caller and callee, and the callee's first word. The caller copies the
/// arguments. (Registers go in and out by value: a pointer to them would keep the loop's own in memory.)
///
/// # Safety
/// `window` is the number of the caller's registers, `function` a function of the module, and `back` the word behind
/// the call.
#[inline(always)]
pub(super) unsafe fn enter(
    c: &mut Container,
    mut r: Regs,
    window: usize,
    function: u32,
    back: *const Word,
) -> Result<(Regs, Regs, *const Word), Trap> {
    // SAFETY: the caller's promise; the room is checked before the frame is written.
    unsafe {
        let entry = &*c.entries.add(function as usize);
        let mut base = r.0.add(window);
        if base.wrapping_add(entry.registers as usize) > c.stack.end || c.stack.top == c.stack.last {
            r = make_room(c, r, window + entry.registers as usize, true)?;
            base = r.0.add(window);
        }
        let place = (base as usize - c.stack.start() as usize) / 8;
        c.stack.top = c.stack.top.add(1);
        c.stack.top.write(Frame { back, base: place as u32, function });
        Ok((r, Regs(base), entry.code()))
    }
}

/// Makes room for so many registers from the frame's first on.
///
/// # Safety
/// `r` is the frame on top.
#[cold]
#[inline(never)]
unsafe fn make_room(c: &mut Container, r: Regs, registers: usize, frame: bool) -> Result<Regs, Trap> {
    let base = (r.0 as usize - c.stack.start() as usize) / 8;
    c.stack.make_room(base + registers, frame)?;
    // SAFETY: the frame's registers moved with the stack.
    Ok(Regs(unsafe { c.stack.start().add(base) }))
}

/// The window of a word with a list of arguments.
#[inline(always)]
fn window(w: &Word) -> usize {
    w.b as usize | (w.c as usize) << 16
}

/// A call with its arguments in extra words; for a function value, it goes before them.
///
/// # Safety
/// `pc` is a `CallN` or, with `f`, a `CallValue` of the frame `r`.
pub(super) unsafe fn call_long(
    c: &mut Container,
    r: Regs,
    pc: *const Word,
    f: Option<u32>,
) -> Result<(Regs, *const Word), Trap> {
    // SAFETY: the caller's promise.
    unsafe {
        let w = &*pc;
        let count = w.a as usize;
        let back = pc.add(2 + extra_words(count));
        let function = callee(c, w, f);
        let (r, new, code) = enter(c, r, window(w), function, back)?;
        pass(r, new, pc, count, f);
        Ok((new, code))
    }
}

/// The function that a word with a list of arguments calls.
///
/// # Safety
/// As for [`call_long`].
unsafe fn callee(c: &Container, w: &Word, f: Option<u32>) -> u32 {
    match f {
        // SAFETY: a function value is a cell with a closure's layout.
        Some(f) => unsafe { c.heap.layout(f).function },
        None => w.d as u32,
    }
}

/// Copies the arguments in extra words.
///
/// # Safety
/// As for [`call_long`]; `new` has room for them.
unsafe fn pass(r: Regs, new: Regs, pc: *const Word, count: usize, f: Option<u32>) {
    // SAFETY: the caller's promise.
    unsafe {
        let mut to = new.0;
        if let Some(f) = f {
            to.write(f as u64);
            to = to.add(1);
        }
        for i in 0..count {
            to.add(i).write(r.word(extra(pc, i)));
        }
    }
}

/// Replaces the frame by a call: its registers, and the first word of the callee.
///
/// # Safety
/// `pc` is a `TailCall` or, with `f`, a `TailCallValue` of the frame `r`.
pub(super) unsafe fn tail_call(
    c: &mut Container,
    mut r: Regs,
    pc: *const Word,
    f: Option<u32>,
) -> Result<(Regs, *const Word), Trap> {
    // SAFETY: the caller's promise. Behind the frame there is always room for arguments.
    unsafe {
        let w = &*pc;
        let count = w.a as usize;
        let function = callee(c, w, f);
        let entry = &*c.entries.add(function as usize);
        if r.0.wrapping_add(entry.registers as usize) > c.stack.end {
            r = make_room(c, r, entry.registers as usize, false)?;
        }
        let scratch = Regs(r.0.add(window(w)));
        pass(r, scratch, pc, count, f);
        std::ptr::copy(scratch.0, r.0, count + f.is_some() as usize);
        (*c.stack.top).function = function;
        Ok((r, entry.code()))
    }
}

/// Ends a call with a result: the caller's registers, and where it goes on.
///
/// # Safety
/// The frame on top is the one that ends.
#[inline(always)]
pub(crate) unsafe fn leave(c: &mut Container, value: u64) -> (Regs, *const Word) {
    // SAFETY: the caller's promise; below the first frame there is a sentinel.
    unsafe {
        let back = (*c.stack.top).back;
        c.stack.top = c.stack.top.sub(1);
        let r = Regs(c.stack.start().add((*c.stack.top).base as usize));
        r.set((*back.sub(1)).a, value);
        (r, back)
    }
}
