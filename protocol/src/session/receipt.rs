//! The end of a round: both sides sign a receipt.

use super::config::ReceiptSigner;
use super::core::{Core, ReceiptState, Results};
use super::event::{Outcome, Output};
use crate::error::Error;
use crate::ids::PolicyDigest;
use crate::receipt::{Receipt, ReceiptStatement};
use crate::transcript::transcript;
use crate::wire::Stage;

impl Core {
    pub(super) const fn is_done(&self) -> bool {
        matches!(self.receipt, ReceiptState::Done)
    }

    /// Signs the receipt when everything else has crossed, and ends the round when both receipts have.
    pub(super) fn settle(&mut self) -> Result<(), Error> {
        if self.is_done() || !self.settled || !self.inbox.only_receipt_left() {
            return Ok(());
        }
        let ReceiptSigner::Key(identity) = &self.signer else { return self.check_only() };
        if matches!(self.receipt, ReceiptState::Unsigned) && self.outbox.only_receipt_left() {
            let statement = self.make_statement()?;
            let message = statement.message(identity);
            self.receipt = ReceiptState::Signed { statement, ours: message.signature };
            self.queue_body(0, &message)?;
        }
        if !self.outbox.all_gone() {
            return Ok(());
        }
        // Whether the peer has signed the same does not wait for what was found.
        if let (ReceiptState::Signed { statement, ours }, Some(body)) = (&self.receipt, &self.peer_receipt) {
            let theirs = statement.check(self.peer, body)?;
            self.receipt = ReceiptState::BothSigned { statement: statement.clone(), ours: *ours, theirs };
        }
        let ReceiptState::BothSigned { statement, ours, theirs } = &self.receipt else { return Ok(()) };
        let Some(Results { matches, claims, claimed }) = self.results.take() else { return Ok(()) };
        let (round, transcript) = (statement.round, statement.transcript);
        let (by_requester, by_responder) = self.role.sides(*ours, *theirs);
        let receipt = Receipt { statement: statement.clone(), by_requester, by_responder }.encode();
        self.receipt = ReceiptState::Done;
        self.advance_stage(Stage::Settle, 1);
        let outcome = Outcome { matches, claims, claimed, round, transcript, receipt };
        self.outputs.push_back(Output::Done(Box::new(outcome)));
        Ok(())
    }

    /// A side that is made again makes no receipt. It refuses a peer's that it has to refuse (V-EVIDENCE-011).
    fn check_only(&mut self) -> Result<(), Error> {
        if matches!(self.receipt, ReceiptState::Unsigned)
            && self.outbox.only_receipt_left()
            && let Some(body) = &self.peer_receipt
        {
            let statement = self.make_statement()?;
            statement.check(self.peer, body)?;
            self.receipt = ReceiptState::Signed { statement, ours: [0; 64] };
        }
        Ok(())
    }

    fn make_statement(&self) -> Result<ReceiptStatement, Error> {
        let (from_requester, from_responder) = self.role.sides(&self.outbox.chain, &self.inbox.chain);
        let (requester, responder) = self.role.sides(self.signer.id(), self.peer);
        Ok(ReceiptStatement {
            round: self.round().ok_or(Error::Internal("receipt before the round has an id"))?,
            transcript: transcript(from_requester, from_responder),
            policy: PolicyDigest::of(&self.hello.policy),
            agreement: self.terms.digest,
            requester: *requester.as_bytes(),
            responder: *responder.as_bytes(),
            records_requester: self.plan.shape.records_requester,
            records_responder: self.plan.shape.records_responder,
            bins: self.plan.bins,
        })
    }
}
