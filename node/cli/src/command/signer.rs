//! `blindlink signer init | show`: keys of the persons who sign agreements.

use crate::exit::Failure;
use crate::output;
use crate::output::printed;
use blindlink::identity::IdentityKey;
use blindlink::identity::keytext;
use blindlink_node::store::keys;
use clap::{Args, Subcommand};
use serde::Serialize;
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(super) struct Signer {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Create a signer's key in a file of its own; keep it apart from the node.
    Init {
        /// File that is created, with mode 0600
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
        /// Print one JSON object.
        #[arg(long)]
        json: bool,
    },
    /// Print the public key of a signer's key file.
    Show {
        /// The signer's key file
        key: PathBuf,
        /// Print one JSON object.
        #[arg(long)]
        json: bool,
    },
}

#[derive(Serialize)]
struct Shown {
    schema: &'static str,
    key: String,
}

impl Signer {
    pub(super) fn run(self) -> Result<(), Failure> {
        let show = |json: bool, key: &IdentityKey| {
            let shown = Shown { schema: "blindlink.signer/v1", key: keytext::to_text(&key.id()) };
            printed(output::print(json, &shown, || shown.key.clone()))
        };
        match self.what {
            What::Init { out, json } => show(json, &keys::create_signer(&out)?),
            What::Show { key, json } => show(json, &keys::signer(&key)?),
        }
    }
}
