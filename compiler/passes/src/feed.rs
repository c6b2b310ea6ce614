//! An instruction of the IR as a row: its operands handed over in the row's order.

use codex_core::ir::{Imm, Inst};
use codex_spec::instruction::{BlockId, Inst as Row, OperandSource, OperandSpec, Reg, Role};

use crate::allocate::Registers;
use crate::rows;

/// Builds the row. It fails only for an instruction whose operands do not fit its row.
pub(crate) fn row(inst: &Inst, registers: &Registers) -> Result<Row, &'static str> {
    let defs = inst.results.len() - usize::from(rows::shape(inst.op).tied.is_some());
    let mut feed = Feed {
        specs: inst.op.operands(),
        args: inst.args.iter().map(|v| registers.of[v.index()]).collect(),
        results: inst.results[..defs].iter().map(|v| registers.of[v.index()]).collect(),
        imms: inst.imm.iter().flatten().copied().collect(),
        next: [0; 3],
    };
    Row::build(inst.op, &mut feed)
}

struct Feed {
    specs: &'static [OperandSpec],
    args: Vec<Reg>,
    results: Vec<Reg>,
    imms: Vec<Imm>,
    /// How many arguments, results and immediates have been handed over.
    next: [usize; 3],
}

impl Feed {
    fn spec(&mut self) -> Result<Role, &'static str> {
        let (first, rest) = self.specs.split_first().ok_or("more operands than the row has")?;
        self.specs = rest;
        Ok(first.role)
    }

    fn imm_here(&mut self) -> Result<Imm, &'static str> {
        self.spec()?;
        self.next[2] += 1;
        self.imms.get(self.next[2] - 1).copied().ok_or("an immediate is missing")
    }
}

impl OperandSource for Feed {
    type Error = &'static str;

    fn reg(&mut self) -> Result<Reg, Self::Error> {
        let (list, at) = match self.spec()? {
            Role::Def | Role::Lend | Role::Token => (&self.results, 1),
            _ => (&self.args, 0),
        };
        self.next[at] += 1;
        list.get(self.next[at] - 1).copied().ok_or("an operand is missing")
    }

    fn regs(&mut self) -> Result<Box<[Reg]>, Self::Error> {
        let (list, at) = match self.spec()? {
            Role::Defs => (&self.results, 1),
            _ => (&self.args, 0),
        };
        let rest = list.get(self.next[at]..).ok_or("an operand is missing")?;
        self.next[at] = list.len();
        Ok(rest.into())
    }

    fn imm(&mut self) -> Result<i64, Self::Error> {
        match self.imm_here()? {
            Imm::I64(v) => Ok(v),
            _ => Err("the immediate is no integer"),
        }
    }

    fn float(&mut self) -> Result<u64, Self::Error> {
        match self.imm_here()? {
            Imm::F64(v) => Ok(v),
            _ => Err("the immediate is no float"),
        }
    }

    fn index(&mut self) -> Result<u32, Self::Error> {
        match self.imm_here()? {
            Imm::Index(v) => Ok(v),
            _ => Err("the immediate is no index"),
        }
    }

    fn blocks(&mut self) -> Result<Box<[BlockId]>, Self::Error> {
        Err("terminators are built elsewhere")
    }
}
