//! `blindlink policy show`

use crate::cli::shared::printed;
use crate::exit::Failure;
use clap::Args;
use std::io::Write;

#[derive(Debug, Args)]
pub(super) struct Show {}

impl Show {
    pub(super) fn run(self) -> Result<(), Failure> {
        printed(std::io::stdout().lock().write_all(blindlink::policy::Policy::default_text().as_bytes()))
    }
}
