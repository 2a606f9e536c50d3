//! `blindlink policy`

use crate::exit::{Exit, Failure};
use crate::input::load_policy;
use clap::Args;
use std::io::Write;
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(super) struct Policy {
    /// Check this policy file instead
    #[arg(long, value_name = "FILE")]
    check: Option<PathBuf>,
}

impl Policy {
    pub(super) fn run(self) -> Result<(), Failure> {
        let text = match self.check {
            None => blindlink::policy::Policy::default_text().to_owned(),
            Some(path) => {
                format!("{} is accepted; digest {}\n", path.display(), hex::encode(load_policy(&path)?.digest()))
            }
        };
        std::io::stdout().lock().write_all(text.as_bytes()).map_err(Failure::because(Exit::Io, "cannot print"))
    }
}
