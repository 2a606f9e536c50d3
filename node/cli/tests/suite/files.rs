//! A round by files: the same result as over a line; what is altered, out of order or of another round is refused by name
//! and changes nothing.

use blindlink_testkit::{Ended, Node, Pair};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

struct Office {
    pair: Pair,
    folder: PathBuf,
}

impl Office {
    fn open() -> Self {
        let pair = Pair::create();
        pair.requester.add_peer("responder", &pair.responder.id(), None);
        let folder = pair.folder.path().join("carried");
        Self { pair, folder }
    }

    fn run(&self, node: &Node, command: &[&str]) -> Ended {
        let mut command = node.command(command);
        command.arg("--via-files").arg(&self.folder);
        node.run_round(command).end()
    }

    fn link(&self) -> Ended {
        self.run(&self.pair.requester, &["link", "responder"])
    }

    fn serve(&self) -> Ended {
        self.run(&self.pair.responder, &["serve"])
    }

    /// Both in turns until both are done; gives the last words of both, and the number of runs.
    fn to_the_end(&self) -> (Ended, Ended, usize) {
        let (mut linked, mut served) = (self.link(), self.serve());
        for runs in 2..40 {
            if linked.exit == Some(0) && served.exit == Some(0) {
                return (linked, served, runs);
            }
            for (ended, again) in [(&mut linked, true), (&mut served, false)] {
                if ended.exit != Some(0) {
                    ended.assert_failed(24, "E_WAITING");
                    *ended = if again { self.link() } else { self.serve() };
                }
            }
        }
        panic!("they never end: {linked:?} {served:?}");
    }

    fn turns(&self) -> Vec<PathBuf> {
        let mut turns: Vec<_> = fs::read_dir(&self.folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        turns.sort();
        turns
    }

    fn pairs(&self) -> BTreeSet<(String, String, String)> {
        let rows = |path: &Path| -> Vec<Vec<String>> {
            let text = fs::read_to_string(path).unwrap();
            text.lines().skip(1).map(|line| line.split(',').map(str::to_owned).collect()).collect()
        };
        let owner: BTreeMap<String, String> =
            rows(&self.pair.responder.out).into_iter().map(|row| (row[1].clone(), row[0].clone())).collect();
        let found = rows(&self.pair.requester.out).into_iter();
        found.map(|row| (row[0].clone(), owner[&row[1]].clone(), row[2].clone())).collect()
    }
}

/// V-FILES-001, V-FILES-002
#[test]
fn a_round_by_files_finds_what_a_round_over_a_line_finds() {
    let by_line = Office::open();
    let (serve, addr) = by_line.pair.responder.serve(&["--once"]);
    assert!(by_line.pair.requester.run(&["peer", "remove", "responder"]).status.success());
    by_line.pair.requester.add_peer("responder", &by_line.pair.responder.id(), Some(&addr));
    by_line.pair.requester.link("responder", &[]).end().assert_done();
    serve.end().assert_done();
    let wanted = by_line.pairs();
    assert!(!wanted.is_empty());

    let office = Office::open();
    let (linked, served, _) = office.to_the_end();
    linked.assert_done();
    served.assert_done();
    assert_eq!(
        (&linked.json["round"], &linked.json["transcript"]),
        (&served.json["round"], &served.json["transcript"])
    );
    assert_eq!(office.pairs(), wanted);
    assert_eq!(office.turns().len(), 10, "{:?}", office.turns());
    let receipt = |node: &Node, ended: &Ended| {
        let name = format!("{}.receipt", &ended.json["round"].as_str().unwrap()[..32]);
        fs::read(node.data.path().join("rounds").join(name)).unwrap()
    };
    assert_eq!(receipt(&office.pair.requester, &linked), receipt(&office.pair.responder, &served));

    // Evidence of both sides holds and can be re-executed: of a round that is over, and of one that may go on.
    for (node, ended) in [(&office.pair.requester, &linked), (&office.pair.responder, &served)] {
        node.assert_evidence(ended.json["round"].as_str().unwrap());
    }

    // The last file was lost on the way: it is written again. The first, carried once more, begins no second round.
    let last = office.turns().pop().unwrap();
    let content = fs::read(&last).unwrap();
    fs::remove_file(&last).unwrap();
    office.serve().assert_done();
    assert_eq!(fs::read(&last).unwrap(), content);
}

/// V-FILES-008
#[test]
fn an_exchange_that_is_over_begins_no_second_round() {
    let office = Office::open();
    office.to_the_end();
    let folder = office.pair.responder.data.path().join("rounds");
    let open: Vec<_> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    for path in open.iter().filter(|path| path.extension().is_some_and(|extension| extension == "open")) {
        fs::remove_file(path).unwrap();
    }
    office.serve().assert_failed(39, "E_FILE_ORDER");
}

/// V-FILES-003, V-FILES-004, V-FILES-006, V-FILES-007
#[test]
fn a_file_that_was_changed_on_the_way_is_named_and_changes_nothing() {
    let office = Office::open();
    office.link().assert_failed(24, "E_WAITING");
    office.serve().assert_failed(24, "E_WAITING");
    office.link().assert_failed(24, "E_WAITING");
    office.serve().assert_failed(24, "E_WAITING");
    let path = office.turns()[3].clone();
    assert!(path.to_string_lossy().ends_with("-04.turn"));
    let good = fs::read(&path).unwrap();
    let changed = |change: &dyn Fn(&mut Vec<u8>)| {
        let mut bytes = good.clone();
        change(&mut bytes);
        fs::write(&path, bytes).unwrap();
        let ended = office.link();
        assert!(ended.message().contains("-04.turn"), "{ended:?}");
        ended
    };
    changed(&|bytes| bytes.truncate(bytes.len() - 1)).assert_failed(38, "E_FILE_ALTERED");
    changed(&|bytes| bytes.truncate(bytes.len() / 2)).assert_failed(38, "E_FILE_ALTERED");
    changed(&|bytes| bytes.truncate(20)).assert_failed(38, "E_FILE_ALTERED");
    changed(&|bytes| bytes.push(0)).assert_failed(38, "E_FILE_ALTERED");
    for at in [0, 18, 60, 100, 130, 150, good.len() / 2, good.len() - 70, good.len() - 66, good.len() - 1] {
        let ended = changed(&|bytes| bytes[at] ^= 1);
        assert!([Some(38), Some(39)].contains(&ended.exit), "byte {at}: {ended:?}");
    }
    fs::write(&path, &good).unwrap();
    let (linked, served, _) = office.to_the_end();
    linked.assert_done();
    served.assert_done();
}

/// V-FILES-009: a first turn that was cut within its header, and one that the system does not let be read.
#[test]
fn what_may_be_the_awaited_turn_and_cannot_be_read_is_named() {
    let mut office = Office::open();
    office.link().assert_failed(24, "E_WAITING");
    let path = office.turns()[0].clone();
    let good = fs::read(&path).unwrap();
    fs::write(&path, &good[..20]).unwrap();
    // Whoever runs the tests may be allowed to read every file; nobody can read a folder as one.
    let locked = office.folder.join("00000000-01.turn");
    fs::create_dir(&locked).unwrap();
    let served = office.serve();
    served.assert_failed(24, "E_WAITING");
    for path in [&path, &locked] {
        let said = format!("cannot read {}: ", path.display());
        assert!(served.message().contains(&said), "{served:?}");
    }
    // Who waits is told while there is somebody to mend it.
    office.pair.responder.give_up = 60;
    let mut command = office.pair.responder.command(&["serve", "--wait", "--via-files"]);
    command.arg(&office.folder);
    let serve = office.pair.responder.run_round(command);
    serve.wait_for(|event| event["message"].as_str().is_some_and(|said| said.contains("cannot read")));
    fs::write(&path, &good).unwrap();
    serve.wait_for(|event| event["event"] == "carry");
    serve.signal("TERM");
    serve.end().assert_failed(130, "E_INTERRUPTED");
}

/// V-FILES-005
#[test]
fn a_file_of_another_round_or_out_of_order_is_refused() {
    let office = Office::open();
    office.link().assert_failed(24, "E_WAITING");
    office.serve().assert_failed(24, "E_WAITING");
    let turns = office.turns();
    // Its own turn under the name of the peer's next: not from the peer.
    fs::rename(&turns[1], turns[1].with_extension("kept")).unwrap();
    fs::copy(&turns[0], &turns[1]).unwrap();
    office.link().assert_failed(38, "E_FILE_ALTERED");
    fs::rename(turns[1].with_extension("kept"), &turns[1]).unwrap();
    // The second answers only the first exchange: the requester begins another one.
    let other = Office { folder: office.pair.folder.path().join("other"), pair: office.pair };
    other.run(&other.pair.requester, &["link", "responder", "--abandon"]).assert_failed(24, "E_WAITING");
    let name = other.turns()[0].file_name().unwrap().to_string_lossy().replace("-01", "-02");
    fs::copy(&turns[1], other.folder.join(name)).unwrap();
    other.link().assert_failed(39, "E_FILE_ORDER");
}

#[test]
fn two_nodes_that_wait_for_each_other_need_no_second_command() {
    let mut office = Office::open();
    (office.pair.requester.give_up, office.pair.responder.give_up) = (60, 60);
    let start = |node: &Node, command: &[&str]| {
        let mut command = node.command(command);
        command.arg("--via-files").arg(&office.folder).arg("--wait");
        node.run_round(command)
    };
    let link = start(&office.pair.requester, &["link", "responder"]);
    let serve = start(&office.pair.responder, &["serve"]);
    link.end().assert_done();
    serve.end().assert_done();
    assert!(!office.pairs().is_empty());
}
