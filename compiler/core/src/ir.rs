//! The core IR: a whole program, monomorphic, in static single assignment form.
//!
//! A function is a graph of blocks with parameters (as in Cranelift, MLIR or Swift's SIL); a value is
//! defined once, by an instruction, a block parameter or a function parameter. Instructions
//! are rows of the one instruction table (`codex_spec::instruction`), in value form:
//!
//! - *arguments* are the row's register operands with the roles `read`, `take`, `edit`, `open`,
//!   `close`, `unique`, `spend`, `args`, `takes`, `reads`, in the row's order (lists flattened);
//! - *results* are the operands with the roles `def`, `lend`, `token`, `defs`, in the row's order, and after
//!   them, for each `edit`, `open`, `close` and `unique` operand, the changed reference as a new
//!   value;
//! - everything else stands in `imm`, in the row's order.
//!
//! So `list_set` takes (list, at, value) and gives the changed list, and until the ownership pass
//! has run no instruction says who frees what: every value may be used any number of
//! times, `edit` means 'a changed copy', and the rows of the ownership section (`dup`, `drop`, `unique`,
//! `drop_reuse`, `free_token`, `new_reuse`, `unpack…` except `unpack_closure`) do not occur. The passes
//! bring counting, reuse and uniqueness in; after them the same IR is checked by stricter rules
//! (`check::Stage`).
//!
//! Keeps true at every stage (see [`crate::check`]): definitions dominate uses; argument, result
//! and parameter types fit; block 0 has no parameters and no predecessors; a record's fields are read only
//! where its variant is known: the type has one variant, or a `switch_tag` on the same value dominates through
//! an edge of that variant, or `new` made it.

use codex_diagnostics::{FileId, Span};
use codex_spec::instruction::{ConstId, FuncId, GlobalId, Opcode};
use codex_spec::layout::{LayoutDef, RegType, TypeDef};
use codex_spec::module::ContainerDef;
use smallvec::{SmallVec, smallvec};

/// A whole program.
#[derive(Clone, Debug, Default)]
pub struct Program {
    /// Reference types; 0 is `Text`, 1 is `Bytes`.
    pub types: Vec<TypeDef>,
    /// Own layouts (numbered from `builtin_layout::FIRST`).
    pub layouts: Vec<LayoutDef>,
    /// Literals.
    pub constants: Vec<Box<[u8]>>,
    /// Types of the slots for top-level constants.
    pub globals: Vec<RegType>,
    /// Functions.
    pub functions: Vec<Func>,
    /// Kinds of containers. All parameters of their functions are owned.
    pub containers: Vec<ContainerDef>,
    /// For each kind of container its name, and its messages'.
    pub container_names: Vec<(String, Vec<String>)>,
    /// What runs first.
    pub entry: Option<FuncId>,
    /// Tests by name.
    pub tests: Vec<(String, FuncId)>,
    /// Each type as written.
    pub type_names: Vec<String>,
    /// For each own layout: the variant's name and its fields'.
    pub layout_names: Vec<(String, Vec<String>)>,
    /// The files of the standard library.
    pub library: Vec<FileId>,
}

impl Program {
    /// Every function that is called from outside: by number, for change.
    pub fn roots_mut(&mut self) -> impl Iterator<Item = &mut FuncId> {
        let containers = self.containers.iter_mut().flat_map(|c| {
            let messages = c.handlers.iter_mut().map(|h| &mut h.function);
            [&mut c.init].into_iter().chain(messages).chain(c.lifecycle.iter_mut().flatten())
        });
        self.entry.iter_mut().chain(self.tests.iter_mut().map(|(_, id)| id)).chain(containers)
    }

    /// Every function of a container.
    pub fn container_functions(&self) -> impl Iterator<Item = FuncId> {
        self.containers.iter().flat_map(|c| {
            let messages = c.handlers.iter().map(|h| h.function);
            [c.init].into_iter().chain(messages).chain(c.lifecycle.iter().copied().flatten())
        })
    }
}

/// A value of one function.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Value(pub u32);

/// A block of one function.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BlockId(pub u32);

impl Value {
    /// As an index into [`Func::values`].
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

impl BlockId {
    /// As an index into [`Func::blocks`].
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// A function.
#[derive(Clone, Debug)]
pub struct Func {
    /// As shown in traces.
    pub name: String,
    /// Where its name stands.
    pub span: Span,
    /// Parameters.
    pub params: Vec<Value>,
    /// For each parameter: lent by the caller (decided by borrow inference; before it, all false).
    pub borrowed: Vec<bool>,
    /// The result.
    pub result: RegType,
    /// For the function of a closure layout: that layout. Parameter 0 is the function value; it is only called
    /// through function values.
    pub closure: Option<codex_spec::instruction::LayoutId>,
    /// The type of each value.
    pub values: Vec<RegType>,
    /// Blocks; execution starts at 0.
    pub blocks: Vec<Block>,
}

/// A block.
#[derive(Clone, Debug)]
pub struct Block {
    /// Parameters.
    pub params: Vec<Value>,
    /// Instructions, none of them a terminator.
    pub insts: Vec<Inst>,
    /// How it ends.
    pub term: Term,
    /// Where `term` comes from.
    pub term_span: Span,
}

/// An instruction.
#[derive(Clone, Debug)]
pub struct Inst {
    /// Which row.
    pub op: Opcode,
    /// Operands that are not registers, in the row's order.
    pub imm: Imms,
    /// See the module's documentation.
    pub args: Values,
    /// See the module's documentation.
    pub results: Values,
    /// Where it comes from.
    pub span: Span,
}

/// The values of an instruction: so few, mostly, that they stand in it.
pub type Values = SmallVec<[Value; 4]>;

/// At most two immediate operands (no row has more, terminators apart).
pub type Imms = [Option<Imm>; 2];

/// An operand that is no register.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Imm {
    /// `imm`
    I64(i64),
    /// `float`, as bits
    F64(u64),
    /// `func`, `layout`, `typ`, `constant`, `field`, `global`, `code`
    Index(u32),
}

/// No immediates.
pub const NO_IMM: Imms = [None, None];

/// Where a block goes, and what its parameters become.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// The block.
    pub block: BlockId,
    /// For its parameters.
    pub args: Vec<Value>,
}

/// How a block ends.
#[derive(Clone, Debug)]
pub enum Term {
    /// Not yet set (only while building).
    None,
    /// `jump`
    Jump(Target),
    /// `jump_if` and the compare-and-jump rows: `op`'s register operands in `args`, its immediate in `imm`.
    Branch {
        /// One of `JumpIf` … `JumpFLe`.
        op: Opcode,
        /// Register operands.
        args: Vec<Value>,
        /// The immediate of the `…_imm` rows.
        imm: Option<i64>,
        /// If true.
        yes: Target,
        /// If false.
        no: Target,
    },
    /// The counted loop, at its latch: the block `body` gets `counter + 1` as its **first** parameter, before
    /// `body.args`. Nothing else uses `counter` after this. `counter` is itself the first parameter of `body.block`.
    Loop {
        /// The counter in this turn.
        counter: Value,
        /// The first value that ends the loop.
        limit: Value,
        /// The loop's head.
        body: Target,
        /// After the loop.
        done: Target,
    },
    /// `switch`
    Switch(Value, Vec<Target>, Target),
    /// `switch_tag`: a target for each variant of the type.
    SwitchTag(Value, Vec<Target>),
    /// `return`
    Return(Value),
    /// `tail_call` (made by a pass)
    TailCall(FuncId, Vec<Value>),
    /// `tail_call_value` (made by a pass)
    TailCallValue(Value, Vec<Value>),
    /// `trap`
    Trap(codex_spec::trap::Trap),
    /// `panic`
    Panic(Value),
    /// `exit`
    Exit(Value),
}

/// What a terminator has mostly one or two of: listed without an allocation.
pub type Few<T> = SmallVec<[T; 2]>;

impl Term {
    /// Every target, in order.
    pub fn targets(&self) -> Few<&Target> {
        match self {
            Term::Jump(t) => smallvec![t],
            Term::Branch { yes, no, .. } => smallvec![yes, no],
            Term::Loop { body, done, .. } => smallvec![body, done],
            Term::Switch(_, to, other) => to.iter().chain([other]).collect(),
            Term::SwitchTag(_, to) => to.iter().collect(),
            _ => Few::new(),
        }
    }
    /// Every target for change, in order.
    pub fn targets_mut(&mut self) -> Few<&mut Target> {
        match self {
            Term::Jump(t) => smallvec![t],
            Term::Branch { yes, no, .. } => smallvec![yes, no],
            Term::Loop { body, done, .. } => smallvec![body, done],
            Term::Switch(_, to, other) => to.iter_mut().chain([other]).collect(),
            Term::SwitchTag(_, to) => to.iter_mut().collect(),
            _ => Few::new(),
        }
    }
    /// Values read by the terminator itself, without the targets' arguments.
    pub fn operands(&self) -> Few<Value> {
        match self {
            Term::Branch { args, .. } | Term::TailCall(_, args) => args.iter().copied().collect(),
            Term::Loop { counter, limit, .. } => smallvec![*counter, *limit],
            Term::Switch(v, ..) | Term::SwitchTag(v, _) | Term::Return(v) | Term::Panic(v) | Term::Exit(v) => {
                smallvec![*v]
            }
            Term::TailCallValue(f, args) => std::iter::once(*f).chain(args.iter().copied()).collect(),
            Term::None | Term::Jump(_) | Term::Trap(_) => Few::new(),
        }
    }
}

impl Func {
    /// A new value of this type.
    pub fn value(&mut self, typ: RegType) -> Value {
        self.values.push(typ);
        Value(self.values.len() as u32 - 1)
    }
    /// The type of a value.
    pub fn typ(&self, value: Value) -> RegType {
        self.values[value.index()]
    }
    /// A new, empty block.
    pub fn new_block(&mut self, span: Span) -> BlockId {
        self.blocks.push(Block { params: Vec::new(), insts: Vec::new(), term: Term::None, term_span: span });
        BlockId(self.blocks.len() as u32 - 1)
    }
}

impl Inst {
    /// The immediate at this place as an index; 0 where there is none.
    pub fn index(&self, place: usize) -> u32 {
        match self.imm[place] {
            Some(Imm::Index(i)) => i,
            _ => 0,
        }
    }
    /// The callee of a `call`.
    pub fn callee(&self) -> Option<FuncId> {
        (self.op == Opcode::Call).then(|| FuncId(self.index(0)))
    }
    /// The literal of a `literal`.
    pub fn constant(&self) -> Option<ConstId> {
        (self.op == Opcode::Literal).then(|| ConstId(self.index(1)))
    }
    /// The slot of a `global_…`.
    pub fn global(&self) -> Option<GlobalId> {
        matches!(self.op, Opcode::GlobalReady | Opcode::GlobalGet | Opcode::GlobalSet).then(|| GlobalId(self.index(0)))
    }
}
