//! The interface held still: a number or a type that changes by accident is seen in the golden file.

#![allow(
    clippy::unwrap_used,
    reason = "in a test a panic is the report, in helpers too"
)]

use std::fmt::Write as _;

use expect_test::expect_file;
use prost::Message as _;
use prost_types::{
    DescriptorProto, EnumDescriptorProto, FieldDescriptorProto, FileDescriptorProto,
    FileDescriptorSet, MethodDescriptorProto, ServiceDescriptorProto,
    field_descriptor_proto::{Label, Type},
};

#[test]
fn what_is_personal_does_not_print_itself() {
    use lika_proto::{
        log::v1::{Document, Household, Member, household, member},
        v1::{
            FindRequest, ImportRequest, Record, find_request::By, import_request::Step,
            record::Body,
        },
    };

    let secret = "360399199001011234";
    let household = Household {
        identity: Some(household::Identity {
            bank_account: secret.to_owned(),
            ..household::Identity::default()
        }),
        ..Household::default()
    };
    let document = Document {
        text: secret.to_owned(),
        ..Document::default()
    };
    let member = Member {
        identity: Some(member::Identity {
            document: Some(document.clone()),
            ..member::Identity::default()
        }),
        ..Member::default()
    };
    let record = Record {
        body: Some(Body::Household(household)),
        ..Record::default()
    };
    let by = By::Document(secret.to_owned());
    let find = FindRequest {
        by: Some(by.clone()),
    };
    let step = Step::Chunk(secret.into());
    let import = ImportRequest {
        step: Some(step.clone()),
    };
    let printed = [
        format!("{record:?}"),
        format!("{member:?}"),
        format!("{document:?}"),
        format!("{find:?}{by:?}"),
        format!("{import:?}{step:?}"),
    ];
    let bytes = format!("{:?}", secret.as_bytes());
    for printed in printed {
        assert!(printed.contains("(..)"), "{printed}");
        assert!(
            !printed.contains(secret) && !printed.contains(&bytes),
            "{printed}"
        );
    }
}

fn files() -> Vec<FileDescriptorProto> {
    let set = FileDescriptorSet::decode(lika_proto::DESCRIPTORS).unwrap();
    let ours = |file: &FileDescriptorProto| file.package().starts_with("lika.");
    let mut files: Vec<_> = set.file.into_iter().filter(ours).collect();
    files.sort_by(|a, b| a.name().cmp(b.name()));
    files
}

#[test]
fn the_interface_is_the_golden_one() {
    let mut text = String::new();
    for file in files() {
        writeln!(text, "# {}\n", file.name()).unwrap();
        for message in &file.message_type {
            message_text(&mut text, file.package(), message);
        }
        for list in &file.enum_type {
            enum_text(&mut text, file.package(), list);
        }
        for service in &file.service {
            service_text(&mut text, file.package(), service);
        }
    }
    expect_file!["golden.txt"].assert_eq(&text);
}

#[test]
fn every_item_has_a_comment() {
    let mut bare = Vec::new();
    for file in files() {
        let commented: Vec<&[i32]> = file
            .source_code_info
            .as_ref()
            .unwrap()
            .location
            .iter()
            .filter(|place| !place.leading_comments().trim().is_empty())
            .map(|place| place.path.as_slice())
            .collect();
        for (path, name) in items(&file) {
            if !commented.contains(&path.as_slice()) {
                bare.push(format!("{}: {name}", file.name()));
            }
        }
    }
    assert!(bare.is_empty(), "without a comment: {bare:#?}");
}

fn message_text(text: &mut String, around: &str, message: &DescriptorProto) {
    let name = format!("{around}.{}", message.name());
    writeln!(text, "message {name}").unwrap();
    for field in &message.field {
        field_text(text, message, field);
    }
    text.push('\n');
    for nested in &message.nested_type {
        message_text(text, &name, nested);
    }
    for list in &message.enum_type {
        enum_text(text, &name, list);
    }
}

fn field_text(text: &mut String, message: &DescriptorProto, field: &FieldDescriptorProto) {
    let label = match field.label() {
        Label::Repeated => "repeated ",
        Label::Optional | Label::Required if field.proto3_optional() => "optional ",
        Label::Optional | Label::Required => "",
    };
    let kind = match field.r#type() {
        Type::Message | Type::Enum => field.type_name().trim_start_matches('.').to_owned(),
        plain => plain
            .as_str_name()
            .trim_start_matches("TYPE_")
            .to_lowercase(),
    };
    let choice = match field.oneof_index {
        Some(index) if !field.proto3_optional() => {
            let oneof = &message.oneof_decl[usize::try_from(index).unwrap()];
            format!(" (one of {})", oneof.name())
        }
        _ => String::new(),
    };
    writeln!(
        text,
        "  {} {} {label}{kind}{choice}",
        field.number(),
        field.name()
    )
    .unwrap();
}

fn enum_text(text: &mut String, around: &str, list: &EnumDescriptorProto) {
    writeln!(text, "enum {around}.{}", list.name()).unwrap();
    for value in &list.value {
        writeln!(text, "  {} {}", value.number(), value.name()).unwrap();
    }
    text.push('\n');
}

fn service_text(text: &mut String, around: &str, service: &ServiceDescriptorProto) {
    writeln!(text, "service {around}.{}", service.name()).unwrap();
    for method in &service.method {
        method_text(text, method);
    }
    text.push('\n');
}

fn method_text(text: &mut String, method: &MethodDescriptorProto) {
    let side = |streams: bool, name: &str| {
        let stream = if streams { "stream " } else { "" };
        format!("({stream}{})", name.trim_start_matches('.'))
    };
    let asks = side(method.client_streaming(), method.input_type());
    let answers = side(method.server_streaming(), method.output_type());
    writeln!(text, "  {} {asks} → {answers}", method.name()).unwrap();
}

/// The path of every item in the file's source information, and its name.
fn items(file: &FileDescriptorProto) -> Vec<(Vec<i32>, String)> {
    let mut items = Vec::new();
    for (index, message) in numbered(&file.message_type) {
        message_items(&mut items, vec![4, index], message);
    }
    for (index, list) in numbered(&file.enum_type) {
        enum_items(&mut items, vec![5, index], list);
    }
    for (index, service) in numbered(&file.service) {
        items.push((vec![6, index], service.name().to_owned()));
        for (method, rpc) in numbered(&service.method) {
            items.push((
                vec![6, index, 2, method],
                format!("{}.{}", service.name(), rpc.name()),
            ));
        }
    }
    items
}

fn message_items(items: &mut Vec<(Vec<i32>, String)>, path: Vec<i32>, message: &DescriptorProto) {
    let below = |number: i32, index: i32| [&path[..], &[number, index]].concat();
    let named = |name: &str| format!("{}.{name}", message.name());
    for (index, field) in numbered(&message.field) {
        items.push((below(2, index), named(field.name())));
    }
    for (index, nested) in numbered(&message.nested_type) {
        message_items(items, below(3, index), nested);
    }
    for (index, list) in numbered(&message.enum_type) {
        enum_items(items, below(4, index), list);
    }
    let invented = |index: i32| {
        let of_optional = |field: &FieldDescriptorProto| {
            field.proto3_optional() && field.oneof_index == Some(index)
        };
        message.field.iter().any(of_optional)
    };
    for (index, oneof) in numbered(&message.oneof_decl) {
        if !invented(index) {
            items.push((below(8, index), named(oneof.name())));
        }
    }
    items.push((path, message.name().to_owned()));
}

fn enum_items(items: &mut Vec<(Vec<i32>, String)>, path: Vec<i32>, list: &EnumDescriptorProto) {
    for (index, value) in numbered(&list.value) {
        let name = format!("{}.{}", list.name(), value.name());
        items.push(([&path[..], &[2, index]].concat(), name));
    }
    items.push((path, list.name().to_owned()));
}

fn numbered<T>(items: &[T]) -> impl Iterator<Item = (i32, &T)> {
    items
        .iter()
        .enumerate()
        .map(|(index, item)| (i32::try_from(index).unwrap(), item))
}
