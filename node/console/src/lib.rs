//! Pages on which people review pairs.
//!
//! The pages are made here and hold no script; they are for a browser on the same machine. Everything that a person
//! does is a step of [`blindlink_review`]: a page asks, and the desk decides. What the console cannot know (the own
//! records, what is durable, the time) is the node's, behind [`Keeper`].
//!
//! A request passes three doors: [`router`] checks where it comes from and bounds its size, a session says who asks, and
//! the desk says whether that person may.

#![forbid(unsafe_code)]

mod accounts;
mod console;
mod guard;
mod letter;
mod node_view;
mod pages;
mod picture;
mod sessions;
mod texts;
mod views;

pub use accounts::{Account, Cost};
pub use axum::serve::Listener;
pub use console::{Begin, CaseNotice, Console, Evidence, Keeper, KeeperFailure, NotTaken, ToldNotice};
pub use guard::{router, serve};
pub use letter::{Letter, LetterKind};
pub use node_view::{AgreementLine, NodeView, PeerLine, RoundLine};
pub use texts::{LANGUAGES, Language};
