//! What a round gave and cost, for machines and for people.

use super::TRAINING;
use crate::driver::Report;
use crate::output;
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
    /// Whether it was for training, without an agreement.
    pub training: bool,
    /// Digest of the agreement, hexadecimal; zeros in training.
    pub agreement: String,
    /// Requester: graded pairs.
    pub matches: usize,
    /// Requester: pairs of grade *strong* among them.
    pub strong: usize,
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

impl Summary {
    /// The summary for people.
    #[must_use]
    pub fn text(&self) -> String {
        let found = match self.role {
            "requester" => format!("{} pairs, {} of them strong", self.matches, self.strong),
            _ => format!("{} own records claimed by the peer", self.claims),
        };
        let out = self.out.as_ref().map_or_else(|| "not saved (no --out)".into(), |path| path.display().to_string());
        let report = &self.report;
        let mut text = format!(
            "{}round with {} done: {found}\n  result   {out}\n  receipt  {}\n",
            if self.training { format!("{TRAINING}\n") } else { String::new() },
            self.peer,
            self.receipt.display()
        );
        text += &format!(
            "  took     {:.1} s, {} sent, {} received\n",
            report.wall_seconds,
            output::bytes(report.bytes_sent),
            output::bytes(report.bytes_received)
        );
        for stage in &report.stages {
            text += &format!(
                "    {:<8} {:7.2} s  {:>10} sent  {:>10} received\n",
                stage.name,
                stage.seconds,
                output::bytes(stage.bytes_sent),
                output::bytes(stage.bytes_received)
            );
        }
        text
    }
}
