//! Records, variants, function values: making, taking apart, reuse.

use codex_spec::trap::Trap;

use super::op::Word;
use super::registers::{Regs, extra, extra_words};
use crate::container::Container;
use crate::heap::cells::{self, layout_of};

/// What a record is made of: units, and how many words, references and bytes.
struct Shape {
    units: u32,
    upper: u32,
    words: usize,
    refs: usize,
    bytes: usize,
}

impl Shape {
    /// From a word of a small record.
    #[inline(always)]
    fn small(w: &Word) -> Shape {
        let n = |shift: u32| (w.d >> shift & 0xff) as usize;
        Shape { units: n(0) as u32, upper: (w.d >> 32) as u32, words: n(8), refs: n(16), bytes: n(24) }
    }

    /// From a layout of the module.
    fn of(c: &Container, layout: u32) -> Shape {
        let row = &c.program.layouts()[layout as usize];
        let (words, refs, bytes) = row.widths;
        Shape {
            units: row.size / 8,
            upper: layout | (row.tag as u32) << 24,
            words: words as usize,
            refs: refs as usize,
            bytes: bytes as usize,
        }
    }

    #[inline(always)]
    fn fields(&self) -> usize {
        self.words + self.refs + self.bytes
    }
}

/// A cell to be filled: the token's, if it has one, else a new one. Header written, last word zero.
///
/// # Safety
/// `token` is 0 or a token of the frame, whose cell has as many units.
#[inline(always)]
unsafe fn cell(c: &mut Container, token: u32, units: u32, upper: u32) -> Result<u32, Trap> {
    if token == 0 {
        return c.heap.allocate_record(units, upper);
    }
    // SAFETY: the caller's promise.
    unsafe {
        let at = token as usize * 8;
        c.heap.write(at + (units as usize - 1) * 8, 0u64);
        c.heap.write(at, 1u64 | (upper as u64) << 32);
    }
    Ok(token)
}

/// Makes a record from registers in extra words. Gives the next word.
///
/// # Safety
/// `pc` is a `New`, `NewBig`, `NewReuse` or `NewReuseBig` of the frame `r`; `token` its token, or 0.
#[inline(always)]
unsafe fn build(c: &mut Container, r: Regs, pc: *const Word, token: u32, s: &Shape) -> Result<*const Word, Trap> {
    // SAFETY: the caller's promise; fields are written in order of storage.
    unsafe {
        let cell = cell(c, token, s.units, s.upper)?;
        let mut at = cell as usize * 8 + 8;
        for i in 0..s.words {
            c.heap.write(at, r.word(extra(pc, i)));
            at += 8;
        }
        for i in s.words..s.words + s.refs {
            c.heap.write(at, r.reference(extra(pc, i)));
            at += 4;
        }
        for i in s.words + s.refs..s.fields() {
            c.heap.write(at, r.word(extra(pc, i)) as u8);
            at += 1;
        }
        r.set_ref((*pc).a, cell);
        Ok(pc.add(1 + extra_words(s.fields())))
    }
}

/// # Safety
/// `pc` is a `New` of the frame `r`.
#[inline(always)]
pub(super) unsafe fn new(c: &mut Container, r: Regs, pc: *const Word) -> Result<*const Word, Trap> {
    // SAFETY: the caller's promise.
    unsafe { build(c, r, pc, 0, &Shape::small(&*pc)) }
}

/// # Safety
/// `pc` is a `NewReuse` of the frame `r`.
#[inline(always)]
pub(super) unsafe fn new_reuse(c: &mut Container, r: Regs, pc: *const Word) -> Result<*const Word, Trap> {
    // SAFETY: the caller's promise.
    unsafe { build(c, r, pc, r.reference((*pc).b), &Shape::small(&*pc)) }
}

/// # Safety
/// `pc` is a `NewBig` of the frame `r`, or, if `reuse`, a `NewReuseBig`.
#[inline(never)]
pub(super) unsafe fn new_big(c: &mut Container, r: Regs, pc: *const Word, reuse: bool) -> Result<*const Word, Trap> {
    // SAFETY: the caller's promise.
    unsafe {
        let token = if reuse { r.reference((*pc).b) } else { 0 };
        let shape = Shape::of(c, (*pc).d as u32);
        build(c, r, pc, token, &shape)
    }
}

/// Makes a record of two references, in the cell of a token if that is not 0.
///
/// # Safety
/// `w` is a `NewPair` or `NewReusePair` of the frame `r`.
#[inline(always)]
pub(super) unsafe fn new_pair(c: &mut Container, r: Regs, w: &Word, token: u32) -> Result<(), Trap> {
    // SAFETY: the caller's promise.
    unsafe {
        let cell = cell(c, token, 2, (w.d >> 32) as u32)?;
        let pair = r.word(w.b) | r.word(w.c) << 32;
        c.heap.write(cell as usize * 8 + 8, pair);
        r.set_ref(w.a, cell);
    }
    Ok(())
}

/// Where a field of a record stands.
///
/// # Safety
/// Register `obj` holds a record with a field at this offset.
#[inline(always)]
pub(super) unsafe fn field(r: Regs, obj: u16, w: &Word) -> usize {
    // SAFETY: the caller's promise.
    unsafe { r.reference(obj) as usize * 8 + w.d as usize }
}

/// A reference field, and another owner of it; see `load::fuse`.
///
/// # Safety
/// `pc` is a `GetRefDup` of the frame `r`.
#[inline(always)]
pub(super) unsafe fn get_ref_dup(c: &mut Container, r: Regs, pc: *const Word) -> *const Word {
    // SAFETY: the caller's promise.
    unsafe {
        let w = &*pc;
        let value = c.heap.read(field(r, w.b, w));
        c.heap.dup(value);
        r.set_ref(w.a, value);
        r.set_ref(w.c, value);
        pc.add(3)
    }
}

/// Takes a record apart into registers. Gives the token: its cell, if it had no other owner, or 0.
///
/// # Safety
/// `pc` is an `Unpack` or `UnpackReuse` of the frame `r`.
#[inline(always)]
unsafe fn take_fields(c: &mut Container, r: Regs, pc: *const Word) -> (u32, *const Word) {
    // SAFETY: the caller's promise; fields are read in order of storage.
    unsafe {
        let w = &*pc;
        let cell = r.reference(w.a);
        let row = c.program.layouts().get_unchecked(w.d as usize);
        let (words, refs, bytes) = row.widths;
        let (words, refs) = (words as usize, words as usize + refs as usize);
        let all = refs + bytes as usize;
        let unique = c.heap.is_unique(cell);
        let mut at = cell as usize * 8 + 8;
        for i in 0..words {
            r.set(extra(pc, i), c.heap.read(at));
            at += 8;
        }
        for i in words..refs {
            let field = c.heap.read(at);
            if !unique {
                c.heap.dup(field);
            }
            r.set_ref(extra(pc, i), field);
            at += 4;
        }
        for i in refs..all {
            r.set(extra(pc, i), c.heap.read::<u8>(at) as u64);
            at += 1;
        }
        (c.heap.give_up_cell(cell, unique), pc.add(1 + extra_words(all)))
    }
}

/// # Safety
/// `pc` is an `Unpack` of the frame `r`.
#[inline(always)]
pub(super) unsafe fn unpack(c: &mut Container, r: Regs, pc: *const Word) -> *const Word {
    // SAFETY: the caller's promise; the token is freed at once.
    unsafe {
        let units = c.program.layouts().get_unchecked((*pc).d as usize).size / 8;
        let (token, next) = take_fields(c, r, pc);
        if token != 0 {
            c.heap.free(token, units as u64);
        }
        next
    }
}

/// # Safety
/// `pc` is an `UnpackReuse` of the frame `r`.
#[inline(always)]
pub(super) unsafe fn unpack_reuse(c: &mut Container, r: Regs, pc: *const Word) -> *const Word {
    // SAFETY: the caller's promise.
    unsafe {
        let (token, next) = take_fields(c, r, pc);
        r.set_ref((*pc).b, token);
        next
    }
}

/// Takes a record of two references apart. Gives the token.
///
/// # Safety
/// `w` is an `UnpackPair` or `UnpackReusePair` of the frame `r`.
#[inline(always)]
unsafe fn take_pair(c: &mut Container, r: Regs, w: &Word) -> u32 {
    // SAFETY: the caller's promise.
    unsafe {
        let cell = r.reference(w.a);
        let unique = c.heap.is_unique(cell);
        let pair: u64 = c.heap.read(cell as usize * 8 + 8);
        if !unique {
            c.heap.dup(pair as u32);
            c.heap.dup((pair >> 32) as u32);
        }
        r.set_ref(w.b, pair as u32);
        r.set_ref(w.c, (pair >> 32) as u32);
        c.heap.give_up_cell(cell, unique)
    }
}

/// # Safety
/// `w` is an `UnpackPair` of the frame `r`.
#[inline(always)]
pub(super) unsafe fn unpack_pair(c: &mut Container, r: Regs, w: &Word) {
    // SAFETY: the caller's promise.
    unsafe {
        let token = take_pair(c, r, w);
        if token != 0 {
            c.heap.free(token, 2);
        }
    }
}

/// # Safety
/// `w` is an `UnpackReusePair` of the frame `r`.
#[inline(always)]
pub(super) unsafe fn unpack_reuse_pair(c: &mut Container, r: Regs, w: &Word) {
    // SAFETY: the caller's promise.
    unsafe {
        let token = take_pair(c, r, w);
        r.set_ref(w.d as u16, token);
    }
}

/// # Safety
/// `w` is a `Dup` of the frame `r`.
#[inline(always)]
pub(super) unsafe fn dup(c: &mut Container, r: Regs, w: &Word) {
    // SAFETY: the caller's promise.
    unsafe {
        let value = r.reference(w.b);
        c.heap.dup(value);
        r.set_ref(w.a, value);
    }
}

/// Copies a shared value.
///
/// # Safety
/// `w` is a `MakeUnique` of the frame `r`.
#[cold]
pub(super) unsafe fn make_unique(c: &mut Container, r: Regs, w: &Word) -> Result<(), Trap> {
    // SAFETY: the caller's promise.
    unsafe { r.set_ref(w.a, c.heap.copy_shared(r.reference(w.a))?) };
    Ok(())
}

/// Gives up a record and what it held; its cell becomes the token, if nobody else holds it.
///
/// # Safety
/// `w` is a `DropReuse` of the frame `r`.
#[inline(always)]
pub(super) unsafe fn drop_reuse(c: &mut Container, r: Regs, w: &Word) {
    // SAFETY: the caller's promise.
    unsafe {
        let cell = r.reference(w.b);
        let unique = c.heap.is_unique(cell);
        if unique {
            c.heap.hollow(cell);
        } else {
            c.heap.give_up_cell(cell, false);
        }
        r.set_ref(w.a, if unique { cell } else { 0 });
    }
}

/// Frees a token, if it holds a cell.
///
/// # Safety
/// `token` is a token of the frame.
#[inline(always)]
pub(crate) unsafe fn free_token(c: &mut Container, token: u32) {
    if token != 0 {
        // SAFETY: the caller's promise; a token keeps its layout.
        unsafe {
            debug_assert_eq!(c.heap.count(token), 0);
            debug_assert!((layout_of(c.heap.upper(token)) as usize) < c.program.layouts().len());
            let units = cells::class(c.heap.units(token)).1;
            c.heap.free(token, units);
        }
    }
}
