//! `blindlink audit sample | open`: an auditor draws records that a side committed to, and the side opens them (spec
//! chapter 16).

use super::evidence::{YearArg, told};
use crate::exit::{Exit, Failure};
use crate::output;
use crate::output::printed;
use blindlink::codec::from_hex;
use blindlink::encode::encode;
use blindlink::error::{Error, EvidenceFault};
use blindlink::evidence::sample::{Opening, open, positions, sample};
use blindlink::evidence::verify;
use blindlink::session::Role;
use blindlink_node::evidence::{EvidenceFile, begun, find_journal, records};
use blindlink_node::store::DataDir;
use blindlink_node::store::error::read_text;
use blindlink_node::sys::clock;
use blindlink_node::sys::files::write_whole;
use clap::{Args, ValueEnum};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

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
        let list = records(list, self.year.list.map.as_deref(), &verified.policy, self.year.year)?;
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
        let list = records(
            &self.records,
            self.year.list.map.as_deref(),
            &policy,
            Some(self.year.year.unwrap_or_else(|| clock::year(header.begun))),
        )?;
        let padded = policy.shape().records(header.role);
        let encoded = encode(&policy.encoding(), &list);
        if blindlink::round::commitment::Commitment::new(&header.seed, policy.shape(), &encoded, padded).root
            != header.root
        {
            return Err(Error::from(EvidenceFault::Records).into());
        }
        let opened = |opening: Opening| Opened {
            position: opening.position,
            salt: hex::encode(opening.salt),
            path: opening.path.iter().map(hex::encode).collect(),
            record_id: list.get(opening.position as usize).map(|record| record.id.clone()),
        };
        let openings =
            open(&header.seed, (policy.shape(), &encoded), padded, &self.positions)?.into_iter().map(opened).collect();
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
