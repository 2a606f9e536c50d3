//! Any bytes as a policy, in canonical form and as a file: what is accepted encodes to the same bytes again.
#![no_main]

use blindlink::policy::{Policy, first_difference};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if let Ok(policy) = Policy::from_canonical_bytes(data) {
        assert_eq!(policy.to_canonical_bytes(), data);
        let _ = policy.validate();
    }
    let default = Policy::default_policy().expect("the default is a policy");
    let _ = first_difference(&default.to_canonical_bytes(), data);
    if let Ok(policy) = core::str::from_utf8(data).map_err(|_| ()).and_then(|t| Policy::from_toml(t).map_err(|_| ())) {
        if let Ok(checked) = policy.validate() {
            let again = Policy::from_canonical_bytes(checked.canonical_bytes()).expect("what we wrote we read");
            assert_eq!(again.validate().expect("and accept"), checked);
        }
    }
});
