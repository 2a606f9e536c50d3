//! `blindlink.toml`: what a node is to do by itself.

mod suggest;
#[cfg(test)]
mod tests;

use super::data_dir::DataDir;
use super::error::StoreError;
use crate::sys::files::write_new;
use crate::sys::timetable::{DayWindow, Timetable};
use blindlink::session::Role;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

/// A file in which every line is explained and none says anything yet.
pub const TEMPLATE: &str = include_str!("template.toml");
/// Longest file that is read, in bytes.
const MAX_FILE: u64 = 1 << 20;
/// Most links of one node.
const MAX_LINKS: usize = 1000;

/// The configuration of a node.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Configuration {
    /// The node as a whole.
    pub node: NodeSettings,
    /// How long things are waited for.
    pub patience: PatienceSettings,
    /// Numbers for those who watch the node.
    pub metrics: MetricsSettings,
    /// Who is told of what needs a person.
    pub notify: NotifySettings,
    /// The links.
    #[serde(rename = "link")]
    pub links: Vec<LinkSettings>,
}

/// The node as a whole. What is not said holds by default.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct NodeSettings {
    /// UDP address at which peers are answered.
    pub listen: Option<SocketAddr>,
    /// Rounds at a time.
    pub rounds: Option<u8>,
    /// Least level of log lines.
    pub log: Option<String>,
    /// Whether rounds run without an agreement.
    pub training: Option<bool>,
}

/// Numbers for those who watch the node.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct MetricsSettings {
    /// File in which they are written.
    pub textfile: Option<PathBuf>,
    /// Address on this machine at which they are read.
    pub listen: Option<SocketAddr>,
    /// Seconds between two looks.
    pub every: u64,
}

impl Default for MetricsSettings {
    fn default() -> Self {
        Self { textfile: None, listen: None, every: 300 }
    }
}

/// Who is told of what needs a person.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct NotifySettings {
    /// The program that is called, with its arguments.
    pub command: Option<Vec<String>>,
}

/// How long things are waited for, in seconds.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct PatienceSettings {
    /// Without any packet the peer has vanished.
    pub idle: u64,
    /// For a handshake, and for a caller's first frame.
    pub handshake: u64,
    /// Without a frame, while it is the peer's turn, the peer has stalled.
    pub frame: u64,
    /// A round that does not move stays open for so long.
    pub give_up: u64,
}

impl Default for PatienceSettings {
    fn default() -> Self {
        Self { idle: 30, handshake: 10, frame: 600, give_up: 21_600 }
    }
}

/// What is linked with one peer.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct LinkSettings {
    /// Its name.
    pub name: String,
    /// Name of the peer.
    pub peer: String,
    /// Role of this node.
    #[serde(deserialize_with = "role", serialize_with = "role_name")]
    pub role: Role,
    /// The policy file.
    pub policy: PathBuf,
    /// Name of the agreement, if it is not the one that the policy names.
    pub agreement: Option<String>,
    /// The own list.
    pub list: PathBuf,
    /// What a person has said of the list.
    pub mapping: Option<PathBuf>,
    /// Per cent of the rows that may be left out.
    pub left_out_at_most: Option<f64>,
    /// When a round is due.
    #[serde(default, deserialize_with = "parsed", serialize_with = "shown")]
    pub schedule: Option<Timetable>,
    /// Within which hours one may begin.
    #[serde(default, deserialize_with = "parsed", serialize_with = "shown")]
    pub window: Option<DayWindow>,
    /// Folder of the results.
    pub out: Option<PathBuf>,
    /// Whether the responder saves no claims.
    #[serde(default)]
    pub discard_claims: bool,
    /// Whether the requester's result keeps at most one pair of each record.
    #[serde(default)]
    pub one_to_one: bool,
    /// Whether it answers the urgent rounds of an agreement (spec 14.9): such a link stands in no file.
    #[serde(skip)]
    pub urgent: bool,
}

fn role<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Role, D::Error> {
    let name = String::deserialize(deserializer)?;
    Role::from_name(&name).ok_or_else(|| de::Error::custom("expected `requester` or `responder`"))
}

fn role_name<S: Serializer>(role: &Role, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(role.name())
}

fn parsed<'de, D: Deserializer<'de>, T: std::str::FromStr<Err: std::fmt::Display>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    String::deserialize(deserializer)?.parse().map(Some).map_err(de::Error::custom)
}

fn shown<S: Serializer, T: std::fmt::Display>(value: &Option<T>, serializer: S) -> Result<S::Ok, S::Error> {
    match value {
        Some(value) => serializer.collect_str(value),
        None => serializer.serialize_none(),
    }
}

/// Where the file lies.
#[must_use]
pub fn path(data: &DataDir) -> PathBuf {
    data.path().join("blindlink.toml")
}

/// Writes the template, if there is no file yet.
///
/// # Errors
/// [`StoreError::Exists`], [`StoreError::Io`].
pub fn init(data: &DataDir) -> Result<PathBuf, StoreError> {
    let path = path(data);
    write_new(&path, TEMPLATE.as_bytes()).map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => StoreError::Config(format!("{} is there already", path.display())),
        _ => StoreError::io(format!("cannot write {}", path.display()))(error),
    })?;
    Ok(path)
}

impl Configuration {
    /// Reads a node's configuration; the defaults if there is no file.
    ///
    /// # Errors
    /// [`StoreError::Config`] with the line and what is wrong there; [`StoreError::Io`].
    pub fn load(data: &DataDir) -> Result<Self, StoreError> {
        let path = path(data);
        if fs::metadata(&path).is_ok_and(|meta| meta.len() > MAX_FILE) {
            return Err(StoreError::Config(format!("{} is too long", path.display())));
        }
        match fs::read_to_string(&path) {
            Ok(text) => Self::parse(&text, &path),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(StoreError::reading(format!("cannot read {}", path.display()))(error)),
        }
    }

    /// Reads a configuration from its text; `path` names it.
    ///
    /// # Errors
    /// [`StoreError::Config`].
    pub fn parse(text: &str, path: &Path) -> Result<Self, StoreError> {
        let configuration: Self = toml::from_str(text).map_err(|error| {
            let line = error.span().map_or(1, |span| text.get(..span.start).unwrap_or(text).matches('\n').count() + 1);
            let (said, hint) = suggest::in_words(error.message());
            StoreError::Config(format!("{}: line {line}: {said}{hint}", path.display()))
        })?;
        configuration.consistent().map_err(|what| StoreError::Config(format!("{}: {what}", path.display())))?;
        Ok(configuration)
    }

    /// What can be seen from the file alone.
    fn consistent(&self) -> Result<(), String> {
        let mut names = BTreeSet::new();
        if self.links.len() > MAX_LINKS {
            return Err(format!("more than {MAX_LINKS} links"));
        }
        if self.node.rounds.is_some_and(|rounds| rounds < 2) {
            return Err("`node.rounds` is 2 at least".into());
        }
        let seconds = [self.patience.idle, self.patience.handshake, self.patience.frame];
        if seconds.iter().any(|seconds| !(1..=86_400).contains(seconds)) {
            return Err("`patience` is in seconds, 1 to 86400".into());
        }
        if !(5..=86_400).contains(&self.metrics.every) {
            return Err("`metrics.every` is in seconds, 5 to 86400".into());
        }
        if self.metrics.listen.is_some_and(|listen| !listen.ip().is_loopback()) {
            return Err("`metrics.listen` is an address of this machine, such as 127.0.0.1:9464".into());
        }
        if self.notify.command.as_ref().is_some_and(Vec::is_empty) {
            return Err("`notify.command` begins with a program".into());
        }
        for link in &self.links {
            let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
            let name = &link.name;
            if name.is_empty() || name.len() > 64 || !name.chars().all(plain) {
                return Err("a link's name is 1 to 64 letters, digits, `-`, `_` or `.`".into());
            }
            let wrong = |what: &str| Err(format!("link `{name}`: {what}"));
            if !names.insert(name) {
                return wrong("there is another link of this name");
            }
            if link.role == Role::Responder && (link.schedule.is_some() || link.window.is_some()) {
                return wrong("`schedule` and `window` are the requester's: a responder waits to be called");
            }
            if link.window.is_some() && link.schedule.is_none() {
                return wrong("`window` without `schedule`: no round is ever due");
            }
            if link.role == Role::Requester && link.discard_claims {
                return wrong("`discard_claims` is the responder's");
            }
            if link.role == Role::Responder && link.one_to_one {
                return wrong("`one_to_one` is the requester's");
            }
            if link.left_out_at_most.is_some_and(|percent| !(0.0..=100.0).contains(&percent)) {
                return wrong("`left_out_at_most` is 0 to 100 per cent");
            }
        }
        Ok(())
    }

    /// Makes the paths of the links begin in the data folder.
    #[must_use]
    pub fn resolved(mut self, data: &DataDir) -> Self {
        if let Some(path) = &mut self.metrics.textfile {
            *path = data.path().join(&*path);
        }
        for link in &mut self.links {
            let paths = [Some(&mut link.policy), Some(&mut link.list), link.mapping.as_mut(), link.out.as_mut()];
            paths.into_iter().flatten().for_each(|path| *path = data.path().join(&*path));
        }
        self
    }
}
