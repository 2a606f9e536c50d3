//! Suite 1: POPRF of RFC 9497 over ristretto255 (SHA-512), endemic OT, SoftSpokenOT with k = 4, banded OKVS, half gates,
//! BLAKE3, Ed25519.

use super::{BAND, BASE_OTS, BaseOtEngine, Layout, OprfEngine, OtEngine, Suite, TREES_BYTES, extension_bytes};

/// Suite 1.
pub const SUITE_1: Suite = Suite {
    number: 1,
    oprf: OprfEngine::Poprf,
    base_ot: BaseOtEngine::Endemic,
    ot: OtEngine::SoftSpoken,
    layout: Layout {
        oprf_key: ELEMENT + PROOF,
        oprf_base: 0,
        query,
        evaluation: Some(evaluation),
        base_offer: BASE_OTS * ELEMENT,
        base_answer: BASE_OTS * 2 * ELEMENT,
        trees: TREES_BYTES,
        extension: extension_bytes,
    },
    query_chunk: 2048,
    table_chunk: 4096,
    compare_chunk: 128,
    window: 6,
    columns,
    group_rows: 1 << 18,
};

const ELEMENT: usize = 32;
const PROOF: usize = 64;

/// A blinded element for each bin.
const fn query(bins: u32) -> usize {
    bins as usize * ELEMENT
}

/// An evaluated element for each bin, then one proof for all of them.
const fn evaluation(bins: u32) -> usize {
    bins as usize * ELEMENT + PROOF
}

/// ceil(1.1 rows) + 256.
const fn columns(rows: u64) -> u64 {
    (11 * rows).div_ceil(10) + BAND as u64
}
