//! One round of this node, from an open channel to a result file.

use crate::driver::journal::{Carrier, Header};
use crate::driver::{self, Context, Journal, Pool, Report, Stopped};
use crate::evaluate::assign::one_to_one;
use crate::exit::{Exit, Failure};
use crate::files::write_whole;
use crate::gate::{Gate, close_code};
use crate::input::Input;
use crate::keystore::{DataDir, Identity, fresh_secret};
use crate::memory::peak_rss_bytes;
use crate::output;
use crate::peers::Peer;
use crate::progress::Reporter;
use crate::transport::Channel;
use blindlink::agreement::Basis;
use blindlink::audit::Fact;
use blindlink::crypto::hash::hash;
use blindlink::labels;
use blindlink::policy::first_difference;
use blindlink::round::agree::Commitment;
use blindlink::session::{Config, Grade, Match, Outcome, Role, Session};
use serde::Serialize;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::sync::watch;

/// What rounds of one node have in common.
pub struct Round<'a> {
    /// The node's folder.
    pub data: &'a DataDir,
    /// Its identity.
    pub identity: &'a Identity,
    /// Its list and policy.
    pub input: &'a Input,
    /// Its side.
    pub role: Role,
    /// Whether the requester's result keeps at most one pair of each record.
    pub one_to_one: bool,
    /// Decides whether a round may begin.
    pub gate: Gate<'a>,
    /// Threads for heavy maths.
    pub pool: &'a Pool,
    /// Longest silence of the peer.
    pub frame_timeout: Duration,
    /// Turns true when the operator stops the node.
    pub stop: watch::Receiver<bool>,
    /// Progress and log.
    pub reporter: &'a Reporter,
}

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

/// What is shown where a round rests on no agreement.
pub const TRAINING: &str = "TRAINING: no agreement, for invented persons only";

/// A round that ended well.
struct Done {
    summary: Summary,
    round: [u8; 32],
    receipt: [u8; 32],
}

const fn role_name(role: Role) -> &'static str {
    match role {
        Role::Requester => "requester",
        Role::Responder => "responder",
    }
}

const fn grade_name(grade: Grade) -> &'static str {
    match grade {
        Grade::Possible => "possible",
        Grade::Strong => "strong",
    }
}

impl Round<'_> {
    /// Runs a round with `peer` and writes the result to what `out` makes of the round id.
    ///
    /// # Errors
    /// Why it stopped; then no result file is there.
    pub async fn run(
        &self,
        peer: &Peer,
        channel: Channel,
        out: impl FnOnce(&str) -> Option<PathBuf>,
    ) -> Result<Summary, Failure> {
        self.reporter.event(
            "connected",
            serde_json::json!({"peer": peer.name}),
            &format!("connected with {}", peer.name),
        );
        // V-AGREE-023: nothing of a round leaves before this.
        let basis = match self.gate.enter(&peer.id, self.reporter) {
            Ok(basis) => basis,
            Err(closed) => {
                let (_reader, _writer, closer) = channel.split();
                closer.close(close_code(&closed));
                return Err(closed.into());
            }
        };
        if basis == Basis::Training {
            self.reporter.log(TRAINING);
        }
        let agreement = basis.digest();
        let result = self.go(peer, channel, basis, out).await;
        // What was debited stays debited, whatever became of the round.
        let fact = match &result {
            Ok(done) => Fact::RoundEnded { round: done.round, receipt: done.receipt },
            Err(failure) => Fact::RoundFailed { peer: peer.id, exit: failure.exit.exit() },
        };
        let logged = self.gate.leave(fact);
        let mut summary = result?.summary;
        logged?;
        (summary.training, summary.agreement) = (agreement == [0; 32], hex::encode(agreement));
        Ok(summary)
    }

    async fn go(
        &self,
        peer: &Peer,
        channel: Channel,
        basis: Basis,
        out: impl FnOnce(&str) -> Option<PathBuf>,
    ) -> Result<Done, Failure> {
        let rounds = self.data.rounds()?;
        let seed = fresh_secret()?;
        let padded = match self.role {
            Role::Requester => self.input.policy.shape().records_requester,
            Role::Responder => self.input.policy.shape().records_responder,
        };
        let header = Header {
            role: self.role,
            carrier: Carrier::Line,
            begun: crate::clock::now(),
            own: self.identity.key().id(),
            peer: peer.id,
            binding: channel.binding(),
            seed: seed.clone(),
            root: Commitment::new(&seed, &self.input.records, padded).root,
            policy: self.input.policy.canonical_bytes().to_vec(),
            agreement: basis.canonical_bytes().to_vec(),
        };
        let config = Config {
            role: self.role,
            shape: self.input.policy.shape().clone(),
            policy: self.input.policy.canonical_bytes().to_vec(),
            basis,
            name_difference: first_difference,
            records: self.input.records.clone(),
            seed,
            identity: self.identity.key(),
            peer: peer.id,
            binding: channel.binding(),
        };
        let mut session = Session::new(config)?;
        let context = Context {
            pool: self.pool,
            journal: self.journal(&rounds, &header)?,
            frame_timeout: self.frame_timeout,
            stop: self.stop.clone(),
            observe: &|event| self.reporter.progress(event),
        };
        let finished = driver::run(&mut session, channel, context).await;
        self.reporter.clear();
        let finished = finished.map_err(|stopped: Stopped| Failure::from(stopped))?;
        if !finished.confirmed {
            self.reporter.log("the peer left before it confirmed the end; this side has its whole result");
        }
        let (round, receipt) = (finished.outcome.round, hash(labels::RECEIPT_DIGEST, &[&finished.outcome.receipt]));
        let summary = self.write(peer, &rounds, &finished.outcome, finished.report, finished.confirmed, out)?;
        Ok(Done { summary, round, receipt })
    }

    fn journal(&self, rounds: &Path, header: &Header) -> Result<Journal, Failure> {
        let now = header.begun;
        let tag = hex::encode(fresh_secret()?.expose().first_chunk::<4>().copied().unwrap_or_default());
        Journal::create(&rounds.join(format!("{now}-{tag}.journal")), &self.data.storage()?, header)
            .map_err(Failure::because(Exit::Io, "cannot create the round journal"))
    }

    fn write(
        &self,
        peer: &Peer,
        rounds: &Path,
        outcome: &Outcome,
        report: Report,
        confirmed: bool,
        out: impl FnOnce(&str) -> Option<PathBuf>,
    ) -> Result<Summary, Failure> {
        let round = hex::encode(outcome.round);
        let receipt = rounds.join(format!("{}.receipt", round.get(..32).unwrap_or(&round)));
        write_whole(&receipt, &outcome.receipt).map_err(Failure::because(Exit::Io, "cannot write the receipt"))?;
        let matches = self.matches(outcome);
        let out = out(&round);
        if let Some(path) = &out {
            let content = self.table(&matches, outcome)?;
            write_whole(path, content.as_bytes())
                .map_err(Failure::because(Exit::CannotCreate, format!("cannot write {}", path.display())))?;
        }
        Ok(Summary {
            schema: "blindlink.round/v1",
            role: role_name(self.role),
            peer: peer.name.clone(),
            transcript: hex::encode(outcome.transcript),
            round,
            records: self.input.records.len(),
            rejected_rows: self.input.rejected,
            matches: matches.len(),
            strong: matches.iter().filter(|found| found.grade == Grade::Strong).count(),
            training: true,
            agreement: String::new(),
            claims: outcome.claims.len(),
            out,
            receipt,
            confirmed,
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
        let failed = |_| Failure::new(Exit::Internal, "the result cannot be written as CSV");
        let id = |own: usize| self.input.ids.get(own).map_or("", String::as_str);
        let name = |table: &u16| {
            let tables = &self.input.policy.policy().tables;
            tables.iter().find(|known| known.id == *table).map_or_else(|| table.to_string(), |known| known.name.clone())
        };
        let mut csv = csv::Writer::from_writer(Vec::new());
        match self.role {
            Role::Requester => {
                csv.write_record(["own_id", "peer_pseudonym", "grade", "tables"]).map_err(failed)?;
                for found in matches {
                    let tables = found.tables.iter().map(name).collect::<Vec<_>>().join("|");
                    let pseudonym = hex::encode(found.pseudonym);
                    let row = [id(found.own), &pseudonym, grade_name(found.grade), &tables];
                    csv.write_record(row).map_err(failed)?;
                }
            }
            Role::Responder => {
                csv.write_record(["own_id", "peer_pseudonym"]).map_err(failed)?;
                for claim in &outcome.claims {
                    csv.write_record([id(claim.own), &hex::encode(claim.pseudonym)]).map_err(failed)?;
                }
            }
        }
        let bytes =
            csv.into_inner().map_err(|_| Failure::new(Exit::Internal, "the result cannot be written as CSV"))?;
        String::from_utf8(bytes).map_err(|_| Failure::new(Exit::Internal, "the result is not UTF-8"))
    }
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
