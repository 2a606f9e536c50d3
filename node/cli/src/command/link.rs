//! `blindlink link`: the requester's side.

use crate::args::{FilesArgs, GroundArgs, LeftOutArgs, Patience, Show, default_result, open_for_rounds};
use crate::exit::{Exit, Failure};
use crate::runtime::{block_on, stop_signal};
use crate::summary;
use blindlink::session::{self, Role};
use blindlink_node::admission::Admission;
use blindlink_node::driver::Pool;
use blindlink_node::event::{Event, Sink};
use blindlink_node::own_list::{self, OwnFiles};
use blindlink_node::round::{CallOptions, OfflineOptions, RoundOptions, Rounds, Summary};
use blindlink_node::store::DataDir;
use blindlink_node::store::peers::Peers;
use blindlink_node::store::results::check_new;
use clap::Args;
use std::path::PathBuf;
use std::sync::Arc;

#[derive(Debug, Args)]
pub(super) struct Link {
    /// Name of the peer
    peer: String,
    /// Own list of persons, as CSV
    #[arg(long, value_name = "FILE")]
    records: PathBuf,
    /// Policy file, the same on both sides [default: the one of the agreement in force]
    #[arg(long, value_name = "FILE", required_if_eq("training", "true"))]
    policy: Option<PathBuf>,
    /// Where the graded pairs go, as CSV; a file that is not there yet [default: results/DATE-PEER-ROUND.csv in the
    /// node's folder]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Keep at most one pair of each record in the result: greedily by grade, then by the number of tables
    #[arg(long)]
    one_to_one: bool,
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

impl Link {
    pub(super) fn run(self, dir: Option<PathBuf>) -> Result<(), Failure> {
        let summary = block_on(self.link(dir.clone()))??;
        summary::tell(&DataDir::locate(dir)?, self.show.json, &summary)
    }

    async fn link(&self, dir: Option<PathBuf>) -> Result<Summary, Failure> {
        let reporter = self.show.reporter();
        let data = DataDir::locate(dir)?;
        let identity = data.identity()?;
        open_for_rounds(&data)?;
        let peers = Peers::load(&data)?;
        let peer = peers.get(&self.peer)?;
        if peer.addr.is_none() && self.files.via_files.is_none() {
            return Err(Failure::new(Exit::Config, format_args!("peer `{}` has no address", peer.name)));
        }
        self.out.as_deref().map_or(Ok(()), check_new)?;
        let policy = self.ground.policy(&data, self.policy.as_deref(), Some(&peer.id))?;
        let input = own_list::load(
            OwnFiles {
                records: &self.records,
                mapping: self.list.map.map.as_deref(),
                policy: &policy,
                left_out_at_most: self.list.left_out_at_most,
            },
            Role::Requester,
            &reporter,
        )?;
        let ground = self.ground.ground();
        let admission = Admission {
            data: &data,
            identity: &identity,
            input: &input,
            role: Role::Requester,
            ground: &ground,
            ask: None,
        };
        let pool = Pool::for_this_machine().map_err(Failure::because(Exit::Internal, "cannot start threads"))?;
        let options = RoundOptions {
            records: self.records.clone(),
            mapping: self.list.map.map.clone(),
            content: None,
            one_to_one: self.one_to_one,
            out: Some(self.out.clone().map_or_else(|| default_result(&data, &peer.name), Ok)?),
            out_by_round: self.out.is_none(),
            first_frame: self.patience.handshake(),
            frame_timeout: self.patience.frame(),
            give_up: self.patience.give_up(),
            given_up: Arc::default(),
        };
        let (storage, stop) = (data.storage()?, stop_signal());
        let observe = |event: &session::Event| reporter.take(&Event::Progress(event));
        let round = Rounds { admission, storage, options, pool: &pool, stop, sink: &reporter, observe: &observe };
        let abandon = self.patience.abandon;
        if let Some(folder) = &self.files.via_files {
            let own = identity.key();
            let options = OfflineOptions { peer, folder, wait: self.files.wait, abandon };
            return Ok(round.by_files(&options, &own).await?);
        }
        let addr = peer.addr.as_deref().unwrap_or_default();
        let calls = CallOptions { peer, addr, settings: self.patience.settings(), abandon };
        Ok(round.call(&calls).await?)
    }
}
