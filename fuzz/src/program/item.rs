//! Items: types, constants, functions, `main`.

use super::types::{BOX, HOLDER, TREE, Ty, Ty::*, function, list, option};
use super::{Function, Generator, Place};
use crate::Random;

/// The text of a program.
pub(super) fn program(random: Random) -> String {
    let mut g = Generator::new(random);
    let mut text = g.decls.source();
    text += "type Name = Text\n/// An alias with a parameter.\ntype Rows[a] = List[List[a]]\n";
    g.functions = library();
    for i in 0..1 + g.random.below(3) {
        text += &g.constant(i);
    }
    for _ in 0..2 + g.random.below(4) {
        text += &match g.random.below(7) {
            0..=2 => g.plain(),
            3 => g.counting_down(),
            4 => g.tail_recursive(),
            5 => g.mutual(),
            _ => g.over_tree(),
        };
    }
    text += &g.main();
    text += LIBRARY;
    for (i, t) in g.pins.iter().enumerate() {
        let shown = g.decls.show(t);
        text += &format!("fn pin{i}(x: {shown}) → {shown} = x\n");
    }
    text
}

/// Generic functions that every program has; each is made for the types at which it is used.
const LIBRARY: &str = "
fn swap(pair) = match pair { (a, b) → (b, a) }
fn twice(f: fn(a) → a, x: a) → a = f(f(x))
fn compose(f: fn(b) → c, g: fn(a) → b) → fn(a) → c = λ x → f(g(x))
fn boxed(item: a, more: Rows[a]) → Box[a] = Box(item:, many: list.concat(more))
fn first_or(xs: List[a], other: a) → a {
  match xs {
    [] → other
    [x, ..] → x
  }
}
fn either(e: Either[a, b], f: fn(a) → c, g: fn(b) → c) → c {
  match e {
    One(x) → f(x)
    Other(y) → g(y)
  }
}
fn shown(name: Name, value: a) → Text = \"{name}: {value}\"
";

/// What of [`LIBRARY`] can be called at one type each.
fn library() -> Vec<Function> {
    let of =
        |name: &str, params, result, cost| Function { name: name.to_owned(), params, result, cost, counts_down: false };
    let int_to_int = || function(vec![Int], Int);
    vec![
        of("twice", vec![int_to_int(), Int], Int, 16),
        of("twice", vec![function(vec![Text], Text), Text], Text, 16),
        of("boxed", vec![Float, list(list(Float))], Data(BOX, vec![Float]), 6),
        of("first_or", vec![list(Text), Text], Text, 1),
        of("first_or", vec![list(option(Int)), option(Int)], option(Int), 1),
        of("shown", vec![Text, list(Int)], Text, 20),
        of("compose", vec![function(vec![Int], Text), int_to_int()], function(vec![Int], Text), 1),
    ]
}

impl Generator {
    fn constant(&mut self, number: usize) -> String {
        let t = self.decls.random_type(&mut self.random, 1);
        let risky = std::mem::replace(&mut self.risky, self.random.one_in(12));
        let value = self.expr(&t, 2);
        self.risky = risky;
        let name = format!("constant{number}");
        self.declare(&name, &t);
        format!("let {name}: {} = {value}\n", self.decls.show(&t))
    }

    /// Starts a function: `params` are declared while `body` writes what follows the result type.
    fn function(
        &mut self,
        params: Vec<(String, Ty)>,
        result: &Ty,
        counts_down: bool,
        body: impl FnOnce(&mut Self, &str) -> String,
    ) -> String {
        let name = self.name("f");
        (self.cost, self.times) = (1, 1);
        let text = self.scoped(|g| {
            g.place = Place { result: result.clone(), in_loop: false, in_lambda: false };
            params.iter().for_each(|(name, t)| g.declare(name, t));
            body(g, &name)
        });
        let shown: Vec<String> = params.iter().map(|(n, t)| format!("{n}: {}", self.decls.show(t))).collect();
        let cost = if counts_down { self.cost * 6 } else { self.cost };
        let params = params.into_iter().map(|(_, t)| t).collect();
        let result_shown = self.decls.show(result);
        self.functions.push(Function { name: name.clone(), params, result: result.clone(), cost, counts_down });
        format!("fn {name}({}) → {result_shown} {text}\n", shown.join(", "))
    }

    fn params(&mut self) -> Vec<(String, Ty)> {
        let count = self.random.below(4);
        (0..count)
            .map(|_| {
                let t = match self.random.below(8) {
                    0 => function(vec![Int], Int),
                    1 => Data(HOLDER, vec![]),
                    _ => self.decls.random_type(&mut self.random, 2),
                };
                (self.name("p"), t)
            })
            .collect()
    }

    fn plain(&mut self) -> String {
        let (params, result) = (self.params(), self.result_type());
        if self.random.one_in(3) {
            return self.function(params, &result, false, |g, _| format!("= {}", g.expr(&result, 3)));
        }
        self.function(params, &result, false, |g, _| g.block_value(&result, 3, 5))
    }

    fn result_type(&mut self) -> Ty {
        match self.random.below(5) {
            0 => option(Int),
            1 => Result(Box::new(Int), Box::new(Text)),
            _ => self.decls.random_type(&mut self.random, 2),
        }
    }

    /// Calls itself once, with one less.
    fn counting_down(&mut self) -> String {
        let (t, n) = (self.result_type(), self.name("n"));
        self.function(vec![(n.clone(), Int)], &t, true, |g, name| {
            let (base, rest) = (g.expr(&t, 1), g.name("v"));
            let shown = g.decls.show(&t);
            let start = format!("if {n} ≤ 0 {{ return {base} }}\nlet {rest}: {shown} = {name}({n} - 1)\n");
            g.declare(&rest, &t);
            let statements = g.statements(2, 3);
            format!("{{\n{start}{statements}{}\n}}", g.expr(&t, 2))
        })
    }

    /// Hands what it has so far to itself.
    fn tail_recursive(&mut self) -> String {
        let (t, n, acc) = (self.result_type(), self.name("n"), self.name("p"));
        self.function(vec![(n.clone(), Int), (acc.clone(), t.clone())], &t, true, |g, name| {
            let next = g.expr(&t, 2);
            let next = if matches!(t, Int) { format!("{next} % 1000") } else { next };
            format!("= if {n} ≤ 0 {{ {acc} }} else {{ {name}({n} - 1, {next}) }}")
        })
    }

    /// Two functions that call each other.
    fn mutual(&mut self) -> String {
        let (even, odd) = (self.name("even"), self.name("odd"));
        for name in [&even, &odd] {
            let params = vec![Int];
            self.functions.push(Function { name: name.clone(), params, result: Bool, cost: 6, counts_down: true });
        }
        format!(
            "fn {even}(n) → Bool = n ≤ 0 ∨ {odd}(n - 1)\nfn {odd}(n: Int) → Bool {{\nif n ≤ 0 {{ return false }}\n{even}(n - 1)\n}}\n"
        )
    }

    /// Goes down a tree, which is as small as the expressions that made it.
    fn over_tree(&mut self) -> String {
        let p = self.name("p");
        self.function(vec![(p.clone(), Data(TREE, vec![]))], &Int, false, |g, name| {
            let k = g.random.below(5);
            let arms = if g.random.one_in(2) {
                // The left part goes first, so that each call has a smaller tree.
                format!("Fork(Tip, _, r) → 1 + {name}(r)\nFork(l, x, r) → {name}(l) + {name}(Fork(Tip, x, r))")
            } else {
                format!("Fork(l, _, r) → {name}(l) + {name}(r) % 1000")
            };
            format!("= match {p} {{\nTip → {k}\n{arms}\n}}")
        })
    }

    fn main(&mut self) -> String {
        (self.cost, self.times) = (0, 1);
        let body = self.scoped(|g| {
            g.place = Place { result: Unit, in_loop: false, in_lambda: false };
            let mut text = g.statements(3, 8);
            for function in g.functions.clone() {
                if BUDGET_OF_MAIN < g.cost || !function.result.is_data() {
                    continue;
                }
                g.cost += function.cost;
                let mut args: Vec<String> = function.params.iter().map(|t| g.expr(t, 2)).collect();
                if function.counts_down {
                    args[0] = g.random.below(5).to_string();
                }
                text += &format!("print({}({}))\n", function.name, args.join(", "));
            }
            text += "print(swap((1, \"a\")))\nprint(either(One(2), (λ x → x + 1), λ (y: Int) → y))\n";
            for v in g.scope.clone().iter().filter(|v| v.ty.is_data()) {
                text += &format!("print({})\n", v.name);
            }
            text
        });
        format!("fn main() {{\n{body}}}\n")
    }
}

/// `main` calls every function as long as this lasts.
const BUDGET_OF_MAIN: u64 = 20_000;
