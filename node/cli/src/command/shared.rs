//! Options and set-up that several commands share.

use crate::exit::{Exit, Failure};
use crate::log::Level;
use crate::progress::{Reporter, Style};
use blindlink_node::admission::BasisChoice;
use blindlink_node::transport::Settings;
use clap::Args;
use std::future::Future;
use std::path::PathBuf;
use std::time::Duration;
use tokio::sync::watch;

/// How results and progress are shown.
#[derive(Clone, Copy, Debug, Args)]
pub(super) struct Show {
    /// Print one JSON object.
    #[arg(long)]
    pub(super) json: bool,
    /// Progress on standard error.
    #[arg(long, value_enum, default_value_t, conflicts_with = "no_progress")]
    pub(super) progress: Style,
    /// No bars.
    #[arg(long)]
    pub(super) no_progress: bool,
    /// Least level of log lines on standard error; they are JSON where that is no terminal
    #[arg(long, value_enum, value_name = "LEVEL", default_value_t, env = "BLINDLINK_LOG")]
    pub(super) log: Level,
}

impl Show {
    pub(super) fn reporter(self) -> Reporter {
        Reporter::new(if self.no_progress { Style::None } else { self.progress }, self.log, self.json)
    }
}

/// Patience.
#[derive(Clone, Copy, Debug, Args)]
pub(super) struct Patience {
    /// Seconds without any packet after which the peer has vanished.
    #[arg(long, value_name = "SECONDS", default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..=600))]
    pub(super) idle_timeout: u64,
    /// Seconds for the handshake, and for a caller's first frame after it.
    #[arg(long, value_name = "SECONDS", default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=600))]
    pub(super) handshake_timeout: u64,
    /// Seconds without a frame, while it is the peer's turn, after which it has stalled.
    #[arg(long, value_name = "SECONDS", default_value_t = 600, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub(super) frame_timeout: u64,
    /// Seconds for which a round that does not move stays open: the connection may be lost for so long, and either node
    /// may be stopped. 0: not at all
    #[arg(long, value_name = "SECONDS", default_value_t = 21_600, value_parser = clap::value_parser!(u64).range(..=604_800))]
    pub(super) give_up_after: u64,
    /// Give up open rounds first, instead of going on with them
    #[arg(long)]
    pub(super) abandon: bool,
}

impl Patience {
    pub(super) fn settings(self) -> Settings {
        Settings { idle: Duration::from_secs(self.idle_timeout), handshake: self.handshake(), ..Settings::default() }
    }

    pub(super) fn handshake(self) -> Duration {
        Duration::from_secs(self.handshake_timeout)
    }

    pub(super) fn give_up(self) -> Duration {
        Duration::from_secs(self.give_up_after)
    }

    pub(super) fn frame(self) -> Duration {
        Duration::from_secs(self.frame_timeout)
    }
}

/// A round without a link.
#[derive(Clone, Debug, Args)]
pub(super) struct FilesArgs {
    /// Exchange signed files through this folder instead of calling: each run reads what has come, works, and writes one
    /// file to carry to the peer. They are signed, not encrypted: carry them on an encrypted medium
    #[arg(long, value_name = "DIR")]
    pub(super) via_files: Option<PathBuf>,
    /// By files: wait for the peer's files instead of ending
    #[arg(long, requires = "via_files")]
    pub(super) wait: bool,
}

/// Runs `work` on a small runtime: the network needs little, the heavy maths has threads of its own.
pub(super) fn block_on<F: Future>(work: F) -> Result<F::Output, Failure> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map(|runtime| runtime.block_on(work))
        .map_err(Failure::because(Exit::Internal, "cannot start the async runtime"))
}

/// Turns true at Ctrl-C or a termination signal; a second one ends the process at once.
pub(super) fn stop_signal() -> watch::Receiver<bool> {
    let (stop, stopped) = watch::channel(false);
    tokio::spawn(async move {
        signal().await;
        stop.send_replace(true);
        signal().await;
        std::process::exit(Exit::Interrupted.exit().into());
    });
    stopped
}

async fn signal() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = tokio::signal::ctrl_c() => {}
            }
            return;
        }
    }
    let _ = tokio::signal::ctrl_c().await;
}

/// The failure of printing a result.
pub(super) fn printed(result: std::io::Result<()>) -> Result<(), Failure> {
    result.map_err(Failure::because(Exit::Io, "cannot print the result"))
}

/// On what rounds rest.
#[derive(Clone, Debug, Args)]
pub(super) struct GroundArgs {
    /// Run without an agreement: invented persons only; the peer must do the same
    #[arg(long, conflicts_with = "agreement")]
    training: bool,
    /// Name of the agreement [default: the one that the policy names]
    #[arg(long, value_name = "NAME")]
    agreement: Option<String>,
}

impl GroundArgs {
    pub(super) fn ground(&self) -> BasisChoice {
        if self.training { BasisChoice::Training } else { BasisChoice::Agreement(self.agreement.clone()) }
    }
}
