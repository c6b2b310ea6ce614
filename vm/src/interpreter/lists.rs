//! Lists.

use codex_spec::semantics;
use codex_spec::trap::Trap;

use super::op::Word;
use super::registers::{Regs, extra, extra_words};
use crate::container::Container;
use crate::heap::Heap;
use crate::heap::cells::EMPTY;

/// The byte offset of the element of a list of `T`, if the index is in bounds.
///
/// # Safety
/// Register `list` holds a list of elements stored as `T`, register `at` an integer.
#[inline(always)]
pub(super) unsafe fn item<T>(c: &Container, r: Regs, list: u16, at: u16) -> Result<usize, Trap> {
    // SAFETY: the caller's promise.
    unsafe {
        let list = r.reference(list);
        let at = r.word(at);
        if at >= c.heap.length(list) as u64 {
            return Err(Trap::Bounds);
        }
        Ok(Heap::items(list) + at as usize * size_of::<T>())
    }
}

/// A field of an element; see `load::fuse`.
///
/// # Safety
/// `pc` is a `ListGetRefGet` of the frame `r`.
#[inline(always)]
pub(super) unsafe fn get_ref_get(c: &mut Container, r: Regs, pc: *const Word) -> *const Word {
    // SAFETY: the caller's promise.
    unsafe {
        let w = &*pc;
        let Ok(at) = item::<u32>(c, r, w.b, w.c) else {
            return pc.add(1);
        };
        let obj: u32 = c.heap.read(at);
        r.set_ref(w.d as u16, obj);
        r.set(w.a, c.heap.read(obj as usize * 8 + (w.d >> 32) as usize));
        pc.add(3)
    }
}

/// Takes a unique element out; see `load::fuse`.
///
/// # Safety
/// `pc` is a `ListTakeUnique` of the frame `r`.
#[inline(always)]
pub(super) unsafe fn take_unique(c: &mut Container, r: Regs, pc: *const Word) -> *const Word {
    // SAFETY: the caller's promise.
    unsafe {
        let w = &*pc;
        let Ok(at) = item::<u32>(c, r, w.b, w.c) else {
            return pc.add(1);
        };
        if !c.heap.is_unique(c.heap.read(at)) {
            return pc.add(1);
        }
        r.set_ref(w.a, c.heap.take(at));
        pc.add(3)
    }
}

/// Changes a field of an element that was taken out, and puts it back; see `load::fuse`.
///
/// # Safety
/// `pc` is a `SetListPut` of the frame `r`.
#[inline(always)]
pub(super) unsafe fn set_put(c: &mut Container, r: Regs, pc: *const Word) -> *const Word {
    // SAFETY: the caller's promise.
    unsafe {
        let w = &*pc;
        let Ok(at) = item::<u32>(c, r, w.c, w.d as u16) else {
            return pc.add(1);
        };
        let obj = r.reference(w.a);
        c.heap.write(obj as usize * 8 + (w.d >> 32) as usize, r.word(w.b));
        c.heap.write(at, obj);
        pc.add(3)
    }
}

/// Copies a word from one list to another, or to another place; see `load::fuse`.
///
/// # Safety
/// `pc` is a `ListMove` of the frame `r`.
#[inline(always)]
pub(super) unsafe fn move_item(c: &mut Container, r: Regs, pc: *const Word) -> *const Word {
    // SAFETY: the caller's promise.
    unsafe {
        let w = &*pc;
        let Ok(from) = item::<u64>(c, r, w.b, w.c) else {
            return pc.add(1);
        };
        let Ok(to) = item::<u64>(c, r, w.d as u16, (w.d >> 16) as u16) else {
            return pc.add(1);
        };
        let value: u64 = c.heap.read(from);
        r.set(w.a, value);
        c.heap.write(to, value);
        pc.add(3)
    }
}

/// An element, and another owner of it; see `load::fuse`.
///
/// # Safety
/// `pc` is a `ListGetRefDup` of the frame `r`.
#[inline(always)]
pub(super) unsafe fn get_ref_dup(c: &mut Container, r: Regs, pc: *const Word) -> *const Word {
    // SAFETY: the caller's promise.
    unsafe {
        let w = &*pc;
        let Ok(at) = item::<u32>(c, r, w.b, w.c) else {
            return pc.add(1);
        };
        let value = c.heap.read(at);
        c.heap.dup(value);
        r.set_ref(w.a, value);
        r.set_ref(w.d as u16, value);
        pc.add(3)
    }
}

/// # Safety
/// `w` is a `ListSwap…` of the frame `r` for elements stored as `T`.
#[inline(always)]
pub(super) unsafe fn swap<T: Copy>(c: &mut Container, r: Regs, w: &Word) -> Result<(), Trap> {
    // SAFETY: the caller's promise.
    unsafe {
        let a = item::<T>(c, r, w.a, w.b)?;
        let b = item::<T>(c, r, w.a, w.c)?;
        let held: T = c.heap.read(a);
        c.heap.write(a, c.heap.read::<T>(b));
        c.heap.write(b, held);
    }
    Ok(())
}

/// Appends an element. Gives whether the list is another cell now.
///
/// # Safety
/// `w` is a `ListPush…` of the frame `r` for elements stored as `T`.
#[inline(always)]
pub(super) unsafe fn push<T: Copy>(c: &mut Container, r: Regs, w: &Word, value: T) -> Result<bool, Trap> {
    // SAFETY: the caller's promise.
    unsafe {
        let old = r.reference(w.a);
        let (list, slot) = c.heap.push_slot(old, w.d as u32, size_of::<T>())?;
        c.heap.write(slot, value);
        r.set_ref(w.a, list);
        Ok(list != old)
    }
}

/// # Safety
/// `w` is a `ListPop…` of the frame `r` for elements stored as `T`.
#[inline(always)]
pub(super) unsafe fn pop<T: Copy + Default + Into<u64>>(c: &mut Container, r: Regs, w: &Word) -> Result<(), Trap> {
    // SAFETY: the caller's promise.
    unsafe {
        let value = c.heap.pop::<T>(r.reference(w.b)).ok_or(Trap::Bounds)?;
        r.set(w.a, value.into());
    }
    Ok(())
}

/// A list of the items in extra words. Gives the next word.
///
/// # Safety
/// `pc` is a `ListNew…` of the frame `r` for elements stored as `T`, which `get` reads from a register.
#[inline(always)]
pub(super) unsafe fn new<T: Copy>(
    c: &mut Container,
    r: Regs,
    pc: *const Word,
    get: impl Fn(Regs, u16) -> T,
) -> Result<*const Word, Trap> {
    // SAFETY: the caller's promise.
    unsafe {
        let w = &*pc;
        let count = w.b as usize | (w.c as usize) << 16;
        let next = pc.add(1 + extra_words(count));
        if count == 0 {
            r.set_ref(w.a, EMPTY);
            return Ok(next);
        }
        let list = c.heap.allocate_row(w.d as u32, size_of::<T>(), count as u64, count as u64)?;
        let items = Heap::items(list);
        for i in 0..count {
            c.heap.write(items + i * size_of::<T>(), get(r, extra(pc, i)));
        }
        r.set_ref(w.a, list);
        Ok(next)
    }
}

/// # Safety
/// `w` is a `ListRepeat…` of the frame `r` for elements stored as `T`, given as `value`.
pub(super) unsafe fn repeat<T: Copy>(c: &mut Container, r: Regs, w: &Word, value: T) -> Result<(), Trap> {
    // SAFETY: the caller's promise.
    unsafe {
        let list = c.heap.repeat(w.d as u32, value, r.int(w.c))?;
        r.set_ref(w.a, list);
    }
    Ok(())
}

/// # Safety
/// `w` is a `ListRepeatRef` of the frame `r`.
pub(super) unsafe fn repeat_ref(c: &mut Container, r: Regs, w: &Word) -> Result<(), Trap> {
    // SAFETY: the caller's promise.
    unsafe {
        let list = c.heap.repeat_ref(w.d as u32, r.reference(w.b), r.int(w.c))?;
        r.set_ref(w.a, list);
    }
    Ok(())
}

/// # Safety
/// `w` is a `ListAppend` of the frame `r`.
pub(super) unsafe fn append(c: &mut Container, r: Regs, w: &Word) -> Result<(), Trap> {
    // SAFETY: the caller's promise.
    unsafe {
        let list = c.heap.append(r.reference(w.a), r.reference(w.b), w.d as u32)?;
        r.set_ref(w.a, list);
    }
    Ok(())
}

/// # Safety
/// `w` is a `ListSlice` of the frame `r`.
pub(super) unsafe fn slice(c: &mut Container, r: Regs, w: &Word) -> Result<(), Trap> {
    // SAFETY: the caller's promise; the range is cut to the list.
    unsafe {
        let list = r.reference(w.b);
        let range = semantics::cut_range(r.int(w.c), r.int(w.d as u16), c.heap.length(list) as usize);
        let part = if range.is_empty() { EMPTY } else { c.heap.copy_items(list, range.start, range.len())? };
        r.set_ref(w.a, part);
    }
    Ok(())
}

/// # Safety
/// `w` is a `ListTruncate` of the frame `r`.
pub(super) unsafe fn truncate(c: &mut Container, r: Regs, w: &Word) -> Result<(), Trap> {
    // SAFETY: the caller's promise.
    unsafe {
        let list = r.reference(w.a);
        let keep = semantics::clamp(r.int(w.b), c.heap.length(list) as usize);
        c.heap.truncate(list, keep);
    }
    Ok(())
}

/// # Safety
/// `w` is a `Probe` of the frame `r`.
#[inline(always)]
pub(super) unsafe fn probe(c: &mut Container, r: Regs, w: &Word) -> Result<(), Trap> {
    // SAFETY: the caller's promise.
    unsafe {
        let slot = c.heap.probe(r.reference(w.b), r.int(w.c), r.int(w.d as u16));
        r.set_int(w.a, slot);
    }
    Ok(())
}
