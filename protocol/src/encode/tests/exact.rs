//! Which bits a record sets and which bytes its tokens have, computed here once more from the text of chapter 5.

use super::*;
use crate::crypto::hash::{Prf, hash};
use crate::labels;
use crate::normalise::skeleton;

/// Root, as section 5.1 lays out the context of the default policy.
fn root(checked: &CheckedPolicy) -> [u8; 32] {
    let mut context = Vec::new();
    let text = |context: &mut Vec<u8>, text: &str| {
        context.extend_from_slice(&u16::try_from(text.len()).unwrap().to_be_bytes());
        context.extend_from_slice(text.as_bytes());
    };
    text(&mut context, "person/1");
    text(&mut context, "norm-v1");
    context.extend_from_slice(checked.encoding().normalisation_tables);
    text(&mut context, "lab");
    context.push(1);
    text(&mut context, "test with synthetic persons");
    context.extend_from_slice(&1u32.to_be_bytes());
    hash(labels::LINKAGE_ROOT, &[&context])
}

/// Values with the code points of their features.
type Features = Vec<(u8, Vec<u8>)>;

/// Two-byte windows of `_` value `_`.
fn windows(value: &str) -> Vec<Vec<u8>> {
    format!("_{value}_").into_bytes().windows(2).map(<[u8]>::to_vec).collect()
}

/// V-ENCODE-001, V-ENCODE-002, V-ENCODE-003, V-ENCODE-004.
#[test]
fn a_filter_is_exactly_what_the_chapter_says() {
    let checked = policy().validate().unwrap();
    let person = record(&[
        (Field::GivenNames, "Ana"),
        (Field::FamilyNames, "Lopez"),
        (Field::BirthDate, "1990-12-06"),
        (Field::Sex, "F"),
        (Field::BirthCountry, "UTO"),
        (Field::DocumentNumber, "AB12345"),
    ]);
    let of = |code: u8, values: &[&[u8]]| values.iter().map(|value| (code, value.to_vec())).collect::<Vec<_>>();
    let read = |code: u8, words: [&str; 2]| words.into_iter().flat_map(windows).map(|w| (code, w)).collect::<Vec<_>>();
    let year =
        [of(16, &[&[b'y', 0x07, 0xc6], &[b't', 0, 90], &[b'o', 0, 0]]), of(18, &[&[0, 1], &[1, 9], &[2, 9], &[3, 0]])];
    let day = [of(17, &[&[b'n', 12], &[b'n', 6], &[b'p', 6, 12]]), of(19, &[&[0, 1], &[1, 2], &[2, 0], &[3, 6]])];
    // Segment, bits, hashes, and values of its features with their code points; nationality and contacts are unknown.
    let segments: [(&str, usize, usize, Features); 11] = [
        ("names", 112, 1, read(4, ["ana", "luvis"])),
        ("consonants", 64, 1, read(5, ["an", "lvs"])),
        ("skeletons", 56, 4, of(2, &[b"an", skeleton::k5("lopez").as_bytes()])),
        ("birth_year", 48, 4, year.concat()),
        ("birth_month_day", 64, 4, day.concat()),
        ("sex", 16, 8, of(32, &[b"F"])),
        ("nationality", 24, 8, Vec::new()),
        ("birth_country", 24, 8, of(34, &[b"UTO"])),
        ("document", 48, 4, windows("AB12345").into_iter().map(|window| (48, window)).collect()),
        ("phone", 32, 4, Vec::new()),
        ("email", 24, 3, Vec::new()),
    ];
    let total: usize = segments.iter().map(|s| s.1).sum();
    let mut expected = vec![false; total + segments.len()];
    let root = root(&checked);
    let mut start = 0;
    for (i, (id, bits, hashes, values)) in segments.iter().enumerate() {
        let key = Prf::new(hash(labels::FILTER_SEGMENT_KEY, &[&root, id.as_bytes()]));
        for (code, value) in values {
            let mut words = vec![0; 8 * hashes];
            key.fill_at(&[&[*code], &value[..]].concat(), &mut words);
            for word in words.as_chunks::<8>().0 {
                let position = (u128::from(u64::from_be_bytes(*word)) * *bits as u128) >> 64;
                expected[start + position as usize] = true;
            }
            expected[total + i] = true;
        }
        start += bits;
    }
    // The second of two equal records meets everything that the first has made the encoder remember.
    for encoded in encode(&checked.encoding(), &[person.clone(), person]) {
        let got: Vec<bool> = (0..expected.len()).map(|b| encoded.filter.get(b)).collect();
        let differ: Vec<usize> = (0..got.len()).filter(|b| got[*b] != expected[*b]).collect();
        assert_eq!(differ, [0; 0]);
        // Bit b is bit b mod 8 of byte b / 8, from the lowest on.
        let bytes = encoded.filter.as_bytes();
        assert!(expected.iter().enumerate().all(|(b, set)| (bytes[b / 8] >> (b % 8) & 1 == 1) == *set));
    }
}

/// V-ENCODE-005, V-ENCODE-007: tables 5, 3, 4 and 1 of the default policy.
#[test]
fn a_token_is_exactly_what_the_chapter_says() {
    let checked = policy().validate().unwrap();
    let person = record(&[
        (Field::GivenNames, "Ana"),
        (Field::FamilyNames, "Lopez"),
        (Field::BirthDate, "1990-12-06"),
        (Field::Sex, "F"),
        (Field::BirthCountry, "UTO"),
    ]);
    let key = Prf::new(hash(labels::TOKEN_KEY, &[&root(&checked)]));
    let token = |table: u16, parts: &[(u8, &[u8])]| {
        let mut message = table.to_be_bytes().to_vec();
        for (code, value) in parts {
            message.push(*code);
            message.extend_from_slice(&u16::try_from(value.len()).unwrap().to_be_bytes());
            message.extend_from_slice(value);
        }
        let mut bytes = [0; 16];
        key.fill_at(&message, &mut bytes);
        Token::from_bytes(bytes)
    };
    let encoded = one(&checked, &person);
    let born: &[u8] = &[0x07, 0xc6, 6, 12];
    assert_eq!(encoded.tokens[4], [token(5, &[(16, born), (32, b"F"), (36, b"UTO")])]);
    assert_eq!(encoded.tokens[2], [token(3, &[(12, b"an/lvs"), (17, &[0x07, 0xc6])])]);
    assert_eq!(encoded.tokens[3], [], "no contact");
    let mut first = [token(1, &[(10, b"an"), (16, born)]), token(1, &[(10, b"lvs"), (16, born)])];
    first.sort();
    assert_eq!(encoded.tokens[0], first);
}

/// V-ENCODE-005, V-ENCODE-006: no token twice, and the table's number is part of it.
#[test]
fn tables_share_no_token() {
    let encoded = one(&policy().validate().unwrap(), &full());
    let all: Vec<&Token> = encoded.tokens.iter().flatten().collect();
    assert!(encoded.tokens.iter().all(|tokens| !tokens.is_empty()));
    assert_eq!(all.iter().collect::<HashSet<_>>().len(), all.len());
}
