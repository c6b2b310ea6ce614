//! A machine that trusts nothing: a heap of counted cells in which every promise of the verifier is an assertion.

use crate::instruction::{FuncId, Inst, LayoutId, OperandRef, Reg, Role};
use crate::layout::{LayoutDef, RegType, field_offsets};
use crate::module::{Function, Module};

/// What a register, a field or an element holds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Value {
    /// Nothing: not yet written, or moved out.
    Empty,
    /// A field or element that was taken out of an open holder.
    Hole,
    Word,
    /// A variant without fields.
    Tag(u8),
    Cell(usize),
    /// A dead cell, or nothing.
    Token(Option<usize>),
}

#[derive(Clone, Debug)]
struct Cell {
    count: usize,
    alive: bool,
    /// The variant, for records.
    layout: Option<LayoutId>,
    parts: Vec<Value>,
}

/// What runs did.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub(super) steps: usize,
    pub(super) returned: usize,
    pub(super) ended: usize,
}

impl Tally {
    pub(super) fn add(&mut self, other: &Tally) {
        self.steps += other.steps;
        self.returned += other.returned;
        self.ended += other.ended;
    }
}

/// The container ended, or ran long enough.
struct End;
type Run<T> = Result<T, End>;

pub(super) struct Machine<'m> {
    module: &'m Module,
    cells: Vec<Cell>,
    /// The literal's slot and the first global.
    literal: Option<Value>,
    global: Option<Value>,
    fuel: usize,
    words: usize,
}

impl<'m> Machine<'m> {
    pub(super) fn new(module: &'m Module) -> Self {
        Machine { module, cells: vec![], literal: None, global: None, fuel: 2000, words: 0 }
    }

    /// Runs the grown function on a chain that is lent and a pair that is given.
    pub(super) fn run_grown(&mut self, function: FuncId, argument: usize, tally: &mut Tally) {
        self.words = argument * 7919;
        let mut chain = Value::Tag(0);
        for _ in 0..argument {
            chain = self.new_cell(Some(LayoutId(4)), vec![Value::Word, chain]);
        }
        let text = self.new_cell(None, vec![]);
        self.dup(chain);
        let pair = self.new_cell(Some(LayoutId(7)), vec![text, chain, Value::Word, Value::Word]);
        let before = self.fuel;
        let result = self.call(function, vec![Value::Word, chain, pair], 0);
        tally.steps += before - self.fuel;
        if result.is_err() {
            tally.ended += 1;
            return;
        }
        tally.returned += 1;
        self.drop(chain);
        for slot in [self.literal.take(), self.global.take()].into_iter().flatten() {
            self.drop(slot);
        }
        assert!(self.cells.iter().all(|c| !c.alive), "a cell is left");
    }

    // ── Cells ────────────────────────────────────────────────────────────────────

    fn new_cell(&mut self, layout: Option<LayoutId>, parts: Vec<Value>) -> Value {
        self.cells.push(Cell { count: 1, alive: true, layout, parts });
        Value::Cell(self.cells.len() - 1)
    }

    fn cell(&mut self, value: Value) -> &mut Cell {
        let Value::Cell(id) = value else { panic!("{value:?} is no cell") };
        let cell = &mut self.cells[id];
        assert!(cell.alive, "the cell is dead");
        cell
    }

    fn unique(&mut self, value: Value) -> &mut Cell {
        let cell = self.cell(value);
        assert_eq!(cell.count, 1, "the cell is shared");
        assert!(cell.parts.iter().all(|p| *p != Value::Hole), "the cell is open");
        cell
    }

    fn dup(&mut self, value: Value) {
        match value {
            Value::Cell(_) => self.cell(value).count += 1,
            Value::Tag(_) | Value::Word => {}
            other => panic!("{other:?} is dupped"),
        }
    }

    fn drop(&mut self, value: Value) {
        let mut work = vec![value];
        while let Some(value) = work.pop() {
            match value {
                Value::Cell(_) => {
                    let cell = self.cell(value);
                    cell.count -= 1;
                    if cell.count == 0 {
                        cell.alive = false;
                        work.append(&mut cell.parts);
                    }
                }
                Value::Tag(_) | Value::Word => {}
                other => panic!("{other:?} is dropped"),
            }
        }
    }

    /// Gives up a cell for its parts, which are then owned; the cell, if it died.
    fn unpack(&mut self, value: Value) -> (Vec<Value>, Option<usize>) {
        let Value::Cell(id) = value else { panic!("{value:?} is unpacked") };
        if self.cell(value).count == 1 {
            let cell = self.cell(value);
            cell.alive = false;
            return (std::mem::take(&mut cell.parts), Some(id));
        }
        let parts = self.cell(value).parts.clone();
        parts.iter().for_each(|p| self.dup(*p));
        self.drop(value);
        (parts, None)
    }

    /// A number that depends on what ran so far.
    fn chance(&mut self, n: usize) -> usize {
        self.words = self.words.wrapping_mul(0x9e37_79b9).wrapping_add(0x7f4a_7c15);
        (self.words >> 7) % n.max(1)
    }

    // ── Frames ───────────────────────────────────────────────────────────────────

    fn call(&mut self, id: FuncId, args: Vec<Value>, depth: usize) -> Run<Value> {
        if depth > 40 {
            return Err(End);
        }
        let (mut id, mut args) = (id, args);
        loop {
            let function = &self.module.functions[id.index()];
            let mut frame = Frame { function, regs: vec![Value::Empty; function.registers.len()], depth };
            frame.regs[..args.len()].copy_from_slice(&args);
            match self.run(&mut frame)? {
                Out::Return(value) => return Ok(value),
                Out::Tail(next, values) => (id, args) = (next, values),
            }
        }
    }

    fn run(&mut self, frame: &mut Frame<'m>) -> Run<Out> {
        let mut block = 0;
        loop {
            for inst in &frame.function.blocks[block].code {
                self.fuel = self.fuel.checked_sub(1).ok_or(End)?;
                frame.check_reads(inst);
                match self.control(frame, inst)? {
                    Next::Go => self.instruction(frame, inst)?,
                    Next::Block(to) => block = to,
                    Next::Out(out) => return Ok(out),
                }
            }
        }
    }

    fn control(&mut self, frame: &mut Frame<'_>, inst: &Inst) -> Run<Next> {
        Ok(match inst {
            Inst::Jump { to } => Next::Block(to.index()),
            Inst::JumpIf { yes, no, .. } => Next::Block([yes, no][self.chance(2)].index()),
            Inst::Loop { body, done, .. } => Next::Block([body, done][self.chance(2)].index()),
            Inst::SwitchTag { a, to } => Next::Block(to[usize::from(self.tag(frame.get(*a)))].index()),
            Inst::Return { a } => {
                let value = frame.take(*a);
                frame.check_leaving();
                Next::Out(Out::Return(value))
            }
            Inst::TailCall { function, args } => {
                let args = self.arguments(frame, *function, args);
                frame.check_leaving();
                Next::Out(Out::Tail(*function, args))
            }
            Inst::TrapCode { .. } => return Err(End),
            _ => Next::Go,
        })
    }

    fn tag(&mut self, value: Value) -> u8 {
        match value {
            Value::Tag(tag) => tag,
            cell => match self.cell(cell).layout.and_then(|l| self.module.layout(l)) {
                Some(LayoutDef::Record { tag, .. }) => *tag,
                _ => panic!("no record"),
            },
        }
    }

    fn arguments(&mut self, frame: &mut Frame<'_>, function: FuncId, args: &[Reg]) -> Vec<Value> {
        let params = &self.module.functions[function.index()].params;
        let value = |(reg, param): (&Reg, &crate::module::Param)| {
            if param.borrowed { frame.get(*reg) } else { frame.take(*reg) }
        };
        args.iter().zip(params).map(value).collect()
    }

    fn record(&mut self, frame: &Frame<'_>, obj: Reg, layout: LayoutId) -> &mut Cell {
        let cell = self.cell(frame.get(obj));
        assert_eq!(cell.layout, Some(layout), "another variant");
        cell
    }

    fn instruction(&mut self, frame: &mut Frame<'m>, inst: &Inst) -> Run<()> {
        match inst {
            Inst::Call { dst, function, args } => {
                let args = self.arguments(frame, *function, args);
                let result = self.call(*function, args, frame.depth + 1)?;
                frame.set(*dst, result);
            }
            Inst::Dup { dst, src } => {
                self.dup(frame.get(*src));
                frame.set(*dst, frame.get(*src));
            }
            Inst::Drop { src } => self.drop(frame.take(*src)),
            Inst::Move { dst, src } => {
                let value = frame.take(*src);
                frame.set(*dst, value);
            }
            Inst::MakeUnique { src } => {
                let value = frame.get(*src);
                if let Value::Cell(_) = value
                    && self.cell(value).count > 1
                {
                    let Cell { layout, parts, .. } = self.cell(value).clone();
                    parts.iter().for_each(|p| self.dup(*p));
                    self.drop(value);
                    let copy = self.new_cell(layout, parts);
                    frame.set(*src, copy);
                }
            }
            Inst::Literal { dst, .. } => {
                if self.literal.is_none() {
                    self.literal = Some(self.new_cell(None, vec![]));
                }
                let value = self.literal.expect("just made");
                self.dup(value);
                frame.set(*dst, value);
            }
            Inst::GlobalGet { dst, .. } => {
                if self.global.is_none() {
                    self.global = Some(self.new_cell(None, vec![]));
                }
                let value = self.global.expect("just made");
                self.dup(value);
                frame.set(*dst, value);
            }
            Inst::GlobalSet { value, .. } => {
                let value = frame.take(*value);
                // Setting twice ends a container; here the first goes, so that more programs end well.
                if let Some(first) = self.global.replace(value) {
                    self.drop(first);
                }
            }
            _ => self.record_instruction(frame, inst),
        }
        Ok(())
    }

    fn record_instruction(&mut self, frame: &mut Frame<'_>, inst: &Inst) {
        match inst {
            Inst::New { dst, layout, fields } => {
                let parts = fields.iter().map(|r| frame.take(*r)).collect();
                let value = self.new_cell(Some(*layout), parts);
                frame.set(*dst, value);
            }
            Inst::NewReuse { dst, token, layout, fields } => {
                let parts: Vec<Value> = fields.iter().map(|r| frame.take(*r)).collect();
                let value = match frame.take(*token) {
                    Value::Token(Some(id)) => {
                        assert!(!self.cells[id].alive, "the token's cell lives");
                        assert_eq!(self.size(self.cells[id].layout), self.size(Some(*layout)), "another size");
                        self.cells[id] = Cell { count: 1, alive: true, layout: Some(*layout), parts };
                        Value::Cell(id)
                    }
                    Value::Token(None) => self.new_cell(Some(*layout), parts),
                    other => panic!("{other:?} is no token"),
                };
                frame.set(*dst, value);
            }
            Inst::FreeToken { token } => assert!(matches!(frame.take(*token), Value::Token(_))),
            Inst::NewTag { dst, tag, .. } => frame.set(*dst, Value::Tag(*tag as u8)),
            Inst::DropReuse { token, src, layout } => {
                self.record(frame, *src, *layout);
                let (parts, dead) = self.unpack(frame.take(*src));
                parts.into_iter().for_each(|p| self.drop(p));
                frame.set(*token, Value::Token(dead));
            }
            Inst::Unpack { fields, obj, layout } => {
                self.record(frame, *obj, *layout);
                let (parts, _) = self.unpack(frame.take(*obj));
                fields.iter().zip(parts).for_each(|(r, p)| frame.set(*r, p));
            }
            Inst::UnpackReuse { token, fields, obj, layout } => {
                self.record(frame, *obj, *layout);
                let (parts, dead) = self.unpack(frame.take(*obj));
                frame.set(*token, Value::Token(dead));
                fields.iter().zip(parts).for_each(|(r, p)| frame.set(*r, p));
            }
            Inst::GetWord { dst, obj, layout, index } | Inst::GetRef { dst, obj, layout, index } => {
                let value = self.record(frame, *obj, *layout).parts[*index as usize];
                frame.set(*dst, value);
            }
            Inst::SetWord { obj, layout, .. } => {
                self.record(frame, *obj, *layout);
                self.unique(frame.get(*obj));
            }
            Inst::TakeRef { dst, obj, layout, index } => {
                self.record(frame, *obj, *layout);
                let value = std::mem::replace(&mut self.unique(frame.get(*obj)).parts[*index as usize], Value::Hole);
                frame.set(*dst, value);
            }
            Inst::PutRef { obj, layout, index, value } => {
                let value = frame.take(*value);
                let hole = std::mem::replace(&mut self.record(frame, *obj, *layout).parts[*index as usize], value);
                assert_eq!(hole, Value::Hole);
            }
            _ => self.list_instruction(frame, inst),
        }
    }

    fn size(&self, layout: Option<LayoutId>) -> u32 {
        match layout.and_then(|l| self.module.layout(l)) {
            Some(LayoutDef::Record { fields, .. }) => field_offsets(fields).size,
            _ => 0,
        }
    }

    fn list_instruction(&mut self, frame: &mut Frame<'_>, inst: &Inst) {
        match inst {
            Inst::ListNew { dst, items, .. } => {
                let items = items.iter().map(|r| frame.take(*r)).collect();
                let value = self.new_cell(None, items);
                frame.set(*dst, value);
            }
            Inst::ListRepeat { dst, value, .. } => {
                let value = frame.take(*value);
                let count = 1 + self.chance(3);
                (0..count).for_each(|_| self.dup(value));
                self.drop(value);
                let list = self.new_cell(None, vec![value; count]);
                frame.set(*dst, list);
            }
            Inst::ListGetRef { dst, list, at } => {
                self.fill(frame, *list, *dst);
                let item = self.place(frame, *list, *at);
                frame.set(*dst, *item);
            }
            Inst::ListTakeRef { dst, list, at } => {
                self.unique(frame.get(*list));
                self.fill(frame, *list, *dst);
                let item = std::mem::replace(self.place(frame, *list, *at), Value::Hole);
                frame.set(*dst, item);
            }
            Inst::ListPutRef { list, at, value } => {
                let value = frame.take(*value);
                let hole = std::mem::replace(self.place(frame, *list, *at), value);
                assert_eq!(hole, Value::Hole);
            }
            Inst::ListPush { list, value } => {
                let value = frame.take(*value);
                self.unique(frame.get(*list)).parts.push(value);
            }
            Inst::ListPop { dst, list } => {
                let item = match self.unique(frame.get(*list)).parts.pop() {
                    Some(item) => item,
                    None => self.sample(frame, *dst),
                };
                frame.set(*dst, item);
            }
            Inst::ListAppend { list, other } => {
                // A few elements are enough: in a loop, a list that doubles would fill the memory.
                let mut items: Vec<Value> = self.cell(frame.get(*other)).parts.iter().copied().take(8).collect();
                items.iter().for_each(|i| self.dup(*i));
                self.unique(frame.get(*list)).parts.append(&mut items);
            }
            Inst::ListSlice { dst, list, .. } => {
                let items = self.cell(frame.get(*list)).parts.clone();
                items.iter().for_each(|i| self.dup(*i));
                let slice = self.new_cell(None, items);
                frame.set(*dst, slice);
            }
            Inst::ListSwap { list, .. } => self.unique(frame.get(*list)).parts.reverse(),
            _ => self.text_instruction(frame, inst),
        }
    }

    /// An element that depends on the index register alone, so that it is put back where it was taken.
    fn place(&mut self, frame: &Frame<'_>, list: Reg, at: Reg) -> &mut Value {
        let parts = &mut self.cell(frame.get(list)).parts;
        let length = parts.len();
        &mut parts[usize::from(at.0) % length]
    }

    /// A new value of a register's type.
    fn sample(&mut self, frame: &Frame<'_>, reg: Reg) -> Value {
        match frame.function.registers[usize::from(reg.0)] {
            RegType::Ref(_) => self.new_cell(None, vec![]),
            _ => Value::Word,
        }
    }

    /// An empty list gets an element, where a container would end: so more programs end well.
    fn fill(&mut self, frame: &Frame<'_>, list: Reg, item: Reg) {
        if self.cell(frame.get(list)).parts.is_empty() {
            let item = self.sample(frame, item);
            self.cell(frame.get(list)).parts.push(item);
        }
    }

    fn text_instruction(&mut self, frame: &mut Frame<'_>, inst: &Inst) {
        match inst {
            Inst::TextJoin { dst, parts } => {
                parts.iter().for_each(|r| drop(self.cell(frame.get(*r)).clone()));
                let text = self.new_cell(None, vec![]);
                frame.set(*dst, text);
            }
            Inst::RawAppend { a, b } => {
                self.cell(frame.get(*b));
                assert_ne!(frame.get(*a), frame.get(*b), "appended to itself");
                // The bytes are copied: a slice loses its parent.
                let mut parent = std::mem::take(&mut self.unique(frame.get(*a)).parts);
                parent.drain(..).for_each(|p| self.drop(p));
            }
            Inst::TextSlice { dst, a, .. } => {
                self.dup(frame.get(*a));
                let slice = self.new_cell(None, vec![frame.get(*a)]);
                frame.set(*dst, slice);
            }
            other => {
                // Words: their values do not matter.
                other.for_each_operand(|spec, value| {
                    if let (Role::Def, OperandRef::Reg(reg)) = (spec.role, value) {
                        assert!(!matches!(frame.function.registers[usize::from(reg.0)], RegType::Ref(_)), "{other:?}");
                        frame.set(reg, Value::Word);
                    }
                });
            }
        }
    }
}

struct Frame<'m> {
    function: &'m Function,
    regs: Vec<Value>,
    depth: usize,
}

enum Next {
    Go,
    Block(usize),
    Out(Out),
}

enum Out {
    Return(Value),
    Tail(FuncId, Vec<Value>),
}

impl Frame<'_> {
    fn get(&self, reg: Reg) -> Value {
        self.regs[usize::from(reg.0)]
    }

    fn set(&mut self, reg: Reg, value: Value) {
        assert_ne!(value, Value::Hole, "a hole is seen");
        let is_word = !matches!(self.function.registers[usize::from(reg.0)], RegType::Ref(_));
        assert_eq!(is_word, value == Value::Word, "a word and a reference are confused");
        assert!(!matches!(self.get(reg), Value::Token(_)), "a token is lost");
        self.regs[usize::from(reg.0)] = value;
    }

    /// Moves a value out; a word stays.
    fn take(&mut self, reg: Reg) -> Value {
        let value = self.get(reg);
        if value != Value::Word {
            self.regs[usize::from(reg.0)] = Value::Empty;
        }
        value
    }

    /// What is read is there.
    fn check_reads(&self, inst: &Inst) {
        let filled = |reg: Reg| assert_ne!(self.get(reg), Value::Empty, "r{} is empty at {inst:?}", reg.0);
        inst.for_each_operand(|spec, value| {
            if !matches!(spec.role, Role::Def | Role::Lend | Role::Token | Role::Defs) {
                match value {
                    OperandRef::Reg(reg) => filled(reg),
                    OperandRef::Regs(regs) => regs.iter().for_each(|r| filled(*r)),
                    _ => {}
                }
            }
        });
    }

    /// No token is left. (Other leaks are found by the cells that live at the end.)
    fn check_leaving(&self) {
        assert!(!self.regs.iter().any(|v| matches!(v, Value::Token(_))), "a token is left");
    }
}
