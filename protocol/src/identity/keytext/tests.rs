use super::*;
use crate::identity::IdentityKey;

const ALPHABET: &[u8; 32] = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l";

#[test]
fn keys_come_back_from_their_text() {
    for n in 0..20 {
        let id = IdentityKey::from_secret(&[n; 32]).id();
        let text = to_text(&id);
        assert_eq!(text.len(), 64);
        assert_eq!(from_text(&text), Ok(id));
        assert_eq!(from_text(&text.to_ascii_uppercase()), Ok(id));
        let groups = text.as_bytes().chunks(4).map(|g| std::str::from_utf8(g).unwrap()).collect::<Vec<_>>().join(" ");
        assert_eq!(from_text(&groups), Ok(id));
        assert_eq!(from_text(&hex::encode(id.as_bytes())), Ok(id));
    }
}

#[test]
fn every_single_mistyped_character_is_noticed() {
    let text = to_text(&IdentityKey::from_secret(&[7; 32]).id());
    for position in 6..text.len() {
        for wrong in ALPHABET.iter().filter(|c| **c != text.as_bytes()[position]) {
            let mut typed = text.clone().into_bytes();
            typed[position] = *wrong;
            assert_eq!(from_text(std::str::from_utf8(&typed).unwrap()), Err(KeyTextError::Checksum));
        }
    }
}

#[test]
fn keys_of_small_order_and_other_forms_are_refused() {
    assert_eq!(from_text(&"00".repeat(32)), Err(KeyTextError::Key));
    assert_eq!(from_text("blind1short"), Err(KeyTextError::Form));
    assert_eq!(from_text(""), Err(KeyTextError::Form));
}
