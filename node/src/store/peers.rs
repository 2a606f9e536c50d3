//! The peers that this node knows, each pinned by its whole public key. Who is not in this list does not get past the
//! handshake, in either direction.

use super::data_dir::DataDir;
use super::error::StoreError;
use crate::sys::files::{lock, write_whole};
use blindlink::identity::PeerId;
use blindlink::identity::keytext;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;

/// Longest name of a peer, in bytes.
const MAX_NAME: usize = 64;
/// What is wrong with a peer that is this node itself.
pub const OWN: &str = "this is this node's own key";
/// Most peers of one node.
const MAX_PEERS: usize = 1000;

#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    key: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    addr: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    peer: BTreeMap<String, Entry>,
}

/// A known peer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Peer {
    /// Its name here.
    pub name: String,
    /// Its pinned key.
    pub id: PeerId,
    /// Where it is called, `host:port`; a peer that only calls us needs none.
    pub addr: Option<String>,
}

/// The list of known peers.
#[derive(Clone, Debug, Default)]
pub struct Peers(BTreeMap<String, Peer>);

fn config(message: impl core::fmt::Display) -> StoreError {
    StoreError::Config(message.to_string())
}

fn check(name: &str, addr: Option<&str>) -> Result<(), StoreError> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    if name.is_empty() || name.len() > MAX_NAME || !name.chars().all(plain) {
        return Err(config("a peer's name is 1 to 64 letters, digits, `-`, `_` or `.`"));
    }
    let port =
        |addr: &str| addr.rsplit_once(':').is_some_and(|(host, port)| !host.is_empty() && port.parse::<u16>().is_ok());
    if !addr.is_none_or(port) {
        return Err(config(format_args!("the address of `{name}` is not host:port")));
    }
    Ok(())
}

impl Peers {
    /// Reads the list; an empty one if there is no file.
    ///
    /// # Errors
    /// [`StoreError::Config`] if the file is damaged; [`StoreError::Io`].
    pub fn load(data: &DataDir) -> Result<Self, StoreError> {
        let path = data.peers_path();
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Self::default()),
            Err(error) => return Err(StoreError::io(path.display())(error)),
        };
        let file: File =
            toml::from_str(&text).map_err(|error| StoreError::Config(format!("{}: {error}", path.display())))?;
        // Where there is no identity yet, nobody is it.
        let own = data.identity().ok().map(|identity| identity.key().id());
        let mut peers = Self::default();
        for (name, entry) in file.peer {
            let odd = |what: &dyn core::fmt::Display| {
                config(format_args!("{}: peer `{}`: {what}", path.display(), name.escape_debug()))
            };
            let id = keytext::from_text(&entry.key).map_err(|error| odd(&error))?;
            if own == Some(id) {
                return Err(odd(&OWN));
            }
            let peer = Peer { name: name.clone(), id, addr: entry.addr };
            peers.insert(peer).map_err(|failure| odd(&failure))?;
        }
        Ok(peers)
    }

    /// Changes the list on disk. No other command does so meanwhile: one would undo what the other did.
    ///
    /// # Errors
    /// As [`Peers::load`], `change` and [`Peers::save`].
    pub fn change<T>(data: &DataDir, change: impl FnOnce(&mut Self) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let path = data.peers_path().with_extension("lock");
        let _lock = lock(&path).map_err(StoreError::io(format!("cannot lock {}", path.display())))?;
        let mut peers = Self::load(data)?;
        let done = change(&mut peers)?;
        peers.save(data)?;
        Ok(done)
    }

    /// Writes the list.
    ///
    /// # Errors
    /// [`StoreError::Io`].
    pub fn save(&self, data: &DataDir) -> Result<(), StoreError> {
        let entry = |peer: &Peer| Entry { key: keytext::to_text(&peer.id), addr: peer.addr.clone() };
        let file = File { peer: self.0.iter().map(|(name, peer)| (name.clone(), entry(peer))).collect() };
        let text = toml::to_string(&file).map_err(|_| StoreError::Internal("peers"))?;
        write_whole(&data.peers_path(), text.as_bytes()).map_err(StoreError::io("cannot write the peers"))
    }

    /// Adds a peer; a name or a key that is known already is refused, so that no pin changes by mistake.
    ///
    /// # Errors
    /// [`StoreError::Config`].
    pub fn insert(&mut self, peer: Peer) -> Result<(), StoreError> {
        check(&peer.name, peer.addr.as_deref())?;
        if self.0.contains_key(&peer.name) {
            return Err(config(format_args!("there is a peer `{}` already; remove it first", peer.name)));
        }
        if let Some(other) = self.by_id(&peer.id) {
            return Err(config(format_args!("this key is that of peer `{}` already", other.name)));
        }
        if self.0.len() >= MAX_PEERS {
            return Err(config(format_args!("there are {MAX_PEERS} peers already")));
        }
        self.0.insert(peer.name.clone(), peer);
        Ok(())
    }

    /// Removes a peer.
    ///
    /// # Errors
    /// [`StoreError::Config`] if there is none of that name.
    pub fn remove(&mut self, name: &str) -> Result<Peer, StoreError> {
        self.0.remove(name).ok_or_else(|| config(format_args!("there is no peer `{name}`")))
    }

    /// The peer of this name.
    ///
    /// # Errors
    /// [`StoreError::Config`] if there is none.
    pub fn get(&self, name: &str) -> Result<&Peer, StoreError> {
        self.0.get(name).ok_or_else(|| config(format_args!("there is no peer `{name}`")))
    }

    /// The peer with this key.
    #[must_use]
    pub fn by_id(&self, id: &PeerId) -> Option<&Peer> {
        self.0.values().find(|peer| peer.id == *id)
    }

    /// All keys.
    #[must_use]
    pub fn ids(&self) -> BTreeSet<PeerId> {
        self.0.values().map(|peer| peer.id).collect()
    }

    /// All peers by name.
    pub fn iter(&self) -> impl Iterator<Item = &Peer> {
        self.0.values()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use blindlink::identity::IdentityKey;

    fn peer(name: &str, n: u8) -> Peer {
        let id = IdentityKey::from_secret(&[n; 32]).id();
        Peer { name: name.into(), id, addr: Some("node.example.org:4433".into()) }
    }

    #[test]
    fn the_list_survives_a_restart() {
        let folder = tempfile::tempdir().unwrap();
        let data = DataDir::locate(Some(folder.path().into())).unwrap();
        let mut peers = Peers::load(&data).unwrap();
        peers.insert(peer("north", 1)).unwrap();
        peers.insert(Peer { addr: None, ..peer("south", 2) }).unwrap();
        peers.save(&data).unwrap();
        let again = Peers::load(&data).unwrap();
        assert!(again.iter().eq(peers.iter()));
        assert_eq!(again.by_id(&peer("", 2).id).unwrap().name, "south");
    }

    #[test]
    fn no_pin_changes_by_mistake() {
        let mut peers = Peers::default();
        peers.insert(peer("north", 1)).unwrap();
        assert!(matches!(peers.insert(peer("north", 2)), Err(StoreError::Config(_))));
        assert!(matches!(peers.insert(peer("other", 1)), Err(StoreError::Config(_))));
        assert_eq!(peers.get("north").unwrap().id, peer("", 1).id);
    }

    #[test]
    fn a_bad_entry_of_the_file_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let data = DataDir::locate(Some(folder.path().into())).unwrap();
        let own = keytext::to_text(&data.init().unwrap().key().id());
        let other = keytext::to_text(&peer("", 1).id);
        for (name, key, addr) in [("bad", &*own, "h:1"), ("\"b d\"", &*other, "h:1"), ("bad", &*other, "h")] {
            fs::write(data.peers_path(), format!("[peer.{name}]\nkey = \"{key}\"\naddr = \"{addr}\"\n")).unwrap();
            let failure = Peers::load(&data).unwrap_err();
            let said = format!("{}: peer `{}`: ", data.peers_path().display(), name.trim_matches('"'));
            assert!(matches!(failure, StoreError::Config(_)) && failure.to_string().starts_with(&said), "{failure}");
        }
    }

    #[test]
    fn odd_names_and_addresses_are_refused() {
        for name in ["", "a b", "x\u{1b}[2J", &"n".repeat(65)] {
            assert!(Peers::default().insert(peer(name, 1)).is_err(), "{name:?}");
        }
        for addr in ["", "host", ":1", "host:", "host:99999"] {
            let odd = Peer { addr: Some(addr.into()), ..peer("north", 1) };
            assert!(Peers::default().insert(odd).is_err(), "{addr:?}");
        }
    }

    #[test]
    fn a_changed_key_in_the_file_is_noticed() {
        let folder = tempfile::tempdir().unwrap();
        let data = DataDir::locate(Some(folder.path().into())).unwrap();
        let mut peers = Peers::default();
        peers.insert(peer("north", 1)).unwrap();
        peers.save(&data).unwrap();
        let text = fs::read_to_string(data.peers_path()).unwrap();
        let damaged = text.replacen("blind1", "blind1q", 1);
        fs::write(data.peers_path(), damaged).unwrap();
        assert!(matches!(Peers::load(&data), Err(StoreError::Config(_))));
    }
}
