//! The message that is hashed for a feature or a part of a match key (spec 5.2, 5.4).

use zeroize::Zeroize;

/// Messages up to this length need no allocation.
const SHORT: usize = 96;

/// The prefix of a value: the code point, and for a declared field its name with a length.
pub(super) fn prefix(code: u8, field: Option<&str>) -> Vec<u8> {
    let mut prefix = vec![code];
    if let Some(name) = field {
        // At most MAX_POLICY_ID bytes.
        prefix.push(u8::try_from(name.len()).unwrap_or(u8::MAX));
        prefix.extend_from_slice(name.as_bytes());
    }
    prefix
}

/// Calls `hash` with prefix and value in one piece, and wipes it afterwards.
pub(super) fn with(prefix: &[u8], value: &[u8], hash: impl FnOnce(&[u8])) {
    let (n, m) = (prefix.len(), prefix.len() + value.len());
    let mut short = [0; SHORT];
    if let Some(message) = short.get_mut(..m) {
        message.iter_mut().zip(prefix.iter().chain(value)).for_each(|(to, from)| *to = *from);
        hash(message);
        message.iter_mut().skip(n).for_each(Zeroize::zeroize);
        return;
    }
    let mut long = Vec::with_capacity(m);
    long.extend_from_slice(prefix);
    long.extend_from_slice(value);
    hash(&long);
    long.zeroize();
}
