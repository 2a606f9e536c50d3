//! Accounts: a name, a person, a passphrase as Argon2id, and how often somebody guessed wrong.

use argon2::{Algorithm, Argon2, Params, Version};
use blindlink_review::PersonId;
use std::collections::BTreeMap;
use subtle::ConstantTimeEq;

/// Wrong passphrases after which a name is locked.
const MOST_TRIES: u32 = 5;
/// Seconds for which it is.
const LOCKED: u64 = 15 * 60;
/// Names whose tries are remembered: more than people work at one desk.
const MOST_NAMES: usize = 4_096;
/// Longest name, in bytes.
pub(crate) const NAME_BYTES: usize = 64;
/// Longest passphrase, in bytes.
pub(crate) const PASSPHRASE_BYTES: usize = 1_024;

/// What a guess costs: memory in KiB, and passes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cost {
    /// KiB of memory.
    pub memory: u32,
    /// Passes over it.
    pub passes: u32,
}

impl Default for Cost {
    fn default() -> Self {
        Self { memory: 64 * 1_024, passes: 3 }
    }
}

/// An account.
#[derive(Clone)]
pub struct Account {
    /// Who logs in with it.
    pub person: PersonId,
    salt: [u8; 16],
    digest: [u8; 32],
    cost: Cost,
}

impl std::fmt::Debug for Account {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Account({:?})", self.person)
    }
}

impl Account {
    /// An account with this passphrase. The salt is random.
    #[must_use]
    pub fn new(person: PersonId, passphrase: &str, salt: [u8; 16], cost: Cost) -> Option<Self> {
        let digest = digest(passphrase, &salt, cost)?;
        Some(Self { person, salt, digest, cost })
    }

    /// Bytes for the node's store.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let numbers = [self.person.0, self.cost.memory, self.cost.passes];
        let numbers = numbers.iter().flat_map(|n| n.to_be_bytes());
        numbers.chain(self.salt).chain(self.digest).collect()
    }

    /// Reads such bytes.
    #[must_use]
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let (numbers, rest) = bytes.split_first_chunk::<12>()?;
        let (salt, digest) = rest.split_first_chunk::<16>()?;
        let number = |at: usize| Some(u32::from_be_bytes(*numbers.get(at..)?.first_chunk()?));
        let cost = Cost { memory: number(4)?, passes: number(8)? };
        Some(Self { person: PersonId(number(0)?), salt: *salt, digest: digest.try_into().ok()?, cost })
    }

    /// Whether the passphrase is this account's. It takes as long as [`Cost`] says.
    #[must_use]
    pub fn opens_with(&self, passphrase: &str) -> bool {
        digest(passphrase, &self.salt, self.cost).is_some_and(|digest| digest.ct_eq(&self.digest).into())
    }
}

fn digest(passphrase: &str, salt: &[u8; 16], cost: Cost) -> Option<[u8; 32]> {
    let params = Params::new(cost.memory, cost.passes, 1, Some(32)).ok()?;
    let mut out = [0; 32];
    let argon = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    argon.hash_password_into(passphrase.as_bytes(), salt, &mut out).ok()?;
    Some(out)
}

/// How often each name was tried in vain. Names without an account are counted in the same way.
#[derive(Debug, Default)]
pub(crate) struct Tries(BTreeMap<String, (u32, u64)>);

impl Tries {
    /// Whether the name is locked now: then no passphrase is looked at.
    pub(crate) fn is_locked(&self, name: &str, now: u64) -> bool {
        self.0.get(name).is_some_and(|(count, last)| *count >= MOST_TRIES && now < last.saturating_add(LOCKED))
    }

    /// Counts a try *before* its passphrase is looked at, so that many at once count too.
    pub(crate) fn count(&mut self, name: &str, now: u64) {
        if self.0.len() >= MOST_NAMES && !self.0.contains_key(name) {
            let oldest = self.0.iter().min_by_key(|(_, (_, last))| *last).map(|(name, _)| name.clone());
            oldest.map(|name| self.0.remove(&name));
        }
        let tries = self.0.entry(name.to_owned()).or_default();
        if now >= tries.1.saturating_add(LOCKED) {
            tries.0 = 0;
        }
        *tries = (tries.0 + 1, now);
    }

    pub(crate) fn forget(&mut self, name: &str) {
        self.0.remove(name);
    }
}
