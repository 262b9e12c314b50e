//! The link: its states without a network, then all of it over TLS on loopback, then whole provinces in simulated time.

mod batches;
mod lanes;
mod logs;
mod over_tls;
mod proxy;
mod simulation;
mod states;
