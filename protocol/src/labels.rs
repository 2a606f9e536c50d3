//! Every domain-separation string of the protocol, and nowhere else (V-LABEL-001, `spec/91-labels.md`).
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
    /// Digest of what was encoded of a record.
    ENCODING = "blindlink/2 encoding";
    /// Priority of a record among those that share a token.
    KEEP_PRIORITY = "blindlink/1 keep priority";

    // Agreement and budget.
    /// Digest of an agreement's canonical bytes.
    AGREEMENT_DIGEST = "blindlink/1 agreement digest";
    /// What a signer signs: approval, suspension or resumption.
    AGREEMENT_STATEMENT = "blindlink/1 agreement statement";
    /// Digest of a signed statement.
    STATEMENT_DIGEST = "blindlink/1 statement digest";
    /// What a policy looks at, sizes and name aside: policies that differ in it are another look at the same pairs.
    LOOK = "blindlink/1 look";

    // Round: agreement, randomness, transcript.
    /// One frame.
    FRAME = "blindlink/1 frame";
    /// One link of a direction's chain.
    TRANSCRIPT_LINK = "blindlink/1 transcript link";
    /// The two chains together.
    TRANSCRIPT = "blindlink/1 transcript";
    /// Nonce of a hello.
    NONCE = "blindlink/1 nonce";
    /// Commitment to the seed.
    SEED_COMMITMENT = "blindlink/1 seed commitment";
    /// Salts of the record commitment.
    RECORD_SALT = "blindlink/1 record salt";
    /// Leaf of the record commitment.
    MERKLE_LEAF = "blindlink/1 merkle leaf";
    /// Inner node of the record commitment.
    MERKLE_NODE = "blindlink/1 merkle node";
    /// Round id.
    ROUND_ID = "blindlink/1 round id";
    /// Root of a party's randomness in one round.
    PARTY_RANDOMNESS = "blindlink/1 party randomness";
    /// Priority by which copies of a token are kept.
    KEEP_KEY = "blindlink/1 keep key";

    // Round: OPRF, cuckoo tables, OKVS.
    /// OPRF key of a round.
    OPRF_KEY = "blindlink/1 oprf key";
    /// Context of the proof of knowledge of the OPRF key.
    OPRF_KEY_CONTEXT = "blindlink/1 oprf key context";
    /// Blinds of the requester.
    BLIND = "blindlink/1 blind";
    /// Nonces of proofs.
    PROOF_NONCE = "blindlink/1 proof nonce";
    /// Digest of a query chunk, announced before all chunks.
    QUERY_CHUNK = "blindlink/1 query chunk";
    /// Digest of a chunk's queries and evaluations, for its proof.
    EVALUATION_CHUNK = "blindlink/1 evaluation chunk";
    /// Weights of the batched proof.
    DLEQ_WEIGHT = "blindlink/1 dleq weight";
    /// Dummy tokens.
    DUMMY = "blindlink/1 dummy";
    /// Bins of a token.
    CUCKOO = "blindlink/1 cuckoo";
    /// Random walk of an insertion.
    CUCKOO_WALK = "blindlink/1 cuckoo walk";
    /// OKVS row and mask stream of an OPRF output.
    OKVS_ROW = "blindlink/1 okvs row";
    /// Free columns of the OKVS.
    OKVS_FREE = "blindlink/1 okvs free";
    /// Bin masks and pseudonym shares of the responder.
    BIN_MASK = "blindlink/1 bin mask";
    /// Pseudonym tokens.
    PSEUDONYM = "blindlink/1 pseudonym";
    /// What is shown of a pseudonym token.
    PSEUDONYM_SHOWN = "blindlink/1 pseudonym shown";
    /// Padding of the claims.
    CLAIM_PADDING = "blindlink/1 claim padding";

    // Round: OT and comparison.
    /// Base OT randomness.
    BASE_OT = "blindlink/1 base ot";
    /// Random oracle to the group in base OT.
    BASE_OT_GROUP = "blindlink/1 base ot group";
    /// Keys of base OT.
    BASE_OT_KEY = "blindlink/1 base ot key";
    /// What the trees of an OT extension are bound to: all base OT answers.
    OT_TREES = "blindlink/1 ot trees";
    /// What a base OT key opens in a tree.
    OT_TREE_PAD = "blindlink/1 ot tree pad";
    /// Children of a node of a tree.
    OT_TREE_NODE = "blindlink/1 ot tree node";
    /// Stream key and check of a leaf.
    OT_TREE_LEAF = "blindlink/1 ot tree leaf";
    /// Digest of the checks of all leaves.
    OT_TREE_CHECK = "blindlink/1 ot tree check";
    /// Mask blocks of an OT extension.
    OT_MASK = "blindlink/1 ot mask";
    /// Choices of an OT extension, for its mask blocks.
    OT_CHOICES = "blindlink/1 ot choices";
    /// Challenge of the consistency check.
    OT_CHALLENGE = "blindlink/1 ot challenge";
    /// Digest of the hashed columns.
    OT_COLUMNS = "blindlink/1 ot columns";
    /// Key of the tweakable hash of score pads.
    PAD_KEY = "blindlink/1 pad key";
    /// Key of the tweakable hash of garbled gates.
    GATE_KEY = "blindlink/1 gate key";
    /// Seed of the responder's active labels.
    LABEL_SEED = "blindlink/1 label seed";
    /// The round key.
    ROUND_KEY = "blindlink/1 round key";
    /// Commitment to the round key.
    ROUND_KEY_COMMITMENT = "blindlink/1 round key commitment";
    /// Sealing of output labels under the round key.
    SEAL = "blindlink/1 seal";
    /// Digest of a receipt, for the audit log.
    RECEIPT_DIGEST = "blindlink/1 receipt digest";
    /// Digest of the header of a round's evidence.
    EVIDENCE_HEADER = "blindlink/1 evidence header";
    /// Which records an auditor's seed draws.
    AUDIT_SAMPLE = "blindlink/1 audit sample";
    /// Signed resume message.
    RESUME = "blindlink/1 resume";
    /// What the hellos of a round by files are bound to.
    FILE_BINDING = "blindlink/1 file binding";
    /// Signed turn of a round by files.
    TURN = "blindlink/1 turn";
    /// Signed receipt.
    RECEIPT = "blindlink/1 receipt";
}
