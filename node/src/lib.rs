//! The Blindlink node: storage, transport and rounds of the `blindlink` protocol.

pub mod agreement;
pub mod audit;
pub mod clock;
mod csv_text;
pub mod driver;
pub mod evidence;
pub mod exit;
pub mod files;
pub mod gate;
pub mod input;
pub mod keystore;
pub mod keytext;
pub mod memory;
pub mod memory_of_asked;
pub mod peers;
pub mod progress;
pub mod retention;
pub mod round;
pub mod rounds;
pub mod transport;
