//! The link: its states without a network, then all of it over TLS on loopback.

mod batches;
mod logs;
mod over_tls;
mod proxy;
mod states;
