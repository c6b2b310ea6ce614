//! Runs the core IR before the ownership pass, slowly and plainly: what a program means, to compare the machine with.
//!
//! Every value may be used any number of times, and an edit gives a changed copy; a value at its last use is moved, so
//! that loops which change a large list do not copy it in each turn. What scalar and text instructions
//! compute is `codex_spec::semantics`. Calls are frames of the evaluator's own: nothing here recurses with
//! the program or its data.
//!
//! There is one container here: what spawns others or sends ends as [`End::Unsupported`].
//!
//! Keeps true: it never panics; a program that is not well formed ends as [`End::Broken`].

mod lists;
mod scalars;
mod value;

use std::rc::Rc;

use codex_diagnostics::Span;
use codex_spec::instruction::{FuncId, LayoutId, Opcode, Role};
use codex_spec::layout::{LayoutDef, builtin_layout};
use codex_spec::trap::Trap;

use crate::analysis::{live_in, live_out};
use crate::ir::{BlockId, Func, Imm, Inst, Program, Target, Term, Value};
use value::Val;

/// Given the number and argument of a request: the status and the reply.
pub type Answer<'w> = dyn FnMut(u32, &[u8]) -> (i64, Vec<u8>) + 'w;

/// What a program can see of the outside, and how long it may run.
pub struct World<'w> {
    /// Answers a request.
    pub request: Box<Answer<'w>>,
    /// Gives ambient random bits.
    pub ambient: Box<dyn FnMut() -> i64 + 'w>,
    /// The key for hashes.
    pub hash_seed: i64,
    /// The clock.
    pub clock: i64,
    /// How many instructions may run.
    pub max_steps: u64,
    /// How many calls may be nested.
    pub max_depth: usize,
}

impl Default for World<'_> {
    fn default() -> Self {
        World {
            request: Box::new(|_, _| (codex_spec::port::STATUS_NOT_FOUND, Vec::new())),
            ambient: Box::new(|| 0),
            hash_seed: 0,
            clock: 0,
            max_steps: 100_000_000,
            max_depth: 1_000_000,
        }
    }
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// The function returned.
    Returned,
    /// `exit(code)`
    Exit(i64),
    /// It failed, with the message of a panic.
    Trap(Trap, String),
    /// It ran longer than it may.
    OutOfSteps,
    /// It came to an instruction on containers, which are the machine's.
    Unsupported(&'static str),
    /// The IR is not well formed.
    Broken(String),
}

/// What a run did.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// What was sent to the console: stream and text.
    pub outputs: Vec<(i64, String)>,
    /// How it ended.
    pub end: End,
    /// Where in the source it ended: the place of the instruction that ran last.
    pub place: Span,
    /// How many instructions ran.
    pub steps: u64,
}

impl Outcome {
    /// Everything sent to standard output.
    pub fn stdout(&self) -> String {
        self.outputs
            .iter()
            .filter(|(stream, _)| *stream == codex_spec::port::Stream::Out as i64)
            .map(|(_, t)| t.as_str())
            .collect()
    }
}

/// Why a run stops.
#[derive(Debug)]
pub(crate) enum Stop {
    Trap(Trap),
    Panic(String),
    Exit(i64),
    Steps,
    Unsupported(&'static str),
    Broken(String),
}

impl From<Trap> for Stop {
    fn from(trap: Trap) -> Self {
        Stop::Trap(trap)
    }
}

/// Runs a function without parameters.
pub fn evaluate(program: &Program, entry: FuncId, world: World<'_>) -> Outcome {
    let mut machine = Machine {
        program,
        world,
        globals: vec![Val::Nothing; program.globals.len()],
        last_uses: vec![None; program.functions.len()],
        frames: Vec::new(),
        outputs: Vec::new(),
        place: Span::default(),
        steps: 0,
    };
    let end = match machine.run(entry) {
        Ok(()) => End::Returned,
        Err(Stop::Exit(code)) => End::Exit(code),
        Err(Stop::Trap(trap)) => End::Trap(trap, trap.message().to_string()),
        Err(Stop::Panic(message)) => End::Trap(Trap::Panic, message),
        Err(Stop::Steps) => End::OutOfSteps,
        Err(Stop::Unsupported(what)) => End::Unsupported(what),
        Err(Stop::Broken(what)) => End::Broken(machine.whereabouts(&what)),
    };
    Outcome { outputs: machine.outputs, end, place: machine.place, steps: machine.steps }
}

pub(crate) struct Machine<'p, 'w> {
    program: &'p Program,
    world: World<'w>,
    globals: Vec<Val>,
    last_uses: Vec<Option<Rc<LastUses>>>,
    frames: Vec<Frame<'p>>,
    outputs: Vec<(i64, String)>,
    place: Span,
    steps: u64,
}

/// A call that has not ended.
struct Frame<'p> {
    func: &'p Func,
    uses: Rc<LastUses>,
    values: Vec<Val>,
    block: usize,
    at: usize,
}

/// Which arguments are last uses of their values, by place, for each block: of its instructions, of its edges.
struct LastUses {
    insts: Vec<Vec<Vec<bool>>>,
    edges: Vec<Vec<Vec<bool>>>,
}

impl LastUses {
    fn of(func: &Func) -> Self {
        let live = live_in(func);
        let mut uses = LastUses { insts: Vec::new(), edges: Vec::new() };
        for (i, block) in func.blocks.iter().enumerate() {
            let mut after = live_out(func, &live, BlockId(i as u32));
            let mut insts = Vec::with_capacity(block.insts.len());
            for inst in block.insts.iter().rev() {
                insts.push(last(&inst.args, |v| after.contains(v)));
                inst.args.iter().for_each(|&a| {
                    after.insert(a);
                });
            }
            insts.reverse();
            uses.insts.push(insts);
            let edge = |target: &Target| last(&target.args, |v| live[target.block.index()].contains(v));
            uses.edges.push(block.term.targets().into_iter().map(edge).collect());
        }
        uses
    }
}

/// For each value: it is not needed later, and does not stand further on in the same list.
fn last(args: &[Value], needed: impl Fn(Value) -> bool) -> Vec<bool> {
    args.iter().enumerate().map(|(i, &v)| !needed(v) && !args[i + 1..].contains(&v)).collect()
}

impl<'p> Frame<'p> {
    fn get(&self, value: Value) -> &Val {
        &self.values[value.index()]
    }
    fn take(&mut self, value: Value, last: bool) -> Val {
        if last { std::mem::take(&mut self.values[value.index()]) } else { self.values[value.index()].clone() }
    }
}

impl<'p> Machine<'p, '_> {
    fn run(&mut self, entry: FuncId) -> Result<(), Stop> {
        self.enter(entry, Vec::new())?;
        while !self.frames.is_empty() {
            self.steps += 1;
            if self.steps > self.world.max_steps {
                return Err(Stop::Steps);
            }
            let Some(frame) = self.frames.last() else { break };
            let func = frame.func;
            let block = &func.blocks[frame.block];
            let inst = block.insts.get(frame.at);
            self.place = inst.map_or(block.term_span, |i| i.span);
            match inst {
                Some(inst) => self.inst(inst)?,
                None => self.term(&block.term)?,
            }
        }
        Ok(())
    }

    /// Where a broken program was.
    fn whereabouts(&self, what: &str) -> String {
        match self.frames.last() {
            Some(f) => format!("{what}, in `{}`, block {}, instruction {}", f.func.name, f.block, f.at),
            None => what.to_string(),
        }
    }

    fn enter(&mut self, id: FuncId, args: Vec<Val>) -> Result<(), Stop> {
        let Some(func) = self.program.functions.get(id.index()) else {
            return Err(Stop::Broken("no such function".into()));
        };
        if self.frames.len() >= self.world.max_depth {
            return Err(Stop::Trap(Trap::StackOverflow));
        }
        if func.params.len() != args.len() || func.blocks.is_empty() {
            return Err(Stop::Broken(format!(
                "`{}` takes {} arguments, {} given",
                func.name,
                func.params.len(),
                args.len()
            )));
        }
        let uses = self.last_uses[id.index()].get_or_insert_with(|| Rc::new(LastUses::of(func))).clone();
        let mut values = vec![Val::Nothing; func.values.len()];
        for (&param, arg) in func.params.iter().zip(args) {
            values[param.index()] = arg;
        }
        self.frames.push(Frame { func, uses, values, block: 0, at: 0 });
        Ok(())
    }

    fn frame(&mut self) -> Result<&mut Frame<'p>, Stop> {
        self.frames.last_mut().ok_or_else(|| Stop::Broken("no frame".into()))
    }

    fn inst(&mut self, inst: &'p Inst) -> Result<(), Stop> {
        let frame = self.frame()?;
        let uses = frame.uses.clone();
        let last = &uses.insts[frame.block][frame.at];
        let args: Vec<Val> = inst.args.iter().zip(last).map(|(&a, &last)| frame.take(a, last)).collect();
        frame.at += 1;
        if args.len() < operand_count(inst.op) {
            return Err(Stop::Broken(format!("`{}` with {} arguments", inst.op.name(), args.len())));
        }
        match inst.op {
            Opcode::Call => {
                self.leave_for_last_call(inst);
                self.enter(FuncId(inst.index(0)), args)
            }
            Opcode::CallValue => {
                self.leave_for_last_call(inst);
                self.call_value(args)
            }
            _ => {
                let results = self.results(inst, args)?;
                if results.len() != inst.results.len() {
                    return Err(Stop::Broken(format!("`{}` gives {} results", inst.op.name(), results.len())));
                }
                let frame = self.frame()?;
                for (&to, value) in inst.results.iter().zip(results) {
                    frame.values[to.index()] = value;
                }
                Ok(())
            }
        }
    }

    /// Gives up the frame of a call whose result is returned at once: a loop of such calls takes no stack.
    fn leave_for_last_call(&mut self, inst: &Inst) {
        let Some(frame) = self.frames.last() else { return };
        let block = &frame.func.blocks[frame.block];
        let returned = matches!(&block.term, Term::Return(value) if inst.results.first() == Some(value));
        if returned && frame.at == block.insts.len() {
            self.frames.pop();
        }
    }

    fn call_value(&mut self, args: Vec<Val>) -> Result<(), Stop> {
        let Some(Val::Node(function)) = args.first() else {
            return Err(Stop::Broken("a function value expected".into()));
        };
        match self.layout(function.layout) {
            Some(&LayoutDef::Closure { function, .. }) => self.enter(function, args),
            _ => Err(Stop::Broken("a function value expected".into())),
        }
    }

    fn layout(&self, id: u32) -> Option<&'p LayoutDef> {
        self.program.layouts.get(LayoutId(id).0.checked_sub(builtin_layout::FIRST)? as usize)
    }

    /// What an instruction other than a call gives.
    fn results(&mut self, inst: &Inst, mut args: Vec<Val>) -> Result<Vec<Val>, Stop> {
        if let Some(value) = scalars::scalar(inst, &args)? {
            return Ok(vec![value]);
        }
        match inst.op {
            Opcode::New => {
                let tag = match self.layout(inst.index(0)) {
                    Some(LayoutDef::Record { tag, .. }) => u32::from(*tag),
                    _ => return Err(Stop::Broken("`new` without a layout".into())),
                };
                Ok(vec![Val::cell(inst.index(0), tag, args)])
            }
            Opcode::NewTag => Ok(vec![Val::Tag(inst.index(1))]),
            Opcode::Closure => Ok(vec![Val::cell(inst.index(0), 0, args)]),
            Opcode::UnpackClosure => Ok(args[0].node()?.items.clone()),
            Opcode::Literal => match self.program.constants.get(inst.index(1) as usize) {
                Some(bytes) => Ok(vec![Val::raw(bytes.to_vec())]),
                None => Err(Stop::Broken("no such literal".into())),
            },
            Opcode::Output => {
                self.outputs.push((args[0].int()?, args[1].text()?.to_string()));
                Ok(Vec::new())
            }
            Opcode::Request => {
                let (status, reply) = (self.world.request)(inst.index(0), args[0].bytes()?);
                Ok(vec![Val::Int(status), Val::raw(reply)])
            }
            Opcode::Ambient => Ok(vec![Val::Int((self.world.ambient)())]),
            Opcode::Clock => Ok(vec![Val::Int(self.world.clock)]),
            Opcode::HashSeed => Ok(vec![Val::Int(self.world.hash_seed)]),
            Opcode::GlobalReady | Opcode::GlobalGet | Opcode::GlobalSet => self.global(inst, args.pop()),
            Opcode::Spawn
            | Opcode::Send
            | Opcode::Ask
            | Opcode::TryAsk
            | Opcode::Reply
            | Opcode::Asker
            | Opcode::SelfLink
            | Opcode::Sleep
            | Opcode::Stop
            | Opcode::Restart
            | Opcode::Restore => Err(Stop::Unsupported(inst.op.name())),
            _ => lists::results(inst, args),
        }
    }

    fn global(&mut self, inst: &Inst, value: Option<Val>) -> Result<Vec<Val>, Stop> {
        let Some(slot) = self.globals.get_mut(inst.index(0) as usize) else {
            return Err(Stop::Broken("no such slot".into()));
        };
        match (inst.op, value) {
            (Opcode::GlobalReady, _) => Ok(vec![Val::Int((!matches!(slot, Val::Nothing)).into())]),
            (Opcode::GlobalSet, Some(value)) => {
                *slot = value;
                Ok(Vec::new())
            }
            _ => Ok(vec![slot.clone()]),
        }
    }

    fn term(&mut self, term: &'p Term) -> Result<(), Stop> {
        let frame = self.frame()?;
        match term {
            Term::Jump(to) => self.go(0, to),
            Term::Branch { op, args, imm, yes, no } => {
                let args: Vec<Val> = args.iter().map(|&a| frame.get(a).clone()).collect();
                if args.len() < operand_count(*op) {
                    return Err(Stop::Broken(format!("`{}` with {} arguments", op.name(), args.len())));
                }
                match scalars::condition(*op, &args, imm.unwrap_or(0))? {
                    true => self.go(0, yes),
                    false => self.go(1, no),
                }
            }
            Term::Loop { counter, limit, body, done } => {
                let (next, again) =
                    codex_spec::semantics::loop_step(frame.get(*counter).int()?, frame.get(*limit).int()?)?;
                if !again {
                    return self.go(1, done);
                }
                self.go(0, body)?;
                let frame = self.frame()?;
                if let Some(&first) = frame.func.blocks[body.block.index()].params.first() {
                    frame.values[first.index()] = Val::Int(next);
                }
                Ok(())
            }
            Term::Switch(value, to, other) => {
                let at = frame.get(*value).int()?;
                let target = usize::try_from(at).ok().and_then(|i| Some((i, to.get(i)?)));
                let (i, target) = target.unwrap_or((to.len(), other));
                self.go(i, target)
            }
            Term::SwitchTag(value, to) => {
                let tag = frame.get(*value).tag()? as usize;
                match to.get(tag) {
                    Some(target) => self.go(tag, target),
                    None => Err(Stop::Broken("no such variant".into())),
                }
            }
            Term::Return(value) => {
                let value = frame.take(*value, true);
                self.ret(value)
            }
            Term::TailCall(callee, args) => {
                let args = args.iter().map(|&a| frame.get(a).clone()).collect();
                let to = self.frames.pop();
                let entered = self.enter(*callee, args);
                if entered.is_err() {
                    self.frames.extend(to);
                }
                entered
            }
            Term::TailCallValue(function, args) => {
                let args = [function].into_iter().chain(args).map(|&a| frame.get(a).clone()).collect();
                self.frames.pop();
                self.call_value(args)
            }
            Term::Trap(trap) => Err(Stop::Trap(*trap)),
            Term::Panic(message) => Err(Stop::Panic(frame.get(*message).text()?.to_string())),
            Term::Exit(code) => Err(Stop::Exit(frame.get(*code).int()?)),
            Term::None => Err(Stop::Broken("a block without an end".into())),
        }
    }

    /// Takes the `edge`-th edge of the present block. The latch of a counted loop leaves the first parameter out.
    fn go(&mut self, edge: usize, target: &Target) -> Result<(), Stop> {
        let frame = self.frame()?;
        let uses = frame.uses.clone();
        let last = &uses.edges[frame.block][edge];
        let args: Vec<Val> = target.args.iter().zip(last).map(|(&a, &last)| frame.take(a, last)).collect();
        let params = &frame.func.blocks[target.block.index()].params;
        let skipped = params.len() - args.len().min(params.len());
        for (&param, arg) in params[skipped..].iter().zip(args) {
            frame.values[param.index()] = arg;
        }
        (frame.block, frame.at) = (target.block.index(), 0);
        Ok(())
    }

    fn ret(&mut self, value: Val) -> Result<(), Stop> {
        self.frames.pop();
        let Some(frame) = self.frames.last_mut() else { return Ok(()) };
        let call = frame.at.checked_sub(1).and_then(|at| frame.func.blocks[frame.block].insts.get(at));
        match call.and_then(|inst| inst.results.first()) {
            Some(to) => {
                frame.values[to.index()] = value;
                Ok(())
            }
            None => Err(Stop::Broken("a call without a result".into())),
        }
    }
}

/// How many arguments a row has at least.
fn operand_count(op: Opcode) -> usize {
    use Role::{Close, Edit, Open, Read, Spend, Take, Unique};
    op.operands().iter().filter(|o| matches!(o.role, Read | Take | Edit | Open | Close | Unique | Spend)).count()
}

/// The number in an instruction's immediate.
pub(crate) fn number(inst: &Inst) -> i64 {
    match inst.imm[0] {
        Some(Imm::I64(n)) => n,
        _ => 0,
    }
}
