//! What a code means that a peer sent: in an abort frame, or when it closed the connection.

/// Describes a code that a peer sent. Codes below 200 are those with which a node closes a connection; a code that this
/// release does not know is described by its class.
#[must_use]
pub const fn describe(code: u16) -> &'static str {
    match code {
        2 | 406 => "it was stopped there",
        3 | 500 => "trouble of its own",
        4 => "this side was silent for too long",
        214 => "it does not know this round",
        200..=299 => "it says that this side broke the protocol",
        300 => "protocol versions differ",
        301 => "suites differ",
        302 => "policies differ",
        303 => "both sides have the same role",
        304 => "another connection stands between",
        305 => "agreements differ",
        600 => "it has no agreement for this round",
        601 => "approvals of the agreement are missing there",
        602 => "a statement on the agreement is not well signed there",
        603 => "the agreement is not yet valid there",
        604 => "the agreement has expired there",
        605 => "the agreement is suspended there",
        606 => "a later version of the agreement is in force there",
        607..=616 => "the agreement does not fit there",
        620..=623 => "the agreement's budget is used up there",
        400..=499 => "its input or configuration",
        _ => "a reason unknown to this release",
    }
}
