//! Inputs for the benchmarks: synthetic filters and tokens, no persons.

use blindlink::crypto::hash::Prf;
use blindlink::encode::EncodedFields;
use blindlink::encode::{EncodedRecord, Filter, Token};
use blindlink::identity::IdentityKey;
use blindlink::policy::EncodedList;
use blindlink::policy::ListFields;
use blindlink::policy::Slots;
use blindlink::policy::shape::ShapeFields;
use blindlink::policy::shape::{OutputMode, SegmentShape, Shape, TableShape};
use blindlink::record::{RawRecord, Record, RowId};
use blindlink::schema::Field;
use blindlink::secret::Seed;
use blindlink::session::{Config, LogExchange, Role, Session, SessionInputs};
use std::sync::Arc;

/// A shape of the default policy's size: 512 bits in eight segments, two grades; six slots in five tables.
#[must_use]
pub fn shape(records: u32) -> Shape {
    Shape::unchecked(ShapeFields {
        segments: vec![SegmentShape { bits: 64, alpha: 6, beta: -2, nu: 0 }; 8],
        constant: -160,
        possible: 0,
        strong: Some(60),
        tables: [2, 1, 1, 1, 1]
            .into_iter()
            .zip(1..)
            .map(|(slots, id)| TableShape { id, slots: Slots::both(slots) })
            .collect(),
        copies_requester: 1,
        copies_responder: 1,
        records_requester: records,
        records_responder: records,
        output: OutputMode::Mutual,
        ring_bits: 18,
    })
}

/// Records of one side; every tenth is shared with the other side's.
#[must_use]
pub fn records(shape: &Shape, side: u64, n: u32) -> Vec<EncodedRecord> {
    (0..u64::from(n))
        .map(|i| {
            let origin = if i % 10 == 0 { 0 } else { side };
            let prf = Prf::new([7; 32]);
            let bits: [u8; 64] = prf.bytes(&[origin, i, 0]);
            let mask: [u8; 64] = prf.bytes(&[origin, i, 1]);
            let mut filter = Filter::zero(shape.filter_bits() + shape.segments.len());
            for b in 0..512 {
                if (bits[b / 8] & mask[b / 8]) >> (b % 8) & 1 == 1 {
                    filter.set(b);
                }
            }
            (512..520).for_each(|b| filter.set(b));
            let token = |t: u64, s: u64| Token::from_bytes(prf.bytes(&[origin, i, 2, t, s]));
            let slots = |t: &TableShape| (0..u64::from(t.slots.requester)).map(|s| token(u64::from(t.id), s)).collect();
            EncodedRecord::unchecked(EncodedFields {
                others: Vec::new(),
                digest: [0; 32],
                filter,
                tokens: shape.tables.iter().map(slots).collect(),
            })
        })
        .collect()
}

/// A pair of sessions over `n` records each.
///
/// # Panics
/// If the sessions refuse the records: a bug of this crate.
#[must_use]
#[allow(clippy::expect_used)]
pub fn sessions(n: u32) -> (Session, Session) {
    let shape = shape(n);
    let keys = [IdentityKey::from_secret(&[1; 32]), IdentityKey::from_secret(&[2; 32])];
    let config = |role, side: u64, own: usize| {
        let records = records(&shape, side, n).into();
        let list = Arc::new(EncodedList::unchecked(ListFields { shape: shape.clone(), policy: Vec::new(), records }));
        let seed = Seed::new([u8::try_from(side).unwrap_or(0); 32]);
        Config {
            log: LogExchange::without_log(&keys[own]),
            inputs: SessionInputs::new(role, list, seed).expect("records fit"),
            basis: blindlink::agreement::Basis::Training(blindlink::suite::CURRENT),
            identity: keys[own].clone(),
            peer: keys[1 - own].id(),
            binding: [0; 32],
        }
    };
    (
        Session::new(config(Role::Requester, 1, 0)).expect("records fit"),
        Session::new(config(Role::Responder, 2, 1)).expect("records fit"),
    )
}

/// Records of invented persons: three name parts of which one in ten is Cyrillic, a date, sex, country and nationality
/// of birth, every third with a document and every second with a telephone.
#[must_use]
pub fn persons(n: u32) -> Vec<Record> {
    const SYLLABLES: [&str; 16] =
        ["ba", "dri", "ko", "len", "mar", "na", "os", "pe", "qui", "ra", "sho", "ti", "un", "vi", "wal", "ze"];
    const CYRILLIC: [&str; 16] =
        ["ба", "дри", "ко", "лен", "мар", "на", "ос", "пе", "кы", "ра", "шо", "ти", "ун", "ви", "вал", "зе"];
    let prf = Prf::new([9; 32]);
    let person = |i: u32| {
        let random: [u8; 32] = prf.bytes(&[u64::from(i)]);
        let draw = |at: usize| random.get(at).copied().unwrap_or(0);
        let native = draw(0) < 26;
        let name = |first: usize, syllables: usize| -> String {
            let set = if native { CYRILLIC } else { SYLLABLES };
            (first..first + syllables).map(|at| set[usize::from(draw(at) % 16)]).collect()
        };
        let mut raw = RawRecord::default();
        raw.push(Field::RecordId, &format!("r{i}"));
        raw.push(Field::GivenNames, &format!("{} {}", name(1, 2), name(3, 3)));
        raw.push(Field::FamilyNames, &name(6, 3));
        let born = format!("{}-{:02}-{:02}", 1960 + u16::from(draw(9) % 50), draw(10) % 12 + 1, draw(11) % 28 + 1);
        raw.push(Field::BirthDate, &born);
        raw.push(Field::Sex, if draw(12) % 2 == 0 { "F" } else { "M" });
        raw.push(Field::Nationality, "UTO");
        raw.push(Field::BirthCountry, "UTO");
        if draw(13) % 3 == 0 {
            raw.push(Field::DocumentNumber, &format!("AB{:03}{:03}", draw(14), draw(15)));
        }
        if draw(16) % 2 == 0 {
            raw.push(Field::Phone, &format!("+999 {:03} {:03} {:03}", draw(17), draw(18), draw(19)));
        }
        Record::check(RowId::new(i), &raw).ok()
    };
    (0..n).filter_map(person).collect()
}
