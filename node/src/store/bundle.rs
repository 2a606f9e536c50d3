//! Files that the operators of two nodes exchange before their first round: an invitation says who a node is and who signs
//! for it; a bundle holds everything that an agreement needs. Nothing in either is secret.

use super::error::{StoreError, read_text};
use super::results;
use crate::sys::files::{write_new, write_whole};
use blindlink::agreement::{Agreement, CheckedAgreement, SignedAgreement, SignerStatement};
use blindlink::identity::{PeerId, keytext};
use blindlink::policy::{CheckedPolicy, Policy};
use serde::{Deserialize, Serialize};
use std::path::Path;

/// Longest invitation that is read, in bytes.
const MAX_INVITATION: u64 = 8192;
/// Longest bundle that is read, in bytes.
const MAX_BUNDLE: u64 = 1 << 20;
const INVITATION: &str = "blindlink.invitation/v1";
const BUNDLE: &str = "blindlink.bundle/v1";

/// A person who signs for a node's authority.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct InvitedSigner {
    /// Name or office.
    pub name: String,
    /// Public key, in text form.
    pub key: String,
}

/// What an invitation says.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Invitation {
    /// `blindlink.invitation/v1`
    pub schema: String,
    /// How the node would like to be called.
    pub name: String,
    /// Its public key, in text form.
    pub key: String,
    /// Where it is called.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub addr: Option<String>,
    /// The authority behind it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub party: Option<String>,
    /// The law on which that authority acts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub legal_basis: Option<String>,
    /// Who signs for it: two persons, or nobody yet.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub signers: Vec<InvitedSigner>,
}

fn bad(path: &Path, what: impl std::fmt::Display) -> StoreError {
    StoreError::Bundle(format!("{}: {what}", path.display()))
}

fn bounded(path: &Path, what: &str, most: u64) -> Result<String, StoreError> {
    if path.metadata().is_ok_and(|meta| meta.len() > most) {
        return Err(bad(path, format_args!("too long for {what}: {most} bytes at most")));
    }
    read_text(path, what)
}

impl Invitation {
    /// An invitation of a node.
    #[must_use]
    pub fn new(name: String, id: &PeerId, addr: Option<String>) -> Self {
        let (schema, key) = (INVITATION.to_owned(), keytext::to_text(id));
        Self { schema, name, key, addr, party: None, legal_basis: None, signers: Vec::new() }
    }

    /// Reads an invitation.
    ///
    /// # Errors
    /// [`StoreError::Bundle`], [`StoreError::Missing`].
    pub fn read(path: &Path) -> Result<(Self, PeerId), StoreError> {
        let text = bounded(path, "the invitation", MAX_INVITATION)?;
        let invitation: Self =
            toml::from_str(&text).map_err(|error| bad(path, format_args!("is no invitation: {}", error.message())))?;
        let id = invitation.id().map_err(|error| bad(path, error))?;
        Ok((invitation, id))
    }

    /// Writes it to a file that is not there yet.
    ///
    /// # Errors
    /// [`StoreError::Exists`], [`StoreError::Output`].
    pub fn write(&self, path: &Path) -> Result<(), StoreError> {
        let text = toml::to_string(self).map_err(|_| StoreError::Internal("an invitation"))?;
        results::check_new(path)?;
        write_new(path, text.as_bytes()).map_err(StoreError::output(format!("cannot write {}", path.display())))
    }

    fn id(&self) -> Result<PeerId, String> {
        if self.schema != INVITATION {
            return Err(format!("is no invitation: its schema is not `{INVITATION}`"));
        }
        keytext::from_text(&self.key).map_err(|error| error.to_string())
    }

    /// The two who sign, by name and key; nobody, if the invitation names nobody.
    ///
    /// # Errors
    /// [`StoreError::Bundle`] if there are more or fewer than two, or if a key cannot be read.
    pub fn signers(&self) -> Result<Option<[blindlink::agreement::Signer; 2]>, StoreError> {
        let read = |signer: &InvitedSigner| -> Result<blindlink::agreement::Signer, StoreError> {
            let key = keytext::from_text(&signer.key)
                .map_err(|error| StoreError::Bundle(format!("key of {}: {error}", signer.name)))?;
            Ok(blindlink::agreement::Signer { name: signer.name.clone(), key })
        };
        match self.signers.as_slice() {
            [] => Ok(None),
            [one, two] => Ok(Some([read(one)?, read(two)?])),
            _ => Err(StoreError::Bundle(format!("{}: each side has two signers", self.name))),
        }
    }
}

/// A bundle as its file has it.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Bundle {
    /// `blindlink.bundle/v1`
    schema: String,
    /// The agreement: a TOML file of its own.
    agreement: String,
    /// The policy that it names: a TOML file of its own.
    policy: String,
    /// What signers said, in hexadecimal.
    #[serde(default)]
    statements: Vec<String>,
    /// The two nodes.
    invitation: Vec<Invitation>,
}

/// A bundle whose parts fit one another. Its signatures are checked.
#[derive(Clone, Debug)]
pub struct CheckedBundle {
    /// The two nodes, with their keys.
    pub nodes: [(Invitation, PeerId); 2],
    /// The policy.
    pub policy: CheckedPolicy,
    /// The text of the policy.
    pub policy_text: String,
    /// The agreement, with what its signers said.
    pub signed: SignedAgreement,
    /// What its signers said.
    pub statements: Vec<SignerStatement>,
}

impl CheckedBundle {
    /// A bundle that nobody has signed yet.
    ///
    /// # Errors
    /// [`StoreError::Protocol`].
    pub fn new(
        nodes: [(Invitation, PeerId); 2],
        (policy, policy_text): (CheckedPolicy, String),
        agreement: CheckedAgreement,
    ) -> Result<Self, StoreError> {
        let signed = SignedAgreement::new(agreement, &[])?;
        Ok(Self { nodes, policy, policy_text, signed, statements: Vec::new() })
    }

    /// Whether a file begins as a bundle does.
    #[must_use]
    pub fn is_one(path: &Path) -> bool {
        bounded(path, "a bundle", MAX_BUNDLE).is_ok_and(|text| toml::from_str::<Bundle>(&text).is_ok())
    }

    /// Reads a bundle, and checks that its parts fit one another.
    ///
    /// # Errors
    /// [`StoreError::Bundle`], [`StoreError::Missing`]; [`StoreError::Protocol`] if its policy or agreement is not acceptable
    /// or if a statement is of nobody who could say it.
    pub fn read(path: &Path) -> Result<Self, StoreError> {
        let text = bounded(path, "the bundle", MAX_BUNDLE)?;
        let read: Bundle =
            toml::from_str(&text).map_err(|error| bad(path, format_args!("is no bundle: {}", error.message())))?;
        if read.schema != BUNDLE {
            return Err(bad(path, format_args!("is no bundle: its schema is not `{BUNDLE}`")));
        }
        let policy = Policy::from_toml(&read.policy)?.validate()?;
        let agreement = Agreement::from_toml(&read.agreement)?.validate()?;
        if agreement.agreement().policy != *policy.digest() {
            let [named, here] = [&agreement.agreement().policy, policy.digest()].map(hex::encode);
            let what = format_args!("the agreement names the policy {named}, and the policy in the bundle is {here}");
            return Err(bad(path, what));
        }
        let mut nodes = Vec::new();
        for invitation in read.invitation {
            let id = invitation.id().map_err(|error| bad(path, error))?;
            nodes.push((invitation, id));
        }
        let nodes: [(Invitation, PeerId); 2] =
            nodes.try_into().map_err(|_| bad(path, "a bundle has the invitations of two nodes"))?;
        let parties = agreement.agreement().parties.iter();
        if parties.zip(&nodes).any(|(party, (_, id))| party.node != *id) {
            return Err(bad(path, "the invitations are not those of the agreement's nodes"));
        }
        let statement = |line: &String| SignerStatement::decode(&hex::decode(line).ok()?).ok();
        let mut statements = Vec::new();
        for (number, line) in (1..).zip(&read.statements) {
            statements.push(statement(line).ok_or_else(|| bad(path, format_args!("statement {number} is none")))?);
        }
        let about = *agreement.digest();
        if let Some(other) = statements.iter().find(|statement| statement.agreement != about) {
            let [signed, here] = [&other.agreement, &about].map(hex::encode);
            let what = format_args!(
                "somebody signed the agreement with digest {signed}, and this text has digest {here}: it was changed after \
                 it was signed; let all sign it anew"
            );
            return Err(bad(path, what));
        }
        let signed = SignedAgreement::new(agreement, &statements)?;
        Ok(Self { nodes, policy, policy_text: read.policy, signed, statements })
    }

    /// Adds what a signer says; a statement that is in it already changes nothing.
    ///
    /// # Errors
    /// [`StoreError::Protocol`] if the signer could not say it.
    pub fn add(&mut self, statement: SignerStatement) -> Result<(), StoreError> {
        if self.statements.iter().any(|one| one.digest() == statement.digest()) {
            return Ok(());
        }
        self.statements.push(statement);
        self.signed = SignedAgreement::new(self.signed.agreement().clone(), &self.statements)?;
        Ok(())
    }

    /// Writes the bundle, whole or not at all.
    ///
    /// # Errors
    /// [`StoreError::Output`].
    pub fn write(&self, path: &Path) -> Result<(), StoreError> {
        let bundle = Bundle {
            schema: BUNDLE.into(),
            agreement: self.signed.agreement().agreement().to_toml(),
            policy: self.policy_text.clone(),
            statements: self.statements.iter().map(|statement| hex::encode(statement.encode())).collect(),
            invitation: self.nodes.iter().map(|(invitation, _)| invitation.clone()).collect(),
        };
        let text = toml::to_string_pretty(&bundle).map_err(|_| StoreError::Internal("a bundle"))?;
        write_whole(path, text.as_bytes()).map_err(StoreError::output(format!("cannot write {}", path.display())))
    }

    /// The node that is not this one; nobody, if this one is no party.
    #[must_use]
    pub fn peer_of(&self, own: &PeerId) -> Option<&(Invitation, PeerId)> {
        match self.nodes.iter().position(|(_, id)| id == own) {
            Some(0) => Some(&self.nodes[1]),
            Some(_) => Some(&self.nodes[0]),
            None => None,
        }
    }
}
