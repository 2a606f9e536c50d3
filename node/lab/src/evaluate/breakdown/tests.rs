use super::*;

#[test]
fn pairs_count_under_their_culture_and_each_corruption() {
    let truth: Truth = [(0, 0), (1, 1), (2, 2), (3, 3)].into();
    let labels: Labels = [
        ((0, 0), Label::parse("thai", "a:typo;b:typo;b:native_script")),
        ((1, 1), Label::parse("thai", "")),
        ((2, 2), Label::parse("somali", "a:typo")),
    ]
    .into();
    let pair = |own, peer, grade| IdealPair { own, peer, grade, tables: vec![1] };
    let pairs = [pair(0, 0, Grade::Strong), pair(1, 1, Grade::Possible), pair(2, 3, Grade::Strong)];
    let b = breakdown(&pairs, &truth, &labels);
    let counts = |r: &GroupRecall| (r.pairs, r.found, r.strong);
    assert_eq!(counts(&b.cultures["thai"]), (2, 2, 1));
    assert_eq!(counts(&b.cultures["somali"]), (1, 0, 0));
    assert_eq!(counts(&b.cultures["unknown"]), (1, 0, 0));
    assert_eq!(counts(&b.corruptions["typo"]), (2, 1, 1));
    assert_eq!(counts(&b.corruptions["native_script"]), (1, 1, 1));
    assert_eq!(counts(&b.corruptions["none"]), (2, 1, 0));
    assert_eq!(counts(&b.counts[&2]), (1, 1, 1));
    assert!((b.corruptions["typo"].recall - 0.5).abs() < 1e-12);
    let text = markdown(&b);
    assert!(text.contains("| thai | 2 | 1.000 | 0.500 |") && text.contains("| none | 2 | 0.500 | 0.000 |"));
    // The worst first.
    assert!(text.find("| somali").unwrap() < text.find("| thai").unwrap());
}
