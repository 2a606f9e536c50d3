use super::*;

#[test]
fn an_id_is_shown_and_read_as_hexadecimal_digits() {
    let id = RoundId::from_bytes([0xa5; 32]);
    assert_eq!(id.to_string(), "a5".repeat(32));
    assert_eq!(format!("{id:?}"), format!("RoundId({})", "a5".repeat(32)));
    assert_eq!(RoundId::from_hex(&id.to_string()), Some(id));
    for bad in ["", "a5", &"a5".repeat(31), &"a5".repeat(33), &"g5".repeat(32)] {
        assert_eq!(RoundId::from_hex(bad), None, "{bad}");
    }
}

#[test]
fn a_pseudonym_is_not_printed() {
    let pseudonym = Pseudonym::from_bytes([0xab; 16]);
    assert_eq!(format!("{pseudonym:?}{pseudonym:#?}"), "Pseudonym(..)Pseudonym(..)");
}

#[test]
fn zeros_are_none_where_canonical_bytes_write_them_so() {
    assert_eq!(AgreementDigest::unless_zeros([0; 32]), None);
    assert_eq!(AgreementDigest::or_zeros(None), [0; 32]);
    let mut bytes = [0; 32];
    bytes[31] = 1;
    let id = AgreementDigest::unless_zeros(bytes);
    assert_eq!(id, Some(AgreementDigest::from_bytes(bytes)));
    assert_eq!(AgreementDigest::or_zeros(id), bytes);
}
