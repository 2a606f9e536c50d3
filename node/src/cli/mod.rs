//! The command line: one file a subcommand. Imports everything, nothing imports it.
pub mod evaluate;
pub mod synth;
