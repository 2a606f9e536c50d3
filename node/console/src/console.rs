//! The console's state: the desk, the accounts, the sessions, and the node behind it.

use crate::accounts::{Account, Cost, Tries};
use crate::node_view::NodeView;
use crate::sessions::{Session, Sessions, Token};
use crate::texts::{LANGUAGES, Language, Texts};
use blindlink::explain::Subject;
use blindlink::ids::AgreementDigest;
use blindlink_review::{Actor, Candidate, Desk, Entry, Log, PairId, PersonId, Quarter, Refusal, What};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The node could not do it; the reason is in its log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the node could not store or read it")]
pub struct KeeperFailure;

/// What the agreement lets through of a pair, beside the grade.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Evidence {
    /// Tables through which the records met.
    pub tables: Vec<Vec<Subject>>,
    /// Kinds of fields that can have agreed, and what each can add to a score.
    pub kinds: Vec<(Vec<Subject>, u32)>,
}

/// What leaves about a pair: references and a desk, nothing of a person.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CaseNotice {
    /// The case reference.
    pub case_reference: String,
    /// Whom to call.
    pub desk: String,
    /// Handling code, 0 to 3.
    pub handling: u8,
}

/// A notice about a pair.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToldNotice {
    /// Whether this side sent it.
    pub own: bool,
    /// When it was signed, in seconds since 1970.
    pub time: u64,
    /// Whether the other side has acknowledged it.
    pub acknowledged: bool,
    /// What it discloses; none of a withdrawal.
    pub case: Option<CaseNotice>,
}

/// What the node does for the console.
pub trait Keeper: Send + Sync {
    /// Seconds since 1970.
    fn now(&self) -> u64;

    /// 32 fresh random bytes.
    ///
    /// # Errors
    /// [`KeeperFailure`] if there are none.
    fn random(&self) -> Result<[u8; 32], KeeperFailure>;

    /// Brings a log that was read before up to date with what others added: other commands, rounds, agreements, time.
    ///
    /// # Errors
    /// [`KeeperFailure`]; the log may then be anything that was true once.
    fn catch_up(&self, log: &mut Log) -> Result<(), KeeperFailure>;

    /// Judges a step against everything before it and makes it durable. It is shown to nobody before.
    ///
    /// # Errors
    /// [`NotTaken`]; then the log holds nothing that is not durable.
    fn take(&self, log: &mut Log, by: Actor, what: What) -> Result<(), NotTaken>;

    /// Discloses a confirmed pair: judged, durable, and sent when the two nodes are next connected.
    ///
    /// # Errors
    /// [`NotTaken`].
    fn disclose(&self, log: &mut Log, by: PersonId, seen: (PairId, u32), case: CaseNotice) -> Result<(), NotTaken>;

    /// The notices about a pair, the oldest first.
    ///
    /// # Errors
    /// [`KeeperFailure`].
    fn notices(&self, pair: PairId) -> Result<Vec<ToldNotice>, KeeperFailure>;

    /// The name of an agreement.
    ///
    /// # Errors
    /// [`KeeperFailure`].
    fn agreement(&self, digest: &AgreementDigest) -> Result<String, KeeperFailure>;

    /// What there is to tell of the node itself.
    ///
    /// # Errors
    /// [`KeeperFailure`].
    fn node(&self) -> Result<NodeView, KeeperFailure>;

    /// The account with this name.
    ///
    /// # Errors
    /// [`KeeperFailure`].
    fn account(&self, name: &str) -> Result<Option<Account>, KeeperFailure>;

    /// The entries of the log, as they were kept: `skip` of them left out, at most `most`.
    ///
    /// # Errors
    /// [`KeeperFailure`].
    fn entries(&self, skip: usize, most: usize) -> Result<Vec<Entry>, KeeperFailure>;

    /// The own record of a pair: names of fields and values, as the own list has them. Empty if it is here no more.
    ///
    /// # Errors
    /// [`KeeperFailure`].
    fn record(&self, pair: PairId) -> Result<Vec<(String, String)>, KeeperFailure>;

    /// What the agreement lets through of the pair.
    ///
    /// # Errors
    /// [`KeeperFailure`].
    fn evidence(&self, pair: PairId, candidate: &Candidate) -> Result<Evidence, KeeperFailure>;
}

/// What a console begins with.
pub struct Begin {
    /// The node.
    pub keeper: Box<dyn Keeper>,
    /// What a guess costs where there is no such name: as much as at an account of this node.
    pub cost: Cost,
    /// What a browser may call this console, such as `127.0.0.1:8017`, or `localhost:*` for any port: others are refused (DNS
    /// rebinding).
    pub hosts: Vec<String>,
}

impl fmt::Debug for Begin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Begin({:?})", self.hosts)
    }
}

/// What changes.
#[derive(Debug, Default)]
pub(crate) struct State {
    pub(crate) log: Log,
    pub(crate) sessions: Sessions,
    pub(crate) tries: Tries,
}

/// The console.
pub struct Console {
    state: Mutex<State>,
    /// Compared with where there is no such name.
    pub(crate) decoy: Option<Account>,
    pub(crate) keeper: Box<dyn Keeper>,
    pub(crate) hosts: Vec<String>,
    texts: Vec<Texts>,
    /// One passphrase is looked at at a time: guesses must not take the machine.
    pub(crate) guessing: Arc<tokio::sync::Semaphore>,
}

impl fmt::Debug for Console {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Console({:?})", self.hosts)
    }
}

/// Why a step was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotTaken {
    /// The desk refused it.
    Refused(Refusal),
    /// A text is missing, too long, or holds what it may not.
    Text,
    /// The node failed.
    Failed,
}

impl Console {
    /// A console over a node.
    #[must_use]
    pub fn new(begin: Begin) -> Arc<Self> {
        let Begin { keeper, cost, hosts } = begin;
        let texts = LANGUAGES.iter().map(|(language, ..)| Texts::new(*language)).collect();
        let guessing = Arc::new(tokio::sync::Semaphore::new(1));
        // Its passphrase is never asked for: the account of nobody opens with nothing.
        let decoy = Account::new(PersonId(0), "", [0; 16], cost);
        Arc::new(Self { state: Mutex::default(), decoy, keeper, hosts, texts, guessing })
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn texts(&self, language: Language) -> &Texts {
        let found = self.texts.iter().find(|texts| texts.language == language);
        // There is one for each language.
        found.unwrap_or(&self.texts[0])
    }

    /// Takes a step of a person: judged, durable, and only then true.
    pub(crate) fn take(&self, person: PersonId, what: What) -> Result<(), NotTaken> {
        self.keeper.take(&mut self.state().log, Actor::Person(person), what)
    }

    /// Discloses a pair.
    pub(crate) fn disclose(&self, person: PersonId, seen: (PairId, u32), case: CaseNotice) -> Result<(), NotTaken> {
        self.keeper.disclose(&mut self.state().log, person, seen, case)
    }

    /// Publishes the figures of a quarter, with noise from the node's random bytes.
    pub(crate) fn publish(&self, person: PersonId, quarter: Quarter) -> Result<(), NotTaken> {
        let log = &mut self.state().log;
        self.keeper.catch_up(log).map_err(|KeeperFailure| NotTaken::Failed)?;
        let mut words = || {
            self.keeper.random().ok().map(|[a, b, c, d, e, f, g, h, ..]| u64::from_be_bytes([a, b, c, d, e, f, g, h]))
        };
        let figures = log.desk().figures(quarter, &mut words).ok_or(NotTaken::Failed)?;
        self.keeper.take(log, Actor::Person(person), What::Published { quarter, figures })
    }

    /// Brings the desk up to date. A page that cannot be sure of it shows nothing.
    pub(crate) fn catch_up(&self) -> Result<(), KeeperFailure> {
        self.keeper.catch_up(&mut self.state().log)
    }

    /// Looks at the desk.
    pub(crate) fn desk<T>(&self, look: impl FnOnce(&Desk) -> T) -> T {
        look(self.state().log.desk())
    }

    pub(crate) fn session(&self, token: &Token) -> Option<Session> {
        let now = self.keeper.now();
        self.catch_up().ok()?;
        let mut state = self.state();
        let session = state.sessions.find(token, now)?;
        // Who has left, or was never here, has no session.
        let works_here = state.log.desk().person(session.person).is_some_and(|person| person.active);
        works_here.then_some(session)
    }
}
