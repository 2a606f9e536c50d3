//! A day's work: pairs judged, asked, taken back; who sees what; pages in six languages; the speed of the queue.

use crate::office::{Office, address, pair};
use axum::http::StatusCode;
use blindlink_console::{CaseNotice, LANGUAGES, Letter, LetterKind, ToldNotice};
use blindlink_review::What;
use std::sync::atomic::Ordering;

const YES: &[(&str, &str)] = &[("choice", "worth_asking.document"), ("note", "folder 3")];

fn seen<'a>(version: &'a str, more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    [&[("seen", version)], more].concat()
}

#[tokio::test]
async fn a_pair_is_judged_twice_and_put_to_the_other_authority() {
    let office = Office::new(2);
    let (anna, ben, carla) = (office.browser("anna").await, office.browser("ben").await, office.browser("carla").await);
    let page = format!("/pair/{}", address(pair(1)));
    let shown = anna.get(&page).await;
    assert!(shown.text.contains("Oksana") && shown.text.contains("shown when you have judged"));
    assert!(!shown.text.contains("<svg"), "the picture would show the grade's reasons");
    let judged = anna.post(&format!("{page}/judge"), &seen("0", YES)).await;
    assert_eq!((judged.status, judged.header("location")), (StatusCode::SEE_OTHER, format!("{page}?done").as_str()));
    let shown = anna.get(&format!("{page}?done")).await;
    assert!(shown.text.contains("It is done.") && shown.text.contains(">strong<") && shown.text.contains("<svg"));
    // The second person does not see what the first thought, and judges blind.
    let shown = ben.get(&page).await;
    assert!(shown.text.contains("Person 2: shown when you have judged") && !shown.text.contains(">strong<"));
    assert_eq!(anna.post(&format!("{page}/judge"), &seen("1", YES)).await.status, StatusCode::FORBIDDEN);
    assert_eq!(carla.post(&format!("{page}/approve"), &seen("1", &[])).await.status, StatusCode::CONFLICT);
    assert_eq!(ben.post(&format!("{page}/judge"), &seen("1", YES)).await.status, StatusCode::SEE_OTHER);
    assert!(carla.get("/queue?stage=judged_twice").await.text.contains(&address(pair(1))));
    assert_eq!(carla.post(&format!("{page}/approve"), &seen("2", &[])).await.status, StatusCode::SEE_OTHER);
    assert!(carla.get(&page).await.text.contains("asked; the other authority has not said yes"));
    let back = seen("3", &[("reason", "danger")]);
    assert_eq!(carla.post(&format!("{page}/withdraw"), &back).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn the_second_of_two_tabs_is_told_that_somebody_decided() {
    let office = Office::new(1);
    let (anna, ben) = (office.browser("anna").await, office.browser("ben").await);
    let judge = format!("/pair/{}/judge", address(pair(1)));
    let version = seen("0", YES);
    // Both pages were shown before either decides; both forms are on their way at once.
    let (one, other) = tokio::join!(anna.post(&judge, &version), ben.post(&judge, &version));
    let mut got = [one.status, other.status];
    got.sort_unstable();
    assert_eq!(got, [StatusCode::SEE_OTHER, StatusCode::CONFLICT]);
    let again = ben.post(&judge, &version).await;
    assert!(again.text.contains("Somebody has decided since this page was shown"));
    // The same tab twice: the second click changes nothing.
    assert_eq!(anna.post(&judge, &version).await.status, StatusCode::CONFLICT);
}

#[tokio::test]
async fn nobody_sees_another_lane_and_oversight_sees_no_names() {
    let office = Office::new(1);
    let (victims, suspects) = (format!("/pair/{}", address(pair(0))), format!("/pair/{}", address(pair(1))));
    let vera = office.browser("vera").await;
    assert_eq!(vera.get(&victims).await.status, StatusCode::OK);
    let hidden = vera.get(&suspects).await;
    let none = vera.get(&format!("/pair/{}", address(pair(77)))).await;
    assert_eq!((hidden.status, none.status), (StatusCode::NOT_FOUND, StatusCode::NOT_FOUND));
    assert_eq!(hidden.text, none.text, "a pair of another lane looks as if there were none");
    assert!(!vera.get("/queue").await.text.contains(&address(pair(1))));
    assert!(!vera.get("/status").await.text.contains("suspects"));
    for name in ["dora", "chief"] {
        let browser = office.browser(name).await;
        for page in ["/queue", &victims, &suspects] {
            let answer = browser.get(page).await;
            assert!(answer.status.is_client_error(), "{name} {page}");
            assert!(!answer.text.contains("Oksana"));
        }
    }
    assert_eq!(vera.get("/log").await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn every_reading_is_in_the_log_and_a_changed_log_is_seen() {
    let office = Office::new(1);
    let (anna, dora) = (office.browser("anna").await, office.browser("dora").await);
    let before = office.node.kept.lock().unwrap().len();
    anna.get(&format!("/pair/{}", address(pair(1)))).await;
    assert_eq!(office.node.kept.lock().unwrap().len(), before + 1);
    let log = dora.get("/log").await.text;
    assert!(log.contains("record read") && log.contains("Person 2") && log.contains("The log holds"));
    assert!(!log.contains("Oksana"));
    office.node.kept.lock().unwrap().remove(before);
    assert!(dora.get("/log").await.text.contains("The log does not hold"));
}

#[tokio::test]
async fn nothing_is_shown_that_could_not_be_logged() {
    let office = Office::new(1);
    let anna = office.browser("anna").await;
    office.node.full.store(true, Ordering::SeqCst);
    let page = format!("/pair/{}", address(pair(1)));
    let answer = anna.get(&page).await;
    assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert!(!answer.text.contains("Oksana"));
    assert!(!office.node.kept.lock().unwrap().iter().any(|entry| matches!(entry.event.what, What::Opened { .. })));
    assert_eq!(anna.post(&format!("{page}/judge"), &seen("0", YES)).await.status, StatusCode::INTERNAL_SERVER_ERROR);
    // What could not be kept was not decided either: when there is room again, the pair is as it was.
    office.node.full.store(false, Ordering::SeqCst);
    assert_eq!(anna.post(&format!("{page}/judge"), &seen("0", YES)).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn pages_speak_six_languages_in_both_directions() {
    let office = Office::new(1);
    let anna = office.browser("anna").await;
    for (language, code, name) in LANGUAGES {
        let answer = anna.post("/language", &[("language", code), ("here", "/queue")]).await;
        assert_eq!(answer.header("location"), "/queue");
        for page in
            ["/queue".to_owned(), "/status".to_owned(), format!("/pair/{}", address(pair(1))), "/nowhere".to_owned()]
        {
            let text = anna.get(&page).await.text;
            let head = format!("<html lang=\"{code}\" dir=\"{}\">", language.direction());
            assert!(text.contains(&head), "{page} in {name}");
            assert!(!text.contains("[nav") && !text.contains("[stage"), "{page} in {name}: a text is missing");
        }
    }
    // An address that a form names is not followed.
    let away = anna.post("/language", &[("language", "fr"), ("here", "//example.org")]).await;
    assert_eq!(away.header("location"), "/");
}

/// V-REVIEW-002: the form for a case reference is there only when both have confirmed, and sends what the person wrote.
#[tokio::test]
async fn a_case_reference_leaves_only_when_both_have_confirmed() {
    let office = Office::new(1);
    let (anna, ben, carla) = (office.browser("anna").await, office.browser("ben").await, office.browser("carla").await);
    let page = format!("/pair/{}", address(pair(1)));
    anna.post(&format!("{page}/judge"), &seen("0", YES)).await;
    ben.post(&format!("{page}/judge"), &seen("1", YES)).await;
    carla.post(&format!("{page}/approve"), &seen("2", &[])).await;
    let good = [("case", "UTO-17"), ("desk", "<b>desk</b> 4"), ("handling", "1")];
    let disclose = format!("{page}/disclose");
    assert!(!carla.get(&page).await.text.contains("/disclose\""));
    assert_eq!(carla.post(&disclose, &seen("3", &good)).await.status, StatusCode::CONFLICT);
    office.node.confirm(pair(1));
    assert!(carla.get(&page).await.text.contains("/disclose\""));
    assert!(!anna.get(&page).await.text.contains("/disclose\""), "who judged does not disclose");
    assert_eq!(anna.post(&disclose, &seen("4", &good)).await.status, StatusCode::FORBIDDEN);
    for bad in [[("case", ""), ("desk", "x"), ("handling", "1")], [("case", "x"), ("desk", "x"), ("handling", "4")]] {
        assert_eq!(carla.post(&disclose, &seen("4", &bad)).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
    assert_eq!(carla.bare_post(&disclose, &seen("4", &good)).await.status, StatusCode::FORBIDDEN);
    assert_eq!(carla.post(&disclose, &seen("4", &good)).await.status, StatusCode::SEE_OTHER);
    let shown = carla.get(&page).await.text;
    assert!(shown.contains("UTO-17") && shown.contains("not acknowledged yet") && !shown.contains("<b>desk"));
    assert_eq!(carla.post(&disclose, &seen("5", &good)).await.status, StatusCode::CONFLICT);
}

/// The skeleton that screen readers and keyboards need, on every page.
#[tokio::test]
async fn pages_have_headings_labels_and_a_way_past_the_menu() {
    let office = Office::new(1);
    let (anna, dora) = (office.browser("anna").await, office.browser("dora").await);
    let mut pages = vec![office.stranger().get("/login").await, dora.get("/log").await];
    for page in ["/queue", "/status", &format!("/pair/{}", address(pair(1)))] {
        pages.push(anna.get(page).await);
    }
    for page in pages {
        let text = page.text;
        assert_eq!(text.matches("<h1>").count(), 1);
        assert_eq!(text.matches("<main id=\"content\"").count(), 1);
        assert!(text.contains("<a class=\"skip\" href=\"#content\">"));
        assert!(!text.contains("<script") && !text.contains(" style=") && !text.contains(" onclick"));
        // Each field that a person fills lies within its label, and the groups of choices have a name.
        for kind in ["type=\"text\"", "type=\"password\"", "type=\"radio\"", "<textarea"] {
            for (at, _) in text.match_indices(kind) {
                let before = &text[..at];
                assert!(before.rfind("<label") > before.rfind("</label>"), "{kind} without a label");
            }
        }
        assert_eq!(text.matches("<fieldset>").count(), text.matches("<legend>").count());
        assert_eq!(text.matches("<th").count() - text.matches("<thead").count(), text.matches("scope=\"").count());
    }
}

#[tokio::test]
async fn the_queue_of_a_hundred_thousand_pairs_comes_page_by_page() {
    let office = Office::new(100_000);
    let anna = office.browser("anna").await;
    let mut address = "/queue".to_owned();
    for _ in 0..20 {
        let page = anna.get(&address).await;
        assert_eq!(page.text.matches("href=\"/pair/").count(), 50);
        let (_, rest) = page.text.split_once("after=").expect("a next page");
        address = format!("/queue?stage=candidate&after={}", rest.split('"').next().unwrap());
    }
}

#[test]
fn letters_hold_references_in_six_languages() {
    for kind in [LetterKind::Request, LetterKind::Withdrawal] {
        let letter = Letter {
            kind,
            date: "2026-11-30".to_owned(),
            agreement: "north-south-2026",
            our_reference: "UTO-17\nTo: somebody else",
            your_reference: "S-4",
            desk: "desk 4",
            handling: 2,
        };
        let texts = LANGUAGES.map(|(language, ..)| letter.text(language));
        for (text, (_, code, _)) in texts.iter().zip(LANGUAGES) {
            let lines: Vec<&str> = text.lines().collect();
            assert_eq!(lines.len(), 10, "{code}: a reference cannot add a line");
            assert!(lines[4].ends_with(": UTO-17To: somebody else") && lines[5].ends_with(": S-4"), "{code}");
            assert!(!text.contains('['), "{code}: a text is missing");
        }
        assert!(texts.iter().enumerate().all(|(i, text)| !texts[..i].contains(text)));
    }
}

/// V-REVIEW-006: numbers are for oversight, who has the role counts a quarter once, and small numbers are on no page.
#[tokio::test]
async fn numbers_of_a_quarter_are_counted_once_by_who_may() {
    let office = Office::new(200);
    let (anna, stan) = (office.browser("anna").await, office.browser("stan").await);
    assert_eq!(anna.get("/statistics").await.status, StatusCode::FORBIDDEN);
    assert!(stan.get("/statistics").await.text.contains("No quarter is over yet"));
    let quarter = [("quarter", "2026-Q3")];
    assert_eq!(stan.post("/statistics", &quarter).await.status, StatusCode::CONFLICT, "not before it is over");
    // The office's pairs came in the third quarter of 2026.
    office.node.now.store(1_791_000_000, Ordering::SeqCst);
    let (dora, stan) = (office.browser("dora").await, office.browser("stan").await);
    assert!(!dora.get("/statistics").await.text.contains("Count and publish"));
    assert!(stan.get("/statistics").await.text.contains("Count and publish"));
    assert_eq!(dora.post("/statistics", &quarter).await.status, StatusCode::FORBIDDEN);
    assert_eq!(stan.post("/statistics", &[("quarter", "2026-Q9")]).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(stan.post("/statistics", &quarter).await.status, StatusCode::SEE_OTHER);
    let shown = dora.get("/statistics").await.text;
    assert!(shown.contains("2026-Q3") && shown.contains("suspects") && shown.contains("below 10"), "{shown}");
    assert!(!shown.contains("victims"), "one pair of a victim is no number");
    let again = stan.post("/statistics", &quarter).await;
    assert_eq!((again.status, again.text.contains("It is not counted a second time")), (StatusCode::CONFLICT, true));
    assert!(dora.get("/log").await.text.contains("numbers of a quarter published"));
    assert_eq!(stan.get("/log").await.status, StatusCode::FORBIDDEN, "who sees numbers sees numbers only");
}

/// A letter is there once both references are, in six languages, for who works on the pair.
#[tokio::test]
async fn the_letter_about_a_pair_comes_with_both_references() {
    let office = Office::new(1);
    let (carla, vera) = (office.browser("carla").await, office.browser("vera").await);
    let page = format!("/pair/{}", address(pair(1)));
    let letter = |kind: &str, language: &str| format!("{page}/letter/{kind}/{language}");
    assert_eq!(carla.get(&letter("request", "fr")).await.status, StatusCode::CONFLICT);
    let case = |reference: &str| CaseNotice { case_reference: reference.into(), desk: "desk 4".into(), handling: 1 };
    let told = |own, case| ToldNotice { own, time: 1_790_000_000, acknowledged: true, case };
    *office.node.told.lock().unwrap() = vec![told(true, Some(case("UTO-17"))), told(false, Some(case("S-4")))];
    assert!(carla.get(&page).await.text.contains(&letter("request", "ar")));
    let french = carla.get(&letter("request", "fr")).await;
    assert_eq!(french.status, StatusCode::OK);
    assert_eq!(french.header("content-type"), "text/plain; charset=utf-8");
    assert!(french.text.contains("UTO-17") && french.text.contains("S-4") && french.text.contains("utopia"));
    assert!(french.text.contains("2026-09-21") && !french.text.contains("Oksana"));
    assert_eq!(carla.get(&letter("withdrawal", "fr")).await.status, StatusCode::CONFLICT);
    office.node.told.lock().unwrap().push(told(false, None));
    assert_eq!(carla.get(&letter("request", "fr")).await.status, StatusCode::CONFLICT);
    assert_eq!(carla.get(&letter("withdrawal", "zh")).await.status, StatusCode::OK);
    for bad in [letter("reply", "fr"), letter("withdrawal", "xx"), "/pair/1/letter/request/fr".to_owned()] {
        assert_eq!(carla.get(&bad).await.status, StatusCode::NOT_FOUND, "{bad}");
    }
    assert_eq!(vera.get(&letter("withdrawal", "zh")).await.status, StatusCode::NOT_FOUND, "another lane");
}

/// Who runs the node or oversees it sees rounds, peers, agreements and whether the audit log holds; who works on pairs does not.
#[tokio::test]
async fn the_node_is_shown_to_who_runs_and_who_oversees_it() {
    let office = Office::new(1);
    let (otto, anna) = (office.browser("otto").await, office.browser("anna").await);
    let shown = otto.get("/node").await;
    assert_eq!(shown.status, StatusCode::OK);
    for text in ["it holds, 77 entries", "31 pairs, 12 strong", "E_LINE", "utopia", "in force", "blind1key", "never"] {
        assert!(shown.text.contains(text), "{text}");
    }
    assert!(!shown.text.contains("Oksana"));
    assert_eq!(otto.get("/").await.header("location"), "/node");
    assert_eq!(otto.get("/queue").await.status, StatusCode::FORBIDDEN);
    assert_eq!(anna.get("/node").await.status, StatusCode::FORBIDDEN);
    assert_eq!(office.browser("dora").await.get("/node").await.status, StatusCode::OK);
    office.node.full.store(true, Ordering::SeqCst);
    assert!(otto.get("/node").await.text.contains("does not hold"));
}

/// Whoever oversees draws ten decisions: each with its reason, none with a note, a reading or a step of the node.
#[tokio::test]
async fn oversight_draws_decisions_with_their_reasons() {
    let office = Office::new(14);
    let (anna, dora) = (office.browser("anna").await, office.browser("dora").await);
    for n in 1..=14 {
        let page = format!("/pair/{}", address(pair(n)));
        anna.get(&page).await;
        let choice = if n % 2 == 0 { "worth_asking.document" } else { "other_person.common_name" };
        let fields = seen("0", &[("choice", choice), ("note", "PRIVATE WORDS")]);
        assert_eq!(anna.post(&format!("{page}/judge"), &fields).await.status, StatusCode::SEE_OTHER);
    }
    assert!(dora.get("/log").await.text.contains("/log?drawn"));
    let mut shown = std::collections::BTreeSet::new();
    for _ in 0..6 {
        let page = dora.get("/log?drawn").await.text;
        let lines: Vec<&str> = page.lines().filter(|line| line.starts_with("<tr><th scope=\"row\">")).collect();
        assert_eq!(lines.len(), 10);
        for line in lines {
            let reasons = ["a document’s number fits", "the name is common and nothing else fits"];
            assert!(line.contains("Person 2") && reasons.iter().any(|reason| line.contains(reason)), "{line}");
            shown.insert(line.split("</th>").next().unwrap().to_owned());
        }
        assert!(!page.contains("PRIVATE") && !page.contains("Oksana") && page.contains("The log holds"));
    }
    assert!(shown.len() > 10, "chance draws others the next time");
    assert_eq!(anna.get("/log?drawn").await.status, StatusCode::FORBIDDEN);
}

/// After a step the page leads to the next pair that waits for the person; the queue opens where one waits.
#[tokio::test]
async fn a_decision_leads_to_the_next_pair() {
    let office = Office::new(3);
    let (anna, ben, carla) = (office.browser("anna").await, office.browser("ben").await, office.browser("carla").await);
    let page = |n| format!("/pair/{}", address(pair(n)));
    assert!(!anna.get(&page(1)).await.text.contains("Next pair"));
    let done = anna.post(&format!("{}/judge", page(1)), &seen("0", YES)).await.header("location").to_owned();
    let shown = anna.get(&done).await.text;
    assert!(
        shown.contains("Next pair that waits for you") && shown.contains(&format!("href=\"{}\"", page(2))),
        "{shown}"
    );
    assert!(anna.get("/queue").await.text.contains(&page(2)) && ben.get("/queue").await.text.contains(&page(1)));
    let done = ben.post(&format!("{}/judge", page(1)), &seen("1", YES)).await.header("location").to_owned();
    assert!(ben.get(&done).await.text.contains(&page(2)));
    assert!(carla.get("/queue").await.text.contains(&page(1)), "what waits for who approves");
    let done = carla.post(&format!("{}/approve", page(1)), &seen("2", &[])).await.header("location").to_owned();
    assert!(!carla.get(&done).await.text.contains("Next pair"), "nothing more waits");
}
