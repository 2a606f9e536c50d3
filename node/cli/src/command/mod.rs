//! The command line: one file per subcommand.

mod account;
mod agreement;
mod ask;
mod audit;
mod backup;
mod calibrate;
mod config;
mod console;
mod demo;
mod doctor;
mod erase;
pub(crate) mod evaluate;
mod explain;
mod identity;
mod init;
mod link;
mod lists;
mod maintenance;
mod manual;
mod peer;
mod policy;
mod review;
pub(crate) mod rounds;
mod run;
mod serve;
mod signer;
mod stats;
mod status;
pub(crate) mod synth;
mod vectors;

use crate::exit::{Exit, Failure};
use clap::{Parser, Subcommand};
use std::path::PathBuf;
use std::process::ExitCode;

/// Finds the persons that two lists share, through a sealed two-party protocol.
#[derive(Debug, Parser)]
#[command(name = "blindlink", version, arg_required_else_help = true)]
pub(crate) struct Cli {
    /// Folder with this node's identity, peers and rounds [default: ~/.local/share/blindlink]
    #[arg(long, global = true, value_name = "DIR", env = "BLINDLINK_DATA_DIR")]
    data_dir: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// See it work: two nodes on this machine link two lists of invented persons.
    Demo(demo::Demo),
    /// Create the node's folder and its identity key.
    Init(init::Init),
    /// Look at the node's identity.
    Identity(identity::Identity),
    /// Manage the peers that this node knows.
    Peer(peer::Peer),
    /// Draft, sign, compare, store and suspend linkage agreements.
    Agreement(agreement::Agreement),
    /// Keys of the persons who sign agreements.
    Signer(signer::Signer),
    /// Look at the audit log, check it, prove from it, cosign a peer's.
    Audit(audit::Audit),
    /// Show, check, explain, plan or train a policy.
    Policy(policy::Policy),
    /// Look at a list before a round: what is read of it, what is left out and why.
    Lists(lists::Lists),
    /// Make two lists of invented persons, and the truth about them.
    Synth(synth::SynthArgs),
    /// Link two lists in one process and compare the result with the truth.
    Evaluate(evaluate::EvaluateArgs),
    /// Explain a reported pair to a reviewer, from the own record.
    Explain(explain::Explain),
    /// Replay test vectors.
    Vectors(vectors::Vectors),
    /// Answer rounds of known peers (the responder's side).
    Serve(serve::Serve),
    /// Start a round with a peer (the requester's side).
    Link(link::Link),
    /// Run the node: answer and call all configured peers, each at its time.
    Run(run::Run),
    /// Begin no rounds for a while, and tell peers until when.
    Maintenance(maintenance::Maintenance),
    /// Look at earlier rounds, their results, and what is new in them.
    Rounds(rounds::Rounds),
    /// Ask a peer about one to eight persons at once, once two approvers have agreed.
    Ask(Box<ask::Ask>),
    /// Delete what the node keeps of one record.
    Erase(erase::Erase),
    /// Look at pairs and decide about them, in the terminal.
    Review(review::Review),
    /// Serve the pages on which people review pairs, to browsers on this machine.
    Console(console::Console),
    /// Show or publish the numbers of a quarter about pairs, with noise.
    Stats(stats::Stats),
    /// Show what decided pairs say of an agreement's grades and keys; let rounded shares leave.
    Calibrate(calibrate::Calibrate),
    /// Manage the people who review pairs: names, roles, lists, passphrases.
    Account(account::Account),
    /// Say whether all is well, something is due, or something is broken.
    Status(status::Status),
    /// Make a backup of the node, or look at one.
    Backup(backup::Backup),
    /// Put a node back from its backup, into an empty folder.
    Restore(backup::Restore),
    /// Write man pages, or print the completions of a shell.
    Manual(manual::Manual),
    /// Look for what is wrong with this node and its machine; write a report that can be handed on.
    Doctor(doctor::Doctor),
    /// Write, check or show the node's configuration.
    Config(config::Config),
}

impl Cli {
    /// Runs the command.
    ///
    /// # Errors
    /// Why it failed.
    pub(crate) fn run(self) -> Result<ExitCode, Failure> {
        let dir = self.data_dir;
        match self.command {
            Command::Status(command) => return command.run(dir),
            Command::Demo(command) => command.run(),
            Command::Init(command) => command.run(dir),
            Command::Identity(command) => command.run(dir),
            Command::Peer(command) => command.run(dir),
            Command::Agreement(command) => command.run(dir),
            Command::Signer(command) => command.run(),
            Command::Audit(command) => command.run(dir),
            Command::Policy(command) => command.run(),
            Command::Lists(command) => command.run(),
            Command::Synth(args) => synth::run(&args),
            Command::Evaluate(args) => evaluate::run(&args),
            Command::Explain(command) => command.run(),
            Command::Vectors(command) => command.run(),
            Command::Serve(command) => command.run(dir),
            Command::Link(command) => command.run(dir),
            Command::Rounds(command) => command.run(dir),
            Command::Ask(command) => command.run(dir),
            Command::Erase(command) => command.run(dir),
            Command::Review(command) => command.run(dir),
            Command::Calibrate(command) => command.run(dir),
            Command::Console(command) => command.run(dir),
            Command::Stats(command) => command.run(dir),
            Command::Account(command) => command.run(dir),
            Command::Doctor(command) => command.run(dir),
            Command::Manual(command) => command.run(),
            Command::Backup(command) => command.run(dir),
            Command::Restore(command) => command.run(dir),
            Command::Config(command) => command.run(dir),
            Command::Run(command) => command.run(dir),
            Command::Maintenance(command) => command.run(dir),
        }
        .map(|()| ExitCode::SUCCESS)
    }
}

/// Whether the command line asks for JSON, known even if the rest of it is wrong.
fn wants_json() -> bool {
    std::env::args_os().any(|argument| argument == "--json")
}

/// Reads the command line and runs it; prints what failed.
#[must_use]
pub(crate) fn main() -> ExitCode {
    let result = match Cli::try_parse() {
        Ok(cli) => cli.run(),
        Err(error) if wants_json() && error.use_stderr() => {
            Err(Failure::new(Exit::Usage, error.kind().as_str().unwrap_or("the command line is wrong")))
        }
        Err(error) => error.exit(),
    };
    match result {
        Ok(code) => code,
        Err(failure) => {
            crate::output::fail(wants_json(), &failure);
            failure.into()
        }
    }
}
