//! Which version of an agreement decides (spec 14.4). `versions` are always those of one name, oldest first.

use super::SignedAgreement;
use crate::error::Refusal;
use crate::ids::PolicyDigest;

/// The version that decides at `now`: the latest that all have signed and that has begun, else the latest (V-AGREE-016,
/// V-AGREE-025).
#[must_use]
pub fn current(versions: &[SignedAgreement], now: u64) -> Option<&SignedAgreement> {
    versions.iter().rfind(|sealed| sealed.supersedes(now)).or_else(|| versions.last())
}

/// The versions that decide at `now` or may decide later: what a signer suspends must not come back with the next one
/// (V-AGREE-018).
pub fn coming(versions: &[SignedAgreement], now: u64) -> impl Iterator<Item = &SignedAgreement> {
    let begun = versions.iter().rposition(|sealed| sealed.supersedes(now)).unwrap_or(0);
    let deciding = current(versions, now).map(|sealed| *sealed.agreement().digest());
    let said = move |sealed: &&SignedAgreement| {
        sealed.missing().is_empty() || deciding.as_ref() == Some(sealed.agreement().digest())
    };
    versions.iter().skip(begun).filter(said)
}

/// The version under which a policy of this digest would run.
///
/// # Errors
/// [`Refusal::NoAgreement`]; [`Refusal::Superseded`] if the policy is that of an earlier version and no longer agreed.
pub fn for_policy<'a>(
    versions: &'a [SignedAgreement],
    policy: &PolicyDigest,
    now: u64,
) -> Result<&'a SignedAgreement, Refusal> {
    let current = current(versions, now).ok_or(Refusal::NoAgreement)?;
    let of = |sealed: &SignedAgreement| {
        let agreement = sealed.agreement().agreement();
        (agreement.version, agreement.names_policy(policy))
    };
    let (version, agreed) = of(current);
    let earlier = |sealed: &SignedAgreement| of(sealed).0 < version && of(sealed).1;
    if !agreed && versions.iter().any(earlier) { Err(Refusal::Superseded) } else { Ok(current) }
}
