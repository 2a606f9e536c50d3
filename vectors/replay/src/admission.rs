//! What a node has of an agreement, and whether a round may run (spec 14.6).

use super::case::{Case, Hex, HexBytes, Stop, role, same};
use blindlink::agreement::{Agreement, Basis, SignedAgreement, SignerStatement, admit, for_policy};
use blindlink::codec::DecodeError;
use blindlink::identity::PeerId;
use blindlink::ids::AgreementDigest;
use blindlink::policy::Policy;
use serde::Deserialize;

/// A node's view of a round, to the agreement under which it runs.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Admission {
    training: bool,
    versions: Vec<Version>,
    own: Hex<32>,
    peer: Hex<32>,
    role: u8,
    now: u64,
    policy: HexBytes,
    agreement: Option<Hex<32>>,
    claims: Option<u32>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Version {
    agreement: HexBytes,
    statements: Vec<HexBytes>,
}

impl Version {
    fn seal(&self) -> Result<SignedAgreement, Stop> {
        let agreement = Agreement::from_canonical_bytes(&self.agreement.0)?.validate()?;
        let statements =
            self.statements.iter().map(|s| SignerStatement::decode(&s.0)).collect::<Result<Vec<_>, DecodeError>>()?;
        Ok(SignedAgreement::new(agreement, &statements)?)
    }
}

impl Admission {
    fn decide(&self) -> Result<Basis, Stop> {
        let (own, peer) = (PeerId::from_bytes(self.own.0)?, PeerId::from_bytes(self.peer.0)?);
        let policy = Policy::from_canonical_bytes(&self.policy.0)?.validate()?;
        if self.training {
            return Ok(Basis::Training(&blindlink::suite::SUITE_1));
        }
        let versions = self.versions.iter().map(Version::seal).collect::<Result<Vec<_>, _>>()?;
        let sealed = for_policy(&versions, policy.digest(), self.now)?;
        let admitted = admit(sealed, self.now, &own, &peer, role(self.role)?, &policy)?;
        Ok(Basis::Agreement(Box::new(admitted)))
    }
}

impl Case for Admission {
    fn run(&self) -> Result<(), Stop> {
        let basis = self.decide()?;
        let claims = match &basis {
            Basis::Training(_) => 0,
            Basis::Agreement(admitted) => admitted.claims(),
        };
        let expected = self.agreement.as_ref().map_or(&[][..], |digest| &digest.0);
        same("agreement", expected, &AgreementDigest::or_zeros(basis.digest()))?;
        same("claims", &self.claims.unwrap_or_default().to_be_bytes(), &claims.to_be_bytes())
    }
}
