//! CSV as text in memory, for result files.

use csv_core::{WriteResult, Writer};

/// Rows of CSV: values are quoted where they must be, rows end with a line feed.
#[derive(Debug, Default)]
pub(crate) struct CsvText {
    writer: Writer,
    text: Vec<u8>,
}

impl CsvText {
    /// Adds a row.
    pub(crate) fn row(&mut self, cells: &[&str]) {
        for (at, cell) in cells.iter().enumerate() {
            if at > 0 {
                self.fill(|writer, out| {
                    let (result, written) = writer.delimiter(out);
                    (result, 0, written)
                });
            }
            let mut rest = cell.as_bytes();
            self.fill(|writer, out| {
                let (result, read, written) = writer.field(rest, out);
                rest = rest.get(read..).unwrap_or_default();
                (result, read, written)
            });
        }
        self.fill(|writer, out| {
            let (result, written) = writer.terminator(out);
            (result, 0, written)
        });
    }

    /// The rows.
    pub(crate) fn finish(mut self) -> Vec<u8> {
        self.fill(|writer, out| {
            let (result, written) = writer.finish(out);
            (result, 0, written)
        });
        self.text
    }

    /// Repeats a step of the writer until it has no more to write.
    fn fill(&mut self, mut step: impl FnMut(&mut Writer, &mut [u8]) -> (WriteResult, usize, usize)) {
        let mut block = [0; 256];
        loop {
            let (result, _, written) = step(&mut self.writer, &mut block);
            self.text.extend(block.iter().take(written));
            if matches!(result, WriteResult::InputEmpty) {
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::CsvText;

    #[test]
    fn values_are_quoted_where_they_must_be() {
        let long = "x".repeat(1000);
        let mut csv = CsvText::default();
        csv.row(&["own_id", "grade"]);
        csv.row(&["a,1", "say \"no\""]);
        csv.row(&[&long, ""]);
        let expected = format!("own_id,grade\n\"a,1\",\"say \"\"no\"\"\"\n{long},\n");
        assert_eq!(String::from_utf8_lossy(&csv.finish()), expected);
    }
}
