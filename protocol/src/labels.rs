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

    // Round: agreement and randomness.
    /// Weights of the batched proof.
    DLEQ_WEIGHT = "blindlink/1 dleq weight";
}
