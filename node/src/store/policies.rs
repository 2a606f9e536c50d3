//! Policies that this node has under agreements: `policies/DIGEST.toml`, the text as it was agreed on.

use super::data_dir::DataDir;
use super::error::StoreError;
use crate::sys::files::{create_private_folder, write_whole};
use blindlink::agreement::statement::State;
use blindlink::agreement::{SignedAgreement, current};
use blindlink::identity::PeerId;
use blindlink::ids::PolicyDigest;
use blindlink::policy::CheckedPolicy;
use std::path::PathBuf;

fn path(data: &DataDir, digest: &PolicyDigest) -> PathBuf {
    data.path().join("policies").join(format!("{}.toml", hex::encode(digest)))
}

/// Keeps the text of a policy with this digest; gives its place.
///
/// # Errors
/// [`StoreError::Io`].
pub fn keep(data: &DataDir, digest: &PolicyDigest, text: &str) -> Result<PathBuf, StoreError> {
    let path = path(data, digest);
    let failed = |error| StoreError::io(format!("cannot write {}", path.display()))(error);
    create_private_folder(&data.path().join("policies")).map_err(failed)?;
    write_whole(&path, text.as_bytes()).map_err(failed)?;
    Ok(path)
}

/// The urgent policy of the version that decides of an agreement of this name, made from its policy (V-URGENT-001); none if
/// it has no urgent part.
///
/// # Errors
/// As the store's of agreements.
pub fn urgent(
    data: &DataDir,
    agreed: &CheckedPolicy,
    name: Option<&str>,
    now: u64,
) -> Result<Option<CheckedPolicy>, StoreError> {
    let name = name.unwrap_or(&agreed.policy().context.agreement);
    let versions = super::agreements::Store::of(data).versions(name)?;
    let urgent = current(&versions, now).and_then(|sealed| sealed.agreement().agreement().urgent);
    Ok(urgent.and_then(|urgent| agreed.urgent_of(&urgent.policy)))
}

/// The policy of the agreement that is meant: the one of this name, else the only one in force, with this peer if there is
/// one.
///
/// # Errors
/// [`StoreError::Config`] if there is none, more than one, or if its policy is not here.
pub fn agreed(data: &DataDir, name: Option<&str>, peer: Option<&PeerId>, now: u64) -> Result<PathBuf, StoreError> {
    let all = super::agreements::Store::of(data).all()?;
    let name_of = |sealed: &SignedAgreement| sealed.agreement().agreement().name.clone();
    let mut meant: Vec<PolicyDigest> = all
        .chunk_by(|one, next| name_of(one) == name_of(next))
        .filter_map(|versions| current(versions, now))
        .filter(|sealed| sealed.state(now) == State::InForce)
        .map(|sealed| sealed.agreement().agreement())
        .filter(|agreement| name.is_none_or(|name| agreement.name == name))
        .filter(|agreement| peer.is_none_or(|peer| agreement.parties.iter().any(|party| party.node == *peer)))
        .map(|agreement| agreement.policy)
        .collect();
    meant.sort_unstable();
    meant.dedup();
    let refuse = |what: &str| {
        let what = format!("no policy is named with --policy, and {what}");
        Err(StoreError::Config(what))
    };
    match meant.as_slice() {
        [one] if path(data, one).exists() => Ok(path(data, one)),
        [_] => refuse("that of the agreement is not here: it comes with `blindlink agreement accept`"),
        [] => refuse("no agreement of this node that could be meant is in force"),
        _ => refuse("several agreements with different policies are in force: name one with --agreement"),
    }
}
