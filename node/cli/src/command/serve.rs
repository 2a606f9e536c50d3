//! `blindlink serve`: the responder's side.

use crate::args::{FilesArgs, GroundArgs, LeftOutArgs, Patience, Show, default_result, open_for_rounds};
use crate::exit::{Exit, Failure};
use crate::runtime::{block_on, stop_signal};
use crate::summary;
use blindlink::policy::shape::OutputMode;
use blindlink::session::{self, Role};
use blindlink_node::admission::Admission;
use blindlink_node::driver::Pool;
use blindlink_node::error::NodeError;
use blindlink_node::event::{Event, Sink};
use blindlink_node::own_list::{self, OwnFiles};
use blindlink_node::round::{OfflineOptions, RoundOptions, Rounds};
use blindlink_node::service::{Service, ServiceOptions};
use blindlink_node::store::DataDir;
use blindlink_node::store::peers::{Peer, Peers};
use blindlink_node::store::results::{check_new, check_writable};
use clap::Args;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

#[derive(Debug, Args)]
pub(super) struct Serve {
    /// Own list of persons, as CSV
    #[arg(long, value_name = "FILE")]
    records: PathBuf,
    /// Policy file, the same on both sides [default: the one of the agreement in force]
    #[arg(long, value_name = "FILE", required_if_eq("training", "true"))]
    policy: Option<PathBuf>,
    /// UDP address to listen at
    #[arg(long, value_name = "ADDR:PORT", default_value = "[::]:4433")]
    listen: SocketAddr,
    /// In mutual mode: where the claimed own records go, as CSV; without --once the round's id is put into the name
    /// [default: results/DATE-claimed-ROUND.csv in the node's folder]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// In mutual mode: count the claimed own records and save none
    #[arg(long, conflicts_with = "out")]
    discard_claims: bool,
    /// Rounds at a time, each with another peer
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u8).range(2..))]
    rounds: u8,
    /// End after one round, well or not
    #[arg(long)]
    once: bool,
    /// By files: name of the peer; needed if more than one is known
    #[arg(long, value_name = "NAME", requires = "via_files")]
    peer: Option<String>,
    #[command(flatten)]
    list: LeftOutArgs,
    #[command(flatten)]
    files: FilesArgs,
    #[command(flatten)]
    ground: GroundArgs,
    #[command(flatten)]
    patience: Patience,
    #[command(flatten)]
    show: Show,
}

impl Serve {
    pub(super) fn run(self, dir: Option<PathBuf>) -> Result<(), Failure> {
        block_on(self.serve(dir))?
    }

    async fn serve(&self, dir: Option<PathBuf>) -> Result<(), Failure> {
        let reporter = self.show.reporter();
        let data = DataDir::locate(dir)?;
        let identity = data.identity()?;
        open_for_rounds(&data)?;
        let peers = Peers::load(&data)?;
        if peers.iter().next().is_none() {
            return Err(NodeError::NoPeer.into());
        }
        let own_name = self.once || self.files.via_files.is_some();
        self.out.as_deref().map_or(Ok(()), if own_name { check_new } else { check_writable })?;
        let policy = self.ground.policy(&data, self.policy.as_deref(), None)?;
        let input = own_list::load(
            OwnFiles {
                records: &self.records,
                mapping: self.list.map.map.as_deref(),
                policy: &policy,
                left_out_at_most: self.list.left_out_at_most,
            },
            Role::Responder,
            &reporter,
        )?;
        let ground = self.ground.ground();
        let admission = Admission {
            data: &data,
            identity: &identity,
            input: &input,
            role: Role::Responder,
            ground: &ground,
            ask: None,
        };
        // Refuse to listen if no peer could be admitted. The budget is judged with every round: one that is open has been
        // paid for.
        admission.readmit(&admission.party()?.unwrap_or_else(|| identity.key().id()))?;
        let mutual = input.policy.shape().output == OutputMode::Mutual;
        let out = match &self.out {
            Some(path) => Some(path.clone()),
            None if mutual && !self.discard_claims => Some(default_result(&data, "claimed")?),
            None => None,
        };
        if out.is_none() && mutual {
            reporter.take(&Event::NotSaved);
        }
        let pool = Pool::for_this_machine().map_err(Failure::because(Exit::Internal, "cannot start threads"))?;
        let options = RoundOptions {
            records: self.records.clone(),
            mapping: self.list.map.map.clone(),
            content: None,
            one_to_one: false,
            out_by_round: self.out.is_none() || !own_name,
            out,
            first_frame: self.patience.handshake(),
            frame_timeout: self.patience.frame(),
            give_up: self.patience.give_up(),
            given_up: Arc::default(),
        };
        let (storage, stop) = (data.storage()?, stop_signal());
        let observe = |event: &session::Event| reporter.take(&Event::Progress(event));
        let rounds = Rounds { admission, storage, options, pool: &pool, stop, sink: &reporter, observe: &observe };
        if let Some(folder) = &self.files.via_files {
            let own = identity.key();
            let peer = self.one_peer(&peers)?;
            let options = OfflineOptions { peer, folder, wait: self.files.wait, abandon: self.patience.abandon };
            let summary = rounds.by_files(&options, &own).await?;
            return summary::tell(&data, self.show.json, &summary);
        }
        let options = ServiceOptions {
            listen: self.listen,
            transport: self.patience.settings(),
            abandon: self.patience.abandon,
            rounds: self.rounds.into(),
            once: self.once,
        };
        let mut shown = Ok(());
        let service = Service { rounds: &rounds, peers: &peers, options };
        service.run(|summary| shown = summary::tell(&data, self.show.json, &summary)).await?;
        if self.once { shown } else { Ok(()) }
    }

    /// The peer of a round by files.
    fn one_peer<'p>(&self, peers: &'p Peers) -> Result<&'p Peer, Failure> {
        match (&self.peer, peers.iter().collect::<Vec<_>>().as_slice()) {
            (Some(name), _) => Ok(peers.get(name)?),
            (None, [peer]) => Ok(peer),
            (None, _) => Err(Failure::new(Exit::Config, "more than one peer is known: say which with --peer")),
        }
    }
}
