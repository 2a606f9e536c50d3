//! What the operating system gives: time, randomness, files, threads.

pub mod clock;
pub mod disk;
pub mod entropy;
pub mod files;
pub mod peak_rss;
pub mod pool;
pub mod timetable;
