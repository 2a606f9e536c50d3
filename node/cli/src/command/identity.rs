//! `blindlink identity show`

use super::init::Shown;
use crate::exit::Failure;
use crate::output;
use crate::output::printed;
use blindlink_node::store::DataDir;
use clap::{Args, Subcommand};
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(super) struct Identity {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Print the public key that peers pin.
    Show {
        /// Print one JSON object.
        #[arg(long)]
        json: bool,
    },
}

impl Identity {
    pub(super) fn run(self, dir: Option<PathBuf>) -> Result<(), Failure> {
        let What::Show { json } = self.what;
        let data = DataDir::locate(dir)?;
        let id = data.identity()?.key().id();
        printed(output::print(json, &Shown::new(&data, &id), || blindlink::identity::keytext::to_text(&id)))
    }
}
