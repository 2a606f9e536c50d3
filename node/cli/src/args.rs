//! Options that several commands share.

use crate::exit::{Exit, Failure};
use crate::log::Level;
use crate::progress::{Reporter, Style};
use blindlink::identity::PeerId;
use blindlink::suite::{CURRENT, Suite};
use blindlink_node::admission::BasisChoice;
use blindlink_node::store::{DataDir, StoreError, maintenance, policies};
use blindlink_node::sys::clock;
use blindlink_node::transport::Settings;
use clap::Args;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// How results and progress are shown.
#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct Show {
    /// Print one JSON object.
    #[arg(long)]
    pub(crate) json: bool,
    /// Progress on standard error.
    #[arg(long, value_enum, default_value_t, conflicts_with = "no_progress")]
    pub(crate) progress: Style,
    /// No bars.
    #[arg(long)]
    pub(crate) no_progress: bool,
    /// Least level of log lines on standard error; they are JSON where that is no terminal
    #[arg(long, value_enum, value_name = "LEVEL", default_value_t, env = "BLINDLINK_LOG")]
    pub(crate) log: Level,
}

impl Show {
    pub(crate) fn reporter(self) -> Reporter {
        Reporter::new(if self.no_progress { Style::None } else { self.progress }, self.log, self.json)
    }
}

/// Patience.
#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct Patience {
    /// Seconds without any packet after which the peer has vanished.
    #[arg(long, value_name = "SECONDS", default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..=600))]
    pub(crate) idle_timeout: u64,
    /// Seconds for the handshake, and for a caller's first frame after it.
    #[arg(long, value_name = "SECONDS", default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=600))]
    pub(crate) handshake_timeout: u64,
    /// Seconds without a frame, while it is the peer's turn, after which it has stalled.
    #[arg(long, value_name = "SECONDS", default_value_t = 600, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub(crate) frame_timeout: u64,
    /// Seconds for which a round that does not move stays open: the connection may be lost for so long, and either node
    /// may be stopped. 0: not at all
    #[arg(long, value_name = "SECONDS", default_value_t = 21_600, value_parser = clap::value_parser!(u64).range(..=604_800))]
    pub(crate) give_up_after: u64,
    /// Give up open rounds first, instead of going on with them
    #[arg(long)]
    pub(crate) abandon: bool,
}

impl Patience {
    pub(crate) fn settings(self) -> Settings {
        Settings { idle: Duration::from_secs(self.idle_timeout), handshake: self.handshake(), ..Settings::default() }
    }

    pub(crate) fn handshake(self) -> Duration {
        Duration::from_secs(self.handshake_timeout)
    }

    pub(crate) fn give_up(self) -> Duration {
        Duration::from_secs(self.give_up_after)
    }

    pub(crate) fn frame(self) -> Duration {
        Duration::from_secs(self.frame_timeout)
    }
}

/// A round without a link.
#[derive(Clone, Debug, Args)]
pub(crate) struct FilesArgs {
    /// Exchange signed files through this folder instead of calling: each run reads what has come, works, and writes one
    /// file to carry to the peer. They are signed, not encrypted: carry them on an encrypted medium
    #[arg(long, value_name = "DIR")]
    pub(crate) via_files: Option<PathBuf>,
    /// By files: wait for the peer's files instead of ending
    #[arg(long, requires = "via_files")]
    pub(crate) wait: bool,
}

/// What a person has said of a list.
#[derive(Clone, Debug, Args)]
pub(crate) struct MapArgs {
    /// Mapping of the list: its columns, encoding, separator and how its dates are written (`blindlink lists check`)
    #[arg(long, value_name = "MAP.toml")]
    pub(crate) map: Option<PathBuf>,
}

/// How much of the own list may be missing.
#[derive(Clone, Debug, Args)]
pub(crate) struct LeftOutArgs {
    #[command(flatten)]
    pub(crate) map: MapArgs,
    /// Per cent of the rows that may be left out; can only lower what the agreement says (without one: 2)
    #[arg(long, value_name = "PERCENT", value_parser = percent)]
    pub(crate) left_out_at_most: Option<f64>,
}

/// `results/DATE-NAME.csv` in the node's folder; the round's id is put into the name.
pub(crate) fn default_result(data: &DataDir, name: &str) -> Result<PathBuf, StoreError> {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    let now = blindlink::agreement::time::text(seconds);
    Ok(data.results()?.join(format!("{}-{name}.csv", now.get(..10).unwrap_or("result"))))
}

fn percent(text: &str) -> Result<f64, String> {
    let good = text.parse::<f64>().ok().filter(|percent| (0.0..=100.0).contains(percent));
    good.ok_or_else(|| "a number from 0 to 100".to_owned())
}

/// A suite by its number.
pub(crate) fn suite(text: &str) -> Result<&'static Suite, String> {
    let known = text.parse().ok().and_then(Suite::by_number);
    known.ok_or_else(|| "this release computes suites 1 and 2".to_owned())
}

/// On what rounds rest.
#[derive(Clone, Debug, Args)]
pub(crate) struct GroundArgs {
    /// Run without an agreement: invented persons only; the peer must do the same
    #[arg(long, conflicts_with = "agreement")]
    training: bool,
    /// In training: the suite, the same on both sides; an agreement names its own
    #[arg(long, value_name = "NUMBER", requires = "training", value_parser = suite)]
    suite: Option<&'static Suite>,
    /// Name of the agreement [default: the one that the policy names]
    #[arg(long, value_name = "NAME")]
    agreement: Option<String>,
}

/// Refuses a round while the node is closed: for maintenance, or since it was restored and nobody has looked yet.
pub(crate) fn open_for_rounds(data: &DataDir) -> Result<(), Failure> {
    match maintenance::closed_until(data, clock::now()) {
        0 => Ok(()),
        until => {
            let until = clock::date(until);
            let what = format!("this node takes no rounds until {until}; `blindlink maintenance off` opens it");
            Err(Failure::new(Exit::Config, what))
        }
    }
}

impl GroundArgs {
    /// The policy file: the one that was named, else the one that came with the agreement.
    pub(crate) fn policy(
        &self,
        data: &DataDir,
        named: Option<&Path>,
        peer: Option<&PeerId>,
    ) -> Result<PathBuf, StoreError> {
        let agreed = || policies::agreed(data, self.agreement.as_deref(), peer, clock::now());
        named.map_or_else(agreed, |path| Ok(path.to_owned()))
    }

    pub(crate) fn ground(&self) -> BasisChoice {
        if self.training {
            BasisChoice::Training(self.suite.unwrap_or(CURRENT))
        } else {
            BasisChoice::Agreement(self.agreement.clone())
        }
    }
}
