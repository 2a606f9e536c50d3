//! `blindlink maintenance on | off`: while it is on, the running node begins no round and tells its peers until when.

use crate::exit::{Exit, Failure};
use crate::output;
use crate::output::printed;
use blindlink_node::store::{DataDir, maintenance};
use blindlink_node::sys::clock;
use clap::{Args, Subcommand};
use serde::Serialize;
use std::path::PathBuf;

#[derive(Debug, Args)]
#[command(arg_required_else_help = true)]
pub(super) struct Maintenance {
    #[command(subcommand)]
    what: What,
    /// Print one JSON object
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Begin no round for a while. Those that run go on.
    #[command(after_help = "Example:\n  blindlink maintenance on --minutes 90")]
    On {
        /// For how long
        #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=43_200))]
        minutes: u64,
    },
    /// Take rounds again.
    #[command(after_help = "Example:\n  blindlink maintenance off")]
    Off,
}

#[derive(Serialize)]
struct Shown {
    schema: &'static str,
    closed_until: Option<String>,
}

impl Maintenance {
    pub(super) fn run(self, dir: Option<PathBuf>) -> Result<(), Failure> {
        let data = DataDir::locate(dir)?;
        data.identity()?;
        let now = clock::now();
        match self.what {
            What::On { minutes } => maintenance::close(&data, now + 60 * minutes)?,
            What::Off => maintenance::open(&data)?,
        }
        let until = maintenance::closed_until(&data, now);
        let closed_until = (until > 0).then(|| clock::date(until));
        if matches!(self.what, What::Off) && closed_until.is_some() {
            return Err(Failure::new(Exit::Io, "the maintenance did not end"));
        }
        let shown = Shown { schema: "blindlink.maintenance/v1", closed_until };
        printed(output::print(self.json, &shown, || match &shown.closed_until {
            Some(until) => format!("no round begins until {until}"),
            None => "rounds are taken".to_owned(),
        }))
    }
}
