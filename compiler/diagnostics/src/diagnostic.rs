//! What a message holds, apart from how it is shown.

use crate::Span;

/// A stable code such as `G0401`, from the catalogue. Codes are never reused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Code(pub &'static str);

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Severity {
    /// No module is made.
    Error,
    /// The program means what it says, but probably not what was meant.
    Warning,
}

/// A marked range with a short text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// Where.
    pub span: Span,
    /// What stands there; makes sense without the headline.
    pub text: String,
}

/// One replacement of bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// What is replaced (may be empty: an insertion).
    pub span: Span,
    /// By what.
    pub text: String,
}

/// A change that the tool may apply by itself: it is certain, and the result compiles.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// What it does, as a help text.
    pub text: String,
    /// The edits, which do not overlap.
    pub edits: Vec<Edit>,
}

/// One message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// The stable code.
    pub code: Code,
    /// Error or warning.
    pub severity: Severity,
    /// Makes sense alone; says what is wrong, not how to fix it.
    pub headline: String,
    /// The place that carries the problem.
    pub primary: Label,
    /// Other places, such as where the expected type came from.
    pub secondary: Vec<Label>,
    /// Why.
    pub notes: Vec<String>,
    /// What to do next.
    pub helps: Vec<String>,
    /// Certain fixes.
    pub fixes: Vec<Fix>,
}

impl Diagnostic {
    /// An error with its primary place.
    pub fn error(code: Code, headline: impl Into<String>, span: Span, label: impl Into<String>) -> Self {
        Diagnostic {
            code,
            severity: Severity::Error,
            headline: headline.into(),
            primary: Label { span, text: label.into() },
            secondary: Vec::new(),
            notes: Vec::new(),
            helps: Vec::new(),
            fixes: Vec::new(),
        }
    }
    /// A warning with its primary place.
    pub fn warning(code: Code, headline: impl Into<String>, span: Span, label: impl Into<String>) -> Self {
        Diagnostic { severity: Severity::Warning, ..Self::error(code, headline, span, label) }
    }
    /// Adds a secondary label.
    pub fn label(mut self, span: Span, text: impl Into<String>) -> Self {
        self.secondary.push(Label { span, text: text.into() });
        self
    }
    /// Adds a note.
    pub fn note(mut self, text: impl Into<String>) -> Self {
        self.notes.push(text.into());
        self
    }
    /// Adds a help.
    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.helps.push(text.into());
        self
    }
    /// Adds a certain fix of one edit.
    pub fn fix(mut self, text: impl Into<String>, span: Span, replacement: impl Into<String>) -> Self {
        self.fixes.push(Fix { text: text.into(), edits: vec![Edit { span, text: replacement.into() }] });
        self
    }
}
