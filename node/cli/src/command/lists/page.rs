//! The report as one HTML page that needs nothing else.

use super::report::Report;
use crate::exit::{Exit, Failure};
use askama::Template;

#[derive(Template)]
#[template(path = "lists.html")]
struct Page<'a> {
    report: &'a Report,
}

/// The page.
pub(super) fn page(report: &Report) -> Result<String, Failure> {
    Page { report }.render().map_err(Failure::because(Exit::Internal, "cannot make the page"))
}
