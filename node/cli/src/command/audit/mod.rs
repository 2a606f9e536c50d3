//! `blindlink audit log | verify | prove | export | cosign | attach`, and of a round's evidence `verify FILE | evidence |
//! reexecute | sample | open`; drafts of papers: `dpia | processing`

mod evidence;
mod papers;
mod sample;

use crate::exit::{Exit, Failure};
use crate::output;
use crate::output::printed;
use blindlink::agreement::time;
use blindlink::audit::{AuditEntry, CheckedLog, Checkpoint, Fact, Key, Note, merkle, note, proof, tiles};
use blindlink::identity::PeerId;
use blindlink::identity::keytext;
use blindlink::ids::{AgreementDigest, RoundId};
use blindlink_node::store::DataDir;
use blindlink_node::store::audit_log::{self, Log};
use blindlink_node::store::error::read_text;
use blindlink_node::store::log_heads::LogHeads;
use blindlink_node::store::peers::Peers;
use blindlink_node::store::results::check_writable;
use blindlink_node::sys::clock;
use blindlink_node::sys::files::{create_private_folder, write_whole};
use clap::{Args, Subcommand};
use serde::Serialize;
use serde_json::{Value, json};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

#[derive(Debug, Args)]
pub(super) struct Audit {
    #[command(subcommand)]
    what: What,
    /// Print JSON.
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Print the entries of this node's log.
    Log,
    /// Check a round's evidence, or a whole log: this node's, or an exported one.
    Verify {
        /// Evidence of a round
        #[arg(conflicts_with_all = ["log", "key"])]
        evidence: Option<PathBuf>,
        /// Folder of an exported log
        #[arg(long, value_name = "DIR", requires = "key")]
        log: Option<PathBuf>,
        /// Public key of the node whose log it is
        #[arg(long, value_name = "KEY")]
        key: Option<String>,
    },
    /// Write a proof that an entry is in the log, or that the log has only grown since a size.
    Prove {
        /// Number of the entry, from 0
        #[arg(long, value_name = "N", conflicts_with = "since", required_unless_present = "since")]
        entry: Option<u64>,
        /// Size of the log at an earlier checkpoint; 0 for a peer that has none yet
        #[arg(long, value_name = "SIZE")]
        since: Option<u64>,
        /// Where the proof goes
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Copy this node's log for an auditor.
    Export {
        /// Folder that is created
        out: PathBuf,
    },
    /// Check a peer's proof that its log has only grown, remember its checkpoint and cosign it.
    Cosign {
        /// Name of the peer
        peer: String,
        /// Its proof, from `audit prove --since`
        proof: PathBuf,
        /// Where the cosigned checkpoint goes
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Keep a checkpoint that a peer has cosigned, after checking it.
    Attach {
        /// Name of the peer
        peer: String,
        /// The cosigned checkpoint
        checkpoint: PathBuf,
    },
    /// Forget what was cosigned of a peer's log, once both operators know why it went back or forked.
    Forget {
        /// Name of the peer
        peer: String,
    },
    Evidence(evidence::Write),
    Reexecute(evidence::Reexecute),
    Sample(sample::Sample),
    Open(sample::Open),
    Dpia(papers::Dpia),
    Processing(papers::Processing),
}

#[derive(Serialize)]
struct Verdict {
    schema: &'static str,
    size: u64,
    root: String,
    origin: String,
}

fn verdict(checkpoint: &Checkpoint) -> Verdict {
    let (root, origin) = (hex::encode(checkpoint.root), checkpoint.origin.clone());
    Verdict { schema: "blindlink.audit/v1", size: checkpoint.size, root, origin }
}

fn report(json: bool, what: &str, checkpoint: &Checkpoint) -> Result<(), Failure> {
    let shown = verdict(checkpoint);
    printed(output::print(json, &shown, || format!("{what}\n  {} entries\n  root {}\n", shown.size, shown.root)))
}

fn cannot_write(path: &Path) -> impl FnOnce(io::Error) -> Failure {
    Failure::because(Exit::CannotCreate, format!("cannot write {}", path.display()))
}

/// An entry for people and machines.
fn shown(index: usize, entry: &AuditEntry) -> Value {
    let mut fields = match &entry.fact {
        Fact::Begun { node } => json!({"node": keytext::to_text(node)}),
        Fact::AgreementAdded { agreement } => json!({"agreement": hex::encode(agreement)}),
        Fact::StatementAdded { agreement, statement, kind } => {
            json!({"agreement": hex::encode(agreement), "statement": hex::encode(statement), "kind": kind})
        }
        Fact::RoundBegun { role: own, peer, agreement, policy } => json!({"role": own.name(),
            "peer": keytext::to_text(peer), "agreement": hex::encode(AgreementDigest::or_zeros(*agreement)),
            "policy": hex::encode(policy)}),
        Fact::Refused { role: own, peer, policy, code } => json!({"role": own.name(),
            "peer": keytext::to_text(peer), "policy": hex::encode(policy), "code": code}),
        Fact::Debited(debit) => {
            let tables: Vec<Value> = debit.tables.iter().map(|t| json!({"key": t.key, "cost": t.cost})).collect();
            let mut said = json!({"role": debit.role.name(), "peer": keytext::to_text(&debit.peer), "lanes": debit.lanes.name(),
                "agreement_name": debit.agreement, "look": hex::encode(debit.look), "tables": tables});
            if let (Some(approved), Some(said)) = (debit.urgent, said.as_object_mut()) {
                said.insert("approved".into(), hex::encode(approved).into());
            }
            said
        }
        Fact::RoundEnded { round, receipt } => json!({"round": hex::encode(round), "receipt": hex::encode(receipt)}),
        Fact::RoundFailed { peer, exit } => json!({"peer": keytext::to_text(peer), "exit": exit}),
        Fact::Cosigned { peer, size, root } => {
            json!({"peer": keytext::to_text(peer), "size": size, "root": hex::encode(root)})
        }
        Fact::RoundResumed { peer, round } => {
            json!({"peer": keytext::to_text(peer), "round": hex::encode(RoundId::or_zeros(*round))})
        }
        Fact::JournalDeleted { round } => json!({"round": hex::encode(RoundId::or_zeros(*round))}),
        Fact::DebitReturned { role, peer, lanes, entry } => json!({"role": role.name(),
            "peer": keytext::to_text(peer), "lanes": lanes.name(), "entry": entry}),
        Fact::RunEnded { peer, round, run } => {
            json!({"peer": keytext::to_text(peer), "round": hex::encode(round), "run": hex::encode(run)})
        }
        Fact::Noticed { peer, way, notice } => json!({"peer": keytext::to_text(peer),
            "way": if *way == 1 { "sent" } else { "received" }, "notice": hex::encode(notice)}),
        Fact::Warned { peer } => json!({"peer": keytext::to_text(peer)}),
        Fact::RecordErased => json!({}),
    };
    if let Some(map) = fields.as_object_mut() {
        map.insert("index".into(), index.into());
        map.insert("time".into(), time::text(entry.time).into());
        map.insert("fact".into(), entry.fact.name().into());
    }
    fields
}

fn line(entry: &Value) -> String {
    let text = |name: &str| entry[name].as_str().unwrap_or_default().to_owned();
    let rest: Vec<String> = entry
        .as_object()
        .into_iter()
        .flatten()
        .filter(|(name, _)| !["index", "time", "fact"].contains(&name.as_str()))
        .map(|(name, value)| format!("{name}={}", value.as_str().map_or_else(|| value.to_string(), str::to_owned)))
        .collect();
    format!("{:>6} {} {} {}\n", entry["index"], text("time"), text("fact"), rest.join(" "))
}

impl Audit {
    pub(super) fn run(self, dir: Option<PathBuf>) -> Result<(), Failure> {
        let (json, data) = (self.json, || DataDir::locate(dir.clone()));
        let own = |data: &DataDir| -> Result<CheckedLog, Failure> {
            // Opening takes the lock, and begins a log where there is none.
            let identity = data.identity()?;
            let _locked = Log::open(data, &identity)?;
            Ok(audit_log::read(&audit_log::folder(data), &identity.key().id())?)
        };
        match self.what {
            What::Log => {
                let content = own(&data()?)?;
                let entries: Vec<Value> = content.entries.iter().enumerate().map(|(i, e)| shown(i, e)).collect();
                let all = json!({"schema": "blindlink.audit-log/v1", "entries": entries});
                printed(output::print(json, &all, || entries.iter().map(line).collect()))
            }
            What::Verify { evidence: Some(path), .. } => evidence::check(json, &path),
            What::Evidence(write) => write.run(json, &data()?),
            What::Reexecute(reexecute) => reexecute.run(json),
            What::Sample(sample) => sample.run(json),
            What::Open(open) => open.run(json, &data()?),
            What::Dpia(dpia) => dpia.run(json, &data()?),
            What::Processing(processing) => processing.run(json, &data()?),
            What::Verify { log, key, .. } => {
                let content = match (log, key) {
                    (Some(log), Some(key)) => audit_log::read(&log, &parse_key(&key)?)?,
                    _ => own(&data()?)?,
                };
                report(json, "the log verifies: signature, entries, tree", &content.checkpoint)
            }
            What::Prove { entry, since, out } => prove(json, &own(&data()?)?, entry, since, &out),
            What::Export { out } => export(json, &own(&data()?)?, &out),
            What::Cosign { peer, proof, out } => cosign(json, &data()?, &peer, &proof, &out),
            What::Forget { peer } => forget(json, &data()?, &peer),
            What::Attach { peer, checkpoint } => attach(json, &data()?, &peer, &checkpoint),
        }
    }
}

fn parse_key(text: &str) -> Result<PeerId, Failure> {
    keytext::from_text(text).map_err(|error| Failure::new(Exit::Config, error))
}

fn prove(json: bool, content: &CheckedLog, entry: Option<u64>, since: Option<u64>, out: &Path) -> Result<(), Failure> {
    let beyond = || Failure::new(Exit::BadInput, format_args!("the log has {} entries", content.checkpoint.size));
    let text = match (entry, since) {
        (Some(index), _) => {
            let at = usize::try_from(index).map_err(|_| beyond())?;
            let hashes = merkle::prove_inclusion(&content.leaves, at).ok_or_else(beyond)?;
            proof::write_inclusion(index, &hashes, &content.note)
        }
        (None, Some(0)) | (None, None) => proof::write_consistency(0, &[], &content.note),
        (None, Some(size)) => {
            let at = usize::try_from(size).map_err(|_| beyond())?;
            let hashes = merkle::prove_consistency(&content.leaves, at).ok_or_else(beyond)?;
            proof::write_consistency(size, &hashes, &content.note)
        }
    };
    write_whole(out, text.as_bytes()).map_err(cannot_write(out))?;
    report(json, &format!("written to {}", out.display()), &content.checkpoint)
}

fn export(json: bool, content: &CheckedLog, out: &Path) -> Result<(), Failure> {
    if out.exists() {
        return Err(Failure::new(Exit::CannotCreate, format_args!("{} is there already", out.display())));
    }
    let write = |path: &str, bytes: &[u8]| {
        let path = out.join(path);
        let folder = path.parent().unwrap_or(out);
        create_private_folder(folder).and_then(|()| write_whole(&path, bytes)).map_err(cannot_write(&path))
    };
    for (path, first, width) in tiles::bundles(content.checkpoint.size) {
        let range = first as usize..(first + width) as usize;
        write(&path, &tiles::write_bundle(content.bytes.get(range).unwrap_or_default()))?;
    }
    for (path, bytes) in tiles::tiles(&content.leaves) {
        write(&path, &bytes)?;
    }
    write("checkpoint", content.note.as_bytes())?;
    report(json, &format!("exported to {}", out.display()), &content.checkpoint)
}

/// V-HELLO-010: a refusal for a log that went back does not pass by itself.
fn forget(json: bool, data: &DataDir, peer: &str) -> Result<(), Failure> {
    let (identity, peers) = (data.identity()?, Peers::load(data)?);
    LogHeads::of(data, &peers.get(peer)?.id).forget(data, &identity)?;
    let content = audit_log::read(&audit_log::folder(data), &identity.key().id())?;
    report(json, &format!("forgot what was cosigned of the log of {peer}"), &content.checkpoint)
}

/// V-AUDIT-014
fn cosign(json: bool, data: &DataDir, peer: &str, file: &Path, out: &Path) -> Result<(), Failure> {
    let (identity, peers) = (data.identity()?, Peers::load(data)?);
    let node = peers.get(peer)?.id;
    check_writable(out)?;
    let mut log = Log::open(data, &identity)?;
    let path = LogHeads::of(data, &node).checkpoint_path();
    let last = match fs::read(&path) {
        Ok(bytes) => Some(Checkpoint::open(&bytes, &node)?),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(Failure::new(Exit::Io, format_args!("{}: {error}", path.display()))),
    };
    let text = read_text(file, "the proof")?;
    // Only what the log itself signed is kept and passed on.
    let whole = proof::checkpoint_of(&text).unwrap_or_default();
    // A cosignature that did not arrive is written again, from the same proof.
    let again = last.clone().filter(|last| Checkpoint::open(whole.as_bytes(), &node).is_ok_and(|new| new == *last));
    let new = match again {
        Some(last) => last,
        None => {
            let new = proof::check_consistency(&text, last.as_ref(), &node)?;
            log.append(vec![Fact::Cosigned { peer: node, size: new.size, root: new.root }])?;
            let folder = path.parent().unwrap_or(&path);
            let stored = create_private_folder(folder).and_then(|()| write_whole(&path, whole.as_bytes()));
            stored.map_err(cannot_write(&path))?;
            new
        }
    };
    let text = Note::parse(whole.as_bytes())?.signed_by(&Key::of_log(&node))?.to_owned();
    let signed = format!("{whole}{}", note::cosign(&text, clock::now(), &identity.key()));
    write_whole(out, signed.as_bytes()).map_err(cannot_write(out))?;
    report(json, &format!("cosigned the log of {peer}; give {} back to it", out.display()), &new)
}

fn attach(json: bool, data: &DataDir, peer: &str, file: &Path) -> Result<(), Failure> {
    let (identity, peers) = (data.identity()?, Peers::load(data)?);
    let (own, by) = (identity.key().id(), peers.get(peer)?.id);
    let log = Log::open(data, &identity)?;
    let content = audit_log::read(&audit_log::folder(data), &own)?;
    let text = read_text(file, "the checkpoint")?;
    let checkpoint = Checkpoint::open(text.as_bytes(), &own)?;
    Note::parse(text.as_bytes())?.signed_by(&Key::of_cosigner(&by))?;
    let beginning = usize::try_from(checkpoint.size).ok().and_then(|n| content.leaves.get(..n));
    if beginning.map(merkle::root) != Some(checkpoint.root) {
        return Err(blindlink::error::AuditFault::Consistency.into());
    }
    let folder = audit_log::folder(data).join("cosigned");
    let path = folder.join(format!("{}-{}.checkpoint", checkpoint.size, hex::encode(by.as_bytes())));
    create_private_folder(&folder).and_then(|()| write_whole(&path, text.as_bytes())).map_err(cannot_write(&path))?;
    drop(log);
    report(json, &format!("kept, cosigned by {peer}"), &checkpoint)
}
