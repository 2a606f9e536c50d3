//! The `blindlink` command.

fn main() -> std::process::ExitCode {
    blindlink_node::cli::main()
}
