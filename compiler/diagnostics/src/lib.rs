//! Every message the compiler can give, apart from how it is shown.
//!
//! A [`Diagnostic`] is data: a stable code, a headline that makes sense alone, labels on
//! source, notes, helps and machine-applicable fixes. [`render`] draws it for people
//! (ariadne), [`json`] for tools. Each code has one small file in `catalog/`, which holds
//! the constructor, the explanation (`codexc explain`), a failing and a fixed program.
//!
//! Keeps true: codes are never reused; a span lies within its file and on character
//! boundaries once rendered (the renderer clamps); rendering never panics.

pub mod catalog;
mod diagnostic;
mod display;
mod json;
mod render;
mod source;

pub use diagnostic::{Code, Diagnostic, Edit, Fix, Label, Severity};
pub use json::to_json;
pub use render::{Style, render};
pub use source::{FileId, Source, SourceMap, Span};
