//! What the figures are held against, measured in the same run on the same disk.

pub mod disk;
pub mod extism;
mod grouped;
pub mod postgres;
pub mod tree;
