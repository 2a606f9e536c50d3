//! The Blindlink node as a library: storage, transport and rounds of the `blindlink` protocol.
//!
//! A round goes from [`own_list`] (a list and a policy) through [`admission`] (may it begin?) to [`round`], which runs it
//! over [`transport`] and keeps what must survive in [`store`]. [`service`] answers callers. Nothing here knows a command
//! line: errors are [`error::NodeError`], what happens is an [`event::Event`].

pub mod admission;
pub mod driver;
pub mod error;
pub mod event;
pub mod evidence;
pub mod failure_code;
pub mod own_list;
pub mod round;
pub mod service;
pub mod store;
pub mod sys;
pub mod transport;
