//! A round as one HTML page that needs nothing else: numbers and words, no value of a person.

use super::{Archive, Shown, in_lines, outcome};
use crate::exit::{Exit, Failure};
use askama::Template;
use blindlink::session::{Grade, Role};
use blindlink_node::round::Summary;
use blindlink_node::store::database::{KeptPair, KeptRound};
use blindlink_node::store::{DataDir, StoreError};
use blindlink_node::sys::files::write_new;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// A step from the list to the result.
struct Step {
    what: &'static str,
    n: usize,
    percent: usize,
}

/// The pairs that met through a table.
struct Met {
    words: String,
    strong: usize,
    possible: usize,
    percent: usize,
}

#[derive(Template)]
#[template(path = "round.html")]
struct Page<'a> {
    short: &'a str,
    round: &'a Shown,
    found: String,
    funnel: Vec<Step>,
    tables: Vec<Met>,
    learnt: Vec<String>,
    lines: Vec<(&'static str, String)>,
}

fn funnel(round: &Shown, pairs: &[KeptPair]) -> Vec<Step> {
    let used = round.records.unwrap_or(0);
    let rows = used + round.list.as_ref().map_or(0, |list| list.rejected_rows);
    let found: BTreeSet<&str> = pairs.iter().map(|pair| pair.own_id.as_str()).collect();
    let strong = pairs.iter().filter(|pair| pair.grade == Some(Grade::Strong));
    let strong: BTreeSet<&str> = strong.map(|pair| pair.own_id.as_str()).collect();
    let mut steps = vec![("rows of the list", rows), ("records that took part", used)];
    if round.role == Role::Requester.name() {
        steps.extend([("records in a pair", found.len()), ("records in a strong pair", strong.len())]);
    } else {
        steps.push(("records that the other side claims", found.len()));
    }
    steps.into_iter().map(|(what, n)| Step { what, n, percent: n * 100 / rows.max(1) }).collect()
}

fn tables(pairs: &[KeptPair], names: &[(String, String)]) -> Vec<Met> {
    let all: BTreeSet<&String> = pairs.iter().flat_map(|pair| &pair.tables).collect();
    let met = |name: &String| {
        let of = |grade| pairs.iter().filter(|p| p.grade == Some(grade) && p.tables.contains(name)).count();
        let words = names.iter().find(|(known, _)| known == name).map_or(name, |(_, words)| words);
        let (strong, possible) = (of(Grade::Strong), of(Grade::Possible));
        Met { words: words.clone(), strong, possible, percent: (strong + possible) * 100 / pairs.len().max(1) }
    };
    let mut met: Vec<Met> = all.into_iter().map(met).collect();
    met.sort_by_key(|met| std::cmp::Reverse(met.strong + met.possible));
    met
}

/// What the two sides know now, in words (chapter 2 of the specification).
fn learnt(round: &Shown, mutual: bool) -> Vec<String> {
    let n = round.pairs.unwrap_or(0);
    let mut lines = Vec::new();
    if round.failure.is_some() {
        lines.push("No result came out on this side.".to_owned());
    } else if round.role == Role::Requester.name() {
        lines.push(format!(
            "This side learnt {n} pairs: which own record, the grade, through which keys the two met, and a pseudonym of \
             the other record that means nothing outside this round."
        ));
        lines.push(if mutual {
            "The other side learnt which of its records this side claims, and neither grade nor keys.".to_owned()
        } else {
            "The other side learnt nothing of any record, nor how many pairs there are.".to_owned()
        });
    } else if mutual {
        lines.push(format!("This side learnt that the other claims {n} pairs, and which own records are in them."));
        lines.push("The other side learnt of these pairs the grade and the keys too.".to_owned());
    } else {
        lines.push("This side learnt nothing of any record, nor how many pairs there are.".to_owned());
        lines.push("The other side learnt the pairs of its records with ours: grade, keys, a pseudonym.".to_owned());
    }
    lines.push("Both know the agreed sizes of the lists, that the round took place, and how long it took.".to_owned());
    lines.push(
        "This holds if both programs followed the protocol. What a side can learn that breaks it is in SECURITY.md, and \
         the agreement's budget bounds it."
            .to_owned(),
    );
    lines
}

fn found(round: &Shown, expected: Option<[f64; 2]>) -> String {
    let mut text = match (round.failure, round.pairs) {
        (None, Some(0)) => "No pair was found.".to_owned(),
        (None, Some(_)) => format!("{}.", outcome(round)),
        _ => String::new(),
    };
    if let Some([strong, all]) = expected.filter(|_| round.pairs.is_some_and(|n| n > 0)) {
        text += &format!(" Of them about {all:.0} are expected to be wrong, {strong:.0} of the strong ones.");
    }
    text
}

/// The page of a round.
pub(super) fn page(archive: &Archive, kept: &KeptRound, expected: Option<[f64; 2]>) -> Result<String, Failure> {
    let round = archive.shown(kept)?;
    let pairs = archive.db.pairs(kept.row, 0, usize::MAX)?;
    let cases = archive.db.about_cases(kept.row)?.unwrap_or_default();
    let mutual = cases.slots.is_some() || (kept.role == Role::Responder && kept.about.saved);
    let page = Page {
        short: round.round.as_deref().and_then(|id| id.get(..12)).unwrap_or("-"),
        found: found(&round, expected),
        funnel: funnel(&round, &pairs),
        tables: tables(&pairs, &cases.tables),
        learnt: learnt(&round, mutual),
        lines: in_lines(&round),
        round: &round,
    };
    page.render().map_err(Failure::because(Exit::Internal, "cannot make the page"))
}

/// Writes the page of a round that just ended, in the folder of results; gives its place.
pub(crate) fn write(data: &DataDir, summary: &Summary) -> Result<PathBuf, Failure> {
    let archive = Archive::of(data.clone())?;
    let kept = archive.find(&summary.round)?;
    let name = format!("{}-{}-{}.html", day(&archive.shown(&kept)?), safe(&summary.peer), first(&summary.round));
    let path = data.results()?.join(name);
    give(&path, &page(&archive, &kept, summary.expected_wrong)?)?;
    Ok(path)
}

fn day(round: &Shown) -> &str {
    round.begun.get(..10).unwrap_or("round")
}

fn first(round: &str) -> &str {
    round.get(..12).unwrap_or(round)
}

/// A name as part of a file's name.
fn safe(name: &str) -> String {
    name.chars().map(|c| if c.is_alphanumeric() || c == '-' { c } else { '_' }).collect()
}

/// Writes a page to a file that is not there yet.
pub(super) fn give(path: &Path, page: &str) -> Result<(), Failure> {
    Ok(write_new(path, page.as_bytes()).map_err(StoreError::output(format!("cannot write {}", path.display())))?)
}

#[cfg(test)]
mod tests;
