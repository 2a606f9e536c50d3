//! Checks the evidence of a round, and makes one side of it again from its seed and records.
//!
//!     cargo run --release --example verify_evidence -p blindlink
//!
//! A node writes evidence from its journal (`blindlink evidence`); here it is recorded while the round runs.

use blindlink::agreement::Basis;
use blindlink::evidence::{EvidenceHeader, Recorder, reexecute, verify};
use blindlink::identity::IdentityKey;
use blindlink::policy::Policy;
use blindlink::record::{RawRecord, RowId};
use blindlink::schema::Field;
use blindlink::secret::Seed;
use blindlink::session::{Config, LogExchange, Role, Session, SessionInputs, in_process};
use blindlink::transcript::frame_digest;
use std::error::Error;
use std::sync::Arc;

fn main() -> Result<(), Box<dyn Error>> {
    let policy = Policy::default_policy()?.with_records(2, 2).validate()?;
    let mut raw = RawRecord::default();
    raw.push(Field::RecordId, "1");
    raw.push(Field::GivenNames, "Oksana");
    raw.push(Field::FamilyNames, "Shevchenko");
    raw.push(Field::BirthDate, "1999-03-14");
    let record = policy.record(RowId::new(0), &raw).map_err(|error| error.to_string())?;
    let list = Arc::new(policy.encode(&[record]));

    // A round, of which the requester keeps its seed and records evidence.
    let keys = [IdentityKey::from_secret(&[1; 32]), IdentityKey::from_secret(&[2; 32])];
    let seed = Seed::new([3; 32]);
    let inputs = SessionInputs::new(Role::Requester, Arc::clone(&list), seed.clone())?;
    let ids = [keys[0].id(), keys[1].id()];
    let header = EvidenceHeader::new(
        Role::Requester,
        ids,
        inputs.commitment(),
        [0; 32],
        LogExchange::without_log(&keys[0]).head,
    );
    let mut evidence = header.under(policy.canonical_bytes(), &[]).encode();
    let session = |inputs, own: usize| {
        let (identity, peer) = (keys[own].clone(), keys[1 - own].id());
        let log = LogExchange::without_log(&identity);
        Session::new(Config {
            inputs,
            basis: Basis::Training(blindlink::suite::CURRENT),
            identity,
            peer,
            binding: [0; 32],
            log,
        })
    };
    let requester = session(inputs, 0)?;
    let responder = session(SessionInputs::new(Role::Responder, Arc::clone(&list), Seed::new([4; 32]))?, 1)?;
    let mut recorder = Recorder::default();
    let record = |sender: Role, frame: &[u8]| {
        evidence.extend(match sender {
            Role::Requester => recorder.sent(&frame_digest(frame)),
            Role::Responder => recorder.received(frame),
        });
    };
    let (outcome, _, _) = in_process::run(requester, responder, in_process::inline, record, |_| ())?;
    evidence.extend(recorder.receipt(&outcome.receipt));

    // Anybody can check it with nothing else at hand: schedule, chains, commitments, receipt, both signatures.
    let verified = verify(&evidence[..])?;
    println!("the evidence holds: {} frames sent, {} received", verified.sent, verified.received);
    assert_eq!(verified.transcript, outcome.transcript);

    // Who has the seed and the records can make the side again: every frame is compared, byte by byte.
    let again = reexecute(&evidence[..], seed, list, in_process::inline)?;
    println!("{} frames were made again and are the same", again.compared);

    // A bit that was changed afterwards is found.
    let last = evidence.len() - 1;
    evidence[last] ^= 1;
    let refused = verify(&evidence[..]).err().ok_or("a changed receipt was accepted")?;
    println!("changed evidence is refused: {refused}");
    Ok(())
}
