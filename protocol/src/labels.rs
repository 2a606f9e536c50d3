//! Every domain-separation string of the protocol, and nowhere else (spec annex D).
//!
//! BLAKE3 labels are `derive_key` contexts: each names one use and no two are equal (a test checks that).

macro_rules! labels {
    ($($(#[$doc:meta])* $name:ident = $text:literal;)*) => {
        $($(#[$doc])* pub const $name: &str = $text;)*
        /// All labels, for the uniqueness test and the registry in `spec/`.
        pub const ALL: &[(&str, &str)] = &[$((stringify!($name), $text)),*];
    };
}

labels! {
    // Data side: keys, features, tokens, policy, records.
    /// Root of all linkage keys of one agreement, lane pair, purpose and epoch.
    LINKAGE_ROOT = "blindlink/1 linkage root";
    /// Key of one filter segment, from the root and the segment's id.
    FILTER_SEGMENT_KEY = "blindlink/1 filter segment key";
    /// Key of the tokens of all tables, from the root.
    TOKEN_KEY = "blindlink/1 token key";
    /// Digest of a policy's canonical bytes.
    POLICY_DIGEST = "blindlink/1 policy digest";
    /// Digest of a record's canonical bytes.
    RECORD_DIGEST = "blindlink/1 record digest";
    /// Digest of the tables of a normalisation.
    NORMALISATION_TABLES = "blindlink/1 normalisation tables";
    /// Priority of a record among those that share a token.
    KEEP_PRIORITY = "blindlink/1 keep priority";

    // Round: agreement and randomness.
    /// Weights of the batched proof.
    DLEQ_WEIGHT = "blindlink/1 dleq weight";
}
