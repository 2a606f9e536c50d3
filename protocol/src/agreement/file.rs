//! Agreement files (spec 14.2).

use super::time;
use super::{Agreement, Caps};
use crate::error::{Error, Misuse};
use crate::identity::{PeerId, keytext};
use crate::ids::{AgreementDigest, PolicyDigest};
use crate::policy::file::{hex_32, path_at};
use serde::{Deserialize, Deserializer, de};
use std::fmt::Write as _;

/// A public key in text form.
pub(super) fn key<'de, D: Deserializer<'de>>(deserializer: D) -> Result<PeerId, D::Error> {
    keytext::from_text(&String::deserialize(deserializer)?).map_err(de::Error::custom)
}

/// The digest of the version before; zeros say that there is none.
pub(super) fn previous<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<AgreementDigest>, D::Error> {
    hex_32(deserializer).map(AgreementDigest::unless_zeros)
}

/// The digest of a policy.
pub(super) fn policy<'de, D: Deserializer<'de>>(deserializer: D) -> Result<PolicyDigest, D::Error> {
    hex_32(deserializer).map(PolicyDigest::from_bytes)
}

/// A string as TOML writes it.
fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

impl Agreement {
    /// Reads an agreement file (V-AGREE-002). Unknown fields are refused.
    ///
    /// # Errors
    /// [`Misuse::Agreement`] with the path of the field, or the line where the text is not TOML.
    pub fn from_toml(file: &str) -> Result<Self, Error> {
        let refused = |e: toml::de::Error| {
            let at = e.span().map_or(0, |span| span.start);
            Error::Misuse(Misuse::Agreement {
                field: path_at(file, at),
                reason: e.message().to_owned(),
                requirement: "V-AGREE-002",
            })
        };
        let mut agreement: Self = toml::from_str(file).map_err(refused)?;
        let table: toml::Table = toml::from_str(file).map_err(refused)?;
        agreement.fill_caps(|cap| table.get("caps").and_then(|caps| caps.get(cap)).is_some());
        Ok(agreement)
    }

    /// Fills in the caps that the file leaves out, far below the number of records: who needs more says so.
    fn fill_caps(&mut self, is_given: impl Fn(&str) -> bool) {
        let caps = &mut self.caps;
        if !is_given("claims") {
            caps.claims = Caps::usual_claims(self.output, caps.records_requester);
        }
        if !is_given("matches") {
            caps.matches = Caps::usual_matches(caps.claims, caps.records_requester);
        }
    }

    /// The file of an agreement: reading it returns the same agreement.
    #[must_use]
    pub fn to_toml(&self) -> String {
        let mut out = String::new();
        // Writing to a string cannot fail.
        let _ = self.write_toml(&mut out);
        out
    }

    fn write_toml(&self, out: &mut String) -> core::fmt::Result {
        writeln!(out, "name = {}\nversion = {}", quoted(&self.name), self.version)?;
        if let Some(previous) = self.previous {
            writeln!(out, "previous = \"{previous}\"")?;
        }
        writeln!(
            out,
            "purpose = {}\nlanes = \"{}\"\nepoch = {}",
            quoted(&self.purpose),
            self.lanes.name(),
            self.epoch
        )?;
        let output = self.output.name();
        writeln!(out, "policy = \"{}\"\nsuite = {}\noutput = \"{output}\"", self.policy, self.suite)?;
        let (from, until) = (time::text(self.valid.from), time::text(self.valid.until));
        writeln!(out, "\n[valid]\nfrom = {from}\nuntil = {until}")?;
        let caps = &self.caps;
        writeln!(
            out,
            "\n[caps]\nrecords_requester = {}\nrecords_responder = {}\nrounds_per_day = {}\nperiod_days = {}\n\
             bins_per_table = {}\nclaims = {}\nmatches = {}\ndelta_records = {}\npolicy_changes = {}\nleft_out_percent = {}",
            caps.records_requester,
            caps.records_responder,
            caps.rounds_per_day,
            caps.period_days,
            caps.bins_per_table,
            caps.claims,
            caps.matches,
            caps.delta_records,
            caps.policy_changes,
            caps.left_out_percent
        )?;
        let kept = &self.retention;
        writeln!(
            out,
            "\n[retention]\njournal_days = {}\nresults_days = {}\naudit_days = {}",
            kept.journal_days, kept.results_days, kept.audit_days
        )?;
        if let Some(urgent) = &self.urgent {
            writeln!(
                out,
                "\n[urgent]\npolicy = \"{}\"\nrounds_per_day = {}\nbins_per_table = {}\nagain_days = {}",
                urgent.policy, urgent.rounds_per_day, urgent.bins_per_table, urgent.again_days
            )?;
        }
        for party in &self.parties {
            writeln!(
                out,
                "\n[[party]]\nname = {}\ntype = \"{}\"\nrole = \"{}\"\nlane = \"{}\"\nnode = \"{}\"\nlegal_basis = {}",
                quoted(&party.name),
                party.kind.name(),
                party.role.name(),
                party.lane.name(),
                keytext::to_text(&party.node),
                quoted(&party.legal_basis)
            )?;
            for signer in &party.signers {
                let key = keytext::to_text(&signer.key);
                writeln!(out, "\n[[party.signer]]\nname = {}\nkey = \"{key}\"", quoted(&signer.name))?;
            }
        }
        Ok(())
    }
}
