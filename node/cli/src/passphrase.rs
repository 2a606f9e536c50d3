//! Passphrases: from a file or from the terminal, never from the command line, where others on the machine could read them.

use crate::exit::{Exit, Failure};
use blindlink_node::store::StoreError;
use std::fs;
use std::io::{self, BufRead, IsTerminal, Write};
use std::path::Path;
use zeroize::Zeroizing;

/// Least number of characters of a new passphrase.
const LEAST: usize = 12;
/// Longest passphrase, in bytes.
const LONGEST: usize = 1_024;

/// A passphrase: the first line of a file, else what somebody types.
pub(crate) fn ask(file: Option<&Path>, prompt: &str) -> Result<Zeroizing<String>, Failure> {
    match file {
        Some(path) => {
            let what = format!("cannot read the passphrase from {}", path.display());
            let text = Zeroizing::new(fs::read_to_string(path).map_err(StoreError::reading(what))?);
            Ok(Zeroizing::new(text.lines().next().unwrap_or_default().to_owned()))
        }
        None => typed(prompt),
    }
}

/// A new passphrase, long enough; typed twice if it is typed.
pub(crate) fn ask_new(file: Option<&Path>, prompt: &str) -> Result<Zeroizing<String>, Failure> {
    let new = ask(file, prompt)?;
    if new.chars().count() < LEAST || new.len() > LONGEST {
        let text = format!("a passphrase has at least {LEAST} characters and at most {LONGEST} bytes");
        return Err(Failure::new(Exit::Usage, text));
    }
    if file.is_none() && *typed("The same again: ")? != *new {
        return Err(Failure::new(Exit::Usage, "the two passphrases differ; nothing was changed"));
    }
    Ok(new)
}

fn typed(prompt: &str) -> Result<Zeroizing<String>, Failure> {
    let stdin = io::stdin();
    if !stdin.is_terminal() {
        return Err(Failure::new(Exit::Usage, "there is no terminal to ask for a passphrase: give it in a file"));
    }
    let failed = || Failure::because(Exit::Io, "cannot read a passphrase");
    let _ = write!(io::stderr(), "{prompt}");
    let mut line = Zeroizing::new(String::with_capacity(LONGEST));
    let read = hidden(&stdin, || stdin.lock().read_line(&mut line)).map_err(failed())?;
    let _ = writeln!(io::stderr());
    read.map_err(failed())?;
    let length = line.trim_end_matches(['\r', '\n']).len();
    line.truncate(length);
    Ok(line)
}

/// Reads while the terminal shows nothing of what is typed.
#[cfg(unix)]
fn hidden<T>(terminal: &io::Stdin, read: impl FnOnce() -> T) -> io::Result<T> {
    use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};
    let shown = tcgetattr(terminal)?;
    let mut quiet = shown.clone();
    quiet.local_modes.remove(LocalModes::ECHO);
    tcsetattr(terminal, OptionalActions::Flush, &quiet)?;
    let done = read();
    tcsetattr(terminal, OptionalActions::Flush, &shown)?;
    Ok(done)
}

#[cfg(not(unix))]
fn hidden<T>(_: &io::Stdin, read: impl FnOnce() -> T) -> io::Result<T> {
    Ok(read())
}
