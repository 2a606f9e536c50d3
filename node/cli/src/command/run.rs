//! `blindlink run`: the node as a service, with all configured links.

use super::config::{LISTEN, LOG, Overrides, ROUNDS};
use crate::exit::{Exit, Failure};
use crate::log::Level;
use crate::progress::{Reporter, Style};
use crate::runtime::{block_on, reload_signal, stop_signal};
use crate::summary;
use crate::watch::{Counters, Watch};
use blindlink_node::event::{Event, Sink};
use blindlink_node::round::Summary;
use blindlink_node::service::links::{NodeOptions, run};
use blindlink_node::store::DataDir;
use blindlink_node::store::configuration::Configuration;
use clap::{Args, ValueEnum};
use sd_notify::NotifyState;
use std::path::PathBuf;
use std::sync::Arc;

#[derive(Debug, Args)]
#[command(
    after_help = "SIGHUP reads lists, peers and configuration anew; SIGTERM ends, and leaves open rounds open. Under systemd \
    it says when it is ready.\n\nExample:\n  blindlink config init\n  blindlink config check\n  blindlink run"
)]
pub(super) struct Run {
    #[command(flatten)]
    overrides: Overrides,
    /// Progress on standard error
    #[arg(long, value_enum, default_value_t = Style::None)]
    progress: Style,
    /// Give up the rounds that are open before anything else: after the machine was restored from a backup
    #[arg(long)]
    abandon: bool,
    /// Print one JSON object a line and round
    #[arg(long)]
    json: bool,
}

/// Passes events on, and tells the service manager what it wants to know.
struct Notifier(Reporter, Arc<Counters>);

impl Sink for Notifier {
    fn take(&self, event: &Event<'_>) {
        self.0.take(event);
        self.1.take(event);
        // Without a service manager nobody is told.
        let _ = match event {
            Event::Listening { .. } | Event::Reloaded { .. } | Event::ReloadFailed(_) => {
                sd_notify::notify(&[NotifyState::Ready])
            }
            Event::LinkBroken { link, .. } => {
                sd_notify::notify(&[NotifyState::Status(&format!("link {link} cannot be used"))])
            }
            _ => Ok(()),
        };
    }
}

impl Run {
    pub(super) fn run(self, dir: Option<PathBuf>) -> Result<(), Failure> {
        let data = DataDir::locate(dir)?;
        data.identity()?;
        let Configuration { node, metrics, notify, .. } = Configuration::load(&data)?.resolved(&data);
        let named = |level: String| Level::from_str(&level, false).map_err(|error| Failure::new(Exit::Config, error));
        let level = self.overrides.log.map_or_else(|| named(node.log.unwrap_or_else(|| LOG.into())), Ok)?;
        let default = LISTEN.parse().map_err(Failure::because(Exit::Internal, "the default address"))?;
        let listen = self.overrides.listen.or(node.listen).unwrap_or(default);
        let rounds = self.overrides.rounds.or(node.rounds).unwrap_or(ROUNDS).into();
        let training = node.training.unwrap_or(false);
        let (json, abandon) = (self.json, self.abandon);
        let reporter = Reporter::new(self.progress, level, json);
        block_on(async move {
            let counters = Arc::new(Counters::default());
            let watch = Watch::new(&data, metrics, notify, Arc::clone(&counters));
            let _watching = watch.start().await?;
            let sink = Arc::new(Notifier(reporter, Arc::clone(&counters)));
            let (stop, reload) = (stop_signal(), reload_signal());
            let mut stopping = stop.clone();
            tokio::spawn(async move {
                if stopping.wait_for(|stop| *stop).await.is_ok() {
                    let _ = sd_notify::notify(&[NotifyState::Stopping]);
                }
            });
            let folder = data.clone();
            let over = |done: &Summary| {
                counters.ended(done);
                // A closed standard output must not stop the node.
                let _ = summary::tell(&folder, json, done);
            };
            let options = NodeOptions { data, listen, rounds, training, abandon, stop, reload, sink };
            run(options, &over).await.map_err(Failure::from)
        })??;
        Ok(())
    }
}
