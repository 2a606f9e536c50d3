//! Any bytes as frames, at any point of a round: a session answers with an error or waits, and never panics.
//!
//! The first byte chooses role and how much of an honest round goes before; then frames, each with a length of two
//! bytes in front. With its highest bit the length is that of a change to the next honest frame.
#![no_main]

use blindlink::identity::IdentityKey;
use blindlink::policy::Policy;
use blindlink::receipt::Receipt;
use blindlink::record::{RawRecord, Record, RowId};
use blindlink::schema::Field;
use blindlink::secret::Seed;
use blindlink::session::{Config, LogExchange, Output, Role, Session, SessionInputs};
use libfuzzer_sys::fuzz_target;
use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::OnceLock;

/// One honest side of a round over two records.
fn session(role: Role) -> Session {
    let mut policy = Policy::default_policy().expect("the default is a policy").with_records(2, 2);
    // One table keeps a whole round short.
    policy.tables.truncate(1);
    policy.tables[0].slots = blindlink::policy::Slots::both(1);
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
    let seed = Seed::new([u8::try_from(own).unwrap_or(0); 32]);
    let config = Config {
        log: LogExchange::without_log(&keys[own]),
        inputs: SessionInputs::new(role, Arc::new(policy.encode(&records)), seed).expect("records fit"),
        basis: blindlink::agreement::Basis::Training(&blindlink::suite::SUITE_1),
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
            Ok(Some(Output::Send(frame))) => out.push_back(frame.bytes),
            Ok(Some(Output::Work(job))) => {
                if session.finish_work(job.run()).is_err() {
                    return false;
                }
            }
            Ok(Some(Output::Persist { seq, .. })) => {
                if session.persisted(seq).is_err() {
                    return false;
                }
            }
            Ok(Some(Output::Done(_))) | Err(_) => return false,
            // What is only shown.
            Ok(Some(_)) => {}
            Ok(None) => return true,
        }
    }
}

/// What the peer of a session in this role sends in an honest round. Same seeds, same bytes: it is computed once.
fn honest(role: Role) -> &'static [Vec<u8>] {
    static FRAMES: [OnceLock<Vec<Vec<u8>>>; 2] = [OnceLock::new(), OnceLock::new()];
    FRAMES[usize::from(matches!(role, Role::Responder))].get_or_init(|| {
        let other = if matches!(role, Role::Responder) { Role::Requester } else { Role::Responder };
        let (mut one, mut two) = (session(role), session(other));
        let (mut to_one, mut to_two, mut sent) = (VecDeque::new(), VecDeque::new(), Vec::new());
        loop {
            let _ = (drain(&mut one, &mut to_two), drain(&mut two, &mut to_one));
            if to_one.is_empty() && to_two.is_empty() {
                return sent;
            }
            to_two.drain(..).for_each(|frame: Vec<u8>| drop(two.handle(&frame)));
            for frame in to_one.drain(..) {
                let _ = one.handle(&frame);
                sent.push(frame);
            }
        }
    })
}

fuzz_target!(|data: &[u8]| {
    let _ = Receipt::decode(data);
    let Some((&choice, mut rest)) = data.split_first() else { return };
    let role = if choice & 1 == 0 { Role::Requester } else { Role::Responder };
    let (mut target, mut out) = (session(role), VecDeque::new());
    let mut alive = drain(&mut target, &mut out);
    // Every frame that the honest side sends before the attack begins.
    for frame in honest(role).iter().take(usize::from(choice >> 1)) {
        alive = alive && target.handle(frame).is_ok() && drain(&mut target, &mut out);
    }
    let mut next = honest(role).get(usize::from(choice >> 1));
    while let Some((length, tail)) = rest.split_at_checked(2).filter(|_| alive) {
        let length = u16::from_be_bytes([length[0], length[1]]);
        let (bytes, tail) = tail.split_at(usize::from(length & 0x7fff).min(tail.len()));
        rest = tail;
        let frame = match next.take_if(|_| length & 0x8000 != 0) {
            Some(frame) => patched(frame, bytes),
            None => bytes.to_vec(),
        };
        alive = target.handle(&frame).is_ok() && drain(&mut target, &mut out);
    }
});

/// An honest frame with other bytes at one place; without any it is left as it is. The place is the first two bytes.
fn patched(frame: &[u8], change: &[u8]) -> Vec<u8> {
    let mut frame = frame.to_vec();
    if let Some((at, bytes)) = change.split_at_checked(2) {
        let at = usize::from(u16::from_be_bytes([at[0], at[1]])).min(frame.len());
        for (byte, new) in frame.iter_mut().skip(at).zip(bytes) {
            *byte ^= new;
        }
    }
    frame
}
