//! Making one side of a round again (spec 16.4): from its seed and its records come the frames that it had to send.

use super::format::EvidenceReader;
use super::verify::{Checked, Verified, Verifier, refusal};
use crate::error::{Error, EvidenceFault, Misuse, PeerFault};
use crate::ids::FrameDigest;
use crate::policy::EncodedList;
use crate::secret::Seed;
use crate::session::{Job, JobResult, Output, Replay, Session, SessionInputs};
use crate::wire::FrameKind;
use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

/// What a re-execution found to be as it had to be.
#[derive(Clone, Debug)]
pub struct Reexecuted {
    /// What the evidence says. Without a receipt it speaks of this side only.
    pub verified: Verified,
    /// Frames that were made again and are the same, byte by byte.
    pub compared: u64,
}

/// Re-executes the side whose evidence this is. Everything that [`verify`](super::verify) checks is checked too, but
/// the round need not be finished. The frames before the receipt are compared with their digests; the receipt, which
/// takes the identity's secret key, by its signature. `run_jobs` computes a batch of jobs, in any order, on any threads.
///
/// # Errors
/// An [`EvidenceFault`]: of the evidence itself, or where this side did something else than it had to;
/// [`Error::Misuse`] if the records are not encoded under the policy of the evidence.
pub fn reexecute(
    mut source: impl EvidenceReader,
    seed: Seed,
    list: Arc<EncodedList>,
    mut run_jobs: impl FnMut(Vec<Job>) -> Vec<JobResult>,
) -> Result<Reexecuted, Error> {
    let mut verifier = Verifier::begin(&mut source)?;
    let mut side = Side::new(&verifier, seed, list)?;
    side.drain(&mut run_jobs)?;
    let (mut compared, mut left) = (0, BTreeSet::new());
    while let Some(entry) = verifier.next(&mut source)? {
        match entry {
            Checked::Sent { spec, .. } if spec.kind == FrameKind::Receipt => {}
            // Its signature takes the secret key: its digest stands for it in the chain.
            Checked::Sent { entry, digest, spec } if spec.kind == FrameKind::Cosignature => {
                if !side.made.is_empty() || !side.session.stand_for_cosignature(&digest) {
                    return Err(EvidenceFault::Early { entry }.into());
                }
                side.drain(&mut run_jobs)?;
            }
            Checked::Sent { entry, digest, spec } => {
                left.insert((spec.kind, spec.index));
                // V-EVIDENCE-010: made again from what had come so far.
                let made = side.made.pop_front().ok_or(EvidenceFault::Early { entry })?;
                if made != digest {
                    return Err(EvidenceFault::Differs { entry, kind: spec.kind as u8, chunk: spec.index }.into());
                }
                compared += 1;
            }
            Checked::Received { entry, frame, spec } => {
                // V-WIRE-006: the side is made again ahead of what it had sent by then.
                if spec.kind.question().is_some_and(|kind| !left.contains(&(kind, spec.index))) {
                    let early = PeerFault::Unexpected { got: spec.kind as u8, index: spec.index };
                    return Err(EvidenceFault::Refused { entry, code: Error::from(early).code() }.into());
                }
                side.take(entry, &frame, &mut run_jobs)?;
            }
        }
    }
    Ok(Reexecuted { verified: verifier.finish(), compared })
}

/// The side, made again.
struct Side {
    session: Session,
    /// Digests of frames that it has sent and that were not met in the evidence yet.
    made: VecDeque<FrameDigest>,
}

impl Side {
    fn new(verifier: &Verifier, seed: Seed, list: Arc<EncodedList>) -> Result<Self, Error> {
        let header = &verifier.header;
        // V-EVIDENCE-009. Other encodings of the very records would look like a side that cheated.
        if list.policy != header.policy {
            return Err(Misuse::WrongEncoding.into());
        }
        let inputs = SessionInputs::new(header.role, list, seed)?;
        let commitment = inputs.commitment();
        if commitment.seed != header.seed_commitment {
            return Err(EvidenceFault::Seed.into());
        }
        if commitment.root != header.root {
            return Err(EvidenceFault::Records.into());
        }
        let session = Session::replay(Replay {
            inputs,
            agreement: verifier.agreement.clone(),
            suite: header.suite,
            own: header.own,
            peer: header.peer,
            binding: header.binding,
            log_head: header.log_head.clone(),
        })?;
        Ok(Self { session, made: VecDeque::new() })
    }

    /// Gives it a frame of the peer's and lets it do all that it then can.
    fn take(
        &mut self,
        entry: u64,
        frame: &[u8],
        run_jobs: &mut impl FnMut(Vec<Job>) -> Vec<JobResult>,
    ) -> Result<(), Error> {
        let taken = self.session.handle(frame).and_then(|_| self.drain(run_jobs));
        // V-EVIDENCE-011.
        taken.map_err(|error| match refusal(&error) {
            Some(code) => EvidenceFault::Refused { entry, code }.into(),
            None => error,
        })
    }

    fn drain(&mut self, run_jobs: &mut impl FnMut(Vec<Job>) -> Vec<JobResult>) -> Result<(), Error> {
        loop {
            let mut jobs = Vec::new();
            while let Some(output) = self.session.poll_output()? {
                match output {
                    Output::Send(frame) => self.made.push_back(frame.digest),
                    Output::Work(job) => jobs.push(job),
                    Output::Persist { seq, .. } => self.session.persisted(seq)?,
                    Output::Event(_) | Output::Cosign { .. } | Output::Cosigned { .. } | Output::Done(_) => {}
                }
            }
            if jobs.is_empty() {
                return Ok(());
            }
            for result in run_jobs(jobs) {
                self.session.finish_work(result)?;
            }
        }
    }
}
