//! The validator of agreements (spec 14.4).

use super::{Agreement, PartyType, Roles};
use crate::error::{Error, Misuse};
use crate::ids::AgreementDigest;
use crate::limits;
use crate::policy::shape::OutputMode;
use crate::schema::kinds::Lane;
use crate::suite::{CURRENT, Suite};
use std::collections::BTreeSet;

/// An agreement that the validator has accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckedAgreement {
    agreement: Agreement,
    bytes: Vec<u8>,
    digest: AgreementDigest,
}

impl CheckedAgreement {
    /// The agreement as it was written.
    #[must_use]
    pub const fn agreement(&self) -> &Agreement {
        &self.agreement
    }

    /// The suite that rounds under it compute.
    #[must_use]
    pub fn suite(&self) -> &'static Suite {
        Suite::by_number(self.agreement.suite).unwrap_or(CURRENT)
    }

    /// The canonical bytes.
    #[must_use]
    pub fn canonical_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Digest of the canonical bytes.
    #[must_use]
    pub const fn digest(&self) -> &AgreementDigest {
        &self.digest
    }
}

fn demand(
    ok: bool,
    field: impl Into<String>,
    reason: impl Into<String>,
    requirement: &'static str,
) -> Result<(), Error> {
    if ok {
        return Ok(());
    }
    Err(Error::Misuse(Misuse::Agreement { field: field.into(), reason: reason.into(), requirement }))
}

/// 1 to `max` bytes that a screen shows as they are: no control characters, nothing that turns the direction of text.
fn is_plain(text: &str, max: usize) -> bool {
    let turns = |c: char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    (1..=max).contains(&text.len()) && !text.chars().any(|c| c.is_control() || turns(c))
}

impl Agreement {
    /// Checks everything that `spec/14-agreement.md` demands of an agreement by itself.
    ///
    /// # Errors
    /// [`Misuse::Agreement`] with the path of the field and the requirement that it breaks.
    pub fn validate(self) -> Result<CheckedAgreement, Error> {
        self.check_names()?;
        // V-AGREE-004
        let first = self.previous.is_none();
        demand(self.version >= 1, "version", "begins with 1", "V-AGREE-004")?;
        demand(first == (self.version == 1), "previous", "is for amendments, and only for them", "V-AGREE-004")?;
        self.check_parties()?;
        // V-AGREE-008
        let known = Suite::by_number(self.suite).is_some();
        demand(known, "suite", String::from("this release computes suites 1 and 2"), "V-AGREE-008")?;
        self.check_numbers()?;
        let bytes = self.to_canonical_bytes();
        let fits = bytes.len() <= limits::MAX_AGREEMENT_BYTES;
        demand(fits, "agreement", "the canonical bytes are too long", "V-AGREE-001")?;
        let digest = self.digest();
        Ok(CheckedAgreement { agreement: self, bytes, digest })
    }

    /// V-AGREE-003
    fn check_names(&self) -> Result<(), Error> {
        const ID: &str = "V-AGREE-003";
        for (field, name) in [("name", &self.name), ("purpose", &self.purpose)] {
            let fits =
                (1..=limits::MAX_POLICY_NAME).contains(&name.len()) && name.bytes().all(|b| matches!(b, 0x20..=0x7e));
            demand(fits, field, format!("needs 1 to {} printable ASCII characters", limits::MAX_POLICY_NAME), ID)?;
        }
        let reason = "is empty, too long, or has control characters";
        for (i, party) in self.parties.iter().enumerate() {
            demand(is_plain(&party.name, limits::MAX_PARTY_NAME), format!("party[{i}].name"), reason, ID)?;
            let basis = is_plain(&party.legal_basis, limits::MAX_LEGAL_BASIS);
            demand(basis, format!("party[{i}].legal_basis"), reason, ID)?;
            for (j, signer) in party.signers.iter().enumerate() {
                let fits = is_plain(&signer.name, limits::MAX_PARTY_NAME);
                demand(fits, format!("party[{i}].signer[{j}].name"), reason, ID)?;
            }
        }
        Ok(())
    }

    fn check_parties(&self) -> Result<(), Error> {
        // V-AGREE-005: two persons on each side, and no node that signs for them.
        let mut keys = BTreeSet::new();
        for (i, party) in self.parties.iter().enumerate() {
            let reason = "is a key that the agreement has already";
            demand(keys.insert(party.node), format!("party[{i}].node"), reason, "V-AGREE-005")?;
            for (j, signer) in party.signers.iter().enumerate() {
                let field = format!("party[{i}].signer[{j}].key");
                demand(keys.insert(signer.key), field, reason, "V-AGREE-005")?;
            }
        }
        // V-AGREE-006
        let [one, two] = &self.parties;
        let pair = self.lanes.lanes();
        let fits = pair == (one.lane, two.lane) || pair == (two.lane, one.lane);
        demand(fits, "party[0].lane", "the lanes of the parties are not those of the pair", "V-AGREE-006")?;
        let fits = matches!(
            (one.role, two.role),
            (Roles::Requester, Roles::Responder)
                | (Roles::Responder, Roles::Requester)
                | (Roles::Either, Roles::Either)
        );
        demand(fits, "party[0].role", "one asks and the other answers, or both may do either", "V-AGREE-006")?;
        // V-AGREE-007
        let victims = self.lanes.compares(Some(Lane::Victim));
        for (i, party) in self.parties.iter().enumerate() {
            let refused = victims && party.kind == PartyType::ImmigrationEnforcement;
            let reason = "enforces immigration law and takes no part in a linkage of victims";
            demand(!refused, format!("party[{i}].type"), reason, "V-AGREE-007")?;
        }
        Ok(())
    }

    fn check_numbers(&self) -> Result<(), Error> {
        // V-AGREE-009
        const CAPS: &str = "V-AGREE-009";
        let caps = &self.caps;
        let within = |n: u64, least: u64, most: u64| (least..=most).contains(&n);
        let records = u64::from(limits::MAX_RECORDS);
        let days = u64::from(limits::MAX_PERIOD_DAYS);
        let (least, most) = if self.output == OutputMode::Mutual { (1, caps.records_requester.into()) } else { (0, 0) };
        for (field, n, (least, most)) in [
            ("caps.records_requester", u64::from(caps.records_requester), (1, records)),
            ("caps.records_responder", caps.records_responder.into(), (1, records)),
            ("caps.rounds_per_day", caps.rounds_per_day.into(), (1, 1000)),
            ("caps.period_days", caps.period_days.into(), (1, days)),
            ("caps.bins_per_table", caps.bins_per_table, (1, limits::MAX_BUDGET)),
            ("caps.claims", caps.claims.into(), (least, most)),
            ("caps.matches", caps.matches.into(), (caps.claims.into(), most)),
            ("caps.delta_records", caps.delta_records.into(), (1, records)),
            ("caps.left_out_percent", caps.left_out_percent.into(), (0, 100)),
        ] {
            demand(within(n, least, most), field, format!("is not within {least} to {most}"), CAPS)?;
        }
        // V-AGREE-010: budgets are counted from the audit log.
        const KEPT: &str = "V-AGREE-010";
        let kept = &self.retention;
        for (field, n, least) in [
            ("retention.journal_days", kept.journal_days, 1),
            ("retention.results_days", kept.results_days, 1),
            ("retention.audit_days", kept.audit_days, caps.period_days),
        ] {
            let reason = format!("is not within {least} to {}", limits::MAX_PERIOD_DAYS);
            demand((least..=limits::MAX_PERIOD_DAYS).contains(&n), field, reason, KEPT)?;
        }
        self.check_urgent()?;
        // V-AGREE-011
        const TIME: &str = "V-AGREE-011";
        demand(self.valid.from < self.valid.until, "valid.until", "is not after `from`", TIME)?;
        let long = self.valid.until - self.valid.from > limits::MAX_VALIDITY_DAYS * super::time::DAY;
        demand(!long, "valid.until", format!("is more than {} days after `from`", limits::MAX_VALIDITY_DAYS), TIME)
    }

    fn check_urgent(&self) -> Result<(), Error> {
        const URGENT: &str = "V-URGENT-002";
        let Some(urgent) = &self.urgent else { return Ok(()) };
        demand(urgent.policy != self.policy, "urgent.policy", "is that of the ordinary rounds", URGENT)?;
        let days = u64::from(limits::MAX_PERIOD_DAYS);
        for (field, n, most) in [
            ("urgent.rounds_per_day", u64::from(urgent.rounds_per_day), 100),
            ("urgent.bins_per_table", urgent.bins_per_table, limits::MAX_BUDGET),
            ("urgent.again_days", urgent.again_days.into(), days),
        ] {
            demand((1..=most).contains(&n), field, format!("is not within 1 to {most}"), URGENT)?;
        }
        Ok(())
    }
}
