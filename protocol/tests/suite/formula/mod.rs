//! The formulas of the message tables: sums and differences of products, `ceil(a / b)`, one-argument functions.

use serde_json::Value;
use std::collections::BTreeMap;

/// Sizes by name.
pub(crate) type Sizes = BTreeMap<String, u64>;

/// The value of a formula; numbers side by side are multiplied.
pub(crate) fn evaluate(tables: &Value, formula: &str, sizes: &Sizes) -> u64 {
    let mut reader = Reader { tables, sizes, tokens: tokens(formula), at: 0 };
    let value = reader.sum();
    assert_eq!(reader.at, reader.tokens.len(), "`{formula}` is not read to its end");
    let (value, rest) = (value.0 / value.1, value.0 % value.1);
    assert_eq!(rest, 0, "`{formula}` is no whole number");
    value
}

fn tokens(formula: &str) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let mut open = false;
    for c in formula.chars() {
        let word = c.is_ascii_alphanumeric();
        match out.last_mut().filter(|_| open && word) {
            Some(last) => last.push(c),
            None if c != ' ' => out.push(c.into()),
            None => {}
        }
        open = word;
    }
    out
}

/// A fraction, so that `ceil` sees what it rounds.
type Fraction = (u64, u64);

struct Reader<'a> {
    tables: &'a Value,
    sizes: &'a Sizes,
    tokens: Vec<String>,
    at: usize,
}

impl Reader<'_> {
    fn peek(&self) -> &str {
        self.tokens.get(self.at).map_or("", String::as_str)
    }

    fn take(&mut self, token: &str) -> bool {
        let found = self.peek() == token;
        self.at += usize::from(found);
        found
    }

    fn sum(&mut self) -> Fraction {
        let mut total = self.product();
        loop {
            let add = self.take("+");
            if !add && !self.take("-") {
                return total;
            }
            let term = self.product();
            let (a, b) = (total.0 * term.1, term.0 * total.1);
            total = (if add { a + b } else { a - b }, total.1 * term.1);
        }
    }

    fn product(&mut self) -> Fraction {
        let mut value = self.factor();
        loop {
            if self.take("/") {
                let by = self.factor();
                value = (value.0 * by.1, value.1 * by.0);
            } else if matches!(self.peek(), "" | ")" | "+" | "-") {
                return value;
            } else {
                let by = self.factor();
                value = (value.0 * by.0, value.1 * by.1);
            }
        }
    }

    fn factor(&mut self) -> Fraction {
        if self.take("(") {
            let value = self.sum();
            assert!(self.take(")"));
            return value;
        }
        let word = self.peek().to_owned();
        self.at += 1;
        if let Ok(number) = word.parse() {
            return (number, 1);
        }
        let function = self.tables["functions"][format!("{word}(n)")].as_str();
        if word == "ceil" || function.is_some() {
            assert!(self.take("("));
            let (a, b) = self.sum();
            assert!(self.take(")"));
            let Some(function) = function else { return (a.div_ceil(b), 1) };
            let sizes = [("n".to_owned(), a / b)].into();
            return (evaluate(self.tables, function, &sizes), 1);
        }
        (*self.sizes.get(&word).unwrap_or_else(|| panic!("no size `{word}`")), 1)
    }
}
