//! The message tables of the specification (`spec/messages.json`) against chapter 7 and against the frames of real
//! rounds: order, kind, index, exact length, and the bodies that have fixed fields, field by field.

use crate::source_tree;

use crate::formula::{Sizes, evaluate};
use crate::parties::{identities, lists, seed, sessions, shape, tampered, threaded};
use blindlink::error::{Error, PeerFault};
use blindlink::limits::{MAX_AGREEMENT_BYTES, MAX_POLICY_BYTES};
use blindlink::plan::Plan;
use blindlink::policy::shape::{OutputMode, Shape};
use blindlink::receipt::Receipt;
use blindlink::round::commitment::Commitment;
use blindlink::session::{Outcome, Role, in_process};
use blindlink::suite::SUITE_1;
use blindlink::wire::schedule;
use serde_json::Value;
use std::collections::BTreeMap;

const HEADER: usize = 5;

fn tables() -> Value {
    serde_json::from_str(&source_tree::read(&source_tree::root().join("spec/messages.json"))).unwrap()
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_else(|| panic!("no text `{key}` in {value}"))
}

fn list<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value[key].as_array().unwrap_or_else(|| panic!("no list `{key}` in {value}"))
}

fn kind_of(frame: &Value) -> u8 {
    u8::from_str_radix(text(frame, "kind").trim_start_matches("0x"), 16).unwrap()
}

fn frame<'a>(tables: &'a Value, name: &str) -> &'a Value {
    list(tables, "frames").iter().find(|f| f["name"] == name).unwrap_or_else(|| panic!("no frame `{name}`"))
}

/// Public sizes of a round, by the formulas of section 7.1 and not by the crate's own plan.
struct Public {
    sizes: Sizes,
    bins: u64,
    /// Columns of every table chunk.
    chunks: Vec<u64>,
    /// Entries of all frames of a kind that is split, and of one frame at most.
    split: BTreeMap<&'static str, (u64, u64)>,
}

impl Public {
    fn new(shape: &Shape, policy: usize, agreement: usize) -> Self {
        let (mut bins, mut chunks) = (0, Vec::new());
        for table in &shape.tables {
            let slots = table.slots;
            let queries = (u64::from(slots.room_requester) * u64::from(shape.records_requester)).div_ceil(100)
                * u64::from(shape.copies_responder);
            bins += ((127 * queries).div_ceil(100)).max(queries + 128);
            let rows = 3
                * (u64::from(slots.room_responder) * u64::from(shape.records_responder)).div_ceil(100)
                * u64::from(shape.copies_requester);
            assert!(rows <= 1 << 18, "one group");
            let columns = (11 * rows).div_ceil(10) + 256;
            chunks.extend((0..columns.div_ceil(4096)).map(|c| (columns - 4096 * c).min(4096)));
        }
        let filter: u64 = shape.segments.iter().map(|s| u64::from(s.bits)).sum();
        let w = (filter + shape.segments.len() as u64).next_multiple_of(8);
        let (strong, mutual) = (u64::from(shape.strong.is_some()), u64::from(shape.output == OutputMode::Mutual));
        let compares = bins.div_ceil(128);
        let split = [
            ("seal keys", (compares, 65_536)),
            ("pseudonyms", (u64::from(shape.records_responder), 131_072)),
            ("claims", (u64::from(shape.records_requester), 131_072)),
        ];
        let split: BTreeMap<&str, (u64, u64)> = split.into();
        let frames = |name: &str| split[name].0.div_ceil(split[name].1);
        let sizes = [
            ("w", w),
            ("k", u64::from(shape.ring_bits)),
            ("T", 1 + strong),
            ("V", w / 8 + 16 + 8 * strong),
            ("U", mutual),
            ("K", frames("seal keys")),
            ("S", frames("pseudonyms")),
            ("L", frames("claims")),
            ("N", u64::from(shape.records_requester)),
            ("M", u64::from(shape.records_responder)),
            ("Q", bins.div_ceil(2048)),
            ("P", chunks.len() as u64),
            ("C", compares),
            ("W", 6),
            ("p", policy as u64),
            ("a", agreement as u64),
        ];
        Self { sizes: sizes.map(|(name, size)| (name.to_owned(), size)).into(), bins, chunks, split }
    }

    /// The sizes as a frame of this name and index sees them.
    fn of(&self, name: &str, index: u64) -> Sizes {
        let mut sizes = self.sizes.clone();
        let chunk = if matches!(name, "query" | "evaluation") { 2048 } else { 128 };
        sizes.insert("n".to_owned(), self.bins.saturating_sub(chunk * index).min(chunk));
        let (all, most) = self.split.get(name).copied().unwrap_or((0, 1));
        sizes.insert("e".to_owned(), all.saturating_sub(most * index).min(most));
        sizes.insert("m".to_owned(), self.chunks.get(index as usize).copied().unwrap_or(0));
        sizes
    }
}

/// Kind, index and length of every frame of one side, in order.
fn expected(tables: &Value, side: &str, public: &Public, mutual: bool) -> Vec<(u8, u32, usize)> {
    let mut out = Vec::new();
    for step in list(&tables["schedule"], side) {
        let times = step["times"].as_str().map_or(1, |times| evaluate(tables, times, &public.sizes));
        for c in 0..times {
            for entry in list(step, "frames") {
                let mut sizes = public.sizes.clone();
                sizes.insert("c".to_owned(), c);
                let index = entry["index"].as_str().map_or(0, |index| evaluate(tables, index, &sizes));
                let left_out = entry["below"].as_str().is_some_and(|end| index >= evaluate(tables, end, &sizes));
                if left_out || (entry["mode"] == "mutual" && !mutual) {
                    continue;
                }
                let frame = frame(tables, text(entry, "frame"));
                let sizes = public.of(text(frame, "name"), index);
                let fields = list(frame, "fields").iter().map(|f| evaluate(tables, text(f, "length"), &sizes));
                let length = fields.sum::<u64>();
                if frame["bytes"] != "variable" {
                    assert_eq!(evaluate(tables, text(frame, "bytes"), &sizes), length, "{}", frame["name"]);
                }
                out.push((kind_of(frame), u32::try_from(index).unwrap(), HEADER + usize::try_from(length).unwrap()));
            }
        }
    }
    out
}

/// The fields of a body by name; every byte belongs to one.
fn fields<'a>(tables: &Value, name: &str, sizes: &Sizes, body: &'a [u8]) -> BTreeMap<String, &'a [u8]> {
    let mut rest = body;
    let mut out = BTreeMap::new();
    for field in list(frame(tables, name), "fields") {
        let length = usize::try_from(evaluate(tables, text(field, "length"), sizes)).unwrap();
        let (value, after) = rest.split_at_checked(length).expect("as long as its fields");
        out.insert(text(field, "name").to_owned(), value);
        rest = after;
    }
    assert!(rest.is_empty(), "{name}: bytes after the last field");
    out
}

/// Shapes that differ in everything that a length depends on: mode, thresholds, tables, slots, copies, sizes; from one
/// comparison chunk (fewer than the window) to twelve.
fn shapes() -> Vec<Shape> {
    let mut one = shape(5, 3, [1, 1], [1, 1]);
    one.tables.truncate(1);
    one.strong = None;
    one.output = OutputMode::Requester;
    let mut three = shape(400, 30, [1, 2], [2, 1]);
    three.segments[0].bits = 72;
    three.ring_bits = 17;
    three.tables.push(blindlink::policy::shape::TableShape {
        id: 9,
        slots: blindlink::policy::Slots { room_requester: 33, room_responder: 166, responder: 3, requester: 2 },
    });
    three.output = OutputMode::Requester;
    let many = shape(40, 900, [2, 1], [1, 3]);
    vec![one, shape(12, 20, [2, 1], [1, 2]), three, many]
}

fn side(from_requester: bool) -> &'static str {
    if from_requester { "requester" } else { "responder" }
}

/// V-WIRE-003: every frame of a round is the one that the tables say, and no other.
#[test]
fn real_frames_are_those_of_the_tables() {
    let tables = tables();
    let mut kinds = std::collections::BTreeSet::new();
    for shape in shapes() {
        let (r, s) = lists(7, &shape);
        let (requester, responder) = sessions(&shape, &r, &s);
        let mut seen: BTreeMap<bool, Vec<(u8, u32, usize)>> = BTreeMap::new();
        let note = |from: Role, frame: &[u8]| {
            let index = u32::from_be_bytes(frame[1..5].try_into().unwrap());
            seen.entry(from == Role::Requester).or_default().push((frame[0], index, frame.len()));
        };
        in_process::run(requester, responder, threaded, note, |_| {}).unwrap();
        let public = Public::new(&shape, b"test policy".len(), 0);
        for from_requester in [true, false] {
            let mutual = shape.output == OutputMode::Mutual;
            assert_eq!(seen[&from_requester], expected(&tables, side(from_requester), &public, mutual));
            kinds.extend(seen[&from_requester].iter().map(|(kind, ..)| *kind));
        }
    }
    let listed: std::collections::BTreeSet<u8> = list(&tables, "frames").iter().map(kind_of).collect();
    kinds.insert(0x7f);
    assert_eq!(kinds, listed, "every kind was seen, but for the abort");
}

/// V-FILES-002: by files all choices go before the first garbled chunk.
#[test]
fn the_schedule_by_files_is_that_of_the_tables() {
    let tables = tables();
    for shape in shapes() {
        let mut public = Public::new(&shape, MAX_POLICY_BYTES, MAX_AGREEMENT_BYTES);
        let chunks = public.sizes["C"];
        public.sizes.insert("W".to_owned(), chunks);
        let plan = Plan::of_suite(&SUITE_1, shape.clone()).unwrap().by_files();
        let mutual = shape.output == OutputMode::Mutual;
        for (side, specs) in [("requester", schedule::requester(&plan)), ("responder", schedule::responder(&plan))] {
            let specs: Vec<_> = specs.iter().map(|s| (s.kind as u8, s.index, s.len)).collect();
            assert_eq!(specs, expected(&tables, side, &public, mutual));
        }
    }
}

/// A round's frames with its outcomes.
fn recorded(shape: &Shape) -> (Vec<(bool, Vec<u8>)>, Outcome, Outcome) {
    let (r, s) = lists(7, shape);
    let (requester, responder) = sessions(shape, &r, &s);
    let mut frames = Vec::new();
    let note = |from: Role, frame: &[u8]| frames.push((from == Role::Requester, frame.to_vec()));
    let (a, b, _) = in_process::run(requester, responder, threaded, note, |_| {}).unwrap();
    (frames, a, b)
}

/// Hello, commit, receipt: what each field holds.
#[test]
fn fixed_bodies_have_their_fields() {
    let tables = tables();
    let shape = shape(12, 20, [2, 1], [1, 2]);
    let (frames, outcome, other) = recorded(&shape);
    assert_eq!(outcome.transcript, other.transcript);
    let (r, s) = lists(7, &shape);
    let sizes = Public::new(&shape, b"test policy".len(), 0).sizes;
    let receipt = Receipt::decode(&outcome.receipt).unwrap();
    for from_requester in [true, false] {
        let body = |name: &str| {
            let kind = kind_of(frame(&tables, name));
            let (_, found) = frames.iter().find(|(from, f)| *from == from_requester && f[0] == kind).unwrap();
            fields(&tables, name, &sizes, &found[HEADER..])
        };
        let [first, second] = identities();
        let (records, padded, own, role, signature) = if from_requester {
            (&r, shape.records_requester, (seed(3), first), 1, receipt.by_requester)
        } else {
            (&s, shape.records_responder, (seed(4), second), 2, receipt.by_responder)
        };
        let commitment = Commitment::new(&own.0, &shape, records, padded);

        let hello = body("hello");
        assert_eq!((hello["version"], hello["suite"], hello["role"]), (&[0, 2][..], &[0, 1][..], &[role][..]));
        assert_eq!(hello["identity"], own.1.id().as_bytes());
        assert_eq!((hello["nonce"], hello["binding"]), (&commitment.nonce[..], &[9; 32][..]));
        assert_eq!(hello["policy"], [&[0, 11][..], b"test policy"].concat());
        assert_eq!(hello["agreement"], [0, 0]);

        let commit = body("commit");
        assert_eq!((commit["seed commitment"], commit["merkle root"]), (&commitment.seed[..], &commitment.root[..]));

        let last = body("receipt");
        assert_eq!((last["transcript"], last["signature"]), (&outcome.transcript[..], &signature[..]));
    }
}

/// An abort is header and code, in both directions.
#[test]
fn aborts_hold_the_code() {
    let tables = tables();
    let shape = shape(12, 20, [2, 1], [1, 2]);
    let (r, s) = lists(7, &shape);
    let (requester, responder) = sessions(&shape, &r, &s);
    // The line changes the responder's hello; the requester refuses it, and its abort is what the responder reports.
    let ends = tampered(requester, responder, |from, frame| {
        if !from && frame[0] == 1 {
            frame[HEADER + 3] ^= 1;
        }
    });
    let [Err(refused), Err(Error::Peer(PeerFault::Aborted(told)))] = ends else { panic!("both sides stop") };
    assert_eq!(told, refused.code());

    let (mut requester, _) = sessions(&shape, &r, &s);
    let abort = requester.abort(&refused);
    assert_eq!(abort[..HEADER], [kind_of(frame(&tables, "abort")), 0, 0, 0, 0]);
    let sizes = Public::new(&shape, 0, 0).sizes;
    assert_eq!(fields(&tables, "abort", &sizes, &abort[HEADER..])["code"], refused.code().to_be_bytes());
}

/// Chapter 7.2 has the same rows in the same order as the tables.
#[test]
fn chapter_seven_says_the_same() {
    let tables = tables();
    let chapter = source_tree::read(&source_tree::root().join("spec/07-round.md"));
    let rows: Vec<Vec<&str>> = chapter
        .lines()
        .filter(|line| line.starts_with("| 0x"))
        .map(|line| line.trim_matches('|').split('|').map(str::trim).collect())
        .collect();
    let mut expected: Vec<[String; 3]> = Vec::new();
    for side in ["requester", "responder"] {
        for step in list(&tables["schedule"], side) {
            for entry in list(step, "frames") {
                let frame = frame(&tables, text(entry, "frame"));
                // The chapter writes out what the tables call U.
                let row = ["kind", "name", "bytes"].map(|key| text(frame, key).replace("24 U", "24 mut"));
                if !expected.contains(&row)
                    || matches!(text(frame, "name"), "hello" | "commit" | "cosignature" | "receipt")
                {
                    expected.push(row);
                }
            }
        }
    }
    // The second choice in the responder's schedule is the first's continuation.
    let listed: Vec<[String; 3]> =
        rows.iter().map(|row| [row[0], row[1], row[4]].map(|cell| cell.trim_matches('`').to_owned())).collect();
    let sort = |mut rows: Vec<[String; 3]>| {
        rows.sort();
        rows
    };
    assert_eq!(sort(listed.clone()), sort(expected));
    let requester = listed.iter().position(|row| row[1] == "receipt").unwrap();
    assert!(listed[..requester].is_sorted_by_key(|row| position(&tables, "requester", &row[1])));
    assert!(listed[requester + 1..].is_sorted_by_key(|row| position(&tables, "responder", &row[1])));
    let function = format!(
        "X(n) is the length of an OT extension of n choices: `{}`",
        tables["functions"]["X(n)"].as_str().unwrap()
    );
    assert!(chapter.contains(&function));
}

fn position(tables: &Value, side: &str, name: &str) -> usize {
    let steps = list(&tables["schedule"], side);
    steps.iter().position(|step| list(step, "frames").iter().any(|f| f["frame"] == name)).unwrap()
}
