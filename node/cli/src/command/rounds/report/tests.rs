use super::*;
use blindlink::ids::Pseudonym;

fn pair(own_id: &str, grade: Option<Grade>, tables: &[&str]) -> KeptPair {
    KeptPair {
        own_id: own_id.to_owned(),
        pseudonym: Pseudonym::from_bytes([0; 16]),
        grade,
        tables: tables.iter().map(|name| (*name).to_owned()).collect(),
    }
}

#[test]
fn pairs_are_counted_by_table_and_grade() {
    let (strong, possible) = (Some(Grade::Strong), Some(Grade::Possible));
    let pairs = [pair("a", strong, &["t1", "t2"]), pair("a", possible, &["t2"]), pair("b", possible, &["t2"])];
    let met = tables(&pairs, &[("t2".to_owned(), "names and sex".to_owned())]);
    let shown: Vec<_> = met.iter().map(|m| (m.words.as_str(), m.strong, m.possible, m.percent)).collect();
    assert_eq!(shown, [("names and sex", 1, 2, 100), ("t1", 1, 0, 33)]);
}

#[test]
fn a_name_of_a_peer_leads_nowhere() {
    assert_eq!(safe("../a b"), "___a_b");
    assert_eq!(safe("south-1"), "south-1");
}
