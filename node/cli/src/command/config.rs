//! `blindlink config init | check | show`

use crate::exit::{Exit, Failure};
use crate::output;
use crate::output::printed;
use blindlink_node::service::status::{Finding, Health, status};
use blindlink_node::store::DataDir;
use blindlink_node::store::configuration::{self, Configuration, LinkSettings, NodeSettings};
use clap::{Args, Subcommand};
use serde::Serialize;
use std::net::SocketAddr;
use std::path::PathBuf;

/// What holds if nobody says anything else.
pub(super) const LISTEN: &str = "[::]:4433";
pub(super) const ROUNDS: u8 = 4;
pub(super) const LOG: &str = "info";

#[derive(Debug, Args)]
#[command(arg_required_else_help = true)]
pub(super) struct Config {
    #[command(subcommand)]
    what: What,
    /// Print one JSON object
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Write `blindlink.toml` into the data folder: every line is explained, and none says anything yet.
    #[command(after_help = "Example:\n  blindlink config init")]
    Init,
    /// Say what is wrong with the configuration, and with the files that it names.
    #[command(after_help = "Example:\n  blindlink config check --lists")]
    Check {
        /// Read the lists too
        #[arg(long)]
        lists: bool,
    },
    /// Show the configuration.
    #[command(after_help = "Example:\n  blindlink config show --effective --listen 192.0.2.1:4433")]
    Show {
        /// Show what holds, and whether it comes from a flag, the environment, the file or the default
        #[arg(long)]
        effective: bool,
        #[command(flatten)]
        overrides: Overrides,
    },
}

/// What goes before the file.
#[derive(Clone, Debug, Args)]
pub(super) struct Overrides {
    /// UDP address to listen at
    #[arg(long, value_name = "ADDR:PORT", env = "BLINDLINK_LISTEN")]
    pub(super) listen: Option<SocketAddr>,
    /// Rounds at a time, each with another peer
    #[arg(long, value_name = "N", env = "BLINDLINK_ROUNDS", value_parser = clap::value_parser!(u8).range(2..))]
    pub(super) rounds: Option<u8>,
    /// Least level of log lines on standard error: error, warn or info
    #[arg(long, value_enum, value_name = "LEVEL", env = "BLINDLINK_LOG")]
    pub(super) log: Option<crate::log::Level>,
}

/// A setting that holds, and from where.
#[derive(Serialize)]
struct Setting {
    key: &'static str,
    value: String,
    from: &'static str,
}

#[derive(Serialize)]
struct Shown {
    schema: &'static str,
    file: PathBuf,
    settings: Vec<Setting>,
    links: Vec<LinkSettings>,
}

#[derive(Serialize)]
struct Checked {
    schema: &'static str,
    file: PathBuf,
    links: usize,
    holds: bool,
    findings: Vec<Finding>,
}

/// A value by what says it first: flag, environment, file, default.
fn setting(
    key: &'static str,
    variable: &str,
    given: Option<String>,
    file: Option<String>,
    default: &str,
    effective: bool,
) -> Setting {
    let flag = std::env::args_os().any(|word| {
        let word = word.to_string_lossy();
        let name = key.rsplit('.').next().unwrap_or(key);
        word == format!("--{name}") || word.starts_with(&format!("--{name}="))
    });
    let (value, from) = match (given.filter(|_| effective), file) {
        (Some(value), _) if flag => (value, "flag"),
        (Some(value), _) if std::env::var_os(variable).is_some() => (value, "environment"),
        (_, Some(value)) => (value, "file"),
        _ => (default.to_owned(), "default"),
    };
    Setting { key, value, from }
}

impl Config {
    pub(super) fn run(self, dir: Option<PathBuf>) -> Result<(), Failure> {
        let data = DataDir::locate(dir)?;
        match self.what {
            What::Init => {
                data.identity()?;
                let file = configuration::init(&data)?;
                let shown = Shown { schema: "blindlink.config/v1", file, settings: Vec::new(), links: Vec::new() };
                let said = || format!("{} written; edit it, then `blindlink config check`", shown.file.display());
                printed(output::print(self.json, &shown, said))
            }
            What::Check { lists } => check(&data, lists, self.json),
            What::Show { effective, overrides } => show(&data, effective, &overrides, self.json),
        }
    }
}

fn check(data: &DataDir, lists: bool, json: bool) -> Result<(), Failure> {
    let configuration = Configuration::load(data)?.resolved(data);
    let status = status(data, &configuration, lists)?;
    let named = |finding: &Finding| configuration.links.iter().any(|link| link.name == finding.about);
    let findings: Vec<Finding> = status.findings.into_iter().filter(named).collect();
    let holds = findings.iter().all(|finding| finding.health != Health::Broken);
    let (file, links) = (configuration::path(data), configuration.links.len());
    let shown = Checked { schema: "blindlink.config-check/v1", file, links, holds, findings };
    printed(output::print(json, &shown, || {
        let lines = shown.findings.iter().map(super::status::line).collect::<String>();
        let end = if shown.holds { "can be used" } else { "cannot be used as it is" };
        format!("{lines}{}: {} links; {end}", shown.file.display(), shown.links)
    }))?;
    match shown.holds {
        true => Ok(()),
        false if json => Err(Failure::told(Exit::Config)),
        false => Err(Failure::new(Exit::Config, "a link cannot be used as it is configured: see above")),
    }
}

fn show(data: &DataDir, effective: bool, overrides: &Overrides, json: bool) -> Result<(), Failure> {
    let Configuration { node, links, .. } = Configuration::load(data)?;
    let NodeSettings { listen, rounds, log, training } = node;
    let level = overrides.log.map(|level| level.name().to_owned());
    let text = |value: Option<SocketAddr>| value.map(|value| value.to_string());
    let number = |value: Option<u8>| value.map(|value| value.to_string());
    let settings = vec![
        setting("node.listen", "BLINDLINK_LISTEN", text(overrides.listen), text(listen), LISTEN, effective),
        setting(
            "node.rounds",
            "BLINDLINK_ROUNDS",
            number(overrides.rounds),
            number(rounds),
            &ROUNDS.to_string(),
            effective,
        ),
        setting("node.log", "BLINDLINK_LOG", level, log, LOG, effective),
        setting("node.training", "", None, training.map(|training| training.to_string()), "false", effective),
    ];
    let shown = Shown { schema: "blindlink.config/v1", file: configuration::path(data), settings, links };
    printed(output::print(json, &shown, || {
        let row = |setting: &Setting| vec![setting.key.to_owned(), setting.value.clone(), setting.from.to_owned()];
        let settings = output::table(&[], shown.settings.iter().map(row));
        let link = |link: &LinkSettings| {
            let when = link.schedule.map_or_else(|| "by hand".to_owned(), |when| when.to_string());
            vec![
                link.name.clone(),
                link.peer.clone(),
                link.role.name().to_owned(),
                when,
                link.list.display().to_string(),
            ]
        };
        if shown.links.is_empty() {
            return format!("{settings}no links\n");
        }
        settings + &output::table(&["link", "peer", "role", "schedule", "list"], shown.links.iter().map(link))
    }))
}
