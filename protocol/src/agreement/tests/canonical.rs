use super::*;
use crate::codec::DecodeError;
use crate::error::{Error, Misuse};
use crate::ids::{AgreementDigest, PolicyDigest};

/// V-AGREE-001
#[test]
fn bytes_come_back_and_there_is_one_encoding() {
    let bytes = agreement().to_canonical_bytes();
    assert_eq!(Agreement::from_canonical_bytes(&bytes), Ok(agreement()));
    for cut in 0..bytes.len() {
        let error = Agreement::from_canonical_bytes(&bytes[..cut]).unwrap_err();
        assert!(matches!(error, DecodeError::Truncated | DecodeError::BadField(_)), "{cut}: {error:?}");
    }
    let longer = [&bytes[..], &[0]].concat();
    assert_eq!(Agreement::from_canonical_bytes(&longer), Err(DecodeError::TrailingBytes));
    // What is read at all is written again as it was.
    for at in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[at] ^= 1;
        if let Ok(read) = Agreement::from_canonical_bytes(&changed) {
            assert_eq!(read.to_canonical_bytes(), changed, "byte {at}");
            assert_ne!(read.digest(), agreement().digest(), "byte {at}");
        }
    }
}

/// V-AGREE-002
#[test]
fn a_file_comes_back_and_odd_ones_are_refused_by_field() {
    let text = agreement().to_toml();
    assert_eq!(Agreement::from_toml(&text), Ok(agreement()));
    let second = Agreement { version: 2, previous: Some(AgreementDigest::from_bytes([7; 32])), ..agreement() };
    assert_eq!(Agreement::from_toml(&second.to_toml()), Ok(second));
    for (from, to, field) in [
        ("epoch = 1", "epoch = -1", "epoch"),
        ("suite = 1", "suite = 1\nsurprise = 2", "surprise"),
        ("type = \"law_enforcement\"", "type = \"army\"", "party[0].type"),
        ("from = 2026-01-01T00:00:00Z", "from = 2026-01-01", "valid.from"),
        ("from = 2026-01-01T00:00:00Z", "from = 2026-01-01T00:00:00+02:00", "valid.from"),
        ("blind1", "blind1q", "party[0].node"),
        ("key = \"blind1", "key = \"blind1q", "party[0].signer[0].key"),
        ("name = \"signer 22\"", "name = 7", "party[1].signer[1].name"),
    ] {
        assert!(text.contains(from), "{from}");
        match Agreement::from_toml(&text.replacen(from, to, 1)) {
            Err(Error::Misuse(Misuse::Agreement { field: at, requirement: "V-AGREE-002", .. })) => {
                assert_eq!(at, field, "{to}");
            }
            other => panic!("{to}: {other:?}"),
        }
    }
}

/// V-AGREE-002: caps that a file leaves out are far below the number of records.
#[test]
fn caps_of_claims_and_matches_may_be_left_out() {
    let text = agreement().to_toml();
    let without = |lines: &[&str]| {
        let kept = text.lines().filter(|line| !lines.iter().any(|left| line.starts_with(left)));
        Agreement::from_toml(&kept.collect::<Vec<_>>().join("\n")).unwrap().caps
    };
    let caps = without(&["claims =", "matches ="]);
    assert_eq!((caps.claims, caps.matches), (125, 250));
    let caps = without(&["matches ="]);
    assert_eq!((caps.claims, caps.matches), (100, 200));
    let few = text.replace("records_requester = 2000", "records_requester = 3");
    let few = few.replace("claims = 100\nmatches = 200\n", "");
    let caps = Agreement::from_toml(&few).unwrap().caps;
    assert_eq!((caps.claims, caps.matches), (1, 2));
    let alone =
        text.replace("output = \"mutual\"", "output = \"requester\"").replace("claims = 100\nmatches = 200\n", "");
    let caps = Agreement::from_toml(&alone).unwrap().caps;
    assert_eq!((caps.claims, caps.matches), (0, 0));
}

/// V-AGREE-017
#[test]
fn a_difference_is_named_by_our_own_path() {
    type Change = fn(&mut Agreement);
    let changes: [(Change, &str); 8] = [
        (|a| a.name = "SECRET-WORD".into(), "name"),
        (|a| a.epoch += 1, "epoch"),
        (|a| a.policy = PolicyDigest::from_bytes([1; 32]), "policy"),
        (|a| a.valid.until += 1, "valid.until"),
        (|a| a.caps.bins_per_table += 1, "caps.bins_per_table"),
        (|a| a.retention.audit_days += 1, "retention.audit_days"),
        (|a| a.parties[1].legal_basis.push('x'), "party[1].legal_basis"),
        (|a| a.parties[1].signers[0].key = key(9).id(), "party[1].signer[0].key"),
    ];
    let ours = agreement().to_canonical_bytes();
    for (change, path) in changes {
        let mut theirs = agreement();
        change(&mut theirs);
        assert_eq!(first_difference(&ours, &theirs.to_canonical_bytes()), path);
    }
    assert_eq!(first_difference(&ours, &ours), "none");
    assert_eq!(first_difference(&ours, b"SECRET-WORD"), "agreement");
    assert_eq!(first_difference(&ours, &[]), "training");
    assert_eq!(first_difference(&[], &ours), "training");
}

#[test]
fn dates_are_those_of_the_calendar() {
    for (seconds, text) in [
        (0, "1970-01-01T00:00:00Z"),
        (951_782_400, "2000-02-29T00:00:00Z"),
        (1_767_225_599, "2025-12-31T23:59:59Z"),
        (FROM, "2026-01-01T00:00:00Z"),
        (4_107_542_400, "2100-03-01T00:00:00Z"),
    ] {
        assert_eq!(time::text(seconds), text);
        assert_eq!(time::seconds(&text.parse().unwrap()), Some(seconds));
    }
}
