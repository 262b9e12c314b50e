//! The command `lika`.

fn main() -> std::process::ExitCode {
    lika::cli::run()
}
