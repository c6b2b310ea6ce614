//! Checks the core IR: run after the build and, in tests, after every pass.
//!
//! In this order, since each relies on those before:
//!
//! 1. *structure*: numbers are in range, blocks end, block 0 is entered by nothing and has no parameters;
//! 2. *definitions*: each value is defined once, and where it is used its definition dominates;
//! 3. *rows*: arguments, results and immediates fit the instruction (`rows`);
//! 4. *edges*: arguments fit the parameters; the counted loop is as [`ir::Term::Loop`](crate::ir::Term) says;
//! 5. *variants*: a field is read where its variant is known (`known`);
//! 6. *function values*: a closure's function and its layout name each other, and nothing else calls it;
//! 7. [`Stage::Built`]: no row of the ownership section; [`Stage::Counted`]: each owned reference is given away exactly once
//!    on every path (`owned`).

mod known;
mod owned;
mod rows;

use codex_spec::instruction::{FuncId, LayoutId, Opcode};
use codex_spec::layout::{LayoutDef, RegType, TypeDef, builtin_layout};
use codex_spec::module::{ContainerDef, Lifecycle};

use crate::analysis::Dominators;
use crate::ir::{BlockId, Func, Program, Target, Term, Value};

/// How far the program has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// As built: every value may be used any number of times.
    Built,
    /// After the ownership pass.
    Counted,
}

/// Finds everything that is wrong; at most one thing for each function.
pub fn check(program: &Program, stage: Stage) -> Result<(), Vec<String>> {
    let mut wrong = check_program(program);
    if wrong.is_empty() {
        for (i, func) in program.functions.iter().enumerate() {
            if let Err((block, what)) = check_function(program, FuncId(i as u32), func, stage) {
                wrong.push(format!("function {i} `{}`, {block}: {what}", func.name));
            }
        }
    }
    if wrong.is_empty() { Ok(()) } else { Err(wrong) }
}

/// What is wrong, and in which block.
type Found = Result<(), (String, String)>;

fn check_program(program: &Program) -> Vec<String> {
    let mut wrong = Vec::new();
    if program.types.get(..2) != Some(&[TypeDef::Text, TypeDef::Bytes]) {
        wrong.push("types 0 and 1 are not `Text` and `Bytes`".into());
    }
    if program.types.len() != program.type_names.len() || program.layouts.len() != program.layout_names.len() {
        wrong.push("a type or layout without a name".into());
    }
    for (i, def) in program.layouts.iter().enumerate() {
        let id = LayoutId(builtin_layout::FIRST + i as u32);
        if !layout_fits(program, id, def) {
            wrong.push(format!("layout {} does not fit its type: {def:?}", id.0));
        }
    }
    for (n, container) in program.containers.iter().enumerate() {
        if !container_fits(program, container) {
            wrong.push(format!("a function of container {n} does not fit its state"));
        }
    }
    for id in program.entry.iter().chain(program.tests.iter().map(|(_, id)| id)) {
        if program.functions.get(id.index()).is_none_or(|f| !f.params.is_empty()) {
            wrong.push(format!("function {} cannot be an entry", id.0));
        }
    }
    wrong
}

/// Whether a container's functions take and give its state.
fn container_fits(program: &Program, container: &ContainerDef) -> bool {
    let gives = |id: FuncId| program.functions.get(id.index()).filter(|f| f.result == container.state);
    let takes = |id: FuncId, more: Option<&[RegType]>| {
        gives(id).is_some_and(|f| {
            let params: Vec<RegType> = f.params.iter().map(|&p| f.typ(p)).collect();
            params.first() == Some(&container.state) && more.is_none_or(|more| &params[1..] == more)
        })
    };
    gives(container.init).is_some()
        && container.handlers.iter().all(|h| takes(h.function, None))
        && Lifecycle::ALL
            .iter()
            .zip(&container.lifecycle)
            .all(|(event, id)| id.is_none_or(|id| takes(id, Some(event.params()))))
}

/// Whether a layout and its type name each other.
fn layout_fits(program: &Program, id: LayoutId, def: &LayoutDef) -> bool {
    match def {
        LayoutDef::Record { typ, tag, .. } => match program.types.get(typ.index()) {
            Some(TypeDef::Data(layouts)) => layouts.get(usize::from(*tag)) == Some(&Some(id)),
            _ => false,
        },
        LayoutDef::List(typ) => {
            matches!(program.types.get(typ.index()), Some(TypeDef::List { layout, .. }) if *layout == id)
        }
        LayoutDef::Closure { typ, function, .. } => {
            let owner = program.functions.get(function.index()).and_then(|f| f.closure);
            matches!(program.types.get(typ.index()), Some(TypeDef::Function { .. })) && owner == Some(id)
        }
    }
}

/// The layout of the program's own with this number.
pub(crate) fn layout(program: &Program, id: u32) -> Result<&LayoutDef, String> {
    let own = id.checked_sub(builtin_layout::FIRST).and_then(|i| program.layouts.get(i as usize));
    own.ok_or_else(|| format!("there is no layout {id}"))
}

fn check_function(program: &Program, id: FuncId, func: &Func, stage: Stage) -> Found {
    let whole = |what: String| ("as a whole".to_string(), what);
    structure(program, func).map_err(whole)?;
    let doms = Dominators::new(func);
    definitions(func, &doms)?;
    for (i, block) in func.blocks.iter().enumerate() {
        let here = |what: String| (format!("b{i}"), what);
        for inst in &block.insts {
            rows::inst(program, id, func, inst).map_err(|what| here(format!("`{}`: {what}", inst.op.name())))?;
            if stage == Stage::Built && rows::is_ownership(inst.op) {
                return Err(here(format!("`{}` before the ownership pass", inst.op.name())));
            }
        }
        rows::term(program, func, &block.term).map_err(here)?;
        edges(func, &doms, &block.term).map_err(here)?;
    }
    known::check(program, func, &doms)?;
    closure(program, id, func, stage).map_err(whole)?;
    match stage {
        Stage::Built if func.borrowed.contains(&true) => {
            Err(whole("a lent parameter before the ownership pass".into()))
        }
        Stage::Built => Ok(()),
        Stage::Counted => owned::check(program, func, &doms),
    }
}

fn structure(program: &Program, func: &Func) -> Result<(), String> {
    let (values, blocks) = (func.values.len(), func.blocks.len());
    let Some(first) = func.blocks.first() else { return Err("there are no blocks".into()) };
    if !first.params.is_empty() {
        return Err("block 0 has parameters".into());
    }
    if func.borrowed.len() != func.params.len() {
        return Err("`borrowed` does not fit the parameters".into());
    }
    for typ in func.values.iter().chain([&func.result]) {
        if let RegType::Ref(t) = typ
            && t.index() >= program.types.len()
        {
            return Err(format!("there is no type {}", t.0));
        }
    }
    let named = |v: &Value| v.index() < values;
    for block in &func.blocks {
        let insts = block.insts.iter().all(|i| i.args.iter().chain(&i.results).all(named));
        let targets = block.term.targets();
        if !insts || !block.params.iter().all(named) || !block.term.operands().iter().all(named) {
            return Err("a value that does not exist".into());
        }
        if targets.iter().any(|t| t.block.index() >= blocks || t.block.index() == 0 || !t.args.iter().all(named)) {
            return Err("an edge to block 0, to no block, or with no value".into());
        }
        if matches!(block.term, Term::None) {
            return Err("a block without an end".into());
        }
    }
    if func.params.iter().all(named) { Ok(()) } else { Err("a parameter that does not exist".into()) }
}

/// Where each value is defined: block and place in it (0 is before the first instruction).
fn places(func: &Func) -> Result<Vec<Option<(BlockId, usize)>>, String> {
    let mut places = vec![None; func.values.len()];
    let mut set =
        |value: Value, block: usize, at: usize| match places[value.index()].replace((BlockId(block as u32), at)) {
            Some(_) => Err(format!("v{} is defined twice", value.0)),
            None => Ok(()),
        };
    for &param in &func.params {
        set(param, 0, 0)?;
    }
    for (i, block) in func.blocks.iter().enumerate() {
        for &param in &block.params {
            set(param, i, 0)?;
        }
        for (at, inst) in block.insts.iter().enumerate() {
            for &result in &inst.results {
                set(result, i, at + 1)?;
            }
        }
    }
    Ok(places)
}

fn definitions(func: &Func, doms: &Dominators) -> Found {
    let places = places(func).map_err(|what| ("as a whole".into(), what))?;
    for &block in &doms.order {
        let data = &func.blocks[block.index()];
        let visible = |value: Value, at: usize| match places[value.index()] {
            Some((home, place)) if home == block => place <= at,
            Some((home, _)) => doms.dominates(home, block),
            None => false,
        };
        let report = |value: Value| (format!("b{}", block.0), format!("v{} is used where it is not defined", value.0));
        for (at, inst) in data.insts.iter().enumerate() {
            if let Some(&value) = inst.args.iter().find(|&&v| !visible(v, at)) {
                return Err(report(value));
            }
        }
        let end = data.insts.len();
        let args = data.term.targets().into_iter().flat_map(|t| t.args.clone());
        if let Some(value) = data.term.operands().into_iter().chain(args).find(|&v| !visible(v, end)) {
            return Err(report(value));
        }
    }
    Ok(())
}

// ── Edges ────────────────────────────────────────────────────────────────────

fn edge(func: &Func, target: &Target, skipped: usize) -> Result<(), String> {
    let params = &func.blocks[target.block.index()].params;
    if params.len() != target.args.len() + skipped {
        return Err(format!(
            "b{} takes {} arguments, {} given",
            target.block.0,
            params.len(),
            target.args.len() + skipped
        ));
    }
    let unequal = params[skipped..].iter().zip(&target.args).find(|(p, a)| func.typ(**p) != func.typ(**a));
    match unequal {
        Some((param, arg)) => Err(format!("v{} does not have the type of b{}'s v{}", arg.0, target.block.0, param.0)),
        None => Ok(()),
    }
}

fn edges(func: &Func, doms: &Dominators, term: &Term) -> Result<(), String> {
    let Term::Loop { counter, body, done, .. } = term else {
        return term.targets().into_iter().try_for_each(|t| edge(func, t, 0));
    };
    edge(func, body, 1)?;
    edge(func, done, 0)?;
    if func.blocks[body.block.index()].params.first() != Some(counter) {
        return Err(format!("the counter v{} is not the first parameter of b{}", counter.0, body.block.0));
    }
    if body.args.contains(counter) || done.args.contains(counter) {
        return Err(format!("the counter v{} is passed on after its last turn", counter.0));
    }
    for (i, block) in func.blocks.iter().enumerate() {
        let beyond = done.block != body.block
            && doms.dominates(done.block, BlockId(i as u32))
            && !doms.dominates(done.block, body.block);
        let uses = |v: &Value| v == counter;
        if beyond && (block.insts.iter().any(|i| i.args.iter().any(uses)) || block.term.operands().iter().any(uses)) {
            return Err(format!("the counter v{} is used in b{i}, after its last turn", counter.0));
        }
    }
    Ok(())
}

// ── Function values ──────────────────────────────────────────────────────────

fn closure(program: &Program, id: FuncId, func: &Func, stage: Stage) -> Result<(), String> {
    let Some(own) = func.closure else { return Ok(()) };
    let LayoutDef::Closure { typ, function, .. } = layout(program, own.0)? else {
        return Err("its layout is no function value's".into());
    };
    let Some(TypeDef::Function { params, result }) = program.types.get(typ.index()) else {
        return Err("its layout's type is no function type".into());
    };
    let types: Vec<RegType> = func.params.iter().map(|&p| func.typ(p)).collect();
    let wanted: Vec<RegType> = [RegType::Ref(*typ)].into_iter().chain(params.iter().copied()).collect();
    if *function != id || types != wanted || func.result != *result {
        return Err("it does not fit its layout".into());
    }
    let opens =
        func.blocks[0].insts.first().is_some_and(|i| i.op == Opcode::UnpackClosure && i.args[..] == func.params[..1]);
    match opens || stage == Stage::Counted {
        true => Ok(()),
        false => Err("it does not begin with `unpack_closure`".into()),
    }
}
