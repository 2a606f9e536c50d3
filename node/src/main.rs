//! The `blindlink` command.
fn main() {}
