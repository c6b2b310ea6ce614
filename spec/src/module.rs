//! A module: what `codexc` makes and `codexvm` runs. The stored form is in [`crate::codec`]
//! (byte map in spec/module.md); a module is identified by the blake3 of its stored bytes.

use serde::{Deserialize, Serialize};

use crate::instruction::{BlockId, FuncId, Inst, LayoutId, Reg, TypeId};
use crate::layout::{LayoutDef, RegType, TypeDef, builtin_layout};

/// A whole program.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Module {
    /// Reference types. Entry 0 is always `Text`, entry 1 always `Bytes`.
    pub types: Vec<TypeDef>,
    /// The module's own layouts; `LayoutId` counts from `builtin_layout::FIRST`.
    pub layouts: Vec<LayoutDef>,
    /// Text and bytes literals.
    pub constants: Vec<Box<[u8]>>,
    /// Types of the slots for top-level constants.
    pub globals: Vec<RegType>,
    /// Functions.
    pub functions: Vec<Function>,
    /// Kinds of containers.
    pub containers: Vec<ContainerDef>,
    /// What runs first: no parameters.
    pub entry: Option<FuncId>,
    /// Tests by name, each a function without parameters; each runs in a world of its own (`codexvm test`).
    /// Only in modules built for testing.
    pub tests: Vec<(String, FuncId)>,
    /// Names, lines and types as written; never needed to run.
    pub names: Names,
}

/// A kind of container.
///
/// Its state is one value, which the container owns between messages: each of its functions takes the state and gives the
/// next one. All their parameters are owned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContainerDef {
    /// The type of the state.
    pub state: RegType,
    /// Makes the first state from the arguments of `spawn`.
    pub init: FuncId,
    /// What it understands.
    pub handlers: Vec<HandlerDef>,
    /// For each [`Lifecycle`] event, in order of their numbers: the function, if the container wants to know.
    pub lifecycle: [Option<FuncId>; Lifecycle::ALL.len()],
}

/// A message that a kind of container understands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HandlerDef {
    /// `fn(state, argument, …) → state`
    pub function: FuncId,
    /// What an `ask` gets: the type of the value that the function, or whoever it passes the asker to, gives to `reply`.
    pub reply: RegType,
}

/// What happens to a container besides messages. The parameters of its function follow the state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Lifecycle {
    /// It was just made: nothing.
    Started = 0,
    /// It goes on where history was changed under it: a number of `container::Resumption`.
    Resumed = 1,
    /// A child collapsed: its link, the code and the words of the reason, the trace.
    Collapsed = 2,
    /// It is about to end: nothing.
    Stopping = 3,
}

impl Lifecycle {
    /// Every event.
    pub const ALL: [Lifecycle; 4] = [Lifecycle::Started, Lifecycle::Resumed, Lifecycle::Collapsed, Lifecycle::Stopping];

    /// The types of the parameters behind the state.
    pub fn params(self) -> &'static [RegType] {
        const TEXT_REF: RegType = RegType::Ref(TEXT);
        match self {
            Lifecycle::Started | Lifecycle::Stopping => &[],
            Lifecycle::Resumed => &[RegType::I64],
            Lifecycle::Collapsed => &[RegType::I64, TEXT_REF, TEXT_REF, TEXT_REF],
        }
    }

    /// Its name, as in `on started()`.
    pub fn name(self) -> &'static str {
        match self {
            Lifecycle::Started => "started",
            Lifecycle::Resumed => "resumed",
            Lifecycle::Collapsed => "collapsed",
            Lifecycle::Stopping => "stopping",
        }
    }
}

/// Why an ask has no reply: the variant's number in `try_ask`'s second field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Unanswered {
    /// There is no such container, or it ended first.
    Gone = 0,
    /// It collapsed first.
    Collapsed = 1,
    /// The time is over.
    TimedOut = 2,
    /// It waits, directly or through others, for the asker.
    Deadlock = 3,
}

/// The type id of `Text` in every module.
pub const TEXT: TypeId = TypeId(0);
/// The type id of `Bytes` in every module.
pub const BYTES: TypeId = TypeId(1);

/// A function.
#[derive(Clone, Debug, PartialEq)]
pub struct Function {
    /// Parameters: they arrive in registers 0, 1, ….
    pub params: Vec<Param>,
    /// The result; a reference is owned.
    pub result: RegType,
    /// For the function of a closure layout: that layout. Parameter 0 is then the function value, and no `call`
    /// names this function.
    pub closure: Option<LayoutId>,
    /// The type of each register.
    pub registers: Vec<RegType>,
    /// Blocks; execution starts at block 0, which no edge enters.
    pub blocks: Vec<Block>,
}

/// A parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Param {
    /// Its type.
    pub typ: RegType,
    /// Whether a reference is lent by the caller rather than given.
    pub borrowed: bool,
}

/// A block: a state at its entry, and instructions of which the last is a terminator.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Block {
    /// Registers that hold something at entry, in order of their numbers. Block 0's are the parameters.
    pub entry: Vec<(Reg, State)>,
    /// Instructions.
    pub code: Vec<Inst>,
}

/// What a register holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct State {
    /// How it is held.
    pub hold: Hold,
    /// For a data reference: the variant it is known to be.
    pub variant: Option<u8>,
}

/// How a register holds its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hold {
    /// A word.
    Word,
    /// An owned reference.
    Owned,
    /// An owned reference to a cell that nobody else holds (or to no cell).
    Unique,
    /// A reference lent by the caller, valid for the whole call.
    Lent,
    /// A reference borrowed from this register (or from what that one borrows from).
    Borrowed(Reg),
    /// A dead cell of this many bytes, or nothing.
    Token(u32),
    /// Unique, with this field taken out.
    OpenField(u32),
    /// Unique, with the element at the index in this register taken out.
    OpenItem(Reg),
}

impl State {
    /// A state without a known variant.
    pub fn of(hold: Hold) -> State {
        State { hold, variant: None }
    }
}

/// What people call things. Stored apart from the code; a reader that only runs does not need it.
#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
pub struct Names {
    /// Source files.
    pub files: Vec<String>,
    /// For each function: its name, such as `list.map` or `main`.
    pub functions: Vec<String>,
    /// For each type: as written, such as `List[Int]`.
    pub types: Vec<String>,
    /// For each own layout: the variant's name and its fields'.
    pub layouts: Vec<(String, Vec<String>)>,
    /// For each kind of container: its name, and its messages'.
    pub containers: Vec<(String, Vec<String>)>,
    /// For each function, for each instruction in order of blocks: where it comes from. Run-length: (number of
    /// instructions, file, line, column).
    pub lines: Vec<Vec<LineRun>>,
}

/// Instructions in a row that come from one place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineRun {
    /// How many instructions.
    pub count: u32,
    /// Index into [`Names::files`].
    pub file: u32,
    /// 1-based.
    pub line: u32,
    /// 1-based, in characters.
    pub column: u32,
}

impl Module {
    /// One of the module's own layouts; `None` for a built-in one too.
    pub fn layout(&self, id: LayoutId) -> Option<&LayoutDef> {
        self.layouts.get(id.index().checked_sub(builtin_layout::FIRST as usize)?)
    }
    /// The type with this id.
    pub fn typ(&self, id: TypeId) -> Option<&TypeDef> {
        self.types.get(id.index())
    }
    /// The kind of container with this number.
    pub fn container(&self, kind: u32) -> Option<&ContainerDef> {
        self.containers.get(kind as usize)
    }
    /// A message of a kind of container.
    pub fn handler(&self, kind: u32, handler: u32) -> Option<&HandlerDef> {
        self.container(kind)?.handlers.get(handler as usize)
    }
    /// The function with this id.
    pub fn function(&self, id: FuncId) -> Option<&Function> {
        self.functions.get(id.index())
    }
}

impl Function {
    /// The block with this id.
    pub fn block(&self, id: BlockId) -> Option<&Block> {
        self.blocks.get(id.index())
    }
}
