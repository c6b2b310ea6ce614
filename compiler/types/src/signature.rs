//! The signatures of builtins, parsed once for all programs.
//!
//! Keeps true: every row of `codex_spec::builtin::BUILTINS` parses (a test walks them).

use std::sync::OnceLock;

use codex_spec::builtin::BUILTINS;

use crate::constraint::Mask;
use crate::intern::Interner;
use crate::scheme::Scheme;
use crate::typed::{DataId, Ty, Type};

/// A type in a signature; data types by name.
#[derive(Clone, Debug)]
enum Shape {
    Plain(Type),
    Var(u32),
    List(Box<Shape>),
    Reply(Box<Shape>),
    Tuple(Vec<Shape>),
    Fn(Vec<Shape>, Box<Shape>),
    Named(String, Vec<Shape>),
}

struct Parsed {
    masks: Vec<Mask>,
    params: Vec<Shape>,
    result: Shape,
}

/// The type of a builtin; `data` finds a standard data type by its name.
pub(crate) fn builtin(index: u32, data: impl Fn(&str) -> Option<DataId>) -> Scheme {
    static ALL: OnceLock<Vec<Option<Parsed>>> = OnceLock::new();
    let all = ALL.get_or_init(|| BUILTINS.iter().map(|b| parse(b.signature)).collect());
    let Some(Some(parsed)) = all.get(index as usize) else {
        return Scheme::unknown();
    };
    let mut interner = Interner::default();
    let params = parsed.params.iter().map(|p| lower(p, &mut interner, &data)).collect();
    let result = lower(&parsed.result, &mut interner, &data);
    let masks = parsed.masks.clone();
    Scheme { types: interner.finish(), masks, params, result, never: false }.finish()
}

fn lower(shape: &Shape, to: &mut Interner, data: &impl Fn(&str) -> Option<DataId>) -> Ty {
    let ty = match shape {
        Shape::Plain(ty) => ty.clone(),
        Shape::Var(i) => Type::Param(*i),
        Shape::List(item) => Type::List(lower(item, to, data)),
        Shape::Reply(of) => Type::Reply(lower(of, to, data)),
        Shape::Tuple(items) => Type::Tuple(items.iter().map(|s| lower(s, to, data)).collect()),
        Shape::Fn(params, result) => {
            let params = params.iter().map(|s| lower(s, to, data)).collect();
            Type::Fn(params, lower(result, to, data))
        }
        Shape::Named(name, args) => match data(name) {
            Some(id) => Type::Data(id, args.iter().map(|s| lower(s, to, data)).collect()),
            None => Type::Error,
        },
    };
    to.intern(ty)
}

/// `fn(List[a], Int) → a where a: hashable`
fn parse(signature: &str) -> Option<Parsed> {
    let (ty, demands) = signature.split_once(" where ").unwrap_or((signature, ""));
    let mut parser = Parser { rest: ty, vars: Vec::new() };
    let Shape::Fn(params, result) = parser.shape()? else {
        return None;
    };
    if !parser.rest.trim().is_empty() {
        return None;
    }
    let mut masks = vec![Mask::NONE; parser.vars.len()];
    for demand in demands.split(',').filter(|d| !d.trim().is_empty()) {
        let (name, words) = demand.split_once(':')?;
        let at = parser.vars.iter().position(|v| v == name.trim())?;
        for word in words.split('+') {
            masks[at] = masks[at].union(Mask::from_word(word.trim()));
        }
    }
    Some(Parsed { masks, params, result: *result })
}

struct Parser<'s> {
    rest: &'s str,
    vars: Vec<String>,
}

impl<'s> Parser<'s> {
    fn eat(&mut self, token: &str) -> bool {
        self.rest = self.rest.trim_start();
        match self.rest.strip_prefix(token) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn word(&mut self) -> &'s str {
        self.rest = self.rest.trim_start();
        let end = self.rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        word
    }

    fn list(&mut self, close: &str) -> Option<Vec<Shape>> {
        let mut items = Vec::new();
        if self.eat(close) {
            return Some(items);
        }
        loop {
            items.push(self.shape()?);
            if self.eat(close) {
                return Some(items);
            }
            if !self.eat(",") {
                return None;
            }
        }
    }

    fn shape(&mut self) -> Option<Shape> {
        if self.eat("(") {
            return Some(Shape::Tuple(self.list(")")?));
        }
        let word = self.word();
        Some(match word {
            "" => return None,
            "fn" => {
                let params = if self.eat("(") {
                    self.list(")")?
                } else {
                    return None;
                };
                if !self.eat("→") {
                    return None;
                }
                Shape::Fn(params, Box::new(self.shape()?))
            }
            "Int" => Shape::Plain(Type::Int),
            "Float" => Shape::Plain(Type::Float),
            "Bool" => Shape::Plain(Type::Bool),
            "Text" => Shape::Plain(Type::Text),
            "Bytes" => Shape::Plain(Type::Bytes),
            _ if word.starts_with(char::is_lowercase) => {
                let at = self.vars.iter().position(|v| v == word).unwrap_or_else(|| {
                    self.vars.push(word.to_owned());
                    self.vars.len() - 1
                });
                Shape::Var(at as u32)
            }
            _ => {
                let args = if self.eat("[") { self.list("]")? } else { Vec::new() };
                match (word, args.len()) {
                    ("Link", 0) => Shape::Plain(Type::Link),
                    ("List", 1) => Shape::List(Box::new(args.into_iter().next()?)),
                    ("Reply", 1) => Shape::Reply(Box::new(args.into_iter().next()?)),
                    _ => Shape::Named(word.to_owned(), args),
                }
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_builtin_has_a_signature_that_parses() {
        for row in BUILTINS {
            assert!(parse(row.signature).is_some(), "{}: {}", row.name, row.signature);
        }
    }

    #[test]
    fn a_result_that_nothing_gives_never_comes() {
        let (panic, _) = codex_spec::builtin::find("panic").expect("is a builtin");
        assert!(builtin(panic, |_| None).never);
        let (get, _) = codex_spec::builtin::find("list_get").expect("is a builtin");
        assert!(!builtin(get, |_| None).never);
    }
}
