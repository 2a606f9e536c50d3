//! `blindlink manual`: man pages, and completions of shells, made from the commands themselves.

use super::Cli;
use crate::exit::{Exit, Failure};
use blindlink_node::sys::files::create_private_folder;
use clap::{Args, CommandFactory};
use clap_complete::Shell;
use std::fs;
use std::path::{Path, PathBuf};

#[derive(Debug, Args)]
#[command(after_help = "Example:\n  blindlink manual --completions bash > /etc/bash_completion.d/blindlink")]
pub(super) struct Manual {
    /// Write a man page for each command into this folder
    #[arg(long, value_name = "DIR", conflicts_with = "completions", required_unless_present = "completions")]
    pages: Option<PathBuf>,
    /// Print the completions of this shell
    #[arg(long, value_enum, value_name = "SHELL")]
    completions: Option<Shell>,
}

impl Manual {
    pub(super) fn run(self) -> Result<(), Failure> {
        let mut command = Cli::command();
        if let Some(shell) = self.completions {
            clap_complete::generate(shell, &mut command, "blindlink", &mut std::io::stdout().lock());
            return Ok(());
        }
        let folder = self.pages.unwrap_or_default();
        create_private_folder(&folder)
            .map_err(Failure::because(Exit::CannotCreate, format!("cannot create {}", folder.display())))?;
        command.build();
        page(&command, "blindlink", &folder)
    }
}

/// The page of a command, and those of the commands below it.
fn page(command: &clap::Command, name: &str, folder: &Path) -> Result<(), Failure> {
    let path = folder.join(format!("{name}.1"));
    let failed = |error| Failure::because(Exit::CannotCreate, format!("cannot write {}", path.display()))(error);
    let mut text = Vec::new();
    let named = command.clone().display_name(name.to_owned());
    clap_mangen::Man::new(named).title(name.to_uppercase()).render(&mut text).map_err(failed)?;
    fs::write(&path, text).map_err(failed)?;
    for below in command.get_subcommands().filter(|below| below.get_name() != "help") {
        page(below, &format!("{name}-{}", below.get_name()), folder)?;
    }
    Ok(())
}
