//! What goes to standard output: text for people, or one JSON object for machines. Standard error has everything else.

use crate::exit::{Exit, Failure};
use serde::Serialize;
use std::io::{self, Write};

/// Prints a result: the object itself with `--json`, else the text.
///
/// # Errors
/// Whatever standard output says; a closed pipe is no error.
pub(crate) fn print<T: Serialize>(json: bool, object: &T, text: impl FnOnce() -> String) -> io::Result<()> {
    let mut line = if json { serde_json::to_string(object)? } else { text() };
    if !line.ends_with('\n') {
        line.push('\n');
    }
    let written = io::stdout().lock().write_all(line.as_bytes());
    match written {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}

/// The failure of printing a result.
pub(crate) fn printed(result: std::io::Result<()>) -> Result<(), Failure> {
    result.map_err(Failure::because(Exit::Io, "cannot print the result"))
}

#[derive(Serialize)]
struct ErrorObject<'a> {
    error: ErrorBody<'a>,
}

#[derive(Serialize)]
struct ErrorBody<'a> {
    code: &'a str,
    exit: u8,
    message: &'a str,
    hint: &'a str,
}

/// The one JSON object of a failure.
#[must_use]
pub(crate) fn error_json(failure: &Failure) -> String {
    let error = ErrorBody {
        code: failure.exit.code(),
        exit: failure.exit.exit(),
        message: &failure.message,
        hint: failure.exit.hint(),
    };
    serde_json::to_string(&ErrorObject { error }).unwrap_or_default()
}

/// Tells a failure: what happened, why, what to do next.
pub(crate) fn fail(json: bool, failure: &Failure) {
    if json && failure.message.is_empty() {
        // Told already.
    } else if json {
        let _ = writeln!(io::stdout().lock(), "{}", error_json(failure));
    } else {
        let Failure { exit, message } = failure;
        let _ = writeln!(io::stderr().lock(), "error[{}]: {message}\n  hint: {}", exit.code(), exit.hint());
    }
}

/// A table for people: the first column to the left, the others to the right. An empty header is not shown.
pub(crate) fn table(header: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let mut table = comfy_table::Table::new();
    table.load_style(comfy_table::presets::NOTHING);
    if !header.is_empty() {
        table.set_header(header.to_vec());
    }
    table.add_rows(rows);
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(comfy_table::CellAlignment::Right);
    }
    table.trim_fmt() + "\n"
}

/// A number of bytes for people.
#[must_use]
pub(crate) fn bytes(n: u64) -> String {
    indicatif::DecimalBytes(n).to_string()
}
