//! `codexc glyphs`

use std::process::ExitCode;

use crate::console::{errln, outln};
use clap::Args;
use codex_spec::glyph::GLYPHS;

/// List the glyphs, and how to type each
#[derive(Debug, Args)]
pub(crate) struct Glyphs {
    /// Only the glyph with this sign, ASCII spelling or name
    #[arg(allow_hyphen_values = true)]
    glyph: Option<String>,
}

impl Glyphs {
    pub(crate) fn run(self) -> ExitCode {
        if let Some(wanted) = self.glyph {
            let found = GLYPHS.iter().find(|g| g.sign == wanted || g.ascii == wanted || g.name == wanted);
            let Some(g) = found else {
                errln!("codexc: `{wanted}` is no glyph; `codexc glyphs` lists all");
                return ExitCode::from(super::FAILED);
            };
            outln!(
                "{}   type `{}`; {}\n\n{}\n\n    {}",
                g.sign,
                g.ascii,
                g.meaning,
                g.doc,
                g.example.replace('\n', "\n    ")
            );
            return ExitCode::SUCCESS;
        }
        outln!("Type the spelling on the left; `codexc fmt` turns it into the glyph.\n");
        for g in GLYPHS {
            outln!("  {:<9} {}  {}", g.ascii, g.sign, g.meaning);
        }
        ExitCode::SUCCESS
    }
}
