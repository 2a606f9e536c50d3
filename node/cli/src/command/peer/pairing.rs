//! `blindlink peer invite | accept | words`: two operators pin each other's keys by one file each way and a telephone call.

use crate::exit::{Exit, Failure};
use crate::output;
use crate::output::printed;
use blindlink::identity::{PeerId, check_words, keytext};
use blindlink_node::store::DataDir;
use blindlink_node::store::bundle::{Invitation, InvitedSigner};
use blindlink_node::store::keys;
use blindlink_node::store::peers::{OWN, Peer, Peers};
use clap::Args;
use serde::Serialize;
use std::io::{self, BufRead, IsTerminal, Write};
use std::path::{Path, PathBuf};

/// Who stands behind this node; an agreement needs it.
#[derive(Debug, Args)]
pub(in crate::command) struct SideArgs {
    /// The authority behind this node, as the agreement is to name it
    #[arg(long, value_name = "TEXT")]
    party: Option<String>,
    /// The law on which it acts
    #[arg(long, value_name = "TEXT")]
    legal_basis: Option<String>,
    /// A person who signs for it, given twice: name or office, `=`, public key or key file
    #[arg(long = "signer", value_name = "NAME=KEY")]
    signers: Vec<String>,
}

impl SideArgs {
    /// The invitation of this node.
    pub(in crate::command) fn invitation(
        &self,
        name: String,
        id: &PeerId,
        addr: Option<String>,
    ) -> Result<Invitation, Failure> {
        let signers = self.signers.iter().map(|text| signer(text)).collect::<Result<Vec<_>, _>>()?;
        let (party, legal_basis) = (self.party.clone(), self.legal_basis.clone());
        let invitation = Invitation { party, legal_basis, signers, ..Invitation::new(name, id, addr) };
        invitation.signers()?;
        Ok(invitation)
    }
}

/// A signer as the command line names one.
fn signer(text: &str) -> Result<InvitedSigner, Failure> {
    let Some((name, key)) = text.split_once('=').filter(|(name, _)| !name.trim().is_empty()) else {
        return Err(Failure::new(Exit::Usage, format_args!("`{text}` is not a name, `=`, and a key or a key file")));
    };
    let id = match keytext::from_text(key) {
        Ok(id) => id,
        Err(_) if Path::new(key).is_file() => keys::signer(Path::new(key))?.id(),
        Err(error) => return Err(Failure::new(Exit::Config, format_args!("key of {name}: {error}"))),
    };
    Ok(InvitedSigner { name: name.trim().to_owned(), key: keytext::to_text(&id) })
}

/// How a peer is pinned whose invitation is here.
#[derive(Debug, Args)]
pub(in crate::command) struct PinArgs {
    /// Name of the peer here [default: the one that it would like]
    #[arg(long = "as", value_name = "NAME")]
    name: Option<String>,
    /// Where it is called [default: what the invitation says]
    #[arg(long, value_name = "HOST:PORT")]
    addr: Option<String>,
    /// The sixteen words as the peer's operator read them, instead of being asked
    #[arg(long, value_name = "WORDS")]
    words: Option<String>,
}

impl PinArgs {
    /// The peer of an invitation, under its name here.
    pub(in crate::command) fn peer(&self, invitation: &Invitation, id: PeerId) -> Peer {
        let name = self.name.clone().unwrap_or_else(|| invitation.name.clone());
        Peer { name, id, addr: self.addr.clone().or_else(|| invitation.addr.clone()) }
    }

    /// Lets the operators compare the words of both keys (V-PAIR-001); gives the words.
    pub(in crate::command) fn compare(&self, own: &PeerId, peer: &Peer, known: &Peers) -> Result<String, Failure> {
        // What cannot be stored is told before anybody telephones.
        known.clone().insert(peer.clone())?;
        // No two of the words are easily taken for one another (V-PAIR-002).
        let words = check_words(own, &peer.id).join(" ");
        compared(self.words.as_deref(), &words)?;
        Ok(words)
    }
}

/// What is typed once the words were compared.
const SAME: &str = "same";

#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  blindlink peer invite --name north --addr north.example.org:4433 --party 'Ministry of the North' \\\n      \
    --legal-basis 'Act 7 of 2025, article 3' --signer 'Anna Invented=anna.key' --signer 'Ben Invented=ben.key' --out north.invite"
)]
pub(super) struct Invite {
    /// How this node would like to be called there
    #[arg(long)]
    name: String,
    /// Where this node is called; not needed if it only calls
    #[arg(long, value_name = "HOST:PORT")]
    addr: Option<String>,
    #[command(flatten)]
    side: SideArgs,
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
    #[command(flatten)]
    pin: PinArgs,
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
        self.side.invitation(self.name.clone(), &data.identity()?.key().id(), self.addr.clone())?.write(&self.out)?;
        let shown = Shown { schema: "blindlink.pairing/v1", peer: None, key, words: None, out: Some(self.out.clone()) };
        printed(output::print(self.json, &shown, || {
            format!("send {} to the peer's operator; nothing in it is secret", self.out.display())
        }))
    }
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
        let (invitation, id) = Invitation::read(&self.invitation)?;
        if id == own {
            return Err(Failure::new(Exit::Config, OWN));
        }
        let peer = self.pin.peer(&invitation, id);
        let words = self.pin.compare(&own, &peer, &Peers::load(data)?)?;
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
