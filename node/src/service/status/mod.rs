//! How a node and its links are: well, something due, or something broken. Nothing is called for it.

mod agreement;
mod link;
mod peer;
mod review;

pub use agreement::{AgreementStatus, BudgetStatus};
pub use link::{LinkStatus, ListStatus, ResultStatus, ScheduleStatus};
pub use peer::PeerStatus;

use crate::error::NodeError;
use crate::failure_code::FailureCode;
use crate::store::audit_log::Log;
use crate::store::configuration::Configuration;
use crate::store::database::Database;
use crate::store::journal::StorageKey;
use crate::store::keys::Identity;
use crate::store::peers::Peers;
use crate::store::{DataDir, maintenance, retention, rounds};
use crate::sys::{clock, disk};
use blindlink::identity::keytext;
use serde::Serialize;

/// Less room than this is broken: the next round may not get through.
const ROOM_NEEDED: u64 = 256 << 20;
/// Less room than this is due.
const ROOM_WANTED: u64 = 2 << 30;
/// Days before the end of an agreement from which on that is due.
const DAYS_WANTED: u64 = 30;
/// Seconds by which two clocks may differ.
const CLOCK: i64 = 60;

/// How well something is. The order is that of what is worse.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Health {
    /// Nothing is to be done.
    Well,
    /// Something is to be done before long.
    Due,
    /// Something does not work.
    Broken,
}

/// Something to be done.
#[derive(Clone, Debug, Serialize)]
pub struct Finding {
    /// How well that is.
    pub health: Health,
    /// What it is about: a link, a peer, or a part of the node.
    pub about: String,
    /// The number of the failure behind it, if there is one.
    #[serde(skip)]
    pub failure: Option<FailureCode>,
    /// In words.
    pub what: String,
}

/// How a node is.
#[derive(Clone, Debug, Serialize)]
pub struct NodeStatus {
    /// `blindlink.status/v1`.
    pub schema: &'static str,
    /// When this was found out.
    pub time: String,
    /// The worst of the findings.
    pub health: Health,
    /// This node's key.
    pub key: String,
    /// Until when it takes no rounds.
    pub closed_until: Option<String>,
    /// Each configured link.
    pub links: Vec<LinkStatus>,
    /// Each known peer.
    pub peers: Vec<PeerStatus>,
    /// Entries of the own audit log.
    pub log_entries: Option<usize>,
    /// Rounds that may go on.
    pub open_rounds: usize,
    /// Journals that are no longer kept.
    pub journals_due: usize,
    /// Results that are no longer kept.
    pub results_due: usize,
    /// Bytes free in the data folder.
    pub free_bytes: Option<u64>,
    /// What is to be done, the worst first.
    pub findings: Vec<Finding>,
}

/// Collects what is to be done.
#[derive(Debug, Default)]
struct Findings(Vec<Finding>);

impl Findings {
    fn add(&mut self, health: Health, about: &str, what: impl ToString) {
        self.0.push(Finding { health, about: about.to_owned(), failure: None, what: what.to_string() });
    }

    /// Trouble of this node's own, or of a file that the operator named.
    fn broken(&mut self, about: &str, error: impl Into<NodeError>) {
        let error = error.into();
        let failure = Some(error.code());
        self.0.push(Finding { health: Health::Broken, about: about.to_owned(), failure, what: error.to_string() });
    }
}

/// What is asked of the node.
struct Look<'a> {
    data: &'a DataDir,
    identity: &'a Identity,
    peers: &'a Peers,
    log: Option<&'a Log>,
    db: Option<&'a Database>,
    /// Whether lists are read, which takes a while.
    lists: bool,
    now: u64,
}

/// Finds out how the node is. With `lists` the lists are read.
///
/// # Errors
/// If there is no node in this folder.
pub fn status(data: &DataDir, configuration: &Configuration, lists: bool) -> Result<NodeStatus, NodeError> {
    let (identity, storage, now) = (data.identity()?, data.storage()?, clock::now());
    let mut findings = Findings::default();
    let peers = Peers::load(data).unwrap_or_else(|error| {
        findings.broken("peers", error);
        Peers::default()
    });
    let log = Log::open(data, &identity).map_err(|error| findings.broken("audit log", error)).ok();
    let db = Database::open(data, &storage).map_err(|error| findings.broken("database", error)).ok();
    if let Some(db) = &db {
        match db.check() {
            Ok(Ok(())) => {}
            Ok(Err(what)) => findings.add(Health::Broken, "database", what),
            Err(error) => findings.broken("database", error),
        }
    }
    let (log_ref, db_ref) = (log.as_ref(), db.as_ref());
    let look = Look { data, identity: &identity, peers: &peers, log: log_ref, db: db_ref, lists, now };
    let links = configuration.links.iter().map(|link| look.link(link, configuration, &mut findings)).collect();
    let peers_shown = peers.iter().map(|peer| look.peer(peer, &mut findings)).collect();
    let closed = maintenance::closed_until(data, now);
    if closed > 0 {
        findings.add(Health::Due, "maintenance", format!("the node takes no rounds until {}", clock::date(closed)));
    }
    let kept = look.kept(&storage, &mut findings);
    if look.db.is_some() {
        look.review(&storage, &mut findings);
    }
    let free_bytes = disk::free_bytes(data.path());
    match free_bytes {
        Some(free) if free < ROOM_NEEDED => findings.add(Health::Broken, "disk", format!("{} MB free", free >> 20)),
        Some(free) if free < ROOM_WANTED => findings.add(Health::Due, "disk", format!("{} MB free", free >> 20)),
        _ => {}
    }
    let Findings(mut findings) = findings;
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.health));
    Ok(NodeStatus {
        schema: "blindlink.status/v1",
        time: clock::date(now),
        health: findings.first().map_or(Health::Well, |worst| worst.health),
        key: keytext::to_text(&identity.key().id()),
        closed_until: (closed > 0).then(|| clock::date(closed)),
        links,
        peers: peers_shown,
        log_entries: log.as_ref().map(|log| log.leaves().len()),
        open_rounds: kept.open,
        journals_due: kept.journals,
        results_due: kept.results,
        free_bytes,
        findings,
    })
}

/// What lies in the data folder of rounds.
struct Kept {
    open: usize,
    journals: usize,
    results: usize,
}

impl Look<'_> {
    fn kept(&self, storage: &StorageKey, findings: &mut Findings) -> Kept {
        let journals = retention::due(self.data, storage, self.now).unwrap_or_else(|error| {
            findings.broken("rounds", error);
            0
        });
        let results = self.db.and_then(|db| db.due(self.now).ok()).map_or(0, |due| due.len());
        let open = rounds::look_at_open(self.data, storage).map_or(0, |open| open.len());
        if journals + results > 0 {
            let what =
                format!("{journals} journals and {results} results are no longer kept: they go with the next round");
            findings.add(Health::Due, "retention", what);
        }
        Kept { open, journals, results }
    }
}
