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
use blindlink::ids::AgreementDigest;
use blindlink::policy::Policy;
use blindlink::session::{Grade, Match, Outcome};
use std::path::Path;

impl Rounds<'_> {
    /// Writes receipt and result, and keeps round and result in the database.
    pub(super) fn write(
        &self,
        peer: &Peer,
        (path, agreement): (&Path, Option<AgreementDigest>),
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
        let cases = agreement.map(|agreement| self.cases(&matches, outcome, agreement));
        self.keep(peer, ending, &pairs, (outcome, &report, out.as_ref()), cases.as_ref())?;
        let strong = matches.iter().filter(|found| found.grade == Grade::Strong).count();
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
            strong,
            expected_wrong: expected_wrong(self.admission.input.policy.policy(), [strong, matches.len()]),
            training: agreement.is_none(),
            agreement: hex::encode(AgreementDigest::or_zeros(agreement)),
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

/// What the policy says of the wrong ones among so many pairs of grade *strong* and of either grade (V-POLICY-040). The
/// peer's list is taken to be as long as the policy's padded size.
fn expected_wrong(policy: &Policy, found: [usize; 2]) -> Option<[f64; 2]> {
    let sizes = &policy.round;
    let [strong, all] = policy.expected_wrong?.between(sizes.records_requester, sizes.records_responder);
    let most = |wrong: f64, found: usize| wrong.min(f64::from(u32::try_from(found).unwrap_or(u32::MAX)));
    Some([most(strong, found[0]), most(all, found[1])])
}

#[cfg(test)]
mod tests;
