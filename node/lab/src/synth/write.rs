//! Lists and truth as CSV.

use super::cells::COLUMNS;
use super::{LookAlike, Row, TruePair};
use blindlink::schema::Field;
use std::io::{self, Write};

/// Writes a list.
///
/// # Errors
/// Those of the writer.
pub fn write_list(rows: &[Row], out: impl Write) -> io::Result<()> {
    let mut writer = csv::Writer::from_writer(out);
    writer.write_record(COLUMNS.map(Field::name))?;
    for row in rows {
        writer.write_record(row.cells.row(&row.id))?;
    }
    writer.flush()
}

/// Writes the truth: `a_id,b_id,culture,corruptions`, the last as `a:typo;b:native_script`.
///
/// # Errors
/// Those of the writer.
pub fn write_truth(truth: &[TruePair], out: impl Write) -> io::Result<()> {
    let mut writer = csv::Writer::from_writer(out);
    writer.write_record(["a_id", "b_id", "culture", "corruptions"])?;
    for pair in truth {
        let a = pair.applied_a.iter().map(|c| format!("a:{}", c.name()));
        let b = pair.applied_b.iter().map(|c| format!("b:{}", c.name()));
        let corruptions = a.chain(b).collect::<Vec<_>>().join(";");
        writer.write_record([&pair.a, &pair.b, pair.culture, &corruptions])?;
    }
    writer.flush()
}

/// Writes the pairs that look alike and are not one person: `a_id,b_id,kind`.
///
/// # Errors
/// Those of the writer.
pub fn write_lookalikes(pairs: &[LookAlike], out: impl Write) -> io::Result<()> {
    let mut writer = csv::Writer::from_writer(out);
    writer.write_record(["a_id", "b_id", "kind"])?;
    for pair in pairs {
        writer.write_record([&pair.a, &pair.b, pair.likeness.name()])?;
    }
    writer.flush()
}
