//! `blindlink audit verify FILE | evidence | reexecute`: the evidence of a round (spec chapter 16).

use crate::args::MapArgs;
use crate::exit::{Exit, Failure};
use crate::output;
use crate::output::printed;
use blindlink::codec::from_hex;
use blindlink::error::{Error, EvidenceFault};
use blindlink::evidence::{Verified, reexecute, verify};
use blindlink::identity::keytext;
use blindlink::secret::{Secret, Seed};
use blindlink_node::evidence::{EvidenceFile, begun, find_journal, on_all_threads, records, write};
use blindlink_node::store::DataDir;
use blindlink_node::store::error::read_text;
use blindlink_node::store::results::check_writable;
use blindlink_node::sys::files::write_whole;
use clap::Args;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

const SEED_LINE: &str = "blindlink-round-seed-1 ";
pub(super) const SCHEMA: &str = "blindlink.evidence/v1";

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
pub(super) struct YearArg {
    /// The year in which the list was read for the round: it decides centuries and what is in the future
    #[arg(long, value_name = "YYYY", value_parser = clap::value_parser!(u16).range(1900..3000))]
    pub(super) year: Option<u16>,
    #[command(flatten)]
    pub(super) list: MapArgs,
}

/// Checks evidence by itself.
pub(super) fn check(json: bool, path: &Path) -> Result<(), Failure> {
    let mut file = EvidenceFile::open(path)?;
    let found = verify(&mut file);
    let verified = told(json, file.checked(found)?)?;
    let shown = shown(&verified);
    printed(output::print(json, &shown, || format!("the evidence holds\n{}", text(&verified))))
}

/// With `--json` a fault is told with its code and its place.
pub(super) fn told<T>(json: bool, found: Result<T, Error>) -> Result<T, Failure> {
    match found {
        Err(Error::Evidence(fault)) if json => {
            printed(output::print(true, &fault_json(&fault), String::new))?;
            Err(Failure::told(Failure::from(Error::from(fault)).exit))
        }
        found => found.map_err(Failure::from),
    }
}

pub(super) fn fault_json(fault: &EvidenceFault) -> Value {
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

pub(super) fn shown(verified: &Verified) -> Value {
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

pub(super) fn read_seed(path: &Path) -> Result<Seed, Failure> {
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
        let list = header.1.encode(&records(&self.records, self.year.list.map.as_deref(), &header.1, self.year.year)?);
        let mut file = EvidenceFile::open(&self.evidence)?;
        let found = reexecute(&mut file, read_seed(&self.seed)?, list.into(), on_all_threads);
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
