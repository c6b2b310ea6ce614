//! The walk: checks a whole container's heap against everything that refers to it.
//!
//! It promises, for a container that it finds sound:
//!
//! 1. Page 0 holds the headers of variants and of the empty value; its free and dead lists hold cells of their kind.
//! 2. Every reference, from a register, literal, constant or cell, is to a cell of its static type, or a variant or
//!    empty value of that type.
//! 3. Every cell's count equals the references found, unless it is immortal.
//! 4. What the verifier says of a register holds: unique cells have count 1, known variants are those, open slots
//!    are empty, tokens have their size; borrowed and lent cells are kept alive by what they are borrowed from.
//! 5. From page 0 to the top, reachable, free, dead and token cells follow each other without gap or overlap.
//! 6. Padding and slack are zero, text is UTF-8, slices are within their parents and between characters.
//!
//! What a borrowed register is borrowed from is checked as far as safepoints list it: a holder that nothing reads any more is
//! not in the list, and then any reference of its frame, or of those below, is taken for it.
//!
//! It believes nothing and recurses over nothing: any bytes give an answer, in time and memory linear in the heap (and, for
//! borrowed registers, in what their holders hold).

use std::collections::VecDeque;
use std::fmt;

use codex_spec::instruction::{Reg, TypeId};
use codex_spec::layout::{FIRST_CELL, LayoutDef, RegType, Storage, TypeDef, builtin_layout, field_offsets};
use codex_spec::module::{BYTES, Hold, Module, State, TEXT};

use rustc_hash::FxHashSet;

use super::cells::{CLASSES, DEAD_HEAD, EMPTY, FREE_HEADS, IMMORTAL, Kind, Layout, START, class, header, layout_of};
use super::units_of;
use crate::container::Container;
use crate::frames::{View, view};

/// The first thing that is wrong with a container, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WalkError {
    /// A reference word, or 0 for what is no cell.
    pub at: u32,
    /// What is wrong.
    pub what: &'static str,
}

impl fmt::Display for WalkError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cell {:#x}: {}", self.at, self.what)
    }
}

type Check<T = ()> = Result<T, WalkError>;

fn wrong<T>(at: u32, what: &'static str) -> Check<T> {
    Err(WalkError { at, what })
}

fn ensure(is: bool, at: u32, what: &'static str) -> Check {
    if is { Ok(()) } else { wrong(at, what) }
}

/// Checks a container between ticks.
pub fn walk(c: &Container) -> Check {
    let mut walk = Walk::new(c);
    walk.page_zero()?;
    walk.free_lists()?;
    walk.roots(c)?;
    walk.dead_list()?;
    walk.trace()?;
    walk.counts()?;
    walk.coverage()?;
    walk.holds(c)
}

/// What a unit of the heap was found to be.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Found {
    Nothing,
    /// The start of a reachable cell.
    Live,
    Free,
    Dead,
    Token,
}

struct Walk<'a> {
    module: &'a Module,
    layouts: &'a [Layout],
    bytes: &'a [u8],
    /// For each unit: what starts there.
    found: Vec<Found>,
    /// For each unit where a live cell starts: references found. For the others: their units.
    number: Vec<u32>,
    /// Reachable cells whose contents were not looked at yet.
    work: Vec<u32>,
    /// Offsets of slots that are open, in unique cells.
    holes: FxHashSet<usize>,
}

impl<'a> Walk<'a> {
    fn new(c: &'a Container) -> Walk<'a> {
        let bytes = c.heap.bytes();
        let units = bytes.len() / 8;
        Walk {
            module: c.program.module(),
            layouts: c.program.layouts(),
            bytes,
            found: vec![Found::Nothing; units],
            number: vec![0; units],
            work: Vec::new(),
            holes: FxHashSet::default(),
        }
    }

    /// Four bytes at an offset that was checked to be within the heap.
    fn u32(&self, at: usize) -> u32 {
        self.bytes.get(at..at + 4).map_or(0, |b| u32::from_le_bytes(b.try_into().unwrap_or_default()))
    }

    fn header(&self, r: u32) -> u64 {
        self.u32(r as usize * 8) as u64 | (self.u32(r as usize * 8 + 4) as u64) << 32
    }

    fn count(&self, r: u32) -> u32 {
        self.u32(r as usize * 8)
    }

    fn zero(&self, r: u32, start: usize, end: usize) -> Check {
        let zero = self.bytes.get(start..end).is_some_and(|b| b.iter().all(|&b| b == 0));
        ensure(zero, r, "padding or slack is not zero")
    }

    /// Claims a cell of so many units for a kind; it must lie in the heap, and nothing else may start there.
    fn claim(&mut self, r: u32, found: Found, number: u32) -> Check {
        let inside = r >= FIRST_CELL && (r as usize) < self.found.len();
        ensure(inside, r, "a reference leaves the heap")?;
        ensure(self.found[r as usize] == Found::Nothing, r, "a cell is two things at once")?;
        self.found[r as usize] = found;
        self.number[r as usize] = number;
        Ok(())
    }

    fn page_zero(&self) -> Check {
        ensure(self.bytes.len() >= START, 0, "the first page is missing")?;
        for variant in 0..EMPTY {
            let sound = self.header(variant) == header(IMMORTAL, 0, variant as u8);
            ensure(sound, variant, "a variant's header in the first page is wrong")?;
        }
        let sound = self.header(EMPTY) == header(IMMORTAL, 0, 0);
        ensure(sound, EMPTY, "the empty value's header is wrong")?;
        self.zero(EMPTY, EMPTY as usize * 8 + 8, DEAD_HEAD)?;
        self.zero(EMPTY, DEAD_HEAD + 4, FREE_HEADS)?;
        self.zero(EMPTY, FREE_HEADS + CLASSES * 4, START)
    }

    fn free_lists(&mut self) -> Check {
        for units in class_units() {
            let (number, _) = class(units);
            let mut r = self.u32(FREE_HEADS + number * 4);
            while r != 0 {
                self.claim(r, Found::Free, units as u32)?;
                ensure(self.count(r) == 0, r, "a free cell has owners")?;
                r = (self.header(r) >> 32) as u32;
            }
        }
        Ok(())
    }

    /// The layout of a cell that must be inside of the heap with all its units; and how many these are.
    fn shape(&self, r: u32) -> Check<(&'a Layout, u64)> {
        let inside = r >= FIRST_CELL && (r as usize + 2) <= self.found.len();
        ensure(inside, r, "a reference leaves the heap")?;
        let upper = (self.header(r) >> 32) as u32;
        let Some(layout) = self.layouts.get(layout_of(upper) as usize) else {
            return wrong(r, "there is no such layout");
        };
        ensure((upper >> 24) as u8 == layout.tag, r, "the tag is not the layout's")?;
        let capacity = self.u32(r as usize * 8 + 12);
        let units = units_of(layout, capacity);
        let units = match layout.kind {
            Kind::Record | Kind::Closure => class(units).1,
            _ => units,
        };
        ensure(r as u64 + units <= self.found.len() as u64, r, "a cell leaves the heap")?;
        if !matches!(layout.kind, Kind::Record | Kind::Closure | Kind::TextSlice | Kind::BytesSlice) {
            let fits = ((units * 8 - 16) / layout.element() as u64).min(u32::MAX.into());
            ensure(fits == capacity.into(), r, "the capacity is not that of the size class")?;
            ensure(self.u32(r as usize * 8 + 8) <= capacity, r, "the length is above the capacity")?;
        }
        Ok((layout, units))
    }

    /// One reference to a value of a type.
    fn refer(&mut self, r: u32, typ: TypeId) -> Check {
        self.typed(r, typ)?;
        if r < FIRST_CELL {
            return Ok(());
        }
        match self.found[r as usize] {
            Found::Live => self.number[r as usize] = self.number[r as usize].saturating_add(1),
            _ => {
                self.claim(r, Found::Live, 1)?;
                self.work.push(r);
            }
        }
        Ok(())
    }

    /// Whether a word may stand for a value of a type.
    fn typed(&self, r: u32, typ: TypeId) -> Check {
        let Some(def) = self.module.types.get(typ.index()) else {
            return wrong(r, "there is no such type");
        };
        if r < FIRST_CELL {
            let fits = match def {
                TypeDef::Data(variants) => variants.get(r as usize).is_some_and(|v| v.is_none()),
                TypeDef::List { .. } | TypeDef::Text | TypeDef::Bytes => r == EMPTY,
                TypeDef::Function { .. } => false,
            };
            return ensure(fits, r, "the word is no value of its type");
        }
        let (layout, _) = self.shape(r)?;
        ensure(layout.typ == typ.0, r, "the cell is not of the reference's type")
    }

    fn register(&mut self, frame: &View<'_>, reg: Reg, state: State) -> Check {
        let RegType::Ref(typ) = frame.typ(reg) else {
            return Ok(());
        };
        let value = frame.value(reg);
        let Ok(r) = u32::try_from(value) else {
            return wrong(0, "a register is no reference word");
        };
        match state.hold {
            Hold::Word | Hold::Lent | Hold::Borrowed(_) => return Ok(()),
            Hold::Token(size) => return self.token(r, size),
            Hold::Owned | Hold::Unique | Hold::OpenField(_) | Hold::OpenItem(_) => self.refer(r, typ)?,
        }
        if !matches!(state.hold, Hold::Owned) {
            ensure(r < FIRST_CELL || self.count(r) == 1, r, "a unique cell has other owners")?;
        }
        match state.hold {
            Hold::OpenField(field) => self.open_field(r, field),
            Hold::OpenItem(index) => self.open_item(r, frame.value(index)),
            _ => Ok(()),
        }
    }

    fn open_field(&mut self, r: u32, field: u32) -> Check {
        ensure(r >= FIRST_CELL, r, "an open value has no fields")?;
        let offsets = field_offsets(self.fields(r));
        let Some(&offset) = offsets.offsets.get(field as usize) else {
            return wrong(r, "there is no such field");
        };
        self.hole(r, r as usize * 8 + offset as usize)
    }

    fn open_item(&mut self, r: u32, index: u64) -> Check {
        ensure(r >= FIRST_CELL, r, "an open list has no elements")?;
        ensure(index < self.u32(r as usize * 8 + 8) as u64, r, "the open element is outside of the list")?;
        self.hole(r, r as usize * 8 + 16 + index as usize * 4)
    }

    fn hole(&mut self, r: u32, at: usize) -> Check {
        ensure(self.u32(at) == 0, r, "the open slot is not empty")?;
        self.holes.insert(at);
        Ok(())
    }

    fn token(&mut self, r: u32, size: u32) -> Check {
        if r == 0 {
            return Ok(());
        }
        let (layout, units) = self.shape(r)?;
        ensure(layout.kind == Kind::Record && layout.size == size, r, "the token has another size")?;
        ensure(self.count(r) == 0, r, "the token has owners")?;
        self.claim(r, Found::Token, units as u32)
    }

    /// Registers, literals, constants, the state.
    fn roots(&mut self, c: &Container) -> Check {
        for number in 1..=c.stack.depth() {
            let Some(frame) = view(c, number) else {
                return wrong(0, "a frame is at no safepoint");
            };
            for &(reg, state) in frame.live {
                self.register(&frame, reg, state)?;
            }
        }
        for (number, r) in c.literals.iter() {
            self.refer(r, if number % 2 == 0 { TEXT } else { BYTES })?;
            ensure(r == EMPTY || self.count(r) == IMMORTAL, r, "a literal is mortal")?;
        }
        for (number, value) in c.globals.iter() {
            self.root(value, self.module.globals[number as usize], "a constant is no reference word")?;
        }
        self.state(c)
    }

    /// A word that something outside of frames and cells holds.
    fn root(&mut self, value: u64, typ: RegType, what: &'static str) -> Check {
        let RegType::Ref(typ) = typ else { return Ok(()) };
        match u32::try_from(value) {
            Ok(r) => self.refer(r, typ),
            Err(_) => wrong(0, what),
        }
    }

    /// The state of a container, which it has between messages.
    fn state(&mut self, c: &Container) -> Check {
        let kind = self.module.container(c.kind);
        let rests = c.stack.depth() == 0;
        match (c.state, kind) {
            (Some(state), Some(kind)) if rests => self.root(state, kind.state, "a state is no reference word"),
            (None, Some(_)) => ensure(!rests || c.used == 0, 0, "a container has lost its state"),
            (None, None) => ensure(!rests, 0, "the first container has no frames"),
            _ => wrong(0, "a container that works has a state, too"),
        }
    }

    fn dead_list(&mut self) -> Check {
        let mut r = self.u32(DEAD_HEAD);
        while r != 0 {
            let (layout, units) = self.shape(r)?;
            ensure(!layout.is_leaf(), r, "a dead cell has nothing to drop")?;
            self.claim(r, Found::Dead, units as u32)?;
            self.children(r, layout)?;
            r = self.count(r);
        }
        Ok(())
    }

    /// Looks at the contents of all reachable cells.
    fn trace(&mut self) -> Check {
        while let Some(r) = self.work.pop() {
            let (layout, units) = self.shape(r)?;
            self.children(r, layout)?;
            self.contents(r, layout, units)?;
        }
        Ok(())
    }

    fn fields(&self, r: u32) -> &'a [Storage] {
        let layout = layout_of((self.header(r) >> 32) as u32);
        let own = layout.checked_sub(builtin_layout::FIRST).and_then(|n| self.module.layouts.get(n as usize));
        match own {
            Some(LayoutDef::Record { fields, .. } | LayoutDef::Closure { fields, .. }) => fields,
            _ => &[],
        }
    }

    /// The references in a cell.
    fn children(&mut self, r: u32, layout: &Layout) -> Check {
        let at = r as usize * 8;
        match layout.kind {
            Kind::Record | Kind::Closure => {
                let fields = self.fields(r);
                for (field, offset) in fields.iter().zip(field_offsets(fields).offsets) {
                    if let Storage::Ref(typ) = field {
                        self.slot(at + offset as usize, *typ)?;
                    }
                }
            }
            Kind::ListRef => {
                let element = match self.module.types.get(layout.typ as usize) {
                    Some(TypeDef::List { element: Storage::Ref(typ), .. }) => *typ,
                    _ => return wrong(r, "the list's type is none of references"),
                };
                for i in 0..self.u32(at + 8) as usize {
                    self.slot(at + 16 + i * 4, element)?;
                }
            }
            Kind::TextSlice | Kind::BytesSlice => self.parent(r, layout.kind)?,
            _ => {}
        }
        Ok(())
    }

    fn slot(&mut self, at: usize, typ: TypeId) -> Check {
        if self.holes.contains(&at) {
            return Ok(());
        }
        self.refer(self.u32(at), typ)
    }

    /// A slice's parent: flat, and long enough.
    fn parent(&mut self, r: u32, kind: Kind) -> Check {
        let at = r as usize * 8;
        let (length, offset, parent) = (self.u32(at + 8), self.u32(at + 12), self.u32(at + 16));
        let (layout, _) = self.shape(parent)?;
        let flat = layout.kind == Kind::Text || (kind == Kind::BytesSlice && layout.kind == Kind::Bytes);
        ensure(flat, r, "a slice's parent is not flat")?;
        let end = offset as u64 + length as u64;
        let inside = length > 0 && end <= self.u32(parent as usize * 8 + 8) as u64;
        ensure(inside, r, "a slice leaves its parent")?;
        if kind == Kind::TextSlice {
            let start = parent as usize * 8 + 16 + offset as usize;
            let text = self.bytes.get(start..start + length as usize).unwrap_or_default();
            ensure(std::str::from_utf8(text).is_ok(), r, "a slice of text is not UTF-8")?;
        }
        self.refer(parent, TypeId(layout.typ))
    }

    /// What is in a cell beside references, and that the rest of it is zero.
    fn contents(&self, r: u32, layout: &Layout, units: u64) -> Check {
        let at = r as usize * 8;
        let end = at + units as usize * 8;
        let used = match layout.kind {
            Kind::Record | Kind::Closure => {
                let (words, refs, bytes) = layout.widths;
                8 + words * 8 + refs * 4 + bytes
            }
            Kind::TextSlice | Kind::BytesSlice => 20,
            _ => 16,
        };
        let length = match layout.kind {
            Kind::Record | Kind::Closure | Kind::TextSlice | Kind::BytesSlice => 0,
            _ => self.u32(at + 8) as usize * layout.element(),
        };
        if layout.kind == Kind::Text {
            let text = self.bytes.get(at + 16..at + 16 + length).unwrap_or_default();
            ensure(std::str::from_utf8(text).is_ok(), r, "a text is not UTF-8")?;
        }
        self.zero(r, at + used as usize + length, end)
    }

    fn counts(&self) -> Check {
        for (unit, _) in self.found.iter().enumerate().filter(|(_, f)| **f == Found::Live) {
            let r = unit as u32;
            let count = self.count(r);
            let sound = count == IMMORTAL || count == self.number[unit];
            ensure(sound, r, "the count is not that of the references")?;
        }
        Ok(())
    }

    fn coverage(&self) -> Check {
        let mut at = START / 8;
        while at < self.found.len() {
            let r = at as u32;
            let units = match self.found[at] {
                Found::Nothing => return wrong(r, "nothing refers to this place"),
                Found::Live => self.shape(r)?.1,
                Found::Free | Found::Dead | Found::Token => self.number[at].into(),
            };
            let inside = &self.found[at + 1..(at + units as usize).min(self.found.len())];
            let alone = at as u64 + units <= self.found.len() as u64 && inside.iter().all(|f| *f == Found::Nothing);
            ensure(alone, r, "cells overlap")?;
            at += units as usize;
        }
        Ok(())
    }
}

/// The units of each size class.
fn class_units() -> impl Iterator<Item = u64> {
    let large = (6..32).flat_map(|power| (1..=4).map(move |quarter| (1u64 << power) + (quarter << (power - 2))));
    (2..=64).chain(large)
}

// ── What the verifier says of registers ──────────────────────────────────────────

impl Walk<'_> {
    fn holds(&self, c: &Container) -> Check {
        let mut reach = Reach { walk: self, seen: vec![0; self.found.len()], round: 0 };
        for number in 1..=c.stack.depth() {
            let Some(frame) = view(c, number) else {
                return wrong(0, "a frame is at no safepoint");
            };
            for &(reg, state) in frame.live {
                let RegType::Ref(typ) = frame.typ(reg) else {
                    continue;
                };
                let r = frame.value(reg) as u32;
                if let Some(variant) = state.variant {
                    self.known(r, typ, variant)?;
                }
                match state.hold {
                    Hold::Borrowed(from) => {
                        self.typed(r, typ)?;
                        let listed = frame.live.iter().any(|&(reg, _)| reg == from);
                        match listed {
                            true => reach.check(r, &[frame.value(from) as u32])?,
                            false => reach.check_frames(r, c, number)?,
                        }
                    }
                    Hold::Lent => {
                        self.typed(r, typ)?;
                        reach.check_frames(r, c, number - 1)?;
                    }
                    _ => {}
                }
            }
        }
        Ok(())
    }

    /// The value is of the variant that the verifier knows it to be.
    fn known(&self, r: u32, typ: TypeId, variant: u8) -> Check {
        let is = match self.module.types.get(typ.index()) {
            Some(TypeDef::Data(_)) if r < FIRST_CELL => r == variant.into(),
            Some(TypeDef::Data(_)) => (self.header(r) >> 56) as u8 == variant,
            _ => true,
        };
        ensure(is, r, "a value is not of its known variant")
    }
}

/// The reference words in the live registers of a frame.
fn references(c: &Container, number: usize) -> Vec<u32> {
    let Some(frame) = (number > 0).then(|| view(c, number)).flatten() else {
        return Vec::new();
    };
    let held = frame
        .live
        .iter()
        .filter(|(reg, state)| matches!(frame.typ(*reg), RegType::Ref(_)) && !matches!(state.hold, Hold::Token(_)));
    held.map(|&(reg, _)| frame.value(reg) as u32).collect()
}

const UNHELD: &str = "a borrowed cell is not held by what it is borrowed from";

/// Looks for cells below others, nearest first.
struct Reach<'w, 'a> {
    walk: &'w Walk<'a>,
    /// For each unit: the last search that saw it.
    seen: Vec<u32>,
    round: u32,
}

impl Reach<'_, '_> {
    /// A borrowed word is a live cell below one of the words it may be borrowed from, or no cell.
    fn check(&mut self, r: u32, from: &[u32]) -> Check {
        self.alive(r)?;
        ensure(self.finds(r, from), r, UNHELD)
    }

    /// The same for a word that a frame from this one down holds. A holder that nothing reads any more is not listed at a
    /// safepoint, so the nearest that is listed may be some frames away.
    fn check_frames(&mut self, r: u32, c: &Container, number: usize) -> Check {
        self.alive(r)?;
        let found = (1..=number).rev().any(|n| self.finds(r, &references(c, n)));
        ensure(found || r < FIRST_CELL, r, UNHELD)
    }

    fn alive(&self, r: u32) -> Check {
        let live = self.walk.found.get(r as usize) == Some(&Found::Live);
        ensure(live || r < FIRST_CELL, r, "a borrowed cell is not alive")
    }

    fn finds(&mut self, r: u32, from: &[u32]) -> bool {
        if r < FIRST_CELL {
            return true;
        }
        self.round += 1;
        let mut queue = VecDeque::from(from.to_vec());
        while let Some(holder) = queue.pop_front() {
            if holder == r {
                return true;
            }
            let seen = match self.seen.get_mut(holder as usize) {
                Some(seen) if holder >= FIRST_CELL => seen,
                _ => continue,
            };
            if std::mem::replace(seen, self.round) != self.round {
                self.below(holder, &mut queue);
            }
        }
        false
    }

    fn below(&self, r: u32, queue: &mut VecDeque<u32>) {
        let Ok((layout, _)) = self.walk.shape(r) else {
            return;
        };
        let at = r as usize * 8;
        let (start, end) = match layout.kind {
            Kind::Record | Kind::Closure => (layout.refs.0 as usize, layout.refs.1 as usize),
            Kind::ListRef => (16, 16 + self.walk.u32(at + 8) as usize * 4),
            Kind::TextSlice | Kind::BytesSlice => (16, 20),
            _ => (0, 0),
        };
        queue.extend((at + start..at + end).step_by(4).map(|slot| self.walk.u32(slot)));
    }
}
