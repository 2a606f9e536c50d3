//! Any bytes as frames, at any point of a round: a session answers with an error or waits, and never panics.
//!
//! The first byte chooses role and how much of an honest round goes before; then frames, each with a length of two
//! bytes in front.
#![no_main]

use blindlink::encode::encode;
use blindlink::identity::IdentityKey;
use blindlink::policy::{Policy, first_difference};
use blindlink::receipt::Receipt;
use blindlink::record::{RawRecord, Record, RowId};
use blindlink::schema::Field;
use blindlink::secret::Seed;
use blindlink::session::{Config, Output, Role, Session};
use libfuzzer_sys::fuzz_target;
use std::collections::VecDeque;

/// One honest side of a round over two records.
fn session(role: Role) -> Session {
    let mut policy = Policy::default_policy().expect("the default is a policy").with_records(2, 2);
    // One table keeps a whole round short.
    policy.tables.truncate(1);
    policy.tables[0].slots = 1;
    let policy = policy.validate().expect("a valid policy");
    let record = |id: &str, given: &str| {
        let mut raw = RawRecord::default();
        raw.push(Field::RecordId, id);
        raw.push(Field::GivenNames, given);
        raw.push(Field::FamilyNames, "Lopez");
        raw.push(Field::BirthDate, "1990-05-06");
        Record::check(RowId::new(0), &raw).expect("a record")
    };
    let records = [record("a", "Ana"), record("b", if matches!(role, Role::Requester) { "Bea" } else { "Cleo" })];
    let keys = [IdentityKey::from_secret(&[1; 32]), IdentityKey::from_secret(&[2; 32])];
    let own = usize::from(matches!(role, Role::Responder));
    let config = Config {
        role,
        shape: policy.shape().clone(),
        policy: policy.canonical_bytes().to_vec(),
        basis: blindlink::agreement::Basis::Training,
        name_difference: first_difference,
        records: encode(&policy.encoding(), &records),
        seed: Seed::new([u8::try_from(own).unwrap_or(0); 32]),
        identity: keys[own].clone(),
        peer: keys[1 - own].id(),
        binding: [0; 32],
    };
    Session::new(config).expect("records fit")
}

/// Lets a session do what it can do without its peer; its frames go into `out`. `false` once it has failed or is done.
fn drain(session: &mut Session, out: &mut VecDeque<Vec<u8>>) -> bool {
    loop {
        match session.poll_output() {
            Some(Output::Send(frame)) => out.push_back(frame),
            Some(Output::Work(job)) => {
                if session.finish_work(job.run()).is_err() {
                    return false;
                }
            }
            Some(Output::Persist { seq, .. }) => {
                if session.persisted(seq).is_err() {
                    return false;
                }
            }
            Some(Output::Done(_)) => return false,
            // What is only shown.
            Some(_) => {}
            None => return true,
        }
    }
}

fuzz_target!(|data: &[u8]| {
    let _ = Receipt::decode(data);
    let Some((&choice, mut rest)) = data.split_first() else { return };
    let roles = if choice & 1 == 0 { [Role::Requester, Role::Responder] } else { [Role::Responder, Role::Requester] };
    let [mut target, mut honest] = roles.map(session);
    let (mut to_honest, mut to_target) = (VecDeque::new(), VecDeque::new());
    let mut alive = drain(&mut target, &mut to_honest);
    // Every frame that the honest side sends before the attack begins.
    for _ in 0..choice >> 1 {
        let _ = drain(&mut honest, &mut to_target);
        if let Some(frame) = to_target.pop_front() {
            alive = target.handle(&frame).is_ok() && drain(&mut target, &mut to_honest);
        }
        while let Some(frame) = to_honest.pop_front() {
            let _ = honest.handle(&frame);
        }
        if !alive {
            return;
        }
    }
    while let Some((length, tail)) = rest.split_at_checked(2) {
        let n = usize::from(u16::from_be_bytes([length[0], length[1]])).min(tail.len());
        let (frame, tail) = tail.split_at(n);
        rest = tail;
        if target.handle(frame).is_err() || !drain(&mut target, &mut to_honest) {
            return;
        }
    }
});
