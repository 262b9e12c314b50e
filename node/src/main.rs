//! The command `lika`.

/// A node lives on small allocations of many threads, which this allocator gives faster than the system's.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    lika::cli::run()
}
