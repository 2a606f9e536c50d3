//! Any bytes as an agreement and as a signer's statement: what is accepted encodes to the same bytes again.
#![no_main]

use blindlink::agreement::{Agreement, SignerStatement, first_difference};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if let Ok(agreement) = Agreement::from_canonical_bytes(data) {
        assert_eq!(agreement.to_canonical_bytes(), data);
        assert!(!first_difference(data, &[]).is_empty());
        let _ = agreement.validate();
    }
    if let Ok(statement) = SignerStatement::decode(data) {
        assert_eq!(statement.encode(), data);
    }
    if let Ok(agreement) =
        core::str::from_utf8(data).map_err(|_| ()).and_then(|t| Agreement::from_toml(t).map_err(|_| ()))
    {
        if let Ok(checked) = agreement.validate() {
            let again = Agreement::from_canonical_bytes(checked.canonical_bytes()).expect("what we wrote we read");
            assert_eq!(again.to_canonical_bytes(), checked.canonical_bytes());
        }
    }
});
