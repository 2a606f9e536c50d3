//! One whole round: both sessions in one process, every frame compared (spec chapters 7 to 9 and 12).

use super::case::{Case, Hex, HexBytes, Stop, same};
use blindlink::audit::TreeHead;
use blindlink::encode::EncodedFields;
use blindlink::encode::{EncodedRecord, Filter, Token};
use blindlink::error::Error;
use blindlink::error::PeerFault;
use blindlink::identity::IdentityKey;
use blindlink::ids::FrameDigest;
use blindlink::policy::EncodedList;
use blindlink::policy::ListFields;
use blindlink::policy::Slots;
use blindlink::policy::shape::ShapeFields;
use blindlink::policy::shape::{OutputMode, SegmentShape, Shape, TableShape};
use blindlink::round::commitment::LateId;
use blindlink::secret::Seed;
use blindlink::session::{Config, LogExchange, Outcome, Role, Session, SessionInputs, in_process};
use blindlink::suite::Suite;
use blindlink::transcript::{Chain, frame_digest};
use blindlink::wire::FrameKind;
use blindlink::wire::hello::HEAD_BYTES;
use serde::Deserialize;
use std::sync::Arc;

/// A round, from both sides' inputs and seeds to both outcomes (V-RAND-001).
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Round {
    suite: u16,
    shape: ShapeCase,
    policy: HexBytes,
    binding: Hex<32>,
    requester: Party,
    responder: Party,
    round_id: Hex<32>,
    late_id: Hex<32>,
    requester_frames: Vec<Frame>,
    responder_frames: Vec<Frame>,
    pairs: Vec<Pair>,
    claims: Vec<Claimed>,
    transcript: Hex<32>,
    receipt: Hex<332>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ShapeCase {
    segments: Vec<SegmentFields>,
    constant: i32,
    possible: i32,
    #[serde(default)]
    strong: Option<i32>,
    tables: Vec<TableFields>,
    copies_requester: u8,
    copies_responder: u8,
    records_requester: u32,
    records_responder: u32,
    mutual: bool,
    ring_bits: u8,
}

impl ShapeCase {
    pub(super) fn shape(&self) -> Shape {
        let s = self;
        let table = |t: &TableFields| TableShape {
            id: t.id,
            slots: Slots {
                requester: t.slots_requester,
                responder: t.slots_responder,
                room_requester: t.room_requester,
                room_responder: t.room_responder,
            },
        };
        let segment = |f: &SegmentFields| SegmentShape { bits: f.bits, alpha: f.alpha, beta: f.beta, nu: f.nu };
        Shape::unchecked(ShapeFields {
            segments: s.segments.iter().map(segment).collect(),
            constant: s.constant,
            possible: s.possible,
            strong: s.strong,
            tables: s.tables.iter().map(table).collect(),
            copies_requester: s.copies_requester,
            copies_responder: s.copies_responder,
            records_requester: s.records_requester,
            records_responder: s.records_responder,
            output: if s.mutual { OutputMode::Mutual } else { OutputMode::Requester },
            ring_bits: s.ring_bits,
        })
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SegmentFields {
    bits: u16,
    alpha: i32,
    beta: i32,
    nu: i32,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct TableFields {
    id: u16,
    slots_requester: u16,
    slots_responder: u16,
    room_requester: u16,
    room_responder: u16,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Party {
    pub(super) seed: Hex<32>,
    pub(super) identity_secret: Hex<32>,
    pub(super) records: Vec<Record>,
    pub(super) log: LogCase,
}

/// The two audit logs, from a party's side (spec 7.5).
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LogCase {
    pub(super) head: Hex<HEAD_BYTES>,
    known: KnownHead,
    time: u64,
}

/// What was cosigned last of the peer's log.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct KnownHead {
    size: u64,
    root: Hex<32>,
}

impl KnownHead {
    pub(super) const fn head(&self) -> TreeHead {
        TreeHead { size: self.size, root: self.root.0 }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Record {
    digest: Hex<32>,
    filter: HexFilter,
    tokens: Vec<Vec<Hex<16>>>,
}

/// The bytes of a filter.
#[derive(Debug, Deserialize)]
#[serde(transparent)]
pub(super) struct HexFilter(HexBytes);

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Frame {
    kind: u8,
    index: u32,
    length: usize,
    digest: Hex<32>,
    frame: Option<HexBytes>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Pair {
    own: usize,
    pseudonym: Hex<16>,
    grade: String,
    tables: Vec<u16>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Claimed {
    own: usize,
    pseudonym: Hex<16>,
}

impl Case for Round {
    fn run(&self) -> Result<(), Stop> {
        let mut frames: [Vec<Vec<u8>>; 2] = [Vec::new(), Vec::new()];
        let (requester, responder) = (self.session(Role::Requester)?, self.session(Role::Responder)?);
        let observe = |from: Role, frame: &[u8]| frames[usize::from(from != Role::Requester)].push(frame.to_vec());
        let (found, claimed, _) = in_process::run(requester, responder, in_process::inline, observe, |_| ())?;
        let [from_requester, from_responder] = &frames;
        all_frames("requester_frames", &self.requester_frames, from_requester)?;
        all_frames("responder_frames", &self.responder_frames, from_responder)?;
        let to = |frames: &[Vec<u8>], kind: FrameKind| {
            let mut chain = Chain::new();
            let upto = frames.iter().position(|frame| frame.first() == Some(&(kind as u8))).unwrap_or(frames.len());
            frames.iter().take(upto + 1).for_each(|frame| chain.push(&frame_digest(frame)));
            *chain.value()
        };
        let chains = [to(from_responder, FrameKind::Keys), to(from_requester, FrameKind::QueryDigests)];
        same("late_id", &self.late_id.0, LateId::new(&found.round, &chains[0], &chains[1]).as_bytes())?;
        for outcome in [&found, &claimed] {
            same("round_id", &self.round_id.0, outcome.round.as_bytes())?;
            same("transcript", &self.transcript.0, &outcome.transcript)?;
            same("receipt", &self.receipt.0, &outcome.receipt)?;
        }
        self.results(&found, &claimed)
    }
}

/// The session of one of two parties (the requester first) in training, with its own records or with others.
pub(super) fn session(
    role: Role,
    parties: [&Party; 2],
    shape: Shape,
    policy: &[u8],
    binding: [u8; 32],
    records: Option<Vec<EncodedRecord>>,
    suite: &'static Suite,
) -> Result<Session, Error> {
    let [own, peer] = if role == Role::Requester { parties } else { [parties[1], parties[0]] };
    let bits = shape.filter_bits() + shape.segments.len();
    let records = records.unwrap_or_else(|| own.records.iter().map(|record| record.encoded(bits)).collect());
    let list = EncodedList::unchecked(ListFields { shape, policy: policy.to_vec(), records: records.into() });
    Session::new(Config {
        log: LogExchange { head: Box::new(own.log.head.0), known: own.log.known.head(), time: own.log.time },
        inputs: SessionInputs::new(role, Arc::new(list), Seed::new(own.seed.0))?,
        basis: blindlink::agreement::Basis::Training(suite),
        identity: IdentityKey::from_secret(&own.identity_secret.0),
        peer: IdentityKey::from_secret(&peer.identity_secret.0).id(),
        binding,
    })
}

impl Round {
    fn session(&self, role: Role) -> Result<Session, Stop> {
        let parties = [&self.requester, &self.responder];
        let suite = Suite::by_number(self.suite).ok_or(PeerFault::BadField("suite"))?;
        Ok(session(role, parties, self.shape.shape(), &self.policy.0, self.binding.0, None, suite)?)
    }

    fn results(&self, found: &Outcome, claimed: &Outcome) -> Result<(), Stop> {
        let expected = self.pairs.iter().map(|p| (p.own, p.pseudonym.0, p.grade.as_str(), p.tables.clone()));
        let got = found.matches.iter().map(|m| (m.own, *m.pseudonym.as_bytes(), m.grade.name(), m.tables.clone()));
        same_list("pairs", expected, got)?;
        let expected = self.claims.iter().map(|c| (c.own, c.pseudonym.0));
        same_list("claims", expected, claimed.claims.iter().map(|c| (c.own, *c.pseudonym.as_bytes())))
    }
}

impl Record {
    /// Bits of the filter's bytes.
    pub(super) fn filter_bits(&self) -> usize {
        self.filter.0.0.len() * 8
    }

    pub(super) fn encoded(&self, bits: usize) -> EncodedRecord {
        let tokens = self.tokens.iter().map(|table| table.iter().map(|t| t.0).collect()).collect();
        self.filter.encoded(self.digest.0, bits, tokens)
    }
}

impl HexFilter {
    /// A record with this filter.
    pub(super) fn encoded(&self, digest: [u8; 32], bits: usize, tokens: Vec<Vec<[u8; 16]>>) -> EncodedRecord {
        let mut filter = Filter::zero(bits);
        let is_set = |b: &usize| self.0.0.get(b / 8).is_some_and(|byte| byte >> (b % 8) & 1 == 1);
        (0..bits).filter(is_set).for_each(|b| filter.set(b));
        let tokens = tokens.into_iter().map(|table| table.into_iter().map(Token::from_bytes).collect()).collect();
        EncodedRecord::unchecked(EncodedFields { digest, filter, tokens, others: Vec::new() })
    }
}
/// Compares all frames of one side, and names all that differ: a later one may differ only because an earlier does.
fn all_frames(field: &'static str, expected: &[Frame], got: &[Vec<u8>]) -> Result<(), Stop> {
    let shown = |kind: u8, index: u32, length: usize, digest: FrameDigest| {
        format!("{kind:#04x}/{index} ({length} bytes, {})", hex::encode(digest))
    };
    let expected = expected.iter().map(|f| {
        // A frame that is given in full must be the one whose digest is given.
        let digest =
            f.frame.as_ref().map_or_else(|| FrameDigest::from_bytes(f.digest.0), |whole| frame_digest(&whole.0));
        (f.digest.0 == *digest.as_bytes()).then(|| shown(f.kind, f.index, f.length, digest))
    });
    let expected: Vec<String> = expected.map(|f| f.unwrap_or_else(|| "a frame that fits its digest".into())).collect();
    let got = got.iter().map(|frame| {
        let index = frame.get(1..5).and_then(|b| b.try_into().ok()).map_or(0, u32::from_be_bytes);
        shown(frame.first().copied().unwrap_or(0), index, frame.len(), frame_digest(frame))
    });
    let got: Vec<String> = got.collect();
    let differ: Vec<usize> = (0..expected.len().max(got.len())).filter(|i| expected.get(*i) != got.get(*i)).collect();
    if differ.is_empty() {
        return Ok(());
    }
    let pick = |list: &[String]| differ.iter().filter_map(|i| list.get(*i).cloned()).collect::<Vec<_>>().join(", ");
    Err(Stop::Differs { field, expected: pick(&expected), got: pick(&got) })
}

/// Compares element by element, so that the first difference is what is reported.
fn same_list<T: PartialEq + core::fmt::Debug>(
    field: &'static str,
    expected: impl Iterator<Item = T>,
    got: impl Iterator<Item = T>,
) -> Result<(), Stop> {
    let (expected, got): (Vec<T>, Vec<T>) = (expected.collect(), got.collect());
    let differs = |e: Option<&T>, g: Option<&T>| Stop::Differs {
        field,
        expected: format!("{e:?} of {}", expected.len()),
        got: format!("{g:?} of {}", got.len()),
    };
    let first = (0..expected.len().max(got.len())).find(|i| expected.get(*i) != got.get(*i));
    first.map_or(Ok(()), |i| Err(differs(expected.get(i), got.get(i))))
}
