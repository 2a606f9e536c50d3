//! Canonical bytes of an agreement (spec 14.3): one encoding per agreement, bounded, without trailing bytes.

use super::{Agreement, Caps, Party, PartyType, Retention, Roles, Signer, Urgent, Validity};
use crate::codec::{DecodeError, Reader, Writer};
use crate::crypto::hash;
use crate::identity::PeerId;
use crate::ids::{AgreementDigest, PolicyDigest};
use crate::policy::shape::OutputMode;
use crate::schema::kinds::{Lane, LanePair};
use crate::{labels, limits};

/// Version of the layout, without and with an urgent part.
const FORMAT: u16 = 2;
const URGENT_FORMAT: u16 = 3;

impl AgreementDigest {
    /// Digest of an agreement's canonical bytes.
    #[must_use]
    pub fn of(canonical: &[u8]) -> Self {
        Self::from_bytes(hash::hash(labels::AGREEMENT_DIGEST, &[canonical]))
    }
}

impl Agreement {
    /// The canonical bytes. Strings longer than 65,535 bytes are cut; the validator refuses such an agreement.
    #[must_use]
    pub fn to_canonical_bytes(&self) -> Vec<u8> {
        self.canonical_fields().into_iter().flat_map(|(_, bytes)| bytes).collect()
    }

    /// Digest of the canonical bytes.
    #[must_use]
    pub fn digest(&self) -> AgreementDigest {
        AgreementDigest::of(&self.to_canonical_bytes())
    }

    /// Reads canonical bytes (V-AGREE-001).
    ///
    /// # Errors
    /// [`DecodeError::Truncated`], [`DecodeError::TrailingBytes`], or [`DecodeError::BadField`] for a length, key or code
    /// point that may not be.
    pub fn from_canonical_bytes(bytes: &[u8]) -> Result<Self, DecodeError> {
        if bytes.len() > limits::MAX_AGREEMENT_BYTES {
            return Err(DecodeError::BadField("agreement"));
        }
        let mut r = Reader::new(bytes);
        let agreement = read(&mut r)?;
        r.finish()?;
        Ok(agreement)
    }

    /// Every field with its path, in the order of the canonical bytes.
    fn canonical_fields(&self) -> Vec<(String, Vec<u8>)> {
        let mut out = Vec::new();
        let mut put = |path: &str, write: &dyn Fn(&mut Writer)| {
            let mut writer = Writer::default();
            write(&mut writer);
            out.push((path.to_owned(), writer.finish()));
        };
        macro_rules! fields {
            ($($path:expr => $kind:ident($value:expr);)*) => { $(put($path, &|w| { w.$kind($value); });)* };
        }
        fields! {
            "urgent" => u16(if self.urgent.is_some() { URGENT_FORMAT } else { FORMAT });
            "name" => str16(&self.name);
            "version" => u32(self.version);
            "previous" => bytes(&AgreementDigest::or_zeros(self.previous));
            "purpose" => str16(&self.purpose);
            "lanes" => u8(self.lanes.code());
            "epoch" => u32(self.epoch);
            "policy" => bytes(self.policy.as_bytes());
            "suite" => u16(self.suite);
            "output" => u8(self.output.code());
            "valid.from" => u64(self.valid.from);
            "valid.until" => u64(self.valid.until);
            "caps.records_requester" => u32(self.caps.records_requester);
            "caps.records_responder" => u32(self.caps.records_responder);
            "caps.rounds_per_day" => u16(self.caps.rounds_per_day);
            "caps.period_days" => u16(self.caps.period_days);
            "caps.bins_per_table" => u64(self.caps.bins_per_table);
            "caps.claims" => u32(self.caps.claims);
            "caps.matches" => u32(self.caps.matches);
            "caps.delta_records" => u32(self.caps.delta_records);
            "caps.policy_changes" => u16(self.caps.policy_changes);
            "caps.left_out_percent" => u8(self.caps.left_out_percent);
            "retention.journal_days" => u16(self.retention.journal_days);
            "retention.results_days" => u16(self.retention.results_days);
            "retention.audit_days" => u16(self.retention.audit_days);
        }
        if let Some(urgent) = &self.urgent {
            fields! {
                "urgent.policy" => bytes(urgent.policy.as_bytes());
                "urgent.rounds_per_day" => u16(urgent.rounds_per_day);
                "urgent.bins_per_table" => u64(urgent.bins_per_table);
                "urgent.again_days" => u16(urgent.again_days);
            }
        }
        for (i, party) in self.parties.iter().enumerate() {
            fields! {
                &format!("party[{i}].name") => str16(&party.name);
                &format!("party[{i}].type") => u8(party.kind.code());
                &format!("party[{i}].role") => u8(party.role.code());
                &format!("party[{i}].lane") => u8(party.lane.code());
                &format!("party[{i}].node") => bytes(party.node.as_bytes());
                &format!("party[{i}].legal_basis") => str16(&party.legal_basis);
            }
            for (j, signer) in party.signers.iter().enumerate() {
                fields! {
                    &format!("party[{i}].signer[{j}].name") => str16(&signer.name);
                    &format!("party[{i}].signer[{j}].key") => bytes(signer.key.as_bytes());
                }
            }
        }
        out
    }
}

/// Names the first field in which two canonical agreements differ, by a path of our own copy (V-AGREE-017): nothing of
/// what the peer sent is repeated. `"training"` if only one of them exists, `"agreement"` if the peer's bytes are no
/// canonical agreement, `"none"` if nothing differs.
#[must_use]
pub fn first_difference(ours: &[u8], theirs: &[u8]) -> String {
    if ours.is_empty() != theirs.is_empty() {
        return "training".to_owned();
    }
    if ours == theirs {
        return "none".to_owned();
    }
    let (Ok(ours), Ok(theirs)) = (Agreement::from_canonical_bytes(ours), Agreement::from_canonical_bytes(theirs))
    else {
        return "agreement".to_owned();
    };
    // Every agreement has the same paths, but for the urgent part: whether there is one comes first.
    ours.canonical_fields()
        .into_iter()
        .zip(theirs.canonical_fields())
        .find(|(our, their)| our != their)
        .map_or_else(|| "none".to_owned(), |((path, _), _)| path)
}

fn read(r: &mut Reader<'_>) -> Result<Agreement, DecodeError> {
    let format = r.u16()?;
    if ![FORMAT, URGENT_FORMAT].contains(&format) {
        return Err(DecodeError::BadField("agreement format"));
    }
    Ok(Agreement {
        name: text(r, limits::MAX_POLICY_NAME, "agreement name")?,
        version: r.u32()?,
        previous: AgreementDigest::unless_zeros(r.array()?),
        purpose: text(r, limits::MAX_POLICY_NAME, "agreement purpose")?,
        lanes: LanePair::from_code(r.u8()?).ok_or(DecodeError::BadField("agreement lanes"))?,
        epoch: r.u32()?,
        policy: PolicyDigest::from_bytes(r.array()?),
        suite: r.u16()?,
        output: OutputMode::from_code(r.u8()?).ok_or(DecodeError::BadField("agreement output"))?,
        valid: Validity { from: r.u64()?, until: r.u64()? },
        caps: Caps {
            records_requester: r.u32()?,
            records_responder: r.u32()?,
            rounds_per_day: r.u16()?,
            period_days: r.u16()?,
            bins_per_table: r.u64()?,
            claims: r.u32()?,
            matches: r.u32()?,
            delta_records: r.u32()?,
            policy_changes: r.u16()?,
            left_out_percent: r.u8()?,
        },
        retention: Retention { journal_days: r.u16()?, results_days: r.u16()?, audit_days: r.u16()? },
        urgent: if format == URGENT_FORMAT { Some(urgent(r)?) } else { None },
        parties: [party(r)?, party(r)?],
    })
}

fn urgent(r: &mut Reader<'_>) -> Result<Urgent, DecodeError> {
    Ok(Urgent {
        policy: PolicyDigest::from_bytes(r.array()?),
        rounds_per_day: r.u16()?,
        bins_per_table: r.u64()?,
        again_days: r.u16()?,
    })
}

fn party(r: &mut Reader<'_>) -> Result<Party, DecodeError> {
    Ok(Party {
        name: text(r, limits::MAX_PARTY_NAME, "agreement party name")?,
        kind: PartyType::from_code(r.u8()?).ok_or(DecodeError::BadField("agreement party type"))?,
        role: Roles::from_code(r.u8()?).ok_or(DecodeError::BadField("agreement party role"))?,
        lane: Lane::from_code(r.u8()?).ok_or(DecodeError::BadField("agreement party lane"))?,
        node: PeerId::from_bytes(r.array()?)?,
        legal_basis: text(r, limits::MAX_LEGAL_BASIS, "agreement party legal basis")?,
        signers: [signer(r)?, signer(r)?],
    })
}

fn signer(r: &mut Reader<'_>) -> Result<Signer, DecodeError> {
    Ok(Signer { name: text(r, limits::MAX_PARTY_NAME, "agreement signer name")?, key: PeerId::from_bytes(r.array()?)? })
}

fn text(r: &mut Reader<'_>, max: usize, field: &'static str) -> Result<String, DecodeError> {
    r.str16(max, field).map(str::to_owned)
}
