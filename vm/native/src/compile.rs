//! A unit: functions that are compiled together, so that they call each other directly.

use std::collections::HashMap;
use std::fmt;
use std::sync::OnceLock;

use codex_spec::instruction::{BlockId, FuncId, Inst};
use codex_spec::layout::RegType;
use codex_spec::verify::Verified;
use cranelift_codegen::binemit::Reloc;
use cranelift_codegen::control::ControlPlane;
use cranelift_codegen::ir::{self, Signature, UserFuncName};
use cranelift_codegen::isa::OwnedTargetIsa;
use cranelift_codegen::settings::{self, Configurable};
use cranelift_codegen::{Context, FinalizedRelocTarget};
use cranelift_frontend::FunctionBuilderContext;

use crate::inline::{Inliner, Translated};
use crate::machine::Machine;
use crate::memory::Code;
use crate::point::Point;
use crate::translate::bridge::bridge;
use crate::translate::{Collected, NAMESPACE, Shape, Shared, frame_cost, translate};

/// What a unit shall contain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Want {
    /// A function, from its start.
    Function(FuncId),
    /// A loop of a function, by its head.
    Loop(FuncId, BlockId),
}

/// What the machine does for the compiler.
pub trait Host {
    /// Loads one instruction, whose registers have these types, for `Helpers::step`: the address of its words, which stay.
    fn words(&mut self, inst: Inst, registers: Vec<RegType>) -> usize;
}

/// Something compiled.
#[derive(Clone, Copy, Debug)]
pub struct Made {
    /// What was wanted.
    pub want: Want,
    /// What the machine calls to enter it: `(container, fuel, room, registers) → fuel`, with the C calling convention.
    pub entry: usize,
    /// What native code calls, for a function.
    pub body: usize,
}

/// Functions compiled together. Their code is unmapped when this is dropped.
#[derive(Debug)]
pub struct Unit {
    code: Code,
    /// What is in it.
    pub made: Vec<Made>,
    /// Its points, in the order of their numbers.
    pub points: Vec<Point>,
}

impl Unit {
    /// Bytes of memory that its code takes.
    pub fn size(&self) -> usize {
        self.code.size()
    }
}

/// Why something could not be compiled. The interpreter goes on with it.
#[derive(Debug)]
pub struct Failure(String);

impl Failure {
    /// A failure in these words.
    pub fn new(why: impl fmt::Display) -> Failure {
        Failure(why.to_string())
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Failure {}

fn failure(error: impl fmt::Display) -> Failure {
    Failure::new(error)
}

/// Makes units for the host that it runs on.
pub struct Compiler {
    isa: OwnedTargetIsa,
    machine: Machine,
    /// Made when something is compiled for the first time.
    bridge: OnceLock<Code>,
}

/// Whether the tier is there for this host. Others of Cranelift's back ends need what spec/tiers.md says.
const SUPPORTED: bool = cfg!(all(target_arch = "x86_64", unix));

impl Compiler {
    /// A compiler for a machine.
    ///
    /// # Errors
    /// If native code is not supported on this host, or the host lacks what the code relies on.
    pub fn new(machine: Machine) -> Result<Compiler, Failure> {
        if !SUPPORTED {
            return Err(failure("there is no native tier for this host"));
        }
        let mut flags = settings::builder();
        let verifies = if cfg!(debug_assertions) { "true" } else { "false" };
        for (name, value) in [
            ("opt_level", "speed"),
            ("is_pic", "false"),
            ("enable_verifier", verifies),
            ("enable_probestack", "false"),
            ("unwind_info", "false"),
        ] {
            flags.set(name, value).map_err(failure)?;
        }
        let isa = cranelift_native::builder().map_err(failure)?.finish(settings::Flags::new(flags)).map_err(failure)?;
        let rounds = isa.isa_flags().iter().any(|flag| flag.name == "has_sse41" && flag.as_bool() == Some(true));
        if cfg!(target_arch = "x86_64") && !rounds {
            return Err(failure("the host cannot round floats"));
        }
        Ok(Compiler { isa, machine, bridge: OnceLock::new() })
    }

    /// Compiles what is wanted, and nothing else; points get numbers from `first_point` on.
    ///
    /// # Errors
    /// If the back end refuses a function (one that is too large), or the host gives no memory.
    pub fn compile(
        &self,
        verified: &Verified,
        wants: &[Want],
        first_point: u32,
        host: &mut dyn Host,
    ) -> Result<Unit, Failure> {
        let shapes = shapes(wants);
        let body = |(n, (id, shape)): (usize, &(FuncId, Shape))| (*shape == Shape::Body).then_some((*id, n as u32));
        let shared = Shared {
            verified,
            machine: self.machine,
            bodies: shapes.iter().enumerate().filter_map(body).collect(),
            convention: self.isa.default_call_conv(),
            frontend: self.isa.frontend_config(),
            first_point,
            bridge: self.bridge()?,
        };
        let mut collected = Collected { points: Vec::new(), host };
        let mut builders = FunctionBuilderContext::new();
        let mut unit = Vec::new();
        for (number, &(id, shape)) in shapes.iter().enumerate() {
            let mut ir = ir::Function::with_name_signature(
                UserFuncName::user(NAMESPACE, number as u32),
                Signature::new(shared.convention),
            );
            translate(&shared, &mut collected, &mut builders, &mut ir, id, shape);
            unit.push(Translated::new(id, ir));
        }
        let mut linker = Linker::default();
        for function in &unit {
            self.generate(&mut linker, &unit, function, frame_cost(&verified.module().functions[function.id.index()]))?;
        }
        let code = linker.link().map_err(failure)?;
        let made = made(&shapes, |number| code.address(linker.starts[number]));
        Ok(Unit { made, code, points: collected.points })
    }

    /// Makes the code of a function, with others inlined if its frame stays small enough for what it pays.
    fn generate(
        &self,
        linker: &mut Linker,
        unit: &[Translated],
        function: &Translated,
        frame: i64,
    ) -> Result<(), Failure> {
        let mut context = Context::for_function(function.ir.clone());
        let inlined = context.inline(Inliner::new(unit, function.id)).map_err(|e| failure(format!("{e:?}")))?;
        context.compile(&*self.isa, &mut ControlPlane::default()).map_err(|e| failure(format!("{:?}", e.inner)))?;
        let done = linker.add(&context, frame);
        if done.is_ok() || !inlined {
            return done;
        }
        let mut context = Context::for_function(function.ir.clone());
        context.compile(&*self.isa, &mut ControlPlane::default()).map_err(|e| failure(format!("{:?}", e.inner)))?;
        linker.add(&context, frame)
    }

    /// The address of the bridge, which all units call.
    fn bridge(&self) -> Result<usize, Failure> {
        if let Some(code) = self.bridge.get() {
            return Ok(code.address(0));
        }
        let mut context = Context::new();
        let (convention, frontend) = (self.isa.default_call_conv(), self.isa.frontend_config());
        bridge(&self.machine, convention, frontend, &mut context.func);
        context.compile(&*self.isa, &mut ControlPlane::default()).map_err(|e| failure(format!("{:?}", e.inner)))?;
        let mut linker = Linker::default();
        linker.add(&context, i64::MAX)?;
        let code = linker.link().map_err(failure)?;
        Ok(self.bridge.get_or_init(|| code).address(0))
    }

    /// The machine code of something wanted, as text.
    ///
    /// # Errors
    /// As for [`Compiler::compile`].
    pub fn disassemble(&self, verified: &Verified, want: Want, host: &mut dyn Host) -> Result<String, Failure> {
        let (id, shape) = shapes(&[want])[0];
        let shared = Shared {
            verified,
            machine: self.machine,
            bodies: HashMap::from([(id, 0)]),
            convention: self.isa.default_call_conv(),
            frontend: self.isa.frontend_config(),
            first_point: 0,
            bridge: self.bridge()?,
        };
        let mut context = Context::new();
        context.set_disasm(true);
        let mut collected = Collected { points: Vec::new(), host };
        translate(&shared, &mut collected, &mut FunctionBuilderContext::new(), &mut context.func, id, shape);
        let ir = context.func.display().to_string();
        let done = context.compile(&*self.isa, &mut ControlPlane::default());
        let code = done.map_err(|e| failure(format!("{:?}", e.inner)))?;
        Ok(format!("{ir}\n{}", code.vcode.as_deref().unwrap_or_default()))
    }
}

/// The functions of a unit: each function as a body and an entry.
fn shapes(wants: &[Want]) -> Vec<(FuncId, Shape)> {
    let mut shapes = Vec::new();
    for want in wants {
        match *want {
            Want::Function(id) => shapes.extend([(id, Shape::Body), (id, Shape::Entry)]),
            Want::Loop(id, head) => shapes.push((id, Shape::Loop(head))),
        }
    }
    shapes
}

fn made(shapes: &[(FuncId, Shape)], address: impl Fn(usize) -> usize) -> Vec<Made> {
    let one = |(n, &(id, shape)): (usize, &(FuncId, Shape))| match shape {
        Shape::Body => Some(Made { want: Want::Function(id), entry: address(n + 1), body: address(n) }),
        Shape::Entry => None,
        Shape::Loop(head) => Some(Made { want: Want::Loop(id, head), entry: address(n), body: 0 }),
    };
    shapes.iter().enumerate().filter_map(one).collect()
}

/// Puts the functions of a unit behind each other and sets the distances of their calls.
#[derive(Default)]
struct Linker {
    bytes: Vec<u8>,
    /// Where each function starts.
    starts: Vec<usize>,
    /// Calls: where the distance stands, the function, and what is added.
    calls: Vec<(usize, usize, i64)>,
}

impl Linker {
    /// Adds a function, whose frame may take so many bytes.
    fn add(&mut self, context: &Context, frame: i64) -> Result<(), Failure> {
        let Some(code) = context.compiled_code() else {
            return Err(failure("no code was made"));
        };
        // With the saved frame pointer and the return address.
        let taken = code.buffer.frame_layout().map(|f| i64::from(f.frame_to_fp_offset) + 16);
        if taken.is_none_or(|taken| taken > frame) {
            return Err(failure("its frame is too large"));
        }
        self.bytes.resize(self.bytes.len().next_multiple_of(64), 0);
        let start = self.bytes.len();
        self.starts.push(start);
        self.bytes.extend_from_slice(code.code_buffer());
        for reloc in code.buffer.relocs() {
            let callee = match (&reloc.target, reloc.kind) {
                (FinalizedRelocTarget::ExternalName(ir::ExternalName::User(name)), Reloc::X86CallPCRel4) => {
                    context.func.params.user_named_funcs()[*name].index as usize
                }
                other => return Err(failure(format!("the code refers to {other:?}"))),
            };
            self.calls.push((start + reloc.offset as usize, callee, reloc.addend));
        }
        Ok(())
    }

    fn link(&mut self) -> std::io::Result<Code> {
        for &(at, callee, addend) in &self.calls {
            let distance = self.starts[callee] as i64 - at as i64 + addend;
            self.bytes[at..at + 4].copy_from_slice(&(distance as i32).to_le_bytes());
        }
        Code::new(&self.bytes)
    }
}
