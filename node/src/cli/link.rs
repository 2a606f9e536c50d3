//! `blindlink link`: the requester's side.

use super::shared::{GroundArgs, Patience, Show, block_on, printed, stop_signal};
use crate::driver::Pool;
use crate::exit::{Exit, Failure};
use crate::gate::Gate;
use crate::keystore::DataDir;
use crate::peers::Peers;
use crate::round::{Round, Summary};
use crate::transport::Client;
use crate::{files, input, output};
use blindlink::session::Role;
use clap::Args;
use std::path::PathBuf;
use std::time::Duration;

#[derive(Debug, Args)]
pub(super) struct Link {
    /// Name of the peer
    peer: String,
    /// Own list of persons, as CSV
    #[arg(long, value_name = "FILE")]
    records: PathBuf,
    /// Policy file, the same on both sides
    #[arg(long, value_name = "FILE")]
    policy: PathBuf,
    /// Where the graded pairs go, as CSV
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Keep at most one pair of each record in the result: greedily by grade, then by the number of tables
    #[arg(long)]
    one_to_one: bool,
    #[command(flatten)]
    ground: GroundArgs,
    #[command(flatten)]
    patience: Patience,
    #[command(flatten)]
    show: Show,
}

impl Link {
    pub(super) fn run(self, dir: Option<PathBuf>) -> Result<(), Failure> {
        let summary = block_on(self.link(dir))??;
        printed(output::print(self.show.json, &summary, || summary.text()))
    }

    async fn link(&self, dir: Option<PathBuf>) -> Result<Summary, Failure> {
        let reporter = self.show.reporter();
        let data = DataDir::locate(dir)?;
        let identity = data.identity()?;
        let peers = Peers::load(&data)?;
        let peer = peers.get(&self.peer)?;
        let Some(addr) = &peer.addr else {
            return Err(Failure::new(Exit::Config, format_args!("peer `{}` has no address", peer.name)));
        };
        files::check_writable(&self.out)?;
        let input = input::load(&self.records, &self.policy, Role::Requester, &reporter)?;
        let ground = self.ground.ground();
        let gate = Gate { data: &data, identity: &identity, input: &input, role: Role::Requester, ground: &ground };
        // Who may not ask does not call.
        gate.check(&peer.id)?;
        let pool = Pool::for_this_machine().map_err(Failure::because(Exit::Internal, "cannot start threads"))?;
        let mut stop = stop_signal();
        let settings = self.patience.settings();
        reporter.log(&format!("calling {} at {addr}", peer.name));
        let connecting = Client::connect(identity.secret(), peer.id, addr, &settings);
        let (client, channel) = tokio::select! {
            connected = connecting => connected?,
            _ = stop.changed() => return Err(Failure::new(Exit::Interrupted, "interrupted")),
        };
        let round = Round {
            data: &data,
            identity: &identity,
            input: &input,
            role: Role::Requester,
            one_to_one: self.one_to_one,
            gate,
            pool: &pool,
            frame_timeout: self.patience.frame(),
            stop,
            reporter: &reporter,
        };
        let result = round.run(peer, channel, |_| Some(self.out.clone())).await;
        client.finish(Duration::from_secs(2)).await;
        result
    }
}
