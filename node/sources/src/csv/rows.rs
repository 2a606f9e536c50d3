//! Rows of a CSV text, one at a time, in a buffer that is wiped: `csv` keeps its buffers to itself, its core does not.

use csv_core::{ReadRecordResult, Reader};
use zeroize::Zeroizing;

/// Reads rows (V-CSV-006). A row may have any number of cells; empty lines are passed over.
pub(crate) struct Rows<'a> {
    text: &'a [u8],
    /// Line of the next byte.
    line: u64,
    core: Reader,
    cells: Zeroizing<Vec<u8>>,
    ends: Vec<usize>,
}

/// One row.
pub(crate) struct Row<'a> {
    /// Cells of a UTF-8 text are UTF-8: the core takes out single ASCII characters only.
    cells: &'a str,
    ends: &'a [usize],
    /// Line on which it begins.
    pub(crate) line: u64,
}

impl<'a> Rows<'a> {
    pub(super) fn new(text: &'a str, separator: u8) -> Self {
        let cells = Zeroizing::new(vec![0; 4096]);
        let core = csv_core::ReaderBuilder::new().delimiter(separator).build();
        Self { text: text.as_bytes(), line: 1, core, cells, ends: vec![0; 64] }
    }

    fn pass(&mut self, bytes: usize) -> Option<()> {
        self.line += lines_ended(self.text, bytes);
        self.text = self.text.get(bytes..)?;
        Some(())
    }

    /// The next row; `None` after the last.
    pub(crate) fn next(&mut self) -> Option<Row<'_>> {
        // The core would end the row before with its CR, and count the LF and empty lines to the next.
        self.pass(self.text.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count())?;
        let line = self.line;
        let (mut length, mut count) = (0, 0);
        loop {
            let (cells, ends) = (self.cells.get_mut(length..)?, self.ends.get_mut(count..)?);
            let (result, read, written, ended) = self.core.read_record(self.text, cells, ends);
            self.pass(read)?;
            (length, count) = (length + written, count + ended);
            match result {
                // Asked once more without input, the core knows that this was all.
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::OutputFull => self.cells = larger(&self.cells),
                ReadRecordResult::OutputEndsFull => self.ends.resize(2 * count, 0),
                ReadRecordResult::End => return None,
                ReadRecordResult::Record => {
                    let cells = std::str::from_utf8(self.cells.get(..length)?).unwrap_or_default();
                    return Some(Row { cells, ends: self.ends.get(..count)?, line });
                }
            }
        }
    }
}

/// How many lines end in the first `bytes` bytes of a text, as an editor counts them: with LF, CR LF, or CR alone.
pub(crate) fn lines_ended(text: &[u8], bytes: usize) -> u64 {
    let (read, rest) = text.split_at_checked(bytes).unwrap_or((text, &[]));
    let mut ended = read.iter().filter(|byte| **byte == b'\n').count();
    if read.contains(&b'\r') {
        ended += read.windows(2).filter(|two| matches!(two, [b'\r', next] if *next != b'\n')).count();
        ended += usize::from(read.last() == Some(&b'\r') && rest.first() != Some(&b'\n'));
    }
    ended as u64
}

/// A copy with room for as much again; the old one is wiped when it goes, which a vector that grows would not do.
pub(crate) fn larger(bytes: &[u8]) -> Zeroizing<Vec<u8>> {
    let mut copy = Zeroizing::new(vec![0; 2 * bytes.len()]);
    copy.iter_mut().zip(bytes).for_each(|(new, old)| *new = *old);
    copy
}

impl Row<'_> {
    pub(super) const fn len(&self) -> usize {
        self.ends.len()
    }

    /// The cell at this position.
    pub(crate) fn get(&self, at: usize) -> Option<&str> {
        let from = if at == 0 { 0 } else { *self.ends.get(at - 1)? };
        self.cells.get(from..*self.ends.get(at)?)
    }

    /// All cells in order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &str> {
        (0..self.len()).map(|at| self.get(at).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Rows and the lines on which they begin.
    fn all(text: &str) -> Vec<(u64, Vec<String>)> {
        let (mut rows, mut found) = (Rows::new(text, b','), Vec::new());
        while let Some(row) = rows.next() {
            found.push((row.line, row.iter().map(str::to_owned).collect()));
        }
        found
    }

    /// What the `csv` crate makes of it; its line numbers are too low after CR LF and empty lines.
    fn wanted(text: &str) -> Vec<Vec<String>> {
        let mut reader = ::csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
        let rows = reader.records().map(Result::unwrap);
        rows.map(|row| row.iter().map(str::to_owned).collect()).collect()
    }

    fn rows(text: &str) -> Vec<Vec<String>> {
        all(text).into_iter().map(|(_, row)| row).collect()
    }

    #[test]
    fn rows_are_those_of_the_csv_crate() {
        let long = format!("a,{},c\n{}\nlast", "\u{e9}".repeat(9000), "x,".repeat(500));
        for text in ["", "\n", "a,b\nc,d", "a,\"b\nc\",\"d\"\"e\"\r\n\n\nf,,\n", "\"\",\"\"\n", "a\rb", &long] {
            assert_eq!(rows(text), wanted(text), "{text}");
        }
    }

    /// V-CSV-004, V-CSV-006: lines are those that an editor shows.
    #[test]
    fn a_row_has_the_line_on_which_an_editor_shows_it() {
        let lists = [
            ("a\nb\nc\n", [1, 2, 3]),
            ("\n\na\nb\n\n\nc", [3, 4, 7]),
            ("a,\"x\n\ny\"\nb\n\"c\n\"", [1, 4, 5]),
            ("\"a\n\n\"\n\n\"b\"\"\n\"\nc\n", [1, 5, 7]),
        ];
        for (list, wanted) in lists {
            for end in ["\n", "\r\n", "\r"] {
                let text = list.replace('\n', end);
                assert_eq!(all(&text).into_iter().map(|(line, _)| line).collect::<Vec<_>>(), wanted, "{text:?}");
            }
        }
        // An export that was edited by hand has both.
        assert_eq!(all("a\r\nb\n\r\nc\r\n").into_iter().map(|(line, _)| line).collect::<Vec<_>>(), [1, 2, 4]);
    }

    proptest! {
        #[test]
        fn any_text_gives_the_rows_of_the_csv_crate(text in "[a\u{e9}\",\r\n ]{0,60}") {
            prop_assert_eq!(rows(&text), wanted(&text));
        }
    }
}
