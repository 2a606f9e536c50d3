//! Names that try to become part of a page, in a real browser.

use crate::office::{Office, address, pair, passphrase};
use crate::payloads::{PAYLOADS, plant};
use crate::{chromium, walked};
use serde_json::{Value, json};
use std::sync::Arc;

/// A console of an invented office, for a browser.
fn opened(pairs: u32) -> (tokio::runtime::Runtime, Office, String) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
    let host = listener.local_addr().unwrap().to_string();
    let office = Office::at(&host, pairs);
    runtime.spawn(blindlink_console::serve(Arc::clone(&office.console), listener, std::future::pending()));
    (runtime, office, host)
}

fn people(host: &str, names: &[&str]) -> Value {
    let person = |name: &&str| {
        let who = json!({ "office": format!("http://{host}/"), "name": name, "passphrase": passphrase(name) });
        ((*name).to_owned(), who)
    };
    names.iter().map(person).collect()
}

/// A day of an office: twenty pairs judged twice and asked, five confirmed, two disclosed, one taken back. Nobody types an
/// address: the queue opens where something waits, and each decision leads to the next pair.
#[test]
fn a_day_of_twenty_pairs_takes_few_clicks() {
    let (_runtime, office, host) = opened(20);
    let people = people(&host, &["anna", "ben", "carla"]);
    let walk = |steps: Vec<Value>| {
        walked(&json!({ "browser": chromium(), "shots": "unused", "people": people.clone(), "steps": steps }))
    };
    let day = |who: &str, form: &str, pairs: u32, fields: Value| json!({ "do": "day", "as": who, "form": form, "pairs": pairs, "fields": fields });
    let choice = json!({ "choice": "worth_asking.document" });
    let judged = walk(vec![day("anna", "judge", 20, choice.clone()), day("ben", "judge", 20, choice)]);
    let asked = walk(vec![day("carla", "approve", 20, json!({}))]);
    (1..=5).for_each(|n| office.node.confirm(pair(n)));
    let case = json!({ "case": "UTO-17", "desk": "desk 4", "handling": "1" });
    let closed =
        walk(vec![day("carla", "disclose", 2, case), day("carla", "withdraw", 1, json!({ "reason": "mistake" }))]);
    let clicks: Vec<u64> = [&judged, &asked, &closed].map(|walked| walked["clicks"].as_u64().unwrap()).into();
    println!(
        "clicks: {} to judge twenty pairs twice, {} to ask, {} to disclose two and take one back",
        clicks[0], clicks[1], clicks[2]
    );
    // A log-in, then for each pair: choose, judge, go to the next.
    assert!(clicks[0] <= 2 * (1 + 3 * 20) && clicks[1] <= 1 + 2 * 20 && clicks[2] <= 1 + 3 * 2 + 4, "{clicks:?}");
}

/// Twenty payloads at once, in every place where a text from elsewhere can stand: the browser shows them, runs none, asks
/// nobody for anything and has nothing to complain about.
#[test]
fn payloads_are_read_and_never_run() {
    let (_runtime, office, host) = opened(1);
    plant(&office, &PAYLOADS);
    // A browser leaves the character for nothing out.
    let shown: Vec<String> = PAYLOADS.iter().map(|payload| payload.replace('\0', "")).collect();
    let page = format!("/pair/{}", address(pair(1)));
    let step = |who: &str, path: &str| json!({ "do": "texts", "as": who, "path": path, "texts": shown });
    let judge = json!({ "do": "judge", "as": "anna", "stage": "candidate", "pair": page,
                        "choice": "worth_asking.document", "note": PAYLOADS[0] });
    let steps = [step("anna", &page), judge, step("anna", &page), step("carla", &page), step("otto", "/node")];
    let walk = json!({
        "browser": chromium(),
        "shots": "unused",
        "people": people(&host, &["anna", "carla", "otto"]),
        "steps": steps,
    });
    let found: Value = walked(&walk);
    assert!(found["results"].as_array().unwrap().len() == 5);
}
