//! Projects and examples, without the tools of any language.

mod projects;
mod trials;
