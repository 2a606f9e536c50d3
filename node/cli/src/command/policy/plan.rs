//! `blindlink policy plan`

use crate::args::MapArgs;
use crate::exit::Failure;
use crate::inputs::{base_policy, list, mapping};
use crate::output;
use crate::output::printed;
use blindlink_lab::plan::{PlanReport, Question, plan};
use blindlink_sources::Reading;
use clap::Args;
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(super) struct Plan {
    /// Own list
    #[arg(long, value_name = "FILE")]
    records: PathBuf,
    #[command(flatten)]
    list: MapArgs,
    /// Records that the peer's list is assumed to have [default: the policy's padded number]
    #[arg(long, value_name = "N")]
    peer_records: Option<u32>,
    /// Policy file; without one, the default policy.
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    /// The own list is the responder's (`serve`), not the requester's
    #[arg(long)]
    responder: bool,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

impl Plan {
    pub(super) fn run(self) -> Result<(), Failure> {
        let (policy, _) = base_policy(self.policy.as_deref())?;
        let mapping = mapping(self.list.map.as_deref())?;
        let reading = Reading { mapping: mapping.as_ref(), ..Reading::under(&policy) };
        let records = list(&self.records, &reading)?.records;
        let of_policy = if self.responder { policy.round.records_requester } else { policy.round.records_responder };
        let question = Question { peer_records: self.peer_records.unwrap_or(of_policy), responds: self.responder };
        let report = plan(&policy, &records, question)?;
        printed(output::print(self.json, &report, || text(&report)))
    }
}

fn percent(share: f64) -> String {
    format!("{:.1} %", share * 100.0)
}

fn duration(seconds: f64) -> String {
    match seconds {
        s if s < 120.0 => format!("{s:.0} s"),
        s if s < 7200.0 => format!("{:.0} min", s / 60.0),
        s if s < 172_800.0 => format!("{:.1} h", s / 3600.0),
        s => format!("{:.1} days", s / 86_400.0),
    }
}

fn text(r: &PlanReport) -> String {
    let mut text = format!(
        "Measured on the own list of {} records; nothing was sent. Assumed: {} records of the peer, alike in kind.\n",
        r.records, r.peer_records
    );
    for broken in &r.broken {
        text += &format!("\nREFUSED at these sizes: {broken}\n");
    }
    text += "\nTOKEN TABLES (shares of the own records)\n";
    for t in &r.tables {
        text += &format!("  {}: {}\n", t.table, t.key);
        text += &format!(
            "    {} have a key; {:.1} keys each, at most {}; slots {} lose {} of them; recommended slots {}\n",
            percent(t.records_with_key),
            t.keys_per_record,
            t.most_keys,
            t.slots,
            percent(t.lost_to_slots),
            t.recommended_slots
        );
        let bound = if t.entropy_is_bound { "at least " } else { "" };
        text += &format!(
            "    collision entropy {bound}{:.1} bits; the policy claims {}; recommended domain_bits {}\n",
            t.entropy, t.domain_bits, t.recommended_domain_bits
        );
        let groups: Vec<String> = t.largest_groups.iter().map(ToString::to_string).collect();
        let groups = if groups.is_empty() { "none".into() } else { groups.join(", ") };
        text += &format!(
            "    largest groups of records with one key: {groups}; {} copies lose {} of the tokens; recommended {}\n",
            t.copies,
            percent(t.lost_to_copies),
            t.recommended_copies
        );
    }
    let s = &r.strangers;
    text += "\nTHE OWN LIST AGAINST ITSELF\n";
    text += &format!(
        "  {:.0} pairs share a key, {:.0} of them reach `possible`, {:.0} reach `strong`\n",
        s.pairs_meeting, s.pairs_possible, s.pairs_strong
    );
    text +=
        "  `strong` pairs of one list are probable duplicates: merge them before a round, they compete for copies\n";
    text += "\nEXPECTED WITH THE PEER\n";
    text += &format!(
        "  {:.0} pairs of different persons meet unseen; of these at most {:.1} are reported, {:.1} as `strong`\n",
        s.expected_meeting, s.expected_possible, s.expected_strong
    );
    text += "  (at most: duplicates of the own list are counted among them)\n";
    let rows = r.recall.iter().map(|recall| {
        let strong = recall.strong.map_or_else(|| "-".into(), percent);
        vec![format!("  {}", recall.difficulty), percent(recall.meets), percent(recall.possible), strong]
    });
    let header = ["  persons of both lists", "meet in a table", "reach `possible`", "reach `strong`"];
    text += &output::table(&header, rows);
    text += "  (the own records against copies with invented errors; real registers err in their own ways)\n";
    if let Some(c) = &r.cost {
        text += "\nCOST OF ONE ROUND\n";
        text += &format!(
            "  {} bins; requester sends {}, responder {}\n",
            c.bins,
            output::bytes(c.bytes_requester_to_responder),
            output::bytes(c.bytes_responder_to_requester)
        );
        text += &format!(
            "  processor: requester {}, responder {} of one core (an AMD EPYC of 2026 without AVX-512)\n",
            duration(c.requester_cpu_seconds),
            duration(c.responder_cpu_seconds)
        );
        text += &format!(
            "  line: {} at 128 kbit/s, {} at 2 Mbit/s\n",
            duration(c.seconds_at_128_kbit),
            duration(c.seconds_at_2_mbit)
        );
    }
    text
}
