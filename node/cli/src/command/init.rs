//! `blindlink init`

use crate::exit::Failure;
use crate::output;
use crate::output::printed;
use blindlink::identity::keytext;
use blindlink_node::store::DataDir;
use clap::Args;
use serde::Serialize;
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(super) struct Init {
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
pub(super) struct Shown {
    schema: &'static str,
    key: String,
    key_hex: String,
    data_dir: PathBuf,
}

impl Shown {
    pub(super) fn new(data: &DataDir, id: &blindlink::identity::PeerId) -> Self {
        Self {
            schema: "blindlink.identity/v1",
            key: keytext::to_text(id),
            key_hex: hex::encode(id.as_bytes()),
            data_dir: data.path().into(),
        }
    }
}

impl Init {
    pub(super) fn run(self, dir: Option<PathBuf>) -> Result<(), Failure> {
        let data = DataDir::locate(dir)?;
        let shown = Shown::new(&data, &data.init()?.key().id());
        printed(output::print(self.json, &shown, || {
            format!(
                "identity created in {}\n\n  {}\n\nGive this key to your peers over a channel you trust, and read it \
                 aloud to compare.\nThe secret is in identity.key: back it up, show it to nobody.\n",
                data.path().display(),
                shown.key
            )
        }))
    }
}
