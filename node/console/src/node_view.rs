//! What the console tells of the node itself: rounds, peers, agreements and the audit log. Numbers and names of authorities,
//! nothing of a person.

/// A round of this node.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RoundLine {
    /// First digits of its id; empty if it has none.
    pub round: String,
    /// When it began, in seconds since 1970.
    pub begun: u64,
    /// Name of the peer.
    pub peer: String,
    /// Whether this side called the other.
    pub called: bool,
    /// Whether it goes on still.
    pub open: bool,
    /// Code of its failure, if it did not end well.
    pub failure: Option<String>,
    /// Pairs or claims, and strong ones among them; none while it is open.
    pub found: Option<(usize, usize)>,
}

/// A peer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PeerLine {
    /// Its name here.
    pub name: String,
    /// Its pinned key.
    pub key: String,
    /// When it was last reached, in seconds since 1970.
    pub reached: Option<u64>,
    /// Entries of its audit log that this node has cosigned, and of the own one that it has.
    pub cosigned: (u64, u64),
}

/// An agreement.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AgreementLine {
    /// Its name and version.
    pub name: String,
    /// Version.
    pub version: u32,
    /// Name of its state, such as `in_force`.
    pub state: &'static str,
    /// Its end, in seconds since 1970.
    pub until: u64,
}

/// The node.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NodeView {
    /// The latest rounds, the latest first; open ones before all others.
    pub rounds: Vec<RoundLine>,
    /// Known peers.
    pub peers: Vec<PeerLine>,
    /// Agreements.
    pub agreements: Vec<AgreementLine>,
    /// Entries of the node's audit log; none if it does not hold.
    pub log: Option<u64>,
}
