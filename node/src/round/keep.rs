//! What the node's database keeps of a round.

use super::Rounds;
use crate::driver::Report;
use crate::error::NodeError;
use crate::failure_code::FailureCode;
use crate::store::agreements::Store;
use crate::store::database::{AboutRound, Database, KeptCases, KeptList, KeptPair, KeptRound};
use crate::store::peers::Peer;
use crate::store::rounds;
use crate::sys::clock;
use blindlink::identity::PeerId;
use blindlink::ids::{AgreementDigest, RoundId};
use blindlink::policy::OutputMode;
use blindlink::session::{Grade, Match, Outcome, Role};
use std::path::{Path, PathBuf};

const DAY: u64 = 86_400;

/// A round that ends.
#[derive(Clone, Copy, Debug)]
pub(super) struct EndingRound<'e> {
    /// The peer.
    pub peer: PeerId,
    /// Its journal, as it is named while the round is open.
    pub path: &'e Path,
    /// Its id, if it has one.
    pub round: Option<RoundId>,
    /// Digest of its agreement; none in training.
    pub agreement: Option<AgreementDigest>,
}

impl Rounds<'_> {
    /// Whether pairs of a round of this node are kept: the operator may have asked for none.
    fn saves(&self) -> bool {
        let mutual = self.admission.input.policy.policy().round.output == OutputMode::Mutual;
        self.options.out.is_some() && (self.admission.role == Role::Requester || mutual)
    }

    /// The pairs of the result: of the requester what is in its file, of the responder what the peer claims.
    pub(super) fn pairs(&self, matches: &[&Match], outcome: &Outcome) -> Vec<KeptPair> {
        let input = &self.admission.input;
        let id = |own: usize| input.ids.get(own).cloned().unwrap_or_default();
        let tables = &input.policy.policy().tables;
        let name = |number: &u16| {
            let known = tables.iter().find(|known| known.id == *number);
            known.map_or_else(|| number.to_string(), |known| known.name.clone())
        };
        match self.admission.role {
            Role::Requester => {
                let pair = |found: &&Match| KeptPair {
                    own_id: id(found.own),
                    pseudonym: found.pseudonym,
                    grade: Some(found.grade),
                    tables: found.tables.iter().map(name).collect(),
                };
                matches.iter().map(pair).collect()
            }
            Role::Responder => {
                let claims = outcome.claims.iter();
                let pair = |own, pseudonym| KeptPair { own_id: id(own), pseudonym, grade: None, tables: Vec::new() };
                claims.map(|claim| pair(claim.own, claim.pseudonym)).collect()
            }
        }
    }

    /// Keeps a round that ended well, with its result. That is durable before the audit log or the journal hear of the end.
    pub(super) fn keep(
        &self,
        peer: &Peer,
        ending: EndingRound<'_>,
        pairs: &[KeptPair],
        (outcome, report, out): (&Outcome, &Report, Option<&PathBuf>),
        cases: Option<&KeptCases>,
    ) -> Result<(), NodeError> {
        let saved = self.saves();
        let strong = pairs.iter().filter(|pair| pair.grade == Some(Grade::Strong)).count();
        let about = AboutRound {
            peer: peer.name.clone(),
            pairs: pairs.len(),
            strong,
            saved,
            out: out.cloned(),
            transcript: hex::encode(outcome.transcript),
            bytes: (report.bytes_sent, report.bytes_received),
            milliseconds: std::time::Duration::try_from_secs_f64(report.wall_seconds)
                .map_or(0, |took| u64::try_from(took.as_millis()).unwrap_or(u64::MAX)),
            ..self.about()
        };
        let store = Store::of(self.admission.data);
        let days = ending.agreement.and_then(|agreement| store.by_digest(&agreement).ok());
        let days = days.map(|sealed| u64::from(sealed.agreement().agreement().retention.results_days));
        let mut kept = self.kept(ending, about);
        kept.keep_until = days.map(|days| kept.ended + days * DAY);
        self.tell(&kept, if saved { pairs } else { &[] }, cases.filter(|_| saved))
    }

    /// Keeps that a round failed.
    pub(super) fn keep_failure(&self, ending: EndingRound<'_>, code: FailureCode) -> Result<(), NodeError> {
        let kept = self.kept(ending, self.about());
        self.tell(&KeptRound { failure: Some(code.number()), ..kept }, &[], None)
    }

    fn about(&self) -> AboutRound {
        AboutRound { records: self.admission.input.list.records.len(), ..AboutRound::default() }
    }

    fn kept(&self, ending: EndingRound<'_>, about: AboutRound) -> KeptRound {
        let policy = &self.admission.input.policy;
        KeptRound {
            row: 0,
            journal: rounds::stem(ending.path),
            round: ending.round,
            peer: ending.peer,
            role: self.admission.role,
            lanes: policy.policy().context.lanes,
            begun: rounds::begun(ending.path),
            ended: clock::now(),
            agreement: ending.agreement,
            policy: *policy.digest(),
            list: None,
            failure: None,
            keep_until: None,
            erased: None,
            about,
        }
    }

    fn tell(&self, round: &KeptRound, pairs: &[KeptPair], cases: Option<&KeptCases>) -> Result<(), NodeError> {
        let input = &self.admission.input;
        let list = KeptList {
            file: self.options.records.clone(),
            records: input.list.records.len(),
            rejected_rows: input.completeness.left_out,
            values_left_out: input.values_left_out,
            digests: input.list.records.iter().map(|record| record.digest).collect(),
        };
        let mut db = Database::open(self.admission.data, &self.storage)?;
        if let (Some(ask), None) = (self.admission.ask, round.failure) {
            // Before the answer: whoever has it cannot ask again on the same approvals (V-URGENT-007).
            db.ask_answered(&ask.kept, round.ended)?;
        }
        db.keep_with_cases(round, &list, pairs, cases)?;
        if cases.is_some() {
            self.bring_to_the_desk();
        }
        Ok(())
    }
}
