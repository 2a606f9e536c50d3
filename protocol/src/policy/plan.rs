//! Every size of a round, from the shape alone (spec section 7.1). Nothing here depends on either side's records.

use super::shape::Shape;
use crate::error::Misuse;
use crate::limits;

/// Bins in one query chunk.
pub const QUERY_CHUNK: u32 = 2048;
/// OKVS columns in one table chunk.
pub const TABLE_CHUNK: u32 = 4096;
/// Bins in one comparison chunk.
pub const COMPARE_CHUNK: u32 = 128;
/// Choice chunks that the responder sends ahead of the corrections, over a line.
pub const WINDOW: u32 = 6;
/// Width of the OKVS band, in columns.
pub const BAND: u32 = 256;
/// Bins of each token.
pub const HASHES: u32 = 3;
/// Bytes of a pseudonym token and of its shares.
pub const PSEUDONYM_BYTES: usize = 16;

/// Sizes of one token table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TablePlan {
    /// Table id of the policy.
    pub id: u16,
    /// Queries of the requester, dummies included: n = c_t d_S n_R*.
    pub queries: u32,
    /// Bins: max(ceil(1.27 n), n + 128).
    pub bins: u32,
    /// Number of this table's first bin among all bins of the round.
    pub first_bin: u32,
    /// Tokens of the responder with copies, dummies included: c_t d_R n_S*.
    pub tokens: u32,
    /// OKVS rows: three a token.
    pub rows: u32,
    /// OKVS columns: ceil(1.1 rows) + 256.
    pub columns: u32,
    /// Number of this table's first OKVS chunk among all.
    pub first_chunk: u32,
}

/// Sizes of a round.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// The computation.
    pub shape: Shape,
    /// One entry a table.
    pub tables: Vec<TablePlan>,
    /// Bins in all.
    pub bins: u32,
    /// OKVS chunks in all.
    pub table_chunks: u32,
    /// Choice chunks that the responder sends ahead of the corrections: [`WINDOW`], by files all of them.
    pub window: u32,
}

impl Plan {
    /// Computes all sizes.
    ///
    /// # Errors
    /// [`Misuse::Policy`] if a size exceeds [`limits`].
    pub fn new(shape: Shape) -> Result<Self, Misuse> {
        let too_large = || Misuse::Policy {
            field: String::from("tables"),
            reason: format!("more than {} bins in all, or {} rows in a table", limits::MAX_BINS, limits::MAX_ROWS),
            requirement: "V-POLICY-009",
        };
        let at_most = |n: u64, most: u64| u32::try_from(n).ok().filter(|_| n <= most).ok_or_else(too_large);
        let narrow = |n: u64| at_most(n, u32::MAX.into());
        let (mut bins, mut table_chunks) = (0u64, 0u64);
        let mut tables = Vec::with_capacity(shape.tables.len());
        for table in &shape.tables {
            let slots = u64::from(table.slots);
            let queries = slots * u64::from(shape.copies_responder) * u64::from(shape.records_requester);
            let tokens = slots * u64::from(shape.copies_requester) * u64::from(shape.records_responder);
            let own_bins = super::bins(queries);
            let rows = u64::from(HASHES) * tokens;
            let columns = (11 * rows).div_ceil(10) + u64::from(BAND);
            tables.push(TablePlan {
                id: table.id,
                queries: narrow(queries)?,
                bins: narrow(own_bins)?,
                first_bin: narrow(bins)?,
                tokens: narrow(tokens)?,
                rows: at_most(rows, limits::MAX_ROWS)?,
                columns: narrow(columns)?,
                first_chunk: narrow(table_chunks)?,
            });
            bins += own_bins;
            table_chunks += columns.div_ceil(u64::from(TABLE_CHUNK));
        }
        Ok(Self {
            shape,
            tables,
            bins: at_most(bins, limits::MAX_BINS)?,
            table_chunks: narrow(table_chunks)?,
            window: WINDOW,
        })
    }

    /// The sizes for a round by files: every choice chunk goes ahead, or each chunk would cost a turn (V-FILES-002).
    #[must_use]
    pub fn by_files(mut self) -> Self {
        self.window = self.compare_chunks().max(1);
        self
    }

    /// Query chunks.
    #[must_use]
    pub const fn query_chunks(&self) -> u32 {
        self.bins.div_ceil(QUERY_CHUNK)
    }

    /// Comparison chunks.
    #[must_use]
    pub const fn compare_chunks(&self) -> u32 {
        self.bins.div_ceil(COMPARE_CHUNK)
    }

    /// First bin and number of bins of a query chunk.
    #[must_use]
    pub fn query_range(&self, chunk: u32) -> (u32, u32) {
        self.range(chunk, QUERY_CHUNK)
    }

    /// First bin and number of bins of a comparison chunk.
    #[must_use]
    pub fn compare_range(&self, chunk: u32) -> (u32, u32) {
        self.range(chunk, COMPARE_CHUNK)
    }

    fn range(&self, chunk: u32, size: u32) -> (u32, u32) {
        let first = chunk.saturating_mul(size).min(self.bins);
        (first, size.min(self.bins - first))
    }

    /// Table, first column and number of columns of an OKVS chunk.
    #[must_use]
    pub fn table_range(&self, chunk: u32) -> Option<(usize, u32, u32)> {
        let table = self.tables.partition_point(|t| t.first_chunk <= chunk).checked_sub(1)?;
        let plan = self.tables.get(table)?;
        let first = (chunk - plan.first_chunk).checked_mul(TABLE_CHUNK)?;
        (first < plan.columns).then(|| (table, first, TABLE_CHUNK.min(plan.columns - first)))
    }

    /// Table of a bin, and the bin's number in it.
    #[must_use]
    pub fn locate(&self, bin: u32) -> Option<(usize, u32)> {
        let table = self.tables.partition_point(|t| t.first_bin <= bin).checked_sub(1)?;
        let plan = self.tables.get(table)?;
        (bin - plan.first_bin < plan.bins).then(|| (table, bin - plan.first_bin))
    }

    /// Bytes of a payload (w / 8).
    #[must_use]
    pub fn payload_bytes(&self) -> usize {
        self.shape.payload_bits() / 8
    }

    /// Bytes of an OKVS value: payload and pseudonym share.
    #[must_use]
    pub fn value_bytes(&self) -> usize {
        self.payload_bytes() + PSEUDONYM_BYTES
    }

    /// Thresholds in use: one or two.
    #[must_use]
    pub fn thresholds(&self) -> Vec<i32> {
        core::iter::once(self.shape.possible).chain(self.shape.strong).collect()
    }
}
