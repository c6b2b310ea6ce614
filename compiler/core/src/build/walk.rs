//! Questions about an expression that need a look at all of it.

use codex_types::typed::{Delivery, Expect, Expr, ExprKind, ListItem, LocalId, PlaceStep, Stmt};

/// Calls `f` with each direct part of an expression, and `assign` with each `var` that it assigns itself.
fn parts<'a>(e: &'a Expr, f: &mut dyn FnMut(&'a Expr), assign: &mut dyn FnMut(LocalId)) {
    match &*e.kind {
        ExprKind::Int(_)
        | ExprKind::Float(_)
        | ExprKind::Bool(_)
        | ExprKind::Text(_)
        | ExprKind::Local(_)
        | ExprKind::Const(_)
        | ExprKind::Function(..)
        | ExprKind::Constructor(..)
        | ExprKind::Break
        | ExprKind::Continue
        | ExprKind::Error => {}
        ExprKind::Join(all) | ExprKind::Tuple(all) | ExprKind::Builtin(_, all) => all.iter().for_each(f),
        ExprKind::Call { args, .. } | ExprKind::Spawn(_, args) => args.iter().for_each(f),
        ExprKind::Deliver { how, link, args, .. } => {
            f(link);
            if let Delivery::TryAsk(Some(within)) = how {
                f(within);
            }
            args.iter().for_each(f);
        }
        ExprKind::Construct { fields, .. } => fields.iter().for_each(f),
        ExprKind::Show(a)
        | ExprKind::Field(a, _)
        | ExprKind::Not(a)
        | ExprKind::Neg(a)
        | ExprKind::Loop(a)
        | ExprKind::Return(a) => f(a),
        ExprKind::Lambda { body, .. } => f(body),
        ExprKind::And(a, b)
        | ExprKind::Or(a, b)
        | ExprKind::Binary(_, a, b)
        | ExprKind::Index(a, b)
        | ExprKind::While(a, b) => {
            [a, b].into_iter().for_each(f);
        }
        ExprKind::If(a, b, c) => [a, b, c].into_iter().for_each(f),
        ExprKind::ForRange { lo, hi, body, .. } => [lo, hi, body].into_iter().for_each(f),
        ExprKind::ForList { list, body, .. } => [list, body].into_iter().for_each(f),
        ExprKind::CallValue(function, args) => std::iter::once(function).chain(args).for_each(f),
        ExprKind::Update { base, fields } => std::iter::once(base).chain(fields.iter().map(|(_, e)| e)).for_each(f),
        ExprKind::List(items) => items
            .iter()
            .map(|i| match i {
                ListItem::Item(e) | ListItem::Spread(e) => e,
            })
            .for_each(f),
        ExprKind::Match(value, arms) => {
            f(value);
            arms.iter().flat_map(|a| a.guard.iter().chain([&a.body])).for_each(f);
        }
        ExprKind::Expect { cond, .. } => match cond {
            Expect::Bool(e) => f(e),
            Expect::Compare(_, a, b) => [a, b].into_iter().for_each(f),
        },
        ExprKind::Block(stmts, value) => {
            stmts.iter().for_each(|s| statement_parts(s, f, assign));
            value.iter().for_each(f);
        }
    }
}

fn statement_parts<'a>(stmt: &'a Stmt, f: &mut dyn FnMut(&'a Expr), assign: &mut dyn FnMut(LocalId)) {
    match stmt {
        Stmt::Let(_, e) | Stmt::Var(_, e) | Stmt::Expr(e) => f(e),
        Stmt::Assign { local, path, value, .. } => {
            assign(*local);
            for step in path {
                match step {
                    PlaceStep::Index(e, _) | PlaceStep::Key(e, _) => f(e),
                    PlaceStep::Field(..) => {}
                }
            }
            f(value);
        }
    }
}

/// Calls `f` with the expression and everything in it until `f` says stop; `assign` with each `var` assigned.
fn visit<'a>(e: &'a Expr, f: &mut dyn FnMut(&'a Expr) -> bool, assign: &mut dyn FnMut(LocalId)) {
    let mut stack = vec![e];
    while let Some(e) = stack.pop() {
        if !f(e) {
            return;
        }
        parts(e, &mut |part| stack.push(part), assign);
    }
}

/// Every `var` assigned in an expression.
pub(crate) fn assigned(e: &Expr) -> Vec<LocalId> {
    let mut all = Vec::new();
    visit(e, &mut |_| true, &mut |local| all.push(local));
    all
}

/// Whether an expression is small and made of operators, fields, indices and calls alone, so that it may be written twice.
pub(crate) fn is_small(e: &Expr) -> bool {
    const LIMIT: usize = 30;
    let (mut size, mut plain) = (0, true);
    let mut look = |e: &Expr| {
        size += 1;
        plain &= size <= LIMIT
            && match &*e.kind {
                ExprKind::Int(_)
                | ExprKind::Float(_)
                | ExprKind::Bool(_)
                | ExprKind::Text(_)
                | ExprKind::Local(_)
                | ExprKind::Const(_)
                | ExprKind::Field(..)
                | ExprKind::Index(..)
                | ExprKind::Not(_)
                | ExprKind::Neg(_)
                | ExprKind::And(..)
                | ExprKind::Or(..)
                | ExprKind::Binary(..)
                | ExprKind::Call { .. }
                | ExprKind::CallValue(..)
                | ExprKind::Builtin(..) => true,
                ExprKind::Tuple(items) => items.is_empty(),
                _ => false,
            };
        plain
    };
    visit(e, &mut look, &mut |_| {});
    plain
}

/// Whether evaluating it can do nothing that anyone sees: no call, no trap, no assignment.
pub(crate) fn is_quiet(e: &Expr) -> bool {
    let mut quiet = true;
    let mut look = |e: &Expr| {
        use ExprKind::*;
        quiet &= matches!(
            &*e.kind,
            Int(_) | Float(_) | Bool(_) | Text(_) | Local(_) | Field(..) | Tuple(_) | Construct { .. } | List(_)
        );
        quiet
    };
    visit(e, &mut look, &mut |_| {});
    quiet
}
