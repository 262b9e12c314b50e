//! What the figures are held against, measured in the same run on the same disk.

pub mod disk;
mod grouped;
pub mod postgres;
pub mod tree;
