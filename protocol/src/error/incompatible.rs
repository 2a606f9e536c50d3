//! Both sides are honest and do not fit together: codes 3xx.

use super::faults;

faults! {
    /// Honest, but not the same.
    Incompatible, hint "both sides must run compatible releases on one direct connection";

    /// No protocol version in common.
    Version {
        /// Our version.
        ours: u16,
        /// Version of the peer.
        theirs: u16,
    } = 300, "protocol version {theirs}, ours is {ours}";
    /// Another cipher suite.
    Suite {
        /// Our suite.
        ours: u16,
        /// Suite of the peer.
        theirs: u16,
    } = 301, "suite {theirs}, ours is {ours}";
    /// The two policies differ; the first differing field is named from our own copy of the schema.
    Policy {
        /// Path of the first differing field.
        field: String,
    } = 302, "the policies differ in `{field}`", "agree on one policy file and use it on both sides";
    /// The two agreements differ; the first differing field is named from our own copy.
    Agreement {
        /// Path of the first differing field; `training` if only one side runs without an agreement.
        field: String,
    } = 305, "the agreements differ in `{field}`", "agree on one agreement and use it on both sides; training is for both or for none";
    /// Both sides took the same role.
    Role(&'static str) = 303, "both sides are {0}", "one side runs `serve`, the other `link`";
    /// The hello is bound to another connection.
    ChannelBinding = 304, "the hello is bound to another connection";
}
