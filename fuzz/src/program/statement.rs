//! Statements and blocks.

use super::types::{BOX, RECORD, Ty, Ty::*, list, map, option};
use super::{Generator, Variable};

impl Generator {
    /// A block of statements with a value.
    pub(super) fn block_value(&mut self, ty: &Ty, depth: usize, most: usize) -> String {
        self.scoped(|g| {
            let statements = g.statements(depth, most);
            let value = g.expr(ty, depth);
            format!("{{\n{statements}{value}\n}}")
        })
    }

    /// A block for its effect.
    fn block(&mut self, depth: usize, most: usize) -> String {
        self.scoped(|g| {
            let statements = g.statements(depth, most);
            format!("{{\n{statements}}}")
        })
    }

    /// Some statements, one a line.
    pub(super) fn statements(&mut self, depth: usize, most: usize) -> String {
        let count = 1 + self.random.below(most.max(1));
        (0..count).map(|_| self.statement(depth) + "\n").collect()
    }

    fn statement(&mut self, depth: usize) -> String {
        if depth == 0 {
            return if self.random.one_in(2) { self.change() } else { self.let_simple(0) };
        }
        match self.random.below(24) {
            0..=2 => self.let_simple(depth),
            3 => self.let_apart(depth),
            4..=7 => self.var(depth),
            8 | 9 => self.change(),
            10..=12 => self.change_inside(),
            13 => self.show(),
            14 | 15 => self.condition_statement(depth),
            16 | 17 => self.for_loop(depth),
            18 => self.while_loop(depth),
            19 => self.endless_loop(depth),
            20 => self.let_else(depth),
            21 => self.match_statement(depth),
            22 => self.leave(),
            _ => self.walk_stack(depth),
        }
    }

    fn some_type(&mut self) -> Ty {
        self.decls.random_type(&mut self.random, 2)
    }

    fn let_simple(&mut self, depth: usize) -> String {
        let t = self.some_type();
        let annotated = !t.is_evident() || self.random.one_in(2);
        let value = self.expr(&t, depth);
        let name = self.name("v");
        self.declare(&name, &t);
        let shown = if annotated { format!(": {}", self.decls.show(&t)) } else { String::new() };
        format!("let {name}{shown} = {value}")
    }

    fn let_apart(&mut self, depth: usize) -> String {
        let t = match self.random.below(3) {
            0 => Data(RECORD, vec![]),
            1 => Tuple(vec![self.some_type(), Int]),
            _ => Data(BOX, vec![Text]),
        };
        let value = self.evident(&t, depth);
        let pattern = self.let_pattern(&t);
        format!("let {pattern} = {value}")
    }

    fn var(&mut self, depth: usize) -> String {
        let t = match self.random.below(9) {
            0 => list(list(Int)),
            1 => list(Data(RECORD, vec![])),
            2 => map(Text, list(Int)),
            3 => Data(BOX, vec![Int]),
            4 => Data(RECORD, vec![]),
            5 => list(Float),
            _ => self.some_type(),
        };
        let value = self.expr(&t, depth);
        let name = self.name("x");
        let shown = self.decls.show(&t);
        self.scope.push(Variable { name: name.clone(), ty: t, is_var: true, may_change: true });
        format!("var {name}: {shown} = {value}")
    }

    /// `x ≔ e` or `x += e`.
    fn change(&mut self) -> String {
        let Some(v) = self.variable(|_, v| v.may_change) else { return self.show() };
        match &v.ty {
            Int if self.random.one_in(2) => {
                let (op, k) = (*self.random.pick(&["+=", "-=", "×=", "÷="]), 2 + self.random.below(5));

                let bounded = if op == "×=" { format!("{} ≔ {} % 1000\n", v.name, v.name) } else { String::new() };
                format!("{bounded}{} {op} {k}", v.name)
            }
            Int => format!("{} ≔ {} % 1000", v.name, self.expr(&Int, 2)),
            Float if self.random.one_in(2) => format!("{} += {}", v.name, self.expr(&Float, 1)),
            Text if self.random.one_in(2) => format!("{} ≔ text.take({} ++ \"é\", 20)", v.name, v.name),
            List(_) if self.random.one_in(3) => {
                let value = self.expr(&v.ty, 1);
                format!("{} ≔ list.take({} ++ {value}, 8)", v.name, v.name)
            }
            t => format!("{} ≔ {}", v.name, self.expr(t, 2)),
        }
    }

    /// `x.f ≔ e`, `x[i] ≔ e`, `x[i][j].f += e`: a place within a `var`.
    fn change_inside(&mut self) -> String {
        let fits = |g: &Self, v: &Variable| {
            v.may_change && (matches!(v.ty, List(_) | Map(..)) || !g.decls.fields_of(&v.ty).is_empty())
        };
        let Some(v) = self.variable(fits) else { return self.change() };
        let (mut place, mut guards, mut ty) = (v.name.clone(), Vec::new(), v.ty.clone());
        loop {
            let fields = self.decls.fields_of(&ty);
            match &ty {
                List(t) => {
                    let at = self.random.below(3);
                    if !self.risk() {
                        guards.push(format!("list.length({place}) > {at}"));
                    }
                    place = if self.random.one_in(3) { format!("{place}[{at} + 0]") } else { format!("{place}[{at}]") };
                    ty = (**t).clone();
                }
                Map(k, t) => {
                    let last = self.random.one_in(2) || !matches!(**t, List(_));
                    let key = if last { self.expr(k, 1) } else { self.leaf(k) };
                    if !last {
                        guards.push(format!("{key} ∈ {place}"));
                    }
                    place = format!("{place}[{key}]");
                    ty = (**t).clone();
                    if last {
                        break;
                    }
                }
                _ if fields.is_empty() => break,
                _ => {
                    let (label, t) = self.random.pick(&fields).clone();
                    place = format!("{place}.{label}");
                    ty = t;
                }
            }
            if self.random.one_in(3) {
                break;
            }
        }
        // A compound assignment to an entry that may be missing would read it.
        let compound = ty == Int && !place.ends_with("\"]") && !matches!(v.ty, Map(..)) && self.random.one_in(2);
        let write = if compound { format!("{place} += 1") } else { format!("{place} ≔ {}", self.expr(&ty, 2)) };
        if guards.is_empty() { write } else { format!("if {} {{ {write} }}", guards.join(" ∧ ")) }
    }

    /// Prints something that can be seen here.
    fn show(&mut self) -> String {
        match self.variable(|_, v| v.ty.is_data()) {
            Some(v) if self.random.one_in(3) => format!("print(\"{} = {{{}}}\")", v.name, v.name),
            Some(v) => format!("print({})", v.name),
            None => format!("write({})", self.evident(&Int, 1)),
        }
    }

    fn condition_statement(&mut self, depth: usize) -> String {
        let then = |g: &mut Self| g.block(depth - 1, 2);
        if self.random.one_in(3) {
            let t = self.some_type();
            let from = self.evident(&t, depth - 1);
            return self.scoped(|g| {
                let (pattern, _) = g.refutable(&t, 2);
                format!("if let {pattern} = {from} {}", then(g))
            });
        }
        let (cond, a) = (self.expr(&Bool, 2), then(self));
        match self.random.below(3) {
            0 => format!("if {cond} {a}"),
            1 => format!("if {cond} {a} else {}", then(self)),
            _ => {
                let (cond_b, b) = (self.expr(&Bool, 1), then(self));
                format!("if {cond} {a} else if {cond_b} {b} else {}", then(self))
            }
        }
    }

    fn for_loop(&mut self, depth: usize) -> String {
        let (iterable, pattern_of) = match self.random.below(6) {
            0 | 1 => (format!("{}..{}", self.random.below(3), 1 + self.random.below(5)), Int),
            2 => (format!("1..={}", self.random.below(4)), Int),
            3 => {
                let (k, v) = (self.decls.key(&mut self.random), Int);
                (self.evident(&map(k.clone(), v.clone()), depth - 1), Tuple(vec![k, v]))
            }
            4 => {
                let t = self.decls.key(&mut self.random);
                (self.evident(&Set(Box::new(t.clone())), depth - 1), t)
            }
            _ => {
                let t = self.some_type();
                (format!("list.take({}, 5)", self.evident(&list(t.clone()), depth - 1)), t)
            }
        };
        self.scoped(|g| {
            let (pattern, _) = g.irrefutable(&pattern_of, 2);
            g.place.in_loop = true;
            let body = g.repeated(5, |g| g.block(depth - 1, 3));
            format!("for {pattern} ∈ {iterable} {body}")
        })
    }

    /// `var i = 0` before a loop that counts it.
    fn counter(&mut self) -> (String, String) {
        let name = self.name("i");
        self.scope.push(Variable { name: name.clone(), ty: Int, is_var: true, may_change: false });
        (format!("var {name} = 0\n"), name)
    }

    fn while_loop(&mut self, depth: usize) -> String {
        let (start, i) = self.counter();
        let limit = 1 + self.random.below(4);
        let also = if self.random.one_in(3) { format!(" ∧ {}", self.expr(&Bool, 1)) } else { String::new() };
        self.scoped(|g| {
            g.place.in_loop = true;
            let body = g.repeated(5, |g| g.statements(depth - 1, 3));
            format!("{start}while {i} < {limit}{also} {{\n{i} += 1\n{body}}}")
        })
    }

    fn endless_loop(&mut self, depth: usize) -> String {
        let (start, i) = self.counter();
        let limit = 1 + self.random.below(4);
        self.scoped(|g| {
            g.place.in_loop = true;
            let body = g.repeated(5, |g| g.statements(depth - 1, 3));
            format!("{start}loop {{\n{i} += 1\nif {i} > {limit} {{ break }}\n{body}}}")
        })
    }

    /// `while let`, which takes from a list until nothing is left.
    fn walk_stack(&mut self, depth: usize) -> String {
        let t = self.some_type();
        let (stack, top, rest) = (self.name("s"), self.name("v"), self.name("v"));
        let value = self.expr(&list(t.clone()), depth - 1);
        let shown = self.decls.show(&list(t.clone()));
        let start = format!("var {stack}: {shown} = list.take({value}, 4)\n");
        self.scoped(|g| {
            g.declare(&top, &t);
            g.declare(&rest, &list(t));
            g.place.in_loop = true;
            let body = g.repeated(4, |g| g.statements(depth - 1, 2));
            format!("{start}while let Some(({rest}, {top})) = list.pop({stack}) {{\n{stack} ≔ {rest}\n{body}}}")
        })
    }

    fn let_else(&mut self, depth: usize) -> String {
        let t = option(self.some_type());
        let from = self.evident(&t, depth - 1);
        let way_out = match &self.place.result {
            _ if self.place.in_loop && self.random.one_in(2) => "continue".to_owned(),
            Unit => "return".to_owned(),
            result => format!("return {}", self.expr(&result.clone(), 1)),
        };
        let Option(inner) = &t else { return self.show() };
        let (pattern, _) = self.irrefutable(inner, 1);
        format!("let Some({pattern}) = {from} else {{ {way_out} }}")
    }

    fn match_statement(&mut self, depth: usize) -> String {
        let t = self.some_type();
        let scrutinee = self.evident(&t, depth - 1);
        let arms = self.arms(&t, |g| g.block(depth - 1, 2));
        format!("match {scrutinee} {{\n{arms}}}")
    }

    /// Leaves a loop's turn, a loop, or the function.
    fn way_out(&mut self) -> String {
        match self.random.below(3) {
            0 if self.place.in_loop => "break".to_owned(),
            1 if self.place.in_loop => "continue".to_owned(),
            // What stands behind it is to run too, mostly.
            _ if self.place.result == Unit && self.random.below(8) > 0 => self.let_simple(0),
            _ if self.place.result == Unit => "return".to_owned(),
            _ => {
                let result = self.place.result.clone();
                format!("return {}", self.expr(&result, 1))
            }
        }
    }

    fn leave(&mut self) -> String {
        let cond = self.expr(&Bool, 2);
        let way_out = self.scoped(Self::way_out);
        format!("if {cond} {{ {way_out} }}")
    }
}
