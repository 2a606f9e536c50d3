//! The sealed round, step by step (spec section 7). `ideal` states what the steps together compute and leak.

mod base;
pub mod commitment;
pub mod compare;
pub mod cuckoo;
mod derive;
pub mod ideal;
mod input;
pub mod okvs;
pub mod oprf;
pub mod ot;
pub mod requester;
pub mod responder;
pub mod settle;

#[cfg(test)]
mod tests;
