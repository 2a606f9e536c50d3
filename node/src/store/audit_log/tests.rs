use super::*;
use blindlink::ids::RoundId;

fn node() -> (tempfile::TempDir, DataDir, Identity) {
    let folder = tempfile::tempdir().unwrap();
    let data = DataDir::locate(Some(folder.path().join("node"))).unwrap();
    let identity = data.init().unwrap();
    (folder, data, identity)
}

fn facts(n: u64) -> Vec<Fact> {
    (0..n).map(|i| Fact::RoundEnded { round: RoundId::from_bytes([i as u8; 32]), receipt: [7; 32] }).collect()
}

#[test]
fn a_log_grows_over_full_tiles_and_stays_whole() {
    let (_folder, data, identity) = node();
    let node = identity.key().id();
    let mut size = 1;
    let mut earlier: Vec<(usize, merkle::Hash)> = Vec::new();
    for step in [3, 251, 1, 1, 300] {
        Log::open(&data, &identity).unwrap().append(facts(step)).unwrap();
        size += step;
        let content = read(&folder(&data), &node).unwrap();
        assert_eq!((content.checkpoint.size, content.entries.len() as u64), (size, size));
        for (before, root) in &earlier {
            assert_eq!(merkle::root(&content.leaves[..*before]), *root, "it only grew");
        }
        earlier.push((content.leaves.len(), content.checkpoint.root));
    }
    let partial = |entry: &fs::DirEntry| entry.file_name().to_string_lossy().ends_with(".p");
    let folders = fs::read_dir(folder(&data).join("tile/entries")).unwrap().map(Result::unwrap).filter(partial);
    let left: usize = folders.map(|entry| fs::read_dir(entry.path()).unwrap().count()).sum();
    assert_eq!(left, 1, "one partial bundle is left");
}

/// V-AUDIT-012: a crash between the tiles and the checkpoint.
#[test]
fn what_lies_beyond_the_checkpoint_is_no_part_of_the_log() {
    let (_folder, data, identity) = node();
    Log::open(&data, &identity).unwrap().append(facts(2)).unwrap();
    let dir = folder(&data);
    let before = ["checkpoint", "tile/entries/000.p/3", "tile/0/000.p/3"].map(|p| (p, fs::read(dir.join(p)).unwrap()));
    Log::open(&data, &identity).unwrap().append(facts(1)).unwrap();
    for (path, content) in before {
        fs::write(dir.join(path), content).unwrap();
    }
    assert_eq!(Log::open(&data, &identity).unwrap().entries().len(), 3);
    Log::open(&data, &identity).unwrap().append(facts(5)).unwrap();
    assert_eq!(read(&dir, &identity.key().id()).unwrap().checkpoint.size, 8);
}

/// V-AUDIT-013: one changed bit anywhere in the files is found.
#[test]
fn any_changed_bit_is_found() {
    let (_folder, data, identity) = node();
    Log::open(&data, &identity).unwrap().append(facts(3)).unwrap();
    let dir = folder(&data);
    for path in ["checkpoint", "tile/entries/000.p/4", "tile/0/000.p/4"] {
        let good = fs::read(dir.join(path)).unwrap();
        for at in 0..good.len() {
            let mut bad = good.clone();
            bad[at] ^= 4;
            fs::write(dir.join(path), &bad).unwrap();
            let found = read(&dir, &identity.key().id());
            assert!(matches!(found, Err(StoreError::Audit { .. })), "{path} byte {at}");
        }
        fs::write(dir.join(path), &good).unwrap();
    }
    assert!(read(&dir, &identity.key().id()).is_ok());
    assert!(read(&dir, &IdentityKey::from_secret(&[9; 32]).id()).is_err(), "another node's key");
}

/// V-AUDIT-017: killed, or without space, at the very first entry.
#[test]
fn a_log_that_was_cut_short_when_it_was_begun_is_begun_anew() {
    let (_folder, data, identity) = node();
    Log::open(&data, &identity).unwrap();
    let dir = folder(&data);
    let [bundle, tile] = ["tile/entries/000.p/1", "tile/0/000.p/1"].map(|path| dir.join(path));
    let cuts: [&[&Path]; 3] = [&[], &[&tile], &[&bundle, &tile]];
    for missing in cuts {
        fs::remove_file(dir.join("checkpoint")).unwrap();
        missing.iter().for_each(|path| fs::remove_file(path).unwrap());
        fs::write(bundle.with_file_name(".1.0a0b0c0d.tmp"), b"half").unwrap();
        assert_eq!(Log::open(&data, &identity).unwrap().entries().len(), 1);
        assert!(read(&dir, &identity.key().id()).is_ok());
    }
    // A log that was more than begun has lost its checkpoint.
    Log::open(&data, &identity).unwrap().append(facts(1)).unwrap();
    fs::remove_file(dir.join("checkpoint")).unwrap();
    assert!(matches!(Log::open(&data, &identity), Err(StoreError::Audit { .. })));
}
