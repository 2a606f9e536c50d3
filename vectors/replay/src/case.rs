//! What all vector files share: the envelope, bytes in hexadecimal, the verdict on one test.

use super::Failure;
use blindlink::Error;
use blindlink::codec::DecodeError;
use blindlink::error::{AuditFault, Misuse, PeerFault, Refusal};
use blindlink::policy::shape::Role;
use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// A vector file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Envelope {
    pub(super) schema: String,
    pub(super) layer: String,
    #[serde(rename = "spec")]
    _spec: String,
    #[serde(rename = "source")]
    _source: String,
    pub(super) notes: BTreeMap<String, String>,
    /// Of the suite `similar`: percent of each rule's pairs that must be found.
    #[serde(default)]
    pub(super) least_percent: BTreeMap<String, u32>,
    /// Number of tests.
    pub(super) count: usize,
    pub(super) tests: Vec<Test>,
}

/// One test: the fields that all layers have, and the layer's own.
#[derive(Debug, Deserialize)]
pub(super) struct Test {
    id: u64,
    comment: String,
    flags: Vec<String>,
    result: Expected,
    error: Option<ErrorClass>,
    #[serde(flatten)]
    own: Map<String, Value>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Expected {
    Valid,
    Invalid,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct ErrorClass {
    class: String,
    code: u16,
}

/// Why a case did not run through.
#[derive(Debug)]
pub(super) enum Stop {
    /// The library refused the input, as it must refuse a peer's.
    Refused(Error),
    /// An output is not the expected one.
    Differs { field: &'static str, expected: String, got: String },
}

impl From<DecodeError> for Stop {
    fn from(error: DecodeError) -> Self {
        PeerFault::from(error).into()
    }
}

impl From<PeerFault> for Stop {
    fn from(fault: PeerFault) -> Self {
        Self::Refused(fault.into())
    }
}

impl From<Refusal> for Stop {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal.into())
    }
}

impl From<AuditFault> for Stop {
    fn from(fault: AuditFault) -> Self {
        Self::Refused(fault.into())
    }
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Refused(error)
    }
}

/// What a validator says, if it names the field and the requirement that the test names, where it names them.
pub(super) fn broken(error: Error, field: Option<&str>, requirement: Option<&str>) -> Stop {
    let (Error::Misuse(Misuse::Policy { field: at, requirement: id, .. })
    | Error::Misuse(Misuse::Agreement { field: at, requirement: id, .. })) = &error
    else {
        return Stop::Refused(error);
    };
    let as_said = field.is_none_or(|field| field == at) && requirement.is_none_or(|requirement| requirement == *id);
    if as_said {
        return Stop::Refused(error);
    }
    let (expected, got) = (format!("{field:?} {requirement:?}"), format!("{at} {id}"));
    Stop::Differs { field: "field and requirement", expected, got }
}

/// The fields of one layer's tests (with `deny_unknown_fields`), and how to run them.
pub(super) trait Case: DeserializeOwned {
    fn run(&self) -> Result<(), Stop>;
}

/// Compares an output.
pub(super) fn same(field: &'static str, expected: &[u8], got: &[u8]) -> Result<(), Stop> {
    if expected == got {
        return Ok(());
    }
    Err(Stop::Differs { field, expected: hex::encode(expected), got: hex::encode(got) })
}

/// Compares a list of outputs.
pub(super) fn all_same<'a, const N: usize>(
    field: &'static str,
    expected: &'a [Hex<N>],
    got: impl IntoIterator<Item = [u8; N]>,
) -> Result<(), Stop> {
    let got: Vec<u8> = got.into_iter().flatten().collect();
    let expected: Vec<u8> = expected.iter().flat_map(|h: &'a Hex<N>| h.0).collect();
    same(field, &expected, &got)
}

impl Test {
    /// Runs the test; `None` if it went as it says.
    pub(super) fn failure<C: Case>(self, number: u64, notes: &BTreeMap<String, String>) -> Option<Failure> {
        let (expected, got) = self.judge::<C>(number, notes).err()?;
        Some(self.failed(expected, got))
    }

    /// The failure of this test.
    pub(super) fn failed(&self, expected: String, got: String) -> Failure {
        Failure { id: self.id, comment: self.comment.clone(), expected, got }
    }

    /// The layer's fields, if the test is well formed; else what was expected and what stands there.
    pub(super) fn fields<F: DeserializeOwned>(
        &self,
        number: u64,
        notes: &BTreeMap<String, String>,
    ) -> Result<F, (String, String)> {
        if self.id != number {
            return Err((format!("id {number}"), format!("id {}", self.id)));
        }
        if let Some(flag) = self.flags.iter().find(|f| !notes.contains_key(*f)) {
            return Err(("flags that the notes explain".to_owned(), flag.clone()));
        }
        if (self.result == Expected::Invalid) != self.error.is_some() {
            return Err(("an error for an invalid test, and only there".to_owned(), format!("{:?}", self.result)));
        }
        F::deserialize(Value::Object(self.own.clone())).map_err(|e| ("a well-formed test".to_owned(), e.to_string()))
    }

    fn judge<C: Case>(&self, number: u64, notes: &BTreeMap<String, String>) -> Result<(), (String, String)> {
        let case: C = self.fields(number, notes)?;
        self.verdict(case.run())
    }

    /// Whether a test went as it says; else what was expected and what came.
    pub(super) fn verdict(&self, done: Result<(), Stop>) -> Result<(), (String, String)> {
        let said = self.error.as_ref().map_or_else(|| "acceptance".to_owned(), name);
        match done {
            Ok(()) if self.result == Expected::Valid => Ok(()),
            Ok(()) => Err((said, "acceptance".to_owned())),
            Err(Stop::Refused(fault)) if Some(class(&fault)) == self.error => Ok(()),
            Err(Stop::Refused(fault)) => Err((said, name(&class(&fault)))),
            Err(Stop::Differs { field, expected, got }) => Err((format!("{field} {expected}"), got)),
        }
    }
}

fn name(error: &ErrorClass) -> String {
    format!("refusal as {} ({})", error.class, error.code)
}

/// A class is the innermost variant's name, without fields.
fn class(error: &Error) -> ErrorClass {
    let shown = match error {
        Error::Peer(fault) => format!("{fault:?}"),
        Error::Incompatible(kind) => format!("{kind:?}"),
        Error::Misuse(kind) => format!("{kind:?}"),
        Error::Refused(refusal) => format!("{refusal:?}"),
        Error::Audit(fault) => format!("{fault:?}"),
        Error::Evidence(fault) => format!("{fault:?}"),
        other => format!("{other:?}"),
    };
    let class = shown.chars().take_while(char::is_ascii_alphanumeric).collect();
    ErrorClass { class, code: error.code() }
}

/// Bytes of any length as lower-case hexadecimal.
#[derive(Clone, Debug)]
pub(super) struct HexBytes(pub(super) Vec<u8>);

/// `N` bytes as lower-case hexadecimal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Hex<const N: usize>(pub(super) [u8; N]);

impl<'de> Deserialize<'de> for HexBytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        if text.bytes().any(|b| b.is_ascii_uppercase()) {
            return Err(D::Error::custom("upper-case hexadecimal"));
        }
        hex::decode(&text).map(Self).map_err(D::Error::custom)
    }
}

impl<'de, const N: usize> Deserialize<'de> for Hex<N> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let bytes = HexBytes::deserialize(deserializer)?.0;
        bytes.try_into().map(Self).map_err(|b: Vec<u8>| D::Error::custom(format!("{} bytes instead of {N}", b.len())))
    }
}

/// The role with this code point.
pub(super) fn role(code: u8) -> Result<Role, Stop> {
    Ok(Role::from_code(code).ok_or(DecodeError::BadField("role"))?)
}
