//! The `blindlink` command.

mod command;
mod demo;
mod output;
mod summary;

fn main() -> std::process::ExitCode {
    command::main()
}
