//! The command `lika`.

fn main() {}
