//! `blindlink serve`: the responder's side.

use super::shared::{GroundArgs, Patience, Show, block_on, printed, stop_signal};
use crate::driver::Pool;
use crate::exit::{Exit, Failure};
use crate::gate::Gate;
use crate::keystore::DataDir;
use crate::peers::Peers;
use crate::progress::Reporter;
use crate::round::{Round, Summary};
use crate::transport::{Channel, Listener, Refusal};
use crate::{files, input, keytext, output};
use blindlink::policy::shape::OutputMode;
use blindlink::session::Role;
use clap::Args;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

#[derive(Debug, Args)]
pub(super) struct Serve {
    /// Own list of persons, as CSV
    #[arg(long, value_name = "FILE")]
    records: PathBuf,
    /// Policy file, the same on both sides
    #[arg(long, value_name = "FILE")]
    policy: PathBuf,
    /// UDP address to listen at
    #[arg(long, value_name = "ADDR:PORT", default_value = "[::]:4433")]
    listen: SocketAddr,
    /// In mutual mode: where the claimed own records go, as CSV; without --once the round's id is put into the name
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// End after one round, well or not
    #[arg(long)]
    once: bool,
    #[command(flatten)]
    ground: GroundArgs,
    #[command(flatten)]
    patience: Patience,
    #[command(flatten)]
    show: Show,
}

/// `matches.csv` to `matches-1a2b3c4d5e6f7081.csv`.
fn with_round(path: &Path, round: &str) -> PathBuf {
    let stem = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    let tag = round.get(..16).unwrap_or(round);
    let name = match path.extension() {
        Some(extension) => format!("{stem}-{tag}.{}", extension.to_string_lossy()),
        None => format!("{stem}-{tag}"),
    };
    path.with_file_name(name)
}

fn turned_away(reporter: &Reporter, refusal: &Refusal) {
    let text = match &refusal.key {
        Some(key) => format!(
            "turned away {}: its key {} is not in the list of peers (claimed, not proven)",
            refusal.remote,
            keytext::to_text(key)
        ),
        None => format!("turned away {}: the handshake failed, or another round is running", refusal.remote),
    };
    let key = refusal.key.as_ref().map(keytext::to_text);
    reporter.event("turned_away", serde_json::json!({"remote": refusal.remote.to_string(), "key": key}), &text);
}

impl Serve {
    pub(super) fn run(self, dir: Option<PathBuf>) -> Result<(), Failure> {
        block_on(self.serve(dir))?
    }

    async fn serve(&self, dir: Option<PathBuf>) -> Result<(), Failure> {
        let reporter = self.show.reporter();
        let data = DataDir::locate(dir)?;
        let identity = data.identity()?;
        let peers = Peers::load(&data)?;
        if peers.iter().next().is_none() {
            return Err(Failure::new(Exit::Config, "no peer is known: nobody could be admitted"));
        }
        self.out.as_deref().map_or(Ok(()), files::check_writable)?;
        let input = input::load(&self.records, &self.policy, Role::Responder, &reporter)?;
        let ground = self.ground.ground();
        let gate = Gate { data: &data, identity: &identity, input: &input, role: Role::Responder, ground: &ground };
        // Who could answer nobody does not listen. Every round is judged again.
        gate.check(&gate.party()?.unwrap_or_else(|| identity.key().id()))?;
        if self.out.is_none() && input.policy.shape().output == OutputMode::Mutual {
            reporter.log("no --out: the own records that the peer claims will be counted and not saved");
        }
        let pool = Pool::for_this_machine().map_err(Failure::because(Exit::Internal, "cannot start threads"))?;
        let mut stop = stop_signal();
        let mut listener = Listener::bind(identity.secret(), peers.ids(), self.listen, &self.patience.settings())?;
        let (address, key) = (listener.local()?.to_string(), keytext::to_text(&identity.key().id()));
        let text = format!("listening at {address} as {key}, {} records", input.records.len());
        reporter.event("listening", serde_json::json!({"addr": address, "key": key}), &text);
        let round = Round {
            data: &data,
            identity: &identity,
            input: &input,
            role: Role::Responder,
            one_to_one: false,
            gate,
            pool: &pool,
            frame_timeout: self.patience.frame(),
            stop: stop.clone(),
            reporter: &reporter,
        };
        let result = loop {
            let next = tokio::select! {
                next = listener.next() => next,
                _ = stop.changed() => break Ok(()),
            };
            let result = match next {
                None => break Err(Failure::new(Exit::Internal, "the listener ended")),
                Some(Err(refusal)) => {
                    turned_away(&reporter, &refusal);
                    continue;
                }
                Some(Ok(channel)) => self.answer(&round, &peers, channel).await,
            };
            match result {
                _ if self.once => break result.map(drop),
                Ok(_) => {}
                Err(failure) if failure.exit == Exit::Interrupted => break Err(failure),
                // The next peer may be honest.
                Err(failure) => reporter.event(
                    "round_failed",
                    serde_json::json!({"code": failure.exit.code(), "exit": failure.exit.exit()}),
                    &format!("round failed [{}]: {failure}; hint: {}", failure.exit.code(), failure.exit.hint()),
                ),
            }
        };
        listener.finish(Duration::from_secs(2)).await;
        result
    }

    async fn answer(&self, round: &Round<'_>, peers: &Peers, channel: Channel) -> Result<Summary, Failure> {
        let peer = peers
            .by_id(&channel.peer())
            .ok_or_else(|| Failure::new(Exit::Internal, "a peer was admitted that is not in the list"))?;
        let out = |id: &str| self.out.as_ref().map(|path| if self.once { path.clone() } else { with_round(path, id) });
        let summary = round.run(peer, channel, out).await?;
        printed(output::print(self.show.json, &summary, || summary.text()))?;
        Ok(summary)
    }
}
