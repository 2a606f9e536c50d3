//! Files that commands read: policies, lists, truths.

use crate::exit::{Exit, Failure};
use blindlink::policy::Policy;
use blindlink_lab::evaluate::Truth;
use blindlink_lab::evaluate::breakdown::{Label, Labels};
use blindlink_node::store::StoreError;
use blindlink_node::store::error::read_text;
use blindlink_sources::{Format, Reading, Source};
use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufReader, Write};
use std::path::Path;

/// First columns of a truth file.
const COLUMNS: [&str; 2] = ["a_id", "b_id"];

/// A policy file and its text; without a path, the default ones.
pub(crate) fn base_policy(path: Option<&Path>) -> Result<(Policy, String), Failure> {
    let Some(path) = path else { return Ok((Policy::default_policy()?, Policy::default_text().to_owned())) };
    let text = read_text(path, "the policy")?;
    Ok((Policy::from_toml(&text)?, text))
}

/// A list. Rows that are left out are reported on standard error.
pub(crate) fn list(path: &Path, reading: &Reading<'_>) -> Result<Source, Failure> {
    let file = File::open(path).map_err(StoreError::reading(format!("cannot read {}", path.display())))?;
    let source = blindlink_sources::read(BufReader::new(file), Format::of(path), reading)
        .map_err(Failure::because(Exit::BadInput, format!("in {}", path.display())))?;
    let mut err = io::stderr().lock();
    for reject in &source.rejects {
        // A closed standard error must not stop the command.
        let _ = writeln!(err, "{}:{}: left out: {}", path.display(), reject.line, reject.problem);
    }
    if !source.rejects.is_empty() {
        let _ = writeln!(err, "{}: {} rows left out", path.display(), source.rejects.len());
    }
    Ok(source)
}

/// The pairs of two lists, which come with their files.
pub(crate) fn truth(path: &Path, lists: [(&Path, &Source); 2]) -> Result<Truth, Failure> {
    labelled_truth(path, lists).map(|(truth, _)| truth)
}

/// The pairs, and what further columns say of them; a truth of two columns has no labels.
pub(crate) fn labelled_truth(path: &Path, lists: [(&Path, &Source); 2]) -> Result<(Truth, Labels), Failure> {
    let places = lists.map(|(_, list)| -> HashMap<&str, usize> {
        list.records.iter().enumerate().map(|(i, record)| (record.id.as_str(), i)).collect()
    });
    let bad = |what: String| Failure::new(Exit::BadInput, what);
    let file = File::open(path).map_err(StoreError::reading(format!("cannot read {}", path.display())))?;
    let mut reader = csv::Reader::from_reader(file);
    let unreadable = |error: csv::Error| bad(format!("cannot read {}: {error}", path.display()));
    let headers = reader.headers().map_err(unreadable)?.clone();
    if !headers.iter().take(2).eq(COLUMNS) {
        return Err(bad(format!("{} must begin with `a_id,b_id`", path.display())));
    }
    let column = |name: &str| headers.iter().position(|header| header == name);
    let columns = column("culture").zip(column("corruptions"));
    let (mut truth, mut labels) = (Truth::new(), Labels::new());
    for (row, line) in reader.records().zip(2_u64..) {
        let row = row.map_err(|error| bad(format!("{} line {line}: {error}", path.display())))?;
        let mut pair = [0; 2];
        let sides = places.iter().zip(lists).zip(COLUMNS);
        for ((at, place), ((records, list), column)) in pair.iter_mut().enumerate().zip(sides) {
            let found = row.get(at).and_then(|id| records.get(id));
            *place = *found.ok_or_else(|| bad(no_such_record(path, line, column, list)))?;
        }
        let pair = pair.into();
        truth.insert(pair);
        if let Some((culture, corruptions)) = columns {
            let cell = |column| row.get(column).unwrap_or_default();
            labels.insert(pair, Label::parse(cell(culture), cell(corruptions)));
        }
    }
    Ok((truth, labels))
}

/// A row that was left out of a list takes its true pairs with it: nothing could be measured without them.
fn no_such_record(truth: &Path, line: u64, column: &str, (list, source): (&Path, &Source)) -> String {
    let mut text = format!("{} line {line}: no record of {} has the `{column}`", truth.display(), list.display());
    if !source.rejects.is_empty() {
        text += &format!("; {} of its rows were left out, see above: correct them first", source.rejects.len());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn a_pair_of_a_row_that_was_left_out_is_told_by_column_and_list() {
        let folder = tempfile::tempdir().unwrap();
        let place = |name: &str| folder.path().join(name);
        fs::write(place("a.csv"), "record_id,birth_date\na1,1990-02-03\na2,1990-13-01\n").unwrap();
        fs::write(place("b.csv"), "record_id,birth_date\nb1,1990-02-03\nb2,1990-02-04\n").unwrap();
        let [a, b] = ["a.csv", "b.csv"].map(|name| list(&place(name), &Reading::PERSON).unwrap());
        let said = |rows: &str| {
            fs::write(place("truth.csv"), format!("a_id,b_id\n{rows}")).unwrap();
            let lists = [(&*place("a.csv"), &a), (&*place("b.csv"), &b)];
            truth(&place("truth.csv"), lists).map_err(|error| error.message)
        };
        assert_eq!(said("a1,b2\n").unwrap(), Truth::from([(0, 1)]));
        let error = said("a1,b2\na2,b1\n").unwrap_err();
        assert!(error.contains("truth.csv line 3") && error.contains("a.csv has the `a_id`"), "{error}");
        assert!(error.contains("1 of its rows were left out"), "{error}");
        let error = said("a1,b3\n").unwrap_err();
        assert!(error.contains("b.csv has the `b_id`") && !error.contains("left out"), "{error}");
    }
}
