//! The node's randomness: the one place that asks the system for it.

use blindlink::secret::Secret;
use std::io;
use zeroize::Zeroizing;

/// 32 fresh random bytes of the operating system.
///
/// # Errors
/// If the system has none.
pub fn fresh_secret() -> io::Result<Secret<32>> {
    let mut bytes = Zeroizing::new([0; 32]);
    getrandom::fill(bytes.as_mut_slice()).map_err(|_| io::Error::other("the system gives no randomness"))?;
    Ok(Secret::new(*bytes))
}
