//! `blindlink erase RECORD_ID`: deletes what the node keeps of one record.

use crate::args::MapArgs;
use crate::exit::{Exit, Failure};
use crate::inputs::{base_policy, mapping, read};
use crate::output;
use crate::output::printed;
use blindlink_node::store::DataDir;
use blindlink_node::store::erase::{Kept, erase, look};
use blindlink_node::sys::clock;
use blindlink_sources::Reading;
use clap::Args;
use serde::Serialize;
use std::path::{Path, PathBuf};

#[derive(Debug, Args)]
#[command(after_help = "Look first, then erase:\n  blindlink erase case-4711 --records b.csv\n  \
                        blindlink erase case-4711 --records b.csv --yes\n\nTake the record out of your list and out of \
                        backups yourself. docs/node.md says what stays.")]
pub(super) struct Erase {
    /// The record's identifier in the own list
    record_id: String,
    /// A list that still has the record: then it goes from the memory of lists too
    #[arg(long, value_name = "FILE")]
    records: Option<PathBuf>,
    #[command(flatten)]
    list: MapArgs,
    /// Policy file, for the fields that it declares; without one, the default policy
    #[arg(long, value_name = "FILE", requires = "records")]
    policy: Option<PathBuf>,
    /// Delete. Without it nothing is deleted, and you are told what would be
    #[arg(long)]
    yes: bool,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Shown {
    schema: &'static str,
    erased: bool,
    rounds: Vec<String>,
    pairs: usize,
    urgent_questions: usize,
    memories: usize,
    files: Vec<PathBuf>,
    files_left: Vec<PathBuf>,
    journals: Vec<String>,
    journals_kept: Vec<KeptJournal>,
    open_rounds: usize,
}

#[derive(Serialize)]
struct KeptJournal {
    round: String,
    until: Option<String>,
}

impl Erase {
    pub(super) fn run(self, dir: Option<PathBuf>) -> Result<(), Failure> {
        let data = DataDir::locate(dir)?;
        let identity = data.identity()?;
        let storage = data.storage()?;
        let digests = match &self.records {
            None => Vec::new(),
            Some(records) => self.digests(records)?,
        };
        let now = clock::now();
        let kept = if self.yes {
            erase(&data, &identity, &storage, (&self.record_id, &digests), now)?
        } else {
            look(&data, &storage, &self.record_id, &digests, now)?
        };
        let shown = shown(kept, self.yes);
        printed(output::print(self.json, &shown, || in_words(&shown, self.records.is_some())))
    }

    /// Digests of the record, as the list has it.
    fn digests(&self, path: &Path) -> Result<Vec<[u8; 32]>, Failure> {
        let policy = base_policy(self.policy.as_deref())?.0.validate()?;
        let map = mapping(self.list.map.as_deref())?;
        let source = read(path, &Reading { mapping: map.as_ref(), lanes: None, ..Reading::new(&policy) })?;
        let own = source.records.iter().filter(|record| record.id == self.record_id);
        let digests: Vec<[u8; 32]> = own.map(blindlink::record::Record::digest).collect();
        if digests.is_empty() {
            let what = format!("{} has no record with this identifier that can be read", path.display());
            return Err(Failure::new(Exit::NoInput, what));
        }
        Ok(digests)
    }
}

fn shown(kept: Kept, erased: bool) -> Shown {
    let journals_kept = kept.journals_kept.into_iter();
    Shown {
        schema: "blindlink.erasure/v1",
        erased,
        rounds: kept.rounds.iter().map(hex::encode).collect(),
        pairs: kept.pairs,
        urgent_questions: kept.asks,
        memories: kept.memories,
        files: kept.files,
        files_left: kept.files_left,
        journals: kept.journals.iter().map(hex::encode).collect(),
        journals_kept: journals_kept
            .map(|(round, until)| KeptJournal { round: hex::encode(round), until: until.map(clock::date) })
            .collect(),
        open_rounds: kept.open,
    }
}

fn in_words(shown: &Shown, with_list: bool) -> String {
    let mut lines = vec![format!(
        "{}: {} pairs in the results of {} rounds, {} urgent questions, {} result files, {} journals, {} memories of lists",
        if shown.erased { "erased" } else { "nothing is erased yet; with --yes" },
        shown.pairs,
        shown.rounds.len(),
        shown.urgent_questions,
        shown.files.len(),
        shown.journals.len(),
        shown.memories
    )];
    for journal in &shown.journals_kept {
        lines.push(match &journal.until {
            Some(until) => {
                format!("stays: the journal of round {}, which its agreement keeps until {until}", journal.round)
            }
            None => format!("stays: the journal of round {}, which cannot be read", journal.round),
        });
    }
    for file in &shown.files_left {
        lines.push(format!("look yourself: {} names the record and is not as the node wrote it", file.display()));
    }
    if shown.open_rounds > 0 {
        lines.push(format!("{} rounds are open: erase again when they are over", shown.open_rounds));
    }
    if !with_list {
        lines.push(
            "the memory of lists was not looked at: it takes a list that still has the record (--records)".into(),
        );
    }
    lines.push(
        "your list, copies of results and backups are yours to clean; a disclosed pair is withdrawn first".into(),
    );
    lines.iter().map(|line| format!("{line}\n")).collect()
}
