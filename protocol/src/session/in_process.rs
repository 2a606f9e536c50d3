//! Two sessions in one process: for tests, for evaluation, and as an example of a pump.

use super::{Event, Job, JobResult, Outcome, Output, Role, Session};
use crate::error::Error;
use std::collections::VecDeque;

/// Bytes and frames of each direction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Traffic {
    /// Bytes from the requester to the responder.
    pub from_requester: u64,
    /// Bytes from the responder to the requester.
    pub from_responder: u64,
}

/// Runs a round between two sessions to its end. `run_jobs` computes a batch of jobs, in any order, on any threads;
/// `observe` sees every frame with the role of its sender; `show` sees the requester's events.
///
/// # Errors
/// The first error of either side.
pub fn run(
    mut requester: Session,
    mut responder: Session,
    mut run_jobs: impl FnMut(Vec<Job>) -> Vec<JobResult>,
    mut observe: impl FnMut(Role, &[u8]),
    mut show: impl FnMut(Event),
) -> Result<(Outcome, Outcome, Traffic), Error> {
    let mut traffic = Traffic::default();
    let mut results: [Option<Outcome>; 2] = [None, None];
    let mut frames: [VecDeque<Vec<u8>>; 2] = [VecDeque::new(), VecDeque::new()];
    let mut jobs: [Vec<Job>; 2] = [Vec::new(), Vec::new()];
    loop {
        let mut moved = false;
        for (side, session) in [&mut requester, &mut responder].into_iter().enumerate() {
            let role = if side == 0 { Role::Requester } else { Role::Responder };
            while let Some(output) = session.poll_output()? {
                moved = true;
                match output {
                    Output::Send(frame) => {
                        observe(role, &frame.bytes);
                        *match role {
                            Role::Requester => &mut traffic.from_requester,
                            Role::Responder => &mut traffic.from_responder,
                        } += frame.bytes.len() as u64;
                        frames[1 - side].push_back(frame.bytes);
                    }
                    Output::Work(job) => jobs[side].push(job),
                    Output::Persist { seq, .. } => session.persisted(seq)?,
                    Output::Event(event) if role == Role::Requester => show(event),
                    Output::Event(_) | Output::Cosign { .. } | Output::Cosigned { .. } => {}
                    Output::Done(outcome) => results[side] = Some(*outcome),
                }
            }
            while let Some(frame) = frames[side].pop_front() {
                moved = true;
                session.handle(&frame)?;
            }
            if !jobs[side].is_empty() {
                moved = true;
                for result in run_jobs(core::mem::take(&mut jobs[side])) {
                    session.finish_work(result)?;
                }
            }
        }
        if let [Some(_), Some(_)] = &results {
            let [Some(first), Some(second)] = results else { return Err(Error::Internal("results vanished")) };
            return Ok((first, second, traffic));
        }
        if !moved {
            return Err(Error::Internal("the two sessions wait for each other"));
        }
    }
}

/// Runs a batch of jobs one after the other on this thread.
#[must_use]
pub fn inline(jobs: Vec<Job>) -> Vec<JobResult> {
    jobs.into_iter().map(Job::run).collect()
}
