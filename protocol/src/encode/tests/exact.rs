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
    let names: Vec<Vec<u8>> = ["ana", "lopez"].into_iter().flat_map(windows).collect();
    let year = [b'y', 0x07, 0xc6].to_vec();
    // Segment, bits, hashes, and (code point, values) of its features; the nationality is unknown.
    let segments = [
        ("names", 192_usize, 4_usize, 1_u8, names),
        ("skeletons", 64, 7, 2, vec![b"an".to_vec(), skeleton::k5("lopez").into_bytes()]),
        ("birth_year", 32, 5, 16, vec![year, vec![b't', 0, 90], vec![b'o', 0, 0]]),
        ("birth_month_day", 32, 5, 17, vec![vec![b'n', 12], vec![b'n', 6], vec![b'p', 6, 12]]),
        ("sex", 32, 10, 32, vec![b"F".to_vec()]),
        ("nationality", 32, 10, 33, Vec::<Vec<u8>>::new()),
        ("birth_country", 32, 10, 34, vec![b"UTO".to_vec()]),
        ("contacts", 96, 4, 48, windows("AB12345")),
    ];
    let total: usize = segments.iter().map(|s| s.1).sum();
    let mut expected = vec![false; total + segments.len()];
    let root = root(&checked);
    let mut start = 0;
    for (i, (id, bits, hashes, code, values)) in segments.iter().enumerate() {
        let key = Prf::new(hash(labels::FILTER_SEGMENT_KEY, &[&root, id.as_bytes()]));
        for value in values {
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

/// V-ENCODE-005, V-ENCODE-007: tables 4 and 2 of the default policy.
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
    assert_eq!(encoded.tokens[3], [token(4, &[(16, born), (32, b"F"), (34, b"UTO")])]);
    assert_eq!(
        encoded.tokens[1],
        [token(2, &[(3, format!("an/{}", skeleton::k4("lopez")).as_bytes()), (17, &[0x07, 0xc6])])]
    );
    assert_eq!(encoded.tokens[4], [], "neither document nor telephone");
    let mut first =
        [token(1, &[(1, b"an"), (16, born)]), token(1, &[(1, skeleton::k4("lopez").as_bytes()), (16, born)])];
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
