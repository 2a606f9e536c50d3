//! The node behind the console and the review commands: log, accounts, records, time.

mod node_view;

use crate::exit::{Exit, Failure};
use crate::passphrase;
use blindlink::agreement::current;
use blindlink::confirm::notice::NoticeBody;
use blindlink::explain::Subject;
use blindlink::ids::AgreementDigest;
use blindlink::policy::{Policy, TableSpec};
use blindlink::schema::kinds::Lane;
use blindlink_console::{Account, CaseNotice, Evidence, Keeper, KeeperFailure, NodeView, NotTaken, ToldNotice};
use blindlink_node::error::NodeError;
use blindlink_node::round::confirmation::{Confirming, Disclosure, ShownNotice, disclose};
use blindlink_node::store::agreements::Store;
use blindlink_node::store::database::{Database, KeptAccount, RoundFilter};
use blindlink_node::store::desk;
use blindlink_node::store::journal::StorageKey;
use blindlink_node::store::peers::Peers;
use blindlink_node::store::{DataDir, StoreError};
use blindlink_node::sys::clock;
use blindlink_node::sys::entropy::fresh_secret;
use blindlink_review::{Actor, Candidate, Desk, Entry, Log, PairId, PersonId, What};
use clap::Args;
use std::io::{self, Write};
use std::path::PathBuf;
use std::time::Duration;

/// Who acts, and the proof.
#[derive(Clone, Debug, Args)]
pub(crate) struct ActingArgs {
    /// Name with which you log in
    #[arg(long = "as", value_name = "NAME", env = "BLINDLINK_AS", global = true)]
    pub(crate) acting: Option<String>,
    /// File whose first line is your passphrase [default: you are asked]
    #[arg(long, value_name = "FILE", global = true)]
    pub(crate) passphrase_file: Option<PathBuf>,
}

/// Longest wait for a frame of a run: its mathematics takes some time on the other side.
const PATIENCE: Duration = Duration::from_secs(600);

/// The desk of this node, open.
pub(crate) struct Office {
    data: DataDir,
    storage: StorageKey,
    log: Log,
}

impl Office {
    pub(crate) fn open(dir: Option<PathBuf>) -> Result<Self, Failure> {
        let data = DataDir::locate(dir)?;
        data.identity()?;
        let storage = data.storage()?;
        let mut log = Log::default();
        desk::catch_up(&data, &storage, &mut log)?;
        Ok(Self { data, storage, log })
    }

    pub(crate) fn db(&self) -> Result<Database, Failure> {
        Ok(Database::open(&self.data, &self.storage)?)
    }

    pub(crate) fn desk(&self) -> &Desk {
        self.log.desk()
    }

    pub(crate) fn keeper(&self) -> NodeKeeper {
        NodeKeeper { data: self.data.clone(), storage: self.storage.clone() }
    }

    /// This node, as far as confirmation needs it; `act` gets the log of the desk too.
    pub(crate) fn confirming<T>(&mut self, act: impl FnOnce(&Confirming<'_>, &mut Log) -> T) -> Result<T, Failure> {
        let identity = self.data.identity()?;
        let (data, storage) = (&self.data, &self.storage);
        let confirming = Confirming { data, identity: &identity, storage, patience: PATIENCE };
        Ok(act(&confirming, &mut self.log))
    }

    /// The version of an agreement that decides now: its digest, the lane of the own list, and the tables of its rounds.
    pub(crate) fn tables_of(&self, name: &str) -> Result<(AgreementDigest, Lane, Vec<String>), Failure> {
        let versions = Store::of(&self.data).versions(name)?;
        let sealed = current(&versions, clock::now()).or_else(|| versions.last());
        let own = self.data.identity()?.key().id();
        let known = sealed.and_then(|sealed| {
            let (party, _) = sealed.agreement().agreement().seen_from(&own)?;
            Some((*sealed.agreement().digest(), party.lane))
        });
        let none = || Failure::new(Exit::NoAgreement, format_args!("there is no agreement `{name}` of this node"));
        let (digest, lane) = known.ok_or_else(none)?;
        let db = self.db()?;
        let mut tables = Vec::new();
        for round in db.rounds(&RoundFilter::default())?.iter().filter(|round| round.agreement == Some(digest)) {
            if let Some(about) = db.about_cases(round.row)? {
                tables = about.tables.into_iter().map(|(name, words)| format!("{name} ({words})")).collect();
                break;
            }
        }
        Ok((digest, lane, tables))
    }

    /// The peers of this node.
    pub(crate) fn peers(&self) -> Result<Peers, Failure> {
        Ok(Peers::load(&self.data)?)
    }

    /// Takes a step; a step that is not allowed is a failure of its own.
    pub(crate) fn take(&mut self, by: Actor, what: What) -> Result<(), Failure> {
        desk::take(&self.data, &self.storage, &mut self.log, by, what)??;
        Ok(())
    }

    /// Adds a person, with the account that the person logs in with: both or neither.
    pub(crate) fn add(&mut self, by: Actor, what: What, name: &str, account: &Account) -> Result<(), Failure> {
        let account = KeptAccount { name: name.to_owned(), account: account.encode() };
        desk::take_with(&self.data, &self.storage, &mut self.log, Some(&account), (by, what))??;
        Ok(())
    }

    /// The account of a name, decoded.
    pub(crate) fn account(&self, name: &str) -> Result<Option<Account>, Failure> {
        let kept = self.db()?.account(name)?;
        kept.map(|kept| Account::decode(&kept.account).ok_or_else(|| damaged().into())).transpose()
    }

    pub(crate) fn keep_account(&self, name: &str, account: &Account) -> Result<(), Failure> {
        Ok(self.db()?.keep_account(&KeptAccount { name: name.to_owned(), account: account.encode() })?)
    }

    /// Whoever logs in.
    pub(crate) fn log_in(&self, acting: &ActingArgs) -> Result<PersonId, Failure> {
        let Some(name) = &acting.acting else {
            return Err(Failure::new(Exit::Usage, "say who you are with --as NAME"));
        };
        let file = acting.passphrase_file.as_deref();
        let passphrase = passphrase::ask(file, &format!("Passphrase of {name}: "))?;
        let account = self.account(name)?.filter(|account| account.opens_with(&passphrase));
        let works_here = |account: &Account| self.desk().person(account.person).is_some_and(|person| person.active);
        match account.filter(works_here) {
            Some(account) => Ok(account.person),
            None => Err(Failure::new(Exit::Login, format_args!("{name} cannot log in with this passphrase"))),
        }
    }
}

fn damaged() -> StoreError {
    StoreError::Internal("an account of the database cannot be read")
}

/// Random bytes of the system.
pub(crate) fn random() -> Result<[u8; 32], StoreError> {
    Ok(*fresh_secret().map_err(StoreError::Entropy)?.expose())
}

/// What the console asks of the node.
pub(crate) struct NodeKeeper {
    data: DataDir,
    storage: StorageKey,
}

/// The operator hears why; the browser only that it failed.
fn told(error: StoreError) -> KeeperFailure {
    let _ = writeln!(io::stderr(), "the console: {error}");
    KeeperFailure
}

impl NodeKeeper {
    fn confirming<T>(&self, act: impl FnOnce(&Confirming<'_>) -> T) -> Result<T, KeeperFailure> {
        let identity = self.data.identity().map_err(told)?;
        let (data, storage) = (&self.data, &self.storage);
        Ok(act(&Confirming { data, identity: &identity, storage, patience: PATIENCE }))
    }

    fn db(&self) -> Result<Database, KeeperFailure> {
        Database::open(&self.data, &self.storage).map_err(told)
    }
}

impl Keeper for NodeKeeper {
    fn now(&self) -> u64 {
        clock::now()
    }

    fn random(&self) -> Result<[u8; 32], KeeperFailure> {
        random().map_err(told)
    }

    fn catch_up(&self, log: &mut Log) -> Result<(), KeeperFailure> {
        desk::catch_up(&self.data, &self.storage, log).map_err(told)
    }

    fn take(&self, log: &mut Log, by: Actor, what: What) -> Result<(), NotTaken> {
        match desk::take(&self.data, &self.storage, log, by, what) {
            Ok(taken) => taken.map(drop).map_err(NotTaken::Refused),
            Err(error) => {
                told(error);
                Err(NotTaken::Failed)
            }
        }
    }

    fn disclose(&self, log: &mut Log, by: PersonId, seen: (PairId, u32), case: CaseNotice) -> Result<(), NotTaken> {
        let CaseNotice { case_reference, desk, handling } = case;
        let disclosure = Disclosure { case_reference, desk, handling };
        let done = self.confirming(|node| disclose(node, log, (by, seen.0, seen.1), disclosure));
        match done.map_err(|KeeperFailure| NotTaken::Failed)? {
            Ok(taken) => taken.map_err(NotTaken::Refused),
            Err(NodeError::Store(StoreError::Config(_))) => Err(NotTaken::Text),
            Err(error) => {
                let _ = writeln!(io::stderr(), "the console: {error}");
                Err(NotTaken::Failed)
            }
        }
    }

    fn notices(&self, pair: PairId) -> Result<Vec<ToldNotice>, KeeperFailure> {
        let shown = self.confirming(|node| node.notices_of(pair))?.map_err(|error| {
            let _ = writeln!(io::stderr(), "the console: {error}");
            KeeperFailure
        })?;
        let told = |shown: ShownNotice| {
            let case = match shown.notice.body {
                NoticeBody::Disclosure { case_reference, desk, handling } => {
                    Some(CaseNotice { case_reference, desk, handling })
                }
                NoticeBody::Withdrawal { .. } => None,
            };
            ToldNotice { own: shown.own, time: shown.notice.time, acknowledged: shown.acknowledged, case }
        };
        Ok(shown.into_iter().map(told).collect())
    }

    fn agreement(&self, digest: &AgreementDigest) -> Result<String, KeeperFailure> {
        let sealed = Store::of(&self.data).by_digest(digest).map_err(told)?;
        Ok(sealed.agreement().agreement().name.clone())
    }

    fn node(&self) -> Result<NodeView, KeeperFailure> {
        node_view::view(&self.data, &self.storage).map_err(told)
    }

    fn account(&self, name: &str) -> Result<Option<Account>, KeeperFailure> {
        let kept = self.db()?.account(name).map_err(told)?;
        kept.map(|kept| Account::decode(&kept.account).ok_or_else(|| told(damaged()))).transpose()
    }

    fn entries(&self, skip: usize, most: usize) -> Result<Vec<Entry>, KeeperFailure> {
        self.db()?.review_entries(skip, most).map_err(told)
    }

    fn record(&self, pair: PairId) -> Result<Vec<(String, String)>, KeeperFailure> {
        let kept = self.db()?.case_record(&pair.meeting.round, pair.own).map_err(told)?;
        Ok(kept.map_or_else(Vec::new, |(record, _)| match record.fields.is_empty() {
            true => vec![("record_id".to_owned(), record.own_id)],
            false => record.fields,
        }))
    }

    fn evidence(&self, pair: PairId, candidate: &Candidate) -> Result<Evidence, KeeperFailure> {
        let kept = self.db()?.case_record(&pair.meeting.round, pair.own).map_err(told)?;
        let Some((record, about)) = kept else { return Ok(Evidence::default()) };
        let met = |at: usize| u32::try_from(at).is_ok_and(|at| candidate.tables.checked_shr(at).unwrap_or(0) & 1 == 1);
        let policy = hex::decode(&about.policy).ok().and_then(|bytes| Policy::from_canonical_bytes(&bytes).ok());
        let tables = policy.map(|policy| policy.tables).unwrap_or_default();
        let key = |table: &TableSpec| Subject::each_once(table.key.iter().map(Subject::of_key));
        let tables = tables.iter().enumerate().filter(|(at, _)| met(*at)).map(|(_, table)| key(table)).collect();
        // Several segments can be about names: for a person they are one.
        let mut kinds: Vec<(Vec<Subject>, u32)> = Vec::new();
        for (codes, points) in record.points {
            let Some(points) = u32::try_from(points).ok().filter(|n| *n > 0) else { continue };
            let subjects: Vec<Subject> = codes.split(',').map(Subject::from_code).collect();
            match kinds.iter_mut().find(|(known, _)| *known == subjects) {
                Some((_, sum)) => *sum = sum.saturating_add(points),
                None => kinds.push((subjects, points)),
            }
        }
        Ok(Evidence { tables, kinds })
    }
}
