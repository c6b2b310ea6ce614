//! The commands, one file each.

mod build;
mod check;
mod disasm;
mod explain;
mod fmt;
mod glyphs;
mod new;
mod run;
mod test;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, CommandFactory, Parser, Subcommand, ValueEnum};
use codexc::driver::{Options, Outcome};

use crate::console;
use crate::console::{errln, out};

/// The program (or a test, or the format) is wrong.
pub(crate) const FAILED: u8 = 1;
/// A file cannot be read or written.
pub(crate) const NO_FILE: u8 = 3;

/// The glyph compiler: programs that do not die.
#[derive(Debug, Parser)]
#[command(
    name = "codexc",
    version,
    arg_required_else_help = true,
    after_help = "\
Exit codes: 0 all is well · 1 the program has errors, a test failed, or a file is not formatted · \
2 wrong command line · 3 a file cannot be read or written · 4 codexvm is missing or of another version.\n\
`codexc run` gives the program's own exit code."
)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Compile a program to a `.codex` module
    Build(build::Build),
    /// Look for mistakes without compiling
    Check(check::Check),
    /// Compile a program and run it
    Run(run::Run),
    /// Format sources: ASCII spellings become glyphs
    Fmt(fmt::Fmt),
    /// Run tests and documentation examples
    Test(test::Test),
    /// Start a new project
    New(new::New),
    /// Explain a message's code, such as G0401
    Explain(explain::Explain),
    /// Show the bytecode of a program or module
    Disasm(disasm::Disasm),
    /// List the glyphs, and how to type each
    Glyphs(glyphs::Glyphs),
    /// Print completions for a shell
    Completions {
        /// Which shell
        shell: clap_complete::Shell,
    },
}

/// How messages look.
#[derive(Clone, Debug, Args)]
pub(crate) struct Output {
    /// How messages are printed
    #[arg(long, value_enum, default_value_t = MessageFormat::Human)]
    pub(crate) message_format: MessageFormat,
    /// When messages are coloured
    #[arg(long, value_enum, default_value_t = Color::Auto)]
    pub(crate) color: Color,
}

/// Formats of messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum MessageFormat {
    /// With source and frames
    Human,
    /// One line each
    Short,
    /// One JSON object a line, on standard output
    Json,
}

/// When to colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    /// On a terminal, unless NO_COLOR is set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// Runs a command.
pub(crate) fn run(arguments: Arguments) -> ExitCode {
    match arguments.command {
        Command::Build(c) => c.run(),
        Command::Check(c) => c.run(),
        Command::Run(c) => c.run(),
        Command::Fmt(c) => c.run(),
        Command::Test(c) => c.run(),
        Command::New(c) => c.run(),
        Command::Explain(c) => c.run(),
        Command::Disasm(c) => c.run(),
        Command::Glyphs(c) => c.run(),
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Arguments::command(), "codexc", &mut script);
            out(format_args!("{}", String::from_utf8_lossy(&script)));
            ExitCode::SUCCESS
        }
    }
}

/// Builds the program at a path, reports, and gives the stored module.
///
/// # Errors
/// The exit code, after the messages have been printed.
pub(crate) fn build_module(path: &Path, options: &Options, output: &Output) -> Result<(Outcome, Vec<u8>), ExitCode> {
    let progress = console::Progress::start(format!("compiling {}", path.display()));
    let outcome = codexc::driver::build(path, options);
    drop(progress);
    console::report(&outcome.diagnostics, &outcome.sources, output);
    match &outcome.module {
        Some(module) if !outcome.failed() => {
            let bytes = codex_spec::codec::encode(module);
            Ok((outcome, bytes))
        }
        _ => Err(failure(&outcome)),
    }
}

/// The exit code of a failed outcome: a file that cannot be read is another matter than a mistake in it.
pub(crate) fn failure(outcome: &Outcome) -> ExitCode {
    let unreadable = outcome.diagnostics.iter().any(|d| d.code == codex_diagnostics::catalog::not_readable::CODE);
    ExitCode::from(if unreadable { NO_FILE } else { FAILED })
}

/// Writes a file, or says why not.
pub(crate) fn write_file(path: &Path, bytes: &[u8]) -> Result<(), ExitCode> {
    std::fs::write(path, bytes).map_err(|error| {
        errln!("codexc: `{}` cannot be written: {error}", path.display());
        ExitCode::from(NO_FILE)
    })
}

/// `SRC` with another ending; for a project folder, its name inside it.
pub(crate) fn default_output(source: &Path) -> PathBuf {
    if source.is_dir() {
        let folder = source.canonicalize().unwrap_or_else(|_| source.to_path_buf());
        let name = folder.file_name().map_or_else(|| "main".into(), |n| n.to_os_string());
        return source.join(name).with_extension("codex");
    }
    source.with_extension("codex")
}
