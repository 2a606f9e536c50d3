//! Agreements and the statements of their signers.

use super::case::{Case, Hex, HexBytes, Stop, broken, same};
use blindlink::agreement::{Agreement, Sealed, Statement};
use blindlink::error::PeerFault;
use serde::Deserialize;

/// Canonical bytes and statements to a digest and a state.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Terms {
    agreement: HexBytes,
    statements: Vec<HexBytes>,
    now: u64,
    digest: Option<Hex<32>>,
    state: Option<String>,
    field: Option<String>,
    requirement: Option<String>,
}

impl Case for Terms {
    fn run(&self) -> Result<(), Stop> {
        let read = Agreement::from_canonical_bytes(&self.agreement.0)?;
        same("agreement", &self.agreement.0, &read.to_canonical_bytes())?;
        let checked = read.validate().map_err(|e| broken(e, self.field.as_deref(), self.requirement.as_deref()))?;
        let statements =
            self.statements.iter().map(|s| Statement::decode(&s.0)).collect::<Result<Vec<_>, PeerFault>>()?;
        let sealed = Sealed::new(checked, &statements)?;
        let (Some(digest), Some(state)) = (&self.digest, &self.state) else { return Ok(()) };
        same("digest", &digest.0, sealed.agreement().digest())?;
        same("state", state.as_bytes(), sealed.state(self.now).name().as_bytes())
    }
}
