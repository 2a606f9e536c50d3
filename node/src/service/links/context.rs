//! What all links of a running node share.

use crate::admission::{Admission, BasisChoice};
use crate::driver::Pool;
use crate::error::NodeError;
use crate::event::{Event, Sink};
use crate::failure_code::FailureCode;
use crate::own_list::{self, Input, OwnFiles};
use crate::round::{RoundOptions, Rounds, Summary};
use crate::store::configuration::{Configuration, LinkSettings, PatienceSettings};
use crate::store::database::Database;
use crate::store::journal::StorageKey;
use crate::store::keys::Identity;
use crate::store::peers::{Peer, Peers};
use crate::store::{DataDir, StoreError, policies, rounds};
use crate::sys::clock;
use crate::sys::files::{create_private_folder, try_lock};
use crate::transport::Settings;
use blindlink::error::Refusal;
use blindlink::identity::PeerId;
use blindlink::policy::{CheckedPolicy, OutputMode};
use blindlink::session::{self, Role};
use blindlink::suite::CURRENT;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::watch;

/// How a node is run.
pub struct NodeOptions {
    /// Its folder.
    pub data: DataDir,
    /// UDP address to listen at.
    pub listen: SocketAddr,
    /// Rounds at a time, each with another peer.
    pub rounds: usize,
    /// Whether rounds run without an agreement.
    pub training: bool,
    /// Whether the rounds that are open when the node starts are given up.
    pub abandon: bool,
    /// Turns true when the operator stops the node.
    pub stop: watch::Receiver<bool>,
    /// Changes when lists, peers and configuration are to be read anew.
    pub reload: watch::Receiver<u64>,
    /// Takes what happens.
    pub sink: Arc<dyn Sink + Send + Sync>,
}

/// What all links share.
pub(super) struct Context<'o> {
    pub data: DataDir,
    pub identity: Identity,
    pub storage: StorageKey,
    pub options: NodeOptions,
    pub sink: Arc<dyn Sink + Send + Sync>,
    pub over: &'o dyn Fn(&Summary),
    pool: Pool,
    observe: Box<dyn Fn(&session::Event) + Send + Sync>,
    /// Turns of the rounds that this node begins with each peer.
    turns: Mutex<BTreeMap<PeerId, Arc<tokio::sync::Mutex<()>>>>,
    /// Journals that were open when the node started, if it is to give them up.
    given_up: Arc<BTreeSet<PathBuf>>,
    _alone: File,
}

/// A link with its list: what its rounds borrow.
pub(super) struct LoadedLink {
    pub settings: LinkSettings,
    pub peer: Peer,
    pub input: Input,
    ground: BasisChoice,
    options: RoundOptions,
}

impl<'o> Context<'o> {
    /// Takes the folder for this process alone.
    pub(super) fn open(options: NodeOptions, over: &'o dyn Fn(&Summary)) -> Result<Self, NodeError> {
        let data = options.data.clone();
        let (identity, storage) = (data.identity()?, data.storage()?);
        let path = data.path().join("run.lock");
        let failed = StoreError::io(format!("cannot lock {}", path.display()));
        let alone = try_lock(&path).map_err(failed)?.ok_or(StoreError::Running)?;
        let pool = Pool::for_this_machine().map_err(StoreError::io("cannot start threads"))?;
        let sink = Arc::clone(&options.sink);
        let observed = Arc::clone(&sink);
        let observe = Box::new(move |event: &session::Event| observed.take(&Event::Progress(event)));
        let turns = Mutex::default();
        // A round that begins later has another journal: whatever a link does later, it gives up none of those.
        let open = if options.abandon { rounds::look_at_open(&data, &storage)? } else { Vec::new() };
        let given_up = Arc::new(open.into_iter().map(|open| open.path).collect());
        Ok(Self { data, identity, storage, options, sink, over, pool, observe, turns, given_up, _alone: alone })
    }

    /// Times of connections.
    pub(super) fn settings(&self, configuration: &Configuration) -> Settings {
        transport(&configuration.patience)
    }

    /// The turn of rounds that this node begins with a peer: a second connection would end the first.
    pub(super) fn turn_with(&self, peer: &PeerId) -> Arc<tokio::sync::Mutex<()>> {
        Arc::clone(self.turns.lock().unwrap_or_else(PoisonError::into_inner).entry(*peer).or_default())
    }

    /// Notes of a round that failed so that what the peer says is not what this node knows of it: `status` tells that until
    /// the peer is heard of again.
    pub(super) fn not_who_it_was(&self, peer: &PeerId, code: FailureCode) {
        if !matches!(code, FailureCode::PeerLog | FailureCode::OtherPast) {
            return;
        }
        let noted = Database::open(&self.data, &self.storage)
            .and_then(|mut db| db.contact(peer, clock::now(), Some(code.number())));
        if let Err(error) = noted {
            self.sink.take(&Event::NotNoted(&error.into()));
        }
    }

    /// Reads what a link needs. The list is read on a thread of its own: rounds of other links go on meanwhile.
    pub(super) async fn load(
        &self,
        settings: &LinkSettings,
        patience: &PatienceSettings,
    ) -> Result<LoadedLink, NodeError> {
        let peer = Peers::load(&self.data)?.get(&settings.peer)?.clone();
        let (wanted, sink) = (settings.clone(), Arc::clone(&self.sink));
        let data = self.data.clone();
        let read = tokio::task::spawn_blocking(move || {
            let files = OwnFiles {
                records: &wanted.list,
                mapping: wanted.mapping.as_deref(),
                policy: &wanted.policy,
                left_out_at_most: wanted.left_out_at_most,
            };
            let policy = policy_of(&data, &wanted)?;
            own_list::load_under(policy, files, None, wanted.role, &*sink)
        });
        let input = read.await.map_err(|_| NodeError::Internal("reading a list panicked"))??;
        let mutual = input.policy.policy().round.output == OutputMode::Mutual;
        let saved = settings.role == Role::Requester || (mutual && !settings.discard_claims);
        let folder = match &settings.out {
            Some(folder) => folder.clone(),
            None => self.data.results()?,
        };
        create_private_folder(&folder).map_err(StoreError::output(format!("cannot create {}", folder.display())))?;
        let options = RoundOptions {
            records: settings.list.clone(),
            mapping: settings.mapping.clone(),
            content: None,
            one_to_one: settings.one_to_one,
            out: saved.then(|| folder.join(format!("{}.csv", settings.name))),
            out_by_round: true,
            first_frame: Duration::from_secs(patience.handshake),
            frame_timeout: Duration::from_secs(patience.frame),
            give_up: Duration::from_secs(patience.give_up),
            given_up: Arc::clone(&self.given_up),
        };
        let ground = match self.options.training {
            true => BasisChoice::Training(CURRENT),
            false => BasisChoice::Agreement(settings.agreement.clone()),
        };
        Ok(LoadedLink { settings: settings.clone(), peer, input, ground, options })
    }

    /// The rounds of a link.
    pub(super) fn rounds<'a>(&'a self, link: &'a LoadedLink) -> Rounds<'a> {
        let LoadedLink { settings, input, ground, .. } = link;
        let (data, identity) = (&self.data, &self.identity);
        Rounds {
            admission: Admission { data, identity, input, role: settings.role, ground, ask: None },
            storage: self.storage.clone(),
            options: link.options.clone(),
            pool: &self.pool,
            stop: self.options.stop.clone(),
            sink: &*self.sink,
            observe: &*self.observe,
        }
    }
}

/// The policy of a link: of one that answers urgent rounds the urgent one (V-URGENT-001).
pub(super) fn policy_of(data: &DataDir, link: &LinkSettings) -> Result<CheckedPolicy, NodeError> {
    let agreed = own_list::load_policy(&link.policy)?;
    if !link.urgent {
        return Ok(agreed);
    }
    let urgent = policies::urgent(data, &agreed, link.agreement.as_deref(), clock::now())?;
    Ok(urgent.ok_or(Refusal::NoAgreement)?)
}

/// Times of connections.
pub(super) fn transport(patience: &PatienceSettings) -> Settings {
    let seconds = Duration::from_secs;
    Settings { idle: seconds(patience.idle), handshake: seconds(patience.handshake), ..Settings::default() }
}
