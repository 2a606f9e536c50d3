//! Any bytes as each file of an audit log.
#![no_main]

use blindlink::audit::note::{Key, Note};
use blindlink::audit::{checkpoint::Checkpoint, entry::AuditEntry, proof, tiles};
use blindlink::identity::IdentityKey;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let node = IdentityKey::from_secret(&[1; 32]).id();
    if let Ok(note) = Note::parse(data) {
        let _ = note.signed_by(&Key::of_log(&node));
        let _ = note.signed_by(&Key::of_cosigner(&node));
    }
    let _ = Checkpoint::open(data, &node);
    if let Ok(entry) = AuditEntry::decode(data) {
        assert_eq!(entry.encode(), data);
    }
    let _ = tiles::read_bundle(data, 0, 256);
    if let Ok(text) = core::str::from_utf8(data) {
        let _ = Checkpoint::parse(text);
        let _ = proof::check_inclusion(text, b"entry", &node);
        let _ = proof::check_consistency(text, None, &node);
    }
});
