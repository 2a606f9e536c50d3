//! `blindlink doctor`: what is wrong with this node and its machine, and a report that can be handed on.

use crate::exit::{Exit, Failure};
use crate::output;
use crate::output::printed;
use blindlink_node::service::status::{Finding, Health, NodeStatus, status};
use blindlink_node::store::audit_log::Log;
use blindlink_node::store::configuration::Configuration;
use blindlink_node::store::database::Database;
use blindlink_node::store::peers::Peers;
use blindlink_node::store::{DataDir, StoreError, results};
use blindlink_node::sys::clock;
use blindlink_node::sys::files::write_new;
use clap::Args;
use serde::Serialize;
use std::net::UdpSocket;
use std::path::PathBuf;

#[derive(Debug, Args)]
#[command(
    after_help = "The report holds no record, no name of a list and no secret: keys and names of peers, states, numbers and \
    times.\n\nExample:\n  blindlink doctor --report report.json"
)]
pub(super) struct Doctor {
    /// Write the report to this file, which must not exist
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

/// Something that was looked at.
#[derive(Serialize)]
struct Looked {
    what: &'static str,
    holds: bool,
    said: String,
}

#[derive(Serialize)]
struct Report {
    schema: &'static str,
    version: &'static str,
    system: String,
    time: String,
    holds: bool,
    looked_at: Vec<Looked>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<NodeStatus>,
}

/// Looks at one thing.
fn look<T>(what: &'static str, found: Result<T, impl Into<Failure>>, said: impl FnOnce(T) -> String) -> Looked {
    match found {
        Ok(found) => Looked { what, holds: true, said: said(found) },
        Err(error) => {
            let Failure { exit, message } = error.into();
            Looked { what, holds: false, said: format!("{message} [{}]", exit.code()) }
        }
    }
}

/// Whether the configured address can be had; it cannot while the node runs.
fn port(configuration: &Configuration) -> Result<String, Failure> {
    let default = super::config::LISTEN.parse().map_err(Failure::because(Exit::Internal, "the default address"))?;
    let addr = configuration.node.listen.unwrap_or(default);
    match UdpSocket::bind(addr) {
        Ok(_) => Ok(format!("{addr} can be had")),
        Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => {
            Ok(format!("{addr} is in use: by the node, if it runs"))
        }
        Err(error) => Err(Failure::new(Exit::Io, format_args!("{addr} cannot be had: {error}"))),
    }
}

/// Whether others may enter the data folder.
fn folder(data: &DataDir) -> Result<(), Failure> {
    let meta = data.path().metadata().map_err(Failure::because(Exit::Config, "the data folder"))?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        if meta.permissions().mode() & 0o077 != 0 {
            return Err(Failure::new(Exit::Config, "others may enter the data folder: set its mode to 0700"));
        }
    }
    let _ = meta;
    Ok(())
}

fn database(data: &DataDir) -> Result<(), Failure> {
    let db = Database::open(data, &data.storage()?)?;
    db.check()?.map_err(|what| Failure::new(Exit::DatabaseDamaged, what))
}

impl Doctor {
    pub(super) fn run(self, dir: Option<PathBuf>) -> Result<(), Failure> {
        let data = DataDir::locate(dir)?;
        let identity = data.identity()?;
        self.report.as_deref().map_or(Ok(()), results::check_new)?;
        let configuration = Configuration::load(&data);
        let mut looked_at = vec![
            look("data folder", folder(&data), |()| "for this user alone".into()),
            look("peers", Peers::load(&data), |peers| format!("{} known", peers.iter().count())),
            look("audit log", Log::open(&data, &identity), |log| format!("{} entries, all hold", log.leaves().len())),
            look("database", database(&data), |()| "whole".into()),
        ];
        let configuration = match configuration {
            Ok(configuration) => {
                looked_at.push(look("port", port(&configuration), |said| said));
                let links = configuration.links.len();
                let said = format!("{links} links");
                looked_at.push(Looked { what: "configuration", holds: true, said });
                configuration.resolved(&data)
            }
            Err(error) => {
                looked_at.push(look("configuration", Err::<(), _>(error), |()| String::new()));
                Configuration::default()
            }
        };
        let status = status(&data, &configuration, false).ok().map(without_paths);
        let holds = looked_at.iter().all(|looked| looked.holds)
            && status.as_ref().is_some_and(|status| status.health != Health::Broken);
        let system = format!("{} {}", std::env::consts::OS, std::env::consts::ARCH);
        let (version, time) = (env!("CARGO_PKG_VERSION"), clock::date(clock::now()));
        let report = Report { schema: "blindlink.doctor/v1", version, system, time, holds, looked_at, status };
        if let Some(path) = &self.report {
            let text = serde_json::to_vec_pretty(&report).map_err(Failure::because(Exit::Internal, "the report"))?;
            write_new(path, &text).map_err(StoreError::output(format!("cannot write {}", path.display())))?;
        }
        printed(output::print(self.json, &report, || in_words(&report)))?;
        match report.holds {
            true => Ok(()),
            false if self.json => Err(Failure::told(Exit::Config)),
            false => Err(Failure::new(Exit::Config, "something does not hold: see above")),
        }
    }
}

/// The status without names of files: they may say whom a list is about.
fn without_paths(mut status: NodeStatus) -> NodeStatus {
    for link in &mut status.links {
        link.list.file = PathBuf::new();
    }
    // A finding may name a file in its words.
    let told = |finding: &mut Finding| {
        if let Some(code) = finding.failure {
            finding.what = Exit::from(code).code().to_owned();
        }
    };
    status.findings.iter_mut().for_each(told);
    status
}

fn in_words(report: &Report) -> String {
    let line = |looked: &Looked| {
        let mark = if looked.holds { "ok" } else { "NO" };
        format!("{:<14} {mark:<3} {}\n", looked.what, looked.said)
    };
    let looked: String = report.looked_at.iter().map(line).collect();
    let found = report.status.iter().flat_map(|status| &status.findings).map(super::status::line).collect::<String>();
    format!("blindlink {} on {}\n{looked}{found}", report.version, report.system)
}
