//! The node: everything around core that does I/O.
//!
//! [`pki`] says who a node or a client is; [`wire`] carries that into TLS and gRPC; [`federation`] is the link between
//! a node and the one above it.

pub mod federation;
pub mod pki;
pub mod wire;
