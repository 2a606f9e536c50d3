mod bounds;
mod canonical;
mod file;
mod validator;

use super::Policy;
use crate::error::{Error, Misuse};

pub(super) fn policy() -> Policy {
    Policy::default_policy().unwrap()
}

/// Field and requirement of a refusal.
pub(super) fn refusal(result: Result<impl Sized, Error>) -> (String, &'static str) {
    match result.err() {
        Some(Error::Misuse(Misuse::Policy { field, requirement, .. })) => (field, requirement),
        Some(other) => panic!("another error: {other}"),
        None => panic!("accepted"),
    }
}
