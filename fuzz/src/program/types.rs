//! Types of generated programs, and the data types that a program declares.

use crate::Random;

/// A type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Ty {
    Int,
    Float,
    Bool,
    Text,
    Bytes,
    Unit,
    Order,
    Tuple(Vec<Ty>),
    List(Box<Ty>),
    Map(Box<Ty>, Box<Ty>),
    Set(Box<Ty>),
    Option(Box<Ty>),
    Result(Box<Ty>, Box<Ty>),
    Fn(Vec<Ty>, Box<Ty>),
    /// A declared type, by number, with its arguments.
    Data(usize, Vec<Ty>),
    /// A parameter of the declaration that is looked at.
    Param(usize),
}

pub(crate) use Ty::*;

pub(crate) fn list(t: Ty) -> Ty {
    List(Box::new(t))
}

pub(crate) fn option(t: Ty) -> Ty {
    Option(Box::new(t))
}

pub(crate) fn map(k: Ty, v: Ty) -> Ty {
    Map(Box::new(k), Box::new(v))
}

pub(crate) fn function(params: Vec<Ty>, result: Ty) -> Ty {
    Fn(params, Box::new(result))
}

/// One variant: its name and fields; a label, if it has one, and a type.
#[derive(Clone, Debug)]
pub(crate) struct Variant {
    pub(crate) name: String,
    pub(crate) fields: Vec<(std::option::Option<String>, Ty)>,
}

/// A declared type. A record has one variant, named like the type.
#[derive(Clone, Debug)]
pub(crate) struct Decl {
    pub(crate) name: String,
    pub(crate) params: usize,
    pub(crate) record: bool,
    pub(crate) variants: Vec<Variant>,
}

/// The numbers of the declared types: every program has them all, with fields of its own.
pub(crate) const RECORD: usize = 0;
pub(crate) const ENUMERATION: usize = 1;
pub(crate) const VARIANTS: usize = 2;
pub(crate) const TREE: usize = 3;
pub(crate) const BOX: usize = 4;
pub(crate) const EITHER: usize = 5;
pub(crate) const HOLDER: usize = 6;

const LABELS: [&str; 6] = ["left", "right", "count", "name", "inner", "extra"];
const PARAMS: [&str; 2] = ["a", "b"];

impl Ty {
    /// Puts arguments in the place of parameters.
    pub(crate) fn with(&self, args: &[Ty]) -> Ty {
        let each = |ts: &[Ty]| ts.iter().map(|t| t.with(args)).collect::<Vec<_>>();
        let one = |t: &Ty| Box::new(t.with(args));
        match self {
            Param(n) => args.get(*n).cloned().unwrap_or(Int),
            Tuple(ts) => Tuple(each(ts)),
            List(t) => List(one(t)),
            Map(k, v) => Map(one(k), one(v)),
            Set(t) => Set(one(t)),
            Option(t) => Option(one(t)),
            Result(a, e) => Result(one(a), one(e)),
            Fn(ps, r) => Fn(each(ps), one(r)),
            Data(n, ts) => Data(*n, each(ts)),
            plain => plain.clone(),
        }
    }

    /// Whether a value can be printed and compared: there is no function in it.
    pub(crate) fn is_data(&self) -> bool {
        match self {
            Fn(..) => false,
            Data(n, ts) => *n != HOLDER && ts.iter().all(Ty::is_data),
            Tuple(ts) => ts.iter().all(Ty::is_data),
            List(t) | Set(t) | Option(t) => t.is_data(),
            Map(a, b) | Result(a, b) => a.is_data() && b.is_data(),
            _ => true,
        }
    }

    /// Whether an expression of this type shows it without help from around it: there is nothing that could be empty.
    pub(crate) fn is_evident(&self) -> bool {
        match self {
            Int | Float | Bool | Text | Bytes | Unit | Order => true,
            Data(_, ts) => ts.is_empty(),
            Tuple(ts) => ts.iter().all(Ty::is_evident),
            _ => false,
        }
    }
}

/// All declared types of a program.
#[derive(Clone, Debug, Default)]
pub(crate) struct Decls {
    pub(crate) all: Vec<Decl>,
}

/// The fields of a variant: label and type each.
type Fields<'a> = Vec<(std::option::Option<&'a str>, Ty)>;

impl Decls {
    /// New ones.
    pub(crate) fn random(random: &mut Random) -> Decls {
        let mut decls = Decls::default();
        let fields: Vec<_> = (0..2 + random.below(3)).map(|i| (i, decls.field(random))).collect();
        decls.record("Pair", 0, fields.into_iter().map(|(i, t)| (LABELS[i], t)).collect());
        let names = ["Red", "Green", "Blue", "Grey"];
        let count = 2 + random.below(3);
        decls.variants("Colour", 0, names[..count].iter().map(|n| (*n, vec![])).collect());
        let (a, b, c) = (decls.field(random), decls.field(random), decls.field(random));
        let labelled = vec![(Some("size"), a.clone()), (Some("shade"), Data(ENUMERATION, vec![]))];
        decls.variants(
            "Shape",
            0,
            vec![
                ("Nothing", vec![]),
                ("Dot", vec![(None, b)]),
                ("Line", labelled),
                ("Poly", vec![(None, list(c)), (None, a)]),
            ],
        );
        let tree = || Data(TREE, vec![]);
        let item = [Int, Text, Tuple(vec![Int, Bool])][random.below(3)].clone();
        decls.variants("Tree", 0, vec![("Tip", vec![]), ("Fork", vec![(None, tree()), (None, item), (None, tree())])]);
        decls.record("Box", 1, vec![("item", Param(0)), ("many", list(Param(0)))]);
        decls.variants("Either", 2, vec![("One", vec![(None, Param(0))]), ("Other", vec![(None, Param(1))])]);
        decls.record("Holder", 0, vec![("run", function(vec![Int], Int)), ("label", Text)]);
        decls
    }

    fn record(&mut self, name: &str, params: usize, fields: Vec<(&str, Ty)>) {
        let fields = fields.into_iter().map(|(l, t)| (Some(l.to_owned()), t)).collect();
        let variants = vec![Variant { name: name.to_owned(), fields }];
        self.all.push(Decl { name: name.to_owned(), params, record: true, variants });
    }

    fn variants(&mut self, name: &str, params: usize, variants: Vec<(&str, Fields<'_>)>) {
        let owned = |(label, t): (std::option::Option<&str>, Ty)| (label.map(str::to_owned), t);
        let variants = variants
            .into_iter()
            .map(|(name, fields)| Variant { name: name.to_owned(), fields: fields.into_iter().map(owned).collect() })
            .collect();
        self.all.push(Decl { name: name.to_owned(), params, record: false, variants });
    }

    fn field(&self, random: &mut Random) -> Ty {
        match random.below(9) {
            0..=2 => Int,
            3 => Float,
            4 => Text,
            5 => Bool,
            6 => list(Int),
            7 => option(Text),
            _ => Tuple(vec![Int, Text]),
        }
    }

    /// The variants of a declared type with these arguments.
    pub(crate) fn variants_of(&self, number: usize, args: &[Ty]) -> Vec<Variant> {
        let mut variants = self.all[number].variants.clone();
        variants.iter_mut().flat_map(|v| &mut v.fields).for_each(|(_, t)| *t = t.with(args));
        variants
    }

    /// The fields of a type, if it is a record.
    pub(crate) fn fields_of(&self, ty: &Ty) -> Vec<(String, Ty)> {
        match ty {
            Data(n, args) if self.all[*n].record => {
                let variants = self.variants_of(*n, args);
                variants.into_iter().flat_map(|v| v.fields).filter_map(|(l, t)| Some((l?, t))).collect()
            }
            _ => Vec::new(),
        }
    }

    /// As it is written in source.
    pub(crate) fn show(&self, ty: &Ty) -> String {
        let all = |ts: &[Ty]| ts.iter().map(|t| self.show(t)).collect::<Vec<_>>().join(", ");
        match ty {
            Int => "Int".to_owned(),
            Float => "Float".to_owned(),
            Bool => "Bool".to_owned(),
            Text => "Text".to_owned(),
            Bytes => "Bytes".to_owned(),
            Unit => "()".to_owned(),
            Order => "Order".to_owned(),
            Tuple(ts) => format!("({})", all(ts)),
            List(t) => format!("List[{}]", self.show(t)),
            Map(k, v) => format!("Map[{}, {}]", self.show(k), self.show(v)),
            Set(t) => format!("Set[{}]", self.show(t)),
            Option(t) => format!("Option[{}]", self.show(t)),
            Result(a, e) => format!("Result[{}, {}]", self.show(a), self.show(e)),
            Fn(ps, r) => format!("fn({}) → {}", all(ps), self.show(r)),
            Data(n, ts) if ts.is_empty() => self.all[*n].name.clone(),
            Data(n, ts) => format!("{}[{}]", self.all[*n].name, all(ts)),
            Param(n) => PARAMS[*n].to_owned(),
        }
    }

    /// The declarations in source.
    pub(crate) fn source(&self) -> String {
        self.all.iter().map(|d| self.declaration(d)).collect()
    }

    fn declaration(&self, decl: &Decl) -> String {
        let params = match decl.params {
            0 => String::new(),
            n => format!("[{}]", PARAMS[..n].join(", ")),
        };
        let field = |(label, t): &(std::option::Option<String>, Ty)| match label {
            Some(label) => format!("{label}: {}", self.show(t)),
            None => self.show(t),
        };
        let fields = |v: &Variant| v.fields.iter().map(field).collect::<Vec<_>>().join(", ");
        let body = if decl.record {
            fields(&decl.variants[0])
        } else {
            let one = |v: &Variant| match v.fields.len() {
                0 => format!("  {}\n", v.name),
                _ => format!("  {}({})\n", v.name, fields(v)),
            };
            format!("\n{}", decl.variants.iter().map(one).collect::<String>())
        };
        format!("type {}{params} {{ {body} }}\n", decl.name)
    }

    /// A type for a variable, a parameter or a result.
    pub(crate) fn random_type(&self, random: &mut Random, depth: usize) -> Ty {
        let inner = |random: &mut Random| self.random_type(random, depth.saturating_sub(1));
        match random.below(if depth == 0 { 8 } else { 20 }) {
            0..=2 => Int,
            3 => Text,
            4 => Bool,
            5 => Float,
            6 => Data(ENUMERATION, vec![]),
            7 => [Order, Unit, Bytes][random.below(3)].clone(),
            8 => Data(RECORD, vec![]),
            9 => Data(VARIANTS, vec![]),
            10 => Data(TREE, vec![]),
            11 => Data(BOX, vec![inner(random)]),
            12 => Data(EITHER, vec![inner(random), inner(random)]),
            13 | 14 => list(inner(random)),
            15 => Tuple((0..2 + random.below(2)).map(|_| inner(random)).collect()),
            16 => option(inner(random)),
            17 => Result(Box::new(inner(random)), Box::new([Text, Int][random.below(2)].clone())),
            18 => map(self.key(random), inner(random)),
            _ => Set(Box::new(self.key(random))),
        }
    }

    /// A type for keys.
    pub(crate) fn key(&self, random: &mut Random) -> Ty {
        match random.below(7) {
            0 | 1 => Int,
            2 | 3 => Text,
            4 => Data(ENUMERATION, vec![]),
            5 => Tuple(vec![Int, Text]),
            _ => option(Bool),
        }
    }
}
