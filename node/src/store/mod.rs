//! What a node keeps in its data folder. Only these files name what lies there.

pub mod agreements;
pub mod audit_log;
pub mod backup;
pub mod bundle;
pub mod configuration;
mod csv_text;
pub mod data_dir;
pub mod database;
pub mod desk;
pub mod erase;
pub mod error;
pub mod journal;
pub mod keys;
pub mod log_heads;
pub mod maintenance;
pub mod peers;
pub mod policies;
pub mod query_history;
pub mod results;
pub mod retention;
pub mod rounds;

pub use data_dir::DataDir;
pub use error::StoreError;
