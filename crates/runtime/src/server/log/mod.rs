//! Access log: each worker queues records of its responses, and one thread formats and writes them.

mod format;
mod worker_log;
mod writer;

pub use self::format::LogFormat;
pub(super) use self::{
    worker_log::{Mark, WorkerLog},
    writer::AccessLog,
};
