//! What a node does with the rounds that it finds when it is started: none is paid for twice, none goes on unpaid, and a
//! result that is there is not lost.

use blindlink::identity::IdentityKey;
use blindlink::secret::Secret;
use blindlink::session::{Output, Role};
use blindlink_node::driver::Journal;
use blindlink_node::store::journal::{self, Entry};
use blindlink_node::store::peers::Peers;
use blindlink_node::store::{StoreError, rounds};
use blindlink_node::transport::{Client, FrameReader, Listener, TransportError, close};
use blindlink_testkit::ministries::{Ministries, facts, json, line, refusals};
use blindlink_testkit::{Ended, Node, Pair, Running, any, port, program, unhurried};
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

/// Takes the journal of a round that ended as it would have been earlier: with the entries that `keep` wants, and `more`.
fn put_back(node: &Node, keep: impl Fn(&Entry) -> bool, more: Vec<Entry>) {
    rewrite(node, "journal", |entries| entries.into_iter().filter(keep).chain(more).collect());
}

/// Writes the node's newest journal of this kind again as that of an open round, with other entries.
fn rewrite(node: &Node, kind: &str, change: impl FnOnce(Vec<Entry>) -> Vec<Entry>) {
    let path = node.journals(kind).pop().unwrap();
    let storage = node.data.storage().unwrap();
    let (header, entries) = journal::read(&path, &storage).unwrap();
    let entries = change(entries.map(Result::unwrap).collect());
    let again = path.with_file_name("1-again.open");
    let journal = Journal::create(&again, &storage, &header).unwrap();
    entries.into_iter().for_each(|entry| journal.note(entry));
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(journal.sync()).unwrap();
    fs::remove_file(&path).unwrap();
}

fn unless_over(entry: &Entry) -> bool {
    !matches!(entry, Entry::Ended(_) | Entry::Confirmed)
}

fn unless_confirmed(entry: &Entry) -> bool {
    !matches!(entry, Entry::Confirmed)
}

/// Two nodes that have had a round, what the requester said of it, and where the responder served.
fn after_a_round() -> (Pair, Ended, String) {
    let (pair, addr) = (Pair::create(), port());
    let serve = pair.responder.serve_at(&addr, &["--once"]);
    pair.requester.add_peer("responder", &pair.responder.id(), Some(&addr));
    let linked = pair.requester.link("responder", &[]).end();
    linked.assert_done();
    serve.end().assert_done();
    (pair, linked, addr)
}

/// V-CLOSE-005, V-AUDIT-016: the node was killed, or could not write, between its last frame and its result. The peer,
/// which is done, never comes again.
#[test]
fn a_result_that_was_not_written_is_written_at_the_next_start() {
    let (pair, linked, addr) = after_a_round();
    let node = &pair.responder;
    let result = fs::read(&node.out).unwrap();
    for logged in [true, false] {
        put_back(node, unless_over, Vec::new());
        fs::remove_file(&node.out).unwrap();
        if !logged {
            fs::remove_dir_all(node.data.path().join("audit")).unwrap();
        }
        let serve = node.serve_at(&addr, &["--once"]);
        assert_eq!(fs::read(&node.out).unwrap(), result);
        let served = serve.end();
        served.assert_done();
        assert_eq!((&served.json["round"], &served.json["confirmed"]), (&linked.json["round"], &Value::Bool(false)));
        assert_eq!((node.facts("round_ended").len(), node.facts("round_failed").len()), (1, 0));
        assert!(node.opens().is_empty());
    }
}

/// V-CLOSE-005: the folder of the result goes away in the middle of a round, and comes back.
#[test]
fn a_result_that_cannot_be_written_stops_the_node_and_waits() {
    let (mut pair, addr) = (Pair::create(), port());
    let folder = pair.folder.path().join("results");
    (pair.requester.give_up, pair.responder.give_up) = (60, 60);
    pair.responder.out = folder.join("matches.csv");
    fs::create_dir(&folder).unwrap();
    pair.responder.hold("compare", 0);
    let serve = pair.responder.serve_at(&addr, &[]);
    pair.requester.add_peer("responder", &pair.responder.id(), Some(&addr));
    let link = pair.requester.link("responder", &[]);
    pair.responder.held(&serve, 0);
    fs::remove_dir(&folder).unwrap();
    pair.responder.let_go(0);
    serve.end().assert_failed(73, "E_OUTPUT");
    pair.responder.holds.clear();
    assert_eq!(pair.responder.opens().len(), 1);
    fs::create_dir(&folder).unwrap();
    let serve = pair.responder.serve_at(&addr, &[]);
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 1);
    link.end().assert_done();
    drop(serve);
}

/// V-CLOSE-004
#[test]
fn a_requester_that_has_its_result_needs_no_peer_any_more() {
    let (mut pair, linked, _) = after_a_round();
    put_back(&pair.requester, unless_confirmed, Vec::new());
    fs::remove_file(&pair.requester.out).unwrap();
    pair.requester.give_up = 4;
    let again = pair.requester.link("responder", &[]).end();
    again.assert_done();
    assert_eq!((&again.json["round"], &again.json["confirmed"]), (&linked.json["round"], &Value::Bool(false)));
    assert!(pair.requester.out.exists() && pair.requester.opens().is_empty());
}

/// V-JOURNAL-003: a round is looked at under its lock, so that no two commands go on with one past.
#[test]
fn a_round_that_another_command_has_taken_is_left_alone() {
    let (pair, _, addr) = after_a_round();
    let taken = |node: &Node, peer: &str, role: Role| {
        let (peers, storage) = (Peers::load(&node.data).unwrap(), node.data.storage().unwrap());
        // A process that another test starts holds every lock of this one until it runs its own program.
        loop {
            match rounds::open_rounds(&node.data, &storage, peers.get(peer).unwrap(), role) {
                Err(StoreError::InUse { .. }) => std::thread::sleep(Duration::from_millis(10)),
                found => return found.unwrap(),
            }
        }
    };
    for node in [&pair.requester, &pair.responder] {
        put_back(node, unless_over, Vec::new());
    }
    let here =
        [taken(&pair.requester, "responder", Role::Requester), taken(&pair.responder, "requester", Role::Responder)];
    assert_eq!(here.each_ref().map(Vec::len), [1, 1]);
    pair.requester.link("responder", &["--abandon"]).end().assert_failed(76, "E_ROUND_IN_USE");
    let serve = pair.responder.command(&["serve", "--listen", &addr, "--abandon"]);
    pair.responder.run_round(serve).end().assert_failed(76, "E_ROUND_IN_USE");
    assert_eq!([pair.requester.opens().len(), pair.responder.opens().len()], [1, 1]);
    drop(here);
    let serve = pair.responder.serve_at(&addr, &["--once"]);
    pair.requester.link("responder", &[]).end().assert_done();
    serve.end().assert_done();
}

#[test]
fn a_peer_that_begins_the_next_round_ends_the_one_before() {
    let (mut pair, linked, addr) = after_a_round();
    put_back(&pair.responder, unless_confirmed, Vec::new());
    pair.responder.give_up = 60;
    let serve = pair.responder.serve_at(&addr, &[]);
    let next = pair.requester.link("responder", &[]).end();
    next.assert_done();
    // What it has printed is complete once it is told to stop.
    serve.signal("TERM");
    let served = serve.end();
    assert_eq!(served.exit, Some(0), "{served:?}");
    let printed = serde_json::Deserializer::from_str(&served.text).into_iter::<Value>();
    let rounds: Vec<Value> = printed.map(|summary| summary.unwrap()["round"].clone()).collect();
    assert_eq!(rounds, [linked.json["round"].clone(), next.json["round"].clone()]);
}

/// V-AUDIT-016
#[test]
fn a_round_that_was_burnt_without_a_word_in_the_log_is_logged_once() {
    let (pair, _, addr) = after_a_round();
    let node = &pair.responder;
    put_back(node, unless_over, vec![Entry::Burnt(4)]);
    for _ in 0..2 {
        drop(node.serve_at(&addr, &[]));
        assert!(node.opens().is_empty());
        assert_eq!(node.facts("round_failed").len(), 1);
        let closed = node.journals("journal").pop().unwrap();
        fs::rename(&closed, closed.with_extension("open")).unwrap();
    }
}

/// A command of a round by files, to its end.
fn by_files(node: &Node, folder: &Path, command: &[&str]) -> Ended {
    let mut command = node.command(command);
    command.arg("--via-files").arg(folder);
    node.run_round(command).end()
}

/// The peer's last frame was one that is refused; another was read ahead.
fn refused_at_last(mut entries: Vec<Entry>) -> Vec<Entry> {
    let last = entries.iter().rposition(|entry| matches!(entry, Entry::Received(_))).unwrap();
    entries.truncate(last + 1);
    entries.insert(last, Entry::Received(vec![0xff; 9]));
    entries
}

/// V-RESUME-014: the node was killed when the frame was in its journal and that the round is burnt was not.
#[test]
fn a_frame_that_was_refused_before_a_kill_burns_the_round_at_the_next_start() {
    let (mut pair, _, addr) = after_a_round();
    (pair.requester.give_up, pair.responder.give_up) = (60, 60);
    rewrite(&pair.requester, "journal", refused_at_last);
    pair.requester.link("responder", &[]).end().assert_failed(34, "E_PROTOCOL_VIOLATION");
    rewrite(&pair.responder, "journal", refused_at_last);
    let serve = pair.responder.serve_at(&addr, &[]);
    serve.wait_for(|event| event["event"] == "round_failed" && event["exit"] == 34);
    for node in [&pair.requester, &pair.responder] {
        assert!(node.opens().is_empty());
        assert_eq!(node.facts("round_failed").len(), 1);
    }
    pair.requester.link("responder", &[]).end().assert_done();
    drop(serve);
}

/// V-RESUME-014
#[test]
fn a_frame_of_a_file_that_was_refused_before_a_kill_burns_the_round() {
    let pair = Pair::create();
    pair.requester.add_peer("responder", &pair.responder.id(), None);
    let folder = pair.folder.path().join("carried");
    let run = |node: &Node, command: &[&str]| by_files(node, &folder, command);
    let node = &pair.requester;
    run(node, &["link", "responder"]).assert_failed(24, "E_WAITING");
    run(&pair.responder, &["serve"]).assert_failed(24, "E_WAITING");
    rewrite(node, "open", |mut entries| {
        entries.push(Entry::Received(vec![0xff; 9]));
        entries
    });
    run(node, &["link", "responder"]).assert_failed(34, "E_PROTOCOL_VIOLATION");
    assert!(node.opens().is_empty());
    assert_eq!(node.facts("round_failed").len(), 1);
    run(node, &["link", "responder"]).assert_failed(24, "E_WAITING");
}

/// V-RESUME-013: no space is left for the responder's journal in the middle of a round. It stops, and the round goes on
/// when there is space again.
#[test]
fn a_full_disk_burns_nothing() {
    let (mut pair, addr) = (Pair::create(), port());
    (pair.requester.give_up, pair.responder.give_up) = (60, 60);
    let node = &pair.responder;
    let mut command = Command::new("sh");
    command.args(["-c", "trap '' XFSZ; ulimit -f 300; exec \"$@\"", "sh", program().to_str().unwrap()]);
    command.arg("--data-dir").arg(node.data.path()).args(["serve", "--listen", &addr]);
    let full = node.run_round(command);
    full.wait_for(|event| event["event"] == "listening");
    pair.requester.add_peer("responder", &node.id(), Some(&addr));
    let link = pair.requester.link("responder", &[]);
    full.end().assert_failed(74, "E_IO");
    assert_eq!(node.opens().len(), 1);
    let serve = node.serve_at(&addr, &["--once"]);
    link.end().assert_done();
    serve.end().assert_done();
    assert_eq!(node.facts("round_failed").len(), 0);
}

/// V-RESUME-010: one round a day, and it takes five runs of each command.
#[test]
fn a_round_by_files_uses_one_debit() {
    let ministries = Ministries::in_force(|text| line(&text, "rounds_per_day", "1"));
    let folder = ministries.pair.folder.path().join("carried");
    let run = |node: &Node, command: &[&str]| by_files(node, &folder, command);
    let (requester, responder) = (&ministries.pair.requester, &ministries.pair.responder);
    let mut done = [false, false];
    for _ in 0..10 {
        for (at, (node, command)) in
            [(requester, &["link", "responder"][..]), (responder, &["serve"][..])].into_iter().enumerate()
        {
            if !done[at] {
                let ended = run(node, command);
                done[at] = ended.exit == Some(0);
                assert!(done[at] || ended.exit == Some(24), "{ended:?}");
                // Nothing is to be carried while there is something to read.
                let read = ended.log.contains("reading turn");
                assert!(!read || ended.log.matches("\"carry\"").count() <= 1, "{ended:?}");
            }
        }
    }
    assert_eq!(done, [true, true]);
    assert_eq!((facts(requester, "debited").len(), facts(responder, "debited").len()), (1, 1));
}

/// V-RESUME-010, V-FILES-008: a responder by files was killed between its debit and the first turn of the peer.
#[test]
fn a_responder_by_files_that_had_read_nothing_begins_with_the_same_debit() {
    let ministries = Ministries::in_force(|text| line(&text, "rounds_per_day", "1"));
    let folder = ministries.pair.folder.path().join("carried");
    let run = |node: &Node, command: &[&str]| by_files(node, &folder, command);
    let (requester, node) = (&ministries.pair.requester, &ministries.pair.responder);
    let second = || -> Vec<_> {
        let turns = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path());
        turns.filter(|path| path.to_string_lossy().ends_with("-02.turn")).collect()
    };
    let forget_mark = || node.journals("exchange").iter().for_each(|path| fs::remove_file(path).unwrap());
    run(requester, &["link", "responder"]).assert_failed(24, "E_WAITING");
    run(node, &["serve"]).assert_failed(24, "E_WAITING");
    fs::remove_file(&second()[0]).unwrap();
    forget_mark();
    rewrite(node, "open", |_| Vec::new());
    let served = run(node, &["serve"]);
    served.assert_failed(24, "E_WAITING");
    assert!(served.log.contains("carry"), "{served:?}");
    assert_eq!((second().len(), node.opens().len(), node.journals("exchange").len()), (1, 1, 1));
    // Killed a moment later, it had not remembered the exchange yet.
    forget_mark();
    run(node, &["serve"]).assert_failed(24, "E_WAITING");
    assert_eq!((second().len(), node.opens().len(), node.journals("exchange").len()), (1, 1, 1));
    run(requester, &["link", "responder"]).assert_failed(24, "E_WAITING");
    assert_eq!(facts(node, "debited").len(), 1);
}

/// V-RESUME-010: a responder is killed in the only round of the day, and started again; and once more after it.
#[test]
fn a_responder_can_be_started_again_in_the_only_round_of_the_day() {
    let mut ministries = Ministries::in_force(|text| line(&text, "rounds_per_day", "1"));
    let addr = port();
    (ministries.pair.requester.give_up, ministries.pair.responder.give_up) = (60, 60);
    ministries.moved(&addr);
    ministries.pair.responder.hold("compare", 1);
    let serve = ministries.pair.responder.serve_at(&addr, &[]);
    let link = ministries.pair.requester.link("responder", &[]);
    ministries.pair.responder.held(&serve, 0);
    serve.signal("KILL");
    drop(serve.end());
    ministries.pair.responder.holds.clear();
    let responder = &ministries.pair.responder;
    let serve = responder.serve_at(&addr, &["--once"]);
    link.end().assert_done();
    serve.end().assert_done();
    assert_eq!(facts(responder, "debited").len(), 1);
    drop(responder.serve_at(&addr, &[]));
}

/// A requester that was killed when it had said hello and heard nothing.
fn killed_after_its_hello(ministries: &Ministries) {
    let node = &ministries.pair.requester;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    runtime.block_on(async {
        let allowed = BTreeSet::from([node.id()]);
        let mut silent = Listener::bind(&ministries.pair.responder.secret(), allowed, any(), &unhurried(), 1).unwrap();
        ministries.moved(&silent.local().unwrap().to_string());
        let link = node.link("responder", &[]);
        let (mut reader, _writer, _closer) = silent.accept().await.unwrap().split();
        reader.next(1 << 20).await.unwrap().unwrap();
        link.signal("KILL");
        tokio::task::spawn_blocking(|| drop(link.end())).await.unwrap();
    });
    assert_eq!(node.opens().len(), 1);
}

/// V-RESUME-010, V-BUDGET-006: the debit of a round that did not get far is for the same list only, and waits for it.
#[test]
fn a_debit_is_not_for_another_list() {
    let change = |text: String| line(&line(&text, "rounds_per_day", "5"), "delta_records", "20");
    let mut ministries = Ministries::in_force(change);
    ministries.pair.requester.give_up = 60;
    killed_after_its_hello(&ministries);
    let node = &ministries.pair.requester;
    // Nobody is there: the debit stays.
    ministries.moved(&port());
    ministries.link().assert_failed(69, "E_PEER_UNREACHABLE");
    let whole = fs::read_to_string(&node.records).unwrap();
    let cut = whole.trim_end().rfind('\n').unwrap();
    fs::write(&node.records, &whole[..=cut]).unwrap();
    let (serve, addr) = ministries.pair.responder.serve(&["--once"]);
    ministries.moved(&addr);
    ministries.link().assert_failed(63, "E_BUDGET_BATCH");
    assert_eq!(refusals(node), [623]);
    fs::write(&node.records, &whole).unwrap();
    ministries.link().assert_done();
    serve.end().assert_done();
    assert_eq!((facts(node, "debited").len(), facts(node, "round_resumed").len()), (1, 1));
    assert!(node.opens().is_empty());
}

/// V-RESUME-018: a round that never gets far is begun four times on one debit, and then needs another.
#[test]
fn a_debit_carries_four_attempts() {
    let mut ministries = Ministries::in_force(|text| text);
    ministries.pair.requester.give_up = 60;
    let node = &ministries.pair.requester;
    for attempt in 0..4 {
        killed_after_its_hello(&ministries);
        assert_eq!((facts(node, "debited").len(), facts(node, "round_resumed").len()), (1, attempt));
    }
    // The one round of the day is spent.
    let (serve, addr) = ministries.pair.responder.serve(&["--once"]);
    ministries.moved(&addr);
    ministries.link().assert_failed(61, "E_BUDGET_ROUNDS");
    assert_eq!((facts(node, "debited").len(), facts(node, "debit_returned").len()), (1, 0));
    drop(serve);
}

/// V-RESUME-010: nothing is debited in training, and a round in training lends nothing.
#[test]
fn a_round_in_training_pays_for_none_under_an_agreement() {
    let mut ministries = Ministries::in_force(|text| text);
    ministries.pair.requester.training = true;
    ministries.pair.requester.suite = 2;
    killed_after_its_hello(&ministries);
    ministries.pair.requester.training = false;
    let (serve, addr) = ministries.pair.responder.serve(&["--once"]);
    ministries.moved(&addr);
    ministries.link().assert_done();
    serve.end().assert_done();
    let node = &ministries.pair.requester;
    assert_eq!((facts(node, "debited").len(), facts(node, "round_resumed").len()), (1, 0));
    assert!(node.opens().is_empty());
}

/// Calls the responder with `secret` and says something that is no hello; the code with which it closes.
async fn called(pair: &Pair, secret: &Secret<32>, addr: &str, bytes: &[u8]) -> Option<u64> {
    let (client, channel) = Client::connect(secret, pair.responder.id(), addr, &unhurried()).await.unwrap();
    let (mut reader, mut writer, _closer) = channel.split();
    writer.write_raw(bytes).await.unwrap();
    let code = closed(&mut reader).await;
    client.finish(Duration::from_secs(2)).await;
    code
}

async fn closed(reader: &mut FrameReader) -> Option<u64> {
    loop {
        match reader.next(1 << 20).await {
            Ok(Some(_)) => {}
            Err(TransportError::ClosedByPeer(code)) => return Some(code),
            _ => return None,
        }
    }
}

/// V-AUDIT-015: a peer that calls again and again does not make the log grow.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refusal_is_logged_once_an_hour() {
    let made = || Ministries::in_force(|text| line(&text, "bins_per_table", "100"));
    let ministries = tokio::task::spawn_blocking(made).await.unwrap();
    let (requester, responder) = (&ministries.pair.requester, &ministries.pair.responder);
    // The budget stops no node from serving, and every round.
    let (serve, addr) = tokio::task::block_in_place(|| responder.serve(&[]));
    for _ in 0..3 {
        let code = called(&ministries.pair, &requester.secret(), &addr, &[0, 0, 0, 1, 1]).await;
        assert_eq!(code, Some(630));
    }
    let (linked, again) = tokio::task::block_in_place(|| (ministries.link(), ministries.link()));
    for ended in [linked, again] {
        ended.assert_failed(60, "E_BUDGET_BINS");
    }
    for node in [requester, responder] {
        assert_eq!(refusals(node), [620]);
        assert_eq!(facts(node, "debited").len() + facts(node, "round_begun").len(), 0);
        node.assert_no_result();
    }
    drop(serve);
}

/// V-RESUME-010, V-AUDIT-015: a peer that begins again and again, and is cut each time before it asks, uses one debit and
/// leaves one journal.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rounds_that_did_not_get_far_leave_nothing() {
    let mut pair = Pair::create();
    pair.responder.give_up = 60;
    let (serve, addr) = tokio::task::block_in_place(|| pair.responder.serve(&[]));
    for _ in 0..3 {
        let (client, channel) = blindlink_testkit::scripted::call(&pair, &addr).await;
        let mut session = blindlink_testkit::scripted::session(&pair.requester, Role::Requester, &channel);
        let (mut reader, mut writer, closer) = channel.split();
        let mut received = 0;
        // With the third frame, its keys, the responder has the round's id.
        while received < 3 {
            while let Some(output) = session.poll_output().unwrap() {
                match output {
                    Output::Send(frame) => writer.write(frame.bytes).await.unwrap(),
                    Output::Work(job) => session.finish_work(job.run()).unwrap(),
                    Output::Persist { seq, .. } => session.persisted(seq).unwrap(),
                    _ => {}
                }
            }
            let frame = reader.next(1 << 24).await.unwrap().unwrap();
            if !matches!(frame[0], 0x70..=0x7e) {
                session.handle(&frame).unwrap();
                received += 1;
            }
        }
        closer.close(close::LOCAL);
        client.finish(Duration::from_secs(2)).await;
        serve.wait_for(|event| event["event"] == "connection_lost");
    }
    let node = &pair.responder;
    let count = |fact: &str| node.facts(fact).len();
    assert_eq!((count("round_begun"), count("round_resumed"), count("round_failed")), (1, 1, 0));
    assert_eq!((node.opens().len(), node.journals("journal").len()), (1, 0));
    drop(serve);
}

/// V-TIME-003: a peer that does not even say hello has the node's only slot for no longer than a handshake.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_caller_that_says_nothing_is_not_waited_for() {
    let pair = Pair::create();
    let stranger = Secret::new([9; 32]);
    pair.responder.add_peer("other", &IdentityKey::from_secret(&[9; 32]).id(), None);
    let serve: Running = tokio::task::block_in_place(|| pair.served(&["--once"]));
    let addr = fs::read_to_string(pair.requester.data.path().join("peers.toml")).unwrap();
    let addr = addr.split('"').find(|part| part.starts_with("127.0.0.1:")).unwrap().to_owned();
    let code = tokio::time::timeout(Duration::from_secs(300), called(&pair, &stranger, &addr, &[0])).await;
    assert_eq!(code.unwrap(), Some(4), "STALLED");
    drop(serve);
}

/// V-AUDIT-012: a suspension that the log missed is logged when it is added again.
#[test]
fn a_statement_that_the_log_missed_is_logged() {
    let ministries = Ministries::in_force(|text| text);
    let node = &ministries.pair.requester;
    let (audit, copy) = (node.data.path().join("audit"), ministries.pair.folder.path().join("copy"));
    assert!(Command::new("cp").arg("-r").arg(&audit).arg(&copy).status().unwrap().success());
    let out = ministries.pair.folder.path().join("suspension");
    let (key, out) = (ministries.keys[0].to_str().unwrap(), out.to_str().unwrap());
    json(node, &["agreement", "suspend", "utopia", "--key", key, "--out", out]);
    fs::remove_dir_all(&audit).unwrap();
    fs::rename(&copy, &audit).unwrap();
    assert_eq!(facts(node, "statement_added").len(), 4);
    for _ in 0..2 {
        json(node, &["agreement", "add", out]);
        assert_eq!(facts(node, "statement_added").len(), 5);
    }
}

/// V-AGREE-019: the folder of the agreements is put back as it was before the suspension.
#[test]
fn a_suspension_that_an_older_folder_does_not_have_is_missed() {
    let ministries = Ministries::in_force(|text| text);
    let node = &ministries.pair.requester;
    let (folder, copy) = (node.data.path().join("agreements"), ministries.pair.folder.path().join("copy"));
    assert!(Command::new("cp").arg("-r").arg(&folder).arg(&copy).status().unwrap().success());
    ministries.say(node, "suspend", 0);
    let said = ministries.pair.folder.path().join("suspension");
    fs::copy(ministries.pair.folder.path().join("said"), &said).unwrap();
    fs::remove_dir_all(&folder).unwrap();
    fs::rename(&copy, &folder).unwrap();
    assert_eq!(json(node, &["agreement", "list"])["agreements"][0]["state"], "in_force");
    let (serve, addr) = ministries.pair.responder.serve(&["--once"]);
    ministries.moved(&addr);
    let refused = ministries.link();
    refused.assert_failed(47, "E_AGREEMENT_SUSPENDED");
    assert!(refused.message().contains("older folder"), "{refused:?}");
    assert_eq!(refusals(node), [605]);
    json(node, &["agreement", "add", said.to_str().unwrap()]);
    assert!(!ministries.link().message().contains("older folder"));
    [0, 1].iter().for_each(|signer| drop(ministries.say(node, "resume", *signer)));
    ministries.link().assert_done();
    serve.end().assert_done();
}

/// V-RESUME-010: only giving it up helps.
#[test]
fn an_open_round_under_an_earlier_agreement_is_to_be_given_up() {
    let ministries = Ministries::in_force(|text| text);
    let node = &ministries.pair.requester;
    let folder = ministries.pair.folder.path().join("carried");
    let link = |more: &[&str]| by_files(node, &folder, &[&["link", "responder"], more].concat());
    link(&[]).assert_failed(24, "E_WAITING");
    let digest = json(node, &["agreement", "list"])["agreements"][0]["digest"].as_str().unwrap().to_owned();
    let first = fs::read_to_string(&ministries.file).unwrap();
    let second = line(&first, "version", &format!("2\nprevious = \"{digest}\""));
    fs::write(&ministries.file, line(&second, "rounds_per_day", "9")).unwrap();
    ministries.add(&[0, 1, 2, 3]);
    let ended = link(&[]);
    ended.assert_failed(72, "E_ROUND_AGREEMENT");
    assert!(ended.json["error"]["hint"].as_str().unwrap().contains("--abandon"), "{ended:?}");
    link(&["--abandon"]).assert_failed(24, "E_WAITING");
}
