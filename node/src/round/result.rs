//! Result files of a round.

use super::{Round, Summary};
use crate::csv_text::CsvText;
use crate::driver::Report;
use crate::exit::{Exit, Failure};
use crate::files::write_whole;
use crate::memory::peak_rss_bytes;
use crate::peers::Peer;
use crate::rounds::short;
use blindlink::assignment::one_to_one;
use blindlink::session::{Grade, Match, Outcome, Role};
use std::path::{Path, PathBuf};

/// `matches.csv` to `matches-1a2b3c4d5e6f7081.csv`.
fn with_round(path: &Path, round: &str) -> PathBuf {
    let stem = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    let tag = round.get(..16).unwrap_or(round);
    let name = match path.extension() {
        Some(extension) => format!("{stem}-{tag}.{}", extension.to_string_lossy()),
        None => format!("{stem}-{tag}"),
    };
    path.with_file_name(name)
}

impl Round<'_> {
    /// Writes receipt and result.
    pub(super) fn write(
        &self,
        peer: &Peer,
        agreement: [u8; 32],
        outcome: &Outcome,
        report: Report,
    ) -> Result<Summary, Failure> {
        let round = hex::encode(outcome.round);
        let receipt = self.data.rounds()?.join(format!("{}.receipt", short(&outcome.round)));
        write_whole(&receipt, &outcome.receipt).map_err(Failure::because(Exit::Io, "cannot write the receipt"))?;
        let matches = self.matches(outcome);
        let out = self.out.as_ref().map(|path| if self.out_by_round { with_round(path, &round) } else { path.clone() });
        if let Some(path) = &out {
            let content = self.table(&matches, outcome)?;
            write_whole(path, content.as_bytes())
                .map_err(Failure::because(Exit::CannotCreate, format!("cannot write {}", path.display())))?;
        }
        Ok(Summary {
            schema: "blindlink.round/v1",
            role: self.role.name(),
            peer: peer.name.clone(),
            transcript: hex::encode(outcome.transcript),
            round,
            records: self.input.list.records.len(),
            rejected_rows: self.input.rejected,
            matches: matches.len(),
            strong: matches.iter().filter(|found| found.grade == Grade::Strong).count(),
            training: agreement == [0; 32],
            agreement: hex::encode(agreement),
            claims: outcome.claims.len(),
            out,
            receipt,
            confirmed: false,
            encode_seconds: self.input.seconds,
            report,
            peak_rss_bytes: peak_rss_bytes(),
        })
    }

    /// The pairs that go into the result.
    fn matches<'a>(&self, outcome: &'a Outcome) -> Vec<&'a Match> {
        if !self.one_to_one {
            return outcome.matches.iter().collect();
        }
        let ends = |found: &Match| (found.own, found.pseudonym);
        let kept = one_to_one(&outcome.matches, ends, |found| (found.grade, found.tables.len()));
        kept.into_iter().filter_map(|at| outcome.matches.get(at)).collect()
    }

    /// The result as CSV: `own_id,peer_pseudonym,grade,tables` for the requester, else `own_id,peer_pseudonym`.
    fn table(&self, matches: &[&Match], outcome: &Outcome) -> Result<String, Failure> {
        let id = |own: usize| self.input.ids.get(own).map_or("", String::as_str);
        let name = |table: &u16| {
            let tables = &self.input.policy.policy().tables;
            tables.iter().find(|known| known.id == *table).map_or_else(|| table.to_string(), |known| known.name.clone())
        };
        let mut csv = CsvText::default();
        match self.role {
            Role::Requester => {
                csv.row(&["own_id", "peer_pseudonym", "grade", "tables"]);
                for found in matches {
                    let tables = found.tables.iter().map(name).collect::<Vec<_>>().join("|");
                    csv.row(&[id(found.own), &hex::encode(found.pseudonym), found.grade.name(), &tables]);
                }
            }
            Role::Responder => {
                csv.row(&["own_id", "peer_pseudonym"]);
                for claim in &outcome.claims {
                    csv.row(&[id(claim.own), &hex::encode(claim.pseudonym)]);
                }
            }
        }
        String::from_utf8(csv.finish()).map_err(|_| Failure::new(Exit::Internal, "the result is not UTF-8"))
    }
}
