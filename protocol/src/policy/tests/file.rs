use super::refusal;
use crate::normalise;
use crate::policy::Policy;

fn changed(from: &str, to: &str) -> Result<Policy, crate::Error> {
    let text = Policy::default_text();
    assert!(text.contains(from), "the default policy has no `{from}`");
    Policy::from_toml(&text.replacen(from, to, 1))
}

#[test]
fn the_policies_that_come_along_are_valid() {
    for (text, slots) in [(Policy::default_text(), 8), (Policy::thorough_text(), 10)] {
        let policy = Policy::from_toml(text).unwrap();
        assert_eq!(policy.tables.iter().map(|t| t.slots.room_requester / 100).sum::<u16>(), slots);
        for n in [1, 100, 2_000, 20_000] {
            policy.clone().with_records(n, n).validate().unwrap();
        }
        let shape = policy.validate().unwrap().shape().clone();
        assert_eq!((shape.filter_bits(), shape.payload_bits()), (512, 528));
    }
}

#[test]
fn errors_name_the_field() {
    // V-POLICY-002
    let cases = [
        ("epoch = 1", "epoch = -1", "context.epoch"),
        ("epoch = 1", "epoch = 1\nextra = 2", "context.extra"),
        ("lanes = \"suspect-suspect\"", "lanes = \"victim-suspect\"", "context.lanes"),
        ("lanes = \"suspect-suspect\"", "lanes = \"suspect-victim\"", "context.lanes"),
        ("bits = 64", "bits = \"many\"", "segment[1].bits"),
        ("features = [\"sex\"]", "features = [\"income\"]", "segment[5].features"),
        ("slots_requester = 8", "slots_requester = 8.5", "table[0].slots_requester"),
        ("name = \"blindlink default\"", "name = 7", "name"),
    ];
    for (from, to, path) in cases {
        assert_eq!(refusal(changed(from, to)), (path.to_owned(), "V-POLICY-002"), "{to}");
    }
    assert!(refusal(changed("epoch = 1", "")).0.starts_with("context"));
    assert!(Policy::from_toml("").is_err());
    assert!(Policy::from_toml("name = \"é").is_err());
}

#[test]
fn the_table_digest_may_be_written_out() {
    let digest = hex::encode(normalise::tables_digest());
    let line = |hex: &str| format!("version = \"norm-v1\"\ntables = \"{hex}\"");
    assert_eq!(changed("version = \"norm-v1\"", &line(&digest)).unwrap(), Policy::default_policy().unwrap());
    let other = changed("version = \"norm-v1\"", &line(&"00".repeat(32))).unwrap();
    assert_eq!(refusal(other.validate()), ("normalisation.tables".to_owned(), "V-POLICY-005"));
    for bad in ["00", &"0".repeat(65), &"é".repeat(32), &"zz".repeat(32)] {
        assert_eq!(refusal(changed("version = \"norm-v1\"", &line(bad))).0, "normalisation.tables");
    }
}

#[test]
fn expected_wrong_pairs_are_read_and_are_no_part_of_what_both_sides_agree_on() {
    // V-POLICY-040
    let plain = Policy { expected_wrong: None, ..Policy::default_policy().unwrap() };
    let (before, after) = Policy::default_text().split_once("[expected_wrong]").unwrap_or((Policy::default_text(), ""));
    let (head, tail) = before.split_once("[[segment]]").unwrap_or((before, after));
    let tail = if after.is_empty() { tail } else { after.split_once("[[segment]]").unwrap().1 };
    let with = |lines: &str| Policy::from_toml(&format!("{head}\n[expected_wrong]\n{lines}\n[[segment]]{tail}"));
    let policy = with("records = 20000\nstrong = 2\npossible = 50").unwrap();
    assert_eq!(policy.to_canonical_bytes(), plain.to_canonical_bytes());
    let [strong, all] = policy.expected_wrong.unwrap().between(20_000, 2_000);
    assert!((strong - 0.2).abs() < 1e-9 && (all - 5.0).abs() < 1e-9);
    assert_eq!(refusal(with("records = 20000\nstrong = 2")), ("expected_wrong".to_owned(), "V-POLICY-002"));
}
