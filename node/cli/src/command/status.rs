//! `blindlink status`: whether all is well, something is due, or something is broken.

use crate::exit::{Exit, Failure};
use crate::output;
use crate::output::printed;
use crate::runtime::block_on;
use blindlink_node::service::status::{Finding, Health, LinkStatus, NodeStatus, PeerStatus, status};
use blindlink_node::store::DataDir;
use blindlink_node::store::configuration::Configuration;
use blindlink_node::store::peers::Peers;
use clap::Args;
use std::path::PathBuf;

#[derive(Debug, Args)]
#[command(after_help = "Exit code: 0 if all is well, 1 if something is due, 2 if something is broken.\n\n\
    Example:\n  blindlink status --probe --json")]
pub(super) struct Status {
    /// Call each peer that has an address first, without a round (as `peer check`)
    #[arg(long)]
    probe: bool,
    /// Read the lists too: whether they can be used, and whether they have changed enough
    #[arg(long)]
    lists: bool,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

impl Status {
    pub(super) fn run(self, dir: Option<PathBuf>) -> Result<std::process::ExitCode, Failure> {
        let data = DataDir::locate(dir)?;
        data.identity()?;
        // A configuration that cannot be read is a finding like others, but nothing can be said of links then.
        let configuration = Configuration::load(&data)?.resolved(&data);
        if self.probe {
            let peers = Peers::load(&data)?;
            block_on(async {
                for peer in peers.iter().filter(|peer| peer.addr.is_some()) {
                    super::peer::check::called(&data, peer, super::peer::check::PATIENCE).await.ok();
                }
            })?;
        }
        let found = status(&data, &configuration, self.lists)?;
        printed(output::print(self.json, &found, || in_words(&found)))?;
        Ok(match found.health {
            Health::Well => 0,
            Health::Due => 1,
            Health::Broken => 2,
        }
        .into())
    }
}

/// A finding in a line.
pub(super) fn line(finding: &Finding) -> String {
    let mark = match finding.health {
        Health::Well => "well  ",
        Health::Due => "due   ",
        Health::Broken => "BROKEN",
    };
    let code = finding.failure.map(|code| format!(" [{}]", Exit::from(code).code())).unwrap_or_default();
    format!("{mark}  {}: {}{code}\n", finding.about, finding.what)
}

fn link(link: &LinkStatus) -> String {
    let lanes = link.lanes.unwrap_or("policy cannot be read");
    let mut text = format!("{} with {} ({}, {lanes})\n", link.name, link.peer, link.role);
    let mut row = |name: &str, value: String| text += &format!("  {name:<10}{value}\n");
    if let Some(agreement) = &link.agreement {
        let missing = match agreement.missing.as_slice() {
            [] => String::new(),
            missing => format!(", not signed by {}", missing.join(", ")),
        };
        let (name, version) = (&agreement.name, agreement.version);
        let state = agreement.state.replace('_', " ");
        row("agreement", format!("{name} version {version}, {state}, {} days left{missing}", agreement.days_left));
    }
    if let Some(budget) = &link.budget {
        let next = budget.next_round.as_ref().map(|time| format!(", next from {time}")).unwrap_or_default();
        let today = format!("{} of {} today{next}", budget.rounds_today, budget.rounds_per_day);
        row("rounds", format!("{today}; bins for {} in {} days", budget.rounds_left, budget.period_days));
    }
    let used = link.list.records.zip(link.list.rejected_rows);
    let used = used.map(|(used, left_out)| format!(", {used} records used, {left_out} rows left out"));
    let enough = match (link.list.differs_enough, link.list.least_difference) {
        (Some(false), Some(least)) => format!(", differs by fewer than {least} records from an earlier one"),
        _ => String::new(),
    };
    let written = link.list.written.as_deref().unwrap_or("not there");
    row("list", format!("{} of {written}{}{enough}", link.list.file.display(), used.unwrap_or_default()));
    if let Some(schedule) = &link.schedule {
        let window = schedule.window.as_ref().map(|window| format!(" within {window}")).unwrap_or_default();
        row("schedule", format!("{}{window}, next {}", schedule.timetable, schedule.next));
    }
    if let Some(last) = &link.last {
        let id = last.round.get(..12).unwrap_or(&last.round);
        let new = last.new.map(|new| format!(", {new} new")).unwrap_or_default();
        row("last", format!("{} {id}: {} pairs, {} strong{new}", last.ended, last.pairs, last.strong));
    }
    text
}

fn peer(peer: &PeerStatus) -> String {
    let heard = match (&peer.tried, peer.reachable, &peer.reached) {
        (None, ..) => "never called".to_owned(),
        (Some(tried), Some(true), _) => format!("reached at {tried}"),
        (Some(tried), _, reached) => {
            let before = reached.as_ref().map(|time| format!(", reached at {time}")).unwrap_or_default();
            let code = peer.failure.map_or("", |code| Exit::from(code).code());
            format!("not reached at {tried} [{code}]{before}")
        }
    };
    let (here, there) = (peer.cosigned_here.unwrap_or(0), peer.cosigned_there.unwrap_or(0));
    format!("{}: {heard}; its log cosigned here at {here}, this node's there at {there}\n", peer.name)
}

/// The status for people.
fn in_words(found: &NodeStatus) -> String {
    let mut text: String = found.links.iter().map(link).collect();
    if found.links.is_empty() {
        text += "no links are configured (`blindlink config init`)\n";
    }
    text += "\n";
    text.extend(found.peers.iter().map(peer));
    let free = found.free_bytes.map(|free| format!(", {} free", output::bytes(free))).unwrap_or_default();
    let entries = found.log_entries.unwrap_or(0);
    text += &format!("log of {entries} entries; {} open rounds{free}\n\n", found.open_rounds);
    text.extend(found.findings.iter().map(line));
    text + match found.health {
        Health::Well => "all is well\n",
        Health::Due => "something is due\n",
        Health::Broken => "something is broken\n",
    }
}
