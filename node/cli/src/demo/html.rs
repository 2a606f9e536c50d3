//! The demonstration's report: one HTML file with its pictures inside, and nothing loaded from elsewhere.

use super::Demonstration;
use crate::exit::{Exit, Failure};
use crate::output::bytes;
use askama::Template;
use blindlink::encode::{EncodedRecord, encode};
use blindlink::policy::CheckedPolicy;
use blindlink::policy::{Slots, bins};
use blindlink::record::{RawRecord, Record, RowId};
use std::collections::HashMap;

/// Persons shown in the report.
const SHOWN: usize = 10;

/// A number with thin groups of three.
fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push('\u{202f}');
        }
        out.push(digit);
    }
    out
}

/// Steps of the funnel: name, number, what it is.
fn funnel(demo: &Demonstration) -> Vec<(&'static str, u64, String)> {
    let (a, b) = (encoded(&demo.policy, &demo.lists.a), encoded(&demo.policy, &demo.lists.b));
    let count = |list: &[EncodedRecord]| -> u64 { list.iter().flat_map(|r| &r.tokens).map(|t| t.len() as u64).sum() };
    let shape = demo.policy.shape();
    let queries = |slots: Slots| slots.asked(shape.records_requester) * u64::from(shape.copies_responder);
    let compared: u64 = shape.tables.iter().map(|table| bins(queries(table.slots))).sum();
    let numbers = &demo.numbers;
    vec![
        ("records", (numbers.records_a + numbers.records_b) as u64, "of both lists".into()),
        ("tokens", count(&a) + count(&b), "keyed digests of match keys, of both lists".into()),
        ("bins", compared, "hidden comparisons, dummies included".into()),
        ("pairs", meetings(&a, &b), "record pairs that share a token; neither side learns how many".into()),
        ("matches", numbers.reported_pairs as u64, format!("reported, {} of them strong", numbers.strong_pairs)),
    ]
}

fn encoded(policy: &CheckedPolicy, rows: &[blindlink_lab::synth::Row]) -> Vec<EncodedRecord> {
    let record = |(row, position): (&blindlink_lab::synth::Row, u32)| {
        let mut raw = RawRecord::default();
        for (field, cell) in blindlink_lab::synth::COLUMNS.into_iter().zip(row.cells.row(&row.id)) {
            cell.split('|').filter(|value| !value.is_empty()).for_each(|value| raw.push(field, value));
        }
        Record::check(RowId::new(position), &raw).ok()
    };
    let records: Vec<Record> = rows.iter().zip(0..).filter_map(record).collect();
    encode(&policy.encoding(), &records)
}

/// Distinct pairs of positions that share a token in some table.
fn meetings(a: &[EncodedRecord], b: &[EncodedRecord]) -> u64 {
    let mut holders: HashMap<(usize, &[u8; 16]), Vec<usize>> = HashMap::new();
    for (position, record) in a.iter().enumerate() {
        for (table, tokens) in record.tokens.iter().enumerate() {
            for token in tokens {
                holders.entry((table, token.as_bytes())).or_default().push(position);
            }
        }
    }
    let mut pairs: Vec<(usize, usize)> = Vec::new();
    for (position, record) in b.iter().enumerate() {
        for (table, tokens) in record.tokens.iter().enumerate() {
            for token in tokens {
                let met = holders.get(&(table, token.as_bytes())).into_iter().flatten();
                pairs.extend(met.map(|other| (*other, position)));
            }
        }
    }
    pairs.sort_unstable();
    pairs.dedup();
    pairs.len() as u64
}

/// A step of the funnel as it is drawn: coordinates in the picture's units.
struct Step {
    name: &'static str,
    number: String,
    what: String,
    left: String,
    width: String,
    top: u32,
}

/// Bars that narrow with the logarithm of the number.
fn funnel_steps(steps: Vec<(&'static str, u64, String)>) -> Vec<Step> {
    let log = |n: u64| (n as f64 + 1.0).log10();
    let most = steps.iter().map(|step| log(step.1)).fold(1.0, f64::max);
    let drawn = steps.into_iter().zip((4..).step_by(58));
    drawn
        .map(|((name, n, what), top)| {
            let width = 420.0 * log(n) / most;
            let (left, width) = (format!("{:.1}", 210.0 - width / 2.0), format!("{width:.1}"));
            Step { name, number: grouped(n), what, left, width, top }
        })
        .collect()
}

/// One row of bars, drawn from left to right.
struct Row {
    name: String,
    parts: Vec<Part>,
    label: String,
    /// Where the label begins.
    end: String,
    top: u32,
}

struct Part {
    left: String,
    width: String,
    class: &'static str,
}

/// Name, values with their class, and label of a row of bars.
type Values = (String, Vec<(f64, &'static str)>, String);

/// One row a stage: a bar of each value, scaled to the largest sum.
fn rows(stages: Vec<Values>) -> Vec<Row> {
    let most = stages.iter().map(|row| row.1.iter().map(|part| part.0).sum()).fold(f64::MIN_POSITIVE, f64::max);
    let drawn = stages.into_iter().zip((4..).step_by(34));
    drawn
        .map(|((name, values, label), top)| {
            let mut left = 90.0;
            let mut parts = Vec::new();
            for (value, class) in values {
                let width = 330.0 * value / most;
                parts.push(Part { left: format!("{left:.1}"), width: format!("{width:.1}"), class });
                left += width;
            }
            Row { name, parts, label, end: format!("{:.1}", left + 8.0), top }
        })
        .collect()
}

/// A pair of persons that were found.
struct Person {
    responder: String,
    requester: String,
    grade: String,
    tables: String,
}

fn persons(demo: &Demonstration) -> Vec<Person> {
    let found = super::shown(demo, SHOWN).into_iter();
    found
        .map(|(responder, requester, grade, tables)| Person {
            responder,
            requester,
            grade: grade.to_owned(),
            tables: tables.replace('|', ", "),
        })
        .collect()
}

/// The page: what the template needs.
#[derive(Template)]
#[template(path = "demo.html")]
struct Page {
    a: String,
    b: String,
    seed: u64,
    training: &'static str,
    f1: String,
    precision: String,
    recall: String,
    wall: String,
    record: String,
    funnel: Vec<Step>,
    time: Vec<Row>,
    traffic: Vec<Row>,
    up: String,
    down: String,
    peak_requester: String,
    peak_responder: String,
    persons: Vec<Person>,
    true_pairs: usize,
    reported: usize,
}

/// The report.
pub(crate) fn page(demo: &Demonstration) -> Result<String, Failure> {
    let n = &demo.numbers;
    let time = n.stages.iter().map(|stage| {
        let label = format!(
            "{:.2} s (maths: requester {:.2} s, responder {:.2} s)",
            stage.seconds, stage.compute_seconds_requester, stage.compute_seconds_responder
        );
        (stage.name.clone(), vec![(stage.seconds, "up")], label)
    });
    let traffic = n.stages.iter().map(|stage| {
        let (up, down) = (stage.bytes_requester_to_responder, stage.bytes_responder_to_requester);
        let label = format!("{} to the responder, {} back", bytes(up), bytes(down));
        (stage.name.clone(), vec![(up as f64, "up"), (down as f64, "down")], label)
    });
    let peak = |side: Option<u64>| side.map_or_else(|| "not known".into(), bytes);
    let page = Page {
        a: grouped(n.records_a as u64),
        b: grouped(n.records_b as u64),
        seed: n.seed,
        training: crate::log::TRAINING,
        f1: format!("{:.3}", n.f1),
        precision: format!("{:.3}", n.precision),
        recall: format!("{:.3}", n.recall),
        wall: format!("{:.1}", n.wall_seconds),
        record: format!("{:.1}", n.udp_bytes_per_record / 1000.0),
        funnel: funnel_steps(funnel(demo)),
        time: rows(time.collect()),
        traffic: rows(traffic.collect()),
        up: bytes(n.bytes_requester_to_responder),
        down: bytes(n.bytes_responder_to_requester),
        peak_requester: peak(n.peak_rss_bytes.requester),
        peak_responder: peak(n.peak_rss_bytes.responder),
        persons: persons(demo),
        true_pairs: n.true_pairs,
        reported: n.reported_pairs,
    };
    page.render().map_err(Failure::because(Exit::Internal, "the report"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped() {
        assert_eq!(grouped(7), "7");
        assert_eq!(grouped(1_234_567), "1\u{202f}234\u{202f}567");
    }

    #[test]
    fn pictures_survive_zeros() {
        let steps = funnel_steps(vec![("records", 0, String::new()), ("matches", 0, "none".into())]);
        assert!(steps.iter().all(|step| step.width == "0.0" && step.left == "210.0"));
        let rows = rows(vec![("agree".into(), vec![(0.0, "up")], String::new())]);
        assert!(rows.iter().all(|row| row.end == "98.0"));
    }

    #[test]
    fn text_cannot_become_markup() {
        let person = |text: &str| Person {
            responder: text.into(),
            requester: text.into(),
            grade: text.into(),
            tables: text.into(),
        };
        let page = Page {
            a: "1".into(),
            b: "1".into(),
            seed: 1,
            training: "",
            f1: String::new(),
            precision: String::new(),
            recall: String::new(),
            wall: String::new(),
            record: String::new(),
            funnel: funnel_steps(vec![("records", 1, "<i>".into())]),
            time: rows(vec![("<i>".into(), Vec::new(), "<i>".into())]),
            traffic: Vec::new(),
            up: String::new(),
            down: String::new(),
            peak_requester: String::new(),
            peak_responder: String::new(),
            persons: vec![person("<i a=\"1\">&")],
            true_pairs: 0,
            reported: 0,
        };
        let text = page.render().unwrap();
        assert!(!text.contains("<i") && text.contains("&#60;i a=&#34;1&#34;&#62;&#38;"), "{text}");
    }
}
