//! The `blindlink` command.

use blindlink_node::cli::{evaluate, synth};
use clap::{Parser, Subcommand};
use std::process::ExitCode;

#[derive(Debug, Parser)]
#[command(name = "blindlink", version, about = "Finds the persons that two lists share, and tells nothing else")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Synth(synth::SynthArgs),
    Evaluate(evaluate::EvaluateArgs),
}

fn main() -> ExitCode {
    let result = match Cli::parse().command {
        Command::Synth(args) => synth::run(&args),
        Command::Evaluate(args) => evaluate::run(&args),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("blindlink: {error:#}");
            ExitCode::FAILURE
        }
    }
}
