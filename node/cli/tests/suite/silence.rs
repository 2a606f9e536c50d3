//! A round that ends in silence (V-SETTLE-012).

use blindlink_testkit::ministries::{Ministries, facts, line};

/// The lists share more persons than one. The requester knows at once; the responder sees a lost line and waits, and no new
/// hello shows it that the round is over.
#[test]
fn more_matches_than_agreed_end_a_round_without_a_word() {
    let caps = |text: String| {
        ["claims", "matches"].iter().fold(line(&text, "rounds_per_day", "5"), |text, key| line(&text, key, "1"))
    };
    let mut ministries = Ministries::in_force(caps);
    (ministries.pair.requester.give_up, ministries.pair.responder.give_up) = (600, 600);
    let (requester, responder) = (&ministries.pair.requester, &ministries.pair.responder);
    let (serve, addr) = responder.serve(&[]);
    ministries.moved(&addr);
    ministries.link().assert_failed(64, "E_BUDGET_MATCHES");
    serve.wait_for(|event| event["event"] == "connection_lost");
    assert_eq!((facts(responder, "round_failed").len(), responder.opens().len()), (0, 1), "it waits for a call");
    assert_eq!((facts(requester, "round_failed").len(), requester.opens().len()), (1, 0));
    let again = ministries.link();
    again.assert_failed(64, "E_BUDGET_MATCHES");
    assert!(again.message().contains("no round with it begins before"), "{again:?}");
    assert_eq!(facts(requester, "debited").len(), 1);
    assert_eq!((facts(responder, "round_begun").len(), facts(responder, "round_failed").len()), (1, 0));
    drop(serve);
    responder.assert_no_result();
}
