//! Every size of a round, from the shape and the suite (spec section 7.1). Nothing here depends on either side's records.

use crate::error::Misuse;
use crate::limits;
use crate::policy::shape::Shape;
use crate::suite::{CURRENT, HASHES, PSEUDONYM_BYTES, Suite};

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
    /// The suite.
    pub suite: &'static Suite,
    /// The computation.
    pub shape: Shape,
    /// One entry a table.
    pub tables: Vec<TablePlan>,
    /// Bins in all.
    pub bins: u32,
    /// OKVS chunks in all.
    pub table_chunks: u32,
    /// Choice chunks that the responder sends ahead of the corrections: the suite's window, by files all of them.
    pub window: u32,
}

impl Plan {
    /// Computes all sizes of a round of the current suite.
    ///
    /// # Errors
    /// [`Misuse::Policy`] if a size exceeds [`limits`].
    pub fn new(shape: Shape) -> Result<Self, Misuse> {
        Self::of_suite(CURRENT, shape)
    }

    /// Computes all sizes of a round of this suite.
    ///
    /// # Errors
    /// [`Misuse::Policy`] if a size exceeds [`limits`].
    pub fn of_suite(suite: &'static Suite, shape: Shape) -> Result<Self, Misuse> {
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
            let own_bins = crate::policy::bins(queries);
            let rows = u64::from(HASHES) * tokens;
            let columns = (suite.columns)(rows);
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
            table_chunks += columns.div_ceil(u64::from(suite.table_chunk));
        }
        Ok(Self {
            suite,
            shape,
            tables,
            bins: at_most(bins, limits::MAX_BINS)?,
            table_chunks: narrow(table_chunks)?,
            window: suite.window,
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
        self.bins.div_ceil(self.suite.query_chunk)
    }

    /// Comparison chunks.
    #[must_use]
    pub const fn compare_chunks(&self) -> u32 {
        self.bins.div_ceil(self.suite.compare_chunk)
    }

    /// First bin and number of bins of a query chunk.
    #[must_use]
    pub fn query_range(&self, chunk: u32) -> (u32, u32) {
        self.range(chunk, self.suite.query_chunk)
    }

    /// First bin and number of bins of a comparison chunk.
    #[must_use]
    pub fn compare_range(&self, chunk: u32) -> (u32, u32) {
        self.range(chunk, self.suite.compare_chunk)
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
        let first = (chunk - plan.first_chunk).checked_mul(self.suite.table_chunk)?;
        (first < plan.columns).then(|| (table, first, self.suite.table_chunk.min(plan.columns - first)))
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
