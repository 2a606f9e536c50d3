//! One pair, for the person who judges it.

use super::{Row, row};
use crate::exit::{Exit, Failure};
use crate::office::Office;
use crate::output;
use crate::output::printed;
use blindlink::confirm::notice::NoticeBody;
use blindlink::explain::Subject;
use blindlink_console::Keeper;
use blindlink_node::round::confirmation::ShownNotice;
use blindlink_node::sys::clock;
use blindlink_review::{PairId, PersonId, Reason, Stage, Verdict};
use serde::Serialize;

#[derive(Serialize)]
struct Field {
    field: String,
    value: String,
}

#[derive(Serialize)]
struct Judged {
    person: u32,
    /// None while the second judgement is missing, but for the first judge.
    verdict: Option<&'static str>,
    reason: Option<&'static str>,
}

#[derive(Serialize)]
struct Shown {
    schema: &'static str,
    #[serde(flatten)]
    row: Row,
    /// Number of steps so far: what a decision names.
    seen: u32,
    record: Vec<Field>,
    /// None if it is hidden until the person has judged, or if this side learnt none.
    grade: Option<&'static str>,
    grade_hidden: bool,
    tables: Vec<String>,
    judged: Vec<Judged>,
    notices: Vec<Told>,
}

/// A notice about the pair.
#[derive(Serialize)]
struct Told {
    /// `sent` or `received`.
    way: &'static str,
    acknowledged: bool,
    time: String,
    /// None of a withdrawal.
    case_reference: Option<String>,
    desk: Option<String>,
    handling: Option<u8>,
    /// None of a disclosure.
    withdrawn_for: Option<u8>,
}

fn notice(shown: ShownNotice) -> Told {
    let (way, time) = (if shown.own { "sent" } else { "received" }, clock::date(shown.notice.time));
    let acknowledged = shown.acknowledged || !shown.own;
    let mut told =
        Told { way, acknowledged, time, case_reference: None, desk: None, handling: None, withdrawn_for: None };
    match shown.notice.body {
        NoticeBody::Disclosure { case_reference, desk, handling } => {
            (told.case_reference, told.desk, told.handling) = (Some(case_reference), Some(desk), Some(handling));
        }
        NoticeBody::Withdrawal { reason } => told.withdrawn_for = Some(reason),
    }
    told
}

pub(super) fn show(office: &mut Office, person: PersonId, id: PairId, json: bool) -> Result<(), Failure> {
    let notices = office.confirming(|node, _| node.notices_of(id))??;
    let pair = office.desk().pair(person, id)?;
    let grade_shown = office.desk().shows_grade(person, id);
    let keeper = office.keeper();
    let failed = |_| Failure::new(Exit::Io, "the own record cannot be read");
    let record = keeper.record(id).map_err(failed)?;
    let tables = keeper.evidence(id, &pair.candidate).map_err(failed)?.tables;
    let words = |table: &Vec<Subject>| table.iter().map(Subject::code).collect::<Vec<_>>().join(" + ");
    let tables: Vec<String> = tables.iter().map(words).collect();
    let open = pair.stage != Stage::JudgedOnce || pair.was_judged_by(person);
    let judged = pair.judged.iter().map(|(PersonId(n), judgement)| Judged {
        person: *n,
        verdict: open.then(|| judgement.verdict.name()),
        reason: open.then(|| judgement.reason.name()),
    });
    let grade = match pair.candidate.grade {
        Some(1) => Some("possible"),
        Some(_) => Some("strong"),
        None => None,
    };
    let shown = Shown {
        schema: "blindlink.pair/v1",
        row: row(id, pair, clock::now()),
        seen: pair.version,
        record: record.into_iter().map(|(field, value)| Field { field, value }).collect(),
        grade: grade.filter(|_| grade_shown),
        grade_hidden: !grade_shown,
        tables: if grade_shown { tables } else { Vec::new() },
        judged: judged.collect(),
        notices: notices.into_iter().map(notice).collect(),
    };
    printed(output::print(json, &shown, || in_words(&shown)))
}

fn in_words(shown: &Shown) -> String {
    let Row { pair, round, list, child, stage, received, due, overdue } = &shown.row;
    let child = if *child { ", may be a child" } else { "" };
    let late = if *overdue { " (overdue)" } else { "" };
    let due = due.as_ref().map(|due| format!(", due {due}{late}")).unwrap_or_default();
    let mut text =
        format!("pair {pair} of round {}\n{list}{child}; stage {stage}; received {received}{due}\n", &round[..12]);
    text += "\nour record\n";
    if shown.record.is_empty() {
        text += "  it is not kept any longer\n";
    }
    for Field { field, value } in &shown.record {
        text += &format!("  {field:<18}{value}\n");
    }
    text += "\nthe other authority\n  Nothing of its record is known here. It agreed with ours closely enough to be worth a look.\n";
    text += &match (shown.grade_hidden, shown.grade) {
        (true, _) => "  grade             shown when you have judged\n".to_owned(),
        (false, grade) => format!("  grade             {}\n", grade.unwrap_or("none was given")),
    };
    for table in &shown.tables {
        text += &format!("  met by            {table}\n");
    }
    for Judged { person, verdict, reason } in &shown.judged {
        let said = verdict.zip(*reason).map(|(verdict, reason)| format!("{verdict}, {reason}"));
        text += &format!("\nperson {person} judged: {}\n", said.as_deref().unwrap_or("shown when you have judged"));
    }
    if shown.row.stage == Stage::Candidate.name() || shown.row.stage == Stage::JudgedOnce.name() {
        text += "\nreasons for each verdict\n";
        for verdict in Verdict::ALL {
            let reasons: Vec<&str> = Reason::of(verdict).iter().map(|reason| reason.name()).collect();
            text += &format!("  {:<18}{}\n", verdict.name(), reasons.join(", "));
        }
    }
    for told in &shown.notices {
        let waits = if told.acknowledged { "" } else { ", not acknowledged yet" };
        let said = match (&told.case_reference, &told.desk) {
            (Some(case), Some(desk)) => {
                format!("case reference {case}, desk {desk}, handling {}", told.handling.unwrap_or(3))
            }
            _ => {
                let at = usize::from(told.withdrawn_for.unwrap_or(8)).saturating_sub(1);
                let reason = Reason::WITHDRAWING.get(at).copied().unwrap_or(Reason::Mistake);
                format!("taken back: {}", reason.name())
            }
        };
        text += &format!("\n{} {}{waits}: {said}\n", told.way, told.time);
    }
    if shown.row.stage != Stage::Withdrawn.name() && shown.row.stage != Stage::Expired.name() {
        text += &format!("\nto decide, name what you have seen: --seen {}\n", shown.seen);
    }
    text
}
