//! `blindlink policy`

mod check;
mod explain;
mod plan;
mod show;
mod train;

use crate::exit::Failure;
use clap::{Args, Subcommand};

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(super) struct Policy {
    #[command(subcommand)]
    what: Option<What>,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Print the default policy file, to start one's own from (also without a subcommand).
    Show(show::Show),
    /// Check a policy file: every demand of the validator in words, with its numbers.
    Check(check::Check),
    /// Explain a policy file to people: what is compared, what makes a match, what a round costs and shows.
    Explain(explain::Explain),
    /// Measure on the own list what a policy costs and finds, before anything is sent.
    Plan(plan::Plan),
    /// Learn a policy's weights and thresholds from pairs of lists whose truth is known.
    Train(train::Train),
}

impl Policy {
    pub(super) fn run(self) -> Result<(), Failure> {
        match self.what {
            None => show::Show::default().run(),
            Some(What::Show(command)) => command.run(),
            Some(What::Check(command)) => command.run(),
            Some(What::Explain(command)) => command.run(),
            Some(What::Plan(command)) => command.run(),
            Some(What::Train(command)) => command.run(),
        }
    }
}
