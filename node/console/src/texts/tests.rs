//! No text is missing in any language.

use super::{LANGUAGES, Language, Texts};
use blindlink::explain::Subject;
use blindlink::schema::kinds::Lane;
use blindlink_review::{Measure, Reason, Stage, Verdict};
use std::collections::{BTreeMap, BTreeSet};

/// States of an agreement, by `blindlink::agreement::statement::State::name`.
const AGREEMENTS: [&str; 6] = ["draft", "partly_signed", "not_yet_valid", "in_force", "suspended", "expired"];

fn entries(language: Language) -> BTreeMap<&'static str, &'static str> {
    language.source().lines().filter_map(|line| line.split_once(" = ")).collect()
}

#[test]
fn every_language_has_every_text_and_none_is_left_in_english() {
    let english = entries(Language::English);
    assert!(english.len() > 100);
    for (language, code, _) in LANGUAGES {
        let own = entries(language);
        assert_eq!(own.keys().collect::<Vec<_>>(), english.keys().collect::<Vec<_>>(), "{code}");
        assert_eq!(own.len(), language.source().lines().filter(|line| !line.trim().is_empty()).count(), "{code}");
        for (key, text) in &own {
            assert!(!text.trim().is_empty(), "{code} {key}");
            assert_eq!(text.contains("{ $n }"), english[key].contains("{ $n }"), "{code} {key}");
            assert!(language == Language::English || *text != english[key], "{code} {key} is not translated");
        }
    }
}

#[test]
fn scripts_are_those_of_the_language() {
    for (code, range) in [("ar", '\u{600}'..='\u{6ff}'), ("ru", '\u{400}'..='\u{4ff}'), ("zh", '\u{4e00}'..='\u{9fff}')]
    {
        let language = Language::from_code(code).unwrap();
        for (key, text) in entries(language) {
            assert!(text.chars().any(|c| range.contains(&c)), "{code} {key}: {text}");
        }
    }
    assert_eq!(Language::Arabic.direction(), "rtl");
}

#[test]
fn every_key_that_a_page_asks_for_is_there() {
    let mut keys = BTreeSet::new();
    let sources = [
        include_str!("../../templates/base.html"),
        include_str!("../../templates/login.html"),
        include_str!("../../templates/queue.html"),
        include_str!("../../templates/pair.html"),
        include_str!("../../templates/status.html"),
        include_str!("../../templates/log.html"),
        include_str!("../../templates/message.html"),
        include_str!("../../templates/node.html"),
        include_str!("../../templates/statistics.html"),
        include_str!("../pages.rs"),
        include_str!("../pages/letters.rs"),
        include_str!("../pages/node.rs"),
        include_str!("../pages/statistics.rs"),
        include_str!("../views.rs"),
        include_str!("../letter.rs"),
    ];
    for source in sources {
        for call in ["get(\"", "number(\""] {
            keys.extend(source.split(call).skip(1).filter_map(|rest| rest.split('"').next()).map(str::to_owned));
        }
        // Keys that are passed on: everything that begins like one.
        let quoted = source.split('"').skip(1).step_by(2).filter(|text| {
            ["nav-", "what-", "refused-", "due-", "actor-", "log-", "grade-", "letter-", "statistics-", "node-"]
                .iter()
                .any(|kind| text.starts_with(kind))
        });
        keys.extend(quoted.map(str::to_owned));
    }
    // Names of fields of forms and of queries are asked for in the same words.
    for field in [
        "form",
        "reason",
        "choice",
        "seen",
        "language",
        "here",
        "stage",
        "after",
        "from",
        "name",
        "passphrase",
        "quarter",
    ] {
        keys.remove(field);
    }
    let named = |kind: &'static str, names: Vec<&'static str>| {
        names.into_iter().map(move |n| format!("{kind}-{}", n.replace('_', "-")))
    };
    keys.extend(named("stage", Stage::ALL.iter().map(|s| s.name()).collect()));
    keys.extend(named("lane", Lane::ALL.iter().map(|l| l.name()).collect()));
    keys.extend(named("verdict", Verdict::ALL.iter().map(|v| v.name()).collect()));
    keys.extend(named("reason", Reason::ALL.iter().map(|r| r.name()).collect()));
    keys.extend(named("agreement", AGREEMENTS.to_vec()));
    keys.extend(named("measure", Measure::ALL.iter().map(|m| m.name()).collect()));
    keys.extend(Subject::ALL.map(|subject| format!("subject-{}", subject.code().replace('_', "-"))));
    // What `blindlink::explain::own_fields` calls the fields of a record.
    let fields = "record-id case-ref identity-status given-names father-names family-names names other-names birth-date sex \
                  nationality birth-country birth-place document-number phone email";
    keys.extend(fields.split_whitespace().map(|field| format!("field-{field}")));
    keys.extend(["bad-form", "not-found", "failed", "done", "login-failed"].map(str::to_owned));
    assert!(keys.len() > 90, "{}", keys.len());
    for (language, code, _) in LANGUAGES {
        let texts = Texts::new(language);
        for key in &keys {
            let text = texts.number(key, 7);
            assert!(!text.is_empty() && !text.starts_with('['), "{code} {key}: {text}");
        }
        assert_eq!(texts.get("no-such-key"), "[no-such-key]");
    }
}

#[test]
fn a_browsers_first_known_language_is_taken() {
    assert_eq!(Language::preferred("de-AT, fr;q=0.8, en"), Language::French);
    assert_eq!(Language::preferred("ar-EG"), Language::Arabic);
    assert_eq!(Language::preferred(""), Language::English);
}
