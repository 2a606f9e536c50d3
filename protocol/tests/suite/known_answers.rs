//! Known answers (`vectors/v2/`) that stand for the whole protocol: one round, byte for byte, and the bins of tokens.
//! The node replays all layers; here the protocol crate by itself does those that most of its code enters.

use crate::source_tree;
use blindlink::ids::{FrameDigest, Pseudonym, RoundId};

use blindlink::agreement::Basis;
use blindlink::audit::TreeHead;
use blindlink::crypto::hash::Prf;
use blindlink::encode::EncodedFields;
use blindlink::encode::{EncodedRecord, Filter, Token};
use blindlink::identity::IdentityKey;
use blindlink::labels;
use blindlink::policy::EncodedList;
use blindlink::policy::ListFields;
use blindlink::policy::shape::ShapeFields;
use blindlink::policy::shape::{Grade, OutputMode, SegmentShape, Shape, TableShape};
use blindlink::round::cuckoo::bins_of;
use blindlink::round::oprf::Input;
use blindlink::secret::Seed;
use blindlink::session::{Config, LogExchange, Role, Session, SessionInputs, in_process};
use blindlink::suite::Suite;
use blindlink::transcript::frame_digest;
use serde_json::Value;
use std::sync::Arc;

fn vectors(name: &str) -> Vec<Value> {
    let text = source_tree::read(&source_tree::root().join("vectors/v2").join(name));
    let document: Value = serde_json::from_str(&text).unwrap();
    document["tests"].as_array().unwrap().clone()
}

fn bytes<const N: usize>(value: &Value) -> [u8; N] {
    hex::decode(value.as_str().unwrap()).unwrap().try_into().unwrap()
}

fn number<T: TryFrom<i64>>(value: &Value) -> T {
    T::try_from(value.as_i64().unwrap()).ok().unwrap()
}

fn all<'a, T>(list: &'a Value, each: impl Fn(&'a Value) -> T) -> Vec<T> {
    list.as_array().unwrap().iter().map(each).collect()
}

fn shape(s: &Value) -> Shape {
    let segment = |f: &Value| SegmentShape {
        bits: number(&f["bits"]),
        alpha: number(&f["alpha"]),
        beta: number(&f["beta"]),
        nu: number(&f["nu"]),
    };
    Shape::unchecked(ShapeFields {
        segments: all(&s["segments"], segment),
        constant: number(&s["constant"]),
        possible: number(&s["possible"]),
        strong: s["strong"].as_i64().map(|strong| i32::try_from(strong).unwrap()),
        tables: all(&s["tables"], |t| TableShape {
            id: number(&t["id"]),
            slots: blindlink::policy::Slots {
                requester: number(&t["slots_requester"]),
                responder: number(&t["slots_responder"]),
                room_requester: number(&t["room_requester"]),
                room_responder: number(&t["room_responder"]),
            },
        }),
        copies_requester: number(&s["copies_requester"]),
        copies_responder: number(&s["copies_responder"]),
        records_requester: number(&s["records_requester"]),
        records_responder: number(&s["records_responder"]),
        output: if s["mutual"] == true { OutputMode::Mutual } else { OutputMode::Requester },
        ring_bits: number(&s["ring_bits"]),
    })
}

fn record(record: &Value, bits: usize) -> EncodedRecord {
    let given = hex::decode(record["filter"].as_str().unwrap()).unwrap();
    let mut filter = Filter::zero(bits);
    (0..bits).filter(|b| given[b / 8] >> (b % 8) & 1 == 1).for_each(|b| filter.set(b));
    let tokens = all(&record["tokens"], |table| all(table, |token| Token::from_bytes(bytes(token))));
    EncodedRecord::unchecked(EncodedFields { digest: bytes(&record["digest"]), filter, tokens, others: Vec::new() })
}

fn session(round: &Value, role: Role) -> Session {
    let (own, peer) = match role {
        Role::Requester => (&round["requester"], &round["responder"]),
        Role::Responder => (&round["responder"], &round["requester"]),
    };
    let shape = shape(&round["shape"]);
    let bits = shape.filter_bits() + shape.segments.len();
    let identity = |party: &Value| IdentityKey::from_secret(&bytes(&party["identity_secret"]));
    let list = EncodedList::unchecked(ListFields {
        shape,
        policy: hex::decode(round["policy"].as_str().unwrap()).unwrap(),
        records: all(&own["records"], |r| record(r, bits)).into(),
    });
    Session::new(Config {
        log: log(&own["log"]),
        inputs: SessionInputs::new(role, Arc::new(list), Seed::new(bytes(&own["seed"]))).unwrap(),
        basis: Basis::Training(Suite::by_number(number(&round["suite"])).unwrap()),
        identity: identity(own),
        peer: identity(peer).id(),
        binding: bytes(&round["binding"]),
    })
    .unwrap()
}

fn log(log: &Value) -> LogExchange {
    let known = TreeHead { size: log["known"]["size"].as_u64().unwrap(), root: bytes(&log["known"]["root"]) };
    LogExchange { head: Box::new(bytes(&log["head"])), known, time: log["time"].as_u64().unwrap() }
}

/// V-RAND-001: every frame of both sides, and what each learns.
#[test]
fn a_round_is_byte_for_byte_the_reference_round() {
    for round in vectors("round.json") {
        let (requester, responder) = (session(&round, Role::Requester), session(&round, Role::Responder));
        let mut frames: [Vec<Vec<u8>>; 2] = [Vec::new(), Vec::new()];
        let observe = |from: Role, frame: &[u8]| frames[usize::from(from != Role::Requester)].push(frame.to_vec());
        let (found, claimed, _) = in_process::run(requester, responder, in_process::inline, observe, |_| ()).unwrap();
        for (side, frames) in ["requester_frames", "responder_frames"].into_iter().zip(&frames) {
            let expected = all(&round[side], |f| {
                (number(&f["kind"]), number(&f["length"]), FrameDigest::from_bytes(bytes(&f["digest"])))
            });
            assert_eq!(expected.len(), frames.len());
            for (i, (expected, frame)) in expected.into_iter().zip(frames).enumerate() {
                assert_eq!((frame[0], frame.len(), frame_digest(frame)), expected, "{side}, frame {i}");
            }
        }
        assert_eq!(found.transcript, bytes(&round["transcript"]));
        assert_eq!(hex::encode(&claimed.receipt), round["receipt"]);
        let pairs = all(&round["pairs"], |p| {
            let grade = if p["grade"] == "strong" { Grade::Strong } else { Grade::Possible };
            (number(&p["own"]), Pseudonym::from_bytes(bytes(&p["pseudonym"])), grade, all(&p["tables"], number))
        });
        let matches = found.matches.into_iter().map(|m| (m.own, m.pseudonym, m.grade, m.tables));
        assert_eq!(matches.collect::<Vec<_>>(), pairs);
        let claims = all(&round["claims"], |c| (number(&c["own"]), Pseudonym::from_bytes(bytes(&c["pseudonym"]))));
        assert_eq!(claimed.claims.into_iter().map(|c| (c.own, c.pseudonym)).collect::<Vec<_>>(), claims);
    }
}

/// Bins as published, and always distinct, also where there are only just enough.
#[test]
fn bins_are_the_published_ones_and_distinct() {
    let function = |round: &RoundId, table: u16| Prf::derive(labels::CUCKOO, &[round.as_bytes(), &table.to_be_bytes()]);
    for test in vectors("cuckoo_bins.json") {
        let function = function(&RoundId::from_bytes(bytes(&test["round_id"])), number(&test["table"]));
        let found = bins_of(&function, &Input::dummy(bytes(&test["input"])), number(&test["bins"]));
        assert_eq!(found.to_vec(), all(&test["found"], number::<u32>));
    }
    let function = function(&RoundId::from_bytes([1; 32]), 1);
    for bins in 3..9 {
        for input in 0..200 {
            let [a, b, c] = bins_of(&function, &Input::dummy([input; 18]), bins);
            assert!(a != b && b != c && a != c && a.max(b).max(c) < bins, "{a} {b} {c} of {bins}");
        }
    }
}
