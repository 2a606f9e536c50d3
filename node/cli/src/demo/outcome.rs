//! What the demonstration found out: both sides' files joined, and compared with the truth.

use super::Options;
use crate::exit::{Exit, Failure};
use blindlink_lab::synth::Lists;
use serde::Serialize;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// A reported pair. Only somebody with both result files can join them: here, the demonstration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Found {
    /// Identifier in the responder's list; `None` if the responder did not get the claim.
    pub(crate) a_id: Option<String>,
    /// Identifier in the requester's list.
    pub(crate) b_id: String,
    /// `possible` or `strong`.
    pub(crate) grade: String,
    /// Names of the tables through which they met.
    pub(crate) tables: String,
}

/// Joins the requester's file with the responder's by pseudonym.
pub(super) fn join(requester: &Path, responder: &Path) -> Result<Vec<Found>, Failure> {
    let claims = rows::<2>(responder)?;
    let owner: BTreeMap<&str, &str> =
        claims.iter().map(|[own, pseudonym]| (pseudonym.as_str(), own.as_str())).collect();
    let found = rows::<4>(requester)?.into_iter().map(|[b_id, pseudonym, grade, tables]| Found {
        a_id: owner.get(pseudonym.as_str()).map(|own| (*own).to_owned()),
        b_id,
        grade,
        tables,
    });
    Ok(found.collect())
}

fn rows<const N: usize>(path: &Path) -> Result<Vec<[String; N]>, Failure> {
    let failed = |error: csv::Error| Failure::new(Exit::Internal, format_args!("a result cannot be read: {error}"));
    let mut reader = csv::Reader::from_path(path).map_err(failed)?;
    reader
        .records()
        .map(|row| {
            let cells: Vec<String> = row.map_err(failed)?.iter().map(str::to_owned).collect();
            cells.try_into().map_err(|_| Failure::new(Exit::Internal, "a result has rows of another length"))
        })
        .collect()
}

/// Time and bytes of one stage.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct StageNumbers {
    /// Stage.
    pub(crate) name: String,
    /// Wall-clock seconds, as the requester saw it.
    pub(crate) seconds: f64,
    /// Seconds of heavy maths at the requester, summed over threads.
    pub(crate) compute_seconds_requester: f64,
    /// Seconds of heavy maths at the responder, summed over threads.
    pub(crate) compute_seconds_responder: f64,
    /// Frame bytes that the requester sent.
    pub(crate) bytes_requester_to_responder: u64,
    /// Frame bytes that the responder sent.
    pub(crate) bytes_responder_to_requester: u64,
}

/// Peak resident sets.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Peak {
    /// Of the requester's process, in bytes.
    pub(crate) requester: Option<u64>,
    /// Of the responder's process, in bytes.
    pub(crate) responder: Option<u64>,
}

/// The figures; with the first persons, the JSON object of `demo`.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Numbers {
    /// `blindlink.demo/v1`.
    pub(crate) schema: &'static str,
    /// Seed of the lists.
    pub(crate) seed: u64,
    /// Records of the responder's list.
    pub(crate) records_a: usize,
    /// Records of the requester's list.
    pub(crate) records_b: usize,
    /// Pairs that are one person.
    pub(crate) true_pairs: usize,
    /// Pairs that the round reported.
    pub(crate) reported_pairs: usize,
    /// Pairs of grade *strong* among them.
    pub(crate) strong_pairs: usize,
    /// Share of the reported pairs that are true.
    pub(crate) precision: f64,
    /// Share of the true pairs that were reported.
    pub(crate) recall: f64,
    /// Harmonic mean of both.
    pub(crate) f1: f64,
    /// From the first list to the last file.
    pub(crate) wall_seconds: f64,
    /// To make the lists.
    pub(crate) synth_seconds: f64,
    /// To read and encode a list; the longer of both sides.
    pub(crate) encode_seconds: f64,
    /// Of the round itself.
    pub(crate) round_seconds: f64,
    /// Stages of the round.
    pub(crate) stages: Vec<StageNumbers>,
    /// Frame bytes that the requester sent.
    pub(crate) bytes_requester_to_responder: u64,
    /// Frame bytes that the responder sent.
    pub(crate) bytes_responder_to_requester: u64,
    /// UDP payload that the requester sent, headers, acknowledgements and repeats included.
    pub(crate) udp_bytes_requester_to_responder: u64,
    /// UDP payload that the responder sent.
    pub(crate) udp_bytes_responder_to_requester: u64,
    /// UDP payload both ways for each record of one list.
    pub(crate) udp_bytes_per_record: f64,
    /// Peak memory.
    pub(crate) peak_rss_bytes: Peak,
}

fn number(value: &Value, name: &str) -> Result<f64, Failure> {
    value[name].as_f64().ok_or_else(|| Failure::new(Exit::Internal, format_args!("a result lacks `{name}`")))
}

fn count(value: &Value, name: &str) -> Result<u64, Failure> {
    value[name].as_u64().ok_or_else(|| Failure::new(Exit::Internal, format_args!("a result lacks `{name}`")))
}

impl Numbers {
    pub(super) fn new(
        options: Options,
        lists: &Lists,
        found: &[Found],
        requester: &Value,
        responder: &Value,
    ) -> Result<Self, Failure> {
        let truth: BTreeSet<(&str, &str)> = lists.truth.iter().map(|pair| (pair.a.as_str(), pair.b.as_str())).collect();
        let correct =
            found.iter().filter(|pair| pair.a_id.as_deref().is_some_and(|a| truth.contains(&(a, &pair.b_id)))).count();
        let share = |whole: usize| if whole == 0 { 1.0 } else { correct as f64 / whole as f64 };
        let (precision, recall) = (share(found.len()), share(truth.len()));
        let f1 = if precision + recall > 0.0 { 2.0 * precision * recall / (precision + recall) } else { 0.0 };
        let none = Vec::new();
        let stages = |side: &Value| side["stages"].as_array().unwrap_or(&none).clone();
        let stages = stages(requester)
            .iter()
            .zip(&stages(responder))
            .map(|(ours, theirs)| {
                Ok(StageNumbers {
                    name: ours["name"].as_str().unwrap_or_default().to_owned(),
                    seconds: number(ours, "seconds")?,
                    compute_seconds_requester: number(ours, "compute_seconds")?,
                    compute_seconds_responder: number(theirs, "compute_seconds")?,
                    bytes_requester_to_responder: count(ours, "bytes_sent")?,
                    bytes_responder_to_requester: count(theirs, "bytes_sent")?,
                })
            })
            .collect::<Result<Vec<_>, Failure>>()?;
        let (udp_out, udp_back) = (count(requester, "udp_bytes_sent")?, count(responder, "udp_bytes_sent")?);
        Ok(Self {
            schema: "blindlink.demo/v1",
            seed: options.seed,
            records_a: lists.a.len(),
            records_b: lists.b.len(),
            true_pairs: truth.len(),
            reported_pairs: found.len(),
            strong_pairs: found.iter().filter(|pair| pair.grade == "strong").count(),
            precision,
            recall,
            f1,
            wall_seconds: 0.0,
            synth_seconds: 0.0,
            encode_seconds: number(requester, "encode_seconds")?.max(number(responder, "encode_seconds")?),
            round_seconds: number(requester, "wall_seconds")?,
            stages,
            bytes_requester_to_responder: count(requester, "bytes_sent")?,
            bytes_responder_to_requester: count(responder, "bytes_sent")?,
            udp_bytes_requester_to_responder: udp_out,
            udp_bytes_responder_to_requester: udp_back,
            udp_bytes_per_record: (udp_out + udp_back) as f64 / lists.a.len().max(1) as f64,
            peak_rss_bytes: Peak {
                requester: requester["peak_rss_bytes"].as_u64(),
                responder: responder["peak_rss_bytes"].as_u64(),
            },
        })
    }
}
