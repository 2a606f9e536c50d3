//! What people decide about a pair, from candidate to disclosure (spec section 18.1).
//!
//! A round gives candidates. Here a person judges a candidate, another person judges it too, an approver puts it to the
//! other authority, and only if that one asks about the same pair may an approver disclose a case reference. The crate
//! is a state machine and nothing else: time is an argument, nothing is read or written. What happened is a list of
//! [`Event`]s; [`Desk::take`] judges each event against everything before it, and a desk is what its log gives when it
//! is taken again from the beginning. A log with a step that was not allowed gives no desk.
//!
//! ```
//! use blindlink::schema::kinds::Lane;
//! use blindlink_review::*;
//!
//! # fn main() -> Result<(), Refusal> {
//! let (chief, anna) = (PersonId(1), PersonId(2));
//! let mut desk = Desk::default();
//! let people = |person, role, lanes| What::PersonAdded { person, standing: Standing::new([role], lanes) };
//! desk.take(Event { at: 0, by: Actor::Installer, what: people(chief, Role::Security, vec![]) })?;
//! desk.take(Event { at: 1, by: Actor::Person(chief), what: people(anna, Role::Reviewer, vec![Lane::Suspect]) })?;
//! assert!(desk.queue(anna, Stage::Candidate, None, 10)?.is_empty());
//! # Ok(())
//! # }
//! ```

#![forbid(unsafe_code)]

mod ask;
mod calibration;
mod deadlines;
mod desk;
mod event;
mod log;
mod noise;
mod pair;
mod people;
mod reason;
mod rules;
mod sight;
mod statistics;

pub use ask::Question;
pub use calibration::{Calibration, Found, Kind, LEAST_DECIDED, digest as calibration_digest, leaves};
pub use deadlines::{Due, DueKind};
pub use desk::Desk;
pub use event::{Actor, Event, What};
pub use log::{BrokenLog, Entry, Log};
pub use noise::Words;
pub use pair::{Agreed, Candidate, Judgement, Meeting, Pair, PairId, Stage, Verdict};
pub use people::{Group, Person, PersonId, Role, Standing};
pub use reason::Reason;
pub use rules::Refusal;
pub use sight::Sight;
pub use statistics::{Cell, Figures, Measure, Quarter};
