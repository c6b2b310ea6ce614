//! Builds the core IR from the typed tree.
//!
//! Everything that runs is reached from `main` (and the tests) through a queue of *tasks*: a function with concrete
//! type arguments, a λ, a function value's wrapper, a structural operation on one type. A task is given its function id
//! when first asked for; its body is written when its turn comes. So neither recursion in the program nor its
//! size uses this crate's stack; only nesting inside one function does, which the parser bounds, and the build runs on a
//! stack of its own.
//!
//! | module | has |
//! |---|---|
//! | `mono` | concrete types, and the module's types and layouts |
//! | `ssa` | writing a function block by block |
//! | `lower`, `expr`, `control`, `place`, `call` | expressions, loops, assignments, calls and builtins |
//! | `container` | the functions of containers, and messages |
//! | `tree`, `matching` | patterns to decision trees, and those to code |
//! | `derive` | equality, order, hash and text of each type |
//! | `merge` | one function for instances with the same body |

mod builtin;
mod call;
mod container;
mod control;
mod derive;
mod expr;
mod lower;
mod matching;
mod merge;
mod mono;
mod place;
mod ssa;
mod tree;
mod walk;

use std::collections::VecDeque;
use std::rc::Rc;

use codex_diagnostics::catalog::{endless_types, too_many_instances, too_many_variants};
use codex_diagnostics::{Diagnostic, FileId, Span};
use codex_spec::instruction::{ConstId, FuncId, GlobalId, LayoutId, Opcode};
use codex_spec::layout::{MAX_VARIANTS, RegType};
use codex_spec::module::ContainerDef;
use codex_types::typed::{self, ContainerId, FnId};
use rustc_hash::FxHashMap;

use crate::ir::{self, Func, Imm};
use container::Role;
use lower::Lower;
use mono::{Kind, MAX_DEPTH, Mono, Overflow, Types};
use ssa::Ssa;

/// How many functions any program may become; a large one may become [`INSTANCES_EACH`] for each that is written.
pub const MAX_INSTANCES: usize = 100_000;
/// Instances for each function that is written, in the mean: it, its λs, and what is derived for its types.
const INSTANCES_EACH: usize = 8;
/// The stack for building: nesting in one function is bounded by the parser, with much room to spare here.
const STACK: usize = 256 << 20;

/// What to build.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// With the program's tests.
    pub tests: bool,
}

/// Builds the core IR of a program without errors.
pub fn build(program: &typed::Program, options: &Options) -> Result<ir::Program, Vec<Diagnostic>> {
    let run = || Builder::new(program).run(*options);
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, run);
        match thread.map(|t| t.join()) {
            Ok(Ok(result)) => result,
            Ok(Err(panic)) => std::panic::resume_unwind(panic),
            Err(_) => run(),
        }
    })
}

/// Type arguments of an instance.
pub(crate) type Args = Rc<[Mono]>;

/// A function that is made at most once.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) enum Key {
    /// A function of the program.
    Function(FnId, Args),
    /// A function of a container.
    Part(FnId, Role),
    /// Gives a constant, computing it the first time.
    Accessor(typed::ConstId, Args),
    /// A function as a function value.
    Wrapper(FnId, Args),
    /// A variant's constructor as a function value of this type, for this data type.
    Constructor(Mono, Mono, u32),
    /// `fn(a, a) → Bool`
    Equal(Mono),
    /// `fn(a, a) → Int`: -1, 0 or 1.
    Compare(Mono),
    /// `fn(Int, a) → Int`: the state with the value mixed in.
    Hash(Mono),
    /// `fn(Text, a) → Text`: the text with the value's text appended, as in source.
    Show(Mono),
}

/// A λ, with what its body needs to know of the function it stands in.
pub(crate) struct Lambda<'a> {
    pub(crate) source: &'a typed::Function,
    pub(crate) args: Args,
    pub(crate) params: &'a [typed::LocalId],
    pub(crate) captures: &'a [typed::LocalId],
    pub(crate) body: &'a typed::Expr,
    pub(crate) typ: Mono,
}

enum Task<'a> {
    Key(Key),
    Lambda(Lambda<'a>),
}

/// The state of one build.
pub(crate) struct Builder<'a> {
    pub(crate) typed: &'a typed::Program,
    pub(crate) types: Types<'a>,
    functions: Vec<Func>,
    keys: FxHashMap<Key, FuncId>,
    work: VecDeque<(FuncId, Task<'a>)>,
    layouts: FxHashMap<FuncId, LayoutId>,
    constants: Vec<Box<[u8]>>,
    constant_ids: FxHashMap<Box<[u8]>, ConstId>,
    globals: Vec<RegType>,
    containers: Vec<ContainerDef>,
    container_names: Vec<(String, Vec<String>)>,
    container_ids: FxHashMap<ContainerId, u32>,
    pub(crate) errors: Vec<Diagnostic>,
}

impl<'a> Builder<'a> {
    fn new(typed: &'a typed::Program) -> Self {
        Builder {
            typed,
            types: Types::new(typed),
            functions: Vec::new(),
            keys: FxHashMap::default(),
            work: VecDeque::new(),
            layouts: FxHashMap::default(),
            constants: Vec::new(),
            constant_ids: FxHashMap::default(),
            globals: Vec::new(),
            containers: Vec::new(),
            container_names: Vec::new(),
            container_ids: FxHashMap::default(),
            errors: Vec::new(),
        }
    }

    fn run(mut self, options: Options) -> Result<ir::Program, Vec<Diagnostic>> {
        let main = self.typed.main.and_then(|id| self.root(id));
        let tests: &[_] = if options.tests { &self.typed.tests } else { &[] };
        let tests = tests.iter().filter_map(|(name, id)| Some((name.clone(), self.root(*id)?))).collect();
        while let Some((id, task)) = self.work.pop_front() {
            self.perform(id, task);
            self.types.define_pending();
            self.report_overflow(id);
            if !self.errors.is_empty() {
                return Err(self.errors);
            }
        }
        let mut program = ir::Program {
            types: self.types.types,
            layouts: self.types.layouts,
            constants: self.constants,
            globals: self.globals,
            functions: self.functions,
            containers: self.containers,
            container_names: self.container_names,
            entry: main,
            tests,
            type_names: self.types.type_names,
            layout_names: self.types.layout_names,
            library: library(self.typed),
        };
        merge::merge(&mut program);
        Ok(program)
    }

    /// `main` or a test.
    fn root(&mut self, id: FnId) -> Option<FuncId> {
        let function = self.typed.functions.get(id.index())?;
        let args = vec![Types::UNIT; function.type_params as usize];
        Some(self.function(id, args.into()))
    }

    fn report_overflow(&mut self, at: FuncId) {
        let func = &self.functions[at.index()];
        match self.types.overflow.take() {
            Some(Overflow::Depth) => self.errors.push(endless_types::endless(func.span, &func.name, MAX_DEPTH)),
            Some(Overflow::Variants(data)) => {
                let (name, count) = self.types.data(data).map_or(("", 0), |d| (d.name.as_str(), d.variants.len()));
                self.errors.push(too_many_variants::too_many(func.span, name, count, MAX_VARIANTS));
            }
            None => {}
        }
    }

    fn perform(&mut self, id: FuncId, task: Task<'a>) {
        let func = match task {
            Task::Lambda(lambda) => Lower::lambda(self, id, lambda),
            Task::Key(Key::Function(source, args)) => Lower::function(self, id, source, args),
            Task::Key(Key::Part(source, role)) => Lower::container_part(self, id, source, role),
            Task::Key(Key::Accessor(constant, args)) => self.accessor(id, constant, args),
            Task::Key(Key::Wrapper(source, args)) => self.wrapper(id, source, args),
            Task::Key(Key::Constructor(typ, data, variant)) => self.constructor(id, typ, data, variant),
            Task::Key(Key::Equal(mono)) => self.derive_equal(id, mono),
            Task::Key(Key::Compare(mono)) => self.derive_compare(id, mono),
            Task::Key(Key::Hash(mono)) => self.derive_hash(id, mono),
            Task::Key(Key::Show(mono)) => self.derive_show(id, mono),
        };
        self.functions[id.index()] = func;
    }

    // ── Asking for functions ─────────────────────────────────────────────────────

    /// Reserves a function: its name, place and signature are known at once, its body later.
    fn reserve(&mut self, name: String, span: Span, params: &[RegType], result: RegType, task: Task<'a>) -> FuncId {
        let id = FuncId(self.functions.len() as u32);
        let limit = MAX_INSTANCES.max(INSTANCES_EACH * self.typed.functions.len());
        if self.functions.len() >= limit {
            if self.errors.is_empty() {
                self.errors.push(too_many_instances::too_many(span, &name, limit));
            }
            return FuncId(0);
        }
        self.functions.push(Ssa::new(name, span, params, result).func);
        self.work.push_back((id, task));
        id
    }

    fn keyed(&mut self, key: Key, make: impl FnOnce(&mut Self) -> (String, Span, Vec<RegType>, RegType)) -> FuncId {
        if let Some(&known) = self.keys.get(&key) {
            return known;
        }
        let (name, span, params, result) = make(self);
        let id = self.reserve(name, span, &params, result, Task::Key(key.clone()));
        self.keys.insert(key, id);
        id
    }

    /// A writer for a reserved function.
    fn writer(&self, id: FuncId) -> Ssa {
        let func = &self.functions[id.index()];
        let params: Vec<RegType> = func.params.iter().map(|&p| func.typ(p)).collect();
        let mut ssa = Ssa::new(func.name.clone(), func.span, &params, func.result);
        ssa.func.closure = func.closure;
        ssa
    }

    /// The type of a function's result.
    pub(crate) fn result(&self, id: FuncId) -> RegType {
        self.functions[id.index()].result
    }

    /// An instance of a function of the program.
    pub(crate) fn function(&mut self, id: FnId, args: Args) -> FuncId {
        let Some(source) = self.typed.functions.get(id.index()) else { return FuncId(0) };
        self.keyed(Key::Function(id, args.clone()), |b| {
            let (params, result) = b.signature(source, &args);
            let params = params.iter().map(|&m| b.types.reg(m)).collect();
            (source.name.clone(), source.span, params, b.types.reg(result))
        })
    }

    /// The concrete types of a function's parameters and result.
    pub(crate) fn signature(&mut self, source: &typed::Function, args: &[Mono]) -> (Vec<Mono>, Mono) {
        let mut memo = mono::Memo::default();
        let locals = source.params.iter().filter_map(|p| source.locals.get(p.index()));
        let params = locals.map(|l| self.types.subst(&source.types, l.ty, args, &mut memo)).collect();
        (params, self.types.subst(&source.types, source.result, args, &mut memo))
    }

    /// A function that the language knows, for use on values of this type (its first parameter's).
    pub(crate) fn known(&mut self, id: FnId, first: Mono) -> FuncId {
        let Some(source) = self.typed.functions.get(id.index()) else { return FuncId(0) };
        let mut args = vec![Types::UNIT; source.type_params as usize];
        if let Some(local) = source.params.first().and_then(|p| source.locals.get(p.index())) {
            self.types.infer(&source.types, local.ty, first, &mut args);
        }
        self.function(id, args.into())
    }

    /// The function that gives a constant of this type.
    pub(crate) fn constant(&mut self, id: typed::ConstId, mono: Mono) -> Option<FuncId> {
        let source = self.typed.consts.get(id.index())?;
        let init = self.typed.functions.get(source.init.index())?;
        let mut args = vec![Types::UNIT; init.type_params as usize];
        self.types.infer(&init.types, init.result, mono, &mut args);
        let args: Args = args.into();
        Some(self.keyed(Key::Accessor(id, args.clone()), |b| {
            let result = b.signature(init, &args).1;
            (format!("const {}", source.name), init.span, Vec::new(), b.types.reg(result))
        }))
    }

    /// A structural operation.
    pub(crate) fn derived(&mut self, key: Key, span: Span) -> FuncId {
        self.keyed(key.clone(), |b| {
            let (what, mono) = match key {
                Key::Equal(m) => ("≡", m),
                Key::Compare(m) => ("compare", m),
                Key::Hash(m) => ("hash", m),
                Key::Show(m) => ("show", m),
                _ => ("", Types::UNIT),
            };
            let (typ, text) = (b.types.reg(mono), b.types.reg(Types::TEXT));
            let (params, result) = match key {
                Key::Equal(_) | Key::Compare(_) => (vec![typ, typ], RegType::I64),
                Key::Hash(_) => (vec![RegType::I64, typ], RegType::I64),
                _ => (vec![text, typ], text),
            };
            (format!("{what} {}", b.types.name(mono)), span, params, result)
        })
    }

    /// Reserves the function of a function value, and its layout.
    fn closure(
        &mut self,
        name: String,
        span: Span,
        typ: Mono,
        captures: &[(String, Mono)],
        task: Task<'a>,
    ) -> LayoutId {
        let Kind::Fn(params, result) = (*self.types.kind(typ)).clone() else { return LayoutId(0) };
        let all: Vec<RegType> = [typ].iter().chain(&params).map(|&m| self.types.reg(m)).collect();
        let result = self.types.reg(result);
        let type_id = self.types.type_id(typ);
        let function = FuncId(self.functions.len() as u32);
        let layout = self.types.closure_layout(type_id, function, captures, &name);
        let id = self.reserve(name, span, &all, result, task);
        if id == function {
            self.functions[id.index()].closure = Some(layout);
            self.layouts.insert(id, layout);
        }
        layout
    }

    /// A λ.
    pub(crate) fn lambda(
        &mut self,
        name: String,
        span: Span,
        captures: &[(String, Mono)],
        lambda: Lambda<'a>,
    ) -> LayoutId {
        self.closure(name, span, lambda.typ, captures, Task::Lambda(lambda))
    }

    /// A function value without captures, made once for each key: its layout.
    pub(crate) fn function_value(&mut self, key: Key, name: String, span: Span, typ: Mono) -> LayoutId {
        if let Some(layout) = self.keys.get(&key).and_then(|id| self.layouts.get(id)) {
            return *layout;
        }
        let id = FuncId(self.functions.len() as u32);
        let layout = self.closure(name, span, typ, &[], Task::Key(key.clone()));
        self.keys.insert(key, id);
        layout
    }

    /// A literal.
    pub(crate) fn literal(&mut self, bytes: &[u8]) -> ConstId {
        if let Some(&known) = self.constant_ids.get(bytes) {
            return known;
        }
        let id = ConstId(self.constants.len() as u32);
        self.constants.push(bytes.into());
        self.constant_ids.insert(bytes.into(), id);
        id
    }

    // ── Small functions ──────────────────────────────────────────────────────────

    /// `const name()`: the slot's value, computed and put there the first time.
    fn accessor(&mut self, id: FuncId, constant: typed::ConstId, args: Args) -> Func {
        let mut s = self.writer(id);
        let typ = s.func.result;
        let global = GlobalId(self.globals.len() as u32);
        self.globals.push(typ);
        let imm = [Some(Imm::Index(global.0)), None];
        let init = self.function(self.typed.consts[constant.index()].init, args);
        let ready = s.one(Opcode::GlobalReady, imm, Vec::new(), RegType::I64);
        let (mut there, mut first) = (s.join(), s.join());
        s.branch(Opcode::JumpIf, &[ready], None, &mut there, &mut first);
        s.enter(there, &[]);
        let value = s.one(Opcode::GlobalGet, imm, Vec::new(), typ);
        s.ret(value);
        s.enter(first, &[]);
        let value = s.call(init, Vec::new(), typ);
        s.inst(Opcode::GlobalSet, imm, vec![value], &[]);
        s.ret(value);
        s.finish()
    }

    /// Starts the function of a function value: gives what it captured.
    pub(crate) fn open_closure(&self, s: &mut Ssa, captures: &[RegType]) -> Vec<ir::Value> {
        let Some(layout) = s.func.closure else { return Vec::new() };
        let this = s.func.params[0];
        s.inst(Opcode::UnpackClosure, [Some(Imm::Index(layout.0)), None], vec![this], captures)
    }

    /// The function of `f` as a value: it calls `f`.
    fn wrapper(&mut self, id: FuncId, source: FnId, args: Args) -> Func {
        let mut s = self.writer(id);
        self.open_closure(&mut s, &[]);
        let target = self.function(source, args);
        let (params, result) = (s.func.params[1..].to_vec(), s.func.result);
        let value = s.call(target, params, result);
        s.ret(value);
        s.finish()
    }

    /// The function of a constructor as a value.
    fn constructor(&mut self, id: FuncId, _typ: Mono, data: Mono, variant: u32) -> Func {
        let mut s = self.writer(id);
        self.open_closure(&mut s, &[]);
        let fields = s.func.params[1..].to_vec();
        let value = self.construct(&mut s, data, variant, fields);
        s.ret(value);
        s.finish()
    }

    /// A record, tuple, variant or number of an enumeration.
    pub(crate) fn construct(&mut self, s: &mut Ssa, mono: Mono, variant: u32, fields: Vec<ir::Value>) -> ir::Value {
        let RegType::Ref(typ) = self.types.reg(mono) else { return s.int(variant.into()) };
        match self.types.layout(mono, variant) {
            Some(layout) => s.new_record(layout, fields, RegType::Ref(typ)),
            None => s.new_tag(typ, variant),
        }
    }
}

/// The files of the standard library.
fn library(program: &typed::Program) -> Vec<FileId> {
    let std = |name: &str| codex_types::STANDARD_MODULES.contains(&name);
    program.modules.iter().filter(|(name, _)| std(name)).map(|(_, file)| *file).collect()
}
