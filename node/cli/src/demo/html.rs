//! The demonstration's report: one HTML file with its pictures inside, and nothing loaded from elsewhere.

use super::Demonstration;
use crate::output::bytes;
use blindlink::encode::{EncodedRecord, encode};
use blindlink::policy::CheckedPolicy;
use blindlink::policy::bins;
use blindlink::record::{RawRecord, Record, RowId};
use std::collections::HashMap;
use std::fmt::Write;

/// Persons shown in the report.
const SHOWN: usize = 10;

/// Text as HTML.
fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

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
    let queries =
        |slots: u16| u64::from(slots) * u64::from(shape.copies_responder) * u64::from(shape.records_requester);
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

/// Bars that narrow with the logarithm of the number.
fn funnel_picture(steps: &[(&'static str, u64, String)]) -> String {
    let log = |n: u64| (n as f64 + 1.0).log10();
    let most = steps.iter().map(|step| log(step.1)).fold(1.0, f64::max);
    let mut svg = String::from("<svg viewBox=\"0 0 860 300\" role=\"img\" aria-label=\"funnel\">");
    for (i, (name, n, what)) in steps.iter().enumerate() {
        let (y, width) = (i as f64 * 58.0 + 4.0, 420.0 * log(*n) / most);
        let _ = write!(
            svg,
            "<rect x=\"{:.1}\" y=\"{y}\" width=\"{width:.1}\" height=\"42\" rx=\"4\" class=\"f{i}\"/>\
             <text x=\"210\" y=\"{:.1}\" class=\"n\" text-anchor=\"middle\">{}</text>\
             <text x=\"440\" y=\"{:.1}\" class=\"t\">{name}</text><text x=\"440\" y=\"{:.1}\" class=\"s\">{}</text>",
            210.0 - width / 2.0,
            y + 27.0,
            grouped(*n),
            y + 17.0,
            y + 35.0,
            escape(what)
        );
    }
    svg + "</svg>"
}

/// Name, parts with their class, and label of one row of bars.
type Row = (String, Vec<(f64, &'static str)>, String);

/// One row a stage: a bar of each value, scaled to the largest sum.
fn bars(rows: &[Row]) -> String {
    let most = rows.iter().map(|row| row.1.iter().map(|part| part.0).sum()).fold(f64::MIN_POSITIVE, f64::max);
    let mut svg = format!("<svg viewBox=\"0 0 860 {}\" role=\"img\">", rows.len() * 34 + 4);
    for (i, (name, parts, label)) in rows.iter().enumerate() {
        let y = i * 34 + 4;
        let _ = write!(svg, "<text x=\"0\" y=\"{}\" class=\"t\">{}</text>", y + 18, escape(name));
        let mut x = 90.0;
        for (value, class) in parts {
            let width = 330.0 * value / most;
            let _ = write!(svg, "<rect x=\"{x:.1}\" y=\"{y}\" width=\"{width:.1}\" height=\"24\" class=\"{class}\"/>");
            x += width;
        }
        let _ = write!(svg, "<text x=\"{:.1}\" y=\"{}\" class=\"s\">{}</text>", x + 8.0, y + 17, escape(label));
    }
    svg + "</svg>"
}

fn persons(demo: &Demonstration) -> String {
    let mut rows = String::new();
    for (a, b, grade, tables) in super::shown(demo, SHOWN) {
        let _ = writeln!(
            rows,
            "<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>",
            escape(&a),
            escape(&b),
            escape(grade),
            escape(&tables.replace('|', ", "))
        );
    }
    rows
}

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;max-width:800px;margin:2em auto;padding:0 1em;color:#1b2733}\
h1{font-size:1.6em}h2{font-size:1.15em;margin-top:2em}table{border-collapse:collapse;width:100%;font-size:.9em}\
td,th{text-align:left;padding:.3em .6em;border-bottom:1px solid #d5dde5}svg{width:100%;height:auto}\
.n{font-size:17px;font-weight:600;fill:#fff;paint-order:stroke;stroke:#1b2733;stroke-width:3px}.t{font-size:15px;font-weight:600;fill:#1b2733}\
.s{font-size:13px;fill:#4a5a6a}.f0{fill:#8fb3d9}.f1{fill:#6f9bc8}.f2{fill:#4f83b6}.f3{fill:#356a9e}.f4{fill:#1d5183}\
.up{fill:#4f83b6}.down{fill:#e0a458}.key{display:inline-block;width:.8em;height:.8em;margin:0 .3em 0 1em}\
.big{display:flex;flex-wrap:wrap;gap:1em;margin:1em 0}.big div{flex:1;min-width:6em;background:#f0f4f8;border-radius:6px;padding:.6em 1em}\
.big b{display:block;font-size:1.5em}";

/// The report.
#[must_use]
pub(crate) fn page(demo: &Demonstration) -> String {
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
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Blindlink demonstration</title>\
<meta name=\"viewport\" content=\"width=device-width\"><meta http-equiv=\"Content-Security-Policy\" \
content=\"default-src 'none'; style-src 'unsafe-inline'\"><style>{STYLE}</style></head><body>\n\
<h1>A sealed round between two nodes</h1>\n\
<p>Two processes on one machine, each with its own list of {a} and {b} invented persons, found the persons that both \
lists have. Over the wire went what depends on the agreed sizes only. All persons are synthetic (seed {seed}).</p>\n<p><b>{training}</b></p>\n\
<div class=\"big\"><div><b>{f1:.3}</b>F1</div><div><b>{precision:.3}</b>precision</div><div><b>{recall:.3}</b>recall</div>\
<div><b>{wall:.1} s</b>in all</div><div><b>{record:.1} KB</b>on the wire per record</div></div>\n\
<h2>From records to matches</h2>\n{funnel}\n\
<h2>Time per stage</h2>\n{time}\n\
<h2>Bytes per stage</h2>\n<p class=\"s\"><span class=\"key\" style=\"background:#4f83b6\"></span>to the responder\
<span class=\"key\" style=\"background:#e0a458\"></span>to the requester</p>\n{traffic}\n\
<p>In all {up} to the responder and {down} to the requester. Peak memory: requester {peak_r}, responder {peak_s}.</p>\n\
<h2>The first shared persons</h2>\n<table><tr><th>responder's list</th><th>requester's list</th><th>grade</th>\
<th>met in</th></tr>\n{persons}</table>\n\
<p class=\"s\">Only this demonstration, which holds both result files, can show names of both sides. A node learns its \
own record, a pseudonym that is fresh in each round, and the grade. {true_pairs} persons are in both lists; {reported} \
pairs were reported.</p>\n</body></html>\n",
        a = grouped(n.records_a as u64),
        b = grouped(n.records_b as u64),
        seed = n.seed,
        training = crate::log::TRAINING,
        f1 = n.f1,
        precision = n.precision,
        recall = n.recall,
        wall = n.wall_seconds,
        record = n.udp_bytes_per_record / 1000.0,
        funnel = funnel_picture(&funnel(demo)),
        time = bars(&time.collect::<Vec<_>>()),
        traffic = bars(&traffic.collect::<Vec<_>>()),
        up = bytes(n.bytes_requester_to_responder),
        down = bytes(n.bytes_responder_to_requester),
        peak_r = peak(n.peak_rss_bytes.requester),
        peak_s = peak(n.peak_rss_bytes.responder),
        persons = persons(demo),
        true_pairs = n.true_pairs,
        reported = n.reported_pairs,
    )
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

    use super::*;

    #[test]
    fn text_cannot_become_markup() {
        assert_eq!(escape("<b a=\"1\">&"), "&lt;b a=&quot;1&quot;&gt;&amp;");
    }

    #[test]
    fn numbers_are_grouped() {
        assert_eq!(grouped(7), "7");
        assert_eq!(grouped(1_234_567), "1\u{202f}234\u{202f}567");
    }

    #[test]
    fn pictures_survive_zeros() {
        let steps = [("records", 0, String::new()), ("matches", 0, "<none>".into())];
        let svg = funnel_picture(&steps);
        assert!(svg.ends_with("</svg>") && svg.contains("&lt;none&gt;") && !svg.contains("NaN"));
        assert!(!bars(&[("agree".into(), vec![(0.0, "up")], String::new())]).contains("NaN"));
    }
}
