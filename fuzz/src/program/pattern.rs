//! Patterns and the arms of a `match`.

use super::Generator;
use super::types::{Ty, Ty::*, Variant};

impl Generator {
    /// A pattern that fits every value, and how many names it binds; they are declared.
    pub(super) fn irrefutable(&mut self, ty: &Ty, depth: usize) -> (String, usize) {
        let before = self.scope.len();
        let text = match ty {
            _ if depth == 0 || self.random.one_in(2) => self.bind(ty),
            Tuple(ts) => {
                let parts: Vec<String> = ts.iter().map(|t| self.irrefutable(t, depth - 1).0).collect();
                format!("({})", parts.join(", "))
            }
            _ if self.random.one_in(6) => "_".to_owned(),
            _ => self.bind(ty),
        };
        (text, self.scope.len() - before)
    }

    /// An irrefutable pattern for `let`: records come apart too.
    pub(super) fn let_pattern(&mut self, ty: &Ty) -> String {
        let fields = self.decls.fields_of(ty);
        match ty {
            Data(n, args) if !fields.is_empty() => {
                let variant = self.decls.variants_of(*n, args).swap_remove(0);
                self.variant(&variant, 1, true)
            }
            _ => self.irrefutable(ty, 2).0,
        }
    }

    fn bind(&mut self, ty: &Ty) -> String {
        let name = self.name("v");
        self.declare(&name, ty);
        name
    }

    /// A pattern that may fail, and how many names it binds; they are declared.
    pub(super) fn refutable(&mut self, ty: &Ty, depth: usize) -> (String, usize) {
        let before = self.scope.len();
        let text = self.any_pattern(ty, depth);
        (text, self.scope.len() - before)
    }

    fn any_pattern(&mut self, ty: &Ty, depth: usize) -> String {
        if depth == 0 || self.random.one_in(6) {
            return if self.random.one_in(4) { "_".to_owned() } else { self.bind(ty) };
        }
        if self.random.one_in(8) {
            let name = self.name("w");
            let inner = self.any_pattern(ty, depth - 1);
            self.declare(&name, ty);
            return format!("{name} @ {}", parenthesised(inner));
        }
        if self.random.one_in(5)
            && let Some(text) = self.alternatives(ty)
        {
            return text;
        }
        match ty {
            Int => match self.random.below(4) {
                0 => format!("{}..{}", self.random.below(3), 4 + self.random.below(20)),
                1 => format!("-5..={}", self.random.below(5)),
                2 => "-1".to_owned(),
                _ => self.random.below(6).to_string(),
            },
            Float => (*self.random.pick(&["0.5", "2.0", "-1.5"])).to_owned(),
            Bool => (*self.random.pick(&["true", "false"])).to_owned(),
            Text => (*self.random.pick(&["\"\"", "\"a\"", "\"abc\""])).to_owned(),
            Unit => "()".to_owned(),
            Order => (*self.random.pick(&["Less", "Equal", "Greater"])).to_owned(),
            Tuple(ts) => {
                let parts: Vec<String> = ts.iter().map(|t| self.any_pattern(t, depth - 1)).collect();
                format!("({})", parts.join(", "))
            }
            List(t) => self.list_pattern(ty, t, depth),
            Option(_) | Result(..) | Data(..) => {
                let variants = self.variants(ty);
                let chosen = self.random.below(variants.len());
                self.variant(&variants[chosen], depth, false)
            }
            _ => self.bind(ty),
        }
    }

    fn list_pattern(&mut self, whole: &Ty, t: &Ty, depth: usize) -> String {
        let mut parts: Vec<String> = (0..self.random.below(3)).map(|_| self.any_pattern(t, depth - 1)).collect();
        if self.random.below(3) > 0 {
            let rest = if self.random.one_in(2) { self.bind(whole) } else { String::new() };
            parts.push(format!("..{rest}"));
            parts.extend((0..self.random.below(2)).map(|_| self.any_pattern(t, depth - 1)));
        }
        format!("[{}]", parts.join(", "))
    }

    /// Alternatives: values without names in them, or variants that bind the same name.
    fn alternatives(&mut self, ty: &Ty) -> std::option::Option<String> {
        match ty {
            Int => Some(format!("{} | {} | 10..20", self.random.below(4), 4 + self.random.below(4))),
            Text => Some("\"a\" | \"x y\"".to_owned()),
            Order => Some("Less | Greater".to_owned()),
            Result(a, e) if a == e => {
                let name = self.bind(a);
                Some(format!("Ok({name}) | Error({name})"))
            }
            Option(t) if matches!(**t, Bool | Int) => {
                let inner = if **t == Bool { "true" } else { "1" };
                Some(format!("None | Some({inner})"))
            }
            Data(..) => {
                let found: Vec<Variant> = self.variants(ty).into_iter().filter(|v| v.fields.is_empty()).collect();
                let names: Vec<&str> = found.iter().map(|v| v.name.as_str()).collect();
                (names.len() > 1).then(|| names[..2].join(" | "))
            }
            _ => None,
        }
    }

    fn variants(&self, ty: &Ty) -> Vec<Variant> {
        let of = |name: &str, fields: Vec<&Ty>| Variant {
            name: name.to_owned(),
            fields: fields.into_iter().map(|t| (None, t.clone())).collect(),
        };
        match ty {
            Option(t) => vec![of("None", vec![]), of("Some", vec![t])],
            Result(a, e) => vec![of("Ok", vec![a]), of("Error", vec![e])],
            Order => ["Less", "Equal", "Greater"].map(|n| of(n, vec![])).to_vec(),
            Data(n, args) => self.decls.variants_of(*n, args),
            _ => Vec::new(),
        }
    }

    /// A variant with patterns for its fields, in one of the ways to write them.
    fn variant(&mut self, variant: &Variant, depth: usize, irrefutable: bool) -> String {
        if variant.fields.is_empty() {
            return variant.name.clone();
        }
        let mut parts = Vec::new();
        let all = variant.fields.len();
        let labelled = variant.fields.iter().all(|(l, _)| l.is_some());
        let taken = if labelled && self.random.one_in(3) { 1 } else { all };
        for (label, t) in &variant.fields[..taken] {
            let visible = label.as_ref().is_some_and(|l| self.scope.iter().any(|v| v.name == *l));
            if let Some(label) = label.as_ref().filter(|_| !visible && self.random.one_in(3)) {
                self.declare(label, t);
                parts.push(format!("{label}:"));
                continue;
            }
            let inner = if irrefutable { self.irrefutable(t, depth - 1).0 } else { self.any_pattern(t, depth - 1) };
            parts.push(label.as_ref().map_or(inner.clone(), |l| format!("{l}: {inner}")));
        }
        if taken < all {
            parts.push("..".to_owned());
        }
        format!("{}({})", variant.name, parts.join(", "))
    }

    /// Arms that cover a type, each with a value that `body` writes.
    pub(super) fn arms(&mut self, ty: &Ty, mut body: impl FnMut(&mut Self) -> String) -> String {
        let mut arms = String::new();
        for _ in 0..1 + self.random.below(2) {
            let arm = self.scoped(|g| {
                let (pattern, _) = g.refutable(ty, 2);
                // What a whole pattern covers is not to make the next arms unreachable.
                let guard = match g.random.one_in(3) || pattern.starts_with(|c: char| c.is_lowercase() || c == '_') {
                    true => format!(" if {}", g.expr(&Bool, 1)),
                    false => String::new(),
                };
                format!("{pattern}{guard} → {}\n", body(g))
            });
            arms += &arm;
        }
        let variants = self.variants(ty);
        if variants.is_empty() || self.random.one_in(3) {
            let last = self.scoped(|g| {
                let name = if g.random.one_in(2) { "_".to_owned() } else { g.bind(ty) };
                format!("{name} → {}\n", body(g))
            });
            return arms + &last;
        }
        for variant in variants {
            let arm = self.scoped(|g| {
                let pattern = g.variant(&variant, 1, true);
                format!("{pattern} → {}\n", body(g))
            });
            arms += &arm;
        }
        arms
    }
}

fn parenthesised(pattern: String) -> String {
    if pattern.contains(" | ") || pattern.contains("@") { format!("({pattern})") } else { pattern }
}
