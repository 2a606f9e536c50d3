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
    /// Priority of a record among those that share a token.
    KEEP_PRIORITY = "blindlink/1 keep priority";
    /// Copy indices of the kept records of a token.
    KEEP_PLACE = "blindlink/2 keep place";

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
    FRAME = "blindlink/2 frame";
    /// One link of a direction's chain.
    TRANSCRIPT_LINK = "blindlink/2 transcript link";
    /// The two chains together.
    TRANSCRIPT = "blindlink/2 transcript";
    /// Nonce of a hello.
    NONCE = "blindlink/2 nonce";
    /// Commitment to the seed.
    SEED_COMMITMENT = "blindlink/2 seed commitment";
    /// Salts of the record commitment.
    RECORD_SALT = "blindlink/2 record salt";
    /// Digest of what was encoded of a record.
    ENCODING = "blindlink/2 encoding";
    /// Leaf of the record commitment.
    MERKLE_LEAF = "blindlink/2 merkle leaf";
    /// Inner node of the record commitment.
    MERKLE_NODE = "blindlink/2 merkle node";
    /// Round id.
    ROUND_ID = "blindlink/2 round id";
    /// Root of a party's randomness in one round.
    PARTY_RANDOMNESS = "blindlink/2 party randomness";
    /// Late round id: round id and what both sides sent before the first answer.
    LATE_ID = "blindlink/2 late id";
    /// Root of the responder's randomness once it has the query digests.
    LATE_RANDOMNESS = "blindlink/2 late randomness";
    /// Priority by which copies of a token are kept.
    KEEP_KEY = "blindlink/2 keep key";

    // Round: OPRF, cuckoo tables, OKVS.
    /// OPRF key of a round.
    OPRF_KEY = "blindlink/2 oprf key";
    /// Context of the proof of knowledge of the OPRF key.
    OPRF_KEY_CONTEXT = "blindlink/2 oprf key context";
    /// Blinds of the requester.
    BLIND = "blindlink/2 blind";
    /// Nonces of proofs.
    PROOF_NONCE = "blindlink/2 proof nonce";
    /// Digest of a query chunk, announced before all chunks.
    QUERY_CHUNK = "blindlink/2 query chunk";
    /// Digest of a chunk's queries and evaluations, for its proof.
    EVALUATION_CHUNK = "blindlink/2 evaluation chunk";
    /// Weights of the batched proof.
    DLEQ_WEIGHT = "blindlink/2 dleq weight";
    /// Challenge of the check of queries from trees.
    OPRF_CHALLENGE = "blindlink/2 oprf challenge";
    /// Digest of the hashed columns of such queries.
    OPRF_COLUMNS = "blindlink/2 oprf columns";
    /// Output of an OPRF from trees.
    OPRF_OUTPUT = "blindlink/2 oprf output";
    /// Dummy tokens.
    DUMMY = "blindlink/2 dummy";
    /// Bins of a token.
    CUCKOO = "blindlink/2 cuckoo";
    /// Random walk of an insertion.
    CUCKOO_WALK = "blindlink/2 cuckoo walk";
    /// OKVS row and mask stream of an OPRF output.
    OKVS_ROW = "blindlink/2 okvs row";
    /// Free columns of the OKVS.
    OKVS_FREE = "blindlink/2 okvs free";
    /// Inputs of the rows that fill up a group.
    OKVS_FILLER = "blindlink/2 okvs filler";
    /// Bin masks and pseudonym shares of the responder.
    BIN_MASK = "blindlink/2 bin mask";
    /// Pseudonym tokens.
    PSEUDONYM = "blindlink/2 pseudonym";
    /// What is shown of a pseudonym token.
    PSEUDONYM_SHOWN = "blindlink/2 pseudonym shown";
    /// What a strong pair opens in a bin.
    STRONG_TAG = "blindlink/2 strong tag";
    /// Padding of the claims.
    CLAIM_PADDING = "blindlink/2 claim padding";

    // Round: OT and comparison.
    /// Base OT randomness.
    BASE_OT = "blindlink/2 base ot";
    /// Random oracle to the group in base OT.
    BASE_OT_GROUP = "blindlink/2 base ot group";
    /// Keys of base OT.
    BASE_OT_KEY = "blindlink/2 base ot key";
    /// What the trees of an OT extension are bound to: all base OT answers and offers.
    OT_TREES = "blindlink/2 ot trees";
    /// What a base OT key opens in a tree.
    OT_TREE_PAD = "blindlink/2 ot tree pad";
    /// Children of a node of a tree.
    OT_TREE_NODE = "blindlink/2 ot tree node";
    /// Leaf key and check of a leaf.
    OT_TREE_LEAF = "blindlink/2 ot tree leaf";
    /// Digest of the checks of all leaves.
    OT_TREE_CHECK = "blindlink/2 ot tree check";
    /// Mask blocks of an OT extension.
    OT_MASK = "blindlink/2 ot mask";
    /// Choices of an OT extension, for its mask blocks.
    OT_CHOICES = "blindlink/2 ot choices";
    /// Challenge of the consistency check.
    OT_CHALLENGE = "blindlink/2 ot challenge";
    /// Digest of the hashed columns.
    OT_COLUMNS = "blindlink/2 ot columns";
    /// Key of the tweakable hash of score pads.
    PAD_KEY = "blindlink/2 pad key";
    /// Key of the tweakable hash of garbled gates.
    GATE_KEY = "blindlink/2 gate key";
    /// Seed of the responder's active labels.
    LABEL_SEED = "blindlink/2 label seed";
    /// Seal key of a comparison chunk.
    SEAL_KEY = "blindlink/2 seal key";
    /// Commitment to a seal key.
    SEAL_KEY_COMMITMENT = "blindlink/2 seal key commitment";
    /// Sealing of output labels under a seal key.
    SEAL = "blindlink/2 seal";
    /// Digest of a receipt, for the audit log.
    RECEIPT_DIGEST = "blindlink/1 receipt digest";
    /// Digest of the header of a round's evidence.
    EVIDENCE_HEADER = "blindlink/2 evidence header";
    /// Which records an auditor's seed draws.
    AUDIT_SAMPLE = "blindlink/2 audit sample";
    /// Signed resume message.
    RESUME = "blindlink/2 resume";
    /// What the hellos of a round by files are bound to.
    FILE_BINDING = "blindlink/2 file binding";
    /// Signed turn of a round by files.
    TURN = "blindlink/2 turn";
    /// Entry of the log of review, bound to the entry before.
    REVIEW_ENTRY = "blindlink/2 review entry";
    /// What may leave of a calibration, for the log of review.
    REVIEW_CALIBRATION = "blindlink/2 review calibration";
    /// An urgent question, for the log of review.
    URGENT_QUESTION = "blindlink/2 urgent question";
    /// Items of a run of confirmation.
    CONFIRM_ITEMS = "blindlink/2 confirm items";
    /// What a run of confirmation is about.
    CONFIRM_RUN = "blindlink/2 confirm run";
    /// Randomness of a party in a run.
    CONFIRM_RANDOM = "blindlink/2 confirm random";
    /// Nonces of proofs in a run.
    CONFIRM_NONCE = "blindlink/2 confirm nonce";
    /// Context of the proof of knowledge of a party's key in a run.
    CONFIRM_KEY = "blindlink/2 confirm key";
    /// Id of a run.
    CONFIRM_ID = "blindlink/2 confirm id";
    /// Commitment to a set of encrypted answers.
    CONFIRM_COMMITMENT = "blindlink/2 confirm commitment";
    /// Context of the proof of a blinded slot.
    CONFIRM_SCALE = "blindlink/2 confirm scale";
    /// Digest of a share, for its proof.
    CONFIRM_SHARE = "blindlink/2 confirm share";
    /// Signed promise before the shares.
    CONFIRM_PROMISE = "blindlink/2 confirm promise";
    /// Frames of a run.
    CONFIRM_TRANSCRIPT = "blindlink/2 confirm transcript";
    /// Signed receipt of a run.
    CONFIRM_RECEIPT = "blindlink/2 confirm receipt";
    /// Signed notice about a confirmed pair.
    CONFIRM_NOTICE = "blindlink/2 confirm notice";
    /// Digest of a notice.
    CONFIRM_NOTICE_DIGEST = "blindlink/2 confirm notice digest";
    /// Signed acknowledgement of a notice.
    CONFIRM_ACKNOWLEDGEMENT = "blindlink/2 confirm acknowledgement";
    /// Words that two operators compare before they pin each other.
    CHECK_WORDS = "blindlink/2 check words";
    /// Signed receipt.
    RECEIPT = "blindlink/2 receipt";
}
