//! `blindlink lists`

mod check;
mod page;
mod report;

use crate::exit::Failure;
use clap::{Args, Subcommand};

#[derive(Debug, Args)]
#[command(arg_required_else_help = true)]
pub(super) struct Lists {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Look at a list before a round: what is read, what is left out and why, who can be found by what.
    Check(check::Check),
}

impl Lists {
    pub(super) fn run(self) -> Result<(), Failure> {
        match self.what {
            What::Check(command) => command.run(),
        }
    }
}
