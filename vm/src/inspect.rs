//! A world as people look at it: each container, where it stands, and its state as glyph literals.
//!
//! Read-only, and bounded: a long value is cut, a deep one too.

use std::fmt;

use codex_spec::instruction::{LayoutId, TypeId};
use codex_spec::layout::{FIRST_CELL, LayoutDef, RegType, Storage, TypeDef, builtin_layout, field_offsets};
use codex_spec::module::Module;

use crate::actor::{Actor, Status};
use crate::collapse::{TracePlace, trace};
use crate::container::Container;
use crate::heap::cells::layout_of;
use crate::world::World;

/// Characters of a value at most.
const LONGEST: usize = 2000;
/// Values inside of each other at most.
const DEEPEST: usize = 24;

/// One container.
#[derive(Clone, Debug)]
pub struct View {
    /// Its number.
    pub id: u64,
    /// Its kind and number, such as `Counter#3`.
    pub name: String,
    /// Who made it; 0 for the first.
    pub parent: u64,
    /// What it does: `ready`, `idle`, `asks the outside`, …
    pub status: String,
    /// Messages that wait, and their bytes.
    pub mailbox: (usize, u64),
    /// Bytes of heap.
    pub heap: u64,
    /// Its state as a glyph literal, if it rests between messages.
    pub state: Option<String>,
    /// Where it stands, innermost call first.
    pub calls: Vec<TracePlace>,
}

/// All containers of a world, in order of their numbers.
pub fn containers(world: &World) -> Vec<View> {
    let mut scratch = None;
    let look = |id: u64| {
        let actor = world.find(id)?;
        Some(world.look(actor, &mut scratch, |c| view(world, actor, c)))
    };
    world.ids().into_iter().filter_map(look).collect()
}

fn view(world: &World, actor: &Actor, c: &Container) -> View {
    let state = c.state.and_then(|state| {
        let typ = world.program.module().container(actor.kind)?.state;
        Some(literal(c, state, typ))
    });
    View {
        id: actor.id,
        name: world.name(actor.id, actor.kind),
        parent: actor.parent,
        status: status(world, actor),
        mailbox: (actor.mailbox.iter().count(), actor.mailbox.size()),
        heap: c.heap.size(),
        state,
        calls: trace(c),
    }
}

fn status(world: &World, actor: &Actor) -> String {
    match actor.status {
        Status::Ready => "ready".to_owned(),
        Status::Idle => "idle".to_owned(),
        Status::Asking { request } => format!("waits for the outside, request {request}"),
        Status::Waiting { to, .. } => match world.find(to) {
            Some(other) => format!("waits for {}", world.name(to, other.kind)),
            None => format!("waits for #{to}"),
        },
        Status::Sleeping => "sleeps".to_owned(),
        Status::Held => "waits for room in a mailbox".to_owned(),
        Status::Collapsed => "collapsed".to_owned(),
    }
}

impl fmt::Display for View {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}  {}, {} bytes", self.name, self.status, self.heap)?;
        if self.parent != 0 {
            write!(f, ", child of #{}", self.parent)?;
        }
        if self.mailbox.0 > 0 {
            write!(f, ", {} messages ({} bytes)", self.mailbox.0, self.mailbox.1)?;
        }
        if let Some(state) = &self.state {
            write!(f, "\n  state {state}")?;
        }
        for call in &self.calls {
            match &call.place {
                Some((file, line, column)) => write!(f, "\n  in {} ({file}:{line}:{column})", call.function)?,
                None => write!(f, "\n  in {}", call.function)?,
            }
        }
        Ok(())
    }
}

impl View {
    /// The same as a JSON object.
    pub fn json(&self) -> String {
        let state = self.state.as_deref().map_or("null".to_owned(), quoted);
        let calls: Vec<String> = self.calls.iter().map(call_json).collect();
        format!(
            "{{\"id\":{},\"name\":{},\"parent\":{},\"status\":{},\"messages\":{},\"mailbox\":{},\"heap\":{},\"state\":{state},\
             \"calls\":[{}]}}",
            self.id,
            quoted(&self.name),
            self.parent,
            quoted(&self.status),
            self.mailbox.0,
            self.mailbox.1,
            self.heap,
            calls.join(",")
        )
    }
}

fn call_json(call: &TracePlace) -> String {
    match &call.place {
        Some((file, line, column)) => format!(
            "{{\"function\":{},\"file\":{},\"line\":{line},\"column\":{column}}}",
            quoted(&call.function),
            quoted(file)
        ),
        None => format!("{{\"function\":{}}}", quoted(&call.function)),
    }
}

/// A text in quotes; the rules of JSON are those of glyph here, too.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            c if c.is_control() => out.push_str(&format!("\\u{:04x}", c as u32)),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

// ── Values ───────────────────────────────────────────────────────────────────────

/// A value as a glyph literal, cut if it is long.
fn literal(c: &Container, value: u64, typ: RegType) -> String {
    let mut printer = Printer { c, module: c.program.module(), out: String::new() };
    match typ {
        RegType::I64 => printer.out.push_str(&(value as i64).to_string()),
        RegType::F64 => printer.out.push_str(&f64::from_bits(value).to_string()),
        RegType::Ref(typ) => printer.reference(value as u32, typ, 0),
    }
    printer.out
}

struct Printer<'a> {
    c: &'a Container,
    module: &'a Module,
    out: String,
}

impl Printer<'_> {
    fn is_full(&self) -> bool {
        self.out.len() > LONGEST
    }

    fn bytes(&self, at: usize, count: usize) -> &[u8] {
        self.c.heap.bytes().get(at..at + count).unwrap_or_default()
    }

    fn word(&self, at: usize) -> u64 {
        u64::from_le_bytes(self.bytes(at, 8).try_into().unwrap_or_default())
    }

    fn half(&self, at: usize) -> u32 {
        u32::from_le_bytes(self.bytes(at, 4).try_into().unwrap_or_default())
    }

    fn reference(&mut self, r: u32, typ: TypeId, depth: usize) {
        if self.is_full() || depth > DEEPEST {
            self.out.push('…');
            return;
        }
        match &self.module.types[typ.index()] {
            TypeDef::Text => {
                let text = self.raw(r);
                self.out.push_str(&quoted(&String::from_utf8_lossy(&text)));
            }
            TypeDef::Bytes => {
                let bytes = self.raw(r);
                self.out.push_str(&format!("bytes {bytes:?}"));
            }
            TypeDef::Function { .. } => self.out.push('λ'),
            TypeDef::List { element, .. } => self.list(r, *element, depth),
            TypeDef::Data(variants) => self.data(r, typ, variants, depth),
        }
    }

    fn raw(&self, r: u32) -> Vec<u8> {
        // SAFETY: a container between ticks holds live values of their types.
        let bytes = unsafe { self.c.heap.raw(r) };
        bytes[..bytes.len().min(LONGEST)].to_vec()
    }

    fn list(&mut self, r: u32, element: Storage, depth: usize) {
        let (at, length) = (r as usize * 8, self.half(r as usize * 8 + 8) as usize);
        self.out.push('[');
        for i in 0..length {
            if i > 0 {
                self.out.push_str(", ");
            }
            if self.is_full() {
                self.out.push('…');
                break;
            }
            self.stored(at + 16 + i * element.size() as usize, element, depth);
        }
        self.out.push(']');
    }

    fn data(&mut self, r: u32, typ: TypeId, variants: &[Option<LayoutId>], depth: usize) {
        if r < FIRST_CELL {
            let name = self.module.names.types.get(typ.index()).map_or("", String::as_str);
            self.out.push_str(&format!("{name}.{r}"));
            return;
        }
        let layout = layout_of((self.word(r as usize * 8) >> 32) as u32);
        let own = layout.checked_sub(builtin_layout::FIRST).map(|n| n as usize);
        let Some(LayoutDef::Record { fields, .. }) = own.and_then(|n| self.module.layouts.get(n)) else {
            self.out.push('?');
            return;
        };
        let _ = variants;
        let (name, labels) = own.and_then(|n| self.module.names.layouts.get(n)).cloned().unwrap_or_default();
        self.out.push_str(&name);
        self.out.push('(');
        for (i, (field, offset)) in fields.iter().zip(field_offsets(fields).offsets).enumerate() {
            if i > 0 {
                self.out.push_str(", ");
            }
            if let Some(label) = labels.get(i).filter(|label| !label.is_empty()) {
                self.out.push_str(&format!("{label}: "));
            }
            self.stored(r as usize * 8 + offset as usize, *field, depth);
        }
        self.out.push(')');
    }

    fn stored(&mut self, at: usize, storage: Storage, depth: usize) {
        match storage {
            Storage::I64 => self.out.push_str(&(self.word(at) as i64).to_string()),
            Storage::F64 => self.out.push_str(&f64::from_bits(self.word(at)).to_string()),
            Storage::Byte => self.out.push_str(&self.bytes(at, 1).first().copied().unwrap_or(0).to_string()),
            Storage::Ref(typ) => self.reference(self.half(at), typ, depth + 1),
        }
    }
}
