//! Tests of the node and its command line, in one program.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod admission;
mod agreement;
mod archive;
mod ask;
mod asking;
mod attacks;
mod bad_data;
mod bundle;
mod canary;
mod cli;
mod commands;
mod confirm;
mod confirm_peers;
mod differential;
mod evidence;
mod files;
mod first_day;
mod full_disk;
mod hostile;
mod older;
mod pairing;
mod papers;
mod python_party;
mod restoring;
mod resume;
mod review;
mod round;
mod running;
mod shown;
mod signing;
mod silence;
mod standing;
mod traces;
mod vanish;
mod vectors;
mod week;
