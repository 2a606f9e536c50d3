//! Links two lists of invented persons in one process.
//!
//!     cargo run --release --example link_two_lists -p blindlink

use blindlink::agreement::Basis;
use blindlink::identity::IdentityKey;
use blindlink::policy::{CheckedPolicy, Policy};
use blindlink::record::{RawRecord, Record, RowId};
use blindlink::schema::Field;
use blindlink::secret::Seed;
use blindlink::session::{Config, LogExchange, Role, Session, SessionInputs, in_process};
use std::error::Error;
use std::sync::Arc;

/// Checks a list of invented persons: given name, family name, date of birth.
fn list(policy: &CheckedPolicy, persons: &[[&str; 3]]) -> Result<Vec<Record>, Box<dyn Error>> {
    let record = |(i, [given, family, born]): (usize, &[&str; 3])| {
        let mut raw = RawRecord::default();
        raw.push(Field::RecordId, &format!("record {i}"));
        raw.push(Field::GivenNames, given);
        raw.push(Field::FamilyNames, family);
        raw.push(Field::BirthDate, born);
        raw.push(Field::Nationality, "UTO");
        policy.record(RowId::new(0), &raw).map_err(|error| error.to_string().into())
    };
    persons.iter().enumerate().map(record).collect()
}

fn main() -> Result<(), Box<dyn Error>> {
    // Both sides agree on one policy, with padded sizes for their lists.
    let policy = Policy::default_policy()?.with_records(3, 3).validate()?;
    let ours = list(&policy, &[["Oksana", "Shevchenko", "1999-03-14"], ["Amina", "Bello", "2001-07-02"]])?;
    let theirs = list(&policy, &[["Ana", "Pop", "1998-01-30"], ["Oxana", "Shevtchenko", "1999-03-14"]])?;

    // Each side knows its own key and has pinned the other's.
    let keys = [IdentityKey::from_secret(&[1; 32]), IdentityKey::from_secret(&[2; 32])];
    let session = |role: Role, records: &[Record], own: usize| {
        // In production: 32 fresh random bytes for every round.
        let seed = Seed::new([own as u8 + 10; 32]);
        Session::new(Config {
            log: LogExchange::without_log(&keys[own]), // in production: the heads of the two audit logs
            inputs: SessionInputs::new(role, Arc::new(policy.encode(records)), seed)?,
            basis: Basis::Training(blindlink::suite::CURRENT), // in production: the agreement that `agreement::admit` admitted
            identity: keys[own].clone(),
            peer: keys[1 - own].id(),
            binding: [0; 32], // in production: the exporter of the TLS connection
        })
    };
    let requester = session(Role::Requester, &ours, 0)?;
    let responder = session(Role::Responder, &theirs, 1)?;
    let (found, claimed, traffic) = in_process::run(requester, responder, in_process::inline, |_, _| (), |_| ())?;

    for pair in &found.matches {
        println!("the requester: {} has a counterpart, grade {}", ours[pair.own].id, pair.grade.name());
    }
    for claim in &claimed.claims {
        println!("the responder: {} is claimed", theirs[claim.own].id);
    }
    println!("{} and {} bytes crossed", traffic.from_requester, traffic.from_responder);
    assert_eq!((found.matches.len(), claimed.claims.len()), (1, 1));
    Ok(())
}
