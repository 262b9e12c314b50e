//! Compiles the `.proto` files with protox, so that nobody needs protoc.

use std::{error::Error, fs, path::PathBuf};

const FILES: [&str; 6] = [
    "lika/log/v1/log.proto",
    "lika/log/v1/records.proto",
    "lika/v1/federation.proto",
    "lika/v1/policies.proto",
    "lika/v1/registry.proto",
    "lika/v1/reports.proto",
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
    let grpc = std::env::var_os("CARGO_FEATURE_GRPC").is_some();
    tonic_prost_build::configure()
        .build_client(grpc)
        .build_server(grpc)
        .bytes(".lika.log.v1.Entry")
        .bytes(".lika.log.v1.SealedPart")
        .bytes(".lika.log.v1.Disclosed")
        .compile_fds(descriptors)?;
    Ok(())
}

fn prost_bytes(message: &impl prost::Message) -> Vec<u8> {
    message.encode_to_vec()
}
