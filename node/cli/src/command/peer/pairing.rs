//! `blindlink peer invite | accept | words`: two operators pin each other's keys by one file each way and a telephone call.

use crate::exit::{Exit, Failure};
use crate::output;
use crate::output::printed;
use blindlink::identity::{PeerId, check_words, keytext};
use blindlink_node::store::error::read_text;
use blindlink_node::store::peers::{OWN, Peer, Peers};
use blindlink_node::store::{DataDir, StoreError, results};
use blindlink_node::sys::files::write_new;
use clap::Args;
use serde::{Deserialize, Serialize};
use std::io::{self, BufRead, IsTerminal, Write};
use std::path::{Path, PathBuf};

/// Longest invitation that is read, in bytes.
const MAX_FILE: u64 = 4096;
/// What is typed once the words were compared.
const SAME: &str = "same";

#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  blindlink peer invite --name north --addr north.example.org:4433 --out north.invite"
)]
pub(super) struct Invite {
    /// How this node would like to be called there
    #[arg(long)]
    name: String,
    /// Where this node is called; not needed if it only calls
    #[arg(long, value_name = "HOST:PORT")]
    addr: Option<String>,
    /// The file for the peer, which must not exist
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
#[command(
    after_help = "The words follow from both keys. Call the peer's operator, who sees the same sixteen words, and read them to each \
    other. If one differs, somebody has exchanged a key.\n\nExample:\n  blindlink peer accept south.invite"
)]
pub(super) struct Accept {
    /// The peer's invitation
    invitation: PathBuf,
    /// Name of the peer here [default: the one that it would like]
    #[arg(long = "as", value_name = "NAME")]
    name: Option<String>,
    /// Where it is called [default: what the invitation says]
    #[arg(long, value_name = "HOST:PORT")]
    addr: Option<String>,
    /// The sixteen words as the peer's operator read them, instead of being asked
    #[arg(long, value_name = "WORDS")]
    words: Option<String>,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
#[command(after_help = "Example:\n  blindlink peer words south")]
pub(super) struct Words {
    /// Name of the peer here
    name: String,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

/// What an invitation says. None of it is secret.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Invitation {
    /// `blindlink.invitation/v1`
    schema: String,
    name: String,
    key: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    addr: Option<String>,
}

const SCHEMA: &str = "blindlink.invitation/v1";

#[derive(Serialize)]
struct Shown {
    schema: &'static str,
    peer: Option<String>,
    key: String,
    words: Option<String>,
    out: Option<PathBuf>,
}

impl Invite {
    pub(super) fn run(&self, data: &DataDir) -> Result<(), Failure> {
        let key = keytext::to_text(&data.identity()?.key().id());
        let mut none = Peers::default();
        // What the peer could not take is refused here.
        let stranger = blindlink::identity::IdentityKey::from_secret(&[1; 32]).id();
        none.insert(Peer { name: self.name.clone(), id: stranger, addr: self.addr.clone() })?;
        let invitation =
            Invitation { schema: SCHEMA.into(), name: self.name.clone(), key: key.clone(), addr: self.addr.clone() };
        let text =
            toml::to_string(&invitation).map_err(Failure::because(Exit::Internal, "cannot write an invitation"))?;
        results::check_new(&self.out)?;
        let failed = StoreError::output(format!("cannot write {}", self.out.display()));
        write_new(&self.out, text.as_bytes()).map_err(failed)?;
        let shown = Shown { schema: "blindlink.pairing/v1", peer: None, key, words: None, out: Some(self.out.clone()) };
        printed(output::print(self.json, &shown, || {
            format!("send {} to the peer's operator; nothing in it is secret", self.out.display())
        }))
    }
}

fn read(path: &Path) -> Result<(Invitation, PeerId), Failure> {
    let bad = |what: &dyn std::fmt::Display| {
        Failure::new(Exit::BadInput, format_args!("{} is no invitation: {what}", path.display()))
    };
    if path.metadata().is_ok_and(|meta| meta.len() > MAX_FILE) {
        return Err(bad(&"it is too long"));
    }
    let text = read_text(path, "the invitation")?;
    let invitation: Invitation = toml::from_str(&text).map_err(|error| bad(&error.message()))?;
    if invitation.schema != SCHEMA {
        return Err(bad(&"another schema"));
    }
    let id = keytext::from_text(&invitation.key).map_err(|error| bad(&error))?;
    Ok((invitation, id))
}

/// Whether the operator says that the words are the same.
fn compared(said: Option<&str>, words: &str) -> Result<(), Failure> {
    let refuse = |what: &str| Err(Failure::new(Exit::WrongPin, what));
    if let Some(said) = said {
        let plain = |text: &str| text.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ");
        return if plain(said) == words {
            Ok(())
        } else {
            refuse("the words are not those of the two keys: nobody was pinned")
        };
    }
    if !io::stdin().is_terminal() {
        let what = "nobody is here to compare the words: give them with --words, as the peer's operator read them";
        return Err(Failure::new(Exit::Usage, what));
    }
    eprint!("{}\nread them to the peer's operator; type `{SAME}` if all sixteen are the same: ", in_lines(words));
    let mut answer = String::new();
    let read = io::stderr().flush().and_then(|()| io::stdin().lock().read_line(&mut answer));
    match read {
        Ok(_) if answer.trim() == SAME => Ok(()),
        _ => refuse("the words were not confirmed: nobody was pinned"),
    }
}

/// Four words a line.
fn in_lines(words: &str) -> String {
    let words: Vec<&str> = words.split(' ').collect();
    words.chunks(4).map(|line| format!("  {}\n", line.join("  "))).collect()
}

impl Accept {
    pub(super) fn run(&self, data: &DataDir) -> Result<(), Failure> {
        let own = data.identity()?.key().id();
        let (invitation, id) = read(&self.invitation)?;
        if id == own {
            return Err(Failure::new(Exit::Config, OWN));
        }
        let name = self.name.clone().unwrap_or(invitation.name);
        let addr = self.addr.clone().or(invitation.addr);
        let peer = Peer { name, id, addr };
        // What cannot be stored is told before anybody telephones.
        Peers::load(data)?.insert(peer.clone())?;
        // V-PAIR-001; no two of the words are easily taken for one another (V-PAIR-002).
        let words = check_words(&own, &id).join(" ");
        compared(self.words.as_deref(), &words)?;
        Peers::change(data, |peers| peers.insert(peer.clone()))?;
        let key = keytext::to_text(&id);
        let (schema, words) = ("blindlink.pairing/v1", Some(words));
        let shown = Shown { schema, peer: Some(peer.name.clone()), key, words, out: None };
        printed(output::print(self.json, &shown, || format!("peer {} is pinned to {}", peer.name, shown.key)))
    }
}

impl Words {
    pub(super) fn run(&self, data: &DataDir) -> Result<(), Failure> {
        let own = data.identity()?.key().id();
        let peers = Peers::load(data)?;
        let peer = peers.get(&self.name)?;
        let words = check_words(&own, &peer.id).join(" ");
        let (schema, key) = ("blindlink.pairing/v1", keytext::to_text(&peer.id));
        let shown = Shown { schema, peer: Some(peer.name.clone()), key, words: Some(words.clone()), out: None };
        printed(output::print(self.json, &shown, || in_lines(&words)))
    }
}
