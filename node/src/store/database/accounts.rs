//! Accounts of the people who review pairs. What an account is, the console knows; here it is bytes under a name.

use super::{Database, StoreError, database, place, sealed};
use crate::store::journal::ValueKey;
use rusqlite::{OptionalExtension, Transaction, params};
use serde::{Deserialize, Serialize};

/// What the tags of names are for.
const OF_NAME: u8 = 3;

/// An account: who logs in with it, and how.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptAccount {
    /// Name with which the person logs in.
    pub name: String,
    /// The account, as the console encodes it.
    pub account: Vec<u8>,
}

impl core::fmt::Debug for KeptAccount {
    /// Without what a passphrase could be guessed from.
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("KeptAccount").field("name", &self.name).finish_non_exhaustive()
    }
}

/// Keeps an account, in the place of one with the same name.
pub(super) fn insert(change: &Transaction<'_>, key: &ValueKey, account: &KeptAccount) -> Result<(), StoreError> {
    let tag = key.tag(OF_NAME, account.name.as_bytes());
    let sealed = sealed(key, &place("accounts", &tag), account)?;
    let sql = "INSERT INTO accounts (name, account) VALUES (?1, ?2)
        ON CONFLICT (name) DO UPDATE SET account = excluded.account";
    let failed = |error| database(change.path().unwrap_or_default().as_ref(), error);
    change.execute(sql, params![tag, sealed]).map(drop).map_err(failed)
}

impl Database {
    fn name_tag(&self, name: &str) -> [u8; 16] {
        self.key.tag(OF_NAME, name.as_bytes())
    }

    /// The account with this name.
    ///
    /// # Errors
    /// [`StoreError::Database`], [`StoreError::BadDatabase`].
    pub fn account(&self, name: &str) -> Result<Option<KeptAccount>, StoreError> {
        let tag = self.name_tag(name);
        let found = self.db.query_row("SELECT account FROM accounts WHERE name = ?1", [tag], |row| row.get(0));
        let found: Option<Vec<u8>> = found.optional().map_err(|error| self.failed(error))?;
        found.map(|account| self.opened(&place("accounts", &tag), &account)).transpose()
    }

    /// All accounts, by name.
    ///
    /// # Errors
    /// As [`Database::account`].
    pub fn accounts(&self) -> Result<Vec<KeptAccount>, StoreError> {
        let failed = |error| self.failed(error);
        let mut rows = self.db.prepare("SELECT name, account FROM accounts").map_err(failed)?;
        let rows =
            rows.query_map([], |row| Ok((row.get::<_, [u8; 16]>(0)?, row.get::<_, Vec<u8>>(1)?))).map_err(failed)?;
        let mut accounts: Vec<KeptAccount> = Vec::new();
        for row in rows {
            let (tag, account) = row.map_err(failed)?;
            accounts.push(self.opened(&place("accounts", &tag), &account)?);
        }
        accounts.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(accounts)
    }

    /// Keeps an account, in the place of one with the same name.
    ///
    /// # Errors
    /// [`StoreError::Database`], [`StoreError::Io`].
    pub fn keep_account(&mut self, account: &KeptAccount) -> Result<(), StoreError> {
        self.change(|change, key| insert(change, key, account))
    }

    /// Forgets an account; says whether there was one.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub fn forget_account(&mut self, name: &str) -> Result<bool, StoreError> {
        let tag = self.name_tag(name);
        let done = self.db.execute("DELETE FROM accounts WHERE name = ?1", [tag]);
        done.map(|rows| rows > 0).map_err(|error| self.failed(error))
    }
}
