//! The typed tree: a whole program after names, types and patterns have been checked.
//!
//! Generic functions are still generic here; the core IR's builder makes one instance for
//! each use. What is sugar is gone (pipes, labels, record updates, `?`, interpolation into
//! `Show` + `Join`), except what has a meaning of its own in the core (match, loops, places).
//!
//! Keeps true: a program without error diagnostics has no `Error` type and no unresolved
//! inference variable; every type is closed over its function's type parameters; patterns are
//! exhaustive.

mod container;

use codex_diagnostics::Span;
use codex_syntax::Symbol;

pub use codex_syntax::ast::BinaryOp;
pub use container::{Container, Delivery, Part};

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(pub u32);
        impl $name {
            /// As an index.
            pub fn index(self) -> usize { self.0 as usize }
        }
    )*};
}

ids! {
    /// A module of the program.
    ModuleId;
    /// A data type of the program.
    DataId;
    /// A function of the program (also the bodies of tests).
    FnId;
    /// A top-level constant.
    ConstId;
    /// A kind of container.
    ContainerId;
    /// A local variable or parameter of one function; unique within the function, λs included.
    LocalId;
    /// A type in a function's own table.
    Ty;
}

/// A whole program: all modules it uses.
#[derive(Clone, Debug, Default)]
pub struct Program {
    /// Module names, such as `main`, `list`, `geometry.shape`, with their file.
    pub modules: Vec<(String, codex_diagnostics::FileId)>,
    /// Data types.
    pub data: Vec<Data>,
    /// Functions, in a stable order: modules sorted by name, items in source order.
    pub functions: Vec<Function>,
    /// Constants.
    pub consts: Vec<Const>,
    /// Kinds of containers.
    pub containers: Vec<Container>,
    /// Tests: name and function.
    pub tests: Vec<(String, FnId)>,
    /// `main` of the main module.
    pub main: Option<FnId>,
    /// Data types and functions that the language itself knows.
    pub known: Known,
}

/// Standard definitions that the compiler refers to. Options because a program may be checked
/// without the standard library in tests.
#[derive(Clone, Copy, Debug, Default)]
pub struct Known {
    /// `Option`: variants `None` (0), `Some` (1).
    pub option: Option<DataId>,
    /// `Result`: variants `Ok` (0), `Error` (1).
    pub result: Option<DataId>,
    /// `Order`: `Less`, `Equal`, `Greater`.
    pub order: Option<DataId>,
    /// `Map[k, v]`
    pub map: Option<DataId>,
    /// `Set[a]`
    pub set: Option<DataId>,
    /// `Range`: the record { from: Int, to: Int } (half open) that `a..b` makes outside of `for`.
    pub range: Option<DataId>,
    /// `fn int.pow(Int, Int) → Int`, for `^`.
    pub int_pow: Option<FnId>,
    /// `fn map.from_list(List[(k, v)]) → Map[k, v]`, for map literals.
    pub map_from_list: Option<FnId>,
    /// `fn map.to_list(Map[k, v]) → List[(k, v)]`, for `for` over a map, and for show, equality, hash.
    pub map_to_list: Option<FnId>,
    /// `fn map.get_or_panic(Map[k, v], k) → v`, for `m[k]`.
    pub map_index: Option<FnId>,
    /// `fn map.insert(Map[k, v], k, v) → Map[k, v]`, for `m[k] ≔ v`.
    pub map_insert: Option<FnId>,
    /// `fn map.has(Map[k, v], k) → Bool`, for `∈`.
    pub map_has: Option<FnId>,
    /// `fn set.to_list(Set[a]) → List[a]`
    pub set_to_list: Option<FnId>,
    /// `fn set.has(Set[a], a) → Bool`, for `∈`.
    pub set_has: Option<FnId>,
    /// `fn list.contains(List[a], a) → Bool`, for `∈`.
    pub list_contains: Option<FnId>,
    /// `fn text.contains(Text, Text) → Bool`, for `∈`.
    pub text_contains: Option<FnId>,
    /// `fn text.quote(Text) → Text`: as in source, for debug texts.
    pub text_quote: Option<FnId>,
    /// `Collapse`: the record { code: Text, message: Text, trace: Text }.
    pub collapse: Option<DataId>,
    /// `Resumption`: `Rewound`, `Forked`, `Restored`.
    pub resumption: Option<DataId>,
    /// `Unanswered`, in the order of `codex_spec::module::Unanswered`.
    pub unanswered: Option<DataId>,
    /// `fn save.savepoint(Text) → Savepoint`, for `◈`.
    pub savepoint: Option<FnId>,
}

/// A data type: a record has one variant.
#[derive(Clone, Debug)]
pub struct Data {
    /// Its name.
    pub name: Symbol,
    /// Its module.
    pub module: ModuleId,
    /// How many type parameters.
    pub params: u32,
    /// Whether it was written as a record: shown as `Point(x: 1.0)`.
    pub record: bool,
    /// The types of all fields; `Type::Param(i)` is the i-th parameter.
    pub types: Types,
    /// Variants in order.
    pub variants: Vec<Variant>,
}

/// A variant.
#[derive(Clone, Debug)]
pub struct Variant {
    /// Its name.
    pub name: Symbol,
    /// Labels and types in order.
    pub fields: Vec<(Option<Symbol>, Ty)>,
}

/// A table of types; equal types have equal ids.
#[derive(Clone, Debug, Default)]
pub struct Types {
    /// By [`Ty`].
    pub all: Vec<Type>,
}

impl std::ops::Index<Ty> for Types {
    type Output = Type;
    fn index(&self, ty: Ty) -> &Type {
        &self.all[ty.index()]
    }
}

/// A type.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Type {
    /// `Int`
    Int,
    /// `Float`
    Float,
    /// `Bool`
    Bool,
    /// `Text`
    Text,
    /// `Bytes`
    Bytes,
    /// `()` when empty.
    Tuple(Vec<Ty>),
    /// `List[a]`
    List(Ty),
    /// `fn(a, b) → c`
    Fn(Vec<Ty>, Ty),
    /// A declared data type with its arguments (also Option, Result, Map, Set …).
    Data(DataId, Vec<Ty>),
    /// A link to a container of this kind.
    Container(ContainerId),
    /// `Link`: to a container of any kind.
    Link,
    /// `Reply[a]`: where the reply to an ask goes.
    Reply(Ty),
    /// The i-th type parameter of the function or data type.
    Param(u32),
    /// The type of what never gives a value (`return`, `break`, `panic`): fits any type.
    Never,
    /// Something went wrong and was reported.
    Error,
}

/// A function.
#[derive(Clone, Debug)]
pub struct Function {
    /// As shown: `list.map`, `main`, `test "name"`.
    pub name: String,
    /// Its module.
    pub module: ModuleId,
    /// How many type parameters.
    pub type_params: u32,
    /// Types used in it.
    pub types: Types,
    /// Parameters.
    pub params: Vec<LocalId>,
    /// The result.
    pub result: Ty,
    /// Every local, λ parameters included, by id.
    pub locals: Vec<Local>,
    /// The body.
    pub body: Expr,
    /// Where its name stands.
    pub span: Span,
    /// For a function of a container: what it has besides its parameters.
    pub part: Option<Part>,
}

/// A local.
#[derive(Clone, Copy, Debug)]
pub struct Local {
    /// Its name.
    pub name: Symbol,
    /// Its type.
    pub ty: Ty,
    /// Declared with `var`.
    pub mutable: bool,
    /// Where it is bound.
    pub span: Span,
}

/// A constant: evaluated once in each container, when first used.
#[derive(Clone, Debug)]
pub struct Const {
    /// As shown.
    pub name: String,
    /// Its module.
    pub module: ModuleId,
    /// A function without parameters that gives the value.
    pub init: FnId,
}

/// An expression.
#[derive(Clone, Debug)]
pub struct Expr {
    /// What.
    pub kind: Box<ExprKind>,
    /// Its type.
    pub ty: Ty,
    /// Where.
    pub span: Span,
}

/// Kinds of expressions. Operands are evaluated left to right.
#[derive(Clone, Debug)]
pub enum ExprKind {
    /// A literal.
    Int(i64),
    /// A literal.
    Float(f64),
    /// A literal.
    Bool(bool),
    /// A literal.
    Text(String),
    /// The texts one after the other (from interpolation).
    Join(Vec<Expr>),
    /// The text of a value as `print` shows it (a Text is itself).
    Show(Expr),
    /// A local.
    Local(LocalId),
    /// A constant.
    Const(ConstId),
    /// A function as a value, with its type arguments.
    Function(FnId, Vec<Ty>),
    /// A variant's constructor as a value: `list.map(xs, Some)`.
    Constructor(DataId, u32),
    /// A call of a known function.
    Call {
        /// Which.
        function: FnId,
        /// For its type parameters.
        type_args: Vec<Ty>,
        /// Arguments.
        args: Vec<Expr>,
    },
    /// A call of a builtin (index into `codex_spec::builtin::BUILTINS`).
    Builtin(u32, Vec<Expr>),
    /// A call of a function value.
    CallValue(Expr, Vec<Expr>),
    /// `⊞ C(args)`
    Spawn(ContainerId, Vec<Expr>),
    /// A message to a container. The link is evaluated first, then the time to wait, then the arguments.
    Deliver {
        /// How.
        how: Delivery,
        /// To whom.
        link: Expr,
        /// Its kind.
        container: ContainerId,
        /// Which of its messages.
        message: u32,
        /// Arguments.
        args: Vec<Expr>,
    },
    /// A record or variant; fields in declaration order. The type is the expression's.
    /// `order` lists the indices of fields in the order they were written (and are evaluated).
    Construct {
        /// The variant.
        variant: u32,
        /// In declaration order.
        fields: Vec<Expr>,
        /// Evaluation order.
        order: Vec<u32>,
    },
    /// A record with some fields replaced: `Point(..base, x: 3.0)`.
    Update {
        /// The record to start from.
        base: Expr,
        /// Field index and value, in the order written.
        fields: Vec<(u32, Expr)>,
    },
    /// A field of a record (data type with one variant).
    Field(Expr, u32),
    /// A tuple; `()` when empty.
    Tuple(Vec<Expr>),
    /// A list.
    List(Vec<ListItem>),
    /// `a[i]` of a list (a map's index is a `Call` of `map_index`).
    Index(Expr, Expr),
    /// A function value.
    Lambda {
        /// Parameters.
        params: Vec<LocalId>,
        /// Captured locals (never `var`s), in order of first use.
        captures: Vec<LocalId>,
        /// Body.
        body: Expr,
    },
    /// Statements, then a value (`None`: `()`).
    Block(Vec<Stmt>, Option<Expr>),
    /// `if`
    If(Expr, Expr, Expr),
    /// Arms tried in order; exhaustive. Also from `if let`, `while let`, `let … else`, `?`.
    Match(Expr, Vec<Arm>),
    /// `∧`
    And(Expr, Expr),
    /// `∨`
    Or(Expr, Expr),
    /// `¬`
    Not(Expr),
    /// `-`, of Int or Float by its type.
    Neg(Expr),
    /// Arithmetic on Int or Float (by type), `++` on List, Text or Bytes. Comparison and equality of
    /// any type, structural. (`∧ ∨ ∈ ∉` and `^` on Int never stand here; `^` on Float does.)
    Binary(BinaryOp, Expr, Expr),
    /// `loop`; its value is `()` (left by `break`) or never.
    Loop(Expr),
    /// `while`
    While(Expr, Expr),
    /// `for local ∈ lo..hi` (or `..=`).
    ForRange {
        /// The counter; not mutable in the body.
        local: LocalId,
        /// First.
        lo: Expr,
        /// Last, or one past it.
        hi: Expr,
        /// Whether `hi` is in it.
        inclusive: bool,
        /// The body.
        body: Expr,
    },
    /// `for pattern ∈ list`: walks the list as it was at the start.
    ForList {
        /// Irrefutable.
        pattern: Box<Pattern>,
        /// A list (maps and sets were turned into lists).
        list: Expr,
        /// The body.
        body: Expr,
    },
    /// Leaves the innermost loop.
    Break,
    /// Goes to the innermost loop's next turn.
    Continue,
    /// Leaves the function or λ.
    Return(Expr),
    /// `expect e` in a test: traps with the source text and, for a comparison, both sides' values.
    Expect {
        /// The condition: if it is a comparison, its operator and both sides.
        cond: Expect,
        /// The source text.
        source: String,
    },
    /// Was reported.
    Error,
}

// As in the syntax tree: what is large and rare is boxed.
const _: () = assert!(size_of::<ExprKind>() <= 88);

/// What an `expect` checks.
#[derive(Clone, Debug)]
pub enum Expect {
    /// Any Bool.
    Bool(Expr),
    /// A comparison of two printable values, each shown when it fails.
    Compare(BinaryOp, Expr, Expr),
}

/// An item of a list.
#[derive(Clone, Debug)]
pub enum ListItem {
    /// One element.
    Item(Expr),
    /// All elements of a list.
    Spread(Expr),
}

/// A statement.
#[derive(Clone, Debug)]
pub enum Stmt {
    /// Binds an irrefutable pattern.
    Let(Pattern, Expr),
    /// Declares a `var`.
    Var(LocalId, Expr),
    /// Changes a `var` or a part of it.
    Assign {
        /// The `var`.
        local: LocalId,
        /// The way from it to the part.
        path: Vec<PlaceStep>,
        /// Compound assignment: the arithmetic or `++` to apply to the old value (by its type).
        op: Option<BinaryOp>,
        /// The right side. Evaluated after the indices of the path.
        value: Expr,
        /// Where.
        span: Span,
    },
    /// For its effect.
    Expr(Expr),
}

/// One step from a holder to a part.
#[derive(Clone, Debug)]
pub enum PlaceStep {
    /// A field of a record: index, and the record's type.
    Field(u32, Ty),
    /// An element of a list: index, and the list's type.
    Index(Expr, Ty),
    /// The value of a key of a map (only as the last step, or read-modify-write through get and insert): key, and the
    /// map's type.
    Key(Expr, Ty),
}

/// An arm.
#[derive(Clone, Debug)]
pub struct Arm {
    /// What must match.
    pub pattern: Pattern,
    /// What must then be true.
    pub guard: Option<Expr>,
    /// The value.
    pub body: Expr,
}

/// A pattern.
#[derive(Clone, Debug)]
pub struct Pattern {
    /// What.
    pub kind: PatternKind,
    /// The type of what is matched.
    pub ty: Ty,
    /// Where.
    pub span: Span,
}

/// Kinds of patterns.
#[derive(Clone, Debug)]
pub enum PatternKind {
    /// `_`
    Any,
    /// Binds a local.
    Bind(LocalId),
    /// Binds a local and matches on.
    As(LocalId, Box<Pattern>),
    /// An Int in an inclusive range; one value when both are equal.
    Int(i64, i64),
    /// A Float.
    Float(f64),
    /// A Bool.
    Bool(bool),
    /// A Text.
    Text(String),
    /// A variant or record, all fields in declaration order.
    Variant(u32, Vec<Pattern>),
    /// A tuple.
    Tuple(Vec<Pattern>),
    /// A list.
    List {
        /// Patterns before the rest.
        before: Vec<Pattern>,
        /// The rest: `None`, exactly these; `Some(None)`, any; `Some(Some(l))`, bound as a list.
        rest: Option<Option<LocalId>>,
        /// Patterns after the rest.
        after: Vec<Pattern>,
    },
    /// Alternatives that bind the same locals.
    Or(Vec<Pattern>),
}
