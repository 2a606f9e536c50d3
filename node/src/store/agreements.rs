//! Agreements that this node has, with what their signers said (spec chapter 14).
//!
//! `agreements/DIGEST.toml` is the agreement as it was added, `agreements/DIGEST.statements` one statement a line in
//! hexadecimal. Both are public between the parties.

use super::data_dir::DataDir;
use super::error::{StoreError, read_text};
use crate::sys::files::{create_private_folder, sweep, write_whole};
use blindlink::agreement::{Agreement, CheckedAgreement, SignedAgreement, SignerStatement};
use blindlink::audit::Fact;
use blindlink::ids::AgreementDigest;
use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Longest agreement or statement file that is read, in bytes.
const MAX_FILE: u64 = 1 << 20;

/// The node's agreements.
#[derive(Clone, Debug)]
pub struct Store(PathBuf);

fn io_failed(error: io::Error) -> StoreError {
    StoreError::io("the agreements")(error)
}

/// Reads and checks an agreement file.
///
/// # Errors
/// [`StoreError::Missing`], [`StoreError::Agreement`].
pub fn load(path: &Path) -> Result<CheckedAgreement, StoreError> {
    let length = fs::metadata(path).map_or(0, |m| m.len());
    if length > MAX_FILE {
        return Err(StoreError::Agreement(format!("{} is too long", path.display())));
    }
    Ok(Agreement::from_toml(&read_text(path, "the agreement")?)?.validate()?)
}

/// Reads a file of statements: one a line, in hexadecimal.
///
/// # Errors
/// [`StoreError::Missing`], [`StoreError::Statement`].
pub fn load_statements(path: &Path) -> Result<Vec<SignerStatement>, StoreError> {
    let bad = |what: &str| StoreError::Statement(format!("{}: {what}", path.display()));
    if fs::metadata(path).is_ok_and(|m| m.len() > MAX_FILE) {
        return Err(bad("too long for statements"));
    }
    let text = read_text(path, "the statements")?;
    let read =
        |line: &str| -> Option<SignerStatement> { SignerStatement::decode(&hex::decode(line.trim()).ok()?).ok() };
    let mut statements = Vec::new();
    for (number, line) in (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty()) {
        statements.push(read(line).ok_or_else(|| bad(&format!("line {number} is no statement")))?);
    }
    // An empty file is one that was not written to its end, or was lost on its way: it suspends nothing.
    if statements.is_empty() { Err(bad("there is no statement in it")) } else { Ok(statements) }
}

/// The line of a statement.
#[must_use]
pub fn statement_line(statement: &SignerStatement) -> String {
    hex::encode(statement.encode()) + "\n"
}

impl Store {
    /// The agreements of a node.
    #[must_use]
    pub fn of(data: &DataDir) -> Self {
        Self(data.path().join("agreements"))
    }

    fn path(&self, digest: &AgreementDigest, extension: &str) -> PathBuf {
        self.0.join(format!("{}.{extension}", hex::encode(digest)))
    }

    /// All agreements, by name and version.
    ///
    /// # Errors
    /// [`StoreError::Agreement`] or [`StoreError::Statement`] if one of the files was damaged; [`StoreError::Io`].
    pub fn all(&self) -> Result<Vec<SignedAgreement>, StoreError> {
        sweep(&self.0, None);
        let folder = match fs::read_dir(&self.0) {
            Ok(folder) => folder,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(io_failed(error)),
        };
        let mut all = Vec::new();
        for entry in folder {
            let path = entry.map_err(io_failed)?.path();
            if path.extension().is_some_and(|extension| extension == "toml") {
                match load(&path) {
                    // A draft that was replaced in this moment.
                    Err(_) if !path.exists() => {}
                    agreement => all.push(self.seal(agreement?)?),
                }
            }
        }
        all.sort_by_key(|sealed| {
            let agreement = sealed.agreement().agreement();
            (agreement.name.clone(), agreement.version)
        });
        Ok(all)
    }

    fn seal(&self, agreement: CheckedAgreement) -> Result<SignedAgreement, StoreError> {
        let statements = self.statements(agreement.digest())?;
        Ok(SignedAgreement::new(agreement, &statements)?)
    }

    /// What is here of what was said about the agreement with this digest.
    ///
    /// # Errors
    /// [`StoreError::Statement`] if the file was damaged; [`StoreError::Io`].
    pub fn statements(&self, agreement: &AgreementDigest) -> Result<Vec<SignerStatement>, StoreError> {
        let path = self.path(agreement, "statements");
        if path.exists() { load_statements(&path) } else { Ok(Vec::new()) }
    }

    /// Stores an agreement, statements, or both. All of it is checked first, together with what is here, so that nothing
    /// is stored by halves or could not be read again. Storing it again changes nothing. `log` tells the audit log each
    /// fact, if it does not know yet, before it has an effect (V-AUDIT-012). Gives the number of statements that were left
    /// out, since their agreement is not here (V-AGREE-018).
    ///
    /// # Errors
    /// As `log`'s; [`StoreError::Agreement`] if the agreement does not follow the version before (V-AGREE-016), or if another
    /// that somebody has signed has its name and version; [`StoreError::NoAgreement`] if no statement is about one that is
    /// here; [`StoreError::Statement`].
    pub fn add(
        &self,
        agreement: Option<&CheckedAgreement>,
        statements: &[SignerStatement],
        mut log: impl FnMut(Fact) -> Result<(), StoreError>,
    ) -> Result<usize, StoreError> {
        let all = self.all()?;
        let drafts = agreement.map_or_else(|| Ok(Vec::new()), |new| self.replaced(&all, new))?;
        let mut about: BTreeMap<AgreementDigest, Vec<SignerStatement>> = BTreeMap::new();
        for statement in statements {
            about.entry(statement.agreement).or_default().push(statement.clone());
        }
        let (mut said, mut left_out) = (Vec::new(), 0);
        for (digest, new) in about {
            let here = all.iter().map(SignedAgreement::agreement).filter(|here| !drafts.contains(here.digest()));
            let of = agreement.into_iter().chain(here).find(|one| *one.digest() == digest);
            let Some(of) = of else {
                left_out += new.len();
                continue;
            };
            let known = self.statements(&digest)?;
            let mut whole = known.clone();
            for statement in &new {
                statement.check(of)?;
                if whole.iter().all(|one| one.digest() != statement.digest()) {
                    whole.push(statement.clone());
                }
            }
            SignedAgreement::new(of.clone(), &whole)?;
            said.push((digest, new, (whole.len() > known.len()).then_some(whole)));
        }
        if said.is_empty() && left_out > 0 {
            return Err(StoreError::NoAgreement("the statement is about an agreement that is not here"));
        }
        create_private_folder(&self.0).map_err(io_failed)?;
        if let Some(new) = agreement {
            log(Fact::AgreementAdded { agreement: *new.digest() })?;
            write_whole(&self.path(new.digest(), "toml"), new.agreement().to_toml().as_bytes()).map_err(io_failed)?;
        }
        for draft in drafts {
            fs::remove_file(self.path(&draft, "toml")).map_err(io_failed)?;
        }
        for (agreement, new, whole) in said {
            for statement in new {
                log(Fact::StatementAdded { agreement, statement: statement.digest(), kind: statement.kind() })?;
            }
            if let Some(whole) = whole {
                let text: String = whole.iter().map(statement_line).collect();
                write_whole(&self.path(&agreement, "statements"), text.as_bytes()).map_err(io_failed)?;
            }
        }
        Ok(left_out)
    }

    /// The drafts in whose place an agreement comes: of its name and version, and signed by nobody.
    fn replaced(
        &self,
        all: &[SignedAgreement],
        agreement: &CheckedAgreement,
    ) -> Result<Vec<AgreementDigest>, StoreError> {
        let (new, mut drafts) = (agreement.agreement(), Vec::new());
        for old in all.iter().map(SignedAgreement::agreement) {
            let (version, digest) = (old.agreement().version, old.digest());
            if old.agreement().name != new.name || digest == agreement.digest() {
                continue;
            }
            let refuse = |text: &str| Err(StoreError::Agreement(text.into()));
            if version == new.version {
                if !self.statements(digest)?.is_empty() {
                    return refuse("there is another agreement of this name and version, and it is signed");
                }
                drafts.push(*digest);
            }
            // V-AGREE-016
            if version + 1 == new.version && new.previous != Some(*digest) {
                return refuse("`previous` is not the digest of the version before");
            }
        }
        Ok(drafts)
    }

    /// The agreement with this digest.
    ///
    /// # Errors
    /// [`StoreError::NoAgreement`], or as [`Store::all`].
    pub fn by_digest(&self, digest: &AgreementDigest) -> Result<SignedAgreement, StoreError> {
        let path = self.path(digest, "toml");
        if !path.exists() {
            return Err(StoreError::NoAgreement("the agreement is not here any more"));
        }
        self.seal(load(&path)?)
    }

    /// All versions of the agreement of this name, oldest first.
    ///
    /// # Errors
    /// As [`Store::all`].
    pub fn versions(&self, name: &str) -> Result<Vec<SignedAgreement>, StoreError> {
        let mut all = self.all()?;
        all.retain(|sealed| sealed.agreement().agreement().name == name);
        Ok(all)
    }
}
