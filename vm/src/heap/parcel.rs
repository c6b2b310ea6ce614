//! Checks parcels that came from outside: see [`super::transfer`].
//!
//! A sound parcel has values of the types that its receiver expects, whole copies of known layouts one after the other,
//! references of their static types to the starts of copies, counts equal to the references found, text in UTF-8, zeros where
//! nothing is, and no circle. Time and memory are linear in the parcel.

use codex_spec::instruction::TypeId;
use codex_spec::layout::{FIRST_CELL, LayoutDef, RegType, Storage, TypeDef, builtin_layout, field_offsets};
use codex_spec::module::Module;

use super::cells::{EMPTY, Kind, Layout, header, layout_of};
use super::transfer::{Shape, half, shape};
use super::walk::WalkError;

type Check<T = ()> = Result<T, WalkError>;

fn ensure(is: bool, at: u32, what: &'static str) -> Check {
    if is { Ok(()) } else { Err(WalkError { at, what }) }
}

/// Checks a parcel with values of these types.
pub(crate) fn check(module: &Module, layouts: &[Layout], types: &[RegType], parcel: &[u64]) -> Check {
    ensure(parcel.len() >= types.len(), 0, "a message has too few values")?;
    let (values, cells) = parcel.split_at(types.len());
    let mut parcel = Parcel { module, layouts, cells, found: vec![None; cells.len()], work: Vec::new() };
    parcel.starts()?;
    for (&value, &typ) in values.iter().zip(types) {
        if let RegType::Ref(typ) = typ {
            let r = u32::try_from(value).map_err(|_| WalkError { at: 0, what: "a value is no reference word" })?;
            parcel.refer(r, typ)?;
        }
    }
    parcel.contents()
}

struct Parcel<'a> {
    module: &'a Module,
    layouts: &'a [Layout],
    cells: &'a [u64],
    /// For each word at which a copy starts: references found.
    found: Vec<Option<u32>>,
    /// Copies all of whose owners were looked at.
    work: Vec<u32>,
}

impl<'a> Parcel<'a> {
    /// Finds where copies start; each is whole.
    fn starts(&mut self) -> Check {
        let mut at = 0;
        while at < self.cells.len() {
            self.found[at] = Some(0);
            let whole = self.layout(at).and_then(|layout| self.whole(at, layout));
            let Some(words) = whole else {
                return Err(WalkError { at: at as u32, what: "a message holds a copy that is not whole" });
            };
            at += words;
        }
        Ok(())
    }

    fn layout(&self, at: usize) -> Option<&'a Layout> {
        self.layouts.get(layout_of((self.cells[at] >> 32) as u32) as usize)
    }

    /// The words of a copy, if they are all there.
    fn whole(&self, at: usize, layout: &Layout) -> Option<usize> {
        let kind = layout.kind;
        let row = !matches!(kind, Kind::Record | Kind::Closure);
        if matches!(kind, Kind::TextSlice | Kind::BytesSlice) {
            return None;
        }
        let expected = header(0, layout_of((self.cells[at] >> 32) as u32), layout.tag);
        let length = if row { *self.cells.get(at + 1)? } else { 1 };
        let sound = self.cells[at] >> 32 == expected >> 32 && length > 0 && length <= u32::MAX as u64;
        if !sound {
            return None;
        }
        let words = shape(self.layouts, &self.cells[at..]).words;
        (words <= self.cells.len() - at).then_some(words)
    }

    /// One reference to a value of a type.
    fn refer(&mut self, r: u32, typ: TypeId) -> Check {
        let def = &self.module.types[typ.index()];
        let Some(at) = r.checked_sub(FIRST_CELL) else {
            let fits = match def {
                TypeDef::Data(variants) => variants.get(r as usize).is_some_and(|v| v.is_none()),
                TypeDef::List { .. } | TypeDef::Text | TypeDef::Bytes => r == EMPTY,
                TypeDef::Function { .. } => false,
            };
            return ensure(fits, r, "a message holds a word that is no value of its type");
        };
        let Some(Some(found)) = self.found.get_mut(at as usize) else {
            return Err(WalkError { at: r, what: "a message refers to no copy" });
        };
        *found += 1;
        let all = *found == self.cells[at as usize] as u32;
        ensure(*found <= self.cells[at as usize] as u32, r, "a copy has more owners than its count")?;
        let typed = self.layout(at as usize).is_some_and(|layout| layout.typ == typ.0);
        ensure(typed, r, "a copy is not of the reference's type")?;
        if all {
            self.work.push(at);
        }
        Ok(())
    }

    /// Looks into each copy once all its owners were found: so a circle is never entered, and a copy that is left over is
    /// in one, or has fewer owners than its count.
    fn contents(&mut self) -> Check {
        let mut seen = 0;
        while let Some(at) = self.work.pop() {
            seen += 1;
            self.copy(at as usize)?;
        }
        let copies = self.found.iter().flatten().count();
        ensure(seen == copies, 0, "a message holds a copy that its owners don't account for")
    }

    fn copy(&mut self, at: usize) -> Check {
        let r = FIRST_CELL + at as u32;
        let Some(layout) = self.layout(at) else { return ensure(false, r, "there is no such layout") };
        let Shape { words, .. } = shape(self.layouts, &self.cells[at..]);
        let used = match layout.kind {
            Kind::Record | Kind::Closure => {
                let fields = self.fields(at);
                for (field, offset) in fields.iter().zip(field_offsets(fields).offsets) {
                    if let Storage::Ref(typ) = field {
                        self.refer(half(self.cells, at, offset as usize), *typ)?;
                    }
                }
                let (wide, refs, bytes) = layout.widths;
                8 + (wide * 8 + refs * 4 + bytes) as usize
            }
            _ => {
                let length = self.cells[at + 1] as usize;
                if let (Kind::ListRef, TypeDef::List { element: Storage::Ref(typ), .. }) =
                    (layout.kind, &self.module.types[layout.typ as usize])
                {
                    for i in 0..length {
                        self.refer(half(self.cells, at, 16 + i * 4), *typ)?;
                    }
                }
                16 + length * layout.element()
            }
        };
        let bytes: Vec<u8> = self.cells[at..at + words].iter().flat_map(|word| word.to_le_bytes()).collect();
        ensure(bytes[used..].iter().all(|&b| b == 0), r, "padding is not zero")?;
        let is_text = layout.kind != Kind::Text || std::str::from_utf8(&bytes[16..used]).is_ok();
        ensure(is_text, r, "a text is not UTF-8")
    }

    fn fields(&self, at: usize) -> &'a [Storage] {
        let own = layout_of((self.cells[at] >> 32) as u32).checked_sub(builtin_layout::FIRST);
        match own.and_then(|n| self.module.layouts.get(n as usize)) {
            Some(LayoutDef::Record { fields, .. } | LayoutDef::Closure { fields, .. }) => fields,
            _ => &[],
        }
    }
}
