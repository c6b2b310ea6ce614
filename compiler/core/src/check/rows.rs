//! Arguments, results and immediates of each row: their number and classes from the instruction table, and what the
//! table leaves open (which record, which element) by the rules here.

use codex_spec::instruction::{Class, FuncId, Opcode, Role};
use codex_spec::layout::{LayoutDef, RegType, Storage, TypeDef};

use super::layout;
use crate::ir::{Func, Imm, Inst, Program, Term, Value};

type Checked = Result<(), String>;

/// The rows that say who owns what.
pub(super) fn is_ownership(op: Opcode) -> bool {
    use Opcode as O;
    matches!(
        op,
        O::Dup
            | O::Drop
            | O::Move
            | O::MakeUnique
            | O::DropReuse
            | O::FreeToken
            | O::NewReuse
            | O::Unpack
            | O::UnpackReuse
    )
}

/// Checks one instruction of a function.
pub(super) fn inst(program: &Program, id: FuncId, func: &Func, inst: &Inst) -> Checked {
    if (0x40..0x58).contains(&(inst.op as u8)) {
        return Err("a terminator among the instructions".into());
    }
    immediates(inst)?;
    classes(program, func, inst)?;
    let args: Vec<RegType> = inst.args.iter().map(|&v| func.typ(v)).collect();
    let results: Vec<RegType> = inst.results.iter().map(|&v| func.typ(v)).collect();
    let row = Row { program, inst, args, results };
    match inst.op as u8 {
        0x58..=0x5f => row.call(),
        0x60..=0x7f => row.record(id, func),
        0x80..=0x97 => row.list(),
        _ => row.other(),
    }
}

fn immediates(inst: &Inst) -> Checked {
    let specs: Vec<Role> = inst.op.operands().iter().filter(|o| o.class == Class::None).map(|o| o.role).collect();
    for (i, imm) in inst.imm.iter().enumerate() {
        let fits = match (specs.get(i), imm) {
            (None, None) | (Some(Role::Imm), Some(Imm::I64(_))) | (Some(Role::Float), Some(Imm::F64(_))) => true,
            (Some(Role::Imm | Role::Float) | None, _) | (_, None) => false,
            (Some(_), Some(imm)) => matches!(imm, Imm::Index(_)),
        };
        if !fits {
            return Err(format!("immediate {i} does not fit"));
        }
    }
    Ok(())
}

/// Numbers and classes of registers, from the table.
fn classes(program: &Program, func: &Func, inst: &Inst) -> Checked {
    use Role as R;
    let mut args = inst.args.iter();
    let mut results = inst.results.iter();
    let fits = |class: Class, value: Option<&Value>| match value {
        Some(&v) if of_class(program, class, func.typ(v)) => Ok(()),
        Some(&v) => Err(format!("v{} has the wrong type", v.0)),
        None => Err("too few arguments or results".into()),
    };
    for spec in inst.op.operands() {
        match spec.role {
            R::Read | R::Take | R::Edit | R::Open | R::Close | R::Unique | R::Spend => {
                let class = if spec.role == R::Spend { Class::Any } else { spec.class };
                fits(class, args.next())?;
            }
            R::Args | R::Takes | R::Reads => args.by_ref().try_for_each(|v| fits(spec.class, Some(v)))?,
            R::Def | R::Lend => fits(spec.class, results.next())?,
            R::Token => fits(Class::Any, results.next())?,
            R::Defs => return Ok(()),
            _ => {}
        }
    }
    for spec in inst.op.operands().iter().filter(|o| matches!(o.role, R::Edit | R::Open | R::Close | R::Unique)) {
        fits(spec.class, results.next())?;
    }
    match (args.next(), results.next()) {
        (None, None) => Ok(()),
        _ => Err("too many arguments or results".into()),
    }
}

fn of_class(program: &Program, class: Class, typ: RegType) -> bool {
    let def = match typ {
        RegType::Ref(t) => program.types.get(t.index()),
        _ => None,
    };
    match (class, typ) {
        (Class::I64, _) => typ == RegType::I64,
        (Class::F64, _) => typ == RegType::F64,
        (Class::Word, _) => def.is_none(),
        (Class::Any, _) => true,
        (Class::Refs, _) => def.is_some(),
        (Class::Data, _) => matches!(def, Some(TypeDef::Data(_))),
        (Class::List, _) => matches!(def, Some(TypeDef::List { .. })),
        (Class::Text, _) => matches!(def, Some(TypeDef::Text)),
        (Class::Bytes, _) => matches!(def, Some(TypeDef::Bytes)),
        (Class::Raw, _) => matches!(def, Some(TypeDef::Text | TypeDef::Bytes)),
        (Class::Fun, _) => matches!(def, Some(TypeDef::Function { .. })),
        (Class::None, _) => false,
    }
}

/// The arguments and result of a call.
fn callee(program: &Program, id: FuncId) -> Result<(Vec<RegType>, RegType), String> {
    let Some(callee) = program.functions.get(id.index()) else { return Err(format!("there is no function {}", id.0)) };
    if callee.closure.is_some() {
        return Err(format!("`{}` is only called as a function value", callee.name));
    }
    Ok((callee.params.iter().map(|&p| callee.typ(p)).collect(), callee.result))
}

/// The arguments and result of a call of a function value.
fn function_type(program: &Program, typ: RegType) -> Result<(Vec<RegType>, RegType), String> {
    match typ {
        RegType::Ref(t) => match program.types.get(t.index()) {
            Some(TypeDef::Function { params, result }) => {
                Ok(([typ].into_iter().chain(params.iter().copied()).collect(), *result))
            }
            _ => Err("no function value".into()),
        },
        _ => Err("no function value".into()),
    }
}

struct Row<'p> {
    program: &'p Program,
    inst: &'p Inst,
    args: Vec<RegType>,
    results: Vec<RegType>,
}

impl Row<'_> {
    /// The arguments and results are these.
    fn are(&self, args: &[RegType], results: &[RegType]) -> Checked {
        if self.args != args {
            return Err(format!("arguments {:?}, not {args:?}", self.args));
        }
        if self.results != results {
            return Err(format!("results {:?}, not {results:?}", self.results));
        }
        Ok(())
    }

    fn call(&self) -> Checked {
        let (args, result) = match self.inst.op {
            Opcode::Call => callee(self.program, FuncId(self.inst.index(0)))?,
            _ => function_type(self.program, self.args[0])?,
        };
        self.are(&args, &[result])
    }

    fn record(&self, id: FuncId, func: &Func) -> Checked {
        use Opcode as O;
        match self.inst.op {
            O::Dup | O::Move | O::MakeUnique => self.are(&self.args, &self.args),
            O::Drop | O::FreeToken | O::DropReuse | O::Tag => Ok(()),
            O::NewTag => self.new_tag(),
            O::Closure | O::UnpackClosure => {
                let layout = layout(self.program, self.inst.index(0))?;
                let LayoutDef::Closure { typ, fields, function } = layout else {
                    return Err("no layout of a function value".into());
                };
                let fields = registers(fields);
                match self.inst.op {
                    O::Closure => self.are(&fields, &[RegType::Ref(*typ)]),
                    _ if func.closure.is_none() || *function != id => Err("outside of its function".into()),
                    _ => self.are(&[RegType::Ref(*typ)], &fields),
                }
            }
            _ => {
                let layout = layout(self.program, self.inst.index(0))?;
                let LayoutDef::Record { typ, fields, .. } = layout else { return Err("no layout of a record".into()) };
                self.fields(RegType::Ref(*typ), fields)
            }
        }
    }

    /// Rows with the layout of a record.
    fn fields(&self, record: RegType, fields: &[Storage]) -> Checked {
        use Opcode as O;
        match self.inst.op {
            O::New => return self.are(&registers(fields), &[record]),
            O::NewReuse => {
                let token = self.args[0];
                return self.are(&[token].into_iter().chain(registers(fields)).collect::<Vec<_>>(), &[record]);
            }
            O::Unpack => return self.are(&[record], &registers(fields)),
            O::UnpackReuse => {
                let token = self.results.first().copied().unwrap_or(record);
                return self.are(&[record], &[token].into_iter().chain(registers(fields)).collect::<Vec<_>>());
            }
            _ => {}
        }
        let Some(&storage) = fields.get(self.inst.index(1) as usize) else {
            return Err("there is no such field".into());
        };
        let kind = match storage {
            Storage::I64 | Storage::F64 => matches!(self.inst.op, O::GetWord | O::SetWord),
            Storage::Byte => matches!(self.inst.op, O::GetByte | O::SetByte),
            Storage::Ref(_) => matches!(self.inst.op, O::GetRef | O::TakeRef | O::PutRef),
        };
        if !kind {
            return Err(format!("the field is stored as {storage:?}"));
        }
        let field = storage.reg_type();
        match self.inst.op {
            O::GetWord | O::GetByte | O::GetRef => self.are(&[record], &[field]),
            O::TakeRef => self.are(&[record], &[field, record]),
            _ => self.are(&[record, field], &[record]),
        }
    }

    fn new_tag(&self) -> Checked {
        let typ = self.inst.index(0) as usize;
        match self.program.types.get(typ) {
            Some(TypeDef::Data(layouts)) if layouts.get(self.inst.index(1) as usize) == Some(&None) => {
                self.are(&[], &[RegType::Ref(codex_spec::instruction::TypeId(typ as u32))])
            }
            _ => Err("no variant without fields".into()),
        }
    }

    /// How the elements of a list type are stored.
    fn element(&self, list: RegType) -> Result<Storage, String> {
        match list {
            RegType::Ref(t) => match self.program.types.get(t.index()) {
                Some(TypeDef::List { element, .. }) => Ok(*element),
                _ => Err("no list".into()),
            },
            _ => Err("no list".into()),
        }
    }

    fn list(&self) -> Checked {
        use Opcode as O;
        if matches!(self.inst.op, O::ListNew | O::ListRepeat) {
            let list = RegType::Ref(codex_spec::instruction::TypeId(self.inst.index(0)));
            let element = self.element(list)?.reg_type();
            return match self.inst.op {
                O::ListNew => self.are(&vec![element; self.args.len()], &[list]),
                _ => self.are(&[element, RegType::I64], &[list]),
            };
        }
        let list = self.args[0];
        let storage = self.element(list)?;
        let element = storage.reg_type();
        let kind = match storage {
            Storage::I64 | Storage::F64 => !matches!(
                self.inst.op,
                O::ListGetByte | O::ListGetRef | O::ListSetByte | O::ListTakeRef | O::ListPutRef
            ),
            Storage::Byte => {
                !matches!(self.inst.op, O::ListGet | O::ListGetRef | O::ListSet | O::ListTakeRef | O::ListPutRef)
            }
            Storage::Ref(_) => !matches!(self.inst.op, O::ListGet | O::ListGetByte | O::ListSet | O::ListSetByte),
        };
        if !kind {
            return Err(format!("the elements are stored as {storage:?}"));
        }
        let int = RegType::I64;
        match self.inst.op {
            O::ListGet | O::ListGetByte | O::ListGetRef => self.are(&[list, int], &[element]),
            O::ListSet | O::ListSetByte | O::ListPutRef => self.are(&[list, int, element], &[list]),
            O::ListTakeRef => self.are(&[list, int], &[element, list]),
            O::ListSwap => self.are(&[list, int, int], &[list]),
            O::ListPush => self.are(&[list, element], &[list]),
            O::ListPop => self.are(&[list], &[element, list]),
            O::ListAppend => self.are(&[list, list], &[list]),
            O::ListSlice => self.are(&[list, int, int], &[list]),
            O::ListTruncate => self.are(&[list, int], &[list]),
            O::Probe if storage != Storage::I64 => Err("slots are words".into()),
            _ => Ok(()),
        }
    }

    /// Words, texts and the world.
    fn other(&self) -> Checked {
        use Opcode as O;
        let same = |a: usize, b: usize| {
            if self.args[a] == self.args[b] { Ok(()) } else { Err("the two sides differ in type".to_string()) }
        };
        match self.inst.op {
            O::Copy => self.are(&self.args, &self.args),
            O::RawEq | O::RawCompare | O::RawFind => same(0, 1),
            O::RawAppend => {
                same(0, 1)?;
                self.are(&self.args, &self.args[..1])
            }
            O::Literal => {
                let raw = matches!(self.results[0], RegType::Ref(t) if t.0 == self.inst.index(0));
                let there = (self.inst.index(1) as usize) < self.program.constants.len();
                if raw && there { Ok(()) } else { Err("no such literal".into()) }
            }
            O::GlobalReady | O::GlobalGet | O::GlobalSet => {
                let Some(&typ) = self.program.globals.get(self.inst.index(0) as usize) else {
                    return Err("no such slot".into());
                };
                match self.inst.op {
                    O::GlobalGet => self.are(&[], &[typ]),
                    O::GlobalSet => self.are(&[typ], &[]),
                    _ => Ok(()),
                }
            }
            O::Spawn | O::Send | O::Ask | O::TryAsk => self.message(),
            _ => Ok(()),
        }
    }

    /// What is sent fits the function that gets it.
    fn message(&self) -> Checked {
        let op = self.inst.op;
        let kind = self.inst.index(0) as usize;
        let Some(container) = self.program.containers.get(kind) else {
            return Err(format!("there is no container {kind}"));
        };
        let (function, skip, reply) = match (op, container.handlers.get(self.inst.index(1) as usize)) {
            (Opcode::Spawn, _) => (container.init, 0, None),
            (_, Some(handler)) => (handler.function, 1, Some(handler.reply)),
            (_, None) => return Err("no such message".into()),
        };
        let before = match op {
            Opcode::Spawn => 0,
            Opcode::TryAsk => 2,
            _ => 1,
        };
        let wanted = callee(self.program, function)?.0;
        if wanted.get(skip..) != self.args.get(before..) {
            return Err(format!("arguments {:?}, not {wanted:?}", self.args));
        }
        match (op, reply) {
            (Opcode::Ask, Some(reply)) => self.are(&self.args, &[reply]),
            _ => Ok(()),
        }
    }
}

fn registers(fields: &[Storage]) -> Vec<RegType> {
    fields.iter().map(|f| f.reg_type()).collect()
}

// ── Terminators ──────────────────────────────────────────────────────────────

/// Checks a terminator's own operands.
pub(super) fn term(program: &Program, func: &Func, term: &Term) -> Checked {
    let typ = |v: &Value| func.typ(*v);
    let is_int = |v: &Value| if typ(v) == RegType::I64 { Ok(()) } else { Err(format!("v{} is no integer", v.0)) };
    match term {
        Term::Branch { op, args, imm, .. } => branch(program, func, *op, args, imm.is_some()),
        Term::Loop { counter, limit, .. } => is_int(counter).and(is_int(limit)),
        Term::Switch(value, ..) | Term::Exit(value) => is_int(value),
        Term::SwitchTag(value, targets) => match typ(value) {
            RegType::Ref(t) => match program.types.get(t.index()) {
                Some(TypeDef::Data(variants)) if variants.len() == targets.len() => Ok(()),
                _ => Err("`switch_tag` does not fit its type".into()),
            },
            _ => Err("`switch_tag` on a word".into()),
        },
        Term::Return(value) if typ(value) == func.result => Ok(()),
        Term::Return(value) => Err(format!("v{} is not of the result's type", value.0)),
        Term::Panic(value) if of_class(program, Class::Text, typ(value)) => Ok(()),
        Term::Panic(_) => Err("`panic` without a text".into()),
        Term::TailCall(id, args) => {
            let (params, result) = callee(program, *id)?;
            tail(args.iter().map(typ).collect(), params, result, func.result)
        }
        Term::TailCallValue(function, args) => {
            let (params, result) = function_type(program, typ(function))?;
            tail([function].into_iter().chain(args).map(typ).collect(), params, result, func.result)
        }
        Term::None | Term::Jump(_) | Term::Trap(_) => Ok(()),
    }
}

fn tail(args: Vec<RegType>, params: Vec<RegType>, result: RegType, own: RegType) -> Checked {
    if args == params && result == own { Ok(()) } else { Err("a tail call does not fit".into()) }
}

fn branch(program: &Program, func: &Func, op: Opcode, args: &[Value], has_imm: bool) -> Checked {
    let operands = op.operands();
    let registers: Vec<Class> = operands.iter().filter(|o| o.role == Role::Read).map(|o| o.class).collect();
    let two = operands.iter().filter(|o| o.role == Role::Block).count() == 2 && op != Opcode::Loop;
    let imm = operands.iter().any(|o| o.role == Role::Imm);
    let fits =
        registers.len() == args.len() && registers.iter().zip(args).all(|(&c, &v)| of_class(program, c, func.typ(v)));
    if two && fits && imm == has_imm { Ok(()) } else { Err(format!("`{}` does not fit", op.name())) }
}
