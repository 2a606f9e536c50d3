use super::merkle::{Hash, check_consistency, check_inclusion, prove_consistency, prove_inclusion, root};
use super::*;
use crate::codec::DecodeError;
use crate::error::AuditFault;
use crate::identity::IdentityKey;
use crate::ids::{AgreementDigest, PolicyDigest, RoundId};

fn key(n: u8) -> IdentityKey {
    IdentityKey::from_secret(&[n; 32])
}

fn entries(n: usize) -> Vec<Vec<u8>> {
    (0..n).map(|i| format!("entry {i}").into_bytes()).collect()
}

fn leaves(n: usize) -> Vec<Hash> {
    entries(n).iter().map(|entry| merkle::leaf(entry)).collect()
}

#[test]
fn base64_has_one_text_for_one_value() {
    for (bytes, text) in [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg==")] {
        assert_eq!((base64::encode(bytes.as_bytes()), base64::decode(text)), (text.into(), Some(bytes.into())));
    }
    for odd in ["Zg", "Zg=", "Zh==", "Z===", "Zg==Zg==", "Zm9v\n", "Zm-v", "===="] {
        assert_eq!(base64::decode(odd), None, "{odd}");
    }
}

/// V-AUDIT-001: RFC 6962 roots that are published with the test data of Certificate Transparency.
#[test]
fn roots_are_those_of_certificate_transparency() {
    let data: [&[u8]; 8] = [
        b"",
        b"\0",
        b"\x10",
        b"\x20\x21",
        b"\x30\x31",
        b"\x40\x41\x42\x43",
        b"\x50\x51\x52\x53\x54\x55\x56\x57",
        b"\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f",
    ];
    let leaves = data.map(merkle::leaf);
    for (n, wanted) in [
        (0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        (1, "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"),
        (2, "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"),
        (8, "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"),
    ] {
        assert_eq!(hex::encode(root(&leaves[..n])), wanted, "{n}");
    }
}

/// V-AUDIT-002
#[test]
fn inclusion_proofs_hold_for_one_place_in_one_tree() {
    for n in 1..=20 {
        let all = leaves(n);
        let top = root(&all);
        for i in 0..n {
            let proof = prove_inclusion(&all, i).unwrap();
            let verify = |at: u64, size: u64, proof: &[Hash]| check_inclusion(&all[i], at, size, proof, &top);
            assert_eq!(verify(i as u64, n as u64, &proof), Ok(()));
            let refused = Err(AuditFault::Inclusion);
            (0..=n as u64 + 1)
                .filter(|at| *at != i as u64)
                .for_each(|at| assert_eq!(verify(at, n as u64, &proof), refused));
            for cut in 0..proof.len() {
                assert_eq!(verify(i as u64, n as u64, &proof[..cut]), refused);
                let mut other = proof.clone();
                other[cut][7] ^= 1;
                assert_eq!(verify(i as u64, n as u64, &other), refused);
            }
            assert_eq!(verify(i as u64, n as u64, &[&proof[..], &[[0; 32]]].concat()), refused);
        }
        assert_eq!(prove_inclusion(&all, n), None);
    }
}

/// V-AUDIT-003
#[test]
fn consistency_proofs_hold_for_a_log_that_only_grew() {
    let all = leaves(20);
    for new in 1..=20 {
        for old in 1..=new {
            let proof = prove_consistency(&all[..new], old).unwrap();
            let (before, after) = (root(&all[..old]), root(&all[..new]));
            let verify = |before: &Hash, after: &Hash, proof: &[Hash]| {
                check_consistency((old as u64, before), (new as u64, after), proof)
            };
            assert_eq!(verify(&before, &after, &proof), Ok(()), "{old} {new}");
            assert!(verify(&[1; 32], &after, &proof).is_err() && verify(&before, &[1; 32], &proof).is_err());
            assert!(verify(&before, &after, &[&proof[..], &[[0; 32]]].concat()).is_err());
            for i in 0..proof.len() {
                let mut other = proof.clone();
                other[i][0] ^= 1;
                assert!(verify(&before, &after, &other).is_err() && verify(&before, &after, &proof[..i]).is_err());
            }
            // A changed entry of the past.
            let mut forged = all[..new].to_vec();
            forged[old - 1][0] ^= 1;
            let (forged_root, proof) = (root(&forged), prove_consistency(&forged, old).unwrap());
            assert!(verify(&before, &forged_root, &proof).is_err());
        }
    }
    let (none, one) = (root(&[]), root(&all[..1]));
    assert_eq!(check_consistency((0, &none), (1, &one), &[]), Ok(()));
    assert!(check_consistency((1, &one), (0, &none), &[]).is_err());
}

/// V-AUDIT-004, V-AUDIT-005: the examples of C2SP for form, own keys for signatures.
#[test]
fn notes_are_read_strictly_and_signatures_of_strangers_are_passed_over() {
    let text = "a log\n7\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";
    let (own, other) = (note::sign(text, &key(1)), note::sign(text, &key(2)));
    let open =
        |note: &str, by: u8| Note::parse(note.as_bytes())?.signed_by(&Key::of_log(&key(by).id())).map(str::to_owned);
    let whole = format!("{text}\n{other}{own}");
    assert_eq!(open(&whole, 1), Ok(text.to_owned()));
    assert_eq!(open(&whole, 3), Err(AuditFault::Unsigned));
    assert_eq!(open(&whole.replacen("a log", "b log", 1), 1), Err(AuditFault::Signature));
    // The right name and a good signature under another key id: a stranger's all the same.
    let (name, encoded) = own.trim_end().rsplit_once(' ').unwrap();
    let mut bytes = base64::decode(encoded).unwrap();
    bytes[0] ^= 1;
    let renumbered = format!("{text}\n{name} {}\n", base64::encode(&bytes));
    assert_eq!(open(&renumbered, 1), Err(AuditFault::Unsigned));
    for odd in [
        text.to_owned(),
        format!("{text}\n"),
        format!("{text}{own}"),
        format!("{text}\n{own}x"),
        whole.trim_end().to_owned(),
        whole.replace('\u{2014}', "-"),
        whole.replacen("7", "7\r", 1),
        format!("{text}\n\u{2014} {}\n", "name"),
        format!("{text}\n\u{2014} name AAAA\n"),
        format!("{text}\n{}", own.repeat(65)),
    ] {
        assert_eq!(open(&odd, 1), Err(AuditFault::Format("note")), "{odd:?}");
    }
}

/// The example note of c2sp.org/signed-note with its verifier key.
#[test]
fn the_published_note_verifies() {
    let encoded = "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=";
    let note = format!("This is an example message.\n\n\u{2014} example.com/foo {encoded}\n");
    let key = base64::decode("AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k").unwrap();
    let public = crate::identity::PeerId::from_bytes(key[1..].try_into().unwrap()).unwrap();
    let key = Key::plain("example.com/foo".into(), public);
    assert_eq!(hex::encode(key.id()), "530d903a");
    assert_eq!(Note::parse(note.as_bytes()).unwrap().signed_by(&key), Ok("This is an example message.\n"));
}

#[test]
fn a_cosignature_is_for_one_checkpoint_and_time() {
    let checkpoint = Checkpoint { origin: origin(&key(1).id()), size: 3, root: [9; 32] };
    let note = checkpoint.sign(&key(1)) + &note::cosign(&checkpoint.text(), 77, &key(2));
    assert_eq!(Checkpoint::open(note.as_bytes(), &key(1).id()), Ok(checkpoint.clone()));
    let cosigned = |note: &str| Note::parse(note.as_bytes())?.signed_by(&Key::of_cosigner(&key(2).id())).map(drop);
    assert_eq!(cosigned(&note), Ok(()));
    assert_eq!(cosigned(&note.replacen("\n3\n", "\n4\n", 1)), Err(AuditFault::Signature));
    assert_eq!(cosigned(&checkpoint.sign(&key(1))), Err(AuditFault::Unsigned));
    // A log's signature is no cosignature, nor the other way round: the types enter the key IDs.
    assert_ne!(Key::of_log(&key(2).id()).id(), Key::plain(cosigner(&key(2).id()), key(2).id()).id());
    assert_ne!(Key::of_cosigner(&key(2).id()).id(), Key::plain(cosigner(&key(2).id()), key(2).id()).id());
}

/// V-AUDIT-006
#[test]
fn checkpoints_have_one_form() {
    let good = Checkpoint { origin: "x".into(), size: 10, root: [3; 32] };
    let text = good.text();
    assert_eq!(Checkpoint::parse(&text), Ok(good.clone()));
    assert_eq!(Checkpoint::parse(&format!("{text}more\n")), Ok(good));
    for odd in [
        text.trim_end().to_owned(),
        text.replace("10", "010"),
        text.replace("10", "+10"),
        text.replace("10", "-1"),
        text.replace("10", "18446744073709551616"),
        text.replace("x\n", "\n"),
        text.replace('=', ""),
        format!("{text}\n"),
        "x\n10\n".to_owned(),
    ] {
        assert_eq!(Checkpoint::parse(&odd), Err(AuditFault::Format("checkpoint")), "{odd:?}");
    }
    let other = Checkpoint { origin: origin(&key(2).id()), size: 1, root: [3; 32] };
    let note = format!("{}\n{}", other.text(), note::sign(&other.text(), &key(1)));
    assert_eq!(Checkpoint::open(note.as_bytes(), &key(1).id()), Err(AuditFault::Origin));
}

fn facts() -> Vec<Fact> {
    use crate::agreement::budget::{Debit, TableCost};
    use crate::policy::shape::Role;
    use crate::schema::kinds::LanePair;
    let (peer, role, policy) = (key(3).id(), Role::Responder, PolicyDigest::from_bytes([4; 32]));
    let tables = vec![TableCost { key: "name_part_k4+birth_date".into(), cost: 77 }];
    let lanes = LanePair::VictimMissing;
    vec![
        Fact::Begun { node: peer },
        Fact::AgreementAdded { agreement: AgreementDigest::from_bytes([1; 32]) },
        Fact::StatementAdded { agreement: AgreementDigest::from_bytes([1; 32]), statement: [2; 32], kind: 2 },
        Fact::RoundBegun { role, peer, agreement: Some(AgreementDigest::from_bytes([1; 32])), policy },
        Fact::Refused { role, peer, policy, code: 605 },
        Fact::Debited(Debit {
            time: 9,
            role,
            peer,
            lanes,
            agreement: "a".into(),
            look: [5; 32],
            tables: tables.clone(),
            urgent: None,
        }),
        Fact::RoundEnded { round: RoundId::from_bytes([6; 32]), receipt: [7; 32] },
        Fact::RoundFailed { peer, exit: 22 },
        Fact::Cosigned { peer, size: 3, root: [8; 32] },
        Fact::Warned { peer },
        Fact::RoundResumed { peer, round: Some(RoundId::from_bytes([9; 32])) },
        Fact::JournalDeleted { round: Some(RoundId::from_bytes([9; 32])) },
        Fact::DebitReturned { role, peer, lanes, entry: 4 },
        Fact::RunEnded { peer, round: RoundId::from_bytes([9; 32]), run: [10; 32] },
        Fact::Noticed { peer, way: 2, notice: [11; 32] },
        Fact::Debited(Debit {
            time: 9,
            role,
            peer,
            lanes,
            agreement: "a".into(),
            look: [5; 32],
            tables,
            urgent: Some([12; 32]),
        }),
        Fact::RecordErased,
    ]
}

/// V-AUDIT-007
#[test]
fn entries_come_back_and_have_one_encoding() {
    for (i, fact) in facts().into_iter().enumerate() {
        assert_eq!(usize::from(fact.code()), i + 1);
        let entry = AuditEntry { salt: [8; 16], time: 9, fact };
        let bytes = entry.encode();
        assert_eq!(AuditEntry::decode(&bytes), Ok(entry));
        assert_eq!(AuditEntry::decode(&bytes[..bytes.len() - 1]), Err(DecodeError::Truncated));
        assert_eq!(AuditEntry::decode(&[&bytes[..], &[0]].concat()), Err(DecodeError::TrailingBytes));
        let kind = |n: u8| [&bytes[..26], &[n], &bytes[27..]].concat();
        assert!(AuditEntry::decode(&kind(0)).is_err() && AuditEntry::decode(&kind(18)).is_err());
    }
}

/// V-AUDIT-008, V-AUDIT-009: the paths are those of the example in C2SP tlog-tiles, a log of 70,000 entries.
#[test]
fn tiles_lie_where_others_look_for_them() {
    let bundles = tiles::bundles(70_000);
    assert_eq!(bundles.len(), 274);
    assert_eq!(bundles[0], ("tile/entries/000".into(), 0, 256));
    assert_eq!(bundles[273], ("tile/entries/273.p/112".into(), 69_888, 112));
    assert_eq!(tiles::bundles(256), [("tile/entries/000".into(), 0, 256)]);
    let paths =
        |n: usize| tiles::tiles(&leaves(n)).into_iter().map(|(path, bytes)| (path, bytes.len())).collect::<Vec<_>>();
    let named = |list: &[(&str, usize)]| list.iter().map(|(p, n)| ((*p).to_owned(), n * 32)).collect::<Vec<_>>();
    assert_eq!(paths(0), []);
    assert_eq!(paths(5), named(&[("tile/0/000.p/5", 5)]));
    assert_eq!(paths(256), named(&[("tile/0/000", 256), ("tile/1/000.p/1", 1)]));
    assert_eq!(
        paths(600),
        named(&[("tile/0/000", 256), ("tile/0/001", 256), ("tile/0/002.p/88", 88), ("tile/1/000.p/2", 2)])
    );
    let deep = tiles::bundles(1_234_067 * 256 + 1);
    assert_eq!(deep.last().unwrap().0, "tile/entries/x001/x234/067.p/1");

    let some = entries(3);
    let bundle = tiles::write_bundle(&some);
    assert_eq!(tiles::read_bundle(&bundle, 512, 3), Ok(some));
    for (bytes, width) in [(&bundle[..bundle.len() - 1], 3), (&bundle[..], 2), (&bundle[..], 4), (&[][..], 1)] {
        assert_eq!(tiles::read_bundle(bytes, 512, width), Err(AuditFault::Missing { index: 512 }));
    }
}

/// V-AUDIT-009: any changed entry is found, with its place.
#[test]
fn a_damaged_log_says_where() {
    let all = entries(9);
    let hashes = leaves(9);
    let checkpoint = Checkpoint { origin: "x".into(), size: 9, root: root(&hashes) };
    assert_eq!(tiles::check(&all, &hashes, &[], &checkpoint), Ok(hashes.clone()));
    for i in 0..9 {
        let mut damaged = all.clone();
        damaged[i][2] ^= 1;
        assert_eq!(tiles::check(&damaged, &hashes, &[], &checkpoint), Err(AuditFault::Entry { index: i as u64 }));
        assert_eq!(tiles::check(&damaged, &[], &[], &checkpoint), Err(AuditFault::Root));
    }
    assert_eq!(tiles::check(&all[..8], &hashes, &[], &checkpoint), Err(AuditFault::Root));
}

/// V-AUDIT-010, V-AUDIT-011
#[test]
fn proofs_travel_as_text() {
    let (node, all, hashes) = (key(1).id(), entries(7), leaves(7));
    let at = |n: usize| Checkpoint { origin: origin(&node), size: n as u64, root: root(&hashes[..n]) };
    let note = at(7).sign(&key(1));
    let text = proof::write_inclusion(3, &prove_inclusion(&hashes, 3).unwrap(), &note);
    assert!(text.starts_with("c2sp.org/tlog-proof@v1\nindex 3\n"), "{text}");
    assert_eq!(proof::check_inclusion(&text, &all[3], &node), Ok(3));
    let extra = text.replacen("index", "extra AAAA\nindex", 1);
    assert_eq!(proof::check_inclusion(&extra, &all[3], &node), Ok(3));
    assert_eq!(proof::check_inclusion(&text, &all[4], &node), Err(AuditFault::Inclusion));
    assert_eq!(
        proof::check_inclusion(&text.replacen("index 3", "index 4", 1), &all[3], &node),
        Err(AuditFault::Inclusion)
    );
    assert_eq!(proof::check_inclusion(&text, &all[3], &key(2).id()), Err(AuditFault::Unsigned));
    let odd = text.replacen("index 3", "index 03", 1);
    assert_eq!(proof::check_inclusion(&odd, &all[3], &node), Err(AuditFault::Format("inclusion proof")));

    let grown = |from: usize| proof::write_consistency(from as u64, &prove_consistency(&hashes, from).unwrap(), &note);
    assert_eq!(proof::check_consistency(&grown(4), Some(&at(4)), &node), Ok(at(7)));
    assert_eq!(proof::check_consistency(&grown(7), Some(&at(7)), &node), Ok(at(7)));
    assert_eq!(proof::check_consistency(&proof::write_consistency(0, &[], &note), None, &node), Ok(at(7)));
    assert_eq!(proof::check_consistency(&grown(4), Some(&at(5)), &node), Err(AuditFault::Consistency));
    let forked = Checkpoint { root: [1; 32], ..at(4) };
    assert_eq!(proof::check_consistency(&grown(4), Some(&forked), &node), Err(AuditFault::Consistency));
    // A log that went back.
    let shorter = proof::write_consistency(7, &[], &at(5).sign(&key(1)));
    assert_eq!(proof::check_consistency(&shorter, Some(&at(7)), &node), Err(AuditFault::Consistency));
}

/// V-AUDIT-008, V-AUDIT-009: a tile of a level above 0 that is missing, of another length or of other content is found, at
/// the first entry under it. Nobody would see it until a later entry was built on it.
#[test]
fn a_damaged_upper_tile_is_found() {
    use std::collections::BTreeMap;
    let node = key(1);
    let entry = |time| AuditEntry { salt: [3; 16], time, fact: Fact::JournalDeleted { round: None } }.encode();
    let all: Vec<Vec<u8>> = (0..600).map(entry).collect();
    let hashes: Vec<Hash> = all.iter().map(|entry| merkle::leaf(entry)).collect();
    let mut files: BTreeMap<String, Vec<u8>> = tiles::tiles(&hashes).into_iter().collect();
    for (path, first, width) in tiles::bundles(600) {
        files.insert(path, tiles::write_bundle(&all[first as usize..(first + width) as usize]));
    }
    let checkpoint = Checkpoint { origin: origin(&node.id()), size: 600, root: root(&hashes) };
    files.insert("checkpoint".into(), checkpoint.sign(&node).into_bytes());
    let check = |files: &BTreeMap<String, Vec<u8>>| {
        let file = |path: &str| Ok::<_, ()>(files.get(path).cloned());
        log::check(&node.id(), file).map(|_| ()).map_err(|error| match error {
            LogCheckError::Fault(fault, _) => fault,
            LogCheckError::Read(()) => panic!("every file can be read"),
        })
    };
    assert_eq!(check(&files), Ok(()));
    let upper = "tile/1/000.p/2";
    let missing = Err(AuditFault::Missing { index: 0 });
    let changed = |change: &dyn Fn(&mut Vec<u8>)| {
        let mut files = files.clone();
        change(files.get_mut(upper).unwrap());
        check(&files)
    };
    assert_eq!(changed(&|tile| tile[40] ^= 1), Err(AuditFault::Root));
    assert_eq!(changed(&|tile| tile.truncate(63)), missing);
    let mut without = files.clone();
    without.remove(upper);
    assert_eq!(check(&without), missing);
    let at = |size: u64| tiles::upper(size);
    assert_eq!(at(255), []);
    assert_eq!(at(256), [("tile/1/000.p/1".to_owned(), 0, 1)]);
    assert_eq!(
        at(65_536 + 256),
        [
            ("tile/1/000".to_owned(), 0, 256),
            ("tile/1/001.p/1".to_owned(), 65_536, 1),
            ("tile/2/000.p/1".to_owned(), 0, 1),
        ]
    );
}

/// V-HELLO-009, V-HELLO-010: the head of a log in a hello is one that the node signed, and the log goes on from what was
/// cosigned last.
#[test]
fn a_log_that_went_back_or_forked_is_told_apart_from_one_that_grew() {
    use crate::error::PeerFault;
    let (node, all) = (key(1), leaves(11));
    let peer = node.id();
    let of = |n: usize, since| LogHead::new(&node, &all[..n], since);
    let known = TreeHead::of(&all[..6]);
    let judged = |head: &LogHead, known: &TreeHead| {
        LogHead::check_signed(&head.encode(), &peer).and_then(|head| head.check_follows(known))
    };
    for n in 7..=11 {
        assert_eq!(judged(&of(n, 6), &known), Ok(()), "{n}");
    }
    assert_eq!(judged(&of(11, 0), &TreeHead::empty()), Ok(()));
    // The same again, whatever the peer knows of our cosignature.
    assert_eq!(judged(&of(6, 0), &known), Ok(()));
    assert_eq!(judged(&of(6, 5), &known), Ok(()));
    for back in [of(5, 3), of(5, 0), of(11, 0), of(11, 5)] {
        assert_eq!(judged(&back, &known), Err(PeerFault::StateLost), "{} since {}", back.head.size, back.since);
    }
    let mut other = all.clone();
    other[2] = [9; 32];
    let forked = [LogHead::new(&node, &other[..6], 6), LogHead::new(&node, &other, 6), of(11, 7)];
    for fork in forked {
        assert_eq!(judged(&fork, &known), Err(PeerFault::HistoryMismatch));
    }
    let head = of(11, 6);
    for changed in
        [LogHead { proof: head.proof[1..].to_vec(), ..head.clone() }, LogHead { proof: vec![], ..head.clone() }]
    {
        assert_eq!(judged(&changed, &known), Err(PeerFault::HistoryMismatch));
    }
    // One length for all, and one encoding for each.
    let bytes = head.encode();
    assert_eq!(LogHead::check_signed(&bytes, &peer), Ok(head));
    assert_eq!(LogHead::check_signed(&bytes, &key(2).id()), Err(PeerFault::BadSignature));
    let at = |i: usize, to: u8| {
        let mut bytes = bytes;
        bytes[i] = to;
        LogHead::check_signed(&bytes, &peer).map(drop)
    };
    assert_eq!(at(7, 12), Err(PeerFault::BadSignature));
    assert_eq!(at(8, bytes[8] ^ 1), Err(PeerFault::BadSignature));
    assert_eq!(at(7, 0), Err(PeerFault::BadField("log head size")));
    assert_eq!(at(112, 65), Err(PeerFault::BadField("log head proof")));
    assert_eq!(at(2160, 1), Err(PeerFault::BadField("log head proof")));
}

/// V-COSIGN-002
#[test]
fn a_cosignature_is_of_one_head_of_one_log_by_one_key() {
    let (own, by) = (key(1).id(), key(2));
    let head = TreeHead::of(&leaves(7));
    let signature = head::cosign(&by, 77, &own, &head);
    let check =
        |time, by: &PeerId, of: &PeerId, head: &TreeHead| head::check_cosignature(time, &signature, by, of, head);
    assert_eq!(check(77, &by.id(), &own, &head), Ok(()));
    assert!(check(78, &by.id(), &own, &head).is_err());
    assert!(check(77, &key(3).id(), &own, &head).is_err());
    assert!(check(77, &by.id(), &by.id(), &head).is_err());
    assert!(check(77, &by.id(), &own, &TreeHead::of(&leaves(8))).is_err());
    // It is a line of a note that others can check.
    let note = LogHead::new(&key(1), &leaves(7), 0).note(&own) + &note::cosignature_line(&by.id(), 77, &signature);
    assert!(Note::parse(note.as_bytes()).unwrap().signed_by(&Key::of_cosigner(&by.id())).is_ok());
    assert!(Checkpoint::open(note.as_bytes(), &own).is_ok());
}

/// V-AUDIT-018: two entries that say the same have other hashes.
#[test]
fn a_salt_hides_what_an_entry_says() {
    let entry = |salt| AuditEntry { salt: [salt; 16], time: 9, fact: Fact::Warned { peer: key(1).id() } };
    assert_ne!(merkle::leaf(&entry(1).encode()), merkle::leaf(&entry(2).encode()));
    assert_eq!(AuditEntry::decode(&entry(1).encode()), Ok(entry(1)));
}
