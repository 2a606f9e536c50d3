//! The library and the second implementation in Python compute on the same random inputs. A case is a test of a vector
//! layer: its inputs are drawn here, `spec/reference/answer.py` adds what it makes of them, and the library replays it like
//! a published vector.
//!
//! `BLINDLINK_CASES` multiplies the number of cases, `BLINDLINK_SEED` repeats a run: each prints its seed.
use blindlink::crypto::group::{Element, Scalar};
use blindlink::crypto::hash::Prf;
use blindlink::identity::IdentityKey;
use blindlink::ids::FrameDigest;
use blindlink::normalise::text::folded;
use blindlink::transcript::frame_digest;
use blindlink::wire::turn::{TurnDigest, TurnHeader};
use blindlink_vectors::replay;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Numbers from a seed.
struct Draw {
    stream: Prf,
    at: u64,
}

impl Draw {
    fn bytes<const N: usize>(&mut self) -> [u8; N] {
        self.at += 1;
        self.stream.bytes(&[self.at])
    }

    fn hex<const N: usize>(&mut self) -> Value {
        hex::encode(self.bytes::<N>()).into()
    }

    fn many(&mut self, count: usize) -> Vec<u8> {
        (0..count).map(|_| self.bytes::<1>()[0]).collect()
    }

    fn long(&mut self, count: usize) -> Value {
        hex::encode(self.many(count)).into()
    }

    fn below(&mut self, end: u32) -> u32 {
        let end = u64::from(end);
        u32::try_from((u64::from(u32::from_be_bytes(self.bytes())) * end) >> 32).unwrap()
    }

    fn between(&mut self, least: u32, most: u32) -> u32 {
        least + self.below(most - least + 1)
    }

    fn one_in(&mut self, n: u32) -> bool {
        self.below(n) == 0
    }

    fn of<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        &list[self.below(u32::try_from(list.len()).unwrap()) as usize]
    }

    fn scalar(&mut self) -> Scalar {
        Scalar::from_wide(&self.bytes())
    }
}

/// Blocks with letters of the scripts that chapter 13 reads, and of some that it does not.
const SCRIPTS: &[(u32, u32)] = &[
    (0x41, 0x5a),
    (0x61, 0x7a),
    (0xc0, 0x24f),
    (0x1e00, 0x1eff),
    (0x370, 0x3ff),
    (0x400, 0x52f),
    (0x531, 0x586),
    (0x5d0, 0x5ea),
    (0x620, 0x64a),
    (0x671, 0x6d3),
    (0x904, 0x939),
    (0x985, 0x9b9),
    (0xa05, 0xa39),
    (0xb85, 0xbb9),
    (0xe01, 0xe3a),
    (0x10a0, 0x10ff),
    (0x1100, 0x11ff),
    (0x1200, 0x137f),
    (0x1780, 0x17b3),
    (0x3041, 0x30fe),
    (0x4e00, 0x9fff),
    (0xac00, 0xd7a3),
    (0xff21, 0xff5a),
    (0x1f300, 0x1f6ff),
];
/// Marks, signs and joiners that stand between letters.
const SIGNS: &[char] = &[
    ' ', '-', '\'', '’', '.', '\u{301}', '\u{308}', '\u{30c}', '\u{64e}', '\u{640}', '\u{93f}', '\u{94d}', '\u{200d}',
    '\u{3099}', '7', '\u{664}',
];
/// What means something in one of the forms of lists, or looks as if it did.
const PIECES: &[&str] = &[
    "",
    "\n",
    "\r",
    "\r\n",
    ",",
    "\"",
    "|",
    " ",
    "\u{a0}",
    "\u{feff}",
    "\u{85}",
    "\0",
    "<",
    "{",
    "}",
    "[",
    "]",
    ":",
    "\\",
    "\\u00e9",
    "\\ud800",
    "\u{e9}",
    "0",
    "7",
    "-",
    "A",
    "F",
    "x",
    "null",
    "\"a\":[],",
];
const CALENDARS: &[(&str, u32, u32)] = &[
    ("", 1900, 2010),
    ("gregorian:", 1900, 2010),
    ("hijri:", 1330, 1440),
    ("solar_hijri:", 1290, 1390),
    ("ethiopian:", 1900, 2000),
    ("buddhist:", 2450, 2550),
    ("hebrew:", 5660, 5770),
];

fn letters(draw: &mut Draw, most: u32, signs: bool) -> String {
    let (first, second) = (*draw.of(SCRIPTS), *draw.of(SCRIPTS));
    let mut text = String::new();
    for _ in 0..draw.between(1, most) {
        let (low, high) = if draw.one_in(8) { second } else { first };
        let sign = signs && draw.one_in(5);
        let letter = if sign { Some(*draw.of(SIGNS)) } else { char::from_u32(draw.between(low, high)) };
        text.extend(letter);
    }
    text
}

fn name(draw: &mut Draw) -> Value {
    let kind = *draw.of(&["full", "given", "father", "family", "mrz"]);
    json!({ "text": letters(draw, 24, true), "kind": kind })
}

/// A date that is good, or nearly; of another calendar than the Gregorian with its full day.
fn date(draw: &mut Draw, good: bool) -> String {
    let (calendar, first, last) = *draw.of(CALENDARS);
    let (month, day) = if good { (12, 28) } else { (13, 31) };
    let mut text = format!("{calendar}{:04}", draw.between(first, last));
    for most in [month, day] {
        if calendar.is_empty() && draw.one_in(5) {
            break;
        }
        text += &format!("-{:02}", draw.between(1, most));
    }
    text
}

fn value(draw: &mut Draw) -> Value {
    let digits = |draw: &mut Draw, least, most| -> String {
        (0..draw.between(least, most)).map(|_| char::from(b'0' + u8::try_from(draw.below(10)).unwrap())).collect()
    };
    let (reader, text) = match draw.below(5) {
        0 | 1 => ("date", date(draw, false)),
        2 => ("document", format!("{}{} {}", letters(draw, 3, true), digits(draw, 0, 4), digits(draw, 1, 6))),
        3 => ("phone", format!("{}{}-{}", *draw.of(&["+", "00", "0", ""]), digits(draw, 1, 5), digits(draw, 2, 8))),
        _ => ("place", letters(draw, 20, true)),
    };
    json!({ "reader": reader, "text": text })
}

/// Letters that stand for somebody: words such as `x x` and `b/o` are nobody's name (V-PLACEHOLDER-001), and what chapter 4
/// does with them is asked by the lists.
fn somebody(draw: &mut Draw, most: u32) -> String {
    loop {
        let text = letters(draw, most, false);
        let plain = folded(&text);
        if !plain.is_ascii() || plain.split(' ').any(|word| word.len() > 4) {
            return text;
        }
    }
}

/// A record that chapter 4 takes, under one of the published policies, which have every feature and part.
fn record(draw: &mut Draw, policies: &[Value]) -> Value {
    let mut identities = Vec::new();
    for _ in 0..draw.between(1, 2) {
        let mut cells = BTreeMap::<&str, Vec<String>>::new();
        let names = [
            "given_names",
            "family_names",
            "father_names",
            "full_names",
            "other_names",
            "weak_names",
            "previous_names",
        ];
        for field in names {
            if draw.one_in(2) {
                let words = (0..draw.between(1, 2)).map(|_| somebody(draw, 9)).collect();
                cells.insert(field, words);
            }
        }
        if !draw.one_in(4) {
            cells.insert("birth_date", (0..draw.between(1, 2)).map(|_| date(draw, true)).collect());
        }
        cells.insert("sex", vec![(*draw.of(&["F", "M", "X", "f"])).to_owned()]);
        cells.insert("nationality", vec!["UTO".to_owned()]);
        cells.insert("identity_status", vec![(*draw.of(&["confirmed", "alias", "misused"])).to_owned()]);
        if draw.one_in(2) {
            cells.insert("birth_place", vec![letters(draw, 12, false)]);
            cells.insert("phone", vec![format!("+1 202 555 01{:02}", draw.below(100))]);
            cells.insert("phone_owner", vec![(*draw.of(&["own", "controlled_by_other", "unknown"])).to_owned()]);
            cells.insert("document_number", vec![format!("AB {}", draw.between(1000, 99999))]);
            cells.insert("email", vec![format!("p{}+x@example.org", draw.below(1000))]);
        }
        identities.push(cells);
    }
    let number = draw.below(1000);
    json!({
        "policy": draw.of(policies), "record_id": format!("r{number}"), "lane": *draw.of(&["", "suspect", "victim"]),
        "case_ref": "", "identities": identities,
        "declared": [["Old Town 7"], [format!("c-{number}")], ["2001-02-03"], [somebody(draw, 8)], []],
    })
}

/// A published list that is good, changed in one place: both keep the same records, and both name the same reason.
fn list(draw: &mut Draw, lists: &[Value]) -> Value {
    let mut list = draw.of(lists).clone();
    let mut bytes = hex::decode(list["list"].as_str().unwrap()).unwrap();
    let at = draw.below(u32::try_from(bytes.len() + 1).unwrap()) as usize;
    let end = (at + draw.below(4) as usize).min(bytes.len());
    let put = if draw.one_in(4) { bytes[at..].to_vec() } else { draw.of(PIECES).as_bytes().to_vec() };
    bytes.splice(at..end, put);
    list["list"] = hex::encode(bytes).into();
    list
}

fn label(draw: &mut Draw) -> Value {
    let parts: Vec<Value> = (0..draw.below(4))
        .map(|_| {
            let length = draw.below(1500) as usize;
            draw.long(length)
        })
        .collect();
    json!({ "label": format!("drawn label {}", draw.below(1000)), "parts": parts })
}

fn point(draw: &mut Draw) -> Value {
    let numbers: Vec<u64> = (0..draw.between(1, 4)).map(|_| u64::from_be_bytes(draw.bytes())).collect();
    json!({ "key": draw.hex::<32>(), "point": numbers })
}

/// An element, one with a flipped bit, or anything.
fn encoding(draw: &mut Draw) -> Value {
    let mut bytes = if draw.one_in(3) { draw.bytes() } else { Element::base_mul(&draw.scalar()).encode() };
    if draw.one_in(3) {
        bytes[draw.below(32) as usize] ^= 1 << draw.below(8);
    }
    json!({ "encoding": hex::encode(bytes) })
}

fn oprf(draw: &mut Draw) -> Value {
    json!({
        "late_id": draw.hex::<32>(), "table": draw.below(1 << 16), "bin": u32::from_be_bytes(draw.bytes()),
        "key": hex::encode(draw.scalar().encode()), "input": draw.hex::<18>(),
        "blind": hex::encode(draw.scalar().encode()),
    })
}

fn cuckoo(draw: &mut Draw) -> Value {
    let bins = draw.between(3, 1 << 20);
    json!({ "round_id": draw.hex::<32>(), "table": draw.below(1 << 16), "bins": bins, "input": draw.hex::<18>() })
}

fn okvs(draw: &mut Draw) -> Value {
    let (count, width) = (draw.below(60), draw.between(17, 40) as usize);
    let row = |draw: &mut Draw| json!({ "output": draw.hex::<32>(), "value": draw.long(width) });
    let rows: Vec<Value> = (0..count).map(|_| row(draw)).collect();
    json!({
        "late_id": draw.hex::<32>(), "table": draw.below(1 << 16), "group": draw.below(1 << 10),
        "columns": (11 * count).div_ceil(10) + 256, "width": width, "free_key": draw.hex::<32>(), "rows": rows,
    })
}

fn extension(draw: &mut Draw) -> Value {
    let bits = draw.between(1, 500) as usize;
    let mut choices = draw.many(bits.div_ceil(8));
    *choices.last_mut().unwrap() &= u8::MAX >> ((8 - bits % 8) % 8);
    json!({
        "round_id": draw.hex::<32>(), "direction": draw.between(1, 2), "answers": draw.long(8192),
        "offers": draw.long(4096), "beta": draw.hex::<32>(),
        "delta": draw.hex::<16>(), "both": draw.long(4096), "chunk": draw.below(1 << 20), "bits": bits,
        "choices": hex::encode(choices), "mask_key": draw.hex::<32>(),
    })
}

/// A turn, mostly damaged: both accept it, or both refuse it for the same reason.
fn turn(draw: &mut Draw) -> Value {
    let (sender, other) = (IdentityKey::from_secret(&draw.bytes()), IdentityKey::from_secret(&draw.bytes()));
    let frames: Vec<Vec<u8>> = (0..draw.between(1, 3))
        .map(|_| {
            let length = draw.between(1, 60) as usize;
            draw.many(length)
        })
        .collect();
    let header = TurnHeader {
        number: draw.between(2, 9),
        exchange: FrameDigest::from_bytes(draw.bytes()),
        sender: *sender.id().as_bytes(),
        recipient: *other.id().as_bytes(),
        previous: draw.bytes(),
    };
    let (mut digest, mut file) = (TurnDigest::new(&header), header.encode());
    for frame in &frames {
        digest.push(&frame_digest(frame));
        file.extend(u32::try_from(frame.len()).unwrap().to_be_bytes());
        file.extend(frame);
    }
    file.extend([0; 4]);
    file.extend(digest.trailer(&sender));
    let mut expected = header.clone();
    let at = draw.below(u32::try_from(file.len()).unwrap()) as usize;
    match draw.below(8) {
        0 => {}
        1 => file.truncate(at),
        2 => file.push(0),
        3 => drop(file.drain(at..(at + 5).min(file.len()))),
        4 => expected.number += 2,
        5 => expected.previous = draw.bytes(),
        _ => file[at] ^= 1 << draw.below(8),
    }
    json!({
        "file": hex::encode(file), "number": expected.number, "exchange": hex::encode(expected.exchange),
        "sender": hex::encode(expected.sender), "recipient": hex::encode(expected.recipient),
        "previous": hex::encode(expected.previous),
    })
}

fn vectors() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../vectors")
}

fn published(layer: &str) -> Vec<Value> {
    let text = std::fs::read_to_string(vectors().join(format!("v2/{layer}.json"))).unwrap();
    let mut document: Value = serde_json::from_str(&text).unwrap();
    document["tests"].as_array_mut().unwrap().drain(..).collect()
}

fn policies() -> Vec<Value> {
    published("encode").into_iter().map(|test| test["policy"].clone()).collect()
}

/// Lists of which every record is kept. Of a record with several faults either may be named.
fn lists() -> Vec<Value> {
    let mut good = published("records");
    good.retain(|test| test["kept"].as_array().is_some_and(|kept| !kept.is_empty()) && test["left_out"] == json!([]));
    for test in &mut good {
        let inputs = ["form", "list", "fields", "lanes", "year"];
        test.as_object_mut().unwrap().retain(|name, _| inputs.contains(&name.as_str()));
    }
    good
}

/// Hands the questions to one process of the reference; gives the whole tests.
fn answered(questions: &[Value]) -> Vec<Map<String, Value>> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../spec/reference/answer.py");
    let mut python = Command::new("python3");
    let mut python = python.arg(script).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("python3");
    let (mut stdin, stdout) = (python.stdin.take().unwrap(), BufReader::new(python.stdout.take().unwrap()));
    let asked: String = questions.iter().map(|question| format!("{question}\n")).collect();
    let writer = std::thread::spawn(move || stdin.write_all(asked.as_bytes()).unwrap());
    let lines: Vec<_> = stdout.lines().map(|line| serde_json::from_str(&line.unwrap()).unwrap()).collect();
    assert!(python.wait().unwrap().success(), "{} of {} answered", lines.len(), questions.len());
    writer.join().unwrap();
    lines
}

/// V-HASH-001, V-HASH-002, V-CODEC-005, V-OPRF-005, V-OKVS-001, V-OT-003, V-ENCODE-001, V-ENCODE-002, V-ENCODE-005, V-FILES-004
#[test]
fn rust_and_python_agree_on_random_inputs() {
    let variable = |name: &str| std::env::var(name).ok();
    let seed = variable("BLINDLINK_SEED").unwrap_or_else(|| {
        let clock = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
        format!("{:x}", clock.as_nanos())
    });
    let times: u32 = variable("BLINDLINK_CASES").map_or(1, |times| times.parse().unwrap());
    println!("BLINDLINK_SEED={seed}");
    let (policies, lists) = (policies(), lists());
    type Asks = Box<dyn Fn(&mut Draw) -> Value>;
    let layers: Vec<(&str, u32, Asks)> = vec![
        ("normalise_names", 300, Box::new(name)),
        ("normalise_values", 200, Box::new(value)),
        ("encode", 12, Box::new(move |draw| record(draw, &policies))),
        ("records", 200, Box::new(move |draw| list(draw, &lists))),
        ("labelled_hash", 12, Box::new(label)),
        ("prf", 40, Box::new(point)),
        ("group_decode", 120, Box::new(encoding)),
        ("group_uniform", 40, Box::new(|draw| json!({ "uniform": draw.hex::<64>() }))),
        ("bin_oprf", 24, Box::new(oprf)),
        ("cuckoo_bins", 100, Box::new(cuckoo)),
        ("okvs", 5, Box::new(okvs)),
        ("ot_extension", 1, Box::new(extension)),
        ("turn", 40, Box::new(turn)),
    ];
    let mut questions = Vec::new();
    for (layer, cases, ask) in &layers {
        let mut draw =
            Draw { stream: Prf::derive("blindlink test: differential", &[seed.as_bytes(), layer.as_bytes()]), at: 0 };
        questions.extend((0..cases * times).map(|_| json!({ "layer": layer, "input": ask(&mut draw) })));
    }
    let mut tests = BTreeMap::<&str, Vec<Value>>::new();
    for (question, mut test) in questions.iter().zip(answered(&questions)) {
        let of = tests.entry(question["layer"].as_str().unwrap()).or_default();
        test.extend([
            ("id".into(), (of.len() + 1).into()),
            ("comment".into(), "drawn".into()),
            ("flags".into(), json!(["Drawn"])),
        ]);
        of.push(test.into());
    }
    let folder = tempfile::tempdir().unwrap();
    for name in ["v2", "schemas"] {
        std::fs::create_dir(folder.path().join(name)).unwrap();
    }
    for (layer, tests) in &tests {
        let schema = format!("schemas/{layer}.json");
        // Answers to random inputs are no published tests: the form of those is not asked of them.
        assert!(vectors().join(&schema).is_file());
        std::fs::write(folder.path().join(&schema), "{}").unwrap();
        let document = json!({ "schema": schema, "layer": layer, "spec": "random inputs", "source": "random inputs", "notes": { "Drawn": "a random input" }, "count": tests.len(), "tests": tests });
        std::fs::write(folder.path().join(format!("v2/{layer}.json")), document.to_string()).unwrap();
    }
    let report = replay(folder.path());
    // Nothing but the layers that were not asked about is amiss.
    let strange: Vec<_> = report.problems.iter().filter(|problem| !problem.ends_with("is missing")).collect();
    assert_eq!((strange.len(), report.files.len(), report.tests()), (0, layers.len(), questions.len()), "{strange:?}");
    for file in &report.files {
        let layer = file.name.trim_end_matches(".json");
        for failure in &file.failures {
            let number = usize::try_from(failure.id).unwrap();
            println!("{layer}: {}", tests[layer].get(number.wrapping_sub(1)).unwrap_or(&Value::Null));
        }
        assert!(file.failures.is_empty(), "{layer}, seed {seed}: {:#?}", file.failures);
    }
}
