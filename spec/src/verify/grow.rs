//! Random modules that verify: grown instruction by instruction, keeping what the verifier's own steps accept.
//!
//! For tests, here and of the machine. A module has the tables of `tests/modules/tables.asm` and one function that was grown.

use super::edges::Edges;
use super::function::{consume, produce};
use super::rules::Rules;
use super::{Frame, classes, normalised};
use crate::instruction::{
    BlockId, Class, FuncId, Inst, LayoutId, Opcode, OperandMut, OperandSource, Reg, Role, TypeId,
};
use crate::layout::{RegType, TypeDef};
use crate::module::{Block, Function, Hold, Module, Param, State};
use crate::text::assemble;

/// xorshift64*
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    /// Starts with a seed.
    pub fn new(seed: u64) -> Self {
        Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// A number below `n`; 0 if there is none.
    pub fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        ((self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) % n.max(1) as u64) as usize
    }

    fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> Option<T> {
        from.get(self.below(from.len())).copied()
    }
}

/// The function that is grown, after those of tables.asm.
pub const GROWN: FuncId = FuncId(4);

/// What a grown program is made of: what touches ownership, and some words.
const OPCODES: &[Opcode] = &[
    Opcode::ConstI64,
    Opcode::Call,
    Opcode::Dup,
    Opcode::Drop,
    Opcode::Move,
    Opcode::MakeUnique,
    Opcode::DropReuse,
    Opcode::FreeToken,
    Opcode::New,
    Opcode::New,
    Opcode::NewReuse,
    Opcode::NewReuse,
    Opcode::NewTag,
    Opcode::GetWord,
    Opcode::GetRef,
    Opcode::GetRef,
    Opcode::SetWord,
    Opcode::TakeRef,
    Opcode::TakeRef,
    Opcode::PutRef,
    Opcode::Unpack,
    Opcode::UnpackReuse,
    Opcode::ListNew,
    Opcode::ListNew,
    Opcode::ListRepeat,
    Opcode::ListLength,
    Opcode::ListGetRef,
    Opcode::ListGetRef,
    Opcode::ListTakeRef,
    Opcode::ListPutRef,
    Opcode::ListPush,
    Opcode::ListPop,
    Opcode::ListAppend,
    Opcode::ListSlice,
    Opcode::ListSwap,
    Opcode::Literal,
    Opcode::TextJoin,
    Opcode::RawAppend,
    Opcode::RawLength,
    Opcode::TextSlice,
    Opcode::GlobalGet,
    Opcode::GlobalSet,
    Opcode::GlobalReady,
];

/// The part that does not change while a function grows.
pub struct Ground {
    pub(super) module: Module,
    texts: Vec<bool>,
}

impl Ground {
    /// The tables, and a function without blocks: a word, a lent chain and an owned pair in, a word out.
    #[allow(clippy::new_without_default, reason = "it is not empty")]
    pub fn new() -> Self {
        let mut module = tables();
        let reference = |t| RegType::Ref(TypeId(t));
        let param = |typ, borrowed| Param { typ, borrowed };
        let params = vec![param(RegType::I64, false), param(reference(2), true), param(reference(6), false)];
        let mut registers: Vec<RegType> = params.iter().map(|p| p.typ).collect();
        registers.extend([RegType::I64, RegType::I64, RegType::F64]);
        for (typ, count) in [(2, 4), (4, 3), (0, 3), (6, 2), (10, 2)] {
            registers.extend(std::iter::repeat_n(reference(typ), count));
        }
        module.functions.push(Function { params, result: RegType::I64, closure: None, registers, blocks: vec![] });
        let texts = module.constants.iter().map(|c| std::str::from_utf8(c).is_ok()).collect();
        Ground { module, texts }
    }

    fn function(&self) -> &Function {
        &self.module.functions[GROWN.index()]
    }

    /// The verifier's steps for one instruction, but for edges.
    fn step(&self, frame: &mut Frame<'_>, inst: &Inst) -> Result<(), String> {
        classes::check(&self.module, self.function(), inst)?;
        Rules { frame, texts: &self.texts, own_value: false }.check(inst)?;
        let results = consume(frame, inst)?;
        produce(frame, inst, results)
    }
}

fn tables() -> Module {
    assemble(include_str!("../../tests/modules/tables.asm")).unwrap_or_else(|e| panic!("{e}"))
}

/// Grows the blocks of a function one after the other; each new edge brings its block.
struct Grower<'g, 'r> {
    ground: &'g Ground,
    random: &'r mut Random,
    blocks: Vec<Block>,
}

/// A module with a grown function.
pub fn grow(ground: &Ground, random: &mut Random) -> Module {
    let entry = [(0, Hold::Word), (1, Hold::Lent), (2, Hold::Owned)].map(|(r, hold)| (Reg(r), State::of(hold)));
    let mut grower = Grower { ground, random, blocks: vec![Block { entry: entry.into(), code: vec![] }] };
    let mut at = 0;
    while at < grower.blocks.len() {
        grower.block(at);
        at += 1;
    }
    let mut module = ground.module.clone();
    module.functions[GROWN.index()].blocks = grower.blocks;
    module
}

impl<'g> Grower<'g, '_> {
    fn block(&mut self, at: usize) {
        let mut frame = Frame::new(&self.ground.module, self.ground.function());
        frame.enter(&normalised(&self.blocks[at].entry).expect("made from states"));
        for _ in 0..20 + self.random.below(150) {
            if let Some(inst) = self.random.pick(OPCODES).and_then(|opcode| self.propose(&frame, opcode)) {
                self.accept(&mut frame, at, inst);
            }
        }
        self.finish(frame, at);
    }

    /// Takes the instruction in if the verifier does.
    fn accept(&mut self, frame: &mut Frame<'g>, at: usize, inst: Inst) -> bool {
        let mut next = frame.clone();
        let accepted = self.ground.step(&mut next, &inst).is_ok();
        if accepted {
            *frame = next;
            self.blocks[at].code.push(inst);
        }
        accepted
    }

    /// An instruction with operands that may fit.
    fn propose(&mut self, frame: &Frame<'_>, opcode: Opcode) -> Option<Inst> {
        Inst::build(opcode, &mut Proposal { grower: self, frame, specs: opcode.operands().iter() }).ok()
    }

    /// Ends the block: a branch that the verifier accepts, else an end of the function.
    fn finish(&mut self, mut frame: Frame<'g>, at: usize) {
        for _ in 0..30 {
            if self.blocks.len() > 6 && !self.random.one_in(3) {
                break;
            }
            if let Some(last) = self.branch(&frame) {
                self.blocks[at].code.push(last);
                return;
            }
        }
        self.clean_up(&mut frame, at);
        let end = Inst::Return { a: Reg(0) };
        let returns = self.ground.step(&mut frame, &end).is_ok() && frame.bound() == 0;
        self.blocks[at].code.push(if returns { end } else { Inst::TrapCode { reason: 7 } });
    }

    /// Gives up everything there is.
    fn clean_up(&mut self, frame: &mut Frame<'g>, at: usize) {
        let registers = || (0..self.ground.function().registers.len() as u16).map(Reg);
        let all: Vec<Reg> = registers().collect();
        for _ in 0..3 {
            for (reg, state) in frame.states() {
                match state.hold {
                    Hold::Token(_) => self.accept(frame, at, Inst::FreeToken { token: reg }),
                    Hold::OpenItem(index) => {
                        self.something_to_put(frame, at);
                        let put = |value| Inst::ListPutRef { list: reg, at: index, value };
                        all.iter().any(|r| self.accept(frame, at, put(*r)))
                    }
                    Hold::OpenField(index) => {
                        self.something_to_put(frame, at);
                        let put = |layout| move |value| Inst::PutRef { obj: reg, layout, index, value };
                        [LayoutId(4), LayoutId(7)]
                            .into_iter()
                            .any(|l| all.iter().any(|r| self.accept(frame, at, put(l)(*r))))
                    }
                    _ => self.accept(frame, at, Inst::Drop { src: reg }),
                };
            }
        }
    }

    /// Values for open places.
    fn something_to_put(&mut self, frame: &mut Frame<'g>, at: usize) {
        for n in 0..self.ground.function().registers.len() as u16 {
            let dst = Reg(n);
            let _ = self.accept(frame, at, Inst::NewTag { dst, typ: TypeId(2), tag: 0 })
                || self.accept(frame, at, Inst::ListNew { dst, typ: TypeId(10), items: [].into() })
                || self.accept(frame, at, Inst::TextJoin { dst, parts: [].into() });
        }
    }

    fn branch(&mut self, frame: &Frame<'g>) -> Option<Inst> {
        let held: Vec<_> = frame.states();
        let data: Vec<Reg> = held.iter().map(|h| h.0).filter(|r| self.variants(*r) == 2).collect();
        let before = self.blocks.len();
        let last = match self.random.below(4) {
            0 => Inst::Jump { to: self.target(&held, None) },
            1 => Inst::JumpIf { a: Reg(0), yes: self.target(&held, None), no: self.target(&held, None) },
            2 => Inst::Loop {
                counter: Reg(0),
                limit: Reg(3),
                body: self.target(&held, None),
                done: self.target(&held, None),
            },
            _ => {
                let a = self.random.pick(&data)?;
                Inst::SwitchTag { a, to: [0, 1].map(|v| self.target(&held, Some((a, v)))).into() }
            }
        };
        let mut after = frame.clone();
        let accepted = self.ground.step(&mut after, &last).is_ok() && {
            let entries: Vec<_> = self.blocks.iter().map(|b| normalised(&b.entry).expect("made from states")).collect();
            Edges::new(&entries).leave(&after, &last).is_ok()
        };
        if !accepted {
            self.blocks.truncate(before);
        }
        accepted.then_some(last)
    }

    fn variants(&self, reg: Reg) -> usize {
        match self.ground.function().registers[usize::from(reg.0)] {
            RegType::Ref(t) => match self.ground.module.typ(t) {
                Some(TypeDef::Data(variants)) => variants.len(),
                _ => 0,
            },
            _ => 0,
        }
    }

    /// A block that exists, or a new one that claims what is held, or a little less.
    fn target(&mut self, held: &[(Reg, State)], learned: Option<(Reg, u8)>) -> BlockId {
        if self.random.one_in(3) && self.blocks.len() > 1 {
            return BlockId(1 + self.random.below(self.blocks.len() - 1) as u32);
        }
        let mut entry = held.to_vec();
        for (reg, state) in &mut entry {
            if let Some((r, variant)) = learned
                && r == *reg
            {
                state.variant = Some(variant);
            }
            if self.random.one_in(6) && !matches!(state.hold, Hold::OpenField(_)) {
                state.variant = None;
            }
            if self.random.one_in(4) && state.hold == Hold::Unique {
                state.hold = Hold::Owned;
            }
        }
        entry.retain(|(_, s)| !matches!(s.hold, Hold::Borrowed(_) | Hold::Lent) || !self.random.one_in(3));
        self.blocks.push(Block { entry, code: vec![] });
        BlockId(self.blocks.len() as u32 - 1)
    }
}

/// Random operands, somewhat to the point.
struct Proposal<'p, 'g, 'r, 'f> {
    grower: &'p mut Grower<'g, 'r>,
    frame: &'p Frame<'f>,
    specs: std::slice::Iter<'static, crate::instruction::OperandSpec>,
}

impl Proposal<'_, '_, '_, '_> {
    fn choose(&mut self, role: Role, class: Class) -> Result<Reg, ()> {
        let written = matches!(role, Role::Def | Role::Lend | Role::Token | Role::Defs);
        let function = self.frame.function();
        let fits: Vec<Reg> = (0..function.registers.len() as u16)
            .map(Reg)
            .filter(|&r| match (self.frame.get(r), function.registers[usize::from(r.0)]) {
                (held, RegType::Ref(_)) => held.is_none_or(|s| !self.frame.binds(r, s)) == written || !written,
                _ => true,
            })
            .filter(|&r| written || self.frame.get(r).is_some())
            .filter(|&r| classes::fits(&self.grower.ground.module, class, function.registers[usize::from(r.0)]))
            .collect();
        self.grower.random.pick(&fits).ok_or(())
    }
}

impl OperandSource for Proposal<'_, '_, '_, '_> {
    type Error = ();

    fn reg(&mut self) -> Result<Reg, ()> {
        let spec = self.specs.next().ok_or(())?;
        self.choose(spec.role, spec.class)
    }

    fn regs(&mut self) -> Result<Box<[Reg]>, ()> {
        let spec = self.specs.next().ok_or(())?;
        let length = self.grower.random.below(5);
        (0..length).map(|_| self.choose(spec.role, spec.class)).collect()
    }

    fn imm(&mut self) -> Result<i64, ()> {
        self.specs.next();
        Ok(self.grower.random.below(7) as i64 - 1)
    }

    fn float(&mut self) -> Result<u64, ()> {
        self.specs.next();
        Ok(1.5f64.to_bits())
    }

    fn index(&mut self) -> Result<u32, ()> {
        let spec = self.specs.next().ok_or(())?;
        let choices: &[u32] = match spec.role {
            Role::Func => &[0, 2, 3],
            Role::Layout => &[4, 7],
            Role::Typ => &[0, 2, 4, 10],
            Role::Constant | Role::Global | Role::Code => &[0],
            _ => &[0, 1, 2, 3],
        };
        self.grower.random.pick(choices).ok_or(())
    }

    fn blocks(&mut self) -> Result<Box<[BlockId]>, ()> {
        Err(())
    }
}

/// Changes, takes away or doubles an instruction, or changes a state.
pub fn change(module: &mut Module, random: &mut Random) {
    let blocks = &mut module.functions[GROWN.index()].blocks;
    let block = random.below(blocks.len());
    let block = &mut blocks[block];
    let at = random.below(block.code.len());
    match random.below(6) {
        0 if block.code.len() > 1 => drop(block.code.remove(at)),
        1 => block.code.insert(at, block.code[at].clone()),
        2 if at > 0 => block.code.swap(at, at - 1),
        3 if !block.entry.is_empty() => {
            let hold = random.pick(&[Hold::Word, Hold::Owned, Hold::Unique, Hold::Lent, Hold::Borrowed(Reg(7))]);
            let at = random.below(block.entry.len());
            block.entry[at].1.hold = hold.unwrap_or(Hold::Word);
        }
        _ => {
            let target = random.below(4);
            let mut n = 0;
            block.code[at].for_each_operand_mut(|_, operand| {
                if n == target {
                    change_operand(operand, random);
                }
                n += 1;
            });
        }
    }
}

fn change_operand(operand: OperandMut<'_>, random: &mut Random) {
    let reg = Reg(random.below(20) as u16);
    match operand {
        OperandMut::Reg(r) => *r = reg,
        OperandMut::Regs([first, ..]) => *first = reg,
        OperandMut::Index(n) => *n = random.below(9) as u32,
        OperandMut::Block(b) => b.0 = random.below(9) as u32,
        OperandMut::Blocks([.., last]) => last.0 = random.below(9) as u32,
        OperandMut::Imm(n) => *n = random.below(9) as i64,
        _ => {}
    }
}
