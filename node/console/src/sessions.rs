//! Sessions: who has logged in, for how long, and the token that each form must carry.

use crate::texts::Language;
use blindlink_review::PersonId;
use std::collections::HashMap;
use std::fmt;
use subtle::ConstantTimeEq;

/// Seconds without a request after which a session is over.
const IDLE: u64 = 15 * 60;
/// Seconds after which it is over in any case.
const LONGEST: u64 = 10 * 3_600;
/// Sessions of one person at a time.
const MOST: usize = 3;

/// A random token.
pub(crate) type Token = [u8; 32];

/// A session.
#[derive(Clone)]
pub(crate) struct Session {
    pub(crate) person: PersonId,
    /// What each form of the session carries.
    pub(crate) form: Token,
    pub(crate) language: Language,
    began: u64,
    last: u64,
}

/// All sessions, by token. A token is made at log-in and never taken from a browser.
#[derive(Default)]
pub(crate) struct Sessions(HashMap<Token, Session>);

impl fmt::Debug for Sessions {
    /// How many there are. Their tokens open them.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sessions({})", self.0.len())
    }
}

impl Sessions {
    pub(crate) fn begin(&mut self, token: Token, form: Token, person: PersonId, language: Language, now: u64) {
        self.sweep(now);
        let mut own: Vec<_> = self.0.iter().filter(|(_, s)| s.person == person).map(|(t, s)| (s.last, *t)).collect();
        own.sort_unstable();
        for (_, token) in own.iter().rev().skip(MOST - 1) {
            self.0.remove(token);
        }
        self.0.insert(token, Session { person, form, language, began: now, last: now });
    }

    /// The session of a token, if it is not over.
    pub(crate) fn find(&mut self, token: &Token, now: u64) -> Option<Session> {
        self.sweep(now);
        let session = self.0.get_mut(token)?;
        session.last = now;
        Some(session.clone())
    }

    pub(crate) fn speak(&mut self, token: &Token, language: Language) {
        if let Some(session) = self.0.get_mut(token) {
            session.language = language;
        }
    }

    pub(crate) fn end(&mut self, token: &Token) {
        self.0.remove(token);
    }

    fn sweep(&mut self, now: u64) {
        self.0.retain(|_, s| now < s.last.saturating_add(IDLE) && now < s.began.saturating_add(LONGEST));
    }
}

impl Session {
    /// Whether a form carries this session's token.
    pub(crate) fn sent(&self, form: Option<&str>) -> bool {
        form.and_then(token).is_some_and(|form| form.ct_eq(&self.form).into())
    }
}

/// Reads a token.
pub(crate) fn token(text: &str) -> Option<Token> {
    let mut token = [0; 32];
    hex::decode_to_slice(text, &mut token).ok()?;
    Some(token)
}
