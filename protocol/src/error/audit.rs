//! An audit log, or a proof about one, does not hold: codes 7xx.

use super::faults;

faults! {
    /// What does not hold in an audit log (spec chapter 15).
    AuditFault, hint "keep all files as they are; compare with an export and with the peers' cosignatures";

    /// A note, checkpoint, proof or entry is not in its format.
    Format(&'static str) = 700, "{0} is not in its format";
    /// No signature by the key that must have signed.
    Unsigned = 701, "no signature by the expected key";
    /// A signature by a known key does not verify.
    Signature = 702, "a signature by a known key does not verify";
    /// The checkpoint is that of another log.
    Origin = 703, "the checkpoint is that of another log";
    /// The entry is not in the tree.
    Inclusion = 704, "the inclusion proof does not verify";
    /// One tree is not the beginning of the other.
    Consistency = 705, "the consistency proof does not verify";
    /// The entries do not give the root of the checkpoint.
    Root = 706, "the entries do not give the root of the checkpoint";
    /// An entry is not the one whose hash lies in the tree.
    Entry {
        /// Its number, from 0.
        index: u64,
    } = 707, "entry {index} is not the one in the tree";
    /// A file is missing, or has not the length that it must have.
    Missing {
        /// The first entry of the file.
        index: u64,
    } = 708, "entries from {index} on are missing or cut";
}
