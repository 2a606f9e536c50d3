//! One connection about a round: the frames of a run, then the notices of both sides.

use super::beat::Beat;
use super::{Confirmation, Confirming, Subject};
use crate::error::NodeError;
use crate::store::audit_log::Log as AuditLog;
use crate::store::database::KeptRun;
use crate::store::{StoreError, desk};
use crate::sys::clock;
use crate::transport::{FrameReader, FrameWriter};
use blindlink::Error;
use blindlink::audit::Fact;
use blindlink::confirm::{Run, RunOutput, RunReceipt};
use blindlink::error::PeerFault;
use blindlink::ids::Pseudonym;
use blindlink::wire::{FrameKind, parse};
use blindlink_review::{Actor, Log, Meeting, What};
use tokio::task::spawn_blocking;
use tokio::time::timeout;

type Ends<'c> = (&'c mut FrameReader, &'c mut FrameWriter);

impl Confirming<'_> {
    /// What both sides do once the openings have crossed.
    pub(super) async fn exchange(
        &self,
        subject: &Subject,
        number: Option<u32>,
        (reader, writer): Ends<'_>,
    ) -> Result<Confirmation, NodeError> {
        let opened = Beat::begin();
        let items = subject.cases.items.as_ref().map_or(0, Vec::len);
        let mut done = Confirmation { round: subject.id, number, items, asked: 0, confirmed: 0, sent: 0, received: 0 };
        if let Some(number) = number {
            let config = self.config(subject, number)?;
            done.asked = config.items.iter().filter(|(_, yes)| *yes).count();
            let kept = KeptRun { number, ended: clock::now(), ..KeptRun::default() };
            let run = Run::new(config)?;
            opened.wait().await;
            let kept = self.run(subject, run, kept, (&mut *reader, &mut *writer)).await?;
            done.confirmed = kept.confirmed.len();
        }
        let (sent, received) = self.notices(subject, (reader, writer)).await?;
        Ok(Confirmation { sent, received, ..done })
    }

    /// A run, from the hello to the receipt. However it ends, that is kept (V-CONFIRM-012).
    async fn run(
        &self,
        subject: &Subject,
        (mut run, mut outputs): (Run, Vec<RunOutput>),
        mut kept: KeptRun,
        (reader, writer): Ends<'_>,
    ) -> Result<KeptRun, NodeError> {
        let mut asked = Beat::begin();
        loop {
            let step = self.outputs((subject, &run, asked), &mut kept, outputs, writer).await;
            let step = match step {
                Ok(true) => return Ok(kept),
                Ok(false) => self.next(reader, run.expects()).await.map_err(NodeError::from),
                Err(error) => Err(error),
            };
            let taken = match step.and_then(|frame| aborted(&frame).map(|()| frame)) {
                Ok(frame) => {
                    asked = Beat::begin();
                    // The mathematics of many slots must not hold up other rounds.
                    let taken = spawn_blocking(move || {
                        let taken = run.receive(&frame);
                        (run, taken)
                    });
                    let (next, taken) = taken.await.map_err(|_| NodeError::Internal("a run panicked"))?;
                    run = next;
                    taken.map_err(NodeError::from)
                }
                Err(error) => Err(error),
            };
            outputs = match taken {
                Ok(outputs) => outputs,
                Err(error) => {
                    self.broke_off(subject, &run, kept)?;
                    return Err(error);
                }
            };
        }
    }

    /// Does what the run wants, in its order; whether the run is over.
    async fn outputs(
        &self,
        (subject, run, asked): (&Subject, &Run, Beat),
        kept: &mut KeptRun,
        outputs: Vec<RunOutput>,
        writer: &mut FrameWriter,
    ) -> Result<bool, NodeError> {
        for output in outputs {
            match output {
                RunOutput::Send(frame) => {
                    timeout(self.patience, writer.write(frame)).await.map_err(|_| self.stalled())??;
                }
                // V-CONFIRM-010: durable before the receipt leaves.
                RunOutput::Confirmed(items) => {
                    self.confirmed(subject, run, kept, &items)?;
                    asked.wait().await;
                }
                RunOutput::Receipt(receipt) => {
                    kept.receipt = text(&receipt);
                    self.db()?.keep_run(subject.round.row, kept)?;
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }

    fn confirmed(
        &self,
        subject: &Subject,
        run: &Run,
        kept: &mut KeptRun,
        items: &[Pseudonym],
    ) -> Result<(), NodeError> {
        let id = run.id().or_else(|| decoded(&kept.run)).ok_or(NodeError::Internal("a run without an id"))?;
        kept.run = hex::encode(id);
        kept.confirmed = items.iter().map(hex::encode).collect();
        (kept.used, kept.done) = (true, true);
        self.db()?.keep_run(subject.round.row, kept)?;
        let confirmed = items.iter().map(|pseudonym| Meeting { round: subject.id, pseudonym: *pseudonym }).collect();
        let ended = What::RunEnded { run: id, agreement: subject.agreement, confirmed };
        // V-REVIEW-002: nothing else confirms a pair.
        desk::take(self.data, self.storage, &mut Log::default(), Actor::Node, ended)?
            .map_err(|_| StoreError::Internal("the desk does not take what a run confirmed"))?;
        let fact = Fact::RunEnded { peer: subject.round.peer, round: subject.id, run: id };
        Ok(AuditLog::open(self.data, self.identity)?.append(vec![fact])?)
    }

    fn broke_off(&self, subject: &Subject, run: &Run, mut kept: KeptRun) -> Result<(), NodeError> {
        kept.used |= run.has_sent_share();
        kept.peer_alone = !kept.done && run.peer_can_open_alone();
        kept.promise = run.promise_of_peer().map(hex::encode).unwrap_or_default();
        Ok(self.db()?.keep_run(subject.round.row, &kept)?)
    }
}

fn decoded(text: &str) -> Option<[u8; 32]> {
    hex::decode(text).ok()?.try_into().ok()
}

/// An abort of the peer stands where a frame of the run should.
fn aborted(frame: &[u8]) -> Result<(), NodeError> {
    match parse(frame) {
        Ok((kind, 0, body)) if kind == FrameKind::Abort as u8 && body.len() == 2 => {
            let code = body.iter().fold(0, |code, byte| code << 8 | u16::from(*byte));
            Err(Error::from(PeerFault::Aborted(code)).into())
        }
        _ => Ok(()),
    }
}

/// Everything that a receipt is checked by.
fn text(receipt: &RunReceipt) -> String {
    let RunReceipt { statement, id, transcript, by_requester, by_responder } = receipt;
    hex::encode([&statement[..], id, transcript, by_requester, by_responder].concat())
}
