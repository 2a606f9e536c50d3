//! Agreements and the statements of their signers.

use super::case::{Case, Hex, HexBytes, Stop, broken, same};
use blindlink::agreement::{Agreement, SignedAgreement, SignerStatement};
use blindlink::codec::DecodeError;
use serde::Deserialize;

/// Canonical bytes and statements to a digest and a state.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Terms {
    toml: Option<String>,
    agreement: Option<HexBytes>,
    statements: Vec<HexBytes>,
    now: u64,
    digest: Option<Hex<32>>,
    state: Option<String>,
    field: Option<String>,
    requirement: Option<String>,
}

impl Case for Terms {
    fn run(&self) -> Result<(), Stop> {
        let broken = |error| broken(error, self.field.as_deref(), self.requirement.as_deref());
        let of_file = self.toml.as_deref().map(Agreement::from_toml).transpose().map_err(broken)?;
        let Some(bytes) = &self.agreement else {
            let got = of_file.map_or("neither", |_| "a file that is read").to_owned();
            return Err(Stop::Differs { field: "agreement", expected: "bytes, or a file that is refused".into(), got });
        };
        let read = Agreement::from_canonical_bytes(&bytes.0)?;
        let file_bytes = of_file.map_or_else(|| bytes.0.clone(), |agreement| agreement.to_canonical_bytes());
        same("agreement", &bytes.0, &file_bytes)?;
        same("agreement", &bytes.0, &read.to_canonical_bytes())?;
        let checked = read.validate().map_err(broken)?;
        let statements =
            self.statements.iter().map(|s| SignerStatement::decode(&s.0)).collect::<Result<Vec<_>, DecodeError>>()?;
        let sealed = SignedAgreement::new(checked, &statements)?;
        let (Some(digest), Some(state)) = (&self.digest, &self.state) else { return Ok(()) };
        same("digest", &digest.0, sealed.agreement().digest().as_bytes())?;
        same("state", state.as_bytes(), sealed.state(self.now).name().as_bytes())
    }
}
