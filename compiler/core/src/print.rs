//! The core IR as text, for people and for tests.
//!
//! ```text
//! fn sum(v0: List[Int]) → Int {
//! b0:
//!   v1 = list_length v0
//!   jump_le_imm v1 0 → b2(v2), b1(v2, v2)
//! }
//! ```

use std::fmt::{self, Display, Formatter, Write};

use codex_spec::instruction::{Class, LayoutId, Opcode, Role, TypeId};
use codex_spec::layout::{RegType, builtin_layout};
use codex_spec::module::Lifecycle;

use crate::ir::{Block, Func, Imm, Inst, Program, Target, Term, Value};

/// The whole program.
pub fn program(program: &Program) -> String {
    let mut out = String::new();
    for (container, (name, messages)) in program.containers.iter().zip(&program.container_names) {
        let handlers = messages.iter().zip(&container.handlers).map(|(m, h)| format!(" {m}: {}", h.function.0));
        let events = Lifecycle::ALL.iter().zip(&container.lifecycle);
        let events = events.filter_map(|(event, id)| Some(format!(" {}: {}", event.name(), (*id)?.0)));
        let all: Vec<String> = handlers.chain(events).collect();
        out.push_str(&format!("container {name} {}{}\n\n", container.init.0, all.join(",")));
    }
    for (i, func) in program.functions.iter().enumerate() {
        out.push_str(if i > 0 { "\n" } else { "" });
        out.push_str(&function(program, func));
    }
    out
}

/// One function.
pub fn function(program: &Program, func: &Func) -> String {
    Shown { program, func }.to_string()
}

struct Shown<'p> {
    program: &'p Program,
    func: &'p Func,
}

impl Display for Shown<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "fn {}(", self.func.name)?;
        for (i, &param) in self.func.params.iter().enumerate() {
            let lent = if self.func.borrowed.get(i) == Some(&true) { "lent " } else { "" };
            write!(f, "{}{lent}{}", comma(i), self.typed(param))?;
        }
        writeln!(f, ") → {} {{", self.typ(self.func.result))?;
        for (i, block) in self.func.blocks.iter().enumerate() {
            self.block(f, i, block)?;
        }
        f.write_str("}\n")
    }
}

fn comma(i: usize) -> &'static str {
    if i > 0 { ", " } else { "" }
}

impl Shown<'_> {
    fn typ(&self, typ: RegType) -> String {
        match typ {
            RegType::I64 => "Int".into(),
            RegType::F64 => "Float".into(),
            RegType::Ref(TypeId(id)) => {
                self.program.type_names.get(id as usize).cloned().unwrap_or(format!("type{id}"))
            }
        }
    }

    fn typed(&self, value: Value) -> String {
        match self.func.values.get(value.index()) {
            Some(&typ) => format!("v{}: {}", value.0, self.typ(typ)),
            None => format!("v{}: ?", value.0),
        }
    }

    fn block(&self, f: &mut Formatter<'_>, i: usize, block: &Block) -> fmt::Result {
        write!(f, "b{i}")?;
        if !block.params.is_empty() {
            let params: Vec<String> = block.params.iter().map(|&p| self.typed(p)).collect();
            write!(f, "({})", params.join(", "))?;
        }
        f.write_str(":\n")?;
        for inst in &block.insts {
            writeln!(f, "  {}", self.inst(inst))?;
        }
        writeln!(f, "  {}", self.term(&block.term))
    }

    fn inst(&self, inst: &Inst) -> String {
        let mut out = String::new();
        if !inst.results.is_empty() {
            let _ = write!(out, "{} = ", values(&inst.results));
        }
        out.push_str(inst.op.name());
        let specs = inst.op.operands().iter().filter(|o| o.class == Class::None);
        for (spec, imm) in specs.zip(&inst.imm) {
            let _ = write!(out, " {}", self.immediate(spec.role, *imm));
        }
        if !inst.args.is_empty() {
            let _ = write!(out, " {}", values(&inst.args));
        }
        out
    }

    fn immediate(&self, role: Role, imm: Option<Imm>) -> String {
        match (role, imm) {
            (_, Some(Imm::I64(n))) => n.to_string(),
            (_, Some(Imm::F64(bits))) => codex_spec::semantics::float_to_text(f64::from_bits(bits)),
            (Role::Func, Some(Imm::Index(i))) => {
                let name = self.program.functions.get(i as usize).map_or("?", |f| f.name.as_str());
                format!("@{i}:`{name}`")
            }
            (Role::Layout, Some(Imm::Index(i))) => self.layout(LayoutId(i)),
            (Role::Typ, Some(Imm::Index(i))) => self.typ(RegType::Ref(TypeId(i))),
            (Role::Constant, Some(Imm::Index(i))) => match self.program.constants.get(i as usize) {
                Some(bytes) => format!("{:?}", String::from_utf8_lossy(bytes)),
                None => format!("constant{i}"),
            },
            (_, Some(Imm::Index(i))) => i.to_string(),
            (_, None) => "?".into(),
        }
    }

    fn layout(&self, id: LayoutId) -> String {
        let own = id.0.checked_sub(builtin_layout::FIRST).and_then(|i| self.program.layout_names.get(i as usize));
        match own {
            Some((name, _)) if !name.is_empty() => format!("{name}#{}", id.0),
            _ => format!("#{}", id.0),
        }
    }

    fn term(&self, term: &Term) -> String {
        match term {
            Term::None => "none".into(),
            Term::Jump(to) => format!("jump {}", target(to)),
            Term::Branch { op, args, imm, yes, no } => {
                let imm = imm.map_or(String::new(), |n| format!(" {n}"));
                format!("{} {}{imm} → {}, {}", op.name(), values(args), target(yes), target(no))
            }
            Term::Loop { counter, limit, body, done } => {
                format!("{} v{}, v{} → {}, {}", Opcode::Loop.name(), counter.0, limit.0, target(body), target(done))
            }
            Term::Switch(value, to, other) => format!("switch v{} → [{}], {}", value.0, targets(to), target(other)),
            Term::SwitchTag(value, to) => format!("switch_tag v{} → [{}]", value.0, targets(to)),
            Term::Return(value) => format!("return v{}", value.0),
            Term::TailCall(callee, args) => {
                format!("tail_call {} {}", self.immediate(Role::Func, Some(Imm::Index(callee.0))), values(args))
            }
            Term::TailCallValue(function, args) => format!("tail_call_value v{} {}", function.0, values(args)),
            Term::Trap(trap) => format!("trap {trap:?}"),
            Term::Panic(message) => format!("panic v{}", message.0),
            Term::Exit(code) => format!("exit v{}", code.0),
        }
    }
}

fn values(values: &[Value]) -> String {
    let names: Vec<String> = values.iter().map(|v| format!("v{}", v.0)).collect();
    names.join(", ")
}

fn target(target: &Target) -> String {
    if target.args.is_empty() {
        return format!("b{}", target.block.0);
    }
    format!("b{}({})", target.block.0, values(&target.args))
}

fn targets(all: &[Target]) -> String {
    all.iter().map(target).collect::<Vec<_>>().join(", ")
}
