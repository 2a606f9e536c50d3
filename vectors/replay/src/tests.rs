use super::{LAYERS, replay};
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};

fn vectors() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// A copy of the vectors in which one file was changed. Of what takes longest the other files keep two tests: a pair of
/// the suite `similar` and its near miss, a whole round and one of those that change it.
fn changed(name: &str, change: impl FnOnce(&mut Value)) -> tempfile::TempDir {
    let copy = tempfile::tempdir().unwrap();
    for folder in ["v2", "schemas"] {
        fs::create_dir(copy.path().join(folder)).unwrap();
        for entry in fs::read_dir(vectors().join(folder)).unwrap() {
            let entry = entry.unwrap();
            fs::copy(entry.path(), copy.path().join(folder).join(entry.file_name())).unwrap();
        }
    }
    let edit = |name: &str, change: &mut dyn FnMut(&mut Value)| {
        let path = copy.path().join("v2").join(name);
        let mut document: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
        change(&mut document);
        fs::write(&path, document.to_string()).unwrap();
    };
    let long = ["similar_names.json", "similar_dates.json", "similar_places.json", "session.json", "evidence.json"];
    for long in long.into_iter().filter(|long| *long != name) {
        edit(long, &mut |document| {
            let tests = document["tests"].as_array_mut().unwrap();
            tests.truncate(2);
            let rule = tests[0]["rule"].as_str().map(str::to_owned);
            document["count"] = json!(2);
            if let Some(rule) = rule {
                // Whether one pair of a rule is found says nothing of the rule.
                document["least_percent"] = json!({ rule: 0 });
            }
        });
    }
    let mut change = Some(change);
    edit(name, &mut |document| change.take().unwrap()(document));
    copy
}

/// The change alone is what fails.
#[test]
fn a_copy_without_a_change_passes() {
    let report = replay(changed("prf.json", |_| ()).path());
    assert!(report.passed(), "{}", serde_json::to_string_pretty(&report).unwrap());
}

/// Every vector in `vectors/` goes as its file says.
#[test]
fn all_vectors_pass() {
    let report = replay(&vectors());
    assert!(report.passed(), "{}", serde_json::to_string_pretty(&report).unwrap());
    assert!(report.files.len() >= LAYERS.len());
    let rfc = report.files.iter().find(|f| f.name == "rfc9497.json").unwrap();
    assert_eq!(rfc.tests, 8, "the eight official vectors of RFC 9497");
}

#[test]
fn a_wrong_output_is_named_with_expected_and_got() {
    let copy = changed("prf.json", |d| d["tests"][2]["output"] = json!("00".repeat(80)));
    let report = replay(copy.path());
    let file = report.files.iter().find(|f| f.name == "prf.json").unwrap();
    assert_eq!(file.failures.len(), 1);
    assert_eq!(file.failures[0].id, 3);
    assert_eq!(file.failures[0].expected, format!("output {}", "00".repeat(80)));
    assert_eq!(file.failures[0].got.len(), 160);
    assert!(!report.passed());
}

#[test]
fn a_refusal_for_another_reason_fails() {
    let copy = changed("dleq.json", |d| d["tests"][2]["error"] = json!({"class": "BadScalar", "code": 206}));
    let report = replay(copy.path());
    let file = report.files.iter().find(|f| f.name == "dleq.json").unwrap();
    assert_eq!(file.failures[0].expected, "refusal as BadScalar (206)");
    assert_eq!(file.failures[0].got, "refusal as BadProof (207)");
}

/// Field, requirement and place of a refusal, and refusals in the middle of a list, are compared like outputs.
#[test]
fn what_a_refusal_names_is_compared() {
    let first = |d: &Value, what: &str| d["tests"].as_array().unwrap().iter().position(|t| !t[what].is_null()).unwrap();
    let copy = changed("policy.json", |d| {
        let at = first(d, "requirement");
        d["tests"][at]["requirement"] = json!("V-POLICY-001");
        d["tests"][at + 1]["field"] = json!("elsewhere");
    });
    let edit = |name: &str, change: &dyn Fn(&mut Value)| {
        let path = copy.path().join("v2").join(name);
        let mut document: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
        change(&mut document);
        fs::write(&path, document.to_string()).unwrap();
    };
    edit("audit_log.json", &|d| {
        let at = first(d, "place");
        d["tests"][at]["place"] = json!(7777);
    });
    edit("budget.json", &|d| {
        let refused = |t: &Value| t["rounds"].as_array().unwrap().iter().position(|r| !r["refused"].is_null());
        let at = d["tests"].as_array().unwrap().iter().position(|t| refused(t).is_some()).unwrap();
        let round = refused(&d["tests"][at]).unwrap();
        d["tests"][at]["rounds"][round]["refused"] = json!(623);
    });
    edit("admission.json", &|d| d["tests"][0]["claims"] = json!(3));
    let report = replay(copy.path());
    let failed = |name: &str| report.files.iter().find(|f| f.name == name).unwrap().failures.len();
    let names = ["policy.json", "audit_log.json", "budget.json", "admission.json"];
    assert_eq!(names.map(failed), [2, 1, 1, 1]);
    assert_eq!(report.files.iter().map(|f| f.failures.len()).sum::<usize>(), 5);
}

#[test]
fn accepting_what_must_be_refused_fails() {
    let copy = changed("group_decode.json", |d| {
        let good = d["tests"][1]["encoding"].clone();
        d["tests"][0]["encoding"] = good;
    });
    let report = replay(copy.path());
    assert_eq!(
        report.files.iter().flat_map(|f| &f.failures).map(|f| f.got.as_str()).collect::<Vec<_>>(),
        ["acceptance"]
    );
}

#[test]
fn nothing_is_skipped_in_silence() {
    type Change = fn(&Path);
    let cases: [(&str, Change); 4] = [
        ("stray.json", |dir| fs::write(dir.join("v2/stray.json"), "{}").unwrap()),
        ("stray.txt", |dir| fs::write(dir.join("stray.txt"), "").unwrap()),
        ("layer `prf` is missing", |dir| fs::remove_file(dir.join("v2/prf.json")).unwrap()),
        ("prf.json: its schema", |dir| fs::remove_file(dir.join("schemas/prf.json")).unwrap()),
    ];
    for (said, change) in cases {
        let copy = changed("prf.json", |_| ());
        change(copy.path());
        let report = replay(copy.path());
        assert!(!report.passed() && report.problems.iter().any(|p| p.contains(said)), "{said}: {:?}", report.problems);
    }
    for (pointer, value) in [
        ("/tests/0/surprise", json!(1)),
        ("/tests/0/id", json!(7)),
        ("/tests/0/flags/0", json!("Unexplained")),
        ("/tests/0/error", json!({"class": "BadProof", "code": 207})),
        ("/tests/0/result", json!("acceptable")),
        ("/surprise", json!(1)),
        ("/layer", json!("surprise")),
        ("/tests", json!([])),
        ("/count", json!(1)),
    ] {
        let copy = changed("prf.json", |d| {
            let (parent, key) = pointer.rsplit_once('/').unwrap();
            match d.pointer_mut(parent).unwrap() {
                Value::Object(map) => drop(map.insert(key.to_owned(), value)),
                Value::Array(list) => list[0] = value,
                other => panic!("{other}"),
            }
        });
        assert!(!replay(copy.path()).passed(), "{pointer}");
    }
}

/// A test that is taken away at the end, and a key that stands twice, of which readers take the one or the other.
#[test]
fn a_missing_test_and_a_doubled_key_are_noticed() {
    let copy = changed("prf.json", |d| drop(d["tests"].as_array_mut().unwrap().pop()));
    let report = replay(copy.path());
    assert!(report.problems.iter().any(|p| p.contains("says that it holds")), "{:?}", report.problems);
    let copy = changed("prf.json", |_| ());
    let path = copy.path().join("v2/prf.json");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replacen("\"id\":1", "\"id\":1,\"id\":1", 1)).unwrap();
    let report = replay(copy.path());
    assert!(report.problems.iter().any(|p| p.contains("stands twice")), "{:?}", report.problems);
}

/// The suite has at least 50 pairs for each of the fourteen rules, as many near misses, and finds none of these.
#[test]
fn the_suite_similar_covers_every_rule() {
    let report = replay(&vectors());
    let suites: Vec<_> = report.files.iter().filter_map(|f| f.suite.as_ref()).collect();
    let rules: Vec<&str> = suites.iter().flat_map(|s| s.rules.keys()).map(String::as_str).collect();
    let wanted = ["dates_a", "dates_b", "dates_c", "names_a", "names_b", "names_c", "names_d", "names_e", "names_f"];
    let more = ["names_g", "names_h", "places_a", "places_b", "places_c"];
    assert_eq!(rules, [&wanted[..], &more].concat());
    for suite in suites {
        for rule in suite.rules.keys() {
            let all = suite.of(rule);
            assert!(all.pairs >= 50 && all.near_misses == all.pairs && all.wrong == 0, "{rule}: {all:?}");
        }
    }
}

#[test]
fn a_near_miss_that_is_found_fails_the_suite() {
    let copy = changed("similar_names.json", |d| {
        let same = d["tests"][1]["a"].clone();
        d["tests"][1]["b"] = same;
    });
    let report = replay(copy.path());
    let file = report.files.iter().find(|f| f.name == "similar_names.json").unwrap();
    assert_eq!(file.failures.iter().map(|f| (f.id, f.got.as_str())).collect::<Vec<_>>(), [(2, "reported")]);
}

#[test]
fn too_few_pairs_found_fail_the_suite() {
    // All pairs of the rule are made to name different persons.
    let copy = changed("similar_places.json", |d| {
        for test in d["tests"].as_array_mut().unwrap() {
            if test["rule"] == "places_b" && test["expected"] == "possible" {
                test["b"] = json!({"record_id": "b", "given_names": "Qwx", "birth_date": "1931-07-09", "sex": "M"});
            }
        }
    });
    let report = replay(copy.path());
    let file = report.files.iter().find(|f| f.name == "similar_places.json").unwrap();
    let failures: Vec<_> = file.failures.iter().map(|f| (f.comment.as_str(), f.got.as_str())).collect();
    assert_eq!(failures, [("rule places_b", "0 %")]);
    assert_eq!(file.suite.as_ref().unwrap().misses.len(), 120, "each miss is listed");
}

#[test]
fn only_the_suite_may_set_shares() {
    let copy = changed("prf.json", |d| d["least_percent"] = json!({"names_a": 0}));
    assert!(!replay(copy.path()).passed());
    let copy = changed("similar_dates.json", |d| d["least_percent"] = json!({}));
    assert!(!replay(copy.path()).passed());
}

/// What the readers of the layers would take, but the schema does not allow.
#[test]
fn what_the_schema_does_not_allow_is_refused() {
    for (comment, change) in [
        (
            "an empty comment",
            Box::new(|d: &mut Value| d["tests"][0]["comment"] = json!("")) as Box<dyn FnOnce(&mut Value)>,
        ),
        ("capital hexadecimal digits", Box::new(|d: &mut Value| d["tests"][0]["output"] = json!("AB".repeat(80)))),
        ("an id of nothing", Box::new(|d: &mut Value| d["tests"][0]["id"] = json!(0))),
    ] {
        let refused = super::read(changed("prf.json", change).path(), "prf.json").map(|_| ());
        assert!(refused.as_ref().is_err_and(|why| why.contains("does not allow")), "{comment}: {refused:?}");
    }
}
