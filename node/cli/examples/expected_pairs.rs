//! What a round must have found, from the seeds in both sides' journals: `benches/resume.py` compares it with what was
//! found. Several records of a list can share a token; which of them are kept is drawn from the seeds, so two rounds
//! over the same lists can differ in a pair or two, and only the same round is a yardstick.
//!
//!     expected_pairs POLICY REQUESTER_LIST REQUESTER_DATA RESPONDER_LIST RESPONDER_DATA ROUND
//!
//! Prints `requester's record,responder's record,grade`, a line each. For lists of invented persons: it reads both sides'
//! keys.

use blindlink::ids::RoundId;
use blindlink::round::commitment::Commitment;
use blindlink::round::ideal::ideal;
use blindlink::session::Role;
use blindlink_node::event::NoSink;
use blindlink_node::own_list::{Input, OwnFiles, load};
use blindlink_node::store::DataDir;
use blindlink_node::store::journal;
use blindlink_node::store::rounds;
use std::path::PathBuf;

/// A side's records, and the key by which it kept copies.
fn side(
    policy: &str,
    list: &str,
    data: &str,
    round: &RoundId,
    role: Role,
) -> Result<(Input, [u8; 32]), Box<dyn std::error::Error>> {
    let input = load(OwnFiles::new(list.as_ref(), policy.as_ref()), role, &NoSink)?;
    let data = DataDir::locate(Some(PathBuf::from(data)))?;
    let path = rounds::closed(&data, round)?;
    let (header, _) = journal::read(&path, &data.storage()?)?;
    let shape = input.policy.shape();
    let padded = match role {
        Role::Requester => shape.records_requester,
        Role::Responder => shape.records_responder,
    };
    let key = Commitment::new(&header.seed, shape, &input.list.records, padded).keep_key(&header.seed);
    Ok((input, key))
}

fn run() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [policy, list_r, data_r, list_s, data_s, round] = arguments.as_slice() else {
        return Err("six arguments, please".into());
    };
    let mut id = [0; 32];
    hex::decode_to_slice(round, &mut id).map_err(|_| "ROUND is 64 hexadecimal digits")?;
    let (requester, key_r) = side(policy, list_r, data_r, &RoundId::from_bytes(id), Role::Requester)?;
    let (responder, key_s) = side(policy, list_s, data_s, &RoundId::from_bytes(id), Role::Responder)?;
    for pair in ideal(requester.policy.shape(), &requester.list.records, &responder.list.records, &key_r, &key_s) {
        let grade = pair.grade.name();
        let id = |ids: &[String], at: usize| ids.get(at).cloned().unwrap_or_default();
        println!("{},{},{grade}", id(&requester.ids, pair.own), id(&responder.ids, pair.peer));
    }
    Ok(())
}

fn main() -> std::process::ExitCode {
    match run() {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("{failure}");
            std::process::ExitCode::FAILURE
        }
    }
}
