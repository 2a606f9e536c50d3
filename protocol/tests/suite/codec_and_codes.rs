//! Chapter 3 and chapter 10 of the specification: codec, labelled hashes, error codes.

use crate::source_tree;

use blindlink::Error;
use blindlink::codec::{DecodeError, Reader, Writer};
use blindlink::crypto::group::{Element, Scalar};
use blindlink::crypto::hash::{self, Prf};
use blindlink::error::{AuditFault, EvidenceFault, Incompatible, Misuse, PeerFault, Place, Refusal};
use proptest::prelude::*;
use std::collections::BTreeMap;

/// V-CODEC-001: every reader refuses what is not there.
#[test]
fn truncated_fields_are_refused() {
    let at = |n: usize| vec![0u8; n];
    assert_eq!(Reader::new(&at(0)).u8(), Err(DecodeError::Truncated));
    assert_eq!(Reader::new(&at(1)).u16(), Err(DecodeError::Truncated));
    assert_eq!(Reader::new(&at(3)).u32(), Err(DecodeError::Truncated));
    assert_eq!(Reader::new(&at(3)).i32(), Err(DecodeError::Truncated));
    assert_eq!(Reader::new(&at(7)).u64(), Err(DecodeError::Truncated));
    assert_eq!(Reader::new(&at(31)).array::<32>(), Err(DecodeError::Truncated));
    assert_eq!(Reader::new(&at(4)).bytes(5), Err(DecodeError::Truncated));
    assert_eq!(Reader::new(&[0, 3, 1, 2]).vec16(10, "x"), Err(DecodeError::Truncated));
}

/// V-CODEC-002.
#[test]
fn trailing_bytes_are_refused() {
    let mut reader = Reader::new(&[1, 2]);
    assert_eq!(reader.u8(), Ok(1));
    assert_eq!(reader.clone().finish(), Err(DecodeError::TrailingBytes));
    assert_eq!(reader.u8(), Ok(2));
    assert_eq!(reader.finish(), Ok(()));
}

/// V-CODEC-003: the bound counts, not what follows.
#[test]
fn lengths_above_the_bound_are_refused() {
    assert_eq!(Reader::new(&[0, 3, 1, 2, 3]).vec16(2, "name"), Err(DecodeError::BadField("name")));
    assert_eq!(Reader::new(&[0xff, 0xff]).vec16(2, "name"), Err(DecodeError::BadField("name")));
    assert_eq!(Reader::new(&[0, 2, 7, 8]).vec16(2, "name"), Ok(&[7, 8][..]));
}

/// V-CODEC-004: overlong forms and surrogates are no UTF-8 either.
#[test]
fn strings_are_utf8() {
    for bad in [&[0xff][..], &[0xc0, 0x80], &[0xed, 0xa0, 0x80], &[0xe2, 0x82]] {
        let framed = Writer::default().vec16(bad).clone().finish();
        assert_eq!(Reader::new(&framed).str16(10, "name"), Err(DecodeError::BadField("name")));
    }
    assert_eq!(Reader::new(&[0, 2, 0xc3, 0xa9]).str16(10, "name"), Ok("é"));
}

#[test]
fn integers_are_big_endian() {
    let mut writer = Writer::default();
    writer.u8(1).u16(0x0203).u32(0x0405_0607).i32(-2).u64(0x08).str16("ab");
    assert_eq!(hex::encode(writer.finish()), "010203040506 07fffffffe 0000000000000008 00026162".replace(' ', ""));
}

/// V-CODEC-005, V-CODEC-006: one encoding each, and no identity. `vectors/` has the official encodings.
#[test]
fn elements_and_scalars_have_one_encoding() {
    assert!(Element::decode(&[0; 32]).is_none());
    assert!(Element::decode_any(&[0; 32]).is_some());
    assert!(Element::decode(&[0xff; 32]).is_none());
    let order = "edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010";
    let mut bytes: [u8; 32] = hex::decode(order).unwrap().try_into().unwrap();
    assert!(Scalar::decode(&bytes).is_none());
    bytes[0] -= 1;
    assert_eq!(Scalar::decode(&bytes).unwrap().encode(), bytes);
}

/// V-HASH-001, V-HASH-002: borders of parts and order of numbers count. `vectors/` pins the bytes.
#[test]
fn framing_is_unambiguous() {
    let label = "blindlink/1 test label of conventions.rs";
    let lists: [&[&[u8]]; 6] = [&[], &[b""], &[b"", b""], &[b"ab", b"c"], &[b"a", b"bc"], &[b"abc"]];
    let hashes: std::collections::BTreeSet<_> = lists.iter().map(|parts| hash::hash(label, parts)).collect();
    assert_eq!(hashes.len(), lists.len());
    let prf = Prf::new([7; 32]);
    assert_ne!(prf.bytes::<32>(&[1, 2]), prf.bytes::<32>(&[2, 1]));
    assert_eq!(prf.bytes::<32>(&[1]), prf.bytes::<64>(&[1])[..32]);
}

proptest! {
    /// What was written is read back, and nothing else: cutting or adding a byte is noticed.
    #[test]
    fn round_trip(a: u8, b: u16, c: u32, d: i32, e: u64, bytes in prop::collection::vec(any::<u8>(), 0..300), text in ".{0,40}") {
        let mut writer = Writer::default();
        writer.u8(a).u16(b).u32(c).i32(d).u64(e).vec16(&bytes).str16(&text);
        let message = writer.finish();
        let read = |message: &[u8]| -> Result<_, PeerFault> {
            let mut r = Reader::new(message);
            let fields = (r.u8()?, r.u16()?, r.u32()?, r.i32()?, r.u64()?);
            let fields = (fields, r.vec16(300, "bytes")?.to_vec(), r.str16(200, "text")?.to_owned());
            r.finish()?;
            Ok(fields)
        };
        prop_assert_eq!(read(&message), Ok(((a, b, c, d, e), bytes, text)));
        prop_assert_eq!(read(&message[..message.len() - 1]), Err(PeerFault::Truncated));
        prop_assert_eq!(read(&[&message[..], &[0]].concat()), Err(PeerFault::TrailingBytes));
    }
}

/// One error of each class, with the name under which chapter 10 lists it.
fn one_of_each() -> Vec<(&'static str, Error)> {
    let peer = [
        ("Truncated", PeerFault::Truncated),
        ("TrailingBytes", PeerFault::TrailingBytes),
        ("Length", PeerFault::Length { expected: 1, got: 2 }),
        ("Unexpected", PeerFault::Unexpected { got: 1, index: 0 }),
        ("Replayed", PeerFault::Replayed { kind: 1, index: 0 }),
        ("BadElement", PeerFault::BadElement { position: 0 }),
        ("BadScalar", PeerFault::BadScalar),
        ("BadProof", PeerFault::BadProof { chunk: 0 }),
        ("InconsistentOt", PeerFault::InconsistentOt { chunk: 0 }),
        ("BrokenCommitment", PeerFault::BrokenCommitment { chunk: 0 }),
        ("BadField", PeerFault::BadField("x")),
        ("BadSignature", PeerFault::BadSignature),
        ("TranscriptMismatch", PeerFault::TranscriptMismatch),
        ("Aborted", PeerFault::Aborted(200)),
        ("UnknownRound", PeerFault::UnknownRound),
        ("HistoryMismatch", PeerFault::HistoryMismatch),
        ("StateLost", PeerFault::StateLost),
        ("OverAcknowledged", PeerFault::OverAcknowledged),
        ("TurnOutOfOrder", PeerFault::TurnOutOfOrder { expected: 1, got: 2 }),
        ("InconsistentTree", PeerFault::InconsistentTree),
    ];
    let incompatible = [
        ("Version", Incompatible::Version { ours: 1, theirs: 2 }),
        ("Suite", Incompatible::Suite { ours: 1, theirs: 2 }),
        ("Policy", Incompatible::Policy { field: String::new() }),
        ("Role", Incompatible::Role("requesters")),
        ("ChannelBinding", Incompatible::ChannelBinding),
        ("Agreement", Incompatible::Agreement { field: String::new() }),
    ];
    let misuse = [
        ("TooManyRecords", Misuse::TooManyRecords { got: 2, max: 1 }),
        ("WrongEncoding", Misuse::WrongEncoding),
        ("SessionOver", Misuse::SessionOver),
        ("UnknownJob", Misuse::UnknownJob),
        ("UnknownPersist", Misuse::UnknownPersist),
        ("Policy", Misuse::Policy { field: String::new(), reason: String::new(), requirement: "" }),
        ("Aborted", Misuse::Aborted),
        ("Agreement", Misuse::Agreement { field: String::new(), reason: String::new(), requirement: "" }),
    ];
    let refused = [
        ("NoAgreement", Refusal::NoAgreement),
        ("MissingSignature", Refusal::MissingSignature { missing: 1 }),
        ("BadStatement", Refusal::BadStatement),
        ("NotYetValid", Refusal::NotYetValid),
        ("Expired", Refusal::Expired),
        ("Suspended", Refusal::Suspended),
        ("Superseded", Refusal::Superseded),
        ("Party", Refusal::Party),
        ("Role", Refusal::Role),
        ("Lanes", Refusal::Lanes),
        ("Purpose", Refusal::Purpose),
        ("Epoch", Refusal::Epoch),
        ("Name", Refusal::Name),
        ("Policy", Refusal::Policy),
        ("Size", Refusal::Size),
        ("Output", Refusal::Output),
        ("Bins", Refusal::Bins { table: String::new() }),
        ("Rounds", Refusal::Rounds),
        ("Changes", Refusal::Changes),
        ("Batch", Refusal::Batch),
        ("Matches", Refusal::Matches),
        ("NotNow", Refusal::NotNow),
    ];
    let audit = [
        ("Format", AuditFault::Format("x")),
        ("Unsigned", AuditFault::Unsigned),
        ("Signature", AuditFault::Signature),
        ("Origin", AuditFault::Origin),
        ("Inclusion", AuditFault::Inclusion),
        ("Consistency", AuditFault::Consistency),
        ("Root", AuditFault::Root),
        ("Entry", AuditFault::Entry { index: 0 }),
        ("Missing", AuditFault::Missing { index: 0 }),
    ];
    let entry = 0;
    let evidence = [
        ("Format", EvidenceFault::Format { at: Place::Header, what: "x" }),
        ("Header", EvidenceFault::Header),
        ("Policy", EvidenceFault::Policy { field: String::new() }),
        ("Agreement", EvidenceFault::Agreement { field: "x" }),
        ("Schedule", EvidenceFault::Schedule { entry }),
        ("Chain", EvidenceFault::Chain { entry }),
        ("OwnFrame", EvidenceFault::OwnFrame { entry }),
        ("PeerHello", EvidenceFault::PeerHello { entry, code: 302 }),
        ("Receipt", EvidenceFault::Receipt { field: "x" }),
        ("Signature", EvidenceFault::Signature { by: "x" }),
        ("Unfinished", EvidenceFault::Unfinished { entries: 1 }),
        ("Seed", EvidenceFault::Seed),
        ("Records", EvidenceFault::Records),
        ("Differs", EvidenceFault::Differs { entry, kind: 1, chunk: 0 }),
        ("Early", EvidenceFault::Early { entry }),
        ("Refused", EvidenceFault::Refused { entry, code: 207 }),
        ("Positions", EvidenceFault::Positions),
        ("Opening", EvidenceFault::Opening { position: 0 }),
    ];
    let mut all: Vec<(&'static str, Error)> = vec![("Internal", Error::Internal("x"))];
    all.extend(peer.map(|(name, e)| (name, e.into())));
    all.extend(incompatible.map(|(name, e)| (name, e.into())));
    all.extend(misuse.map(|(name, e)| (name, e.into())));
    all.extend(refused.map(|(name, e)| (name, e.into())));
    all.extend(audit.map(|(name, e)| (name, e.into())));
    all.extend(evidence.map(|(name, e)| (name, e.into())));
    all
}

/// V-ERROR-001: the code and chapter 10 list the same codes for the same classes.
#[test]
fn error_codes_are_those_of_the_specification() {
    let chapter = source_tree::read(&source_tree::root().join("spec/10-errors.md"));
    let listed: BTreeMap<u16, String> = chapter
        .lines()
        .filter_map(|line| {
            let mut cells = line.strip_prefix("| ")?.split('|').map(str::trim);
            let code = cells.next()?.parse().ok()?;
            Some((code, cells.next()?.trim_matches('`').to_owned()))
        })
        .collect();
    let coded: BTreeMap<u16, String> = one_of_each().iter().map(|(name, e)| (e.code(), (*name).to_owned())).collect();
    assert_eq!(coded.len(), one_of_each().len(), "codes are distinct");
    assert_eq!(listed, coded);
}

/// V-ERROR-002: a peer is told one code for whatever rests on this side's own state.
#[test]
fn refusals_of_the_own_state_have_one_code_for_peers() {
    for (name, error) in one_of_each() {
        let told = if (620..630).contains(&error.code()) { 630 } else { error.code() };
        assert_eq!(error.code_for_peer(), told, "{name}");
    }
}

#[test]
fn errors_name_the_guilty_and_say_what_to_do() {
    for (name, error) in one_of_each() {
        assert_eq!(error.peer_fault().is_some(), (200..300).contains(&error.code()), "{name}");
        assert!(!error.hint().is_empty() && !error.to_string().is_empty(), "{name}");
    }
}
