//! How a node is reached: TLS from its certificates, and who is at the other end.

pub mod tls;
