//! Suite 2: as suite 1, but with an OPRF from trees and a linear code, which needs no evaluation frames.

use super::{CODE_BITS, CODE_SYMBOLS, Layout, OprfEngine, SUITE_1, Suite, trees_bytes};

/// Suite 2.
pub const SUITE_2: Suite = Suite {
    number: 2,
    oprf: OprfEngine::Tree,
    layout: Layout {
        oprf_key: CODE_BITS * 2 * ELEMENT,
        oprf_base: CODE_BITS * ELEMENT + trees_bytes(CODE_SYMBOLS),
        query,
        evaluation: None,
        ..SUITE_1.layout
    },
    query_chunk: 16_384,
    ..SUITE_1
};

const ELEMENT: usize = 32;

/// A column of whole blocks, with two mask blocks, for each bit of a codeword; then 128 hashes of input columns, and a
/// digest.
const fn query(bins: u32) -> usize {
    CODE_BITS * 16 * ((bins as usize).div_ceil(128) + 2) + 128 * 32 + 32
}
