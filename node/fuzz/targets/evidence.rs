//! Any bytes as evidence, and as the entries after a header that holds: an answer or an error, never a panic.
#![no_main]

use blindlink::evidence::{EvidenceHeader, verify};
use blindlink::identity::IdentityKey;
use blindlink::policy::Policy;
use blindlink::round::commitment::Commitment;
use blindlink::secret::Seed;
use blindlink::session::{LogExchange, Role};
use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;

/// The digest in a header would keep everything else out.
static HEADER: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let mut policy = Policy::default_policy().expect("the default is a policy").with_records(2, 2);
    policy.tables.truncate(1);
    let keys = [1, 2].map(|n| IdentityKey::from_secret(&[n; 32]));
    let ids = keys.each_ref().map(IdentityKey::id);
    let checked = policy.clone().validate().expect("the default is valid");
    let commitment = Commitment::new(&Seed::new([1; 32]), checked.shape(), &[], 2);
    let head = LogExchange::without_log(&keys[1]).head;
    EvidenceHeader::new(Role::Responder, ids, &commitment, [0; 32], head)
        .under(&policy.to_canonical_bytes(), &[])
        .encode()
});

fuzz_target!(|data: &[u8]| {
    let _ = verify(data);
    let _ = verify(&[&HEADER[..], data].concat()[..]);
});
