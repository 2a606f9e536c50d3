//! `blindlink serve`: the responder's side.

use super::shared::{FilesArgs, GroundArgs, Patience, Show, block_on, printed, stop_signal};
use crate::output;
use blindlink::policy::shape::OutputMode;
use blindlink::session::Role;
use blindlink_node::driver::Pool;
use blindlink_node::exit::{Exit, Failure};
use blindlink_node::gate::Gate;
use blindlink_node::keystore::DataDir;
use blindlink_node::peers::{Peer, Peers};
use blindlink_node::progress::Reporter;
use blindlink_node::round::{Answers, Files, Round, Summary};
use blindlink_node::transport::{Listener, Refusal};
use blindlink_node::{files, input, keytext};
use clap::Args;
use std::net::SocketAddr;
use std::path::PathBuf;
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
    /// By files: name of the peer; needed if more than one is known
    #[arg(long, value_name = "NAME", requires = "via_files")]
    peer: Option<String>,
    #[command(flatten)]
    files: FilesArgs,
    #[command(flatten)]
    ground: GroundArgs,
    #[command(flatten)]
    patience: Patience,
    #[command(flatten)]
    show: Show,
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
        // Who could answer nobody does not listen. The budget is judged with every round: one that is open has been paid
        // for.
        gate.readmit(&gate.party()?.unwrap_or_else(|| identity.key().id()))?;
        if self.out.is_none() && input.policy.shape().output == OutputMode::Mutual {
            reporter.log("no --out: the own records that the peer claims will be counted and not saved");
        }
        let pool = Pool::for_this_machine().map_err(Failure::because(Exit::Internal, "cannot start threads"))?;
        let mut stop = stop_signal();
        let storage = data.storage()?;
        let round = Round {
            data: &data,
            identity: &identity,
            storage: &storage,
            input: &input,
            records: &self.records,
            role: Role::Responder,
            one_to_one: false,
            out: self.out.clone(),
            out_by_round: !self.once && self.files.via_files.is_none(),
            gate,
            pool: &pool,
            first_frame: self.patience.handshake(),
            frame_timeout: self.patience.frame(),
            give_up: self.patience.give_up(),
            stop: stop.clone(),
            reporter: &reporter,
            observe: &|event| reporter.progress(event),
        };
        if let Some(folder) = &self.files.via_files {
            let own = identity.key();
            let files =
                Files { peer: self.one_peer(&peers)?, folder, wait: self.files.wait, abandon: self.patience.abandon };
            let summary = round.by_files(&files, &own).await?;
            return printed(output::print(self.show.json, &summary, || crate::summary::text(&summary)));
        }
        let mut desk = round.desk(&peers, self.patience.abandon).await?;
        let mut listener = Listener::bind(identity.secret(), peers.ids(), self.listen, &self.patience.settings())?;
        let (address, key) = (listener.local()?.to_string(), keytext::to_text(&identity.key().id()));
        let text = format!("listening at {address} as {key}, {} records", input.list.records.len());
        reporter.event("listening", serde_json::json!({"addr": address, "key": key}), &text);
        let result = loop {
            let mut news = round.ends(&mut desk).await;
            if news.is_empty() {
                let next_end = round.next_end(&desk);
                let next = tokio::select! {
                    next = listener.next() => next,
                    _ = stop.changed() => break Ok(()),
                    () = wait(next_end) => continue,
                };
                match next {
                    None => break Err(Failure::new(Exit::Internal, "the listener ended")),
                    Some(Err(refusal)) => {
                        turned_away(&reporter, &refusal);
                        continue;
                    }
                    Some(Ok(channel)) => {
                        let known = peers.by_id(&channel.peer());
                        let peer = known.ok_or_else(|| Failure::new(Exit::Internal, "an unknown peer was admitted"))?;
                        let answer = round.answer(&mut desk, peer, channel).await;
                        // A round that ended for this one comes first.
                        news = desk.news();
                        news.push(answer);
                    }
                }
            }
            let mut last = None;
            for answer in news {
                // With --once the first round that ends ends the command.
                let (end, stops) = match answer {
                    Ok(Answers::Lost | Answers::Closed) => continue,
                    Ok(Answers::Over(summary)) => (Ok(*summary), self.once),
                    Ok(Answers::Stopped(failure)) => (Err(failure), true),
                    // The next peer may be honest.
                    Err(failure) => {
                        let stops = self.once || failure.exit == Exit::Interrupted;
                        (Err(failure), stops)
                    }
                };
                let end = self.ended(&reporter, end);
                if stops {
                    last = Some(end);
                }
            }
            if let Some(end) = last {
                break end;
            }
        };
        listener.finish(Duration::from_secs(2)).await;
        result
    }

    /// The peer of a round by files.
    fn one_peer<'p>(&self, peers: &'p Peers) -> Result<&'p Peer, Failure> {
        match (&self.peer, peers.iter().collect::<Vec<_>>().as_slice()) {
            (Some(name), _) => peers.get(name),
            (None, [peer]) => Ok(peer),
            (None, _) => Err(Failure::new(Exit::Config, "more than one peer is known: say which with --peer")),
        }
    }

    /// Shows how a round ended.
    fn ended(&self, reporter: &Reporter, end: Result<Summary, Failure>) -> Result<(), Failure> {
        match end {
            Ok(summary) => printed(output::print(self.show.json, &summary, || crate::summary::text(&summary))),
            Err(failure) => {
                if !self.once {
                    reporter.event(
                        "round_failed",
                        serde_json::json!({"code": failure.exit.code(), "exit": failure.exit.exit()}),
                        &format!("round failed [{}]: {failure}; hint: {}", failure.exit.code(), failure.exit.hint()),
                    );
                }
                Err(failure)
            }
        }
    }
}

/// Waits so long, or for ever.
async fn wait(time: Option<Duration>) {
    match time {
        Some(time) => tokio::time::sleep(time).await,
        None => std::future::pending().await,
    }
}
