//! The bridge: helpers called from where they are rarely called from.
//!
//! A call ends the life of most machine registers. In a cold block of a hot loop that would have the loop keep its floats in
//! memory, so such calls go through one function that saves every register it touches. It can give no result, and leaves it
//! in the activation.

use cranelift_codegen::ir::types::I64;
use cranelift_codegen::ir::{self, AbiParam, InstBuilder, MemFlagsData, Signature};
use cranelift_codegen::isa::{CallConv, TargetFrontendConfig};
use cranelift_frontend::{FunctionBuilder, FunctionBuilderContext};

use super::memory::activation;
use crate::machine::Machine;

/// `(container, helper, a, b)`; nothing is changed but memory.
pub(super) fn signature() -> Signature {
    let mut signature = Signature::new(CallConv::PreserveAll);
    signature.params.extend([AbiParam::new(I64); 4]);
    signature
}

/// Makes the bridge.
pub(crate) fn bridge(machine: &Machine, convention: CallConv, frontend: TargetFrontendConfig, into: &mut ir::Function) {
    into.signature = signature();
    let mut context = FunctionBuilderContext::new();
    let mut builder = FunctionBuilder::new(into, &mut context);
    let block = builder.create_block();
    builder.append_block_params_for_function_params(block);
    builder.switch_to_block(block);
    let params = builder.block_params(block).to_vec();
    let mut helper = Signature::new(convention);
    helper.params.extend([AbiParam::new(I64); 3]);
    helper.returns.push(AbiParam::new(I64));
    let helper = builder.import_signature(helper);
    let call = builder.ins().call_indirect(helper, params[1], &[params[0], params[2], params[3]]);
    let result = builder.inst_results(call)[0];
    let at = machine.activation + activation!(result);
    builder.ins().store(MemFlagsData::trusted(), result, params[0], at);
    builder.ins().return_(&[]);
    builder.seal_all_blocks();
    builder.finalize(frontend);
}
