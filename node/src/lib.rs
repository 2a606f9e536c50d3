//! The Blindlink node.
