//! A verified module, ready to run: its layouts as a table, its functions loaded when first called.
//!
//! One program is shared by all containers that run it, and by threads: what is added later (loaded code) is
//! added once, by whoever comes first.

use std::sync::atomic::{AtomicPtr, Ordering};
use std::sync::{Arc, OnceLock};

use codex_spec::codec;
use codex_spec::instruction::{FuncId, Inst, LayoutId};
use codex_spec::layout::{LayoutDef, RegType, Storage};
use codex_spec::module::{ContainerDef, Function, Module};
use codex_spec::verify::Verified;

use crate::heap::cells::{self, Layout, is_ref};
use crate::interpreter::load::{Loaded, load};
use crate::interpreter::messages::SPAWN_FUEL;
use crate::interpreter::op::{Op, Word};
use crate::mailbox::Message;
use crate::native::{Mode, Native, Seed, Stats};

/// What a call needs to know of a function.
pub(crate) struct Entry {
    /// Its first word; [`LOAD`] until it is loaded.
    code: AtomicPtr<Word>,
    /// How many registers it has.
    pub(crate) registers: u32,
}

impl Entry {
    /// Its first word.
    #[inline(always)]
    pub(crate) fn code(&self) -> *const Word {
        self.code.load(Ordering::Acquire)
    }
}

/// What a message's parcel holds, and who gets it.
pub(crate) struct Shape {
    /// The function that it is for.
    pub(crate) function: FuncId,
    /// For each value: whether it is a reference. The state is not among them.
    pub(crate) refs: Box<[bool]>,
    /// Whether no value is one.
    pub(crate) is_plain: bool,
    /// The types of the values.
    pub(crate) types: Box<[RegType]>,
}

/// The messages of a kind of container.
pub(crate) struct Kind {
    pub(crate) init: Shape,
    pub(crate) handlers: Box<[Shape]>,
    /// By the number of the `Lifecycle`.
    pub(crate) events: Box<[Option<Shape>]>,
}

impl Kind {
    fn new(module: &Module, def: &ContainerDef) -> Kind {
        let shape = |function: FuncId, skip: usize| {
            let params = &module.functions[function.index()].params[skip..];
            Shape {
                function,
                refs: params.iter().map(|p| is_ref(p.typ)).collect(),
                is_plain: !params.iter().any(|p| is_ref(p.typ)),
                types: params.iter().map(|p| p.typ).collect(),
            }
        };
        Kind {
            init: shape(def.init, 0),
            handlers: def.handlers.iter().map(|h| shape(h.function, 1)).collect(),
            events: def.lifecycle.iter().map(|f| f.map(|f| shape(f, 1))).collect(),
        }
    }

    /// The shape of a message, if the kind wants it.
    pub(crate) fn shape(&self, message: Message) -> Option<&Shape> {
        match message {
            Message::Init => Some(&self.init),
            Message::Handler(number) => self.handlers.get(number as usize),
            Message::Event(number) => self.events.get(number as usize)?.as_ref(),
        }
    }
}

/// The code of every function that is not loaded: it loads the one whose frame is on top.
pub(crate) static LOAD: Word = Word::new(Op::Load, 0, 0, 0, 0);
/// The code of every function that has native code.
pub(crate) static NATIVE: Word = Word::new(Op::Native, 0, 0, 0, 0);
/// Where the first function of a container returns to; the word before has the register for its result.
pub(crate) static HALT: [Word; 2] = [Word::new(Op::Halt, 0, 0, 0, 0), Word::new(Op::Halt, 0, 0, 0, 0)];

/// See the module's documentation.
pub struct Program {
    verified: Verified,
    layouts: Arc<[Layout]>,
    entries: Box<[Entry]>,
    kinds: Box<[Kind]>,
    /// The most `spawn`s that run without a stop between them, beyond those that fuel allows.
    spawns: u64,
    /// Whether a container may be put back to its savepoint.
    restores: bool,
    loaded: Box<[OnceLock<Loaded>]>,
    id: OnceLock<[u8; 32]>,
    fuses: bool,
    native: OnceLock<Native>,
}

impl Program {
    /// Makes a verified module ready.
    pub fn new(verified: Verified) -> Arc<Program> {
        Program::make(verified, true)
    }

    /// The same with one word for each instruction: slower, and alike in everything else. For tests.
    #[doc(hidden)]
    pub fn without_fused_words(verified: Verified) -> Arc<Program> {
        Program::make(verified, false)
    }

    fn make(verified: Verified, fuses: bool) -> Arc<Program> {
        let module = verified.module();
        let layouts = cells::table(module).into();
        let entry = |f: &codex_spec::module::Function| Entry {
            code: AtomicPtr::new((&raw const LOAD).cast_mut()),
            registers: f.registers.len() as u32,
        };
        let entries = module.functions.iter().map(entry).collect();
        let loaded = module.functions.iter().map(|_| OnceLock::new()).collect();
        let kinds = module.containers.iter().map(|def| Kind::new(module, def)).collect();
        let spawns = module.functions.iter().map(spawns).max().unwrap_or(0);
        let code = module.functions.iter().flat_map(|f| &f.blocks).flat_map(|b| &b.code);
        let restores = code.into_iter().any(|inst| matches!(inst, Inst::Restore { .. }));
        let (id, native) = (OnceLock::new(), OnceLock::new());
        Arc::new(Program { verified, layouts, entries, kinds, spawns, restores, loaded, id, fuses, native })
    }

    /// Gives the program a native tier, if this host has one. Only the first call does something.
    pub fn enable_native(self: &Arc<Program>, mode: Mode) {
        self.enable_native_with(mode, Seed::None);
    }

    /// The same with a bug in the code. For tests.
    #[doc(hidden)]
    pub fn enable_native_with(self: &Arc<Program>, mode: Mode, seed: Seed) {
        if mode != Mode::Off
            && let Ok(native) = Native::new(self, mode, seed)
            && self.native.set(native).is_ok()
        {
            crate::native::start(self);
        }
    }

    /// What the native tier did so far, if there is one.
    pub fn native_stats(&self) -> Option<Stats> {
        self.native().map(Native::stats)
    }

    /// What the native tier makes of a function, from its start or from a loop head on: the back end's IR and the machine code.
    ///
    /// # Errors
    /// If there is no such tier, function or loop, or the back end refuses it.
    pub fn native_text(&self, function: u32, from: Option<u32>) -> Result<String, String> {
        Native::new(self, Mode::On, Seed::None)
            .and_then(|native| native.text(self, function, from))
            .map_err(|e| e.to_string())
    }

    pub(crate) fn native(&self) -> Option<&Native> {
        self.native.get()
    }

    /// From now on calls of this function leave the interpreter.
    pub(crate) fn set_native(&self, function: FuncId) {
        self.entries[function.index()].code.store((&raw const NATIVE).cast_mut(), Ordering::Release);
    }

    /// The module.
    pub fn module(&self) -> &Module {
        self.verified.module()
    }

    /// The module's id: the blake3 of its stored form.
    pub fn id(&self) -> [u8; 32] {
        *self.id.get_or_init(|| codec::module_id(&codec::encode(self.module())))
    }

    pub(crate) fn verified(&self) -> &Verified {
        &self.verified
    }

    pub(crate) fn layouts(&self) -> &Arc<[Layout]> {
        &self.layouts
    }

    /// The messages of a kind of container.
    pub(crate) fn kind(&self, kind: u32) -> &Kind {
        &self.kinds[kind as usize]
    }

    /// Whether a container may be put back to its savepoint.
    pub(crate) fn restores(&self) -> bool {
        self.restores
    }

    /// How many containers one can make in a quantum of so much fuel.
    pub(crate) fn spawns_in(&self, quantum: u64) -> u64 {
        match self.spawns {
            0 => 0,
            n => n + 1 + quantum / SPAWN_FUEL as u64,
        }
    }

    /// How the field of a record with one field is stored.
    pub(crate) fn only_field(&self, layout: LayoutId) -> Storage {
        match self.module().layout(layout) {
            Some(LayoutDef::Record { fields, .. }) => fields[0],
            _ => Storage::I64,
        }
    }

    pub(crate) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// A function's loaded code.
    #[cold]
    #[inline(never)]
    pub(crate) fn loaded(&self, function: FuncId) -> &Loaded {
        let loaded = self.loaded[function.index()].get_or_init(|| {
            let module = self.module();
            let function = &module.functions[function.index()];
            load(module, &self.layouts, function, self.fuses)
        });
        let (code, unloaded) = (loaded.code.as_ptr().cast_mut(), (&raw const LOAD).cast_mut());
        let entry = &self.entries[function.index()].code;
        // A function that has native code keeps its way there.
        let _ = entry.compare_exchange(unloaded, code, Ordering::AcqRel, Ordering::Relaxed);
        loaded
    }
}

/// The `spawn`s of a function. Between two places where it can stop, each runs once at most.
fn spawns(function: &Function) -> u64 {
    let code = function.blocks.iter().flat_map(|b| &b.code);
    code.filter(|inst| matches!(inst, Inst::Spawn { .. })).count() as u64
}
