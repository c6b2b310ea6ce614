//! The syntax tree: what was written, before any name is looked up.
//!
//! Keeps true: every node has the span of its source; sugar is kept (pipes, interpolation,
//! compound assignment), so that messages and the formatter speak of what was written; a
//! place that did not parse is an `Error` node, about which no later phase complains again.

use codex_diagnostics::Span;

use crate::Symbol;

/// A name where it was written.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ident {
    /// The name, in NFC.
    pub name: Symbol,
    /// Where.
    pub span: Span,
}

/// A whole file.
#[derive(Clone, Debug, Default)]
pub struct Module {
    /// The doc comment at the head of the file (`//// …` lines), if any.
    pub doc: Option<Doc>,
    /// Items in source order.
    pub items: Vec<Item>,
}

/// The text of a doc comment (`/// …` lines joined by `\n`, the markers removed).
#[derive(Clone, Debug, PartialEq)]
pub struct Doc {
    /// Markdown text; examples in ```` ```glyph ```` blocks run as tests.
    pub text: String,
    /// From the first `///` to the end of the last line.
    pub span: Span,
}

/// A top-level definition.
#[derive(Clone, Debug)]
pub struct Item {
    /// Whether other modules may use it.
    pub public: bool,
    /// Its doc comment.
    pub doc: Option<Doc>,
    /// From `pub` or the keyword to the end.
    pub span: Span,
    /// What it is.
    pub kind: ItemKind,
}

/// Kinds of items.
#[derive(Clone, Debug)]
pub enum ItemKind {
    /// `import geometry.shape as s: area, Shape`
    Import(Import),
    /// `fn name(params) → T { … }`
    Function(Function),
    /// `type Name[a] { … }` or `type Name = T`
    Type(TypeDecl),
    /// `let name: T = expr`
    Const(Const),
    /// `test "name" { … }`
    Test(Test),
    /// `container Name(params) { … }`
    Container(Container),
    /// `rules name { … }`
    Rules(Rules),
    /// Did not parse; already reported.
    Error,
}

/// `import a.b.c as name: x, Y`
#[derive(Clone, Debug)]
pub struct Import {
    /// The path, `a.b.c`; at least one part.
    pub path: Vec<Ident>,
    /// `as name`; otherwise the last part of the path names the module here.
    pub alias: Option<Ident>,
    /// `: x, Y`: names that may be used without the module.
    pub names: Vec<Ident>,
}

/// A function.
#[derive(Clone, Debug)]
pub struct Function {
    /// Its name.
    pub name: Ident,
    /// Parameters.
    pub params: Vec<Param>,
    /// The written result type, if any (none: inferred; `()` for a block without a value).
    pub result: Option<TypeExpr>,
    /// The body: a block, or the expression after `=`.
    pub body: Expr,
}

/// A parameter of a function, container or handler.
#[derive(Clone, Debug)]
pub struct Param {
    /// The name (`_` for one that isn't used).
    pub name: Ident,
    /// The written type, if any.
    pub ty: Option<TypeExpr>,
}

/// A data type.
#[derive(Clone, Debug)]
pub struct TypeDecl {
    /// Its name.
    pub name: Ident,
    /// Type variables.
    pub params: Vec<Ident>,
    /// What it holds.
    pub body: TypeBody,
}

/// The right side of a type declaration.
#[derive(Clone, Debug)]
pub enum TypeBody {
    /// `{ x: Float, y: Float }`: one variant, named like the type.
    Record(Vec<FieldDecl>),
    /// `{ Num(Int)  Add(Expr, Expr) }`
    Variants(Vec<VariantDecl>),
    /// `type Id = Int`
    Alias(TypeExpr),
}

/// A field of a record or variant.
#[derive(Clone, Debug)]
pub struct FieldDecl {
    /// The label; always there in a record, optional in a variant.
    pub label: Option<Ident>,
    /// Its type.
    pub ty: TypeExpr,
    /// Its doc comment.
    pub doc: Option<Doc>,
}

/// One variant.
#[derive(Clone, Debug)]
pub struct VariantDecl {
    /// Its name.
    pub name: Ident,
    /// Its fields, in order.
    pub fields: Vec<FieldDecl>,
    /// Its doc comment.
    pub doc: Option<Doc>,
}

/// A top-level constant.
#[derive(Clone, Debug)]
pub struct Const {
    /// Its name.
    pub name: Ident,
    /// The written type, if any.
    pub ty: Option<TypeExpr>,
    /// Its value.
    pub value: Expr,
}

/// `test "name" { … }`
#[derive(Clone, Debug)]
pub struct Test {
    /// What the test is called.
    pub name: String,
    /// Where the name stands.
    pub name_span: Span,
    /// A block.
    pub body: Expr,
}

/// A container, parsed and kept for the phase that will run it.
#[derive(Clone, Debug)]
pub struct Container {
    /// Its name.
    pub name: Ident,
    /// Start parameters.
    pub params: Vec<Param>,
    /// `var` and `let` members.
    pub state: Vec<Stmt>,
    /// Handlers.
    pub handlers: Vec<Handler>,
    /// Helper functions.
    pub functions: Vec<Item>,
}

/// `on Name(params) → T { … }`
#[derive(Clone, Debug)]
pub struct Handler {
    /// The message or lifecycle name.
    pub name: Ident,
    /// Parameters.
    pub params: Vec<Param>,
    /// The reply's type.
    pub result: Option<TypeExpr>,
    /// The body.
    pub body: Expr,
    /// Its doc comment.
    pub doc: Option<Doc>,
}

/// `rules name { ⟦…⟧ ↦ ⟦…⟧ if … }`
#[derive(Clone, Debug)]
pub struct Rules {
    /// Its name.
    pub name: Ident,
    /// Pattern, replacement, condition.
    pub rules: Vec<(Expr, Expr, Option<Expr>)>,
}

/// A type as written.
#[derive(Clone, Debug)]
pub struct TypeExpr {
    /// Where.
    pub span: Span,
    /// What.
    pub kind: TypeExprKind,
}

/// Kinds of written types.
#[derive(Clone, Debug)]
pub enum TypeExprKind {
    /// `Name[args]` or `module.Name[args]`; starts upper-case.
    Named {
        /// The module, if written.
        module: Option<Ident>,
        /// The type's name.
        name: Ident,
        /// Arguments.
        args: Vec<TypeExpr>,
    },
    /// A type variable: lower-case.
    Var(Ident),
    /// `fn(A, B) → C`
    Fn(Vec<TypeExpr>, Box<TypeExpr>),
    /// `()` (no items) or `(A, B)`.
    Tuple(Vec<TypeExpr>),
    /// `_`: to be inferred.
    Hole,
    /// Did not parse.
    Error,
}

/// An expression.
#[derive(Clone, Debug)]
pub struct Expr {
    /// Where.
    pub span: Span,
    /// What.
    pub kind: Box<ExprKind>,
}

/// Kinds of expressions.
#[derive(Clone, Debug)]
pub enum ExprKind {
    /// `42`, `0xFF`, `1_000`
    Int(i64),
    /// `1.5`, `2.0e-3`
    Float(f64),
    /// `true`, `false`
    Bool(bool),
    /// `"a{x}b"`: parts in order; a text without interpolation has at most one part.
    Text(Vec<TextPart>),
    /// A lower-case name.
    Name(Ident),
    /// An upper-case name: a variant, record or container.
    Upper(Ident),
    /// `_` where a value is expected (reported by the type phase, except where a typed hole means something).
    Hole,
    /// `e.name` or `e.Name`: a field, or a member of a module.
    Field(Expr, Ident),
    /// `f(args)`, `Point(x: 1.0)`, `Point(..p, x: 3.0)`
    Call(Expr, Vec<Arg>),
    /// `xs[i]`
    Index(Expr, Expr),
    /// `e?`
    Try(Expr),
    /// `-e`
    Neg(Expr),
    /// `¬e`
    Not(Expr),
    /// A binary operator.
    Binary {
        /// Which.
        op: BinaryOp,
        /// Where the operator stands.
        op_span: Span,
        /// Left.
        left: Expr,
        /// Right.
        right: Expr,
    },
    /// `left ▷ right`; the right side is a call or a name (`x ▷ f(y)` is `f(x, y)`).
    Pipe(Expr, Expr),
    /// `lo..hi`, `lo..=hi`
    Range {
        /// First.
        lo: Expr,
        /// Last, or one past it.
        hi: Expr,
        /// Whether `hi` is in it.
        inclusive: bool,
    },
    /// `[a, ..rest, b]`
    List(Vec<ListItem>),
    /// `["k": v]`, `[:]`
    Map(Vec<(Expr, Expr)>),
    /// `()` (no items) or `(a, b)`.
    Tuple(Vec<Expr>),
    /// `λ x y → body`; parameters are irrefutable patterns with an optional type (`λ (x: Int) → …`).
    Lambda {
        /// Parameters.
        params: Vec<LambdaParam>,
        /// Body.
        body: Expr,
    },
    /// `if c { … } else { … }`; the else branch is a block or another `if`.
    If {
        /// Condition.
        cond: Box<Cond>,
        /// A block.
        then: Expr,
        /// The other branch.
        otherwise: Option<Expr>,
    },
    /// `match e { … }`
    Match(Expr, Vec<Arm>),
    /// `{ … }`
    Block(Block),
    /// `loop { … }`
    Loop(Expr),
    /// `while c { … }`
    While(Box<Cond>, Expr),
    /// `for p ∈ xs { … }`
    For {
        /// What each element is matched with (irrefutable).
        pattern: Box<Pattern>,
        /// What is walked.
        iterable: Expr,
        /// A block.
        body: Expr,
    },
    /// `break`
    Break,
    /// `continue`
    Continue,
    /// `return e`
    Return(Option<Expr>),
    /// `expect e`, in tests.
    Expect(Expr),
    /// `⊞ Counter(0)`
    Spawn(Expr),
    /// `c ⇒ Add(5)`
    Send(Expr, Expr),
    /// `c ⇔ Get()`
    Ask(Expr, Expr),
    /// `⟦ … ⟧`: kept as written.
    Quote(Expr),
    /// `$x`, `$(x: T)`, `$..xs` inside a quote.
    Unquote(Expr),
    /// `⇉ e`
    Branch(Expr),
    /// `⊢ e`
    Require(Expr),
    /// `⊙ first { … }`: mode, its arguments, body.
    Collapse(Ident, Vec<Arg>, Expr),
    /// `◈ e`
    Save(Expr),
    /// Did not parse; already reported.
    Error,
}

// A tree has a few of these for each line of source: what is large and rare in them is boxed.
const _: () = assert!(size_of::<ExprKind>() <= 72 && size_of::<Stmt>() <= 96);

/// The condition of `if` and `while`.
#[derive(Clone, Debug)]
pub enum Cond {
    /// A Bool.
    Expr(Expr),
    /// `let p = e`: true when the pattern matches.
    Let(Pattern, Expr),
}

/// A part of a text literal.
#[derive(Clone, Debug)]
pub enum TextPart {
    /// Characters, escapes resolved.
    Chars(String),
    /// `{expr}`
    Expr(Expr),
}

/// Binary operators, by the glyph table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum BinaryOp {
    Add,
    Sub,
    Mul,
    Div,
    Rem,
    Pow,
    Concat,
    Equal,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    In,
    NotIn,
    And,
    Or,
}

/// An argument of a call.
#[derive(Clone, Debug)]
pub enum Arg {
    /// `e`
    Positional(Expr),
    /// `label: e`
    Labelled(Ident, Expr),
    /// `label:`, short for `label: label`
    Pun(Ident),
    /// `..e`, the record to start from
    Spread(Expr),
}

/// An item of a list literal.
#[derive(Clone, Debug)]
pub enum ListItem {
    /// `e`
    Item(Expr),
    /// `..e`
    Spread(Expr),
}

/// A parameter of a λ.
#[derive(Clone, Debug)]
pub struct LambdaParam {
    /// What it binds.
    pub pattern: Pattern,
    /// The written type.
    pub ty: Option<TypeExpr>,
}

/// One arm of a match.
#[derive(Clone, Debug)]
pub struct Arm {
    /// What must match.
    pub pattern: Pattern,
    /// `if e`
    pub guard: Option<Expr>,
    /// The value.
    pub body: Expr,
}

/// Statements and a value.
#[derive(Clone, Debug, Default)]
pub struct Block {
    /// In order; the last one, if it is an expression, is the block's value.
    pub stmts: Vec<Stmt>,
}

/// A statement.
#[derive(Clone, Debug)]
pub struct Stmt {
    /// Where.
    pub span: Span,
    /// What.
    pub kind: StmtKind,
}

/// Kinds of statements.
#[derive(Clone, Debug)]
pub enum StmtKind {
    /// `let p: T = e`; `let p = e else { … }` leaves the block when `p` does not match.
    Let {
        /// What it binds.
        pattern: Box<Pattern>,
        /// The written type.
        ty: Option<Box<TypeExpr>>,
        /// The value.
        value: Expr,
        /// The way out.
        otherwise: Option<Expr>,
    },
    /// `var name: T = e`
    Var {
        /// The name.
        name: Ident,
        /// The written type.
        ty: Option<Box<TypeExpr>>,
        /// The first value.
        value: Expr,
    },
    /// `place ≔ e`, `place += e`
    Assign {
        /// A name with fields and indices.
        place: Expr,
        /// The operator of a compound assignment.
        op: Option<BinaryOp>,
        /// Where `≔` or the compound operator stands.
        op_span: Span,
        /// The right side.
        value: Expr,
    },
    /// An expression.
    Expr(Expr),
    /// Did not parse; already reported.
    Error,
}

/// A pattern.
#[derive(Clone, Debug)]
pub struct Pattern {
    /// Where.
    pub span: Span,
    /// What.
    pub kind: PatternKind,
}

/// Kinds of patterns.
#[derive(Clone, Debug)]
pub enum PatternKind {
    /// `_`
    Any,
    /// A name.
    Bind(Ident),
    /// `name @ p`
    As(Ident, Box<Pattern>),
    /// `42`, `-1`
    Int(i64),
    /// `1.5`
    Float(f64),
    /// `true`
    Bool(bool),
    /// `"text"` (no interpolation)
    Text(String),
    /// `1..5`, `1..=5`
    Range {
        /// First.
        lo: i64,
        /// Last, or one past it.
        hi: i64,
        /// Whether `hi` is in it.
        inclusive: bool,
    },
    /// `Name`, `module.Name`, `Name(p, label: p, pun:, ..)`
    Variant {
        /// The module, if written.
        module: Option<Ident>,
        /// The variant or record.
        name: Ident,
        /// Positional and labelled patterns; a pun is a label with a `Bind` of the same name.
        fields: Vec<(Option<Ident>, Pattern)>,
        /// `..`: the other fields don't matter.
        rest: bool,
        /// Whether parentheses were written.
        parens: bool,
    },
    /// `[a, b, ..rest, z]`
    List {
        /// Patterns before the rest.
        before: Vec<Pattern>,
        /// `..` or `..name`; `None`: exactly these elements.
        rest: Option<Option<Ident>>,
        /// Patterns after the rest.
        after: Vec<Pattern>,
    },
    /// `()` or `(p, q)`
    Tuple(Vec<Pattern>),
    /// `p | q`: each binds the same names.
    Or(Vec<Pattern>),
    /// `⟦ … ⟧`
    Quote(Expr),
    /// Did not parse.
    Error,
}
