//! `blindlink peer add | list | remove | check | invite | accept | words`

pub(super) mod check;
pub(in crate::command) mod pairing;

use crate::exit::{Exit, Failure};
use crate::output;
use crate::output::printed;
use blindlink::identity::keytext;
use blindlink_node::store::DataDir;
use blindlink_node::store::peers::{self, Peers};
use clap::{Args, Subcommand};
use serde::Serialize;
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(super) struct Peer {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Pin a peer's public key under a name.
    Add {
        /// Name of the peer here: letters, digits, `-`, `_`, `.`
        name: String,
        /// Its public key, as its `blindlink identity show` prints it, or 64 hexadecimal digits
        #[arg(long)]
        key: String,
        /// Where it is called; not needed for a peer that only calls us
        #[arg(long, value_name = "HOST:PORT")]
        addr: Option<String>,
        /// Print one JSON object.
        #[arg(long)]
        json: bool,
    },
    /// List the known peers.
    List {
        /// Print one JSON object.
        #[arg(long)]
        json: bool,
    },
    /// Call a peer and say whether a round could begin: its name, UDP, pin, version, clock and agreements.
    Check(check::Check),
    /// Write a file from which a peer's operator can pin this node.
    Invite(pairing::Invite),
    /// Pin the peer whose invitation this is, once both operators have compared sixteen words.
    Accept(pairing::Accept),
    /// Show the words of this node and a pinned peer.
    Words(pairing::Words),
    /// Forget a peer: it is admitted no more.
    Remove {
        /// Name of the peer here
        name: String,
        /// Print one JSON object.
        #[arg(long)]
        json: bool,
    },
}

#[derive(Serialize)]
struct Listed {
    schema: &'static str,
    peers: Vec<Entry>,
}

#[derive(Serialize)]
struct Entry {
    name: String,
    key: String,
    addr: Option<String>,
}

fn listed<'a>(peers: impl Iterator<Item = &'a peers::Peer>) -> Listed {
    let entry = |peer: &peers::Peer| Entry {
        name: peer.name.clone(),
        key: keytext::to_text(&peer.id),
        addr: peer.addr.clone(),
    };
    Listed { schema: "blindlink.peers/v1", peers: peers.map(entry).collect() }
}

impl Peer {
    pub(super) fn run(self, dir: Option<PathBuf>) -> Result<(), Failure> {
        let data = DataDir::locate(dir)?;
        match self.what {
            What::Add { name, key, addr, json } => {
                let own = data.identity()?.key().id();
                let id = keytext::from_text(&key).map_err(|error| Failure::new(Exit::Config, error))?;
                if id == own {
                    return Err(Failure::new(Exit::Config, peers::OWN));
                }
                let peer = peers::Peer { name, id, addr };
                Peers::change(&data, |peers| peers.insert(peer.clone()))?;
                let text = || format!("peer {} is pinned to {}", peer.name, keytext::to_text(&id));
                printed(output::print(json, &listed(std::iter::once(&peer)), text))
            }
            What::Check(command) => command.run(&data),
            What::Invite(command) => command.run(&data),
            What::Accept(command) => command.run(&data),
            What::Words(command) => command.run(&data),
            What::List { json } => {
                let peers = Peers::load(&data)?;
                printed(output::print(json, &listed(peers.iter()), || {
                    let row = |peer: &peers::Peer| {
                        let addr = peer.addr.clone().unwrap_or_else(|| "-".into());
                        vec![peer.name.clone(), addr, keytext::to_text(&peer.id)]
                    };
                    output::table(&[], peers.iter().map(row))
                }))
            }
            What::Remove { name, json } => {
                // Who has no list has no folder to lock it in either.
                Peers::load(&data)?.get(&name)?;
                let peer = Peers::change(&data, |peers| peers.remove(&name))?;
                printed(output::print(json, &listed(std::iter::once(&peer)), || format!("peer {name} is forgotten")))
            }
        }
    }
}
