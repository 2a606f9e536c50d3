//! Explanations in words, from the policy and one's own record only (spec 6.11).

pub mod pair;
pub mod record;
pub mod subject;
pub mod words;

pub use pair::{Explanation, explain};
pub use record::own_fields;
pub use subject::Subject;
