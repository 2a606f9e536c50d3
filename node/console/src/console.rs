//! The console's state: the desk, the accounts, the sessions, and the node behind it.

use crate::accounts::{Account, Tries};
use crate::sessions::{Session, Sessions, Token};
use crate::texts::{LANGUAGES, Language, Texts};
use blindlink_review::{Actor, Candidate, Desk, Entry, Event, Log, PairId, PersonId, Refusal, What};
use std::collections::BTreeMap;
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
    pub tables: Vec<String>,
    /// Kinds of fields that can have agreed, and what each can add to a score.
    pub kinds: Vec<(String, u32)>,
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

    /// Makes a step durable. It is shown to nobody before.
    ///
    /// # Errors
    /// [`KeeperFailure`]: the console then takes no step any more.
    fn keep(&self, entry: &Entry) -> Result<(), KeeperFailure>;

    /// The entries of the log, as they were kept: `skip` of them left out, at most `most`.
    ///
    /// # Errors
    /// [`KeeperFailure`].
    fn entries(&self, skip: usize, most: usize) -> Result<Vec<Entry>, KeeperFailure>;

    /// The own record of a pair: names of fields and values, as the own list has them.
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
    /// The log so far.
    pub log: Log,
    /// Accounts by name.
    pub accounts: BTreeMap<String, Account>,
    /// What a browser may call this console, such as `127.0.0.1:8017`: others are refused (DNS rebinding).
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
    /// Whether a step could not be made durable: then what the desk knows is not what the disk knows.
    broken: bool,
}

/// The console.
pub struct Console {
    state: Mutex<State>,
    pub(crate) accounts: BTreeMap<String, Account>,
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
pub(crate) enum NotTaken {
    /// The desk refused it.
    Refused(Refusal),
    /// The node failed.
    Failed,
}

impl Console {
    /// A console over a log and accounts.
    #[must_use]
    pub fn new(begin: Begin) -> Arc<Self> {
        let Begin { keeper, log, accounts, hosts } = begin;
        let state = Mutex::new(State { log, ..State::default() });
        let texts = LANGUAGES.iter().map(|(language, ..)| Texts::new(*language)).collect();
        let guessing = Arc::new(tokio::sync::Semaphore::new(1));
        Arc::new(Self { state, accounts, keeper, hosts, texts, guessing })
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
        let mut state = self.state();
        if state.broken {
            return Err(NotTaken::Failed);
        }
        let event = Event { at: self.keeper.now(), by: Actor::Person(person), what };
        let entry = state.log.append(event).map_err(NotTaken::Refused)?;
        self.keeper.keep(&entry).map_err(|KeeperFailure| {
            state.broken = true;
            NotTaken::Failed
        })
    }

    /// Looks at the desk.
    pub(crate) fn desk<T>(&self, look: impl FnOnce(&Desk) -> T) -> T {
        look(self.state().log.desk())
    }

    pub(crate) fn session(&self, token: &Token) -> Option<Session> {
        let now = self.keeper.now();
        let mut state = self.state();
        let session = state.sessions.find(token, now)?;
        // Who has left, or was never here, has no session.
        let works_here = state.log.desk().person(session.person).is_some_and(|person| person.active);
        works_here.then_some(session)
    }
}
