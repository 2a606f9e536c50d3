//! Negative tests of `docs/negative-tests.md` that have no other home, and the table itself: every test that it names
//! exists.

use crate::parties::{config, lists, seed, sessions, shape, tampered};
use crate::source_tree::{CRATES, files, read, root};
use blindlink::crypto::hash::Prf;
use blindlink::error::{Error, PeerFault};
use blindlink::round::commitment::LateId;
use blindlink::round::oprf::{Input, OprfOutput};
use blindlink::round::{cuckoo, okvs};
use blindlink::session::{Role, Session, in_process};
use blindlink::wire::{FrameKind, parse};
use std::collections::BTreeSet;

/// Number 30: the same lists in two rounds, with fresh seeds, have no blinded element, column, mask or pseudonym in
/// common.
#[test]
fn two_rounds_over_the_same_lists_share_nothing() {
    let shape = shape(40, 60, [1, 1], [1, 1]);
    let (r, s) = lists(77, &shape);
    let once = |first: u8| {
        let session = |role, records: &[_], n| Session::new(config(role, &shape, records, seed(n))).unwrap();
        let (requester, responder) = (session(Role::Requester, &r, first), session(Role::Responder, &s, first + 1));
        let mut blocks: BTreeSet<[u8; 16]> = BTreeSet::new();
        let observe = |_, frame: &[u8]| {
            // Sides without logs cosign the same heads in every round.
            let kind = parse(frame).unwrap().0;
            if kind > FrameKind::Hello as u8 && kind != FrameKind::Cosignature as u8 {
                blocks.extend(frame[5..].as_chunks::<16>().0);
            }
        };
        let (found, claimed, _) = in_process::run(requester, responder, in_process::inline, observe, |_| {}).unwrap();
        assert!(!found.matches.is_empty());
        let pseudonyms: BTreeSet<_> = found.matches.iter().map(|m| m.pseudonym).collect();
        assert!(!claimed.claims.is_empty());
        (blocks, pseudonyms)
    };
    let (a, b) = (once(10), once(20));
    assert!(a.0.len() > 10_000 && a.0.is_disjoint(&b.0), "{} common blocks", a.0.intersection(&b.0).count());
    assert!(a.1.is_disjoint(&b.1), "pseudonyms");
}

/// Number 32: a correction with one flipped bit, the rest of the frame intact: no crash, and no result on either side.
#[test]
fn a_flipped_correction_gives_no_result_and_no_crash() {
    let shape = shape(12, 12, [1, 1], [1, 1]);
    let (r, s) = lists(1, &shape);
    for at in [5, 6, 50, 400] {
        let (requester, responder) = sessions(&shape, &r, &s);
        let mut armed = true;
        let ends = tampered(requester, responder, |from_requester, frame| {
            if armed && from_requester && frame[0] == FrameKind::Correction as u8 {
                armed = false;
                frame[at] ^= 0x10;
            }
        });
        assert!(!armed);
        // The responder garbles another score than was asked for; the transcript shows it.
        let mismatch = Error::Peer(PeerFault::TranscriptMismatch);
        assert!(ends.iter().all(Result::is_err) && ends.iter().any(|end| *end == Err(mismatch.clone())), "{ends:?}");
    }
}

/// Number 44: more queries than bins can hold: what finds no place is left out, the rest lies in one of its bins.
#[test]
fn queries_without_a_place_are_dropped_silently() {
    let numbers = Prf::new([4; 32]);
    let bin = |i: u64, n: u64| u32::from_be_bytes(numbers.bytes::<4>(&[i, n])) % 50;
    let items: Vec<[u32; 3]> = (0..80).map(|i| [bin(i, 0), bin(i, 1), bin(i, 2)]).collect();
    let table = cuckoo::place(&items, 50, &Prf::new([5; 32]), 1);
    assert_eq!(table.len(), 50);
    let placed: Vec<u32> = table.iter().flatten().copied().collect();
    assert!(placed.len() >= 45, "a full table: {}", placed.len());
    assert_eq!(placed.iter().collect::<BTreeSet<_>>().len(), placed.len(), "each at most once");
    for (bin, item) in (0_u32..).zip(&table) {
        assert!(item.is_none_or(|item| items[item as usize].contains(&bin)));
    }
}

/// V-CUCKOO-001: a table of the size of chapter 7 has a place for every query, which may take many moves.
#[test]
fn queries_find_their_places_at_the_agreed_size() {
    let numbers = Prf::new([7; 32]);
    let bins = 2540;
    let bin = |i: u64, n: u64| u32::from_be_bytes(numbers.bytes::<4>(&[i, n])) % bins;
    let items: Vec<[u32; 3]> = (0..2000).map(|i| [bin(i, 0), bin(i, 1), bin(i, 2)]).collect();
    let table = cuckoo::place(&items, bins, &Prf::new([8; 32]), 1);
    assert_eq!(table.iter().flatten().collect::<BTreeSet<_>>().len(), items.len());
}

/// V-CUCKOO-002: whatever the list has, as many inputs as agreed, its own first.
#[test]
fn every_list_places_as_many_inputs() {
    let dummies = Prf::new([5; 32]);
    for own in [0, 1, 9, 10] {
        let inputs = (0..own).map(|record| (record, Input::dummy([u8::try_from(record).unwrap(); 18])));
        let padded = cuckoo::padded(inputs, &dummies, 7, 10);
        let records: Vec<_> = padded.iter().map(|(record, _)| *record).collect();
        assert_eq!(records, (0..10).map(|i| (i < own).then_some(i)).collect::<Vec<_>>());
        assert_eq!(padded.iter().map(|(_, input)| input.as_bytes()).collect::<BTreeSet<_>>().len(), 10);
    }
}

/// Number 45: a row that depends on others is left out: the others still decode, and nothing fails.
#[test]
fn rows_that_depend_on_others_are_left_out() {
    let context = okvs::row_context(&LateId::from_bytes([9; 32]), 1, 0);
    let numbers = Prf::new([6; 32]);
    let (columns, width) = (300, 24);
    let mut mask = vec![0; width];
    let bands: Vec<okvs::Band> =
        (0..40).map(|i| okvs::row(&context, &OprfOutput::new(numbers.bytes(&[i])), columns, &mut mask)).collect();
    let mut rows = okvs::Rows::new(width, 42);
    let value = |n: u8| vec![n; width];
    for (n, band) in (0_u8..).zip(&bands) {
        rows.push(*band, &value(n));
    }
    // The first two rows once more, with other values: the system has no solution for all.
    rows.push(bands[0], &value(200));
    rows.push(bands[1], &value(201));
    let table = rows.encode(columns, &Prf::new([7; 32]), (1, 0));
    assert_eq!(table.len(), columns as usize * width, "the size tells nothing");
    let decoded = |band: &okvs::Band| {
        let mut out = vec![0; width];
        okvs::decode(&table, band, &mut out);
        out
    };
    for (n, band) in (0_u8..).zip(&bands).skip(2) {
        assert_eq!(decoded(band), value(n));
    }
    assert!(
        [value(0), value(200)].contains(&decoded(&bands[0])) && [value(1), value(201)].contains(&decoded(&bands[1]))
    );
}

/// Names in backticks in the third column of the table.
fn named(table: &str) -> Vec<String> {
    let rows = table.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| ---"));
    let cells = rows.filter_map(|row| row.split('|').nth(3).map(str::to_owned));
    cells.flat_map(|cell| cell.split('`').skip(1).step_by(2).map(str::to_owned).collect::<Vec<_>>()).collect()
}

#[test]
fn every_negative_test_of_the_table_exists() {
    let table = read(&root().join("docs/negative-tests.md"));
    let names = named(&table);
    assert!(names.len() > 60, "{} names", names.len());
    let mut sources = String::new();
    for folder in CRATES {
        files(&root().join(folder), "rs").iter().for_each(|path| sources.push_str(&read(path)));
    }
    let missing: Vec<&String> = names.iter().filter(|name| !sources.contains(&format!("fn {name}("))).collect();
    assert!(missing.is_empty(), "named in docs/negative-tests.md and nowhere in the sources: {missing:?}");
    // All 47, in their order.
    let numbers: Vec<u32> =
        table.lines().filter_map(|line| line.strip_prefix("| ")?.split('|').next()?.trim().parse().ok()).collect();
    assert_eq!(numbers, (1..=47).collect::<Vec<_>>());
}
