//! The hidden comparison of a chunk of bins (spec sections 8.7 and 8.8): XOR-shared payloads to additive shares of the
//! score modulo 2^k, then the sign by a garbled circuit.

pub mod garble;
pub mod score;
