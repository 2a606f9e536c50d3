//! Either side is killed in each stage: the other ends with the documented error and leaves nothing.
//!
//! The victim is this test program itself, run again as a process of its own that plays one side and aborts when a
//! stage begins: no switch for it is built into the product. V-TIME-001.

use blindlink::session::{Config, Event, Role, Session, SessionInputs, Stage};
use blindlink_node::driver::{self, Context, Pool};
use blindlink_node::event::NoSink;
use blindlink_node::own_list::{OwnFiles, load};
use blindlink_node::store::DataDir;
use blindlink_node::store::peers::Peers;
use blindlink_node::sys::entropy::fresh_secret;
use blindlink_node::transport::{Channel, Client, Listener};
use blindlink_testkit::{Node, Pair, Running, any, unhurried};
use serde_json::json;
use std::path::Path;
use std::process::Command;
use std::time::Duration;
use tokio::sync::watch;

const SIDE: &str = "BLINDLINK_TEST_VICTIM_SIDE";
const STAGE: &str = "BLINDLINK_TEST_VICTIM_STAGE";
const FOLDER: &str = "BLINDLINK_TEST_VICTIM_FOLDER";

/// Not a test of its own: the body of the victim's process.
#[test]
fn victim() {
    let (Ok(side), Ok(stage), Ok(folder)) = (std::env::var(SIDE), std::env::var(STAGE), std::env::var(FOLDER)) else {
        return;
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(die(&side, &stage, Path::new(&folder)));
}

async fn die(side: &str, stage: &str, folder: &Path) {
    let data = DataDir::locate(Some(folder.join("data"))).unwrap();
    let (identity, peers) = (data.identity().unwrap(), Peers::load(&data).unwrap());
    let mut _ends: (Option<Client>, Option<Listener>) = (None, None);
    let (role, channel): (Role, Channel) = if side == "requester" {
        let peer = peers.get("responder").unwrap();
        let addr = peer.addr.as_deref().unwrap();
        let (client, channel) = Client::connect(identity.secret(), peer.id, addr, &unhurried()).await.unwrap();
        _ends.0 = Some(client);
        (Role::Requester, channel)
    } else {
        let mut listener = Listener::bind(identity.secret(), peers.ids(), any(), &unhurried(), 1).unwrap();
        eprintln!("{}", json!({"event": "listening", "addr": listener.local().unwrap().to_string()}));
        let channel = listener.accept().await.unwrap();
        _ends.1 = Some(listener);
        (Role::Responder, channel)
    };
    let reporter = NoSink;
    let (records, policy) = (folder.join("records.csv"), folder.join("policy.toml"));
    let input = load(OwnFiles::new(&records, &policy), role, &reporter).unwrap();
    let session = Session::new(Config {
        log: blindlink_testkit::logs(&data, &channel.peer()),
        inputs: SessionInputs::new(role, input.list, fresh_secret().unwrap()).unwrap(),
        basis: blindlink::agreement::Basis::Training(&blindlink::suite::SUITE_1),
        identity: identity.key(),
        peer: channel.peer(),
        binding: channel.binding(),
    })
    .unwrap();
    let (pool, stop) = (Pool::new(2).unwrap(), watch::Sender::new(false));
    let context = Context {
        pool: &pool,
        frame_timeout: Duration::from_secs(20),
        stop: stop.subscribe(),
        log: blindlink_node::driver::no_log(),
        observe: &|event| {
            if let Event::Progress { stage: now, done, .. } = event {
                // In the first stage only after the peer's hello has come: before that nobody is there to be missed.
                if now.name() == stage && (*done > 0 || *now != Stage::Agree) {
                    std::process::abort();
                }
            }
        },
    };
    let journal = blindlink_testkit::journal(&data.path().join("victim.journal"));
    let _ = driver::run(session, journal, channel, context).await;
}

fn start_victim(side: &str, stage: Stage, node: &Node) -> Running {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "vanish::victim", "--nocapture"]);
    command.env(SIDE, side).env(STAGE, stage.name()).env(FOLDER, node.records.parent().unwrap());
    Running::start(command)
}

fn requester_dies(stage: Stage) {
    let pair = Pair::create();
    let serve = pair.served(&["--once"]);
    let victim = start_victim("requester", stage, &pair.requester);
    serve.end().assert_failed(20, "E_PEER_VANISHED");
    assert_eq!(victim.end().exit, None, "the victim was killed by a signal");
    pair.responder.assert_no_result();
}

fn responder_dies(stage: Stage) {
    let pair = Pair::create();
    let victim = start_victim("responder", stage, &pair.responder);
    let listening = victim.wait_for(|event| event["event"] == "listening");
    pair.requester.add_peer("responder", &pair.responder.id(), listening["addr"].as_str());
    let link = pair.requester.link("responder", &[]);
    link.end().assert_failed(20, "E_PEER_VANISHED");
    assert_eq!(victim.end().exit, None, "the victim was killed by a signal");
    pair.requester.assert_no_result();
}

macro_rules! stages {
    ($($stage:ident: $requester:ident, $responder:ident;)*) => {$(
        #[test]
        fn $requester() {
            requester_dies(Stage::$stage);
        }

        #[test]
        fn $responder() {
            responder_dies(Stage::$stage);
        }
    )*};
}

stages! {
    Agree: requester_dies_in_agree, responder_dies_in_agree;
    Oprf: requester_dies_in_oprf, responder_dies_in_oprf;
    Table: requester_dies_in_table, responder_dies_in_table;
    Compare: requester_dies_in_compare, responder_dies_in_compare;
    Settle: requester_dies_in_settle, responder_dies_in_settle;
}

#[test]
fn a_real_node_that_is_killed_is_missed() {
    let mut pair = Pair::create();
    pair.requester.hold("oprf", 0);
    let serve = pair.served(&["--once"]);
    let link = pair.requester.link("responder", &[]);
    pair.requester.held(&link, 0);
    link.signal("KILL");
    serve.end().assert_failed(20, "E_PEER_VANISHED");
    pair.requester.assert_no_result();
    pair.responder.assert_no_result();
}
