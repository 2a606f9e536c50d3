//! The numbers, in the text format of Prometheus (https://prometheus.io/docs/instrumenting/exposition_formats).

use super::Counters;
use blindlink_node::service::status::{Health, NodeStatus};
use std::fmt::Write;
use std::sync::atomic::{AtomicU64, Ordering};

/// A family of numbers under one name.
struct Family<'t> {
    out: &'t mut String,
    name: &'static str,
}

impl Family<'_> {
    /// One number, under these labels.
    fn put(&mut self, labels: &[(&str, &str)], value: impl std::fmt::Display) {
        let labels: Vec<String> = labels.iter().map(|(name, value)| format!("{name}=\"{}\"", escaped(value))).collect();
        let labels = if labels.is_empty() { String::new() } else { format!("{{{}}}", labels.join(",")) };
        // Writing to a string cannot fail.
        let _ = writeln!(self.out, "{}{labels} {value}", self.name);
    }
}

fn escaped(value: &str) -> String {
    value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

fn family<'t>(out: &'t mut String, name: &'static str, kind: &str, help: &str) -> Family<'t> {
    let _ = writeln!(out, "# HELP {name} {help}\n# TYPE {name} {kind}");
    Family { out, name }
}

fn bit(is: bool) -> u8 {
    u8::from(is)
}

/// All numbers of a node.
pub(super) fn text(status: &NodeStatus, counters: &Counters) -> String {
    let mut text = String::new();
    let out = &mut text;
    let worst = match status.health {
        Health::Well => 0,
        Health::Due => 1,
        Health::Broken => 2,
    };
    family(out, "blindlink_health", "gauge", "0 all is well, 1 something is due, 2 something is broken")
        .put(&[], worst);
    let mut findings = family(out, "blindlink_findings", "gauge", "What is to be done, by how bad it is");
    for (name, health) in [("due", Health::Due), ("broken", Health::Broken)] {
        let count = status.findings.iter().filter(|finding| finding.health == health).count();
        findings.put(&[("health", name)], count);
    }
    let closed = bit(status.closed_until.is_some());
    family(out, "blindlink_closed", "gauge", "Whether the node takes no rounds").put(&[], closed);
    family(out, "blindlink_open_rounds", "gauge", "Rounds that may go on").put(&[], status.open_rounds);
    let entries = status.log_entries.unwrap_or(0);
    family(out, "blindlink_audit_log_entries", "gauge", "Entries of the own audit log").put(&[], entries);
    if let Some(free) = status.free_bytes {
        family(out, "blindlink_free_bytes", "gauge", "Bytes free in the data folder").put(&[], free);
    }
    links(out, status);
    let mut reachable =
        family(out, "blindlink_peer_reachable", "gauge", "Whether the last try to reach the peer went well");
    for peer in &status.peers {
        if let Some(is) = peer.reachable {
            reachable.put(&[("peer", &peer.name)], bit(is));
        }
    }
    let count = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
    let mut rounds = family(out, "blindlink_rounds_total", "counter", "Rounds that ended since the start");
    rounds.put(&[("outcome", "done")], count(&counters.done));
    rounds.put(&[("outcome", "failed")], count(&counters.failed));
    let lost = count(&counters.lost);
    family(out, "blindlink_connections_lost_total", "counter", "Connections lost since the start").put(&[], lost);
    let turned = count(&counters.turned_away);
    family(out, "blindlink_turned_away_total", "counter", "Strangers of whom was told since the start")
        .put(&[], turned);
    text
}

fn links(out: &mut String, status: &NodeStatus) {
    let mut days =
        family(out, "blindlink_agreement_days_left", "gauge", "Whole days until the agreement of a link ends");
    for link in &status.links {
        if let Some(agreement) = &link.agreement {
            days.put(&[("link", &link.name), ("state", agreement.state)], agreement.days_left);
        }
    }
    let mut left = family(out, "blindlink_rounds_left", "gauge", "Rounds for which bins are left in the period");
    for link in &status.links {
        if let Some(budget) = &link.budget {
            left.put(&[("link", &link.name)], budget.rounds_left);
        }
    }
    let mut today = family(out, "blindlink_rounds_today", "gauge", "Rounds of the last 24 hours");
    for link in &status.links {
        if let Some(budget) = &link.budget {
            today.put(&[("link", &link.name)], budget.rounds_today);
        }
    }
    let mut pairs = family(out, "blindlink_last_pairs", "gauge", "Pairs of the last round of a link that ended well");
    for link in &status.links {
        if let Some(last) = &link.last {
            pairs.put(&[("link", &link.name)], last.pairs);
        }
    }
}
