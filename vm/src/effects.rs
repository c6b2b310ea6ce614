//! What a container does to the outside in one tick: a log that is numbered when the tick commits.

use std::ops::Range;

/// One effect; texts and arguments are ranges of the log's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    Print { stream: i64, text: Range<usize> },
    Request { request: u32, argument: Range<usize> },
}

/// See the module's documentation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Effects {
    pub(crate) log: Vec<Effect>,
    pub(crate) texts: String,
    pub(crate) arguments: Vec<u8>,
}

impl Effects {
    pub(crate) fn print(&mut self, stream: i64, text: &str) {
        let start = self.texts.len();
        self.texts.push_str(text);
        self.log.push(Effect::Print { stream, text: start..self.texts.len() });
    }

    pub(crate) fn request(&mut self, request: u32, argument: &[u8]) {
        let start = self.arguments.len();
        self.arguments.extend_from_slice(argument);
        self.log.push(Effect::Request { request, argument: start..self.arguments.len() });
    }

    pub(crate) fn clear(&mut self) {
        self.log.clear();
        self.texts.clear();
        self.arguments.clear();
    }
}
