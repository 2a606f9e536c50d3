//! Every way in which the command ends, each with its exit code, stable name and hint (`docs/exit-codes.md`).

use crate::wording;
use blindlink::Error;
use blindlink::error::{AuditFault, Refusal};
use blindlink_lab::error::LabError;
use blindlink_node::driver::Stopped;
use blindlink_node::error::NodeError;
use blindlink_node::failure_code::FailureCode;
use blindlink_node::store::StoreError;
use blindlink_node::store::journal::JournalError;
use blindlink_node::transport::TransportError;
use core::fmt;

macro_rules! exits {
    ($($(#[$doc:meta])* $variant:ident = $exit:literal, $code:literal, $hint:literal;)*) => {
        /// How a command ended other than well.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Exit { $($(#[$doc])* $variant,)* }

        impl Exit {
            /// All of them, for the table in `docs/` and its test.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// Exit code of the process.
            #[must_use]
            pub const fn exit(self) -> u8 {
                match self { $(Self::$variant => $exit),* }
            }

            /// Stable name for machines.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant => $code),* }
            }

            /// What a person should do next.
            #[must_use]
            pub const fn hint(self) -> &'static str {
                match self { $(Self::$variant => $hint),* }
            }
        }
    };
}

exits! {
    /// Nothing below fits.
    Unexpected = 1, "E_UNEXPECTED", "report this with the version and the log";
    /// The command line is wrong.
    Usage = 2, "E_USAGE", "see `blindlink help`";
    /// The peer closed before its first frame.
    Admission = 10, "E_ADMISSION_REFUSED",
        "ask the peer's operator to run `blindlink peer add` with the key that `blindlink identity show` prints here";
    /// Whoever answers has another key than the pinned one.
    WrongPin = 11, "E_PEER_KEY_MISMATCH",
        "do not go on: compare the key with the peer's operator over the telephone, then `peer remove` and `peer add`";
    /// No ALPN protocol in common.
    Alpn = 12, "E_ALPN", "both sides must run releases that speak the same protocol";
    /// Another protocol version.
    Version = 13, "E_VERSION", "both sides must run compatible releases";
    /// Another suite.
    Suite = 14, "E_SUITE", "take the suite that the agreement names on both sides; in training, the same `--suite`";
    /// Another policy.
    PolicyDiffers = 15, "E_POLICY_DIFFERS", "agree on one policy file and use it on both sides";
    /// Both sides took the same role.
    Role = 16, "E_ROLE", "one side runs `serve`, the other `link`";
    /// The hello is bound to another connection.
    Binding = 17, "E_CHANNEL_BINDING", "somebody stands between the two nodes: use a direct connection";
    /// Another agreement.
    AgreementDiffers = 18, "E_AGREEMENT_DIFFERS",
        "use one agreement on both sides: `blindlink agreement diff`; training is for both or for none";
    /// The peer's name has no address.
    Address = 19, "E_PEER_ADDRESS",
        "check the name that `blindlink peer list` shows for the peer, this machine's network and its name service";
    /// Packets stopped.
    Vanished = 20, "E_PEER_VANISHED", "the round is burnt: find out why the peer's node or the network stopped, then start a new one; `--give-up-after` sets the patience";
    /// The peer lives but says nothing.
    Stalled = 21, "E_PEER_STALLED", "the round is burnt: ask the peer's operator; `--frame-timeout` and `--give-up-after` set the patience";
    /// The peer does not know the round any more.
    Forgotten = 23, "E_ROUND_FORGOTTEN",
        "the round is burnt: ask the peer's operator what became of its data folder, then start a new one";
    /// The peer's audit log is not the one that was cosigned, or went on from something else.
    PeerLog = 25, "E_PEER_LOG_BEHIND",
        "one of the two nodes was put back to an earlier state: find out with the peer's operator which and why; then `audit forget` on both nodes lets them go on";
    /// The journal of an open round is an older copy.
    JournalRestored = 26, "E_JOURNAL_RESTORED", "never put the folder `rounds` back from a backup; the round is burnt, begin a new one";
    /// By files: nothing more can be done before the peer's file comes.
    Waiting = 24, "E_WAITING", "carry the file to the peer; when its answer is here, run the same command again";
    /// The peer stopped the round.
    PeerAborted = 22, "E_PEER_ABORTED", "look at the peer's log: it says why it stopped";
    /// A frame of a length that may not be.
    FrameLength = 30, "E_FRAME_LENGTH", "the round is burnt: keep the log and talk to the peer's operator before the next";
    /// A frame with contents that may not be.
    FrameMalformed = 31, "E_FRAME_MALFORMED",
        "the round is burnt: keep the log and talk to the peer's operator before the next";
    /// A zero-knowledge proof does not verify.
    BadProof = 32, "E_PROOF", "the peer may be cheating: keep the log and start no round before it is explained";
    /// The OT extension's check failed.
    BadOt = 33, "E_OT_CHECK", "the peer may be cheating: keep the log and start no round before it is explained";
    /// A chunk sent twice, out of order, or not as committed to.
    Violation = 34, "E_PROTOCOL_VIOLATION",
        "the peer may be cheating: keep the log and start no round before it is explained";
    /// The receipt is signed wrongly or names another transcript.
    Receipt = 35, "E_RECEIPT", "somebody changed a message: keep the log and start no round before it is explained";
    /// The audit log is damaged.
    AuditDamaged = 36, "E_AUDIT_DAMAGED",
        "keep all files as they are; compare them with an export and with the peers' cosignatures, then decide";
    /// What crossed before is not what the peer says.
    OtherPast = 37, "E_RESUME",
        "the round is burnt: the peer may be cheating, or was restored from a backup; keep the log and talk to its operator";
    /// By files: a file is altered, truncated or not signed by the peer.
    FileAltered = 38, "E_FILE_ALTERED", "get the file from the peer again; the round stays open";
    /// By files: a file of another round, or not the next one.
    FileOrder = 39, "E_FILE_ORDER", "look for the file that is named; the round stays open";
    /// A round's evidence does not hold.
    Evidence = 27, "E_EVIDENCE", "ask for another copy; if all copies say the same, the round is in dispute";
    /// Re-execution, or an opened record, does not fit what was committed to or sent.
    EvidenceDiffers = 28, "E_EVIDENCE_DIFFERS",
        "the party did not hand over what it committed to, or did something else than the protocol demands: keep all files";
    /// More records than the policy allows.
    TooManyRecords = 40, "E_TOO_MANY_RECORDS", "split the list, or agree on a policy with larger padded sizes";
    /// The policy file is not acceptable.
    BadPolicy = 41, "E_POLICY_INVALID", "correct the policy file; `spec/` explains each requirement";
    /// There is no agreement for the round, and this is no training.
    NoAgreement = 42, "E_NO_AGREEMENT",
        "`blindlink agreement add` the agreement and its statements; `--training` is for invented persons only";
    /// Approvals are missing.
    AgreementUnsigned = 43, "E_AGREEMENT_UNSIGNED", "have the missing signers sign, and add their statements";
    /// A statement is not signed by the signer that it names.
    AgreementStatement = 44, "E_AGREEMENT_STATEMENT", "do not use it: ask the signer for a statement of their own";
    /// The agreement begins later.
    AgreementNotYet = 45, "E_AGREEMENT_NOT_YET_VALID", "wait for its first day; check this machine's clock";
    /// The agreement has ended.
    AgreementExpired = 46, "E_AGREEMENT_EXPIRED", "agree on a new version; check this machine's clock";
    /// A signer has suspended the agreement.
    AgreementSuspended = 47, "E_AGREEMENT_SUSPENDED",
        "ask the side that suspended it: two of its signers can lift the suspension";
    /// A later version is in force.
    AgreementSuperseded = 48, "E_AGREEMENT_SUPERSEDED", "use the policy of the later version";
    /// The agreement is between other parties.
    AgreementParty = 49, "E_AGREEMENT_PARTY", "choose the agreement with this peer; compare its keys";
    /// Test vectors did not replay.
    Vectors = 50, "E_VECTORS", "this build computes something else than the specification: do not use it";
    /// The agreement gives this side another role.
    AgreementRole = 51, "E_AGREEMENT_ROLE", "the agreement says who may ask";
    /// The policy is for other lanes.
    AgreementLanes = 52, "E_AGREEMENT_LANES", "use the policy that was agreed for this pair of lists";
    /// The policy is for another purpose.
    AgreementPurpose = 53, "E_AGREEMENT_PURPOSE", "use the policy that was agreed for this purpose";
    /// The policy is for another epoch.
    AgreementEpoch = 54, "E_AGREEMENT_EPOCH", "use the policy that was agreed for this epoch";
    /// The policy names another agreement.
    AgreementName = 55, "E_AGREEMENT_NAME", "use the policy that names this agreement";
    /// The policy is not the one that was agreed.
    AgreementPolicy = 56, "E_AGREEMENT_POLICY", "use the policy file that was agreed, byte by byte in meaning";
    /// The policy's padded sizes exceed the agreement.
    AgreementSize = 57, "E_AGREEMENT_SIZE", "use a policy within the caps, or amend the agreement";
    /// The policy tells the result to others than the agreement.
    AgreementOutput = 58, "E_AGREEMENT_OUTPUT", "use a policy with the agreed output";
    /// The agreement file is not acceptable.
    BadAgreement = 59, "E_AGREEMENT_INVALID", "correct the agreement file; `spec/` explains each requirement";
    /// The budget of bins is used up.
    BudgetBins = 60, "E_BUDGET_BINS", "wait until the period has passed, or agree on a larger budget";
    /// The rounds of a day are used up.
    BudgetRounds = 61, "E_BUDGET_ROUNDS", "wait a day, or agree on more rounds; if this machine's clock was ahead, a day after what it showed";
    /// The policy was changed too often.
    BudgetChanges = 62, "E_BUDGET_CHANGES", "go back to an earlier policy, or wait until the period has passed";
    /// The own list changed by too few records.
    BudgetBatch = 63, "E_BUDGET_BATCH", "collect more changes before the next round";
    /// More matches than the agreement expects.
    BudgetMatches = 64, "E_BUDGET_MATCHES",
        "look at the policy and talk to the peer: a list made of guesses matches everything; nothing was claimed";
    /// The records file is not acceptable.
    BadInput = 65, "E_BAD_INPUT", "correct the file; nothing was sent";
    /// A file is not there.
    NoInput = 66, "E_INPUT_MISSING", "check the path";
    /// The records are not those with which the open round began.
    InputChanged = 67, "E_INPUT_CHANGED",
        "put the file back as it was and run the command again, or give the open round up with `--abandon`";
    /// The journal of an open round is damaged.
    JournalDamaged = 68, "E_JOURNAL_DAMAGED",
        "keep the file for an audit; move it out of the folder `rounds` to give its round up";
    /// Nobody answers.
    Unreachable = 69, "E_PEER_UNREACHABLE",
        "check the address, that the peer runs `serve`, and that UDP passes the firewalls on both sides";
    /// A bug.
    Internal = 70, "E_INTERNAL", "report this with the version and the log; no data is needed";
    /// The open round rests on another agreement than the one in force.
    RoundAgreement = 72, "E_ROUND_AGREEMENT",
        "give the open round up with `--abandon`: the next one begins under the agreement that is in force";
    /// The result cannot be written.
    CannotCreate = 73, "E_OUTPUT", "check that the folder exists, may be written and has room";
    /// Nothing of a list can be used.
    NoUsableRecord = 71, "E_NO_USABLE_RECORD", "`blindlink lists check` shows what is wrong with the list; nothing was sent";
    /// Too much of a list was left out.
    LeftOut = 77, "E_LEFT_OUT", "correct the rows, or write a mapping: `blindlink lists check`; nothing was sent";
    /// Reading or writing failed.
    Io = 74, "E_IO", "check the disk and the permissions";
    /// The peer is in another round.
    Busy = 75, "E_PEER_BUSY", "try again when the peer's round is over";
    /// Another process of this node is at the round.
    RoundInUse = 76, "E_ROUND_IN_USE", "wait for the other command, or stop it";
    /// The data folder, an identity or a peer entry is wrong or not there.
    Config = 78, "E_CONFIG", "see `blindlink init` and `blindlink peer list`";
    /// The database is damaged, or not one of this node and release.
    DatabaseDamaged = 79, "E_DATABASE",
        "keep `node.db` and the files beside it; put a backup of them back, or use the release that wrote them";
    /// The clocks of the two nodes differ.
    Clock = 80, "E_CLOCK", "compare both clocks with a time that you trust, and set the one that is wrong";
    /// The desk does not allow the step.
    Review = 81, "E_REVIEW_REFUSED", "look again with `blindlink review show`; `docs/review.md` says who may do what; nothing was decided";
    /// Name and passphrase do not fit, or the person works here no more.
    Login = 82, "E_LOGIN", "check name and passphrase; a security officer can set a new one: `blindlink account password`";
    /// The operator stopped it.
    Interrupted = 130, "E_INTERRUPTED",
        "a round that had begun stays open: the same command goes on with it, with `--abandon` it is given up";
}

/// Why a command failed: what happened, and through [`Exit`] what to do.
#[derive(Clone, Debug)]
pub struct Failure {
    /// Kind.
    pub exit: Exit,
    /// What happened, in words; no content of a record and no words of the peer.
    pub message: String,
}

impl Failure {
    /// A failure of this kind.
    pub fn new(exit: Exit, message: impl fmt::Display) -> Self {
        Self { exit, message: message.to_string() }
    }

    /// A failure of which the one JSON object already told everything: nothing more is printed with `--json`.
    #[must_use]
    pub const fn told(exit: Exit) -> Self {
        Self { exit, message: String::new() }
    }

    /// For `map_err`: a failure of this kind, with a prefix for the error's own words.
    pub fn because<E: fmt::Display>(exit: Exit, what: impl fmt::Display) -> impl FnOnce(E) -> Self {
        move |error| Self::new(exit, format_args!("{what}: {error}"))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Failure {}

/// The exit code of a failure of the node is its number.
impl From<FailureCode> for Exit {
    fn from(code: FailureCode) -> Self {
        Self::ALL.iter().find(|exit| exit.exit() == code.number()).copied().unwrap_or(Self::Unexpected)
    }
}

impl From<NodeError> for Failure {
    fn from(error: NodeError) -> Self {
        Self::new(error.code().into(), wording::node(&error))
    }
}

/// Failures of the node's parts, where a command uses them directly.
macro_rules! through_node_error {
    ($($kind:ty),* $(,)?) => {
        $(impl From<$kind> for Failure {
            fn from(error: $kind) -> Self {
                NodeError::from(error).into()
            }
        })*
    };
}

through_node_error!(Error, StoreError, TransportError, JournalError, Stopped);

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Error::from(refusal).into()
    }
}

impl From<blindlink_review::Refusal> for Failure {
    fn from(refusal: blindlink_review::Refusal) -> Self {
        Self::new(Exit::Review, refusal)
    }
}

impl From<LabError> for Failure {
    fn from(error: LabError) -> Self {
        match error {
            LabError::Protocol(error) => error.into(),
            other => Self::new(Exit::BadInput, other),
        }
    }
}

impl From<AuditFault> for Failure {
    fn from(fault: AuditFault) -> Self {
        Error::from(fault).into()
    }
}

impl From<Failure> for std::process::ExitCode {
    fn from(failure: Failure) -> Self {
        failure.exit.exit().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn codes_are_unique_and_documented() {
        let documented = include_str!("../../../docs/exit-codes.md");
        let exits: BTreeSet<u8> = Exit::ALL.iter().map(|exit| exit.exit()).collect();
        let codes: BTreeSet<&str> = Exit::ALL.iter().map(|exit| exit.code()).collect();
        assert_eq!((exits.len(), codes.len()), (Exit::ALL.len(), Exit::ALL.len()));
        assert!(!exits.contains(&0));
        for exit in Exit::ALL {
            let row = format!("| {} | `{}` |", exit.exit(), exit.code());
            assert!(documented.contains(&row) && documented.contains(exit.hint()), "{row}");
        }
        assert_eq!(documented.matches("| `E_").count(), Exit::ALL.len());
        let numbers = (1..=u8::MAX).filter(|number| {
            ![Exit::Usage, Exit::Vectors, Exit::Clock, Exit::Review, Exit::Login]
                .iter()
                .any(|exit| exit.exit() == *number)
        });
        let known = numbers.filter(|number| exits.contains(number)).count();
        assert_eq!(known, FailureCode::ALL.len(), "each failure of the node has its own exit code");
        for code in FailureCode::ALL {
            assert!(exits.contains(&code.number()), "{code:?}");
        }
    }

    #[test]
    fn the_peers_words_are_never_repeated() {
        let failure = Failure::from(TransportError::ClosedByPeer(u64::MAX));
        assert_eq!(failure.exit, Exit::PeerAborted);
        assert!(failure.message.contains("a reason unknown to this release"));
    }
}
