//! `blindlink policy show`

use crate::exit::Failure;
use crate::output::printed;
use blindlink::policy::Policy;
use clap::Args;
use std::io::Write;

#[derive(Debug, Default, Args)]
pub(super) struct Show {
    /// The thorough policy: nine tokens a record instead of eight, for lists that must miss nobody
    #[arg(long)]
    thorough: bool,
}

impl Show {
    pub(super) fn run(self) -> Result<(), Failure> {
        let text = if self.thorough { Policy::thorough_text() } else { Policy::default_text() };
        printed(std::io::stdout().lock().write_all(text.as_bytes()))
    }
}
