//! Making native code: what is compiled together, and how it becomes visible.

use std::collections::HashMap;
use std::sync::RwLock;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use codex_native::{Compiler, Failure, Host, Seed, Want, loop_blocks};
use codex_spec::instruction::{BlockId, FuncId, Inst};
use codex_spec::layout::{LayoutDef, RegType, builtin_layout};
use codex_spec::liveness::Safepoints;
use codex_spec::module::{Block, Function, Module};

use super::{Made, Mode, Native, Stats, held, interface};
use crate::interpreter::load::load;
use crate::interpreter::op::{Op, Word};
use crate::program::Program;

/// Instructions that are compiled together at most, beyond the first function.
const UNIT: usize = 3000;
/// Instructions of a function that is compiled with each of its callers.
const SMALL: i64 = 40;
/// Code memory of a program at most, in bytes.
const LIMIT: u64 = 64 << 20;

impl Native {
    /// The native tier of a program.
    ///
    /// # Errors
    /// If this host has none.
    pub(crate) fn new(program: &Program, mode: Mode, seed: Seed) -> Result<Native, Failure> {
        let module = program.module();
        let (functions, layouts) = (module.functions.len(), program.layouts().len());
        let zeros = |count| (0..count).map(|_| AtomicUsize::new(0)).collect();
        let random = if let Mode::Mixed(seed) = mode { seed } else { 0 };
        Ok(Native {
            compiler: Compiler::new(interface::machine(seed))?,
            mode,
            limit: LIMIT,
            functions: zeros(functions),
            closures: zeros(layouts),
            entries: zeros(functions),
            loops: RwLock::new(HashMap::new()),
            looped: (0..functions).map(|_| AtomicBool::new(false)).collect(),
            points: RwLock::new(Vec::new()),
            made: Mutex::new(Made::default()),
            heat: (0..functions).map(|_| AtomicU32::new(0)).collect(),
            stats: Mutex::new(Stats::default()),
            entered: AtomicU64::new(0),
            left: AtomicU64::new(0),
            fuel: AtomicU64::new(0),
            random: AtomicU64::new(random),
        })
    }

    /// Whether something still has to be asked for; it counts as asked for then.
    pub(super) fn ask(&self, want: Want) -> bool {
        held(self.made.lock()).asked.insert(want)
    }

    /// Compiles something, with the functions that it calls.
    pub(super) fn make(&self, program: &Arc<Program>, want: Want) {
        let mut made = held(self.made.lock());
        made.asked.insert(want);
        let wants = together(program.module(), &mut made, want);
        if self.make_unit(program, &mut made, &wants).is_err() {
            // Perhaps it was one of the others.
            for want in wants {
                if self.make_unit(program, &mut made, &[want]).is_err() {
                    held(self.stats.lock()).refused += 1;
                }
            }
        }
    }

    /// A function's code as text.
    pub(crate) fn text(&self, program: &Program, function: u32, from: Option<u32>) -> Result<String, Failure> {
        let function = FuncId(function);
        let safepoints = Safepoints::of(program.verified(), function);
        let head = BlockId(from.unwrap_or(0));
        if safepoints.and_then(|s| s.entering(head)).is_none() {
            return Err(Failure::new("there is no such function or loop"));
        }
        let want = if from.is_some() { Want::Loop(function, head) } else { Want::Function(function) };
        let mut made = held(self.made.lock());
        self.compiler.disassemble(program.verified(), want, &mut Words { program, words: &mut made.words })
    }

    fn make_unit(&self, program: &Arc<Program>, made: &mut Made, wants: &[Want]) -> Result<(), Failure> {
        if held(self.stats.lock()).bytes >= self.limit {
            return Ok(());
        }
        let start = Instant::now();
        let first = self.with_points(<[_]>::len) as u32;
        let mut words = Words { program, words: &mut made.words };
        let mut unit = self.compiler.compile(program.verified(), wants, first, &mut words)?;
        held(self.points.write()).append(&mut unit.points);
        let mut stats = held(self.stats.lock());
        for &codex_native::Made { want, entry, body } in &unit.made {
            match want {
                Want::Function(id) => {
                    stats.functions += 1;
                    self.publish(program, id, entry, body);
                }
                Want::Loop(id, head) => {
                    stats.loops += 1;
                    held(self.loops.write()).insert((id, head), entry);
                    self.looped[id.index()].store(true, Ordering::Relaxed);
                }
            }
        }
        stats.bytes += unit.size() as u64;
        stats.time += start.elapsed();
        made.units.push(unit);
        Ok(())
    }

    fn publish(&self, program: &Program, id: FuncId, entry: usize, body: usize) {
        self.functions[id.index()].store(body, Ordering::Release);
        if let Some(layout) = program.module().functions[id.index()].closure {
            self.closures[layout.index()].store(body, Ordering::Release);
        }
        self.entries[id.index()].store(entry, Ordering::Release);
        program.set_native(id);
    }
}

/// What to compile with something: the functions that it calls, and theirs, as long as there is room in a unit.
fn together(module: &Module, made: &mut Made, want: Want) -> Vec<Want> {
    let mut wants = vec![want];
    let mut work = std::collections::VecDeque::from([want]);
    let mut room = UNIT as i64;
    while let Some(caller) = work.pop_front() {
        for inst in code(module, caller) {
            let Some(callee) = mentions(module, inst) else { continue };
            let want = Want::Function(callee);
            let size = size(&module.functions[callee.index()]) as i64;
            // What is small is compiled again, to be inlined.
            let new = made.asked.insert(want) || size <= SMALL && !wants.contains(&want);
            if size <= room && new {
                room -= size;
                wants.push(want);
                work.push_back(want);
            }
        }
    }
    wants
}

/// The instructions that are compiled for something.
fn code(module: &Module, want: Want) -> impl Iterator<Item = &Inst> {
    let (id, inside) = match want {
        Want::Function(id) => (id, None),
        Want::Loop(id, head) => (id, Some(loop_blocks(&module.functions[id.index()], head))),
    };
    let blocks = module.functions[id.index()].blocks.iter().enumerate();
    let compiled = move |n: usize| inside.as_ref().is_none_or(|inside| inside[n]);
    blocks.filter(move |(n, _)| compiled(*n)).flat_map(|(_, block)| &block.code)
}

/// The function that an instruction calls, or makes a value of.
fn mentions(module: &Module, inst: &Inst) -> Option<FuncId> {
    match inst {
        Inst::Call { function, .. } | Inst::TailCall { function, .. } => Some(*function),
        Inst::Closure { layout, .. } => match &module.layouts[layout.index() - builtin_layout::FIRST as usize] {
            LayoutDef::Closure { function, .. } => Some(*function),
            _ => None,
        },
        _ => None,
    }
}

fn size(function: &Function) -> usize {
    function.blocks.iter().map(|b| b.code.len()).sum()
}

/// Loads single instructions.
struct Words<'a> {
    program: &'a Program,
    words: &'a mut Vec<Box<[Word]>>,
}

impl Host for Words<'_> {
    fn words(&mut self, inst: Inst, registers: Vec<RegType>) -> usize {
        let block = Block { entry: Vec::new(), code: vec![inst, Inst::TrapCode { reason: 0 }] };
        let function =
            Function { params: Vec::new(), result: RegType::I64, closure: None, registers, blocks: vec![block] };
        let loaded = load(self.program.module(), self.program.layouts(), &function, false);
        let end =
            loaded.word_of(1).map_or(0, |word| (word as usize - loaded.code.as_ptr() as usize) / size_of::<Word>());
        let mut words = loaded.code[..end].to_vec();
        words.push(Word::new(Op::Halt, 0, 0, 0, 0));
        self.words.push(words.into());
        self.words.last().map_or(0, |words| words.as_ptr() as usize)
    }
}
