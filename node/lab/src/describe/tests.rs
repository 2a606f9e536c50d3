use super::*;
use blindlink::policy::Policy;

fn description(policy: Policy) -> Description {
    describe(&policy.validate().unwrap()).unwrap()
}

#[test]
fn the_examples_are_ordered_as_people_expect() {
    let d = description(Policy::default_policy().unwrap());
    let of = |start: &str| d.examples.iter().find(|e| e.difference.starts_with(start)).unwrap();
    assert_eq!((d.examples.len(), of("nothing").grade), (EXAMPLES.len(), "strong"));
    assert_eq!(of("another person in every field").grade, "none");
    assert_eq!(of("a namesake").grade, "none");
    assert!(of("nothing").score > of("no document").score);
    for field in &d.fields {
        assert!(field.equal >= field.similar && field.similar >= field.different, "{field:?}");
        assert!(field.equal > field.different, "{field:?}");
    }
    let text = d.text();
    for part in ["WHAT IS COMPARED", "WHICH PAIRS", "EXAMPLES", "WHAT A ROUND COSTS", "WHO LEARNS WHAT"] {
        assert!(text.contains(part), "{part}");
    }
    // What a peer that cheats gets depends on the mode: signers see it before they sign.
    assert!(text.contains("responder that cheats: which of its guesses") && text.contains("policy plan"), "{text}");
    let mut quiet = Policy::default_policy().unwrap();
    quiet.round.output = blindlink::policy::OutputMode::Requester;
    let text = description(quiet).text();
    assert!(text.contains("responder that cheats: nothing") && !text.contains("of its guesses"), "{text}");
}

#[test]
fn every_invented_row_is_read() {
    let policy = Policy::default_policy().unwrap().validate().unwrap();
    for row in EXAMPLES.iter().map(|(_, row)| *row).chain([BASE, SIMILAR, DIFFERENT]) {
        assert_eq!(read(&policy, row, 0).len(), 1, "{row}");
    }
}

#[test]
fn declared_fields_have_points_too() {
    let text = Policy::default_text().replacen(
        "[[segment]]",
        "[[field]]\nname = \"suburb\"\ntype = \"text\"\n\n[[segment]]\nid = \"suburb\"\nfeatures = [\"suburb.bigrams\"]\n\
         bits = 64\nhashes = 4\nweights = { alpha = 5, beta = -2, nu = 0 }\n\n[[segment]]",
        1,
    );
    let d = description(Policy::from_toml(&text).unwrap());
    let field = d.fields.iter().find(|f| f.id == "suburb").unwrap();
    assert!(field.equal > field.similar && field.similar > field.different, "{field:?}");
    assert!(field.what.contains("`suburb`"));
}
