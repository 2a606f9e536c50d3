//! `blindlink backup key | make | show` and `blindlink restore`

use crate::exit::{Exit, Failure};
use crate::output;
use crate::output::printed;
use crate::runtime::block_on;
use blindlink_node::store::audit_log::Log;
use blindlink_node::store::backup::{self, BackupContents};
use blindlink_node::store::peers::Peers;
use blindlink_node::store::{DataDir, maintenance, results};
use blindlink_node::sys::clock;
use clap::{Args, Subcommand};
use serde::Serialize;
use std::path::PathBuf;

/// How long a restored node takes no rounds unless its operator says otherwise: until somebody has looked.
const CLOSED: u64 = 10 * 365 * 86_400;

#[derive(Debug, Args)]
#[command(arg_required_else_help = true)]
pub(super) struct Backup {
    #[command(subcommand)]
    what: What,
    /// Print one JSON object
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Make the key under which backups are sealed. Keep it apart from them, and from the node.
    #[command(after_help = "Example:\n  blindlink backup key --out backup.key")]
    Key {
        /// The file, which must not exist
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Write a backup: keys, peers, configuration, agreements, audit log, memory, database. No round comes back.
    #[command(
        after_help = "Lists and result files are not in it.\n\nExample:\n  blindlink backup make --key backup.key --out north.backup"
    )]
    Make {
        /// The key for backups
        #[arg(long, value_name = "FILE")]
        key: PathBuf,
        /// The file, which must not exist
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Say what a backup holds, and that it can be opened.
    #[command(after_help = "Example:\n  blindlink backup show north.backup --key backup.key")]
    Show {
        /// The backup
        backup: PathBuf,
        /// The key for backups
        #[arg(long, value_name = "FILE")]
        key: PathBuf,
    },
}

#[derive(Debug, Args)]
#[command(
    after_help = "The node is closed afterwards, and the peers that can be called are asked how much of this node's audit log they have \
    cosigned. If one has more than the backup, rounds and debits are missing here: talk to the peers before \
    `blindlink maintenance off`.\n\nExample:\n  blindlink --data-dir /srv/node restore north.backup --key backup.key"
)]
pub(super) struct Restore {
    /// The backup
    backup: PathBuf,
    /// The key for backups
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// Do not call the peers
    #[arg(long)]
    offline: bool,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Shown {
    schema: &'static str,
    file: PathBuf,
    made: String,
    files: Vec<String>,
}

/// What a peer knows of this node's log.
#[derive(Serialize)]
struct Known {
    peer: String,
    /// Entries that it has cosigned; unknown if it was not reached.
    cosigned: Option<u64>,
    /// Whether the restored log is behind that.
    behind: Option<bool>,
}

#[derive(Serialize)]
struct Restored {
    schema: &'static str,
    made: String,
    files: usize,
    log_entries: usize,
    closed_until: String,
    peers: Vec<Known>,
}

fn shown(file: PathBuf, contents: BackupContents) -> Shown {
    Shown { schema: "blindlink.backup/v1", file, made: clock::date(contents.made), files: contents.files }
}

fn in_words(shown: &Shown) -> String {
    format!("{}: made {}, {} files\n", shown.file.display(), shown.made, shown.files.len())
}

impl Backup {
    pub(super) fn run(self, dir: Option<PathBuf>) -> Result<(), Failure> {
        match self.what {
            What::Key { out } => {
                results::check_new(&out)?;
                backup::create_key(&out)?;
                let empty = BackupContents { made: clock::now(), files: Vec::new() };
                let shown = shown(out, empty);
                let said =
                    || format!("{} made: keep it apart from the node and from its backups", shown.file.display());
                printed(output::print(self.json, &shown, said))
            }
            What::Make { key, out } => {
                results::check_new(&out)?;
                let contents = backup::write(&DataDir::locate(dir)?, &key, &out)?;
                let shown = shown(out, contents);
                printed(output::print(self.json, &shown, || in_words(&shown)))
            }
            What::Show { backup, key } => {
                let contents = backup::read(&backup, &key)?;
                let shown = shown(backup, contents);
                printed(output::print(self.json, &shown, || {
                    let names = shown.files.iter().map(|name| format!("  {name}\n")).collect::<String>();
                    in_words(&shown) + &names
                }))
            }
        }
    }
}

impl Restore {
    pub(super) fn run(self, dir: Option<PathBuf>) -> Result<(), Failure> {
        let data = DataDir::locate(dir)?;
        let contents = backup::restore(&data, &self.backup, &self.key)?;
        let until = clock::now() + CLOSED;
        maintenance::close(&data, until)?;
        let identity = data.identity()?;
        let log_entries = Log::open(&data, &identity)?.leaves().len();
        let peers = Peers::load(&data)?;
        let mut known = Vec::new();
        for peer in peers.iter() {
            let ask = super::peer::check::called(&data, peer, super::peer::check::PATIENCE);
            let may = peer.addr.is_some() && !self.offline;
            let answer = if may { block_on(ask)?.ok() } else { None };
            let cosigned = answer.map(|answer| answer.theirs.cosigned);
            let behind = cosigned.map(|cosigned| cosigned > log_entries as u64);
            known.push(Known { peer: peer.name.clone(), cosigned, behind });
        }
        let behind = known.iter().any(|known| known.behind == Some(true));
        let restored = Restored {
            schema: "blindlink.restore/v1",
            made: clock::date(contents.made),
            files: contents.files.len(),
            log_entries,
            closed_until: clock::date(until),
            peers: known,
        };
        printed(output::print(self.json, &restored, || restored.in_words()))?;
        match behind {
            false => Ok(()),
            true if self.json => Err(Failure::told(Exit::PeerLog)),
            true => Err(Failure::new(
                Exit::PeerLog,
                "a peer has cosigned more of this node's audit log than the backup holds",
            )),
        }
    }
}

impl Restored {
    fn in_words(&self) -> String {
        let peer = |known: &Known| match (known.cosigned, known.behind) {
            (None, _) => {
                format!("  {}: not asked; let its operator say how much of this log it has cosigned\n", known.peer)
            }
            (Some(cosigned), Some(true)) => {
                format!("  {}: has cosigned {cosigned} entries, MORE than are here\n", known.peer)
            }
            (Some(cosigned), _) => format!("  {}: has cosigned {cosigned} entries\n", known.peer),
        };
        let peers: String = self.peers.iter().map(peer).collect();
        format!(
            "restored the backup of {}: {} files, {} entries in the audit log\n{peers}the node is closed: `blindlink maintenance off` \
             once it may take rounds again\n",
            self.made, self.files, self.log_entries
        )
    }
}
