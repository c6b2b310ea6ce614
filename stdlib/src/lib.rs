//! The standard library: glyph sources, shipped as data.
//!
//! Keeps true: a module uses only builtins and modules above it in the table, so the table can be
//! read from the top; every public function is annotated and has an example that runs as a test.

/// One module of the standard library.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StdModule {
    /// Its name, such as `list`.
    pub name: &'static str,
    /// Its source.
    pub source: &'static str,
}

macro_rules! modules {
    ($($name:literal)*) => {
        /// Every module, each after the modules it uses. The names of `prelude` need no module before them.
        pub const MODULES: &[StdModule] = &[$(StdModule {
            name: $name,
            source: include_str!(concat!("../glyph/", $name, ".glyph")),
        }),*];
    };
}

modules! {
    "prelude"
    "order"
    "option"
    "result"
    "int"
    "float"
    "bytes"
    "text"
    "map"
    "set"
    "list"
    "iter"
    "random"
    "time"
    "save"
    "container"
    "timer"
    "console"
    "fs"
    "json"
    "csv"
    "http"
    "sealed"
    "tcp"
    "test"
}

/// The module with this name.
pub fn find(name: &str) -> Option<&'static StdModule> {
    MODULES.iter().find(|module| module.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique() {
        for (i, module) in MODULES.iter().enumerate() {
            assert!(MODULES[..i].iter().all(|other| other.name != module.name), "{}", module.name);
        }
    }

    #[test]
    fn every_public_item_has_a_doc_comment() {
        for module in MODULES {
            let mut before = "";
            for (number, line) in module.source.lines().enumerate() {
                if line.starts_with("pub ") {
                    assert!(before.starts_with("///"), "{}.glyph:{}: {line}", module.name, number + 1);
                }
                before = line;
            }
        }
    }
}
