//! Expressions of a type.

use super::types::{HOLDER, Ty, Ty::*, function, list, map, option};
use super::{Generator, Variable};

impl Generator {
    /// An expression whose type is known from around it. Compound ones are in parentheses where they could be
    /// misread.
    pub(super) fn expr(&mut self, ty: &Ty, depth: usize) -> String {
        if depth == 0 {
            return self.leaf(ty);
        }
        match self.random.below(16) {
            0..=3 => self.named(ty).unwrap_or_else(|| self.leaf(ty)),
            4 | 5 => self.call(ty, depth).unwrap_or_else(|| self.made(ty, depth)),
            6 => self.branch(ty, depth),
            7 => self.inner_value(ty, depth).unwrap_or_else(|| self.made(ty, depth)),
            8 if self.random.one_in(2) => self.choice(ty, depth),
            9 if self.random.one_in(2) => self.applied(ty, depth),
            10 if self.risk() && self.random.one_in(2) => self.trap(ty),
            11 => self.tried(ty, depth).unwrap_or_else(|| self.made(ty, depth)),
            _ => self.made(ty, depth),
        }
    }

    /// An expression that shows its type by itself.
    pub(super) fn evident(&mut self, ty: &Ty, depth: usize) -> String {
        if ty.is_evident() {
            return self.expr(ty, depth);
        }
        if let Some(found) = self.named(ty).filter(|_| self.random.below(3) > 0) {
            return found;
        }
        let pin = self.pins.iter().position(|t| t == ty).unwrap_or_else(|| {
            self.pins.push(ty.clone());
            self.pins.len() - 1
        });
        let value = self.expr(ty, depth);
        format!("pin{pin}({value})")
    }

    fn named(&mut self, ty: &Ty) -> std::option::Option<String> {
        self.variable(|_, v| v.ty == *ty).map(|v| v.name)
    }

    pub(super) fn leaf(&mut self, ty: &Ty) -> String {
        if let Some(name) = self.named(ty).filter(|_| self.random.below(3) > 0) {
            return name;
        }
        match ty {
            Int => self.int_literal(),
            Float => (*self.random.pick(&["0.5", "2.0", "1.25", "1e3", "0.0", "100.0"])).to_owned(),
            Bool => (*self.random.pick(&["true", "false"])).to_owned(),
            Text => self.text_literal(),
            Bytes => format!("text.to_bytes({})", self.text_literal()),
            Unit => "()".to_owned(),
            Order => (*self.random.pick(&["Less", "Equal", "Greater"])).to_owned(),
            Tuple(ts) => self.all(ts, 0, "(", ")"),
            List(_) => "[]".to_owned(),
            Map(..) => "[:]".to_owned(),
            Set(_) => "set.new()".to_owned(),
            Option(_) => "None".to_owned(),
            Result(a, _) => format!("Ok({})", self.leaf(a)),
            Fn(ps, r) => self.lambda(ps, r, 0),
            Data(n, args) => self.construct(*n, args, 0),
            Param(_) => "()".to_owned(),
        }
    }

    fn int_literal(&mut self) -> String {
        match self.random.below(12) {
            0 => "0xFF".to_owned(),
            1 => "1_000".to_owned(),
            2 if self.risky && self.random.one_in(3) => "9223372036854775807".to_owned(),
            _ => self.random.below(12).to_string(),
        }
    }

    fn text_literal(&mut self) -> String {
        let words = ["", "a", "abc", "x y", "Žluť", "line\\nbreak", "\\{q\\}", "日本", "tab\\t", "e\\u{301}"];
        match self.random.below(14) {
            0 => "r\"raw \\d\"".to_owned(),
            1 => "\"\"\"\nfirst\nsecond\n\"\"\"".to_owned(),
            _ => format!("\"{}\"", self.random.pick(&words)),
        }
    }

    fn all(&mut self, ts: &[Ty], depth: usize, open: &str, close: &str) -> String {
        let parts: Vec<String> = ts.iter().map(|t| self.expr(t, depth)).collect();
        format!("{open}{}{close}", parts.join(", "))
    }

    /// A call of a function of the program, now and then through a pipe.
    fn call(&mut self, ty: &Ty, depth: usize) -> std::option::Option<String> {
        let found = self.callable(Some(ty))?;
        let mut args = Vec::new();
        for (i, param) in found.params.iter().enumerate() {
            let counts = i == 0 && found.counts_down;
            args.push(if counts { self.random.below(5).to_string() } else { self.expr(param, depth - 1) });
        }
        if args.is_empty() || self.random.below(4) > 0 {
            return Some(format!("{}({})", found.name, args.join(", ")));
        }
        let first = args.remove(0);
        Some(format!("({first} ▷ {}({}))", found.name, args.join(", ")))
    }

    fn condition(&mut self, depth: usize) -> String {
        self.expr(&Bool, depth.min(2))
    }

    fn branch(&mut self, ty: &Ty, depth: usize) -> String {
        if self.random.one_in(3) {
            let t = self.decls.random_type(&mut self.random, 1);
            let from = self.evident(&t, depth - 1);
            return self.scoped(|g| {
                let (pattern, names) = g.refutable(&t, 1);
                let then = g.expr(ty, depth - 1);
                g.scope.truncate(g.scope.len() - names);
                let other = g.expr(ty, depth - 1);
                format!("(if let {pattern} = {from} {{ {then} }} else {{ {other} }})")
            });
        }
        let (cond, a, b) = (self.condition(depth - 1), self.expr(ty, depth - 1), self.expr(ty, depth - 1));
        let otherwise = if self.random.one_in(4) {
            let (cond, c) = (self.condition(depth - 1), self.expr(ty, depth - 1));
            format!("if {cond} {{ {c} }} else {{ {b} }}")
        } else {
            format!("{{ {b} }}")
        };
        format!("(if {cond} {{ {a} }} else {otherwise})")
    }

    fn choice(&mut self, ty: &Ty, depth: usize) -> String {
        let t = self.decls.random_type(&mut self.random, 2);
        let scrutinee = self.evident(&t, depth - 1);
        let arms = self.arms(&t, |g| g.expr(ty, depth - 1));
        format!("(match {scrutinee} {{\n{arms}}})")
    }

    /// A λ that is called at once, a block, or a function value that is called.
    fn applied(&mut self, ty: &Ty, depth: usize) -> String {
        if self.random.one_in(3) && *ty == Int {
            let argument = self.expr(&Int, depth - 1);
            if let Some(v) = self.variable(|_, v| v.ty == Data(HOLDER, vec![])) {
                self.cost += self.times * 8;
                let name = v.name;
                return format!("{{ let go = {name}.run; go({argument}) }}");
            }
        }
        if self.random.one_in(2) {
            return self.scoped(|g| {
                let t = g.decls.random_type(&mut g.random, 1);
                let (name, value) = (g.name("b"), g.evident(&t, depth - 1));
                g.declare(&name, &t);
                let result = g.expr(ty, depth - 1);
                format!("{{ let {name} = {value}; {result} }}")
            });
        }
        let t = self.decls.random_type(&mut self.random, 1);
        let argument = self.evident(&t, depth - 1);
        let lambda = self.lambda(&[t], ty, depth - 1);
        format!("({lambda})({argument})")
    }

    /// `e?`, where the function's result lets it leave.
    fn tried(&mut self, ty: &Ty, depth: usize) -> std::option::Option<String> {
        let whole = match &self.place.result {
            Option(_) => option(ty.clone()),
            Result(_, e) => Result(Box::new(ty.clone()), e.clone()),
            _ => return None,
        };
        let value = self.evident(&whole, depth - 1);
        Some(format!("{value}?"))
    }

    /// A part of a variable: a field, an element.
    fn inner_value(&mut self, ty: &Ty, depth: usize) -> std::option::Option<String> {
        if self.random.one_in(2) {
            let field = |g: &Self, v: &Variable| g.decls.fields_of(&v.ty).into_iter().find(|(_, t)| t == ty);
            let v = self.variable(|g, v| field(g, v).is_some())?;
            let (label, _) = field(self, &v)?;
            return Some(format!("{}.{label}", v.name));
        }
        let v = self.variable(|_, v| matches!(&v.ty, List(t) if **t == *ty))?;
        if self.risky && self.random.one_in(2) {
            return Some(format!("{}[{}]", v.name, self.expr(&Int, 0)));
        }
        let (at, other) = (self.expr(&Int, 0), self.expr(ty, depth - 1));
        Some(format!("list.get_or({}, {at}, {other})", v.name))
    }

    fn trap(&mut self, ty: &Ty) -> String {
        let text = self.text_literal();
        match self.random.below(6) {
            0..=3 if *ty == Int => self.risky_sum(),
            0 => format!("panic({text})"),
            1 => "todo()".to_owned(),
            2 => "unreachable()".to_owned(),
            _ => {
                let value = self.evident(&option(ty.clone()), 1);
                format!("option.unwrap_or_panic({value}, {text})")
            }
        }
    }

    /// Arithmetic that traps for some operands.
    fn risky_sum(&mut self) -> String {
        let (a, b) = (self.expr(&Int, 1), self.expr(&Int, 0));
        match self.random.below(7) {
            0 => format!("({a} ÷ ({b} % 4))"),
            1 => format!("({a} % ({b} % 3))"),
            2 => format!("(9223372036854775800 + {b} % 16)"),
            3 => format!("(-9223372036854775800 - {b} % 16)"),
            4 => format!("(({b} % 20) × 1000000000000000000)"),
            5 => format!("(({a} % 9 × 2000000000) × ({b} % 9 × 2000000000))"),
            _ => format!("(2 ^ ({b} % 100))"),
        }
    }

    /// A λ; its body may run several times for each time that it is made.
    pub(super) fn lambda(&mut self, params: &[Ty], result: &Ty, depth: usize) -> String {
        self.scoped(|g| {
            g.place = super::Place { result: result.clone(), in_loop: false, in_lambda: true };
            let mut written = Vec::new();
            for t in params {
                let (pattern, _) = g.irrefutable(t, 1);
                let typed = !pattern.starts_with('(') && g.random.one_in(2);
                written.push(if typed { format!("({pattern}: {})", g.decls.show(t)) } else { pattern });
            }
            let body = g.repeated(8, |g| {
                if depth > 1 && g.random.one_in(4) {
                    g.block_value(result, depth - 1, 2)
                } else {
                    g.expr(result, depth)
                }
            });
            format!("(λ {}→ {body})", written.into_iter().map(|w| w + " ").collect::<String>())
        })
    }

    /// `(λ …)`, written where a function value is wanted.
    fn lambda_argument(&mut self, params: &[Ty], result: &Ty, depth: usize) -> String {
        if let Some(name) = self.named(&function(params.to_vec(), result.clone())).filter(|_| self.random.one_in(2)) {
            return name;
        }
        self.lambda(params, result, depth)
    }

    /// A value made by a constructor, an operator or the library.
    fn made(&mut self, ty: &Ty, depth: usize) -> String {
        let d = depth - 1;
        match ty {
            Int => self.int(d),
            Float => self.float(d),
            Bool => self.bool(d),
            Text => self.text(d),
            Bytes if self.random.one_in(2) => format!("bytes.append({}, {})", self.expr(&Bytes, d), self.leaf(&Bytes)),
            Order => {
                let t = self.comparable();
                let (a, b) = (self.evident(&t, d), self.expr(&t, d));
                format!("compare({a}, {b})")
            }
            Tuple(ts) => self.all(ts, d, "(", ")"),
            List(t) => self.list(t, d),
            Map(k, v) => self.map(k, v, d),
            Set(t) => self.set(t, d),
            Option(t) => self.option(t, d),
            Result(a, e) => self.result(a, e, d),
            Fn(ps, r) => self.lambda(ps, r, d),
            Data(n, args) => self.construct(*n, args, d),
            Bytes | Unit | Param(_) => self.leaf(ty),
        }
    }

    /// A type whose values can be compared.
    pub(super) fn comparable(&mut self) -> Ty {
        let t = self.decls.random_type(&mut self.random, 1);
        if t.is_data() { t } else { Int }
    }

    fn int(&mut self, d: usize) -> String {
        if self.risk() {
            return self.risky_sum();
        }
        let k = 1 + self.random.below(9);
        let a = self.expr(&Int, d);
        match self.random.below(18) {
            0..=2 => format!("({a} + {})", self.expr(&Int, d)),
            3 | 4 => format!("({a} - {})", self.expr(&Int, d)),
            5 => format!("({a} % 100 × {k})"),
            6 => format!("({a} % {k})"),
            7 => format!("({a} ÷ {k})"),
            8 => format!("(-{a})"),
            9 => format!("(({a} % 10) ^ {})", k % 4),
            10 => format!("min({a}, {})", self.expr(&Int, d)),
            11 => format!("int.bit_xor({a}, {k})"),
            12 => format!("int.wrapping_mul({a}, {})", self.expr(&Int, d)),
            13 => {
                let t = self.decls.random_type(&mut self.random, 1);
                format!("list.length({})", self.evident(&list(t), d))
            }
            14 => format!("text.length({})", self.expr(&Text, d)),
            15 => {
                let xs = self.evident(&list(Int), d);
                let f = self.lambda_argument(&[Int, Int], &Int, d.min(1));
                format!("list.fold({xs}, {k}, λ so_far x → {f}(so_far % 1000, x))")
            }
            16 => {
                let (k, v) = (self.decls.key(&mut self.random), Int);
                format!("map.size({})", self.evident(&map(k, v), d))
            }
            _ => format!("option.unwrap_or({}, {a})", self.evident(&option(Int), d)),
        }
    }

    fn float(&mut self, d: usize) -> String {
        let (a, b) = (self.expr(&Float, d), self.expr(&Float, d));
        match self.random.below(8) {
            0 => format!("({a} + {b})"),
            1 => format!("({a} - {b})"),
            2 => format!("({a} × {b})"),
            3 => format!("({a} ÷ {b})"),
            4 => format!("float.sqrt({a})"),
            5 => format!("int.to_float({})", self.expr(&Int, d)),
            6 => format!("(-{a})"),
            _ => format!("float.sin({a} ^ 2.0)"),
        }
    }

    fn bool(&mut self, d: usize) -> String {
        match self.random.below(12) {
            0 => format!("({} ∧ {})", self.expr(&Bool, d), self.expr(&Bool, d)),
            1 => format!("({} ∨ {})", self.expr(&Bool, d), self.expr(&Bool, d)),
            2 => format!("(¬{})", self.expr(&Bool, d)),
            3 | 4 => {
                let op = *self.random.pick(&["<", "≤", ">", "≥"]);
                let t = self.comparable();
                format!("({} {op} {})", self.evident(&t, d), self.expr(&t, d))
            }
            5 | 6 => {
                let op = *self.random.pick(&["≡", "≠"]);
                let t = self.comparable();
                format!("({} {op} {})", self.evident(&t, d), self.expr(&t, d))
            }
            7 => {
                let op = *self.random.pick(&["∈", "∉"]);
                let t = self.decls.key(&mut self.random);
                let inside = [list(t.clone()), Set(Box::new(t.clone())), map(t.clone(), Int)];
                let holder = self.random.pick(&inside).clone();
                let value = self.evident(&t, d);
                format!("({value} {op} {})", self.evident(&holder, d))
            }
            8 => format!("({} ∈ {}..{})", self.expr(&Int, d), self.random.below(4), 3 + self.random.below(9)),
            9 => {
                let t = self.decls.random_type(&mut self.random, 0);
                let xs = self.evident(&list(t.clone()), d);
                format!("list.any({xs}, {})", self.lambda(&[t], &Bool, d.min(1)))
            }
            10 => format!("text.contains({}, {})", self.expr(&Text, d), self.leaf(&Text)),
            _ => self.leaf(&Bool),
        }
    }

    fn text(&mut self, d: usize) -> String {
        match self.random.below(10) {
            0 => format!("text.take({} ++ {}, 30)", self.expr(&Text, d), self.expr(&Text, d)),
            1 => format!("text.upper({})", self.expr(&Text, d)),
            2 => format!("text.reverse({})", self.expr(&Text, d)),
            3 => {
                let t = self.comparable();
                format!("inspect({})", self.evident(&t, d))
            }
            4 => format!("text.join(list.take({}, 4), \"-\")", self.evident(&list(Text), d)),
            5..=7 => {
                let mut parts = String::new();
                for _ in 0..1 + self.random.below(3) {
                    let hole = match self.variable(|_, v| v.ty.is_data()) {
                        Some(v) if self.random.one_in(2) => v.name,
                        Some(v) if v.ty == Int => format!("{} + 1", v.name),
                        _ => format!("int.to_text({})", self.random.below(9)),
                    };
                    parts += &format!("p{{{hole}}}");
                }
                format!("\"{parts}\"")
            }
            _ => self.leaf(&Text),
        }
    }

    fn list(&mut self, t: &Ty, d: usize) -> String {
        let this = list(t.clone());
        match self.random.below(13) {
            0..=2 => {
                let count = 1 + self.random.below(3);
                self.all(&vec![t.clone(); count], d, "[", "]")
            }
            3 => format!("list.take({} ++ {}, 8)", self.evident(&this, d), self.expr(&this, d)),
            4 => format!("list.take([{}, ..{}], 8)", self.expr(t, d), self.expr(&this, d)),
            5 => {
                let from = self.decls.random_type(&mut self.random, 1);
                let xs = self.evident(&list(from.clone()), d);
                format!("list.map(list.take({xs}, 8), {})", self.lambda(&[from], t, d))
            }
            6 => format!("list.filter({}, {})", self.evident(&this, d), self.lambda(std::slice::from_ref(t), &Bool, d)),
            7 => format!("list.reverse({})", self.expr(&this, d)),
            8 if t.is_data() => format!("list.sort({})", self.evident(&this, d)),
            9 if *t == Int => {
                let v = self.decls.random_type(&mut self.random, 0);
                format!("map.keys({})", self.evident(&map(Int, v), d))
            }
            10 => format!("iter.to_list(iter.take(iter.map(iter.count_from(1), {}), 3))", self.lambda(&[Int], t, d)),
            11 => format!("list.repeat({}, {})", self.expr(t, d), self.random.below(4)),
            _ => format!("list.push(list.take({}, 6), {})", self.expr(&this, d), self.expr(t, d)),
        }
    }

    fn map(&mut self, k: &Ty, v: &Ty, d: usize) -> String {
        let this = map(k.clone(), v.clone());
        match self.random.below(6) {
            0..=2 => {
                let entries: Vec<String> = (0..1 + self.random.below(3))
                    .map(|_| format!("{}: {}", self.expr(k, d), self.expr(v, d)))
                    .collect();
                format!("[{}]", entries.join(", "))
            }
            3 => format!("map.insert({}, {}, {})", self.expr(&this, d), self.expr(k, d), self.expr(v, d)),
            4 => format!("map.remove({}, {})", self.expr(&this, d), self.expr(k, d)),
            _ => {
                let update = self.lambda(std::slice::from_ref(v), v, d.min(1));
                format!("map.update({}, {}, {}, {update})", self.evident(&this, d), self.expr(k, d), self.expr(v, 0))
            }
        }
    }

    fn set(&mut self, t: &Ty, d: usize) -> String {
        let this = Set(Box::new(t.clone()));
        match self.random.below(3) {
            0 => format!("set.from_list({})", self.expr(&list(t.clone()), d)),
            1 => format!("set.insert({}, {})", self.expr(&this, d), self.expr(t, d)),
            _ => format!("set.union({}, {})", self.expr(&this, d), self.expr(&this, d)),
        }
    }

    fn option(&mut self, t: &Ty, d: usize) -> String {
        match self.random.below(7) {
            0..=2 => format!("Some({})", self.expr(t, d)),
            3 => format!("list.get({}, {})", self.evident(&list(t.clone()), d), self.expr(&Int, 0)),
            4 if *t == Int => format!("int.parse({})", self.expr(&Text, d)),
            5 => {
                let k = self.decls.key(&mut self.random);
                let m = self.evident(&map(k.clone(), t.clone()), d);
                format!("map.get({m}, {})", self.expr(&k, d))
            }
            _ => {
                let from = self.decls.random_type(&mut self.random, 0);
                let value = self.evident(&option(from.clone()), d);
                format!("option.map({value}, {})", self.lambda(&[from], t, d))
            }
        }
    }

    fn result(&mut self, a: &Ty, e: &Ty, d: usize) -> String {
        match self.random.below(4) {
            0 | 1 => format!("Ok({})", self.expr(a, d)),
            2 => format!("Error({})", self.expr(e, d)),
            _ => format!("option.to_result({}, {})", self.evident(&option(a.clone()), d), self.expr(e, d)),
        }
    }

    /// A record or a variant, now and then from another record.
    fn construct(&mut self, number: usize, args: &[Ty], d: usize) -> String {
        let variants = self.decls.variants_of(number, args);
        let few = variants.iter().filter(|v| d > 0 || v.fields.len() < 2).count().max(1);
        let variant = variants[self.random.below(few)].clone();
        if variant.fields.is_empty() {
            return variant.name;
        }
        let mut fields: Vec<String> = Vec::new();
        let mut left = variant.fields;
        let whole = Data(number, args.to_vec());
        if self.decls.all[number].record
            && self.random.one_in(2)
            && let Some(base) = self.variable(|_, v| v.ty == whole)
        {
            fields.push(format!("..{}", base.name));
            left.truncate(1);
        }
        if left.iter().all(|(l, _)| l.is_some()) && self.random.one_in(3) {
            left.reverse();
        }
        for (label, t) in &left {
            let value = self.expr(t, d.saturating_sub(1));
            fields.push(label.as_ref().map_or(value.clone(), |l| format!("{l}: {value}")));
        }
        format!("{}({})", variant.name, fields.join(", "))
    }
}
