//! A second look at the typed program: what `typed.rs` promises, checked node by node.

use codex_types::typed::*;

/// What is wrong with a program that had no errors; empty if nothing.
pub fn verify(p: &Program) -> Vec<String> {
    let mut out = Vec::new();
    for (i, f) in p.functions.iter().enumerate() {
        let mut v = Verify { p, f, out: Vec::new() };
        v.function();
        out.extend(v.out.into_iter().map(|e| format!("{} (function {i}): {e}", f.name)));
    }
    out
}

struct Verify<'p> {
    p: &'p Program,
    f: &'p Function,
    out: Vec<String>,
}

/// A type as text, with parameters replaced.
fn show(types: &Types, ty: Ty, args: Option<&[String]>) -> String {
    let list = |items: &[Ty]| items.iter().map(|t| show(types, *t, args)).collect::<Vec<_>>().join(",");
    match &types[ty] {
        Type::Param(i) => match args {
            Some(args) => args.get(*i as usize).cloned().unwrap_or_else(|| "BAD".into()),
            None => format!("'{i}"),
        },
        Type::Tuple(items) => format!("({})", list(items)),
        Type::List(t) => format!("List[{}]", show(types, *t, args)),
        Type::Reply(t) => format!("Reply[{}]", show(types, *t, args)),
        Type::Fn(a, r) => format!("fn({})->{}", list(a), show(types, *r, args)),
        Type::Data(d, items) => format!("{}[{}]", d.0, list(items)),
        other => format!("{other:?}"),
    }
}

impl Verify<'_> {
    fn bad(&mut self, what: impl Into<String>) {
        self.out.push(what.into());
    }
    fn ty(&self, ty: Ty) -> String {
        show(&self.f.types, ty, None)
    }
    fn same(&mut self, what: &str, a: String, b: String) {
        if a != b && a != "Never" && b != "Never" {
            self.bad(format!("{what}: {a} is not {b}"));
        }
    }

    fn function(&mut self) {
        if self.f.types.all.contains(&Type::Error) {
            self.bad("has an error type");
        }
        for t in &self.f.types.all {
            if let Type::Param(i) = t
                && *i >= self.f.type_params
            {
                self.bad("a parameter out of range");
            }
        }
        let f = self.f;
        self.expr(&f.body);
        self.same("body", self.ty(f.body.ty), self.ty(f.result));
    }

    fn local(&mut self, id: LocalId) -> String {
        match self.f.locals.get(id.index()) {
            Some(l) => self.ty(l.ty),
            None => {
                self.bad("a local out of range");
                String::new()
            }
        }
    }

    fn exprs(&mut self, items: &[Expr]) {
        items.iter().for_each(|e| self.expr(e));
    }

    fn call(&mut self, id: FnId, type_args: &[Ty]) -> (Vec<String>, String) {
        let callee = &self.p.functions[id.index()];
        if callee.type_params as usize != type_args.len() {
            self.bad(format!("{} has {} type parameters, given {}", callee.name, callee.type_params, type_args.len()));
        }
        let args: Vec<String> = type_args.iter().map(|t| self.ty(*t)).collect();
        let params =
            callee.params.iter().map(|p| show(&callee.types, callee.locals[p.index()].ty, Some(&args))).collect();
        (params, show(&callee.types, callee.result, Some(&args)))
    }

    /// Arguments for the parameters of a function of a container.
    fn arguments(&mut self, function: FnId, args: &[Expr]) {
        self.exprs(args);
        let wanted = self.call(function, &[]).0;
        let found: Vec<String> = args.iter().map(|a| self.ty(a.ty)).collect();
        self.same("arguments", found.join(";"), wanted.join(";"));
    }

    fn field(&mut self, ty: Ty, variant: u32, field: u32) -> String {
        let Type::Data(id, args) = &self.f.types[ty] else {
            self.bad("a field of no data type");
            return String::new();
        };
        let data = &self.p.data[id.index()];
        let args: Vec<String> = args.iter().map(|t| self.ty(*t)).collect();
        match data.variants.get(variant as usize).and_then(|v| v.fields.get(field as usize)) {
            Some((_, t)) => show(&data.types, *t, Some(&args)),
            None => {
                self.bad("no such field");
                String::new()
            }
        }
    }

    fn expr(&mut self, e: &Expr) {
        let ty = self.ty(e.ty);
        match &*e.kind {
            ExprKind::Error => self.bad(format!("an error at {:?}", e.span)),
            ExprKind::Int(_) => self.same("int", ty, "Int".into()),
            ExprKind::Float(_) => self.same("float", ty, "Float".into()),
            ExprKind::Bool(_) => self.same("bool", ty, "Bool".into()),
            ExprKind::Text(_) => self.same("text", ty, "Text".into()),
            ExprKind::Local(id) => {
                let local = self.local(*id);
                self.same("local", ty, local);
            }
            ExprKind::Spawn(id, args) => {
                self.same("spawn", ty, format!("{:?}", Type::Container(*id)));
                match self.p.containers[id.index()].init {
                    Some(init) => self.arguments(init, args),
                    None => self.bad("a container without functions"),
                }
            }
            ExprKind::Deliver { how, link, container, message, args } => {
                self.expr(link);
                self.same("link", self.ty(link.ty), format!("{:?}", Type::Container(*container)));
                let Some((_, handler)) = self.p.containers[container.index()].messages.get(*message as usize) else {
                    return self.bad("no such message");
                };
                self.arguments(*handler, args);
                let f = &self.p.functions[handler.index()];
                let later = f.part.as_ref().and_then(|p| p.reply).map(|r| &f.types[f.locals[r.index()].ty]);
                let reply = match later {
                    Some(Type::Reply(of)) => show(&f.types, *of, None),
                    _ => show(&f.types, f.result, None),
                };
                match how {
                    Delivery::Send => self.same("send", ty, "()".into()),
                    Delivery::Ask => self.same("ask", ty, reply),
                    Delivery::TryAsk(within) => {
                        if let Some(within) = within {
                            self.expr(within);
                            self.same("time", self.ty(within.ty), "Int".into());
                        }
                        let known = self.p.known;
                        let (result, why) = (known.result.expect("Result"), known.unanswered.expect("Unanswered"));
                        self.same("try", ty, format!("{}[{reply},{}[]]", result.0, why.0));
                    }
                }
            }
            ExprKind::Join(items) => self.exprs(items),
            ExprKind::Builtin(_, items) => self.exprs(items),
            ExprKind::Show(a) => self.expr(a),
            ExprKind::Const(id) => {
                let init = &self.p.functions[self.p.consts[id.index()].init.index()];
                let c = show(&init.types, init.result, None);
                self.same("const", ty, c);
            }
            ExprKind::Function(id, args) => {
                let (params, result) = self.call(*id, args);
                let f = format!("fn({})->{result}", params.join(","));
                self.same("function", ty, f);
            }
            ExprKind::Call { function, type_args, args } => {
                self.exprs(args);
                let (params, result) = self.call(*function, type_args);
                if params.len() != args.len() {
                    self.bad("argument count");
                }
                for (p, a) in params.into_iter().zip(args) {
                    let a = self.ty(a.ty);
                    self.same("argument", a, p);
                }
                self.same("result", ty, result);
            }
            ExprKind::CallValue(f, args) => {
                self.expr(f);
                self.exprs(args);
                let args: Vec<String> = args.iter().map(|a| self.ty(a.ty)).collect();
                if !args.contains(&"Never".to_string()) {
                    let f = self.ty(f.ty);
                    self.same("callee", f, format!("fn({})->{ty}", args.join(",")));
                }
            }
            ExprKind::Construct { variant, fields, order } => {
                self.exprs(fields);
                if order.len() != fields.len() {
                    self.bad("order");
                }
                for (i, f) in fields.iter().enumerate() {
                    let want = self.field(e.ty, *variant, i as u32);
                    let f = self.ty(f.ty);
                    self.same("field", f, want);
                }
            }
            ExprKind::Update { base, fields } => {
                self.expr(base);
                for (i, f) in fields {
                    self.expr(f);
                    let want = self.field(e.ty, 0, *i);
                    let f = self.ty(f.ty);
                    self.same("update", f, want);
                }
            }
            ExprKind::Field(base, i) => {
                self.expr(base);
                let want = self.field(base.ty, 0, *i);
                self.same("field access", ty, want);
            }
            ExprKind::Tuple(items) => {
                self.exprs(items);
                let items: Vec<String> = items.iter().map(|t| self.ty(t.ty)).collect();
                if !items.contains(&"Never".to_string()) {
                    self.same("tuple", ty, format!("({})", items.join(",")));
                }
            }
            ExprKind::List(items) => {
                for item in items {
                    match item {
                        ListItem::Item(i) => {
                            self.expr(i);
                            let i = self.ty(i.ty);
                            if i != "Never" {
                                self.same("item", ty.clone(), format!("List[{i}]"));
                            }
                        }
                        ListItem::Spread(i) => {
                            self.expr(i);
                            let i = self.ty(i.ty);
                            self.same("spread", ty.clone(), i);
                        }
                    }
                }
            }
            ExprKind::Index(a, b) => {
                self.expr(a);
                self.expr(b);
                let (a, b) = (self.ty(a.ty), self.ty(b.ty));
                self.same("index", b, "Int".into());
                self.same("indexed", a, format!("List[{ty}]"));
            }
            ExprKind::Lambda { params, captures, body } => {
                self.expr(body);
                for c in captures {
                    if self.f.locals[c.index()].mutable {
                        self.bad("captures a var");
                    }
                }
                let params: Vec<String> = params.iter().map(|p| self.local(*p)).collect();
                let body = self.ty(body.ty);
                if body != "Never" {
                    self.same("lambda", ty, format!("fn({})->{body}", params.join(",")));
                }
            }
            ExprKind::Block(stmts, value) => {
                stmts.iter().for_each(|s| self.stmt(s));
                match value {
                    Some(v) => {
                        self.expr(v);
                        let v = self.ty(v.ty);
                        self.same("block", ty, v);
                    }
                    None => self.same("block", ty, "()".into()),
                }
            }
            ExprKind::If(c, a, b) => {
                self.exprs(&[c.clone(), a.clone(), b.clone()]);
                let (c, a, b) = (self.ty(c.ty), self.ty(a.ty), self.ty(b.ty));
                self.same("condition", c, "Bool".into());
                self.same("then", a, ty.clone());
                self.same("else", b, ty);
            }
            ExprKind::Match(v, arms) => {
                self.expr(v);
                for arm in arms {
                    self.pattern(&arm.pattern);
                    let (p, s) = (self.ty(arm.pattern.ty), self.ty(v.ty));
                    self.same("pattern", p, s);
                    if let Some(g) = &arm.guard {
                        self.expr(g);
                        let g = self.ty(g.ty);
                        self.same("guard", g, "Bool".into());
                    }
                    self.expr(&arm.body);
                    let b = self.ty(arm.body.ty);
                    self.same("arm", b, ty.clone());
                }
            }
            ExprKind::And(a, b) | ExprKind::Or(a, b) => {
                self.expr(a);
                self.expr(b);
                for x in [a, b] {
                    let x = self.ty(x.ty);
                    self.same("logic", x, "Bool".into());
                }
            }
            ExprKind::Not(a) | ExprKind::Neg(a) => {
                self.expr(a);
                let a = self.ty(a.ty);
                self.same("unary", a, ty);
            }
            ExprKind::Binary(op, a, b) => {
                self.expr(a);
                self.expr(b);
                let (x, y) = (self.ty(a.ty), self.ty(b.ty));
                if *op == BinaryOp::Pow {
                    self.same("power", x.clone(), "Float".into());
                }
                self.same("operands", x, y);
            }
            ExprKind::Loop(b) => self.expr(b),
            ExprKind::While(c, b) => {
                self.expr(c);
                self.expr(b);
            }
            ExprKind::ForRange { local, lo, hi, body, .. } => {
                self.exprs(&[lo.clone(), hi.clone(), body.clone()]);
                let l = self.local(*local);
                self.same("counter", l, "Int".into());
            }
            ExprKind::ForList { pattern, list, body } => {
                self.pattern(pattern);
                self.expr(list);
                self.expr(body);
                let (p, l) = (self.ty(pattern.ty), self.ty(list.ty));
                self.same("walk", l, format!("List[{p}]"));
            }
            ExprKind::Return(v) => self.expr(v),
            ExprKind::Expect { cond, .. } => match cond {
                Expect::Bool(e) => self.expr(e),
                Expect::Compare(_, a, b) => {
                    self.expr(a);
                    self.expr(b);
                }
            },
            ExprKind::Constructor(..) | ExprKind::Break | ExprKind::Continue => {}
        }
    }

    fn stmt(&mut self, s: &Stmt) {
        match s {
            Stmt::Let(p, v) => {
                self.pattern(p);
                self.expr(v);
                let (p, v) = (self.ty(p.ty), self.ty(v.ty));
                self.same("let", p, v);
            }
            Stmt::Var(l, v) => {
                self.expr(v);
                let (l, v) = (self.local(*l), self.ty(v.ty));
                self.same("var", l, v);
            }
            Stmt::Assign { local, path, value, .. } => {
                if !self.f.locals[local.index()].mutable {
                    self.bad("changes a let");
                }
                let mut at = self.local(*local);
                for step in path {
                    match step {
                        PlaceStep::Field(i, t) => {
                            let t_text = self.ty(*t);
                            self.same("place", at, t_text);
                            at = self.field(*t, 0, *i);
                        }
                        PlaceStep::Index(e, t) => {
                            self.expr(e);
                            let t_text = self.ty(*t);
                            self.same("place", at, t_text);
                            at = match &self.f.types[*t] {
                                Type::List(i) => self.ty(*i),
                                _ => "not a list".into(),
                            };
                        }
                        PlaceStep::Key(e, t) => {
                            self.expr(e);
                            at = match &self.f.types[*t] {
                                Type::Data(_, a) if a.len() == 2 => self.ty(a[1]),
                                _ => "not a map".into(),
                            };
                        }
                    }
                }
                self.expr(value);
                let v = self.ty(value.ty);
                self.same("assign", at, v);
            }
            Stmt::Expr(e) => self.expr(e),
        }
    }

    fn pattern(&mut self, p: &Pattern) {
        match &p.kind {
            PatternKind::Bind(l) => {
                let (l, t) = (self.local(*l), self.ty(p.ty));
                self.same("bind", l, t);
            }
            PatternKind::As(l, inner) => {
                let (l, t) = (self.local(*l), self.ty(p.ty));
                self.same("bind", l, t);
                self.pattern(inner);
            }
            PatternKind::Variant(v, items) => {
                for (i, item) in items.iter().enumerate() {
                    let want = self.field(p.ty, *v, i as u32);
                    let t = self.ty(item.ty);
                    self.same("part", t, want);
                    self.pattern(item);
                }
            }
            PatternKind::Tuple(items) => {
                items.iter().for_each(|i| self.pattern(i));
                let items: Vec<String> = items.iter().map(|t| self.ty(t.ty)).collect();
                let t = self.ty(p.ty);
                self.same("tuple pattern", t, format!("({})", items.join(",")));
            }
            PatternKind::Or(items) => items.iter().for_each(|i| self.pattern(i)),
            PatternKind::List { before, after, .. } => before.iter().chain(after).for_each(|i| self.pattern(i)),
            _ => {}
        }
    }
}
