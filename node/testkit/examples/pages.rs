//! How long the pages of the console take with so many open pairs: `pages PAIRS`. The node is a real one: its database is on
//! the disk, its console another process. Prints the median and the longest of each page, in milliseconds.
#![allow(clippy::unwrap_used)]

use blindlink::ids::{Pseudonym, RoundId};
use blindlink::schema::kinds::Lane;
use blindlink_node::store::agreements::Store;
use blindlink_node::store::database::Database;
use blindlink_node::store::desk;
use blindlink_node::sys::clock;
use blindlink_review::{Actor, Candidate, Event, Log, Meeting, PairId, What};
use blindlink_testkit::ministries::Ministries;
use blindlink_testkit::office::{Office, page};
use std::time::Instant;

const TIMES: usize = 15;

fn main() {
    let pairs: u32 = std::env::args().nth(1).map_or(5_000, |text| text.parse().unwrap());
    let ministries = Ministries::in_force(|text| text);
    let node = &ministries.pair.requester;
    let folder = node.data.path().with_extension("people");
    std::fs::create_dir(&folder).unwrap();
    let office = Office::open(node, &folder);
    let storage = node.data.storage().unwrap();
    let agreement = *Store::of(&node.data).all().unwrap()[0].agreement().digest();
    let mut log = Log::default();
    desk::catch_up(&node.data, &storage, &mut log).unwrap();
    let mut db = Database::open(&node.data, &storage).unwrap();
    db.review(&mut log, |log| {
        let now = clock::now().max(log.desk().now());
        let received = |own: u32| {
            // Pseudonyms in no order, as in a round.
            let pseudonym = u128::from(own.wrapping_mul(2_654_435_769)) << 96 | u128::from(own);
            let meeting = Meeting {
                round: RoundId::from_bytes([1; 32]),
                pseudonym: Pseudonym::from_bytes(pseudonym.to_be_bytes()),
            };
            let candidate = Candidate::new(agreement, Lane::Suspect, own.is_multiple_of(9), Some(2), 5);
            Event { at: now, by: Actor::Node, what: What::Received { pair: PairId { meeting, own }, candidate } }
        };
        ((), (0..pairs).map(|own| log.append(received(own)).unwrap()).collect())
    })
    .unwrap();
    drop(db);

    let began = Instant::now();
    let console = office.console();
    println!("{pairs} open pairs; the console is ready after {} ms", began.elapsed().as_millis());
    let (anna, dora) = (console.browser("anna"), console.browser("dora"));
    let waiting = office.pairs("anna", "candidate");
    let first = page(&waiting[0]);
    for (name, browser, address) in [
        ("queue", &anna, "/queue".to_owned()),
        ("queue, later", &anna, format!("/queue?after={}", page(&waiting[999]).trim_start_matches("/pair/"))),
        ("pair", &anna, first),
        ("status", &anna, "/status".to_owned()),
        ("log", &dora, "/log".to_owned()),
        ("statistics", &dora, "/statistics".to_owned()),
    ] {
        let mut times: Vec<u128> = (0..TIMES)
            .map(|_| {
                let began = Instant::now();
                assert_eq!(browser.get(&address).status, 200, "{name}");
                began.elapsed().as_millis()
            })
            .collect();
        times.sort_unstable();
        println!("{name:>14}: {:>5} {:>5}", times[TIMES / 2], times[TIMES - 1]);
    }
}
