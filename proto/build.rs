//! Compiles the `.proto` files with protox, so that nobody needs protoc.
//!
//! What is personal does not show itself: a message that is printed for debugging says of every sealed part, and of
//! every question that names a person, which it is and nothing else. Sealed is whatever the messages of the log hold
//! beside their `open`.

use std::{collections::BTreeSet, error::Error, fmt::Write as _, fs, path::PathBuf};

use prost_types::FileDescriptorSet;

const FILES: [&str; 16] = [
    "lika/log/v1/log.proto",
    "lika/log/v1/records.proto",
    "lika/v1/cases.proto",
    "lika/v1/comparisons.proto",
    "lika/v1/duplicates.proto",
    "lika/v1/enrolment.proto",
    "lika/v1/evidence.proto",
    "lika/v1/households.proto",
    "lika/v1/federation.proto",
    "lika/v1/payments.proto",
    "lika/v1/policies.proto",
    "lika/v1/registry.proto",
    "lika/v1/reports.proto",
    "lika/v1/statistics.proto",
    "lika/v1/supervision.proto",
    "lika/v1/works.proto",
];

/// Messages of the interface that name people, carry files about them, or hold a secret.
const PERSONAL: [&str; 11] = [
    ".lika.v1.BankFile",
    ".lika.v1.CompareRequest",
    ".lika.v1.EnrolRequest",
    ".lika.v1.ExportChunk",
    ".lika.v1.FindRequest",
    ".lika.v1.ImportRequest",
    ".lika.v1.ReopenRequest",
    ".lika.v1.ResolveAlertRequest",
    ".lika.v1.ResolveDuplicateRequest",
    ".lika.v1.TakeBackRequest",
    ".lika.v1.VerifyRequest",
];

#[expect(
    clippy::disallowed_methods,
    reason = "cargo tells a build script what to do through the environment"
)]
fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=lika");
    let out = PathBuf::from(std::env::var_os("OUT_DIR").ok_or("OUT_DIR is set by cargo")?);
    let descriptors = protox::compile(FILES, ["."])?;
    fs::write(out.join("descriptors.bin"), prost_bytes(&descriptors))?;
    let messages: Vec<Message> = messages(&descriptors);
    let silent = silent(&messages);
    fs::write(out.join("silent.rs"), silent_debug(&messages, &silent)?)?;
    let grpc = std::env::var_os("CARGO_FEATURE_GRPC").is_some();
    tonic_prost_build::configure()
        .skip_debug(&silent)
        .build_client(grpc)
        .build_server(grpc)
        .bytes(".lika.log.v1.Entry")
        .bytes(".lika.log.v1.SealedPart")
        .bytes(".lika.log.v1.Disclosed")
        .compile_fds(descriptors)?;
    Ok(())
}

/// A message as the descriptors have it.
struct Message {
    /// Its whole name, such as `.lika.log.v1.Household.Identity`.
    name: String,
    /// Its fields, each with the name of its type where that is a message or an enumeration.
    fields: Vec<(String, Option<String>)>,
    /// Its choices of one of several fields.
    choices: Vec<String>,
}

fn messages(descriptors: &FileDescriptorSet) -> Vec<Message> {
    let mut found = Vec::new();
    for file in &descriptors.file {
        let mut open: Vec<_> = file.message_type.iter().collect();
        let mut within = vec![format!(".{}", file.package()); open.len()];
        while let (Some(message), Some(package)) = (open.pop(), within.pop()) {
            let name = format!("{package}.{}", message.name());
            for nested in &message.nested_type {
                open.push(nested);
                within.push(name.clone());
            }
            let fields = message.field.iter();
            found.push(Message {
                fields: fields
                    .map(|field| (field.name().to_owned(), field.type_name.clone()))
                    .collect(),
                choices: message
                    .oneof_decl
                    .iter()
                    .map(|choice| choice.name().to_owned())
                    // Those of a single optional field are no choices.
                    .filter(|choice| !choice.starts_with('_'))
                    .collect(),
                name,
            });
        }
    }
    found
}

/// The names of the messages that do not show themselves.
fn silent(messages: &[Message]) -> BTreeSet<String> {
    let is_whole = |message: &&Message| {
        let name = message.name.strip_prefix(".lika.log.v1.");
        name.is_some_and(|name| !name.contains('.'))
    };
    let parts = messages.iter().filter(is_whole).flat_map(|it| &it.fields);
    let sealed = parts.filter(|(name, _)| name != "open");
    let sealed = sealed.filter_map(|(_, of)| of.clone());
    let mut open: Vec<String> = sealed.chain(PERSONAL.map(str::to_owned)).collect();
    let mut silent = BTreeSet::new();
    while let Some(name) = open.pop() {
        let Some(message) = messages.iter().find(|message| message.name == name) else {
            continue;
        };
        // Of the interface the choice itself is silent, not what may be chosen: options say nothing of anybody.
        if name.starts_with(".lika.log.") {
            open.extend(message.fields.iter().filter_map(|(_, of)| of.clone()));
        }
        silent.insert(name);
    }
    silent
}

/// How they print instead: their names.
fn silent_debug(messages: &[Message], silent: &BTreeSet<String>) -> Result<String, Box<dyn Error>> {
    let mut code = String::new();
    for message in messages {
        if !silent.contains(&message.name) {
            continue;
        }
        let path = message.name.trim_start_matches(".lika.");
        let (outer, own) = path.rsplit_once('.').ok_or("a message has a package")?;
        let outer = outer.split('.').map(snake).collect::<Vec<_>>().join("::");
        let choices = message
            .choices
            .iter()
            .map(|choice| format!("{}::{}", snake(own), pascal(choice)));
        for name in choices.chain([own.to_owned()]) {
            write!(
                code,
                "impl ::core::fmt::Debug for {outer}::{name} {{\n    fn fmt(&self, f: &mut \
                 ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {{\n        \
                 f.write_str(\"{name}(..)\")\n    }}\n}}\n"
            )?;
        }
    }
    Ok(code)
}

fn snake(name: &str) -> String {
    let mut snake = String::new();
    for letter in name.chars() {
        if letter.is_ascii_uppercase() && !snake.is_empty() {
            snake.push('_');
        }
        snake.push(letter.to_ascii_lowercase());
    }
    snake
}

fn pascal(name: &str) -> String {
    let word = |word: &str| {
        let mut letters = word.chars();
        let first = letters.next().map(|first| first.to_ascii_uppercase());
        first.into_iter().chain(letters).collect::<String>()
    };
    name.split('_').map(word).collect()
}

fn prost_bytes(message: &impl prost::Message) -> Vec<u8> {
    message.encode_to_vec()
}
