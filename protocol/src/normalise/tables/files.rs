//! The files, compiled in.

macro_rules! files {
    ($($name:literal),* $(,)?) => {
        /// Name and content of every file, by name: what the tables digest covers (V-NORM-009).
        pub(crate) const FILES: &[(&str, &str)] =
            &[$(($name, include_str!(concat!("../../../../spec/tables/norm-v1/", $name)))),*];
    };
}

files!(
    "alternates.tsv",
    "calling_codes.tsv",
    "compose.tsv",
    "countries.tsv",
    "email_domains.tsv",
    "fold.tsv",
    "han.tsv",
    "han_cantonese.tsv",
    "han_surnames.tsv",
    "han_variants.tsv",
    "hangul_surnames.tsv",
    "homoglyphs.tsv",
    "icao_arabic.tsv",
    "icao_cyrillic.tsv",
    "icao_latin.tsv",
    "icao_supplement.tsv",
    "particles.tsv",
    "patronymics.tsv",
    "places.tsv",
    "romanise.tsv",
    "sequences.tsv",
    "signs.tsv",
    "skeleton.tsv",
    "titles.tsv",
);

/// Rows of a file below its header, as cells.
pub(crate) fn rows(name: &str) -> impl Iterator<Item = Vec<&'static str>> {
    let content = FILES.iter().find(|(file, _)| *file == name).map_or("", |(_, content)| content);
    content.lines().skip(1).map(|line| line.split('\t').collect())
}

/// Code points of a cell: hexadecimal numbers between spaces.
pub(crate) fn points(cell: &str) -> Vec<u32> {
    cell.split(' ').filter_map(|hex| u32::from_str_radix(hex.trim_start_matches("U+"), 16).ok()).collect()
}
