//! All integration tests of the crate, in one binary.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, dead_code, unreachable_pub, missing_docs)]

mod agreement;
mod aliases;
mod bindings;
mod circles;
mod codec_and_codes;
mod evidence;
mod floors;
mod formula;
mod hello;
mod hostile;
mod known_answers;
mod labels;
mod ledger;
mod links;
mod messages;
mod ministries;
mod names_and_sizes;
mod negative;
mod node_floors;
mod parties;
mod reexecution;
mod resume;
mod round;
mod seal_key_release;
mod session;
mod source_tree;
mod trees;
