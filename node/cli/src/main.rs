//! The `blindlink` command.

mod args;
mod command;
mod demo;
mod exit;
#[cfg(debug_assertions)]
mod hold;
mod inputs;
mod log;
mod office;
mod output;
mod passphrase;
mod progress;
mod runtime;
mod summary;
mod watch;
mod wording;

fn main() -> std::process::ExitCode {
    command::main()
}
