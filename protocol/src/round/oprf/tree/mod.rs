//! Engine of suite 2: an OPRF from trees and a linear code, with one evaluation a bin (spec section 8.11), as in KKRT16 (eprint
//! 2016/799) and OOS17 (eprint 2016/933), with a code of our own, on the trees of SoftSpokenOT (eprint 2022/192) and with
//! the form of its check, not that of OOS17.
//!
//! The client's row of bin b is v_b, the server's q_b = v_b + Delta C(x_b) over GF(16), symbol by symbol. At an input y the
//! server's row is q_b + Delta C(y): the client knows it for y = x_b only, or has guessed 128 bits of Delta.

pub mod code;
#[cfg(test)]
mod tests;

use super::{Input, OprfClient, OprfOutput, OprfServer, QueryChunk};
use crate::crypto::cipher::{LeafStreams, transpose};
use crate::crypto::hash::{Labelled, Prf, hash};
use crate::crypto::universal::ColumnHash;
use crate::error::{Error, PeerFault};
use crate::labels;
use crate::round::base::{self, Chooser};
use crate::round::commitment::{LateId, Randomness, RoundContext};
use crate::round::cuckoo;
use crate::round::ot::softspoken::extend::{digest_of, leaf_keys, streams};
use crate::round::ot::softspoken::tree::{self, TreeBinding};
use crate::round::ot::{BaseOtContext, BaseOtMessages, Direction, bit_of};
use crate::suite::{CODE_BITS, CODE_SYMBOLS, TREE_LEVELS};
use code::{INPUT_BITS, INPUT_BYTES, add};
use core::fmt;
use std::sync::{Arc, OnceLock};
use subtle::{ConditionallySelectable, ConstantTimeEq};
use zeroize::Zeroizing;

/// Bytes of a row: 93 symbols of four bits.
pub const ROW_BYTES: usize = CODE_BITS.div_ceil(8);
/// Words of 128 bits that hold a row.
const ROW_WORDS: usize = CODE_BITS.div_ceil(128);
/// Columns that a transposition takes for the rows.
const PADDED_COLUMNS: usize = 128 * ROW_WORDS;
/// Bytes of the hash of a column.
const HASH: usize = 32;

type Row = [u128; ROW_WORDS];

/// What both sides know of the trees, and the streams of the leaves that they know.
struct Trees {
    round: Arc<RoundContext>,
    streams: LeafStreams,
    /// The digest at the end of the trees' message.
    digest: [u8; 32],
    /// The chain of the responder's frames up to its keys: what streams, masks and challenges are bound to.
    beta: [u8; 32],
}

impl Trees {
    /// Challenge of a chunk's check (V-OPRF-007).
    fn challenge(&self, chunk: u32, matrix: &[u8], blocks: usize) -> ColumnHash {
        let parts: [&[u8]; 4] = [&self.digest, &chunk.to_be_bytes(), &self.beta, matrix];
        ColumnHash::new(&hash(labels::OPRF_CHALLENGE, &parts), blocks)
    }

    fn table_of(&self, bin: u32) -> u16 {
        let plan = &self.round.plan;
        plan.locate(bin).and_then(|(table, _)| plan.tables.get(table)).map_or(u16::MAX, |table| table.id)
    }

    /// Inputs of the code for consecutive bins.
    fn code_inputs(&self, first_bin: u32, inputs: &[Input]) -> Zeroizing<Vec<[u8; INPUT_BYTES]>> {
        let mut function: Option<(u16, Prf)> = None;
        let each = (first_bin..).zip(inputs).map(|(bin, input)| {
            let table = self.table_of(bin);
            let of_table = function.take().filter(|(id, _)| *id == table);
            let (_, prf) =
                function.insert(of_table.unwrap_or_else(|| (table, cuckoo::bin_function(&self.round, table))));
            *cuckoo::code_input(prf, input)
        });
        Zeroizing::new(each.collect())
    }
}

/// Blocks of a column for a number of bins: two mask blocks at the end.
const fn blocks_of(bins: usize) -> usize {
    bins.div_ceil(128) + 2
}

/// The columns of bits of some inputs, padded with zeros to `column` bytes each.
fn columns_of(inputs: &[[u8; INPUT_BYTES]], column: usize) -> Zeroizing<Vec<u8>> {
    let mut out = Zeroizing::new(vec![0; INPUT_BITS * column]);
    let mut square = Zeroizing::new([[0; INPUT_BYTES]; INPUT_BITS]);
    let mut turned = Zeroizing::new([0u128; INPUT_BITS]);
    for (at, inputs) in (0..).step_by(16).zip(inputs.chunks(INPUT_BITS)) {
        square.fill([0; INPUT_BYTES]);
        square.iter_mut().zip(inputs).for_each(|(to, from)| *to = *from);
        transpose(square.as_flattened(), &mut *turned);
        for (column, bits) in out.chunks_exact_mut(column).zip(turned.iter()) {
            column[at..at + 16].copy_from_slice(&bits.to_le_bytes());
        }
    }
    out
}

/// Rows of [`PADDED_COLUMNS`] columns of `column` bytes.
fn rows_of(columns: &[u8], column: usize, count: usize) -> Zeroizing<Vec<Row>> {
    let mut out = Zeroizing::new(vec![[0; ROW_WORDS]; count]);
    let mut words = Zeroizing::new(vec![0u128; count]);
    for (word, columns) in columns.chunks_exact(128 * column).take(ROW_WORDS).enumerate() {
        transpose(columns, &mut words);
        out.iter_mut().zip(words.iter()).for_each(|(row, w)| row[word] = *w);
    }
    out
}

/// The function itself (V-OPRF-008): the bin, the input of the code and all bits of the row go in.
fn output(key: &Prf, bin: u32, x: &[u8; INPUT_BYTES], row: &Row) -> OprfOutput {
    let mut message = Zeroizing::new([0; 4 + INPUT_BYTES + 16 * ROW_WORDS]);
    message[..4].copy_from_slice(&bin.to_be_bytes());
    message[4..4 + INPUT_BYTES].copy_from_slice(x);
    let bytes = message[4 + INPUT_BYTES..].chunks_exact_mut(16);
    bytes.zip(row).for_each(|(to, word)| to.copy_from_slice(&word.to_le_bytes()));
    let mut out = [0; 32];
    key.fill_at(&message[..4 + INPUT_BYTES + ROW_BYTES], &mut out);
    OprfOutput::new(out)
}

/// The function at an input of the code, from the row of a bin: for who holds the rows, as test vectors do.
#[must_use]
pub fn output_of(late: &LateId, bin: u32, x: &[u8; INPUT_BYTES], row: &[u8; ROW_BYTES]) -> OprfOutput {
    let mut words = [0; 16 * ROW_WORDS];
    words[..ROW_BYTES].copy_from_slice(row);
    let word = |i: usize| words[16 * i..].first_chunk().map_or(0, |bytes| u128::from_le_bytes(*bytes));
    output(&output_key(late), bin, x, &core::array::from_fn(word))
}

fn output_key(late: &LateId) -> Prf {
    Prf::derive(labels::OPRF_OUTPUT, &[late.as_bytes()])
}

/// The client: the owner of the trees.
pub struct TreeClient {
    trees: Trees,
    masks: Prf,
}

impl fmt::Debug for TreeClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TreeClient(..)")
    }
}

impl TreeClient {
    /// Offers base OTs to the server, whose answers are `key`, and grows the trees. Returns the base message too: offers,
    /// then trees.
    ///
    /// # Errors
    /// [`PeerFault::BadElement`] or [`PeerFault::Length`].
    pub fn new(
        round: Arc<RoundContext>,
        random: &Randomness,
        key: &[u8],
        to_keys: &[u8; 32],
    ) -> Result<(Self, Vec<u8>), Error> {
        let offered = base::offer_keys(&round, random, Direction::Queries, &[to_keys], key)?;
        let context = BaseOtContext { round: &round.id, direction: Direction::Queries };
        let sent = BaseOtMessages { answer: key, offer: &offered.offer };
        let (leaves, message) = tree::grow(&TreeBinding::new(&context, sent), &offered.keys);
        let streams = streams(&leaf_keys(&leaves), to_keys);
        let base = [&offered.offer[..], &message].concat();
        let trees = Trees { round, streams, digest: digest_of(&message), beta: *to_keys };
        Ok((Self { trees, masks: random.stream(labels::OT_MASK) }, base))
    }

    /// Columns of the inputs, with the mask blocks behind them.
    fn input_columns(&self, chunk: u32, inputs: &[[u8; INPUT_BYTES]], column: usize) -> Zeroizing<Vec<u8>> {
        let mut x = columns_of(inputs, column);
        let own = column - 32;
        let all = Zeroizing::new(x.chunks_exact(column).flat_map(|x| &x[..own]).copied().collect::<Vec<u8>>());
        let parts: [&[u8]; 4] = [&chunk.to_be_bytes(), &[Direction::Queries as u8], &self.trees.beta, &all];
        let mut masks = Zeroizing::new([0; INPUT_BITS * 32]);
        self.masks.fill_at(&hash(labels::OT_CHOICES, &parts), &mut *masks);
        x.chunks_exact_mut(column).zip(masks.chunks_exact(32)).for_each(|(x, mask)| x[own..].copy_from_slice(mask));
        x
    }

    /// The own columns v, and adds the sums u to `message`.
    fn own_columns(&self, chunk: u32, column: usize, message: &mut [u8]) -> Zeroizing<Vec<u8>> {
        let symbol = TREE_LEVELS * column;
        let mut v = Zeroizing::new(vec![0; PADDED_COLUMNS * column]);
        let (mut t, mut sum) = (Zeroizing::new(vec![0; TREE_LEVELS * symbol]), Zeroizing::new(vec![0; symbol]));
        for (tree, v) in v.chunks_exact_mut(symbol).take(CODE_SYMBOLS).enumerate() {
            self.trees.streams.columns(tree, true, chunk, &mut t, &mut sum);
            if let Some(message) = message.get_mut(tree * symbol..(tree + 1) * symbol) {
                add(message, &sum);
            }
            code::combine(&t, column, v);
        }
        v
    }
}

impl OprfClient for TreeClient {
    fn blind(&self, QueryChunk { index, first_bin }: QueryChunk, inputs: &[Input]) -> Vec<u8> {
        let blocks = blocks_of(inputs.len());
        let column = 16 * blocks;
        let x = self.input_columns(index, &self.trees.code_inputs(first_bin, inputs), column);
        let mut message = Vec::with_capacity((self.trees.round.plan.suite.layout.query)(0) + CODE_BITS * column);
        message.resize(CODE_BITS * column, 0);
        code::encode(&x, column, &mut message);
        let v = self.own_columns(index, column, &mut message);
        let check = self.trees.challenge(index, &message, blocks);
        x.chunks_exact(column).for_each(|x| message.extend_from_slice(&check.column(x)));
        let hashed = v.chunks_exact(column).take(CODE_BITS).map(|v| check.column(v));
        message.extend_from_slice(&hashed.fold(Labelled::new(labels::OPRF_COLUMNS), |h, v| h.part(&v)).finish());
        message
    }

    fn finalize(
        &self,
        late: &LateId,
        QueryChunk { index, first_bin }: QueryChunk,
        inputs: &[Input],
        _: &[u8],
        _: &[u8],
    ) -> Result<Vec<OprfOutput>, Error> {
        let column = 16 * blocks_of(inputs.len());
        let rows = rows_of(&self.own_columns(index, column, &mut []), column, inputs.len());
        let key = output_key(late);
        let x = self.trees.code_inputs(first_bin, inputs);
        let each = (first_bin..).zip(x.iter().zip(rows.iter()));
        Ok(each.map(|(bin, (x, row))| output(&key, bin, x, row)).collect())
    }
}

/// The server, which chooses in the base OTs.
pub struct TreeServer {
    round: Arc<RoundContext>,
    chooser: Chooser,
}

impl fmt::Debug for TreeServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TreeServer(..)")
    }
}

impl TreeServer {
    /// Draws Delta.
    #[must_use]
    pub fn new(round: Arc<RoundContext>, random: &Randomness) -> Self {
        let chooser = Chooser::new(&round, random, Direction::Queries, &[]);
        Self { round, chooser }
    }
}

impl OprfServer for TreeServer {
    fn key(&self) -> Vec<u8> {
        self.chooser.answer().to_vec()
    }

    fn opened(&self, base: &[u8], to_keys: &[u8; 32]) -> Result<Option<Arc<dyn OprfServer>>, Error> {
        let (offer, setup) = base.split_at_checked(CODE_BITS * 32).ok_or(PeerFault::Truncated)?;
        let keys = self.chooser.keys(&self.round, offer)?;
        let context = BaseOtContext { round: &self.round.id, direction: Direction::Queries };
        let sent = BaseOtMessages { answer: self.chooser.answer(), offer };
        // V-OT-004.
        let leaves = tree::open(&TreeBinding::new(&context, sent), self.chooser.delta(), &keys, setup)?;
        let streams = streams(&leaf_keys(&leaves), to_keys);
        let round = Arc::clone(&self.round);
        let chunks = round.plan.query_chunks();
        let trees = Trees { round, streams, digest: digest_of(setup), beta: *to_keys };
        let delta = Zeroizing::new(self.chooser.delta().to_vec());
        Ok(Some(Arc::new(OpenedServer { trees, delta, rows: (0..chunks).map(|_| OnceLock::new()).collect() })))
    }

    fn blind_evaluate(&self, _: &LateId, _: QueryChunk, _: &[u8]) -> Result<Option<Vec<u8>>, Error> {
        Err(NOT_OPENED)
    }

    fn evaluate_own(&self, _: &LateId, _: &[(&Input, &[u32])]) -> Result<Vec<OprfOutput>, Error> {
        Err(NOT_OPENED)
    }
}

const NOT_OPENED: Error = Error::Internal("the trees of the queries are not opened");

/// The server with the client's trees opened.
struct OpenedServer {
    trees: Trees,
    delta: Zeroizing<Vec<u8>>,
    /// Rows q of every query chunk whose check has passed.
    rows: Vec<OnceLock<Zeroizing<Vec<Row>>>>,
}

impl fmt::Debug for OpenedServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OpenedServer(..)")
    }
}

impl OpenedServer {
    /// All ones for the bits of Delta's element of a tree that are set.
    fn delta_masks(&self, tree: usize) -> [u8; TREE_LEVELS] {
        core::array::from_fn(|b| u8::conditional_select(&0, &0xff, bit_of(&self.delta, TREE_LEVELS * tree + b)))
    }

    /// Checks a query and computes its rows q.
    fn check(&self, chunk: u32, query: &[u8]) -> Result<Zeroizing<Vec<Row>>, Error> {
        let (_, bins) = self.trees.round.plan.query_range(chunk);
        let blocks = blocks_of(bins as usize);
        let column = 16 * blocks;
        let expected = CODE_BITS * column + INPUT_BITS * HASH + HASH;
        if query.len() != expected {
            return Err(PeerFault::Length { expected, got: query.len() }.into());
        }
        let (matrix, check) = query.split_at(CODE_BITS * column);
        let (inputs, digest) = check.split_at(INPUT_BITS * HASH);
        let challenge = self.trees.challenge(chunk, matrix, blocks);
        let mut words = Zeroizing::new(vec![0; CODE_BITS * HASH]);
        code::encode(inputs, HASH, &mut words);

        let symbol = TREE_LEVELS * column;
        let mut q = Zeroizing::new(vec![0; PADDED_COLUMNS * column]);
        let (mut t, mut sum) = (Zeroizing::new(vec![0; TREE_LEVELS * symbol]), Zeroizing::new(vec![0; symbol]));
        let mut small = Zeroizing::new(vec![0; TREE_LEVELS * TREE_LEVELS * HASH]);
        let mut product = Zeroizing::new([0; TREE_LEVELS * HASH]);
        let mut hashed = Labelled::new(labels::OPRF_COLUMNS);
        let columns = q.chunks_exact_mut(symbol).zip(matrix.chunks_exact(symbol));
        for (tree, ((q, c), word)) in columns.zip(words.chunks_exact(TREE_LEVELS * HASH)).enumerate() {
            let masks = self.delta_masks(tree);
            // The leaf at distance 0 has no weight, and is unknown.
            self.trees.streams.columns(tree, false, chunk, &mut t, &mut sum);
            for (t, mask) in t.chunks_exact_mut(symbol).zip(masks) {
                t.iter_mut().zip(c).for_each(|(t, c)| *t ^= c & mask);
            }
            code::combine(&t, column, q);
            code::scale(masks, word, HASH, &mut small, &mut *product);
            for (q, product) in q.chunks_exact(column).zip(product.chunks_exact(HASH)) {
                let mut plane = challenge.column(q);
                add(&mut plane, product);
                hashed = hashed.part(&plane);
            }
        }
        let fits: bool = hashed.finish().ct_eq(digest).into();
        if !fits {
            return Err(PeerFault::InconsistentOt { chunk }.into());
        }
        Ok(rows_of(&q, column, bins as usize))
    }

    /// The row q of a bin.
    fn row(&self, bin: u32) -> Option<&Row> {
        let size = self.trees.round.plan.suite.query_chunk;
        let rows = self.rows.get((bin / size) as usize)?.get()?;
        rows.get((bin % size) as usize)
    }

    /// Delta C(x) for each input, symbol by symbol.
    fn products(&self, inputs: &[[u8; INPUT_BYTES]]) -> Zeroizing<Vec<Row>> {
        let column = 16 * inputs.len().div_ceil(128);
        let x = columns_of(inputs, column);
        let mut words = Zeroizing::new(vec![0; CODE_BITS * column]);
        code::encode(&x, column, &mut words);
        let symbol = TREE_LEVELS * column;
        let mut t = Zeroizing::new(vec![0; TREE_LEVELS * symbol]);
        let mut out = Zeroizing::new(vec![0; PADDED_COLUMNS * column]);
        let each = out.chunks_exact_mut(symbol.max(1)).zip(words.chunks_exact(symbol.max(1)));
        for (tree, (out, word)) in each.enumerate() {
            code::scale(self.delta_masks(tree), word, column, &mut t, out);
        }
        rows_of(&out, column.max(1), inputs.len())
    }
}

impl OprfServer for OpenedServer {
    fn key(&self) -> Vec<u8> {
        Vec::new()
    }

    fn opened(&self, _: &[u8], _: &[u8; 32]) -> Result<Option<Arc<dyn OprfServer>>, Error> {
        Ok(None)
    }

    fn blind_evaluate(&self, _: &LateId, chunk: QueryChunk, query: &[u8]) -> Result<Option<Vec<u8>>, Error> {
        // V-OPRF-010: no row of a table can be computed without the rows of a query that passed.
        let rows = self.check(chunk.index, query)?;
        let place = self.rows.get(chunk.index as usize).ok_or(Error::Internal("a query chunk beyond the plan"))?;
        // V-OPRF-009: a bin has one query.
        place.set(rows).map_err(|_| Error::Internal("a query chunk was evaluated before"))?;
        Ok(None)
    }

    fn evaluate_own(&self, late: &LateId, items: &[(&Input, &[u32])]) -> Result<Vec<OprfOutput>, Error> {
        let Some(first) = items.iter().find_map(|(_, bins)| bins.first()) else { return Ok(Vec::new()) };
        let table = self.trees.table_of(*first);
        let function = cuckoo::bin_function(&self.trees.round, table);
        let x: Zeroizing<Vec<[u8; INPUT_BYTES]>> =
            Zeroizing::new(items.iter().map(|(input, _)| *cuckoo::code_input(&function, input)).collect());
        let products = self.products(&x);
        let key = output_key(late);
        let mut outputs = Vec::with_capacity(items.len() * 3);
        for ((_, bins), (x, product)) in items.iter().zip(x.iter().zip(products.iter())) {
            for bin in *bins {
                let mut row = *self.row(*bin).ok_or(Error::Internal("the query of a bin is not here"))?;
                row.iter_mut().zip(product).for_each(|(q, p)| *q ^= p);
                outputs.push(output(&key, *bin, x, &row));
            }
        }
        Ok(outputs)
    }
}
