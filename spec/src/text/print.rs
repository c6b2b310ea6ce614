//! From a module to its assembly.

use std::fmt::{Display, Write};

use super::letter;
use crate::instruction::{FuncId, Inst, LayoutId, OperandRef, Reg, TypeId};
use crate::layout::{LayoutDef, RegType, Storage, TypeDef, builtin_layout};
use crate::module::{Block, ContainerDef, Function, Hold, Module, Names, State};
use crate::port::Request;
use crate::semantics::{CharClass, Math, Math2};
use crate::trap::Trap;

/// The assembly form of a module.
pub fn disassemble(module: &Module) -> String {
    let mut printer = Printer { module, out: String::new() };
    printer.tables();
    for (n, function) in module.functions.iter().enumerate() {
        printer.function(n, function);
    }
    printer.names(&module.names);
    printer.out
}

struct Printer<'m> {
    module: &'m Module,
    out: String,
}

impl Printer<'_> {
    /// One line, with a comment if there is something to say.
    fn line(&mut self, text: &str, comment: &str) {
        self.out.push_str(text);
        if !comment.is_empty() {
            let width = text.chars().count();
            let comment: String = comment.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
            let _ = write!(self.out, "{:1$} ; {comment}", "", 42usize.saturating_sub(width));
        }
        self.out.push('\n');
    }

    // ── Tables ───────────────────────────────────────────────────────────────────

    fn tables(&mut self) {
        let module = self.module;
        for (n, def) in module.types.iter().enumerate() {
            let name = module.names.types.get(n).map_or("", String::as_str);
            self.line(&format!("type t{n} {}", type_def(def)), name);
        }
        for (n, def) in (builtin_layout::FIRST..).zip(&module.layouts) {
            self.line(&format!("layout l{n} {}", layout_def(def)), &self.layout_name(LayoutId(n)));
        }
        for (n, bytes) in module.constants.iter().enumerate() {
            self.line(&format!("constant c{n} {}", quoted(bytes)), "");
        }
        for (n, typ) in module.globals.iter().enumerate() {
            self.line(&format!("global g{n} {}", reg_type(*typ)), &self.type_name(*typ));
        }
        for (n, container) in module.containers.iter().enumerate() {
            let name = module.names.containers.get(n).map_or("", |(name, _)| name);
            self.line(&container_def(n, container), name);
        }
        if let Some(FuncId(entry)) = module.entry {
            self.line(&format!("entry f{entry}"), "");
        }
        for (name, FuncId(function)) in &module.tests {
            self.line(&format!("test {} f{function}", quoted(name.as_bytes())), "");
        }
    }

    fn type_name(&self, typ: RegType) -> String {
        match typ {
            RegType::Ref(TypeId(t)) => self.module.names.types.get(t as usize).cloned().unwrap_or_default(),
            _ => String::new(),
        }
    }

    fn layout_name(&self, layout: LayoutId) -> String {
        let own = layout.index().checked_sub(builtin_layout::FIRST as usize);
        let Some((name, fields)) = own.and_then(|n| self.module.names.layouts.get(n)) else {
            return String::new();
        };
        if fields.is_empty() { name.clone() } else { format!("{name}({})", fields.join(", ")) }
    }

    fn container_name(&self, kind: u32) -> &str {
        self.module.names.containers.get(kind as usize).map_or("", |(name, _)| name)
    }

    fn message_name(&self, kind: u32, handler: u32) -> String {
        let named = self.module.names.containers.get(kind as usize);
        match named.and_then(|(name, messages)| Some((name, messages.get(handler as usize)?))) {
            Some((container, message)) => format!("{container}.{message}"),
            None => String::new(),
        }
    }

    fn function_name(&self, function: FuncId) -> String {
        self.module.names.functions.get(function.index()).cloned().unwrap_or_default()
    }

    // ── Code ─────────────────────────────────────────────────────────────────────

    fn function(&mut self, number: usize, function: &Function) {
        let params =
            joined(&function.params, |p| format!("{}{}", if p.borrowed { "lent " } else { "" }, reg_type(p.typ)));
        self.line("", "");
        let mut head = format!("function f{number} ({params}) {} ", reg_type(function.result));
        if let Some(LayoutId(layout)) = function.closure {
            let _ = write!(head, "closure l{layout} ");
        }
        head.push('{');
        let name = self.module.names.functions.get(number).map_or("", String::as_str);
        self.line(&head, name);
        if !function.registers.is_empty() {
            let runs = function.registers.chunk_by(|a, b| a == b).map(|run| match run {
                [one] => format!(" {}", reg_type(*one)),
                _ => format!(" {}*{}", reg_type(run[0]), run.len()),
            });
            let runs: String = runs.collect();
            self.line(&format!("    registers{runs}"), "");
        }
        for (n, block) in function.blocks.iter().enumerate() {
            self.block(n, block);
        }
        self.line("}", "");
    }

    fn block(&mut self, number: usize, block: &Block) {
        let states = joined(&block.entry, |(Reg(reg), state)| format!("r{reg} {}", show_state(*state)));
        let states = if states.is_empty() { states } else { format!(" {states}") };
        self.line(&format!("  b{number}:{states}"), "");
        for inst in &block.code {
            self.line(&format!("    {}", instruction(inst)), &self.note(inst));
        }
    }

    /// What a reader would look up.
    fn note(&self, inst: &Inst) -> String {
        match inst {
            Inst::Call { function, .. } | Inst::TailCall { function, .. } => self.function_name(*function),
            Inst::New { layout, .. }
            | Inst::NewReuse { layout, .. }
            | Inst::Unpack { layout, .. }
            | Inst::UnpackReuse { layout, .. }
            | Inst::DropReuse { layout, .. } => self.layout_name(*layout),
            Inst::Literal { constant, .. } => {
                self.module.constants.get(constant.index()).map_or(String::new(), |c| quoted(c))
            }
            Inst::Math { function, .. } => Math::from_number(*function).map_or("", Math::name).to_owned(),
            Inst::Math2 { function, .. } => Math2::from_number(*function).map_or("", Math2::name).to_owned(),
            Inst::CharIs { class, .. } => CharClass::from_number(*class).map_or("", CharClass::name).to_owned(),
            Inst::TrapCode { reason } => Trap::from_number(*reason).map_or("", Trap::message).to_owned(),
            Inst::Spawn { container, .. } => self.container_name(*container).to_owned(),
            Inst::Send { container, handler, .. }
            | Inst::Ask { container, handler, .. }
            | Inst::TryAsk { container, handler, .. } => self.message_name(*container, *handler),
            Inst::Request { request, .. } => Request::from_number(*request).map_or("", Request::name).to_owned(),
            _ => String::new(),
        }
    }

    // ── Names ────────────────────────────────────────────────────────────────────

    fn names(&mut self, names: &Names) {
        if *names == Names::default() {
            return;
        }
        let quoted = |text: &str| quoted(text.as_bytes());
        self.line("\nnames {", "");
        for (kind, list) in [("file", &names.files), ("function", &names.functions), ("type", &names.types)] {
            for name in list {
                self.line(&format!("    {kind} {}", quoted(name)), "");
            }
        }
        for (name, fields) in &names.layouts {
            self.line(&format!("    layout {} ({})", quoted(name), joined(fields, |f| quoted(f))), "");
        }
        for (name, messages) in &names.containers {
            self.line(&format!("    container {} ({})", quoted(name), joined(messages, |m| quoted(m))), "");
        }
        for runs in &names.lines {
            let runs = joined(runs, |r| format!("{} {}:{}:{}", r.count, r.file, r.line, r.column));
            self.line(&format!("    lines ({runs})"), "");
        }
        self.line("}", "");
    }
}

// ── Parts ────────────────────────────────────────────────────────────────────────

fn joined<T, D: Display>(items: &[T], show: impl Fn(&T) -> D) -> String {
    items.iter().map(|item| show(item).to_string()).collect::<Vec<_>>().join(", ")
}

fn reg_type(typ: RegType) -> String {
    match typ {
        RegType::I64 => "i64".to_owned(),
        RegType::F64 => "f64".to_owned(),
        RegType::Ref(TypeId(t)) => format!("t{t}"),
    }
}

fn storage(storage: &Storage) -> String {
    match storage {
        Storage::Byte => "byte".to_owned(),
        other => reg_type(other.reg_type()),
    }
}

fn type_def(def: &TypeDef) -> String {
    match def {
        TypeDef::Data(variants) => {
            let variant = |v: &Option<LayoutId>| v.map_or("none".to_owned(), |l| format!("l{}", l.0));
            format!("data ({})", joined(variants, variant))
        }
        TypeDef::List { element, layout } => format!("list {} l{}", storage(element), layout.0),
        TypeDef::Text => "text".to_owned(),
        TypeDef::Bytes => "bytes".to_owned(),
        TypeDef::Function { params, result } => {
            format!("function ({}) {}", joined(params, |p| reg_type(*p)), reg_type(*result))
        }
    }
}

fn container_def(number: usize, def: &ContainerDef) -> String {
    let handler = |h: &crate::module::HandlerDef| format!("f{} {}", h.function.0, reg_type(h.reply));
    let event = |f: &Option<FuncId>| f.map_or("none".to_owned(), |f| format!("f{}", f.0));
    format!(
        "container k{number} {} f{} ({}) ({})",
        reg_type(def.state),
        def.init.0,
        joined(&def.handlers, handler),
        joined(&def.lifecycle, event)
    )
}

fn layout_def(def: &LayoutDef) -> String {
    match def {
        LayoutDef::Record { typ, tag, fields } => {
            format!("record t{} {tag} ({})", typ.0, joined(fields, storage))
        }
        LayoutDef::List(typ) => format!("list t{}", typ.0),
        LayoutDef::Closure { typ, function, fields } => {
            format!("closure t{} f{} ({})", typ.0, function.0, joined(fields, storage))
        }
    }
}

fn show_state(state: State) -> String {
    let hold = match state.hold {
        Hold::Word => "word".to_owned(),
        Hold::Owned => "owned".to_owned(),
        Hold::Unique => "unique".to_owned(),
        Hold::Lent => "lent".to_owned(),
        Hold::Borrowed(Reg(r)) => format!("borrowed r{r}"),
        Hold::Token(size) => format!("token {size}"),
        Hold::OpenField(field) => format!("open {field}"),
        Hold::OpenItem(Reg(r)) => format!("open r{r}"),
    };
    state.variant.map_or(hold.clone(), |v| format!("{hold} is {v}"))
}

fn instruction(inst: &Inst) -> String {
    let mut out = inst.opcode().name().to_owned();
    let mut separator = " ";
    inst.for_each_operand(|spec, value| {
        out.push_str(separator);
        separator = ", ";
        let letter = letter(spec.role).map_or(String::new(), String::from);
        let _ = match value {
            OperandRef::Reg(Reg(r)) => write!(out, "r{r}"),
            OperandRef::Regs(regs) => write!(out, "({})", joined(regs, |r| format!("r{}", r.0))),
            OperandRef::Imm(n) => write!(out, "{n}"),
            OperandRef::Float(bits) => write!(out, "{}", float(bits)),
            OperandRef::Index(n) => write!(out, "{letter}{n}"),
            OperandRef::Block(b) => write!(out, "{letter}{}", b.0),
            OperandRef::Blocks(blocks) => {
                write!(out, "({})", joined(blocks, |b| format!("{letter}{}", b.0)))
            }
        };
    });
    out
}

/// In decimal if that says it all, else the bits.
fn float(bits: u64) -> String {
    let value = f64::from_bits(bits);
    if value.is_finite() { format!("{value:?}") } else { format!("0x{bits:016x}") }
}

/// Bytes as a literal: text as it is, what is no text or would not show as `\xNN`.
fn quoted(bytes: &[u8]) -> String {
    let mut out = String::from("\"");
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            match c {
                '"' | '\\' => out.extend(['\\', c]),
                '\n' => out.push_str("\\n"),
                c if c.is_control() => {
                    let mut buffer = [0; 4];
                    c.encode_utf8(&mut buffer).bytes().for_each(|b| escape(&mut out, b));
                }
                c => out.push(c),
            }
        }
        chunk.invalid().iter().for_each(|b| escape(&mut out, *b));
    }
    out.push('"');
    out
}

fn escape(out: &mut String, byte: u8) {
    let _ = write!(out, "\\x{byte:02x}");
}
