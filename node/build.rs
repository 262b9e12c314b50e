//! Builds again when the SDK changes, which the binary carries for new projects.

fn main() {
    println!("cargo::rerun-if-changed=../sdk");
}
