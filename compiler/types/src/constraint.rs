//! The closed set of demands that a type can have to meet.
//!
//! A [`Mask`] is a set of them. The structural ones (equal, ordered, hashed, printed) hold for
//! every type that contains no function, so they are pushed down into parts; `number`, `appendable`
//! and `link` name a few types each.

use crate::typed::{Data, Type, Types};

/// A set of demands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Mask(pub(crate) u8);

impl Mask {
    pub(crate) const NONE: Mask = Mask(0);
    /// Int or Float.
    pub(crate) const NUMBER: Mask = Mask(1);
    /// Has `<`.
    pub(crate) const COMPARABLE: Mask = Mask(2);
    /// Can be a key.
    pub(crate) const HASHABLE: Mask = Mask(4);
    /// Can be shown as text.
    pub(crate) const PRINTABLE: Mask = Mask(8);
    /// Has `≡`.
    pub(crate) const EQUATABLE: Mask = Mask(16);
    /// List, Text or Bytes: has `++`.
    pub(crate) const APPENDABLE: Mask = Mask(32);
    /// A link, typed or not.
    pub(crate) const LINK: Mask = Mask(64);
    /// Those that hold for a few types each.
    pub(crate) const SPECIAL: Mask = Mask(1 | 32 | 64);
    /// Those that hold for a whole when they hold for its parts.
    pub(crate) const STRUCTURAL: Mask = Mask(2 | 4 | 8 | 16);

    pub(crate) fn union(self, other: Mask) -> Mask {
        Mask(self.0 | other.0)
    }
    pub(crate) fn and(self, other: Mask) -> Mask {
        Mask(self.0 & other.0)
    }
    pub(crate) fn has(self, other: Mask) -> bool {
        self.0 & other.0 != 0
    }
    pub(crate) fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The demand that a word in a builtin's signature names.
    pub(crate) fn from_word(word: &str) -> Mask {
        match word {
            "number" => Mask::NUMBER,
            "comparable" => Mask::COMPARABLE,
            "hashable" => Mask::HASHABLE,
            "printable" => Mask::PRINTABLE,
            "equatable" => Mask::EQUATABLE,
            "appendable" => Mask::APPENDABLE,
            "link" => Mask::LINK,
            _ => Mask::NONE,
        }
    }

    /// What can't be done with a value that does not meet the first demand in the set.
    pub(crate) fn inability(self) -> &'static str {
        if self.has(Mask::NUMBER) {
            "is not a number"
        } else if self.has(Mask::LINK) {
            "is not a link to a container"
        } else if self.has(Mask::APPENDABLE) {
            "cannot be joined with `++`"
        } else if self.has(Mask::EQUATABLE) {
            "cannot be compared for equality"
        } else if self.has(Mask::COMPARABLE) {
            "cannot be put in order"
        } else if self.has(Mask::HASHABLE) {
            "cannot be a key"
        } else {
            "cannot be shown as text"
        }
    }
}

/// What is known of a data type for checking demands.
#[derive(Clone, Debug, Default)]
pub(crate) struct Facts {
    /// Some field holds a function: no structural demand can be met.
    pub(crate) holds_function: bool,
    /// For each type parameter, whether a field holds a value of it.
    pub(crate) holds_param: Vec<bool>,
}

/// Facts of all data types, to a fixed point because types refer to each other.
pub(crate) fn facts_of(data: &[Data]) -> Vec<Facts> {
    let mut facts: Vec<Facts> =
        data.iter().map(|d| Facts { holds_function: false, holds_param: vec![false; d.params as usize] }).collect();
    loop {
        let mut changed = false;
        for (i, d) in data.iter().enumerate() {
            let mut mine = facts[i].clone();
            for (_, ty) in d.variants.iter().flat_map(|v| &v.fields) {
                visit(&d.types, *ty, &facts, &mut mine);
            }
            if mine.holds_function != facts[i].holds_function || mine.holds_param != facts[i].holds_param {
                facts[i] = mine;
                changed = true;
            }
        }
        if !changed {
            return facts;
        }
    }
}

fn visit(types: &Types, ty: crate::typed::Ty, facts: &[Facts], mine: &mut Facts) {
    match &types[ty] {
        Type::Fn(..) => mine.holds_function = true,
        Type::Param(i) => {
            if let Some(slot) = mine.holds_param.get_mut(*i as usize) {
                *slot = true;
            }
        }
        Type::List(item) => visit(types, *item, facts, mine),
        // Where a reply goes is a number, whatever is replied.
        Type::Reply(_) => {}
        Type::Tuple(items) => items.iter().for_each(|t| visit(types, *t, facts, mine)),
        Type::Data(id, args) => {
            let other = &facts[id.index()];
            mine.holds_function |= other.holds_function;
            for (arg, holds) in args.iter().zip(&other.holds_param) {
                if *holds {
                    visit(types, *arg, facts, mine);
                }
            }
        }
        _ => {}
    }
}
