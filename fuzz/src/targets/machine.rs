//! What the verifier lets through runs without harm, whatever it does.
//!
//! Each module runs for a while with little room: beside itself without fused words, and now and then from a copy. After each tick
//! the two send the same, are in the same state, and their heaps are sound.

use codex_spec::instruction::{Inst, OperandMut};
use codex_spec::module::Module;
use codex_spec::verify::{grow, verify};
use codex_spec::{codec, text};
use codex_vm::heap::walk::walk;
use codex_vm::native::Mode;
use codex_vm::program::Program;
use codex_vm::tick::{Input, tick};
use codex_vm::world::{Limits, Settings, World};
use codex_vm::{dump, hash};

use crate::Random;

/// Ticks that a module may run.
const TICKS: usize = 120;
/// One in so many sound modules is compiled, which takes longer than to run it.
const NATIVE: usize = 3;

/// Runs a stored module, or a grown or changed one that the bytes choose.
pub fn machine(bytes: &[u8]) {
    let mut random = Random::from_bytes(bytes);
    let module = match codec::decode(bytes) {
        Ok(module) => module,
        Err(_) if bytes.starts_with(&codec::MAGIC) => return,
        Err(_) if random.one_in(2) => grown(random.bits()),
        Err(_) => changed(&mut random),
    };
    harmless(module, &mut random);
}

/// A module whose entry calls a function that was grown, a few times.
pub fn grown(seed: u64) -> Module {
    let ground = grow::Ground::new();
    let mut random = grow::Random::new(seed);
    let mut module = grow::grow(&ground, &mut random);
    if random.below(3) == 0 {
        grow::change(&mut module, &mut random);
    }
    let shown = text::disassemble(&module).replacen("entry f0", "entry f5", 1);
    text::assemble(&(shown + ENTRY)).unwrap_or_else(|e| panic!("the entry: {e}"))
}

/// Calls the grown function (a word, a lent chain and a pair in, a word out) and prints what it gives.
const ENTRY: &str = "
function f5 () i64 {
    registers i64*5 f64 t2*3 t6 t0
  b0:
    const r0, 0
    const r1, 4
    const r3, 1
    fconst r5, 1.5
    jump b1
  b1: r0 word, r1 word, r3 word, r5 word
    new_tag r6, t2, 0
    new r7, l4, (r0, r6)
    new_tag r6, t2, 0
    new r8, l4, (r3, r6)
    literal r10, t0, c0
    new r9, l7, (r10, r8, r5, r3)
    call r2, f4, (r0, r7, r9)
    drop r7
    int_to_text r10, r2
    output r3, r10
    drop r10
    loop r0, r1, b1, b2
  b2: r3 word
    return r3
}
";

/// A small program with a few of its instructions changed.
fn changed(random: &mut Random) -> Module {
    let sources = crate::corpus::assembly();
    let mut module = text::assemble(random.pick::<String>(&sources)).unwrap_or_else(|e| panic!("{e}"));
    for _ in 0..1 + random.below(3) {
        mutate(&mut module, random);
    }
    module
}

/// Changes one operand, or exchanges, removes or repeats an instruction.
fn mutate(module: &mut Module, random: &mut Random) {
    let function = random.below(module.functions.len());
    let function = &mut module.functions[function];
    let registers = function.registers.len();
    let block = random.below(function.blocks.len());
    let blocks = function.blocks.len();
    let code = &mut function.blocks[block].code;
    let at = random.below(code.len());
    let next = (at + 1).min(code.len().saturating_sub(2));
    match random.below(8) {
        0 if code.len() > 2 => code.swap(at, next),
        1 if at + 1 < code.len() => _ = code.remove(at),
        2 if at + 1 < code.len() => code.insert(at, code[at].clone()),
        _ => mutate_operand(&mut code[at], registers, blocks, random),
    }
}

fn mutate_operand(inst: &mut Inst, registers: usize, blocks: usize, random: &mut Random) {
    let mut count = 0;
    inst.for_each_operand(|_, _| count += 1);
    let chosen = random.below(count);
    let mut number = 0;
    inst.for_each_operand_mut(|_, operand| {
        number += 1;
        if number - 1 != chosen {
            return;
        }
        match operand {
            OperandMut::Reg(r) => r.0 = random.below(registers) as u16,
            OperandMut::Regs(rs) if !rs.is_empty() => rs[random.below(rs.len())].0 = random.below(registers) as u16,
            OperandMut::Imm(n) => *n = [0, 1, -1, 2, 5000, i64::MAX, i64::MIN, 3][random.below(8)],
            OperandMut::Float(bits) => *bits = [0.0, 1.5, f64::INFINITY][random.below(3)].to_bits(),
            OperandMut::Index(n) => *n = random.below(7) as u32,
            OperandMut::Block(b) => b.0 = random.below(blocks) as u32,
            OperandMut::Blocks(bs) if !bs.is_empty() => bs[random.below(bs.len())].0 = random.below(blocks) as u32,
            _ => {}
        }
    });
}

/// Runs a module if it verifies, beside the same without fused words, and sometimes beside one that native code runs in turn with the
/// interpreter: all are in the same state after each tick. Gives whether it verifies.
pub fn harmless(module: Module, random: &mut Random) -> bool {
    let Ok(verified) = verify(module.clone()) else { return false };
    let again = || verify(module.clone()).unwrap_or_else(|e| panic!("verified once, refused once: {e}"));
    let limits =
        Limits { memory: 4096 + 6000 * (1 + random.below(3) as u64), frames: 40, registers: 500, ..Limits::default() };
    let settings = Settings { quantum: 1 + random.below(40) as u64, limits, ..Settings::default() };
    let mut world = World::new(Program::new(verified), settings);
    let mut plain = World::new(Program::without_fused_words(again()), settings);
    let program = Program::new(again());
    if random.one_in(NATIVE) {
        program.enable_native(Mode::Mixed(random.bits()));
    }
    let mut native = World::new(program, settings);
    for _ in 0..TICKS {
        if world.end().is_some() {
            break;
        }
        let status = i64::from(random.one_in(4));
        let reply = |(request, _, _)| Input::Reply { request, status, bytes: b"a reply".to_vec() };
        let inputs: Vec<Input> = world.requests().map(reply).collect();
        let report = tick(&mut world, &inputs);
        for other in [&mut plain, &mut native] {
            assert!(report.outputs().eq(tick(other, &inputs).outputs()), "{}", disassembly(&world));
            assert_eq!(hash::hash(&world), hash::hash(other), "{}", disassembly(&world));
            other.each(|c| walk(c).unwrap_or_else(|e| panic!("{e}\n{}", disassembly(&world))));
        }
        if random.one_in(20) {
            let copy = dump::load(&dump::dump(&world)).unwrap_or_else(|e| panic!("{e}\n{}", disassembly(&world)));
            assert_eq!(hash::hash(&copy), hash::hash(&world), "{}", disassembly(&world));
            world = copy;
        }
    }
    true
}

fn disassembly(world: &World) -> String {
    text::disassemble(world.program().module())
}
