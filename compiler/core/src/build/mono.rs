//! Concrete types: the types of a program once every type parameter is known.
//!
//! Equal types have equal [`Mono`]s. A type gets its number in the module (and its layouts) when a register or
//! field of it is first needed; what the layouts hold is filled in later by [`Types::define_pending`], so that
//! recursive types come to rest.
//!
//! Keeps true: types 0 and 1 are `Text` and `Bytes`; no type is nested deeper than [`MAX_DEPTH`] (past it
//! [`Types::overflow`] is set and a stand-in given, and the build ends with a diagnostic); names are bounded in length.

use std::rc::Rc;

use codex_spec::instruction::{FuncId, LayoutId, TypeId};
use codex_spec::layout::{LayoutDef, MAX_VARIANTS, RegType, Storage, TypeDef, builtin_layout};
use codex_spec::module::{BYTES, TEXT};
use codex_types::typed::{self, ContainerId, DataId, Ty, Type};
use rustc_hash::FxHashMap;

/// How deep types may be nested.
pub(crate) const MAX_DEPTH: u32 = 64;
/// How long the name of a type may get before its middle is left out.
const MAX_NAME: usize = 160;

/// A concrete type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Mono(u32);

/// What a concrete type is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Kind {
    Int,
    Float,
    Bool,
    Text,
    Bytes,
    Never,
    /// `()` when empty.
    Tuple(Vec<Mono>),
    List(Mono),
    Fn(Vec<Mono>, Mono),
    Data(DataId, Vec<Mono>),
    /// A link; of a container of a known kind, or of any.
    Link(Option<ContainerId>),
    /// Where a reply goes.
    Reply(Mono),
    /// The state of a container: a record of its members.
    State(ContainerId),
}

/// A limit that was passed; the build ends with a diagnostic.
#[derive(Clone, Debug)]
pub(crate) enum Overflow {
    /// Types nested too deep.
    Depth,
    /// This type has too many variants.
    Variants(DataId),
}

/// Fields of a variant: name (may be empty) and type.
pub(crate) type Fields = Rc<Vec<(&'static str, Mono)>>;

/// All concrete types of one build, and the module's types and layouts made from them.
pub(crate) struct Types<'a> {
    typed: &'a typed::Program,
    kinds: Vec<Rc<Kind>>,
    depths: Vec<u32>,
    names: Vec<Rc<str>>,
    regs: Vec<Option<RegType>>,
    fields: FxHashMap<(Mono, u32), Fields>,
    ids: FxHashMap<Rc<Kind>, Mono>,
    pending: Vec<(Mono, TypeId)>,
    /// The module's types.
    pub(crate) types: Vec<TypeDef>,
    /// Their names.
    pub(crate) type_names: Vec<String>,
    /// The module's own layouts.
    pub(crate) layouts: Vec<LayoutDef>,
    /// Their names.
    pub(crate) layout_names: Vec<(String, Vec<String>)>,
    /// The first limit that was passed.
    pub(crate) overflow: Option<Overflow>,
}

/// A memory of what each [`Ty`] of one table became, so that shared parts are looked at once.
pub(crate) type Memo = FxHashMap<Ty, Mono>;

impl<'a> Types<'a> {
    pub(crate) const INT: Mono = Mono(0);
    pub(crate) const FLOAT: Mono = Mono(1);
    pub(crate) const BOOL: Mono = Mono(2);
    pub(crate) const TEXT: Mono = Mono(3);
    pub(crate) const BYTES: Mono = Mono(4);
    pub(crate) const NEVER: Mono = Mono(5);
    pub(crate) const UNIT: Mono = Mono(6);

    /// The types that every program has.
    pub(crate) fn new(typed: &'a typed::Program) -> Self {
        let mut types = Types {
            typed,
            kinds: Vec::new(),
            depths: Vec::new(),
            names: Vec::new(),
            regs: Vec::new(),
            fields: FxHashMap::default(),
            ids: FxHashMap::default(),
            pending: Vec::new(),
            types: vec![TypeDef::Text, TypeDef::Bytes],
            type_names: vec!["Text".into(), "Bytes".into()],
            layouts: Vec::new(),
            layout_names: Vec::new(),
            overflow: None,
        };
        let words = [Kind::Int, Kind::Float, Kind::Bool, Kind::Text, Kind::Bytes, Kind::Never, Kind::Tuple(Vec::new())];
        for kind in words {
            types.intern(kind);
        }
        types
    }

    /// The type of this kind.
    pub(crate) fn intern(&mut self, kind: Kind) -> Mono {
        if let Some(&known) = self.ids.get(&kind) {
            return known;
        }
        let depth = 1 + children(&kind).iter().map(|c| self.depths[c.0 as usize]).max().unwrap_or(0);
        if depth > MAX_DEPTH {
            self.overflow.get_or_insert(Overflow::Depth);
            return Self::UNIT;
        }
        let name = self.name_of(&kind);
        let kind = Rc::new(kind);
        let mono = Mono(self.kinds.len() as u32);
        self.kinds.push(kind.clone());
        self.depths.push(depth);
        self.names.push(name.into());
        self.regs.push(None);
        self.ids.insert(kind, mono);
        mono
    }

    /// What this type is.
    pub(crate) fn kind(&self, mono: Mono) -> Rc<Kind> {
        self.kinds[mono.0 as usize].clone()
    }

    /// As written.
    pub(crate) fn name(&self, mono: Mono) -> Rc<str> {
        self.names[mono.0 as usize].clone()
    }

    /// The list type with these elements.
    pub(crate) fn list(&mut self, element: Mono) -> Mono {
        self.intern(Kind::List(element))
    }

    /// The elements of a list type.
    pub(crate) fn element(&self, list: Mono) -> Mono {
        match *self.kinds[list.0 as usize] {
            Kind::List(element) => element,
            _ => Self::UNIT,
        }
    }

    /// The concrete type of a type in a function's or data type's table, given its parameters.
    pub(crate) fn subst(&mut self, table: &typed::Types, ty: Ty, args: &[Mono], memo: &mut Memo) -> Mono {
        if let Some(&known) = memo.get(&ty) {
            return known;
        }
        let mut all = |types: &mut Self, tys: &[Ty]| -> Vec<Mono> {
            tys.iter().map(|&t| types.subst(table, t, args, memo)).collect()
        };
        let mono = match &table[ty] {
            Type::Int => Self::INT,
            Type::Float => Self::FLOAT,
            Type::Bool => Self::BOOL,
            Type::Text => Self::TEXT,
            Type::Bytes => Self::BYTES,
            Type::Never => Self::NEVER,
            Type::Error => Self::UNIT,
            Type::Link => self.intern(Kind::Link(None)),
            Type::Container(id) => self.intern(Kind::Link(Some(*id))),
            Type::Reply(of) => {
                let of = all(self, &[*of])[0];
                self.intern(Kind::Reply(of))
            }
            Type::Param(i) => args.get(*i as usize).copied().unwrap_or(Self::UNIT),
            Type::Tuple(items) => {
                let items = all(self, items);
                self.intern(Kind::Tuple(items))
            }
            Type::List(element) => {
                let element = all(self, &[*element])[0];
                self.intern(Kind::List(element))
            }
            Type::Fn(params, result) => {
                let params = all(self, params);
                let result = all(self, &[*result])[0];
                self.intern(Kind::Fn(params, result))
            }
            Type::Data(data, params) => {
                let params = all(self, params);
                self.intern(Kind::Data(*data, params))
            }
        };
        memo.insert(ty, mono);
        mono
    }

    /// Finds type arguments so that `ty` becomes `mono`; what the type leaves open stays as it is in `args`.
    pub(crate) fn infer(&self, table: &typed::Types, ty: Ty, mono: Mono, args: &mut [Mono]) {
        let pairs: Vec<(Ty, Mono)> = match (&table[ty], &*self.kinds[mono.0 as usize]) {
            (Type::Param(i), _) => {
                if let Some(arg) = args.get_mut(*i as usize) {
                    *arg = mono;
                }
                return;
            }
            (Type::Tuple(a), Kind::Tuple(b)) => a.iter().copied().zip(b.iter().copied()).collect(),
            (Type::List(a), Kind::List(b)) | (Type::Reply(a), Kind::Reply(b)) => vec![(*a, *b)],
            (Type::Fn(a, r), Kind::Fn(b, s)) => {
                a.iter().copied().chain([*r]).zip(b.iter().copied().chain([*s])).collect()
            }
            (Type::Data(_, a), Kind::Data(_, b)) => a.iter().copied().zip(b.iter().copied()).collect(),
            _ => return,
        };
        for (ty, mono) in pairs {
            self.infer(table, ty, mono, args);
        }
    }

    /// Whether values of this data type are numbers: no variant has fields.
    pub(crate) fn is_enumeration(&self, data: DataId) -> bool {
        self.data(data).is_none_or(|d| d.variants.iter().all(|v| v.fields.is_empty()))
    }

    /// The declaration of a data type.
    pub(crate) fn data(&self, data: DataId) -> Option<&'a typed::Data> {
        self.typed.data.get(data.index())
    }

    /// How many variants; 1 for a tuple.
    pub(crate) fn variant_count(&self, mono: Mono) -> u32 {
        match &*self.kinds[mono.0 as usize] {
            Kind::Data(data, _) => self.data(*data).map_or(1, |d| d.variants.len() as u32),
            _ => 1,
        }
    }

    /// The fields of a tuple or variant.
    pub(crate) fn fields(&mut self, mono: Mono, variant: u32) -> Fields {
        if let Some(known) = self.fields.get(&(mono, variant)) {
            return known.clone();
        }
        let fields = Rc::new(match &*self.kind(mono) {
            Kind::Tuple(items) => items.iter().map(|&m| ("", m)).collect(),
            Kind::Data(data, args) => self.variant_fields(*data, args, variant),
            Kind::State(id) => self.members(*id),
            _ => Vec::new(),
        });
        self.fields.insert((mono, variant), fields.clone());
        fields
    }

    fn variant_fields(&mut self, data: DataId, args: &[Mono], variant: u32) -> Vec<(&'static str, Mono)> {
        let Some(data) = self.data(data) else { return Vec::new() };
        let Some(variant) = data.variants.get(variant as usize) else { return Vec::new() };
        let mut memo = Memo::default();
        variant
            .fields
            .iter()
            .map(|(label, ty)| (label.map_or("", |l| l.as_str()), self.subst(&data.types, *ty, args, &mut memo)))
            .collect()
    }

    /// The members of a container.
    fn members(&mut self, id: ContainerId) -> Vec<(&'static str, Mono)> {
        let init = self.typed.containers.get(id.index()).and_then(|c| c.init);
        let Some(init) = init.and_then(|id| self.typed.functions.get(id.index())) else { return Vec::new() };
        let mut memo = Memo::default();
        let members = init.part.iter().flat_map(|p| &p.members).filter_map(|m| init.locals.get(m.index()));
        members.map(|l| (l.name.as_str(), self.subst(&init.types, l.ty, &[], &mut memo))).collect()
    }

    /// The type of a register that holds a value of this type.
    pub(crate) fn reg(&mut self, mono: Mono) -> RegType {
        if let Some(known) = self.regs[mono.0 as usize] {
            return known;
        }
        let reg = match &*self.kind(mono) {
            Kind::Int | Kind::Bool | Kind::Never | Kind::Link(_) | Kind::Reply(_) => RegType::I64,
            Kind::State(_) if self.fields(mono, 0).is_empty() => RegType::I64,
            Kind::Float => RegType::F64,
            Kind::Text => RegType::Ref(TEXT),
            Kind::Bytes => RegType::Ref(BYTES),
            Kind::Tuple(items) if items.is_empty() => RegType::I64,
            Kind::Data(data, _) if self.is_enumeration(*data) => {
                self.limit_variants(*data);
                RegType::I64
            }
            _ => RegType::Ref(self.declare(mono)),
        };
        self.regs[mono.0 as usize] = Some(reg);
        reg
    }

    /// How a field or element of this type is stored.
    pub(crate) fn storage(&mut self, mono: Mono) -> Storage {
        match &*self.kind(mono) {
            Kind::Bool | Kind::Never => Storage::Byte,
            Kind::Tuple(items) if items.is_empty() => Storage::Byte,
            Kind::Data(data, _) if self.is_enumeration(*data) => {
                self.limit_variants(*data);
                Storage::Byte
            }
            _ => match self.reg(mono) {
                RegType::I64 => Storage::I64,
                RegType::F64 => Storage::F64,
                RegType::Ref(t) => Storage::Ref(t),
            },
        }
    }

    /// The number in the module of a type of references.
    pub(crate) fn type_id(&mut self, mono: Mono) -> TypeId {
        match self.reg(mono) {
            RegType::Ref(t) => t,
            _ => TEXT,
        }
    }

    /// The layout of a variant with fields (of a tuple or record: 0).
    pub(crate) fn layout(&mut self, mono: Mono, variant: u32) -> Option<LayoutId> {
        let id = self.type_id(mono);
        match &self.types[id.index()] {
            TypeDef::Data(layouts) => layouts.get(variant as usize).copied().flatten(),
            _ => None,
        }
    }

    /// Gives a type of references its number, and reserves its layouts.
    fn declare(&mut self, mono: Mono) -> TypeId {
        let id = TypeId(self.types.len() as u32);
        self.types.push(TypeDef::Data(Vec::new()));
        self.type_names.push(self.name(mono).to_string());
        self.regs[mono.0 as usize] = Some(RegType::Ref(id));
        let def = match &*self.kind(mono) {
            Kind::List(element) => {
                let layout = self.add_layout(LayoutDef::List(id), self.name(mono).to_string(), Vec::new());
                TypeDef::List { element: self.storage(*element), layout }
            }
            Kind::Fn(params, result) => {
                let params = params.iter().map(|&p| self.reg(p)).collect();
                TypeDef::Function { params, result: self.reg(*result) }
            }
            Kind::Data(data, _) => {
                self.pending.push((mono, id));
                TypeDef::Data(self.declare_variants(*data, id))
            }
            kind => {
                self.pending.push((mono, id));
                let empty = LayoutDef::Record { typ: id, tag: 0, fields: Vec::new() };
                let name = if let Kind::State(_) = kind { self.name(mono).to_string() } else { String::new() };
                TypeDef::Data(vec![Some(self.add_layout(empty, name, Vec::new()))])
            }
        };
        self.types[id.index()] = def;
        id
    }

    fn declare_variants(&mut self, data: DataId, typ: TypeId) -> Vec<Option<LayoutId>> {
        let Some(decl) = self.data(data) else { return Vec::new() };
        self.limit_variants(data);
        let mut layouts = Vec::new();
        for (tag, variant) in decl.variants.iter().enumerate() {
            let empty = LayoutDef::Record { typ, tag: tag as u8, fields: Vec::new() };
            let name = variant.name.as_str().to_string();
            layouts.push((!variant.fields.is_empty()).then(|| self.add_layout(empty, name, Vec::new())));
        }
        layouts
    }

    /// A variant's number has to fit into a byte.
    fn limit_variants(&mut self, data: DataId) {
        if self.data(data).is_some_and(|d| d.variants.len() > MAX_VARIANTS) {
            self.overflow.get_or_insert(Overflow::Variants(data));
        }
    }

    /// Adds a layout of the module's own.
    pub(crate) fn add_layout(&mut self, def: LayoutDef, name: String, fields: Vec<String>) -> LayoutId {
        self.layouts.push(def);
        self.layout_names.push((name, fields));
        LayoutId(builtin_layout::FIRST + self.layouts.len() as u32 - 1)
    }

    /// Adds the layout of a function value with these captures.
    pub(crate) fn closure_layout(
        &mut self,
        typ: TypeId,
        function: FuncId,
        captures: &[(String, Mono)],
        name: &str,
    ) -> LayoutId {
        let fields = captures.iter().map(|(_, m)| self.storage(*m)).collect();
        let names = captures.iter().map(|(n, _)| n.clone()).collect();
        self.add_layout(LayoutDef::Closure { typ, function, fields }, name.to_string(), names)
    }

    /// Fills in the fields of all layouts reserved so far (which may reserve more).
    pub(crate) fn define_pending(&mut self) {
        while let Some((mono, id)) = self.pending.pop() {
            if self.overflow.is_some() {
                return;
            }
            let TypeDef::Data(layouts) = self.types[id.index()].clone() else { continue };
            for (variant, layout) in layouts.iter().enumerate() {
                let Some(layout) = layout else { continue };
                let fields = self.fields(mono, variant as u32);
                let storages = fields.iter().map(|(_, m)| self.storage(*m)).collect();
                let at = (layout.0 - builtin_layout::FIRST) as usize;
                self.layouts[at] = LayoutDef::Record { typ: id, tag: variant as u8, fields: storages };
                self.layout_names[at].1 = fields.iter().map(|(n, _)| n.to_string()).collect();
            }
        }
    }

    fn name_of(&self, kind: &Kind) -> String {
        let list = |items: &[Mono]| -> String {
            let mut text = String::new();
            for (i, item) in items.iter().enumerate() {
                if text.len() > MAX_NAME {
                    return text + ", …";
                }
                text.push_str(if i > 0 { ", " } else { "" });
                text.push_str(&self.names[item.0 as usize]);
            }
            text
        };
        let name = match kind {
            Kind::Int => "Int".into(),
            Kind::Float => "Float".into(),
            Kind::Bool => "Bool".into(),
            Kind::Text => "Text".into(),
            Kind::Bytes => "Bytes".into(),
            Kind::Never => "()".into(),
            Kind::Tuple(items) => format!("({})", list(items)),
            Kind::List(element) => format!("List[{}]", self.names[element.0 as usize]),
            Kind::Fn(params, result) => format!("fn({}) → {}", list(params), self.names[result.0 as usize]),
            Kind::Link(None) => "Link".into(),
            Kind::Link(Some(id)) | Kind::State(id) => {
                self.typed.containers.get(id.index()).map_or("", |c| c.name.as_str()).into()
            }
            Kind::Reply(of) => format!("Reply[{}]", self.names[of.0 as usize]),
            Kind::Data(data, args) => {
                let name = self.data(*data).map_or("", |d| d.name.as_str());
                if args.is_empty() { name.into() } else { format!("{name}[{}]", list(args)) }
            }
        };
        shortened(name)
    }
}

/// The type's parts.
fn children(kind: &Kind) -> Vec<Mono> {
    match kind {
        Kind::Tuple(items) | Kind::Data(_, items) => items.clone(),
        Kind::List(element) | Kind::Reply(element) => vec![*element],
        Kind::Fn(params, result) => params.iter().copied().chain([*result]).collect(),
        _ => Vec::new(),
    }
}

/// A name that would be too long, cut.
fn shortened(name: String) -> String {
    if name.len() <= 2 * MAX_NAME {
        return name;
    }
    name.chars().take(MAX_NAME).chain(['…']).collect()
}
