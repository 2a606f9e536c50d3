//! Runs a round over two TCP sockets with an own pump: what an embedder writes in place of the node.
//!
//!     cargo run --release --example embed_a_session -p blindlink
//!
//! A real carrier is authenticated and encrypted, and its exporter is the session's binding.

use blindlink::agreement::Basis;
use blindlink::identity::IdentityKey;
use blindlink::policy::Policy;
use blindlink::record::{RawRecord, RowId};
use blindlink::schema::Field;
use blindlink::secret::Seed;
use blindlink::session::{Config, LogExchange, Outcome, Output, Role, Session, SessionInputs};
use std::error::Error;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, mpsc};
use std::thread;

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

/// The next frame, behind its length.
fn read_frame(stream: &mut TcpStream) -> Result<Vec<u8>> {
    let mut length = [0; 4];
    stream.read_exact(&mut length)?;
    // In production: refuse more than `Session::max_frame` before anything is allocated.
    let mut frame = vec![0; u32::from_be_bytes(length) as usize];
    stream.read_exact(&mut frame)?;
    Ok(frame)
}

/// The pump: does what the session wants, then feeds it the next frame, until the round is over.
fn pump(mut session: Session, mut stream: TcpStream) -> Result<Outcome> {
    let (mut reader, (frames, arrived)) = (stream.try_clone()?, mpsc::channel());
    // Frames are read on a thread of their own: both sides may write at the same time.
    thread::spawn(move || while read_frame(&mut reader).is_ok_and(|frame| frames.send(frame).is_ok()) {});
    loop {
        while let Some(output) = session.poll_output()? {
            match output {
                Output::Send(frame) => {
                    stream.write_all(&u32::try_from(frame.bytes.len())?.to_be_bytes())?;
                    stream.write_all(&frame.bytes)?;
                }
                Output::Work(job) => session.finish_work(job.run())?, // in production: on a pool of threads
                Output::Persist { seq, .. } => session.persisted(seq)?, // in production: once the digest is on disk
                Output::Done(outcome) => return Ok(*outcome),
                _ => {}
            }
        }
        session.handle(&arrived.recv()?)?;
    }
}

fn side(role: Role, given: &str, stream: TcpStream) -> Result<Outcome> {
    let policy = Policy::default_policy()?.with_records(2, 2).validate()?;
    let mut raw = RawRecord::default();
    for (field, value) in [(Field::RecordId, "1"), (Field::GivenNames, given), (Field::FamilyNames, "Shevchenko")] {
        raw.push(field, value);
    }
    raw.push(Field::BirthDate, "1999-03-14");
    let record = policy.record(RowId::new(0), &raw).map_err(|error| error.to_string())?;
    let (own, peer) = role.sides(1, 2);
    let inputs = SessionInputs::new(role, Arc::new(policy.encode(&[record])), Seed::new([own; 32]))?;
    let [identity, peer] = [own, peer].map(|byte| IdentityKey::from_secret(&[byte; 32]));
    let log = LogExchange::without_log(&identity); // in production: the heads of the two audit logs
    let config = Config {
        inputs,
        basis: Basis::Training(blindlink::suite::CURRENT),
        identity,
        peer: peer.id(),
        binding: [0; 32],
        log,
    };
    pump(Session::new(config)?, stream)
}

fn main() -> Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let stream = TcpStream::connect(listener.local_addr()?)?;
    let requester = thread::spawn(move || side(Role::Requester, "Oksana", stream));
    let responder = side(Role::Responder, "Oxana", listener.accept()?.0)?;
    let requester = requester.join().map_err(|_| "the requester's thread panicked")??;
    println!("{} pair found, {} claimed", requester.matches.len(), responder.claims.len());
    assert_eq!(requester.receipt, responder.receipt);
    Ok(())
}
