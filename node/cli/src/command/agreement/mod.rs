//! `blindlink agreement new | show | explain | sign | verify | diff | add | list | suspend | resume`

mod accept;
mod draft;
mod propose;
pub(super) mod words;

use crate::exit::{Exit, Failure};
use crate::log::Level;
use crate::output;
use crate::output::printed;
use crate::progress::{Reporter, Style};
use accept::Accept;
use blindlink::agreement::{CheckedAgreement, SignedAgreement, SignerStatement, StatementKind, first_difference};
use blindlink::identity::keytext;
use blindlink_node::own_list::load_policy;
use blindlink_node::store::StoreError;
use blindlink_node::store::agreements::{Store, load, load_statements, statement_line};
use blindlink_node::store::audit_log::Log;
use blindlink_node::store::bundle::CheckedBundle;
use blindlink_node::store::{DataDir, keys};
use blindlink_node::sys::clock;
use blindlink_node::sys::entropy::fresh_secret;
use blindlink_node::sys::files::write_whole;
use clap::{Args, Subcommand};
use draft::Draft;
use propose::Propose;
use serde::Serialize;
use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};

#[derive(Debug, Args)]
pub(super) struct Agreement {
    #[command(subcommand)]
    what: What,
    /// Print one JSON object.
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Write a draft for a policy and a peer, to be edited and agreed on.
    New(Box<Draft>),
    /// Write a bundle for a peer whose invitation is here: agreement, policy and both invitations in one file.
    Propose(Box<Propose>),
    /// Pin the peer of a bundle, once both operators have compared sixteen words, and store all that the bundle holds.
    Accept(Box<Accept>),
    /// Show an agreement file, or all versions of an agreement that is here.
    Show {
        /// A file, or the name of an agreement
        agreement: String,
    },
    /// Say in words what an agreement says.
    Explain {
        /// A file, or the name of an agreement
        agreement: String,
        /// Its policy: says how many rounds a period has room for, and what a peer that cheats can do in them
        #[arg(long, value_name = "FILE")]
        policy: Option<PathBuf>,
    },
    /// Approve an agreement: shows it in words, has its name typed, and writes a statement of the signer.
    Sign {
        /// The agreement file, or a bundle, to which the approval is added
        agreement: PathBuf,
        /// The signer's key file
        #[arg(long, value_name = "FILE")]
        key: PathBuf,
        /// Where the statement goes; not needed for a bundle
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
        /// Do not ask: for scripts, after somebody has read the agreement
        #[arg(long)]
        yes: bool,
    },
    /// Check an agreement file and statements about it; say where it stands.
    Verify {
        /// The agreement file
        agreement: PathBuf,
        /// Files of statements
        statements: Vec<PathBuf>,
    },
    /// Name every field in which two agreement files differ, with both values.
    Diff {
        /// One file
        ours: PathBuf,
        /// The other
        theirs: PathBuf,
    },
    /// Store an agreement file, statements, or both in this node.
    Add {
        /// Agreement file
        #[arg(long, value_name = "FILE", required_unless_present = "statements")]
        agreement: Option<PathBuf>,
        /// Files of statements
        statements: Vec<PathBuf>,
    },
    /// List the agreements that are here.
    List,
    /// Stop every round under an agreement, at once; any one signer can.
    Suspend {
        /// Name of the agreement
        name: String,
        /// The signer's key file
        #[arg(long, value_name = "FILE")]
        key: PathBuf,
        /// Where the statement goes, for the peer
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Lift the suspensions of one's own side; it takes both of its signers.
    Resume {
        /// Name of the agreement
        name: String,
        /// The signer's key file
        #[arg(long, value_name = "FILE")]
        key: PathBuf,
        /// Where the statements go, for the peer and the other signer
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
}

/// One agreement for people and machines.
#[derive(Serialize)]
struct Shown {
    name: String,
    version: u32,
    digest: String,
    state: &'static str,
    missing: Vec<String>,
    suspensions: Vec<String>,
    #[serde(skip)]
    text: String,
}

#[derive(Serialize)]
struct Listed {
    schema: &'static str,
    agreements: Vec<Shown>,
}

/// Each agreement with its state: of several versions of one name only the last that all have signed is in force.
fn all_shown(all: &[SignedAgreement], now: u64) -> Vec<Shown> {
    let of = |sealed: &SignedAgreement| {
        (sealed.agreement().agreement().name.clone(), sealed.agreement().agreement().version)
    };
    let replaced = |sealed: &SignedAgreement| {
        let (name, version) = of(sealed);
        all.iter().any(|later| later.supersedes(now) && of(later).0 == name && of(later).1 > version)
    };
    let one = |sealed: &SignedAgreement| {
        let shown = shown(sealed, now);
        if replaced(sealed) { Shown { state: "superseded", ..shown } } else { shown }
    };
    all.iter().map(one).collect()
}

fn shown(sealed: &SignedAgreement, now: u64) -> Shown {
    let checked = sealed.agreement();
    Shown {
        name: checked.agreement().name.clone(),
        version: checked.agreement().version,
        digest: hex::encode(checked.digest()),
        state: sealed.state(now).name(),
        missing: sealed.missing().iter().map(keytext::to_text).collect(),
        suspensions: sealed.suspensions().map(hex::encode).collect(),
        text: checked.agreement().to_toml(),
    }
}

impl Shown {
    fn line(&self) -> String {
        format!("{} version {}: {}\n  digest {}\n", self.name, self.version, self.state, self.digest)
    }

    fn whole(&self) -> String {
        let missing: String = self.missing.iter().map(|key| format!("  not signed by {key}\n")).collect();
        format!("{}{missing}\n{}", self.line(), self.text)
    }
}

fn print(json: bool, agreements: Vec<Shown>, line: fn(&Shown) -> String) -> Result<(), Failure> {
    let listed = Listed { schema: "blindlink.agreements/v1", agreements };
    printed(output::print(json, &listed, || listed.agreements.iter().map(line).collect()))
}

fn write(path: &Path, statements: &[SignerStatement]) -> Result<(), Failure> {
    let text: String = statements.iter().map(statement_line).collect();
    write_whole(path, text.as_bytes())
        .map_err(Failure::because(Exit::CannotCreate, format!("cannot write {}", path.display())))
}

/// Stores an agreement, statements, or both; the log knows of each before. Gives the number of those left out.
fn store(
    data: &DataDir,
    agreement: Option<&CheckedAgreement>,
    statements: &[SignerStatement],
) -> Result<usize, Failure> {
    let mut log = Log::open(data, &data.identity()?)?;
    Ok(Store::of(data).add(agreement, statements, |fact| log.append_once(fact))?)
}

fn all_statements(files: &[PathBuf]) -> Result<Vec<SignerStatement>, Failure> {
    Ok(files.iter().map(|file| load_statements(file)).collect::<Result<Vec<_>, _>>()?.concat())
}

impl Agreement {
    pub(super) fn run(self, dir: Option<PathBuf>) -> Result<(), Failure> {
        let (json, now) = (self.json, clock::now());
        let data = || DataDir::locate(dir.clone());
        match self.what {
            What::New(draft) => {
                let (out, agreement) = draft.write(&data()?)?;
                let sealed = SignedAgreement::new(agreement, &[])?;
                print(json, vec![shown(&sealed, now)], Shown::line)?;
                if !json {
                    let text = format!(
                        "edit {} with the other side, then let all four sign it\n\
                         what stands there as `to be filled in`, and the names of the signers, must be filled in first\n\
                         the sizes leave room for lists twice as long as the policy's, the budget for four rounds in 27 days:\n\
                         `agreement explain --policy` says what a peer that cheats can do in them",
                        out.display()
                    );
                    printed(output::print(false, &(), || text))?;
                }
                Ok(())
            }
            What::Propose(propose) => propose.run(json, &data()?),
            What::Accept(accept) => accept.run(json, &data()?),
            What::Show { agreement } => {
                let path = Path::new(&agreement);
                let all =
                    if path.is_file() { vec![signed_file(path)?] } else { named(&Store::of(&data()?), &agreement)? };
                print(json, all_shown(&all, now), Shown::whole)
            }
            What::Explain { agreement, policy } => {
                let path = Path::new(&agreement);
                let checked = if path.is_file() {
                    signed_file(path)?.agreement().clone()
                } else {
                    let versions = named(&Store::of(&data()?), &agreement)?;
                    let deciding = blindlink::agreement::current(&versions, now).or_else(|| versions.last());
                    deciding.ok_or_else(|| Failure::new(Exit::NoAgreement, "there is none"))?.agreement().clone()
                };
                explain(json, &checked, policy.as_deref())
            }
            What::Sign { agreement, key, out, yes } => sign(json, &agreement, &key, out.as_deref(), yes),
            What::Verify { agreement, statements } => {
                let sealed = SignedAgreement::new(load(&agreement)?, &all_statements(&statements)?)?;
                print(json, vec![shown(&sealed, now)], Shown::whole)
            }
            What::Diff { ours, theirs } => diff(json, &load(&ours)?, &load(&theirs)?),
            What::Add { agreement, statements } => add(json, &data()?, agreement.as_deref(), &statements),
            What::List => {
                let all = Store::of(&data()?).all()?;
                print(json, all_shown(&all, now), Shown::line)
            }
            What::Suspend { name, key, out } => {
                let words = |_: &SignedAgreement, _: usize| -> Result<Vec<StatementKind>, Failure> {
                    let nonce =
                        *fresh_secret().map_err(StoreError::Entropy)?.expose().first_chunk().unwrap_or(&[0; 16]);
                    Ok(vec![StatementKind::Suspend { time: now, nonce }])
                };
                say(&data()?, json, &name, &key, &out, words)
            }
            What::Resume { name, key, out } => {
                let words = |sealed: &SignedAgreement, side: usize| -> Result<Vec<StatementKind>, Failure> {
                    Ok(sealed
                        .suspensions_of(side)
                        .map(|suspension| StatementKind::Resume { suspension: *suspension })
                        .collect())
                };
                say(&data()?, json, &name, &key, &out, words)
            }
        }
    }
}

/// The agreement of a file: of its own, or in a bundle, then with what its signers said.
fn signed_file(path: &Path) -> Result<SignedAgreement, Failure> {
    if CheckedBundle::is_one(path) {
        return Ok(CheckedBundle::read(path)?.signed);
    }
    Ok(SignedAgreement::new(load(path)?, &[])?)
}

/// A signer approves what was shown.
fn sign(json: bool, file: &Path, key: &Path, out: Option<&Path>, yes: bool) -> Result<(), Failure> {
    let mut bundle = if CheckedBundle::is_one(file) { Some(CheckedBundle::read(file)?) } else { None };
    if bundle.is_none() && out.is_none() {
        return Err(Failure::new(Exit::Usage, "say with --out where the statement goes"));
    }
    let checked = bundle.as_ref().map_or_else(|| load(file), |bundle| Ok(bundle.signed.agreement().clone()))?;
    let signer = keys::signer(key)?;
    words::filled_in(checked.agreement())?;
    let statement = SignerStatement::sign(StatementKind::Approve, &checked, &signer);
    // Only one of the four can: whoever cannot is not asked.
    statement.check(&checked)?;
    if !yes {
        ask(&checked)?;
    }
    if let Some(out) = out {
        write(out, std::slice::from_ref(&statement))?;
    }
    let signed = match &mut bundle {
        Some(bundle) => {
            bundle.add(statement)?;
            bundle.write(file)?;
            bundle.signed.clone()
        }
        None => SignedAgreement::new(checked, &[statement])?,
    };
    print(json, vec![shown(&signed, clock::now())], Shown::line)
}

fn add(json: bool, data: &DataDir, file: Option<&Path>, statements: &[PathBuf]) -> Result<(), Failure> {
    let own = data.identity()?.key().id();
    let agreement = file.map(load).transpose()?;
    if agreement.as_ref().is_some_and(|checked| checked.agreement().seen_from(&own).is_none()) {
        return Err(Failure::new(Exit::AgreementParty, "this node is no party to the agreement"));
    }
    if let Some(checked) = &agreement {
        words::filled_in(checked.agreement())?;
    }
    let left_out = store(data, agreement.as_ref(), &all_statements(statements)?)?;
    if left_out > 0 {
        let text = format!("{left_out} statements were left out: their agreement is not here");
        Reporter::new(Style::None, Level::Info, json).log(Level::Warn, &text);
    }
    print(json, all_shown(&Store::of(data).all()?, clock::now()), Shown::line)
}

fn named(store: &Store, name: &str) -> Result<Vec<SignedAgreement>, Failure> {
    let all = store.versions(name)?;
    if all.is_empty() {
        return Err(Failure::new(Exit::NoAgreement, format_args!("there is no agreement `{name}` here")));
    }
    Ok(all)
}

/// A signer says something about the version that decides and those that may come after it (V-AGREE-018): written for
/// the others, and stored here.
fn say(
    data: &DataDir,
    json: bool,
    name: &str,
    key: &Path,
    out: &Path,
    words: impl Fn(&SignedAgreement, usize) -> Result<Vec<StatementKind>, Failure>,
) -> Result<(), Failure> {
    let (store_of, signer, now) = (Store::of(data), keys::signer(key)?, clock::now());
    let versions = named(&store_of, name)?;
    let (mut meant, mut statements) = (Vec::new(), Vec::new());
    for sealed in blindlink::agreement::coming(&versions, now) {
        let checked = sealed.agreement();
        let Some(side) = checked.agreement().side_of(&signer.id()) else { continue };
        meant.push(*checked.digest());
        statements.extend(words(sealed, side)?.into_iter().map(|word| SignerStatement::sign(word, checked, &signer)));
    }
    let refuse = |text: &str| Err(Failure::new(Exit::AgreementStatement, text));
    if meant.is_empty() {
        return refuse("this key signs for no party of it");
    }
    if statements.is_empty() {
        return refuse("no suspension by this side holds");
    }
    // In this order: a suspension that only the log knew could never be added again (V-AGREE-019).
    write(out, &statements)?;
    store(data, None, &statements)?;
    let after = meant.iter().map(|digest| Ok(shown(&store_of.by_digest(digest)?, now))).collect::<Result<_, Failure>>();
    print(json, after?, Shown::line)
}

#[derive(Serialize)]
struct Explained {
    schema: &'static str,
    name: String,
    version: u32,
    digest: String,
    words: String,
}

fn explain(json: bool, checked: &CheckedAgreement, policy: Option<&Path>) -> Result<(), Failure> {
    let (agreement, digest) = (checked.agreement(), hex::encode(checked.digest()));
    let policy = policy.map(load_policy).transpose()?;
    if policy.as_ref().is_some_and(|policy| *policy.digest() != agreement.policy) {
        return Err(Failure::new(Exit::AgreementPolicy, "this policy is not the one that the agreement names"));
    }
    let words = words::in_words(agreement) + &words::allowed(agreement, policy.as_ref());
    let (name, version) = (agreement.name.clone(), agreement.version);
    let shown = Explained { schema: "blindlink.agreement-words/v1", name, version, digest, words };
    printed(output::print(json, &shown, || format!("{}Digest of all this: {}\n", shown.words, shown.digest)))
}

/// Shows an agreement to somebody who is about to sign it, and has its name typed.
fn ask(checked: &CheckedAgreement) -> Result<(), Failure> {
    let (name, digest) = (&checked.agreement().name, hex::encode(checked.digest()));
    if !io::stdin().is_terminal() {
        let text = "nobody was asked: sign on a terminal, or give --yes when somebody has read the agreement";
        return Err(Failure::new(Exit::Usage, text));
    }
    eprint!(
        "{}{}Digest of all this: {digest}\n\nType the name of the agreement to sign it: ",
        words::in_words(checked.agreement()),
        words::allowed(checked.agreement(), None)
    );
    let mut typed = String::new();
    io::stdin().read_line(&mut typed).map_err(Failure::because(Exit::Io, "cannot read what is typed".to_owned()))?;
    if typed.trim() == name {
        return Ok(());
    }
    Err(Failure::new(Exit::Usage, "that is another name: nothing was signed"))
}

#[derive(Serialize)]
struct Difference {
    schema: &'static str,
    /// The first in the order of the canonical bytes.
    field: String,
    differences: Vec<words::Differing>,
}

fn diff(json: bool, ours: &CheckedAgreement, theirs: &CheckedAgreement) -> Result<(), Failure> {
    let field = first_difference(ours.canonical_bytes(), theirs.canonical_bytes());
    let differences = words::differences(ours.agreement(), theirs.agreement());
    let shown = Difference { schema: "blindlink.difference/v1", field, differences };
    printed(output::print(json, &shown, || {
        if shown.field == "none" {
            return "the two agreements are the same\n".into();
        }
        let value = |side: &Option<String>| side.as_deref().unwrap_or("(not there)").to_owned();
        let line =
            |one: &words::Differing| format!("{}\n  - {}\n  + {}\n", one.field, value(&one.ours), value(&one.theirs));
        shown.differences.iter().map(line).collect()
    }))
}
