//! `blindlink audit verify FILE | evidence | reexecute | sample | open`: what two ministries and an auditor do with the
//! evidence of a round (spec chapter 16).

use super::shared::printed;
use crate::exit::{Exit, Failure};
use crate::output;
use blindlink::codec::from_hex;
use blindlink::encode::encode;
use blindlink::error::{Error, EvidenceFault};
use blindlink::evidence::sample::{Opening, open, positions, sample};
use blindlink::evidence::{Verified, reexecute, verify};
use blindlink::identity::keytext;
use blindlink::secret::{Secret, Seed};
use blindlink::session::Role;
use blindlink_node::evidence::{EvidenceFile, begun, find_journal, on_all_threads, records, write};
use blindlink_node::store::DataDir;
use blindlink_node::store::error::read_text;
use blindlink_node::store::results::check_writable;
use blindlink_node::sys::clock;
use blindlink_node::sys::files::write_whole;
use clap::{Args, ValueEnum};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

const SEED_LINE: &str = "blindlink-round-seed-1 ";
const SCHEMA: &str = "blindlink.evidence/v1";

/// Write the evidence of a round of this node.
#[derive(Debug, Args)]
pub(super) struct Write {
    /// The round's id, or its beginning, or its journal
    round: String,
    /// Where the evidence goes
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Write the round's seed too: it opens this side's records to whoever has the evidence
    #[arg(long, value_name = "FILE")]
    seed_out: Option<PathBuf>,
}

/// Make one side of a round again and compare all that it sent.
#[derive(Debug, Args)]
pub(super) struct Reexecute {
    /// Its evidence
    evidence: PathBuf,
    /// Its seed, from `audit evidence --seed-out`
    #[arg(long, value_name = "FILE")]
    seed: PathBuf,
    /// Its list, as it was at the round
    #[arg(long, value_name = "FILE")]
    records: PathBuf,
    #[command(flatten)]
    year: YearArg,
}

#[derive(Debug, Args)]
struct YearArg {
    /// For machine-readable zones: the year in which the list was read for the round
    #[arg(long, value_name = "YYYY", value_parser = clap::value_parser!(u16).range(1900..3000))]
    year: Option<u16>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Side {
    Requester,
    Responder,
}

impl From<Side> for Role {
    fn from(side: Side) -> Self {
        match side {
            Side::Requester => Self::Requester,
            Side::Responder => Self::Responder,
        }
    }
}

/// Draw some of the records that a side committed to, or check them once they were opened.
#[derive(Debug, Args)]
pub(super) struct Sample {
    /// Evidence of either side
    evidence: PathBuf,
    /// Whose records
    #[arg(long, value_enum)]
    of: Side,
    /// 32 bytes in hexadecimal that you drew after you had the evidence
    #[arg(long, value_name = "HEX")]
    draw: String,
    /// How many
    #[arg(long, value_name = "N")]
    count: u32,
    /// What the side handed over, from `audit open`
    #[arg(long, value_name = "FILE", requires = "records")]
    openings: Option<PathBuf>,
    /// A list in which the opened records are
    #[arg(long, value_name = "FILE", requires = "openings")]
    records: Option<PathBuf>,
    #[command(flatten)]
    year: YearArg,
}

/// Open the records of a round of this node that an auditor drew.
#[derive(Debug, Args)]
pub(super) struct Open {
    /// The round's id, or its beginning, or its journal
    round: String,
    /// The list, as it was at the round
    #[arg(long, value_name = "FILE")]
    records: PathBuf,
    /// The positions, separated by commas
    #[arg(long, value_delimiter = ',', value_name = "N,N", required = true)]
    positions: Vec<u32>,
    /// Where the openings go
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    #[command(flatten)]
    year: YearArg,
}

/// Openings as they go from a party to an auditor.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Openings {
    schema: String,
    openings: Vec<Opened>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Opened {
    position: u32,
    salt: String,
    path: Vec<String>,
    /// Identifier of the record; none for padding.
    record_id: Option<String>,
}

const OPENINGS: &str = "blindlink.openings/v1";

/// Checks evidence by itself.
pub(super) fn check(json: bool, path: &Path) -> Result<(), Failure> {
    let mut file = EvidenceFile::open(path)?;
    let found = verify(&mut file);
    let verified = told(json, file.checked(found)?)?;
    let shown = shown(&verified);
    printed(output::print(json, &shown, || format!("the evidence holds\n{}", text(&verified))))
}

/// With `--json` a fault is told with its code and its place.
fn told<T>(json: bool, found: Result<T, Error>) -> Result<T, Failure> {
    match found {
        Err(Error::Evidence(fault)) if json => {
            printed(output::print(true, &fault_json(&fault), String::new))?;
            Err(Failure::told(Failure::from(Error::from(fault)).exit))
        }
        found => found.map_err(Failure::from),
    }
}

fn fault_json(fault: &EvidenceFault) -> Value {
    json!({
        "schema": SCHEMA,
        "holds": false,
        "fault": {
            "code": fault.code(),
            "place": fault.place().map(|place| place.to_string()),
            "message": fault.to_string(),
            "hint": fault.hint(),
        },
    })
}

fn shown(verified: &Verified) -> Value {
    let header = &verified.header;
    json!({
        "schema": SCHEMA,
        "holds": true,
        "side": header.role.name(),
        "own": keytext::to_text(&header.own),
        "peer": keytext::to_text(&header.peer),
        "round": verified.round.map(hex::encode),
        "transcript": hex::encode(verified.transcript),
        "policy": hex::encode(verified.policy.digest()),
        "agreement": verified.agreement.as_ref().map(|agreement| hex::encode(agreement.digest())),
        "finished": verified.receipt.is_some(),
        "sent": verified.sent,
        "received": verified.received,
    })
}

fn text(verified: &Verified) -> String {
    let header = &verified.header;
    let signed = if verified.receipt.is_some() { "signed by both sides" } else { "not finished, so not signed" };
    let agreement = verified.agreement.as_ref().map_or_else(
        || "none: training".to_owned(),
        |agreement| format!("{} version {}", agreement.agreement().name, agreement.agreement().version),
    );
    format!(
        "  side        {}\n  own         {}\n  peer        {}\n  round       {}\n  transcript  {} ({signed})\n  \
         agreement   {agreement}\n  frames      {} sent, {} received\n",
        header.role.name(),
        keytext::to_text(&header.own),
        keytext::to_text(&header.peer),
        verified.round.map_or_else(|| "none".to_owned(), hex::encode),
        hex::encode(verified.transcript),
        verified.sent,
        verified.received
    )
}

impl Write {
    pub(super) fn run(self, json: bool, data: &DataDir) -> Result<(), Failure> {
        let journal = find_journal(data, &self.round)?;
        self.seed_out.as_deref().map_or(Ok(()), check_writable)?;
        let (frames, finished) = write(data, &journal, &self.out)?;
        if let Some(path) = &self.seed_out {
            let (header, _) = begun(data, &journal)?;
            let line = Zeroizing::new(format!("{SEED_LINE}{}\n", *Zeroizing::new(hex::encode(header.seed.expose()))));
            write_whole(path, line.as_bytes())
                .map_err(Failure::because(Exit::CannotCreate, format!("cannot write {}", path.display())))?;
        }
        let object = json!({"schema": SCHEMA, "frames": frames, "finished": finished, "out": self.out});
        printed(output::print(json, &object, || {
            let seed = self.seed_out.as_ref().map_or_else(String::new, |path| {
                format!("  the seed is in {}: hand it to the auditor apart from the evidence\n", path.display())
            });
            let end = if finished { "" } else { ", the round was not finished" };
            format!("evidence of {frames} frames{end} written to {}\n{seed}", self.out.display())
        }))
    }
}

fn read_seed(path: &Path) -> Result<Seed, Failure> {
    let text = Zeroizing::new(read_text(path, "the seed")?);
    let digits = text.trim_end().strip_prefix(SEED_LINE).and_then(from_hex).map(Zeroizing::new);
    let bytes = digits.and_then(|digits| <[u8; 32]>::try_from(digits.as_slice()).ok());
    bytes.map(Secret::new).ok_or_else(|| Failure::new(Exit::BadInput, format_args!("{} is no seed", path.display())))
}

impl Reexecute {
    pub(super) fn run(self, json: bool) -> Result<(), Failure> {
        // Once without the seed: for the policy, and so that a damaged file is told as such.
        let mut file = EvidenceFile::open(&self.evidence)?;
        let found = match verify(&mut file) {
            // The part that there is can be made again.
            Err(Error::Evidence(EvidenceFault::Unfinished { .. })) => Ok(()),
            found => found.map(drop),
        };
        told(json, file.checked(found)?)?;
        let mut file = EvidenceFile::open(&self.evidence)?;
        let header = told(json, blindlink::evidence::header(&mut file).map_err(Error::from))?;
        let list = header.1.encode(&records(&self.records, &header.1, self.year.year)?);
        let mut file = EvidenceFile::open(&self.evidence)?;
        let found = reexecute(&mut file, read_seed(&self.seed)?, list, on_all_threads);
        let done = told(json, file.checked(found)?)?;
        let mut object = shown(&done.verified);
        if let Some(map) = object.as_object_mut() {
            map.insert("compared".into(), done.compared.into());
        }
        printed(output::print(json, &object, || {
            let what = format!("from seed and records come the same {} frames that were sent", done.compared);
            format!("{what}\n{}", text(&done.verified))
        }))
    }
}

impl Sample {
    pub(super) fn run(self, json: bool) -> Result<(), Failure> {
        let odd = || Failure::new(Exit::BadInput, "the draw has 64 hexadecimal digits");
        let draw: [u8; 32] = from_hex(&self.draw).and_then(|bytes| bytes.try_into().ok()).ok_or_else(odd)?;
        let mut file = EvidenceFile::open(&self.evidence)?;
        let found = verify(&mut file);
        let verified = told(json, file.checked(found)?)?;
        let role = Role::from(self.of);
        let Some(committed) = verified.committed(role) else {
            return Err(Failure::new(Exit::BadInput, "this side did not commit to any records"));
        };
        let drawn = positions(&draw, &committed, self.count);
        let (Some(openings), Some(list)) = (&self.openings, &self.records) else {
            let object = json!({"schema": "blindlink.sample/v1", "of": role.name(), "positions": drawn});
            let list = drawn.iter().map(u32::to_string).collect::<Vec<_>>().join(",");
            let said = format!("{list}\n");
            return printed(output::print(json, &object, || said));
        };
        let list = records(list, &verified.policy, self.year.year)?;
        let openings = read_openings(openings)?;
        let mut handed = Vec::with_capacity(openings.len());
        for (opening, id) in openings {
            let record = match &id {
                None => None,
                Some(id) => {
                    let missing =
                        || Failure::new(Exit::BadInput, format_args!("no record for position {}", opening.position));
                    Some(list.iter().find(|record| record.id == *id).ok_or_else(missing)?)
                }
            };
            handed.push((opening, record));
        }
        let seen = told(json, sample(&verified, role, &draw, self.count, &handed))?;
        let opened: Vec<Value> = handed
            .iter()
            .zip(&seen)
            .map(|((opening, _), encoded)| {
                let tokens = encoded.as_ref().map(|e| e.tokens.iter().map(Vec::len).collect::<Vec<_>>());
                json!({"position": opening.position, "padding": encoded.is_none(), "tokens": tokens})
            })
            .collect();
        let object = json!({"schema": "blindlink.sample/v1", "of": role.name(), "positions": drawn, "opened": opened});
        let real = seen.iter().flatten().count();
        printed(output::print(json, &object, || {
            format!("{} positions of the {} opened: {real} records, the rest is padding\n", seen.len(), role.name())
        }))
    }
}

fn read_openings(path: &Path) -> Result<Vec<(Opening, Option<String>)>, Failure> {
    let odd = |what: &str| Failure::new(Exit::BadInput, format_args!("{}: {what}", path.display()));
    let text = read_text(path, "the openings")?;
    let read: Openings = serde_json::from_str(&text).map_err(|_| odd("these are no openings"))?;
    if read.schema != OPENINGS {
        return Err(odd("openings of another format"));
    }
    let hash = |text: &str| from_hex(text).and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
    read.openings
        .into_iter()
        .map(|opened| {
            let path: Option<Vec<_>> = opened.path.iter().map(|text| hash(text)).collect();
            let (Some(salt), Some(path)) = (hash(&opened.salt), path) else { return Err(odd("no 32 bytes")) };
            Ok((Opening { position: opened.position, salt, path }, opened.record_id))
        })
        .collect()
}

impl Open {
    pub(super) fn run(self, json: bool, data: &DataDir) -> Result<(), Failure> {
        let journal = find_journal(data, &self.round)?;
        let (header, policy) = begun(data, &journal)?;
        // A node that serves has read its list when it was started, maybe the year before.
        let list = records(&self.records, &policy, Some(self.year.year.unwrap_or_else(|| clock::year(header.begun))))?;
        let padded = policy.shape().records(header.role);
        let encoded = encode(&policy.encoding(), &list);
        if blindlink::round::agree::Commitment::new(&header.seed, &encoded, padded).root != header.root {
            return Err(Error::from(EvidenceFault::Records).into());
        }
        let opened = |opening: Opening| Opened {
            position: opening.position,
            salt: hex::encode(opening.salt),
            path: opening.path.iter().map(hex::encode).collect(),
            record_id: list.get(opening.position as usize).map(|record| record.id.clone()),
        };
        let openings = open(&header.seed, &encoded, padded, &self.positions)?.into_iter().map(opened).collect();
        let openings = Openings { schema: OPENINGS.to_owned(), openings };
        let text = serde_json::to_string_pretty(&openings).map_err(Failure::because(Exit::Internal, "openings"))?;
        write_whole(&self.out, text.as_bytes())
            .map_err(Failure::because(Exit::CannotCreate, format!("cannot write {}", self.out.display())))?;
        let object = json!({"schema": OPENINGS, "positions": self.positions, "out": self.out});
        printed(output::print(json, &object, || {
            format!(
                "{} positions opened in {}; hand it over with those records\n",
                self.positions.len(),
                self.out.display()
            )
        }))
    }
}
