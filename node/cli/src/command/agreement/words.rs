//! An agreement in words, what in it was never filled in, and how two of them differ.

use crate::exit::{Exit, Failure};
use blindlink::agreement::budget::{Debit, TableCost};
use blindlink::agreement::time::{DAY, text};
use blindlink::agreement::{Agreement, Party};
use blindlink::identity::keytext;
use blindlink::policy::{CheckedPolicy, OutputMode};
use blindlink::session::Role;
use serde::Serialize;
use std::collections::BTreeMap;

/// Words that stand in a draft or in the policy of a trial, and in no agreement between authorities.
const PLACEHOLDERS: [&str; 4] = ["to be filled in", "test with", "first signer", "second signer"];

fn is_placeholder(value: &str) -> bool {
    let low = value.to_lowercase();
    low == "lab" || PLACEHOLDERS.iter().any(|word| low.contains(word))
}

/// Refuses an agreement in which something was never filled in: whoever signs would sign a blank.
pub(super) fn filled_in(agreement: &Agreement) -> Result<(), Failure> {
    let mut fields = vec![("name".to_owned(), &agreement.name), ("purpose".to_owned(), &agreement.purpose)];
    for (i, party) in agreement.parties.iter().enumerate() {
        fields.push((format!("party[{i}].name"), &party.name));
        fields.push((format!("party[{i}].legal_basis"), &party.legal_basis));
        for (j, signer) in party.signers.iter().enumerate() {
            fields.push((format!("party[{i}].signer[{j}].name"), &signer.name));
        }
    }
    let blank: Vec<String> = fields
        .into_iter()
        .filter(|(_, value)| is_placeholder(value))
        .map(|(field, value)| format!("{field} is `{value}`"))
        .collect();
    if blank.is_empty() {
        return Ok(());
    }
    Err(Failure::new(Exit::BadAgreement, format_args!("the agreement is not filled in: {}", blank.join("; "))))
}

fn party(it: &Party) -> String {
    let role = it.role.name();
    let may = if role == "either" { "may ask and answer".to_owned() } else { format!("is the {role}") };
    let mut said = format!(
        "  {} ({}), with a list of the lane `{}`, {may}.\n",
        it.name,
        it.kind.name().replace('_', " "),
        it.lane.name()
    );
    said += &format!("    It acts on: {}\n    Its node: {}\n", it.legal_basis, keytext::to_text(&it.node));
    for signer in &it.signers {
        said += &format!("    It is bound by: {}, {}\n", signer.name, keytext::to_text(&signer.key));
    }
    said
}

fn plural(n: u64, one: &str) -> String {
    if n == 1 { format!("1 {one}") } else { format!("{n} {one}s") }
}

/// What an agreement says, for somebody who signs it.
pub(in crate::command) fn in_words(agreement: &Agreement) -> String {
    let caps = &agreement.caps;
    let mut said = format!("Agreement `{}`, version {}", agreement.name, agreement.version);
    if agreement.version > 1 {
        said += &format!(", which replaces version {}", agreement.version - 1);
    }
    said += &format!(
        ".\nPurpose: {}. Lists compared: {}.\nIt holds from {} until before {} ({}).\n\nBetween\n{}and\n{}\n",
        agreement.purpose,
        agreement.lanes.name(),
        text(agreement.valid.from),
        text(agreement.valid.until),
        plural((agreement.valid.until - agreement.valid.from) / DAY, "day"),
        party(&agreement.parties[0]),
        party(&agreement.parties[1]),
    );
    said += match agreement.output {
        OutputMode::Requester => "Only the requester learns which of its records have a match.\n",
        OutputMode::Mutual => "Both sides learn which of their own records have a match.\n",
    };
    said += &format!(
        "How much: {} records of the requester and {} of the responder at most; {} in 24 hours each way; what one key \
         may cost in {}: {}.\n",
        caps.records_requester,
        caps.records_responder,
        plural(caps.rounds_per_day.into(), "round"),
        plural(caps.period_days.into(), "day"),
        caps.bins_per_table,
    );
    if agreement.output == OutputMode::Mutual {
        said += &format!(
            "A round returns {} at most, and ends without any if there are more than {}.\n",
            plural(caps.claims.into(), "match").replace("matchs", "matches"),
            caps.matches
        );
    }
    said += &format!(
        "A list that changes, changes by {} at least. The policy may change {} in a period. Of a list at most {} per \
         cent of the rows may be left out.\n",
        plural(caps.delta_records.into(), "record"),
        plural(caps.policy_changes.into(), "time"),
        caps.left_out_percent,
    );
    if let Some(urgent) = &agreement.urgent {
        said += &format!(
            "Beside that, urgent questions about one to eight persons: {} in 24 hours each way; what one key may cost in them \
             in {}: {}; nobody is asked about again before {}. Only the requester learns the answer.\n",
            plural(urgent.rounds_per_day.into(), "question"),
            plural(caps.period_days.into(), "day"),
            urgent.bins_per_table,
            plural(urgent.again_days.into(), "day"),
        );
    }
    let kept = &agreement.retention;
    said += &format!(
        "Kept: journals {}, results {}, the audit log {}.\n",
        plural(kept.journal_days.into(), "day"),
        plural(kept.results_days.into(), "day"),
        plural(kept.audit_days.into(), "day")
    );
    said + &format!("Policy: {}\n", hex::encode(agreement.policy))
}

/// Rounds of a period: those of its days, and with the policy at most as many as the budget has room for.
fn rounds_of_period(agreement: &Agreement, costs: &[TableCost]) -> u64 {
    let caps = &agreement.caps;
    let by_days = u64::from(caps.rounds_per_day) * u64::from(caps.period_days);
    costs.iter().map(|key| caps.bins_per_table / key.cost.max(1)).fold(by_days, u64::min)
}

/// What the caps let a peer do that cheats, in a period (V-AGREE-026). Without the policy, by the rounds a day alone.
pub(in crate::command) fn allowed(agreement: &Agreement, policy: Option<&CheckedPolicy>) -> String {
    let caps = &agreement.caps;
    let costs = policy.map(|policy| Debit::new(policy, Role::Requester, agreement.parties[0].node, 0).costs());
    let rounds = rounds_of_period(agreement, costs.as_deref().unwrap_or_default());
    let period = plural(caps.period_days.into(), "day");
    let mut said = match &costs {
        None => format!(
            "In {period} that is {} each way at most; fewer if what a key may cost is used up before: `--policy` counts it.\n",
            plural(rounds, "round")
        ),
        Some(costs) => format!(
            "In {period} the budget has room for {} each way. A peer that cheats tries at most {} values of a key in them.\n",
            plural(rounds, "round"),
            costs.iter().map(|key| key.cost).max().unwrap_or(0).saturating_mul(rounds)
        ),
    };
    if let Some(urgent) = &agreement.urgent {
        let questions = u64::from(urgent.rounds_per_day) * u64::from(caps.period_days);
        said += &format!(
            "In urgent questions it tries at most {} values of a key more, in {} at most.\n",
            urgent.bins_per_table,
            plural(questions, "question")
        );
    }
    if agreement.output == OutputMode::Mutual {
        let records = policy.map_or(caps.records_requester, |policy| policy.policy().round.records_requester);
        let read = rounds.saturating_mul(caps.claims.into());
        said += &format!(
            "A responder that cheats learns which of its guesses the requester holds: {rounds} x {} = {read} records at most \
             in {period}, of {records}{}.\n",
            caps.claims,
            if read >= u64::from(records) { ": that is the whole list" } else { "" }
        );
    }
    said
}

/// One field in which two agreements differ.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct Differing {
    pub(super) field: String,
    pub(super) ours: Option<String>,
    pub(super) theirs: Option<String>,
}

/// Every field of an agreement file with its path.
fn flat(agreement: &Agreement) -> BTreeMap<String, String> {
    fn walk(path: &str, value: &toml::Value, out: &mut BTreeMap<String, String>) {
        let under = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
        match value {
            toml::Value::Table(table) => table.iter().for_each(|(name, value)| walk(&under(name), value, out)),
            toml::Value::Array(list) => {
                list.iter().enumerate().for_each(|(i, value)| walk(&format!("{path}[{i}]"), value, out));
            }
            toml::Value::String(text) => drop(out.insert(path.to_owned(), text.clone())),
            value => drop(out.insert(path.to_owned(), value.to_string())),
        }
    }
    let mut out = BTreeMap::new();
    if let Ok(table) = agreement.to_toml().parse::<toml::Table>() {
        walk("", &toml::Value::Table(table), &mut out);
    }
    out
}

/// Everything in which two agreements differ, both values beside one another.
pub(super) fn differences(ours: &Agreement, theirs: &Agreement) -> Vec<Differing> {
    let (mut ours, mut theirs) = (flat(ours), flat(theirs));
    ours.retain(|field, value| theirs.get(field) != Some(value) || theirs.remove(field).is_none());
    let mut fields: Vec<String> = ours.keys().chain(theirs.keys()).cloned().collect();
    fields.sort_unstable();
    fields.dedup();
    let side = |of: &BTreeMap<String, String>, field: &str| of.get(field).cloned();
    fields
        .into_iter()
        .map(|field| Differing { ours: side(&ours, &field), theirs: side(&theirs, &field), field })
        .collect()
}
