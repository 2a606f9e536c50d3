//! The agreement or its budget does not allow the round: codes 6xx.

use super::faults;

impl Refusal {
    /// The code that a peer is told (V-ERROR-002). A refusal that rests on this side's own debits, lists or finds has one
    /// code for all: a peer must not learn when a budget was used up by rounds with others, or how the own list changed.
    #[must_use]
    pub const fn code_for_peer(&self) -> u16 {
        match self {
            Self::Bins { .. } | Self::Rounds | Self::Changes | Self::Batch | Self::Matches => Self::NotNow.code(),
            other => other.code(),
        }
    }
}

faults! {
    /// Why the agreement or its budget does not allow a round (spec sections 14.5 and 14.6).
    Refusal, hint "look at the agreement and at the policy with the other side, and amend one of them";

    /// There is no agreement, and the node is not in training mode.
    NoAgreement = 600, "there is no agreement for this round";
    /// Not all four signers have approved.
    MissingSignature {
        /// How many.
        missing: u8,
    } = 601, "{missing} of the four approvals are missing", "have the missing signers sign, and add their statements";
    /// A statement is not signed by the signer that it names.
    BadStatement = 602, "a statement on the agreement is not signed by the signer that it names";
    /// It begins later.
    NotYetValid = 603, "the agreement is not yet valid";
    /// It has ended.
    Expired = 604, "the agreement has expired";
    /// A signer has suspended it.
    Suspended = 605, "the agreement is suspended", "two signers of the side that suspended it can lift the suspension";
    /// A later version has taken its place.
    Superseded = 606, "a later version of the agreement is in force";
    /// Own key or the peer's is not that of its party.
    Party = 607, "the agreement is between other parties";
    /// A party may not take this role.
    Role = 608, "the agreement gives this side another role";
    /// The policy is for other lanes.
    Lanes = 609, "the policy is for other lanes than the agreement";
    /// The policy is for another purpose.
    Purpose = 610, "the policy is for another purpose than the agreement";
    /// The policy is for another epoch.
    Epoch = 611, "the policy is for another epoch than the agreement";
    /// The policy names another agreement.
    Name = 612, "the policy names another agreement";
    /// The policy is not the one that the agreement names by its digest.
    Policy = 613, "the policy is not the one that was agreed";
    /// The policy's padded sizes exceed the agreement's caps.
    Size = 614, "the policy's padded sizes exceed the agreement";
    /// The policy's output mode is another.
    Output = 615, "the policy tells the result to others than the agreement";
    /// The round would exceed the bins of a table and period.
    Bins {
        /// Parts of the table's match key.
        table: String,
    } = 620, "the round would exceed the budget of bins of the key `{table}`", "wait, or agree on a larger budget";
    /// The rounds of a day are used up.
    Rounds = 621, "the rounds of a day are used up", "wait, or agree on a larger budget";
    /// The policy was changed too often under this agreement.
    Changes = 622, "thresholds, weights or keys were changed too often under this agreement", "wait, or agree on a larger budget";
    /// The own list differs from that of the last round by too few records.
    Batch = 623, "the list differs from that of the last round by fewer records than the agreement demands", "collect more changes before the next round";
    /// More different matches than the agreement lets a round find in mutual mode.
    Matches = 624, "more persons of the list matched than the agreement expects; nothing was claimed", "look at the policy and at the peer: a list made of guesses matches everything";
    /// What a peer is told in place of a refusal that rests on what this side alone knows.
    NotNow = 630, "this side does not go on with it now";
}
