//! Projects and examples, without the tools of any language.

mod examples;
mod projects;
mod trials;
