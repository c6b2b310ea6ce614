//! Programs changed at random: what the verifier lets through runs without harm, whatever it does.

mod common;

use codex_spec::instruction::{Inst, OperandMut};
use codex_spec::module::Module;
use codex_spec::verify::verify;
use codex_vm::heap::walk::walk;
use codex_vm::native::Mode;
use codex_vm::program::Program;
use codex_vm::tick::{Input, tick};
use codex_vm::world::{Limits, Settings, World};
use codex_vm::{dump, hash};

const SOURCES: [&str; 6] = [
    include_str!("programs/lent.asm"),
    include_str!("programs/fused.asm"),
    include_str!("programs/control.asm"),
    include_str!("programs/records.asm"),
    include_str!("programs/lists.asm"),
    include_str!("programs/requests.asm"),
];

/// One in so many sound mutants is compiled, which takes longer than to run it.
const NATIVE: usize = 3;

struct Random(u64);

impl Random {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % n.max(1)
    }
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

/// Runs a module for a while with little room, walking its heap after each tick, beside the same module without fused words, and
/// sometimes beside one that native code runs in turn with the interpreter: all are in the same state after each tick. Some ticks go on in a copy. Gives whether the module was sound.
fn run(module: Module, random: &mut Random) -> bool {
    let Ok(verified) = verify(module.clone()) else {
        return false;
    };
    let again = || verify(module.clone()).unwrap_or_else(|e| panic!("{e}"));
    let limits = Limits { memory: 4096 + 6000 * (1 + random.below(3) as u64), frames: 40, registers: 500 };
    let settings = Settings { quantum: 1 + random.below(40) as u64, limits, ..Settings::default() };
    let mut world = World::new(Program::new(verified), settings);
    let mut plain = World::new(Program::without_fused_words(again()), settings);
    let program = Program::new(again());
    if random.below(NATIVE) == 0 {
        program.enable_native(Mode::Mixed(random.0));
    }
    let mut native = World::new(program, settings);
    for _ in 0..300 {
        if world.end().is_some() {
            break;
        }
        let long = random.below(4) == 0;
        let reply = |(request, _, _)| Input::Reply { request, status: i64::from(long), bytes: b"a reply".to_vec() };
        let inputs: Vec<Input> = world.requests().map(reply).collect();
        let report = tick(&mut world, &inputs);
        for other in [&mut plain, &mut native] {
            assert!(report.outputs().eq(tick(other, &inputs).outputs()), "{}", disassembly(&world));
            assert_eq!(hash::hash(&world), hash::hash(other), "{}", disassembly(&world));
        }
        for container in world.containers().iter().chain(native.containers()) {
            walk(container).unwrap_or_else(|e| panic!("{e}\n{}", disassembly(&world)));
        }
        if random.below(30) == 0 {
            let copy = dump::load(&dump::dump(&world)).unwrap_or_else(|e| panic!("{e}\n{}", disassembly(&world)));
            assert_eq!(hash::hash(&copy), hash::hash(&world), "{}", disassembly(&world));
            world = copy;
        }
    }
    true
}

fn disassembly(world: &World) -> String {
    codex_spec::text::disassemble(world.program().module())
}

#[test]
fn mutants_do_no_harm() {
    let rounds = std::env::var("MUTANTS").ok().and_then(|n| n.parse().ok()).unwrap_or(2000);
    let mut random = Random(20);
    let mut sound = 0;
    for source in SOURCES {
        let module = codex_spec::text::assemble(source).unwrap();
        for _ in 0..rounds {
            let mut mutant = module.clone();
            for _ in 0..1 + random.below(3) {
                mutate(&mut mutant, &mut random);
            }
            sound += usize::from(run(mutant, &mut random));
        }
    }
    assert!(sound > rounds / 10, "only {sound} were sound");
}
