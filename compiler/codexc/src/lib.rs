//! The driver: from files to modules.
//!
//! [`project`] finds the sources of a file or a folder, [`examples`] turns documentation
//! examples into tests, [`driver`] runs the phases and counts their time. Consoles, colours
//! and processes are in the binary (`main.rs`, `command/`), so that tests and other tools can
//! compile without them.

pub mod driver;
pub mod examples;
pub mod project;
