pub mod codes;
pub mod value;
