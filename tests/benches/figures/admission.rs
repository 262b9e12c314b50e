//! Admission: the shipped policies, each a component written in Rust, through every gate of a running node.

use std::{fs, time::Duration};

use anyhow::Result;
use lika_proto::v1::policies_client::PoliciesClient;
use lika_tests::built;

use super::{
    node::Running,
    packages::{Signer, admit},
    table::Row,
};

/// The policy that the row is named for.
const NAMED: &str = "screening";
const TARGET: Duration = Duration::from_secs(2);

/// Has each admitted once: a component that is known is not held against the gates again.
pub async fn measure(node: &Running, signer: &Signer, rows: &mut Vec<Row>) -> Result<()> {
    let mut policies = PoliciesClient::new(node.connect().await?);
    let mut times = Vec::new();
    for (name, component) in shipped()? {
        let package = signer.package(component)?;
        let (_, took) = admit(&mut policies, &package).await?;
        times.push((took, name));
    }
    let named = times.iter().find(|(_, name)| name == NAMED);
    let (Some((named, _)), Some((slowest, which))) = (named, times.iter().max()) else {
        let row = Row::new("admission of a Rust policy", "not measured");
        rows.push(
            row.without("no component: run `make policies`")
                .open("≤ 2 s"),
        );
        return Ok(());
    };
    let seconds = |time: &Duration| format!("{:.2} s", time.as_secs_f64());
    rows.push(
        Row::new(
            format!("admission of {NAMED} over gRPC, every gate, and signed"),
            seconds(named),
        )
        .without(format!(
            "slowest of {} Rust policies: {which} {}",
            times.len(),
            seconds(slowest)
        ))
        .target("≤ 2 s, the slowest too", *slowest <= TARGET),
    );
    Ok(())
}

/// The built policies by their names; none where they are not built.
fn shipped() -> Result<Vec<(String, Vec<u8>)>> {
    let Ok(files) = fs::read_dir(built::target().join("policies")) else {
        return Ok(Vec::new());
    };
    let mut policies = Vec::new();
    for file in files {
        let file = file?.path();
        if let (Some(name), Some("wasm")) = (
            file.file_stem().and_then(|name| name.to_str()),
            file.extension().and_then(|end| end.to_str()),
        ) {
            policies.push((name.to_owned(), fs::read(&file)?));
        }
    }
    policies.sort();
    Ok(policies)
}
