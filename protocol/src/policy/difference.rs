//! Where two policies differ.

use super::Policy;

/// Names the first field in which two canonical policies differ, by a path of our own schema: nothing of what the
/// peer sent is repeated. `"policy"` if the peer's bytes are no canonical policy; `"none"` if nothing differs.
#[must_use]
pub fn first_difference(ours: &[u8], theirs: &[u8]) -> String {
    let (Ok(ours), Ok(theirs)) = (Policy::from_canonical_bytes(ours), Policy::from_canonical_bytes(theirs)) else {
        return "policy".to_owned();
    };
    // Two lists whose paths differ have differed in a kind or a count before, so zip never ends too early.
    ours.canonical_fields()
        .into_iter()
        .zip(theirs.canonical_fields())
        .find(|(our, their)| our != their)
        .map_or_else(|| "none".to_owned(), |((path, _), _)| path)
}
