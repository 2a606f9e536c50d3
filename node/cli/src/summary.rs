//! The summary of a round for people.

use crate::command::rounds::report;
use crate::exit::Failure;
use crate::log::TRAINING;
use crate::output;
use crate::output::{bytes, printed, table};
use blindlink_node::round::Summary;
use blindlink_node::store::DataDir;

/// Prints what came of a round, and writes its page. A page that cannot be written changes nothing about the round.
pub(crate) fn tell(data: &DataDir, json: bool, summary: &Summary) -> Result<(), Failure> {
    let page = report::write(data, summary);
    if let Err(failure) = &page {
        eprintln!("the page of the round is not written: {failure}");
    }
    printed(output::print(json, summary, || {
        let page = page.map_or_else(|_| String::new(), |path| format!("  page     {}\n", path.display()));
        text(summary) + &page
    }))
}

/// What a round found, where the result is, what it took.
fn text(summary: &Summary) -> String {
    let found = match summary.role {
        "requester" => format!("{} pairs, {} of them strong{}", summary.matches, summary.strong, expected(summary)),
        _ => format!("{} own records claimed by the peer", summary.claims),
    };
    let out = summary.out.as_ref().map_or_else(|| "not saved (no --out)".into(), |path| path.display().to_string());
    let report = &summary.report;
    let mut text = format!(
        "{}round with {} done: {found}\n  result   {out}\n  receipt  {}\n",
        if summary.training { format!("{TRAINING}\n") } else { String::new() },
        summary.peer,
        summary.receipt.display()
    );
    text += &format!(
        "  list     {} records used, {} rows left out, {} values left out\n",
        summary.records, summary.rejected_rows, summary.values_left_out
    );
    text += &format!(
        "  took     {:.1} s, {} sent, {} received\n",
        report.wall_seconds,
        bytes(report.bytes_sent),
        bytes(report.bytes_received)
    );
    let rows = report.stages.iter().map(|stage| {
        let seconds = format!("{:.2} s", stage.seconds);
        vec![format!("    {}", stage.name), seconds, bytes(stage.bytes_sent), bytes(stage.bytes_received)]
    });
    text += &table(&["    stage", "time", "sent", "received"], rows);
    text
}

/// How many of the pairs are expected to be wrong.
fn expected(summary: &Summary) -> String {
    let Some([strong, all]) = summary.expected_wrong.filter(|_| summary.matches > 0) else { return String::new() };
    format!("; about {all:.0} are expected to be wrong, {strong:.0} of them strong")
}
