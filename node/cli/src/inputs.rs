//! Files that commands read: policies, lists, truths.

use crate::exit::{Exit, Failure};
use blindlink::policy::Policy;
use blindlink_lab::evaluate::Truth;
use blindlink_lab::evaluate::breakdown::{Label, Labels};
use blindlink_node::error::NodeError;
use blindlink_node::store::StoreError;
use blindlink_node::store::error::read_text;
use blindlink_sources::mapping::Mapping;
use blindlink_sources::tally::in_words;
use blindlink_sources::{Format, Problem, Reading, Source};
use std::collections::{HashMap, HashSet};
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

/// Values and rows that are told one by one; the rest is only counted.
const SHOWN: usize = 20;

/// What became of a row or value.
pub(crate) fn became(why: &Problem) -> &'static str {
    if why.is_used() { "used as said" } else { "left out" }
}

/// The mapping of a list, if there is one.
pub(crate) fn mapping(path: Option<&Path>) -> Result<Option<Mapping>, Failure> {
    Ok(path.map(blindlink_node::own_list::load_mapping).transpose()?)
}

/// A list. What is left out is reported on standard error; a list without a usable record is refused.
pub(crate) fn list(path: &Path, reading: &Reading<'_>) -> Result<Source, Failure> {
    let source = read(path, reading)?;
    report(path, &source);
    if source.records.is_empty() {
        let (name, rows) = (path.display().to_string(), source.rows());
        return Err(NodeError::NoUsableRecord { name, rows, reasons: in_words(&source.rows_by_reason()) }.into());
    }
    Ok(source)
}

/// A list as it is.
pub(crate) fn read(path: &Path, reading: &Reading<'_>) -> Result<Source, Failure> {
    let file = File::open(path).map_err(StoreError::reading(format!("cannot read {}", path.display())))?;
    blindlink_sources::read(BufReader::new(file), Format::of(path), reading)
        .map_err(Failure::because(Exit::BadInput, format!("in {}", path.display())))
}

fn report(path: &Path, source: &Source) {
    let mut err = io::stderr().lock();
    let name = path.display();
    // A closed standard error must not stop the command.
    for reject in source.rejects.iter().take(SHOWN) {
        let _ = writeln!(err, "{name}:{}: row left out: {}", reject.line, reject.problem);
    }
    for told in source.told.iter().take(SHOWN) {
        let _ = writeln!(err, "{name}:{}: {}: {}", told.line, became(&told.problem), told.problem);
    }
    if source.rejects.len() + source.told.len() > 0 {
        let _ = writeln!(
            err,
            "{name}: {} records used, {} rows left out, {} values left out",
            source.records.len(),
            source.rejects.len(),
            source.values_left_out()
        );
    }
    if source.rejects.len().max(source.told.len()) > SHOWN {
        for tally in source.rows_by_reason().iter().chain(&source.values_by_reason()) {
            let _ = writeln!(err, "{name}: {} times: {}", tally.count, tally.words);
        }
    }
}

/// A truth: pairs of records that are used, what further columns say of them, and the pairs of which a row was left out.
pub(crate) struct Pairs {
    pub(crate) truth: Truth,
    pub(crate) labels: Labels,
    /// Identifiers of pairs of which a row was left out.
    pub(crate) left_out: Vec<[String; 2]>,
}

/// The pairs of two lists, which come with their files; a truth of two columns has no labels.
pub(crate) fn pairs(path: &Path, lists: [(&Path, &Source); 2]) -> Result<Pairs, Failure> {
    let places = lists.map(|(_, list)| -> HashMap<&str, usize> {
        list.records.iter().enumerate().map(|(i, record)| (record.id.as_str(), i)).collect()
    });
    let lost = lists.map(|(_, list)| list.left_out_ids.iter().map(String::as_str).collect::<HashSet<_>>());
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
    let (mut truth, mut labels, mut left_out) = (Truth::new(), Labels::new(), Vec::new());
    for (row, line) in reader.records().zip(2_u64..) {
        let row = row.map_err(|error| bad(format!("{} line {line}: {error}", path.display())))?;
        let ids = [0, 1].map(|at| row.get(at).unwrap_or_default());
        if ids.iter().zip(&lost).any(|(id, lost)| lost.contains(id)) {
            left_out.push(ids.map(str::to_owned));
            continue;
        }
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
    Ok(Pairs { truth, labels, left_out })
}

/// A pair of a record that neither list has.
fn no_such_record(truth: &Path, line: u64, column: &str, (list, source): (&Path, &Source)) -> String {
    let text = format!("{} line {line}: no record of {} has the `{column}`", truth.display(), list.display());
    match source.rejects.len() {
        0 => text,
        lost => format!("{text}; {lost} of its rows were left out, see above"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn a_pair_of_a_row_that_was_left_out_is_counted_and_others_are_told() {
        let folder = tempfile::tempdir().unwrap();
        let place = |name: &str| folder.path().join(name);
        fs::write(place("a.csv"), "record_id,birth_date\na1,1990-02-03\na2,1990-13-01,x\n").unwrap();
        fs::write(place("b.csv"), "record_id,birth_date\nb1,1990-02-03\nb2,1990-02-04\n").unwrap();
        let [a, b] = ["a.csv", "b.csv"].map(|name| list(&place(name), &Reading::PERSON).unwrap());
        let said = |rows: &str| {
            fs::write(place("truth.csv"), format!("a_id,b_id\n{rows}")).unwrap();
            let lists = [(&*place("a.csv"), &a), (&*place("b.csv"), &b)];
            pairs(&place("truth.csv"), lists).map_err(|error| error.message)
        };
        assert_eq!(said("a1,b2\n").unwrap().truth, Truth::from([(0, 1)]));
        let found = said("a1,b2\na2,b1\n").unwrap();
        assert_eq!((found.truth.len(), found.left_out), (1, vec![["a2".to_owned(), "b1".to_owned()]]));
        let error = said("a1,b3\n").err().unwrap();
        assert!(error.contains("b.csv has the `b_id`") && !error.contains("left out"), "{error}");
    }

    #[test]
    fn a_list_without_a_usable_record_is_refused() {
        // V-READ-012
        let folder = tempfile::tempdir().unwrap();
        for (text, said) in
            [("record_id,sex\n", "none of its 0 rows"), ("record_id,sex\na,F,x\nb\n", "none of its 2 rows")]
        {
            let path = folder.path().join("a.csv");
            fs::write(&path, text).unwrap();
            let failure = list(&path, &Reading::PERSON).unwrap_err();
            assert!(failure.exit == Exit::NoUsableRecord && failure.message.contains(said), "{failure}");
        }
    }
}
