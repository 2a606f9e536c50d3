//! `blindlink policy explain`

use crate::exit::Failure;
use crate::output;
use crate::output::printed;
use blindlink_lab::describe::{Description, describe};
use blindlink_node::own_list::load_policy;
use clap::Args;
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(super) struct Explain {
    /// Policy file
    #[arg(value_name = "FILE")]
    policy: PathBuf,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

impl Explain {
    pub(super) fn run(self) -> Result<(), Failure> {
        let policy = load_policy(&self.policy)?;
        let description = describe(&policy)?;
        printed(output::print(self.json, &description, || Description::text(&description)))
    }
}
