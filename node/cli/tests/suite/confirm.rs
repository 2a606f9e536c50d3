//! Two authorities confirm pairs over the line: what both said yes to and nothing else; disclosure, withdrawal, receipts.

use blindlink::confirm::line::{ACKNOWLEDGED, BUNDLE, ConfirmOpening, bundle};
use blindlink::confirm::notice::NOTICE_BYTES;
use blindlink::ids::RoundId;
use blindlink_node::transport::Client;
use blindlink_testkit::ministries::{Ministries, json};
use blindlink_testkit::office::{Office, holds, page};
use blindlink_testkit::{Node, Running, unhurried};
use serde_json::Value;
use std::path::PathBuf;

/// What is wrong, the hello, the frames after it, and the code that is told.
type Breach = (&'static str, Vec<u8>, Vec<Vec<u8>>, u16);

/// A round under an agreement, then a responder that goes on answering; and the people of both sides.
pub(crate) struct Two {
    pub(crate) ministries: Ministries,
    pub(crate) serve: Running,
    pub(crate) addr: String,
}

impl Two {
    pub(crate) fn begin() -> Self {
        let ministries = Ministries::in_force(|text| text);
        let (serve, addr) = ministries.pair.responder.serve(&[]);
        ministries.moved(&addr);
        ministries.link().assert_done();
        Self { ministries, serve, addr }
    }

    fn offices(&self) -> [Office<'_>; 2] {
        [&self.ministries.pair.requester, &self.ministries.pair.responder].map(|node| {
            let folder = node.data.path().with_extension("people");
            std::fs::create_dir(&folder).unwrap();
            Office::open(node, &folder)
        })
    }

    fn confirm(&self, more: &[&str]) -> Value {
        let done = json(&self.ministries.pair.requester, &[&["review", "confirm", "responder"], more].concat());
        let rounds = done["rounds"].as_array().unwrap();
        assert_eq!(rounds.len(), 1);
        rounds[0].clone()
    }
}

pub(crate) fn pseudonym(pair: &Value) -> String {
    pair["pair"].as_str().unwrap().split('-').next().unwrap().to_owned()
}

/// The pairs of an office with different pseudonyms, by pseudonym.
pub(crate) fn waiting(office: &Office<'_>) -> Vec<Value> {
    let mut pairs = office.pairs("anna", "candidate");
    pairs.sort_by_key(pseudonym);
    pairs.dedup_by_key(|pair| pseudonym(pair));
    pairs
}

/// Two people judge the pairs worth asking and a third puts them to the peer, in the console.
pub(crate) fn say_yes(office: &Office<'_>, pairs: &[&Value]) {
    let console = office.console();
    let (anna, ben) = (console.browser("anna"), console.browser("ben"));
    let (carla, olga) = (console.browser("carla"), console.browser("olga"));
    for pair in pairs {
        assert_eq!((anna.judge(&page(pair), "0"), ben.judge(&page(pair), "1")), (303, 303));
        let approver = if pair["child"] == true { &olga } else { &carla };
        assert_eq!(approver.post(&format!("{}/approve", page(pair)), &[("seen", "2")]), 303);
    }
}

fn approver(pair: &Value) -> &'static str {
    if pair["child"] == true { "olga" } else { "carla" }
}

pub(crate) fn stage(office: &Office<'_>, pair: &Value) -> String {
    let name = approver(pair);
    let shown = office.json_as(name, &["review", "show", pair["pair"].as_str().unwrap()]);
    shown["stage"].as_str().unwrap().to_owned()
}

pub(crate) fn facts(node: &Node) -> (usize, usize) {
    (node.facts("run_ended").len(), node.facts("noticed").len())
}

/// V-CONFIRM-010, V-CONFIRM-012 to V-CONFIRM-016, V-REVIEW-001, V-REVIEW-002: the path of two ministries from seven pairs,
/// of which both confirm three, to case references and a withdrawal.
#[test]
fn both_confirm_three_of_seven_pairs_disclose_and_take_back() {
    let two = Two::begin();
    let [north, south] = two.offices();
    let (ours, theirs) = (waiting(&north), waiting(&south));
    assert!(ours.len() >= 7 && ours.len() == theirs.len(), "{} and {}", ours.len(), theirs.len());
    for (our, their) in ours.iter().zip(&theirs) {
        assert_eq!(pseudonym(our), pseudonym(their), "both sides name the same items");
    }
    // A run in which nobody says yes.
    let none = two.confirm(&[]);
    assert_eq!((&none["run"], &none["asked"], &none["confirmed"]), (&0.into(), &0.into(), &0.into()));

    say_yes(&north, &ours[..5].iter().collect::<Vec<_>>());
    say_yes(&south, &theirs[2..7].iter().collect::<Vec<_>>());
    let early = ["review", "disclose", ours[2]["pair"].as_str().unwrap(), "--seen", "3", "--case-reference", "N-1"];
    let early = north.run_as(approver(&ours[2]), &[&early[..], &["--desk", "desk 4"]].concat());
    assert_eq!(early.status.code(), Some(81), "not before both have confirmed: {early:?}");
    let run = two.confirm(&[]);
    assert_eq!((&run["run"], &run["asked"], &run["confirmed"]), (&1.into(), &5.into(), &3.into()));
    for (at, (our, their)) in ours.iter().zip(&theirs).enumerate().take(7) {
        let both = (2..5).contains(&at);
        let want = |yes: bool| match (yes, both) {
            (false, _) => "candidate",
            (true, false) => "confirmed_here",
            (true, true) => "confirmed_there",
        };
        assert_eq!(stage(&north, our), want(at < 5), "pair {at} in the north");
        assert_eq!(stage(&south, their), want(at >= 2), "pair {at} in the south");
    }

    // Case references cross; nothing of a person is in them, and both logs have their digests.
    let disclose = |office: &Office<'_>, pair: &Value, case: &str| {
        let pair_name = pair["pair"].as_str().unwrap();
        let words =
            ["review", "disclose", pair_name, "--seen", "4", "--case-reference", case, "--desk", "SENTINELDESK"];
        office.json_as(approver(pair), &words);
    };
    disclose(&north, &ours[2], "SENTINEL-N-2");
    disclose(&south, &theirs[2], "SENTINEL-S-2");
    disclose(&north, &ours[3], "SENTINEL-N-3");
    let crossed = two.confirm(&["--notices-only"]);
    assert_eq!((&crossed["notices_sent"], &crossed["notices_received"]), (&2.into(), &1.into()));
    assert_eq!(crossed["run"], Value::Null);
    let shown = south.json_as(approver(&theirs[2]), &["review", "show", theirs[2]["pair"].as_str().unwrap()]);
    let cases: Vec<&str> =
        shown["notices"].as_array().unwrap().iter().map(|told| told["case_reference"].as_str().unwrap()).collect();
    assert_eq!((shown["stage"].as_str(), cases), (Some("disclosed"), vec!["SENTINEL-S-2", "SENTINEL-N-2"]));
    // The other had disclosed nothing of this one: its reference is here, the own is not there.
    assert_eq!(stage(&south, &theirs[3]), "confirmed_there");
    // What was acknowledged is not sent again.
    let again = two.confirm(&["--notices-only"]);
    assert_eq!((&again["notices_sent"], &again["notices_received"]), (&0.into(), &0.into()));

    // The north takes one back: the south hears of it, and what had been disclosed of it is gone there.
    let back = ["review", "withdraw", ours[3]["pair"].as_str().unwrap(), "--seen", "5", "--reason", "no_consent"];
    north.json_as(approver(&ours[3]), &back);
    let told = two.confirm(&[]);
    assert_eq!((&told["run"], &told["confirmed"], &told["notices_sent"]), (&2.into(), &2.into(), &1.into()));
    assert_eq!(stage(&south, &theirs[3]), "withdrawn");
    let shown = south.json_as(approver(&theirs[3]), &["review", "show", theirs[3]["pair"].as_str().unwrap()]);
    let [notice] = &shown["notices"].as_array().unwrap()[..] else { panic!("{shown}") };
    assert_eq!((&notice["way"], &notice["withdrawn_for"]), (&"received".into(), &1.into()));
    let [requester, responder] = [north.node, south.node];
    assert_eq!((facts(requester), facts(responder)), ((3, 4), (3, 4)));
    for node in [requester, responder] {
        for secret in ["SENTINEL", "worth_asking", "no_consent"] {
            assert_eq!(holds(node.data.path(), secret), Vec::<PathBuf>::new(), "{secret}");
        }
    }

    // V-CONFIRM-012: no run without an agreement in force.
    two.ministries.say(requester, "suspend", 0);
    let refused = requester.run(&["review", "confirm", "responder", "--json"]);
    assert_eq!(refused.status.code(), Some(47), "{refused:?}");
    two.serve.signal("TERM");
}

/// What a called side answers to an opening, frame by frame: the code of its abort, if it aborts.
async fn called(two: &Two, opening: Vec<u8>, then: &[Vec<u8>]) -> Option<u16> {
    let node = &two.ministries.pair.requester;
    let peer = two.ministries.pair.responder.id();
    let (client, channel) = Client::connect(&node.secret(), peer, &two.addr, &unhurried()).await.unwrap();
    let (mut reader, mut writer, closer) = channel.split();
    writer.write(opening).await.unwrap();
    for frame in then {
        // The other side may have closed already.
        let _ = writer.write(frame.clone()).await;
    }
    let code = loop {
        match reader.next(1 << 20).await {
            Ok(Some(frame)) if frame.first() == Some(&0x7f) => break Some(u16::from_be_bytes([frame[5], frame[6]])),
            Ok(Some(_)) => {}
            Ok(None) | Err(_) => break None,
        }
    };
    closer.close(0);
    client.finish(std::time::Duration::from_secs(1)).await;
    code
}

/// V-CONFIRM-005, V-CONFIRM-014, V-CONFIRM-016 to V-CONFIRM-018 over the line: a peer that breaks the rules is refused by
/// name, changes nothing, and the node goes on.
#[test]
fn a_peer_that_breaks_the_rules_of_confirmation_is_refused_and_changes_nothing() {
    let two = Two::begin();
    let office = {
        let node = &two.ministries.pair.responder;
        let folder = node.data.path().with_extension("people");
        std::fs::create_dir(&folder).unwrap();
        Office::open(node, &folder)
    };
    let before = office.pairs("anna", "candidate").len();
    let rounds = json(&two.ministries.pair.requester, &["rounds", "list"]);
    let round = RoundId::from_hex(rounds["rounds"][0]["round"].as_str().unwrap()).unwrap();
    let notices = ConfirmOpening::new(false, round, 0).encode();
    let run = |number| ConfirmOpening::new(true, round, number).encode();
    let forged = vec![1; NOTICE_BYTES];
    let mut many = bundle(BUNDLE, &vec![forged.clone(); 64]);
    many[5] = 65;
    let cases: Vec<Breach> = vec![
        (
            "a round that there was not",
            ConfirmOpening::new(true, RoundId::from_bytes([7; 32]), 0).encode(),
            vec![],
            214,
        ),
        ("a number far ahead", run(2), vec![], 210),
        ("an opening cut short", run(0)[..30].to_vec(), vec![], 200),
        ("an opening with a byte too many", [&run(0)[..], &[0]].concat(), vec![], 201),
        ("a run of nothing", run(0), vec![vec![9, 9, 9]], 203),
        ("a hello cut short", run(0), vec![vec![1; 40]], 202),
        ("a hello about something else", run(0), vec![[&[1_u8][..], &[0; 128]].concat()], 215),
        ("a forged notice", notices.clone(), vec![bundle(BUNDLE, &[forged])], 210),
        ("too many notices", notices.clone(), vec![many], 210),
        ("acknowledgements of nothing", notices, vec![bundle(BUNDLE, &[]), bundle(ACKNOWLEDGED, &[vec![0; 104]])], 210),
    ];
    let runtime = tokio::runtime::Runtime::new().unwrap();
    for (name, opening, then, code) in cases {
        assert_eq!(runtime.block_on(called(&two, opening, &then)), Some(code), "{name}");
    }
    assert_eq!(office.pairs("anna", "candidate").len(), before);
    assert_eq!(facts(office.node), (0, 0));
    // The honest side gets its run, and its number was not used up by any of these.
    assert_eq!(two.confirm(&[])["run"], 0);
    two.serve.signal("TERM");
}
