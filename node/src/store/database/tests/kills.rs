//! What was told as done is there after a kill, at whatever moment that came. The whole form kills a hundred times:
//!
//!     BLINDLINK_KILLS=100 cargo test -p blindlink-node --lib a_database_survives_kills

use super::{Folder, KeptRound, list, pair, round};
use crate::store::data_dir::DataDir;
use crate::store::database::{Database, RoundFilter};
use blindlink::ids::RoundId;
use blindlink::session::Grade;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// The folder of the process that is killed.
const CHILD: &str = "BLINDLINK_KILLED_IN";

/// Round `n` of a long row of rounds.
fn nth(n: u32) -> KeptRound {
    let mut id = [0; 32];
    id[..4].copy_from_slice(&n.to_be_bytes());
    KeptRound {
        journal: format!("{n}-kill"),
        round: Some(RoundId::from_bytes(id)),
        ended: u64::from(n),
        keep_until: None,
        ..round(1)
    }
}

/// Keeps one round after the other, from the first that is not there, and says of each when it is kept.
fn keep_for_ever(folder: PathBuf) -> ! {
    let data = DataDir::locate(Some(folder)).unwrap();
    let storage = data.storage().unwrap();
    let kept = Database::open(&data, &storage).unwrap().rounds(&RoundFilter::default()).unwrap().len();
    let mut n = u32::try_from(kept).unwrap();
    loop {
        // As the node does it: the database is opened for each use.
        let mut db = Database::open(&data, &storage).unwrap();
        db.keep(&nth(n), &list(), &[pair("b1", 1, Grade::Strong), pair("b2", 2, Grade::Possible)]).unwrap();
        println!("kept {n}");
        n += 1;
    }
}

#[test]
fn a_database_survives_kills() {
    if let Some(folder) = std::env::var_os(CHILD) {
        keep_for_ever(folder.into());
    }
    let kills: u32 = std::env::var("BLINDLINK_KILLS").map_or(5, |kills| kills.parse().unwrap());
    let folder: Folder = super::folder();
    let mut told = 0;
    for kill in 0..kills {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "store::database::tests::kills::a_database_survives_kills", "--nocapture"])
            .env(CHILD, folder.data.path())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        let mut kept = lines.filter_map(|line| line.split_once("kept ")?.1.parse::<u32>().ok());
        // A few more each time; the kill comes while the next one is being kept, wherever that is then.
        let last = kept.nth((kill % 7) as usize).expect("the child keeps rounds");
        child.kill().unwrap();
        child.wait().unwrap();
        // What it said before it died counts too.
        told = kept.last().unwrap_or(last);
        let db = folder.open();
        assert_eq!(db.check().unwrap(), Ok(()), "kill {kill}");
        let rounds = db.rounds(&RoundFilter::default()).unwrap();
        let there: Vec<u64> = rounds.iter().rev().map(|one| one.ended).collect();
        let whole: Vec<u64> = (0..there.len() as u64).collect();
        assert_eq!(there, whole, "none is missing in between");
        assert!(there.len() as u64 > u64::from(told), "kill {kill}: {told} was told, {} are there", there.len());
        for one in &rounds {
            assert_eq!(db.pairs(one.row, 0, 10).unwrap().len(), 2, "a round is there with its pairs");
        }
    }
    assert!(told >= kills, "the rounds of one child go on from those of the one before");
}
