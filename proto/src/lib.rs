//! The messages and services of Lika, generated from `proto/lika`.
//!
//! [`log`] is what nodes keep and exchange: the entry of the log and the parts of records. [`v1`] is the interface
//! that clients and peers call. Without the feature `grpc` the crate holds messages only and needs no runtime.

/// The log: entries and the parts of records (`lika.log.v1`).
pub mod log {
    /// Version 1.
    #[allow(
        clippy::all,
        clippy::allow_attributes_without_reason,
        clippy::pedantic,
        missing_docs,
        reason = "generated code keeps its generator's style"
    )]
    pub mod v1 {
        include!(concat!(env!("OUT_DIR"), "/lika.log.v1.rs"));
    }
}

/// The services (`lika.v1`).
#[allow(
    clippy::all,
    clippy::allow_attributes_without_reason,
    clippy::pedantic,
    missing_docs,
    reason = "generated code keeps its generator's style"
)]
pub mod v1 {
    include!(concat!(env!("OUT_DIR"), "/lika.v1.rs"));
}

/// What is personal prints its name and nothing else.
mod silent {
    use super::{log, v1};

    include!(concat!(env!("OUT_DIR"), "/silent.rs"));
}

/// The compiled `FileDescriptorSet` of everything above, for gRPC reflection and for comparing with a golden copy.
pub const DESCRIPTORS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/descriptors.bin"));
