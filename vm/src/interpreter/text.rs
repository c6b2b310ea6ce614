//! Text and bytes. What they mean is in `spec::semantics`; here operands are fetched and results stored.

use codex_spec::layout::FIRST_CELL;
use codex_spec::semantics::{self, CharClass};
use codex_spec::trap::Trap;

use super::op::Word;
use super::registers::{Regs, extra, extra_words};
use crate::container::Container;
use crate::heap::Heap;
use crate::heap::cells::{EMPTY, layout_of};
use crate::heap::raw::{BYTES, TEXT};

type Done = Result<(), Trap>;

/// Stores a new text.
unsafe fn set_text(c: &mut Container, r: Regs, dst: u16, text: &str) -> Done {
    // SAFETY: `dst` is a register of the frame.
    unsafe { r.set_ref(dst, c.heap.new_raw(TEXT, text.as_bytes())?) };
    Ok(())
}

/// # Safety
/// `w` is a `Literal` of the frame `r`.
#[inline(always)]
pub(super) unsafe fn literal(c: &mut Container, r: Regs, w: &Word) -> Done {
    // SAFETY: the caller's promise.
    unsafe {
        let mut value = c.literals.get(w.d as usize);
        if value == 0 {
            value = build_literal(c, w.d as usize)?;
        }
        r.set_ref(w.a, value);
    }
    Ok(())
}

#[cold]
#[inline(never)]
fn build_literal(c: &mut Container, number: usize) -> Result<u32, Trap> {
    let bytes = &c.program.module().constants[number / 2];
    let layout = if number.is_multiple_of(2) { TEXT } else { BYTES };
    let value = c.heap.new_raw(layout, bytes)?;
    if value >= FIRST_CELL {
        // SAFETY: it was just made.
        unsafe { c.heap.immortalise(value) };
    }
    c.literals.fill(number, value);
    Ok(value)
}

/// Both operands' bytes; the shorter length is paid.
///
/// # Safety
/// Both are live text or bytes.
#[inline(always)]
unsafe fn both<'a>(c: &mut Container, a: u32, b: u32) -> (&'a [u8], &'a [u8]) {
    // SAFETY: the caller's promise.
    unsafe {
        let (a, b) = (c.heap.raw(a), c.heap.raw(b));
        c.heap.pay_bytes(a.len().min(b.len()));
        (a, b)
    }
}

/// # Safety
/// `w` is a `RawEq` of the frame `r`.
#[inline(always)]
pub(super) unsafe fn eq(c: &mut Container, r: Regs, w: &Word) -> Done {
    // SAFETY: the caller's promise.
    unsafe {
        let equal = equal(c, r.reference(w.b), r.reference(w.c));
        r.set(w.a, equal as u64);
    }
    Ok(())
}

/// Whether two texts or bytes are the same bytes.
///
/// # Safety
/// Both are live text or bytes.
#[inline(always)]
pub(crate) unsafe fn equal(c: &mut Container, a: u32, b: u32) -> bool {
    // SAFETY: the caller's promise.
    unsafe {
        a == b || {
            let (a, b) = both(c, a, b);
            a == b
        }
    }
}

/// # Safety
/// `w` is a `RawCompare` of the frame `r`.
pub(super) unsafe fn compare(c: &mut Container, r: Regs, w: &Word) -> Done {
    // SAFETY: the caller's promise.
    unsafe {
        r.set_int(w.a, order(c, r.reference(w.b), r.reference(w.c)));
    }
    Ok(())
}

/// The order of two texts or bytes.
///
/// # Safety
/// Both are live text or bytes.
pub(crate) unsafe fn order(c: &mut Container, a: u32, b: u32) -> i64 {
    // SAFETY: the caller's promise.
    let (a, b) = unsafe { both(c, a, b) };
    semantics::raw_compare(a, b)
}

/// # Safety
/// `w` is a `RawByte` of the frame `r`.
#[inline(always)]
pub(super) unsafe fn byte(c: &mut Container, r: Regs, w: &Word) -> Done {
    // SAFETY: the caller's promise.
    unsafe { r.set_int(w.a, semantics::raw_byte(c.heap.raw(r.reference(w.b)), r.int(w.c))?) };
    Ok(())
}

/// # Safety
/// `w` is a `RawFind` of the frame `r`.
pub(super) unsafe fn find(c: &mut Container, r: Regs, w: &Word) -> Done {
    // SAFETY: the caller's promise.
    unsafe {
        let found = first(c, r.reference(w.b), r.reference(w.c), r.int(w.d as u16));
        r.set_int(w.a, found);
    }
    Ok(())
}

/// Where `needle` is in `a` first, from an offset on, or -1.
///
/// # Safety
/// Both are live text or bytes.
pub(crate) unsafe fn first(c: &mut Container, a: u32, needle: u32, from: i64) -> i64 {
    // SAFETY: the caller's promise.
    let (a, needle) = unsafe { (c.heap.raw(a), c.heap.raw(needle)) };
    let found = semantics::raw_find(a, needle, from);
    let start = semantics::clamp(from, a.len());
    let end = if found < 0 { a.len() } else { found as usize };
    c.heap.pay_bytes(end.saturating_sub(start));
    found
}

/// # Safety
/// `w` is a `RawAppend` of the frame `r`.
pub(super) unsafe fn append(c: &mut Container, r: Regs, w: &Word) -> Done {
    // SAFETY: the caller's promise.
    unsafe { r.set_ref(w.a, c.heap.append_raw(r.reference(w.a), r.reference(w.b), w.d as u32)?) };
    Ok(())
}

/// # Safety
/// `pc` is a `TextJoin` of the frame `r`.
pub(super) unsafe fn join(c: &mut Container, r: Regs, pc: *const Word) -> Result<*const Word, Trap> {
    // SAFETY: the caller's promise.
    unsafe {
        let w = &*pc;
        let count = w.d as usize;
        let mut length = 0;
        for i in 0..count {
            length += c.heap.length(r.reference(extra(pc, i))) as u64;
        }
        let text = c.heap.new_text_of(length)?;
        let mut at = Heap::items(text);
        for i in 0..count {
            at = c.heap.fill(at, r.reference(extra(pc, i)));
        }
        r.set_ref(w.a, text);
        Ok(pc.add(1 + extra_words(count)))
    }
}

/// # Safety
/// `w` is a `TextSlice` of the frame `r`.
pub(super) unsafe fn text_slice(c: &mut Container, r: Regs, w: &Word) -> Done {
    // SAFETY: the caller's promise.
    unsafe {
        let a = r.reference(w.b);
        let range = semantics::text_range(c.heap.text(a), r.int(w.c), r.int(w.d as u16))?;
        r.set_ref(w.a, c.heap.slice_raw(a, TEXT, range.start, range.len())?);
    }
    Ok(())
}

/// # Safety
/// `w` is a `BytesSlice` of the frame `r`.
pub(super) unsafe fn bytes_slice(c: &mut Container, r: Regs, w: &Word) -> Done {
    // SAFETY: the caller's promise.
    unsafe {
        let a = r.reference(w.b);
        let range = semantics::bytes_range(c.heap.raw(a), r.int(w.c), r.int(w.d as u16));
        r.set_ref(w.a, c.heap.slice_raw(a, BYTES, range.start, range.len())?);
    }
    Ok(())
}

/// # Safety
/// `w` is a `TextCharAt` of the frame `r`.
#[inline(always)]
pub(super) unsafe fn char_at(c: &mut Container, r: Regs, w: &Word) -> Done {
    // SAFETY: the caller's promise.
    unsafe { r.set_int(w.a, semantics::char_at(c.heap.text(r.reference(w.b)), r.int(w.c))?) };
    Ok(())
}

/// # Safety
/// `w` is a `TextPushChar` of the frame `r`.
pub(super) unsafe fn push_char(c: &mut Container, r: Regs, w: &Word) -> Done {
    // SAFETY: the caller's promise.
    unsafe {
        let char = semantics::scalar(r.int(w.b))?;
        let bytes = char.encode_utf8(&mut [0; 4]).len();
        let mut buffer = [0; 4];
        char.encode_utf8(&mut buffer);
        r.set_ref(w.a, c.heap.push_raw(r.reference(w.a), &buffer[..bytes], TEXT)?);
    }
    Ok(())
}

/// # Safety
/// `w` is a `BytesPush` of the frame `r`.
pub(super) unsafe fn bytes_push(c: &mut Container, r: Regs, w: &Word) -> Done {
    // SAFETY: the caller's promise.
    unsafe {
        let byte = semantics::to_byte(r.int(w.b));
        r.set_ref(w.a, c.heap.push_raw(r.reference(w.a), &[byte], BYTES)?);
    }
    Ok(())
}

/// # Safety
/// `w` is a `TextGrapheme` of the frame `r`.
pub(super) unsafe fn grapheme(c: &mut Container, r: Regs, w: &Word) -> Done {
    // SAFETY: the caller's promise.
    unsafe {
        let end = semantics::grapheme_end(c.heap.text(r.reference(w.b)), r.int(w.c))?;
        c.heap.pay_bytes(end.saturating_sub(r.word(w.c) as usize));
        r.set(w.a, end as u64);
    }
    Ok(())
}

/// # Safety
/// `w` is a `TextUpper` or `TextLower` of the frame `r`, and `map` says which.
pub(super) unsafe fn mapped(c: &mut Container, r: Regs, w: &Word, map: fn(&str) -> String) -> Done {
    // SAFETY: the caller's promise.
    unsafe {
        let text = map(c.heap.text(r.reference(w.b)));
        set_text(c, r, w.a, &text)
    }
}

/// # Safety
/// `w` is a `CharIs` of the frame `r`.
#[inline(always)]
pub(super) unsafe fn char_is(r: Regs, w: &Word) {
    // SAFETY: the caller's promise; a class that is not in the table has no characters.
    unsafe {
        let is = CharClass::from_number(w.d as u32).is_some_and(|class| class.contains(r.int(w.b)));
        r.set(w.a, is as u64);
    }
}

/// # Safety
/// `w` is a `TextToBytes` of the frame `r`.
pub(super) unsafe fn to_bytes(c: &mut Container, r: Regs, w: &Word) -> Done {
    // SAFETY: the caller's promise.
    unsafe {
        let a = r.reference(w.b);
        let length = c.heap.length(a) as usize;
        r.set_ref(w.a, c.heap.slice_raw(a, BYTES, 0, length)?);
    }
    Ok(())
}

/// Bytes that are part of a text are shared with it; others are copied, since only a text is known to be UTF-8
/// as a whole.
///
/// # Safety
/// `w` is a `BytesToText` of the frame `r`.
pub(super) unsafe fn to_text(c: &mut Container, r: Regs, w: &Word) -> Done {
    // SAFETY: the caller's promise.
    unsafe {
        let a = r.reference(w.c);
        let bytes = c.heap.raw(a);
        c.heap.pay_bytes(bytes.len());
        let ok = std::str::from_utf8(bytes).is_ok();
        let text = match ok {
            false => EMPTY,
            true if c.heap.is_part_of_text(a) => c.heap.slice_raw(a, TEXT, 0, bytes.len())?,
            true => c.heap.copy_as_text(a)?,
        };
        r.set(w.a, ok as u64);
        r.set_ref(w.b, text);
    }
    Ok(())
}

/// # Safety
/// `w` is an `IntToText` of the frame `r`.
pub(super) unsafe fn from_int(c: &mut Container, r: Regs, w: &Word) -> Done {
    // SAFETY: the caller's promise.
    unsafe { set_text(c, r, w.a, &semantics::int_to_text(r.int(w.b))) }
}

/// # Safety
/// `w` is a `FloatToText` of the frame `r`.
pub(super) unsafe fn from_float(c: &mut Container, r: Regs, w: &Word) -> Done {
    // SAFETY: the caller's promise.
    unsafe { set_text(c, r, w.a, &semantics::float_to_text(r.float(w.b))) }
}

/// # Safety
/// `w` is a `FloatToFixed` of the frame `r`.
pub(super) unsafe fn to_fixed(c: &mut Container, r: Regs, w: &Word) -> Done {
    // SAFETY: the caller's promise.
    unsafe { set_text(c, r, w.a, &semantics::float_to_fixed(r.float(w.b), r.int(w.c))) }
}

/// # Safety
/// `w` is a `TextToInt` of the frame `r`.
pub(super) unsafe fn to_int(c: &mut Container, r: Regs, w: &Word) -> Done {
    // SAFETY: the caller's promise.
    unsafe {
        let text = c.heap.text(r.reference(w.c));
        c.heap.pay_bytes(text.len());
        let value = semantics::parse_int(text);
        r.set(w.a, value.is_some() as u64);
        r.set_int(w.b, value.unwrap_or(0));
    }
    Ok(())
}

/// # Safety
/// `w` is a `TextToFloat` of the frame `r`.
pub(super) unsafe fn to_float(c: &mut Container, r: Regs, w: &Word) -> Done {
    // SAFETY: the caller's promise.
    unsafe {
        let text = c.heap.text(r.reference(w.c));
        c.heap.pay_bytes(text.len());
        let value = semantics::parse_float(text);
        r.set(w.a, value.is_some() as u64);
        r.set_float(w.b, semantics::canonical(value.unwrap_or(0.0)));
    }
    Ok(())
}

/// # Safety
/// `w` is a `HashRaw` of the frame `r`.
#[inline(always)]
pub(super) unsafe fn hash(c: &mut Container, r: Regs, w: &Word) -> Done {
    // SAFETY: the caller's promise.
    unsafe {
        let hash = mixed(c, r.int(w.b), r.reference(w.c));
        r.set_int(w.a, hash);
    }
    Ok(())
}

/// A hash with bytes mixed in.
///
/// # Safety
/// `value` is live text or bytes.
#[inline(always)]
pub(crate) unsafe fn mixed(c: &mut Container, state: i64, value: u32) -> i64 {
    // SAFETY: the caller's promise.
    let bytes = unsafe { c.heap.raw(value) };
    c.heap.pay_bytes(bytes.len());
    semantics::hash_raw(state, bytes)
}

impl Heap {
    /// Whether bytes are a slice of a text.
    ///
    /// # Safety
    /// `r` is live bytes of this heap.
    unsafe fn is_part_of_text(&self, r: u32) -> bool {
        // SAFETY: the caller's promise; a slice has its parent in the third word.
        unsafe {
            layout_of(self.upper(r)) == BYTES + 1
                && layout_of(self.upper(self.read::<u32>(r as usize * 8 + 16))) == TEXT
        }
    }
}
