//! Result files of a round.

use super::keep::EndingRound;
use super::{Rounds, Summary};
use crate::driver::Report;
use crate::error::NodeError;
use crate::store::StoreError;
use crate::store::peers::Peer;
use crate::store::results;
use crate::store::rounds::short;
use crate::sys::files::write_whole;
use crate::sys::peak_rss::peak_rss_bytes;
use blindlink::assignment::one_to_one;
use blindlink::session::{Grade, Match, Outcome};
use std::path::Path;

impl Rounds<'_> {
    /// Writes receipt and result, and keeps round and result in the database.
    pub(super) fn write(
        &self,
        peer: &Peer,
        (path, agreement): (&Path, [u8; 32]),
        outcome: &Outcome,
        report: Report,
    ) -> Result<Summary, NodeError> {
        let round = hex::encode(outcome.round);
        let receipt = self.admission.data.rounds()?.join(format!("{}.receipt", short(&outcome.round)));
        write_whole(&receipt, &outcome.receipt).map_err(StoreError::io("cannot write the receipt"))?;
        let matches = self.matches(outcome);
        let pairs = self.pairs(&matches, outcome);
        let out = self
            .options
            .out
            .as_ref()
            .map(|path| if self.options.out_by_round { results::with_round(path, &round) } else { path.clone() });
        if let Some(path) = &out {
            let content = results::text(self.admission.role, &pairs);
            write_whole(path, &content).map_err(StoreError::output(format!("cannot write {}", path.display())))?;
        }
        let ending = EndingRound { peer: peer.id, path, round: Some(outcome.round), agreement };
        self.keep(peer, ending, &pairs, (outcome, &report, out.as_ref()))?;
        Ok(Summary {
            schema: "blindlink.round/v1",
            role: self.admission.role.name(),
            peer: peer.name.clone(),
            transcript: hex::encode(outcome.transcript),
            round,
            records: self.admission.input.list.records.len(),
            rejected_rows: self.admission.input.completeness.left_out,
            values_left_out: self.admission.input.values_left_out,
            matches: matches.len(),
            strong: matches.iter().filter(|found| found.grade == Grade::Strong).count(),
            training: agreement == [0; 32],
            agreement: hex::encode(agreement),
            claims: outcome.claims.len(),
            out,
            receipt,
            confirmed: false,
            encode_seconds: self.admission.input.seconds,
            report,
            peak_rss_bytes: peak_rss_bytes(),
        })
    }

    /// The pairs that go into the result.
    fn matches<'a>(&self, outcome: &'a Outcome) -> Vec<&'a Match> {
        if !self.options.one_to_one {
            return outcome.matches.iter().collect();
        }
        let ends = |found: &Match| (found.own, found.pseudonym);
        let kept = one_to_one(&outcome.matches, ends, |found| (found.grade, found.tables.len()));
        kept.into_iter().filter_map(|at| outcome.matches.get(at)).collect()
    }
}
