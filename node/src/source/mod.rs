//! Files to records. A bad row is reported and left out; a bad file stops everything.
pub mod csv;
