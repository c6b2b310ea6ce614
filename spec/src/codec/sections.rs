//! The sections in their order, each with its writer and its reader side by side.

use super::error::{CodecError, Wrong};
use super::names;
use super::reader::Reader;
use super::writer::Writer;
use crate::instruction::{FuncId, Inst, LayoutId, Opcode, OperandSource, Reg, TypeId};
use crate::layout::{LayoutDef, RegType, Storage, TypeDef};
use crate::module::{Block, ContainerDef, Function, HandlerDef, Hold, Lifecycle, Module, Param, State};

type Read<T> = Result<T, CodecError>;

/// One section.
pub(super) struct Section {
    pub(super) id: u8,
    pub(super) name: &'static str,
    pub(super) write: fn(&Module, &mut Writer),
    pub(super) read: fn(&mut Module, &mut Reader<'_>) -> Read<()>,
}

/// Every section, in order. Code comes after the signatures, whose number it repeats.
pub(super) const ALL: &[Section] = &[
    Section { id: 1, name: "types", write: write_types, read: read_types },
    Section { id: 2, name: "layouts", write: write_layouts, read: read_layouts },
    Section { id: 3, name: "constants", write: write_constants, read: read_constants },
    Section { id: 4, name: "globals", write: write_globals, read: read_globals },
    Section { id: 5, name: "functions", write: write_functions, read: read_functions },
    Section { id: 6, name: "code", write: write_code, read: read_code },
    Section { id: 7, name: "containers", write: write_containers, read: read_containers },
    Section { id: 8, name: "entry", write: write_entry, read: read_entry },
    Section { id: 9, name: "names", write: write_names, read: read_names },
];

// ── Types of registers and fields: one number each ───────────────────────────────

fn reg_type_code(typ: RegType) -> u64 {
    match typ {
        RegType::I64 => 0,
        RegType::F64 => 1,
        RegType::Ref(t) => 2 + u64::from(t.0),
    }
}

fn reg_type(code: u64) -> Option<RegType> {
    Some(match code {
        0 => RegType::I64,
        1 => RegType::F64,
        n => RegType::Ref(TypeId(u32::try_from(n - 2).ok()?)),
    })
}

fn storage_code(storage: Storage) -> u64 {
    match storage {
        Storage::I64 => 0,
        Storage::F64 => 1,
        Storage::Byte => 2,
        Storage::Ref(t) => 3 + u64::from(t.0),
    }
}

fn write_reg_type(w: &mut Writer, typ: &RegType) {
    w.number(reg_type_code(*typ));
}

fn write_storage(w: &mut Writer, storage: &Storage) {
    w.number(storage_code(*storage));
}

/// A number, and what `meaning` makes of it.
fn coded<T>(r: &mut Reader<'_>, what: &'static str, meaning: impl FnOnce(u64) -> Option<T>) -> Read<T> {
    let offset = r.offset();
    let code = r.number()?;
    meaning(code).ok_or(CodecError { offset, wrong: Wrong::Unknown { what, code } })
}

fn read_reg_type(r: &mut Reader<'_>) -> Read<RegType> {
    coded(r, "register type", reg_type)
}

fn read_storage(r: &mut Reader<'_>) -> Read<Storage> {
    coded(r, "field type", |code| {
        Some(match code {
            0 => Storage::I64,
            1 => Storage::F64,
            2 => Storage::Byte,
            n => Storage::Ref(TypeId(u32::try_from(n - 3).ok()?)),
        })
    })
}

// ── Types and layouts ────────────────────────────────────────────────────────────

fn write_types(module: &Module, w: &mut Writer) {
    w.list(&module.types, |w, typ| match typ {
        TypeDef::Data(variants) => {
            w.byte(0);
            w.list(variants, |w, layout| w.optional_id(layout.map(|l| l.0)));
        }
        TypeDef::List { element, layout } => {
            w.byte(1);
            write_storage(w, element);
            w.number(layout.0.into());
        }
        TypeDef::Text => w.byte(2),
        TypeDef::Bytes => w.byte(3),
        TypeDef::Function { params, result } => {
            w.byte(4);
            w.list(params, write_reg_type);
            write_reg_type(w, result);
        }
    });
}

fn read_types(module: &mut Module, r: &mut Reader<'_>) -> Read<()> {
    module.types = r.list("types", |r| {
        let offset = r.offset();
        Ok(match r.byte()? {
            0 => TypeDef::Data(r.list("variants", |r| Ok(r.optional_id("a layout")?.map(LayoutId)))?),
            1 => TypeDef::List { element: read_storage(r)?, layout: LayoutId(r.id("a layout")?) },
            2 => TypeDef::Text,
            3 => TypeDef::Bytes,
            4 => TypeDef::Function { params: r.list("parameters", read_reg_type)?, result: read_reg_type(r)? },
            code => {
                return Err(CodecError { offset, wrong: Wrong::Unknown { what: "kind of type", code: code.into() } });
            }
        })
    })?;
    Ok(())
}

fn write_layouts(module: &Module, w: &mut Writer) {
    w.list(&module.layouts, |w, layout| match layout {
        LayoutDef::Record { typ, tag, fields } => {
            w.byte(0);
            w.number(typ.0.into());
            w.byte(*tag);
            w.list(fields, write_storage);
        }
        LayoutDef::List(typ) => {
            w.byte(1);
            w.number(typ.0.into());
        }
        LayoutDef::Closure { typ, function, fields } => {
            w.byte(2);
            w.number(typ.0.into());
            w.number(function.0.into());
            w.list(fields, write_storage);
        }
    });
}

fn read_layouts(module: &mut Module, r: &mut Reader<'_>) -> Read<()> {
    module.layouts = r.list("layouts", |r| {
        let offset = r.offset();
        Ok(match r.byte()? {
            0 => LayoutDef::Record {
                typ: TypeId(r.id("a type")?),
                tag: r.byte()?,
                fields: r.list("fields", read_storage)?,
            },
            1 => LayoutDef::List(TypeId(r.id("a type")?)),
            2 => LayoutDef::Closure {
                typ: TypeId(r.id("a type")?),
                function: FuncId(r.id("a function")?),
                fields: r.list("captures", read_storage)?,
            },
            code => {
                return Err(CodecError { offset, wrong: Wrong::Unknown { what: "kind of layout", code: code.into() } });
            }
        })
    })?;
    Ok(())
}

// ── Constants, globals, entry, names ─────────────────────────────────────────────

fn write_constants(module: &Module, w: &mut Writer) {
    w.list(&module.constants, |w, bytes| {
        w.number(bytes.len() as u64);
        w.bytes(bytes);
    });
}

fn read_constants(module: &mut Module, r: &mut Reader<'_>) -> Read<()> {
    module.constants = r.list("constants", |r| {
        let length = r.count("bytes of a constant")?;
        r.take(length).map(Box::from)
    })?;
    Ok(())
}

fn write_globals(module: &Module, w: &mut Writer) {
    w.list(&module.globals, write_reg_type);
}

fn read_globals(module: &mut Module, r: &mut Reader<'_>) -> Read<()> {
    module.globals = r.list("globals", read_reg_type)?;
    Ok(())
}

fn write_containers(module: &Module, w: &mut Writer) {
    w.list(&module.containers, |w, container| {
        write_reg_type(w, &container.state);
        w.number(container.init.0.into());
        w.list(&container.handlers, |w, handler| {
            w.number(handler.function.0.into());
            write_reg_type(w, &handler.reply);
        });
        for function in container.lifecycle {
            w.optional_id(function.map(|f| f.0));
        }
    });
}

fn read_containers(module: &mut Module, r: &mut Reader<'_>) -> Read<()> {
    module.containers = r.list("containers", |r| {
        let state = read_reg_type(r)?;
        let init = FuncId(r.id("a function")?);
        let handlers =
            r.list("messages", |r| Ok(HandlerDef { function: FuncId(r.id("a function")?), reply: read_reg_type(r)? }))?;
        let mut lifecycle = [None; Lifecycle::ALL.len()];
        for function in &mut lifecycle {
            *function = r.optional_id("a function")?.map(FuncId);
        }
        Ok(ContainerDef { state, init, handlers, lifecycle })
    })?;
    Ok(())
}

fn write_entry(module: &Module, w: &mut Writer) {
    w.optional_id(module.entry.map(|f| f.0));
    w.list(&module.tests, |w, (name, function)| {
        w.number(name.len() as u64);
        w.bytes(name.as_bytes());
        w.number(function.0.into());
    });
}

fn read_entry(module: &mut Module, r: &mut Reader<'_>) -> Read<()> {
    module.entry = r.optional_id("a function")?.map(FuncId);
    module.tests = r.list("tests", |r| {
        let length = r.count("bytes of a name")?;
        let offset = r.offset();
        let name = std::str::from_utf8(r.take(length)?);
        let name =
            name.map_err(|_| CodecError { offset, wrong: Wrong::Names("a test's name is not UTF-8".to_owned()) })?;
        Ok((name.to_owned(), FuncId(r.id("a function")?)))
    })?;
    Ok(())
}

fn write_names(module: &Module, w: &mut Writer) {
    w.bytes(&names::encode(&module.names));
}

fn read_names(module: &mut Module, r: &mut Reader<'_>) -> Read<()> {
    let offset = r.offset();
    module.names = names::decode(r.rest()).map_err(|wrong| CodecError { offset, wrong })?;
    Ok(())
}

// ── Signatures ───────────────────────────────────────────────────────────────────

/// Registers of one type that one number stands for, at most. A longer run would let a few bytes
/// claim much memory.
const RUN: usize = 8;

fn write_functions(module: &Module, w: &mut Writer) {
    w.list(&module.functions, |w, function| {
        w.list(&function.params, |w, p| w.number(reg_type_code(p.typ) << 1 | u64::from(p.borrowed)));
        write_reg_type(w, &function.result);
        w.optional_id(function.closure.map(|l| l.0));
        let runs: Vec<(RegType, usize)> = function
            .registers
            .chunk_by(|a, b| a == b)
            .flat_map(|same| same.chunks(RUN).map(|run| (run[0], run.len())))
            .collect();
        w.list(&runs, |w, (typ, length)| w.number(reg_type_code(*typ) << 3 | (*length as u64 - 1)));
    });
}

fn read_functions(module: &mut Module, r: &mut Reader<'_>) -> Read<()> {
    module.functions = r.list("functions", |r| {
        let params = r.list("parameters", |r| {
            coded(r, "parameter type", |code| reg_type(code >> 1).map(|typ| Param { typ, borrowed: code & 1 == 1 }))
        })?;
        let result = read_reg_type(r)?;
        let closure = r.optional_id("a layout")?.map(LayoutId);
        let registers = read_registers(r)?;
        Ok(Function { params, result, closure, registers, blocks: Vec::new() })
    })?;
    Ok(())
}

pub(super) fn read_registers(r: &mut Reader<'_>) -> Read<Vec<RegType>> {
    let mut registers = Vec::new();
    let mut before = None;
    for _ in 0..r.count("runs of registers")? {
        let offset = r.offset();
        let (typ, length) =
            coded(r, "register type", |code| reg_type(code >> 3).map(|typ| (typ, (code & 7) as usize + 1)))?;
        if before.is_some_and(|(t, n)| t == typ && n < RUN) {
            return Err(CodecError { offset, wrong: Wrong::SplitRun });
        }
        before = Some((typ, length));
        registers.extend(std::iter::repeat_n(typ, length));
    }
    Ok(registers)
}

// ── Code ─────────────────────────────────────────────────────────────────────────

fn write_code(module: &Module, w: &mut Writer) {
    for function in &module.functions {
        w.list(&function.blocks, |w, block| {
            write_entries(w, &block.entry);
            w.list(&block.code, |w, inst| w.inst(inst));
        });
    }
}

fn read_code(module: &mut Module, r: &mut Reader<'_>) -> Read<()> {
    for function in &mut module.functions {
        function.blocks =
            r.list("blocks", |r| Ok(Block { entry: read_entries(r)?, code: r.list("instructions", read_inst)? }))?;
    }
    Ok(())
}

fn read_inst(r: &mut Reader<'_>) -> Read<Inst> {
    let offset = r.offset();
    let number = r.byte()?;
    let unknown = Wrong::Unknown { what: "instruction", code: number.into() };
    let opcode = Opcode::from_number(number).ok_or(CodecError { offset, wrong: unknown })?;
    Inst::build(opcode, r)
}

/// Each state is one number, `gap << 4 | hold << 1 | variant known`, then what the hold and the
/// variant need. The gap counts the registers left out before it, so that most states take one byte.
fn write_entries(w: &mut Writer, entries: &[(Reg, State)]) {
    let mut next = 0u16;
    w.list(entries, |w, (reg, state)| {
        let gap = reg.0.wrapping_sub(next);
        next = reg.0.wrapping_add(1);
        let (hold, detail) = hold_code(state.hold);
        w.number(u64::from(gap) << 4 | hold << 1 | u64::from(state.variant.is_some()));
        if let Some(detail) = detail {
            w.number(detail.into());
        }
        if let Some(variant) = state.variant {
            w.byte(variant);
        }
    });
}

fn hold_code(hold: Hold) -> (u64, Option<u32>) {
    match hold {
        Hold::Word => (0, None),
        Hold::Owned => (1, None),
        Hold::Unique => (2, None),
        Hold::Lent => (3, None),
        Hold::Borrowed(r) => (4, Some(r.0.into())),
        Hold::Token(size) => (5, Some(size)),
        Hold::OpenField(field) => (6, Some(field)),
        Hold::OpenItem(r) => (7, Some(r.0.into())),
    }
}

fn read_entries(r: &mut Reader<'_>) -> Read<Vec<(Reg, State)>> {
    let mut next = 0u16;
    r.list("states", |r| {
        let code = r.below((u64::from(u16::MAX) << 4) + 15, "a state")?;
        let hold = match code >> 1 & 7 {
            0 => Hold::Word,
            1 => Hold::Owned,
            2 => Hold::Unique,
            3 => Hold::Lent,
            4 => Hold::Borrowed(r.reg()?),
            5 => Hold::Token(r.id("a size")?),
            6 => Hold::OpenField(r.id("a field")?),
            _ => Hold::OpenItem(r.reg()?),
        };
        let variant = if code & 1 == 1 { Some(r.byte()?) } else { None };
        let reg = next.wrapping_add((code >> 4) as u16);
        next = reg.wrapping_add(1);
        Ok((Reg(reg), State { hold, variant }))
    })
}
