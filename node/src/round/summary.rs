//! What a round gave and cost, for machines.

use crate::driver::Report;
use serde::Serialize;
use std::path::PathBuf;

/// What a round gave and cost on this side; the JSON object of `link` and `serve`.
#[derive(Clone, Debug, Serialize)]
pub struct Summary {
    /// `blindlink.round/v1`.
    pub schema: &'static str,
    /// `requester` or `responder`.
    pub role: &'static str,
    /// Name of the peer here.
    pub peer: String,
    /// Round id, hexadecimal.
    pub round: String,
    /// Final transcript hash, the same on both sides.
    pub transcript: String,
    /// Own records that took part.
    pub records: usize,
    /// Rows that were left out.
    pub rejected_rows: usize,
    /// Values that were left out of records that took part.
    pub values_left_out: usize,
    /// Whether it was for training, without an agreement.
    pub training: bool,
    /// Digest of the agreement, hexadecimal; zeros in training.
    pub agreement: String,
    /// Requester: graded pairs.
    pub matches: usize,
    /// Requester: pairs of grade *strong* among them.
    pub strong: usize,
    /// Wrong pairs of grade *strong* and of either grade that the policy expects at its sizes, if it says so; never more
    /// than there are pairs.
    pub expected_wrong: Option<[f64; 2]>,
    /// Responder in mutual mode: own records that the requester claims.
    pub claims: usize,
    /// Result file.
    pub out: Option<PathBuf>,
    /// Receipt with both signatures.
    pub receipt: PathBuf,
    /// Whether the peer said that it is done too.
    pub confirmed: bool,
    /// Seconds for reading and encoding the list.
    pub encode_seconds: f64,
    /// Time and bytes.
    #[serde(flatten)]
    pub report: Report,
    /// Largest resident set of the process so far.
    pub peak_rss_bytes: Option<u64>,
}
