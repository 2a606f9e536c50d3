//! Wrong use of the library, or bad input, on this side: codes 4xx.

use super::faults;

faults! {
    /// Wrong use on this side.
    Misuse, hint "start a new round";

    /// More records than the agreement's padded size.
    TooManyRecords {
        /// Records given.
        got: usize,
        /// Padded size.
        max: usize,
    } = 400, "{got} records, the agreement allows {max}", "split the list, or agree on a larger padded size";
    /// Records that were encoded under another policy or shape.
    WrongEncoding = 401, "records were encoded for another policy";
    /// A session was used after it had failed or finished.
    SessionOver = 402, "the session is over";
    /// A job was finished that this session did not give out.
    UnknownJob = 403, "unknown job";
    /// `persisted` was called with a number that was not asked for.
    UnknownPersist = 404, "unknown persist number";
    /// The policy is not one that the validator accepts; `requirement` is an ID of the spec.
    Policy {
        /// Path of the field.
        field: String,
        /// What is wrong, in words.
        reason: String,
        /// Requirement ID in `spec/`.
        requirement: &'static str,
    } = 405, "policy field `{field}`: {reason} ({requirement})", "correct the policy file; `spec/` explains each requirement";
    /// This side aborted the round.
    Aborted = 406, "the round was aborted on this side";
    /// The agreement is not one that the validator accepts; `requirement` is an ID of the spec.
    Agreement {
        /// Path of the field.
        field: String,
        /// What is wrong, in words.
        reason: String,
        /// Requirement ID in `spec/`.
        requirement: &'static str,
    } = 407, "agreement field `{field}`: {reason} ({requirement})", "correct the agreement file; `spec/` explains each requirement";
}
