//! Every size of a round, from the shape and the suite (spec sections 7.1 and 8.10). Nothing here depends on either
//! side's records.

use crate::error::Misuse;
use crate::limits;
use crate::policy::shape::{OutputMode, Shape};
use crate::suite::{CURRENT, HASHES, PSEUDONYM_BYTES, SEAL_KEYS_OF_FRAME, Suite, TAG_BYTES, TOKENS_OF_FRAME};

/// Sizes of one token table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TablePlan {
    /// Table id of the policy.
    pub id: u16,
    /// Queries of the requester, dummies included: d_S ceil(r_R n_R* / 100).
    pub queries: u32,
    /// Bins: max(ceil(1.27 n), n + 128).
    pub bins: u32,
    /// Number of this table's first bin among all bins of the round.
    pub first_bin: u32,
    /// Tokens of the responder with copies, dummies included: d_R ceil(r_S n_S* / 100).
    pub tokens: u32,
    /// OKVS rows of the tokens: three a token.
    pub rows: u32,
    /// Groups of bins, each with a store of its own.
    pub groups: Vec<GroupPlan>,
}

/// Sizes of one group of bins of a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GroupPlan {
    /// Its first bin, counted in its table.
    pub first_bin: u32,
    /// Bins.
    pub bins: u32,
    /// OKVS rows, fillers included.
    pub rows: u32,
    /// OKVS columns: ceil(1.1 rows) + 256.
    pub columns: u32,
    /// Number of its first OKVS chunk among all.
    pub first_chunk: u32,
}

/// What an OKVS chunk holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TableRange {
    /// Position of the table.
    pub table: usize,
    /// Number of the group in the table.
    pub group: usize,
    /// First column, counted in the group.
    pub first: u32,
    /// Number of columns.
    pub columns: u32,
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

impl TablePlan {
    /// Number of the group in which a bin of this table lies.
    #[must_use]
    pub fn group_of(&self, local: u32) -> usize {
        self.groups.partition_point(|group| group.first_bin <= local).saturating_sub(1)
    }
}

/// The groups of a table's bins (V-OKVS-003): first bin, number of bins, rows.
///
/// Where there are several, a group has room for more rows than fall into it but with a probability below 2^-40.
#[must_use]
pub fn groups(bins: u64, tokens: u64, group_rows: u64) -> Vec<[u64; 3]> {
    let rows = u64::from(HASHES) * tokens;
    let count = rows.div_ceil(group_rows.max(1)).clamp(1, bins.max(1));
    if count == 1 {
        return vec![[0, bins, rows]];
    }
    let of_group = |g: u64| {
        let (first, end) = (g * bins / count, (g + 1) * bins / count);
        let mean = (rows * (end - first)).div_ceil(bins);
        [first, end - first, rows.min(mean + root(56 * mean) + 19)]
    };
    (0..count).map(of_group).collect()
}

/// The square root, rounded up.
const fn root(n: u64) -> u64 {
    if n == 0 { 0 } else { (n - 1).isqrt() + 1 }
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
            let queries = table.slots.asked(shape.records_requester) * u64::from(shape.copies_responder);
            let tokens = table.slots.stored(shape.records_responder) * u64::from(shape.copies_requester);
            let own_bins = crate::policy::bins(queries);
            let rows = at_most(u64::from(HASHES) * tokens, limits::MAX_ROWS)?;
            let mut own_groups = Vec::new();
            for [first_bin, bins, rows] in groups(own_bins, tokens, suite.group_rows) {
                let columns = (suite.columns)(rows);
                own_groups.push(GroupPlan {
                    first_bin: narrow(first_bin)?,
                    bins: narrow(bins)?,
                    rows: narrow(rows)?,
                    columns: narrow(columns)?,
                    first_chunk: narrow(table_chunks)?,
                });
                table_chunks += columns.div_ceil(u64::from(suite.table_chunk));
            }
            tables.push(TablePlan {
                id: table.id,
                queries: narrow(queries)?,
                bins: narrow(own_bins)?,
                first_bin: narrow(bins)?,
                tokens: narrow(tokens)?,
                rows,
                groups: own_groups,
            });
            bins += own_bins;
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

    /// Frames of seal keys.
    #[must_use]
    pub const fn seal_keys_frames(&self) -> u32 {
        self.compare_chunks().div_ceil(SEAL_KEYS_OF_FRAME)
    }

    /// Frames of pseudonyms.
    #[must_use]
    pub fn pseudonyms_frames(&self) -> u32 {
        self.shape.records_responder.div_ceil(TOKENS_OF_FRAME)
    }

    /// Frames of claims, in mutual mode.
    #[must_use]
    pub fn claims_frames(&self) -> u32 {
        self.shape.records_requester.div_ceil(TOKENS_OF_FRAME)
    }

    /// First bin and number of bins of a query chunk.
    #[must_use]
    pub fn query_range(&self, chunk: u32) -> (u32, u32) {
        range(chunk, self.suite.query_chunk, self.bins)
    }

    /// First bin and number of bins of a comparison chunk.
    #[must_use]
    pub fn compare_range(&self, chunk: u32) -> (u32, u32) {
        range(chunk, self.suite.compare_chunk, self.bins)
    }

    /// First comparison chunk and number of chunks whose seal keys are in a frame.
    #[must_use]
    pub const fn seal_keys_range(&self, frame: u32) -> (u32, u32) {
        range(frame, SEAL_KEYS_OF_FRAME, self.compare_chunks())
    }

    /// First pseudonym and number of pseudonyms in a frame.
    #[must_use]
    pub fn pseudonyms_range(&self, frame: u32) -> (u32, u32) {
        range(frame, TOKENS_OF_FRAME, self.shape.records_responder)
    }

    /// First claim and number of claims in a frame.
    #[must_use]
    pub fn claims_range(&self, frame: u32) -> (u32, u32) {
        range(frame, TOKENS_OF_FRAME, self.shape.records_requester)
    }

    /// What an OKVS chunk holds. Chunks are counted through all groups of all tables.
    #[must_use]
    pub fn table_range(&self, chunk: u32) -> Option<TableRange> {
        let first_chunk = |t: &TablePlan| t.groups.first().map_or(u32::MAX, |group| group.first_chunk);
        let table = self.tables.partition_point(|t| first_chunk(t) <= chunk).checked_sub(1)?;
        let groups = &self.tables.get(table)?.groups;
        let group = groups.partition_point(|group| group.first_chunk <= chunk).checked_sub(1)?;
        let plan = groups.get(group)?;
        let first = (chunk - plan.first_chunk).checked_mul(self.suite.table_chunk)?;
        let columns = self.suite.table_chunk.min(plan.columns.checked_sub(first)?);
        (columns > 0).then_some(TableRange { table, group, first, columns })
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

    /// Bytes of what a bin holds besides the payload: the pseudonym token and, where there is a grade strong, its tag.
    #[must_use]
    pub fn share_bytes(&self) -> usize {
        PSEUDONYM_BYTES + if self.shape.strong.is_some() { TAG_BYTES } else { 0 }
    }

    /// Bytes of an OKVS value: payload and shares.
    #[must_use]
    pub fn value_bytes(&self) -> usize {
        self.payload_bytes() + self.share_bytes()
    }

    /// Whether both sides learn the shared persons.
    #[must_use]
    pub fn is_mutual(&self) -> bool {
        self.shape.output == OutputMode::Mutual
    }

    /// Thresholds in use: one or two.
    #[must_use]
    pub fn thresholds(&self) -> Vec<i32> {
        core::iter::once(self.shape.possible).chain(self.shape.strong).collect()
    }
}

/// First and number of the entries of piece `piece` where pieces have `size` and there are `all`.
const fn range(piece: u32, size: u32, all: u32) -> (u32, u32) {
    let start = piece.saturating_mul(size);
    let first = if start < all { start } else { all };
    let rest = all - first;
    (first, if size < rest { size } else { rest })
}
