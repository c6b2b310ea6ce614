//! The catalogue: one file for each code, named after what is wrong.
//!
//! Each file has `pub const ENTRY: Entry` (title, explanation, a failing and a fixed
//! program) and one or more constructors `pub fn …(…) -> Diagnostic` that use `CODE`.
//! Tests walk [`all`]: codes are unique, every failing program gives exactly that code, and
//! every fixed program compiles.
//!
//! Retired: G0601 (containers) and G0901 (savepoints), which were not there yet.
//!
//! Ranges: G01xx lexing, G02xx syntax, G03xx names and modules, G04xx types, G05xx
//! patterns, G06xx containers, G07xx trees, G08xx thoughts, G09xx images; G00xx the tool itself
//! (files, limits).

mod words;

use crate::Code;
use words::{article, listed};

/// What `codexc explain CODE` says.
pub struct Entry {
    /// The code.
    pub code: Code,
    /// The headline in general form.
    pub title: &'static str,
    /// Why it is an error and what to do, in plain words.
    pub explanation: &'static str,
    /// A whole program that gives exactly this code (empty: cannot be shown as one file).
    pub failing: &'static str,
    /// The program put right.
    pub fixed: &'static str,
}

/// Declares the modules of the catalogue and lists their entries.
macro_rules! catalog {
    ($($module:ident),* $(,)?) => {
        $(pub mod $module;)*
        /// Every entry, in order of its code.
        pub fn all() -> Vec<&'static Entry> {
            let mut entries: Vec<&'static Entry> = vec![$(&$module::ENTRY),*];
            entries.sort_by_key(|e| e.code);
            entries
        }
    };
}

// Keep one name a line, sorted by code: every phase adds its own.
catalog! {
    not_readable,
    project_file,
    unknown_character,
    lookalike_character,
    hidden_character,
    malformed_number,
    number_too_large,
    unterminated_text,
    unknown_escape,
    text_layout,
    not_utf8,
    block_comment,
    hash_comment,
    single_quotes,
    foreign_operator,
    open_interpolation,
    file_too_long,
    unexpected_token,
    unclosed_bracket,
    extra_bracket,
    nesting_too_deep,
    comparison_chain,
    missing_braces,
    angle_generics,
    fat_arrow,
    elif,
    foreign_word,
    let_mut,
    increment,
    ternary,
    change_with_equals,
    misplaced_doc,
    not_a_place,
    null_value,
    missing_comma,
    result_colon,
    brace_on_next_line,
    arm_comma,
    arrow_function,
    mixed_map,
    mixed_type,
    two_rests,
    keyword_as_name,
    letter_case,
    call_without_parentheses,
    c_style_for,
    nested_item,
    statement_outside,
    format_spec,
    tuple_field,
    record_braces,
    map_braces,
    comprehension,
    missing_value,
    missing_body,
    type_first,
    alias_variants,
    text_pattern,
    label_with_equals,
    missing_expression,
    text_prefix,
    macro_call,
    unknown_name,
    unknown_type,
    unknown_variant,
    unknown_module,
    unknown_member,
    private_item,
    duplicate_definition,
    import_cycle,
    duplicate_binding,
    unused_import,
    unused_local,
    unused_function,
    missing_annotations,
    const_cycle,
    invalid_main,
    unknown_type_variable,
    type_arguments,
    recursive_alias,
    type_mismatch,
    argument_count,
    not_a_function,
    unknown_field,
    field_of_unknown,
    missing_fields,
    argument_label,
    unmet_demand,
    missing_else,
    block_without_value,
    assign_unchangeable,
    captured_var,
    try_operand,
    try_outside,
    outside_loop,
    infinite_type,
    too_general,
    method_call,
    not_indexable,
    not_iterable,
    expected_value,
    spread_base,
    unused_value,
    loop_changes_list,
    pipe_target,
    power_of_unknown,
    missing_cases,
    unreachable_arm,
    refutable_pattern,
    or_pattern,
    pattern_fields,
    let_else,
    empty_range,
    unknown_message,
    not_a_link,
    not_a_container,
    lifecycle_message,
    lifecycle_handler,
    duplicate_handler,
    state_in_helper,
    self_outside,
    message_parentheses,
    container_as_value,
    reply_parameter,
    open_container,
    ask_wanted,
    leaves_start,
    trees_later,
    thoughts_later,
    endless_types,
    too_many_instances,
    too_many_variants,
    match_too_complex,
}

/// The entry of a code such as `G0201`, whatever its case.
pub fn find(code: &str) -> Option<&'static Entry> {
    all().into_iter().find(|e| e.code.0.eq_ignore_ascii_case(code))
}
