//! Compounds, titles and the roles of parts (spec 13.3.5, 13.3.6).

use super::super::tables::Tables;
use super::{NameForm, NamePart, NameParts, PartRole, RawPart};

/// Romanisations of the first word of the compounds "servant of", with or without the article.
const SERVANT: &[&str] =
    &["abd", "abdal", "abdel", "abder", "abdes", "abdil", "abdol", "abdoul", "abdul", "abdur", "abdus"];
/// Romanisations of the article by itself.
const ARTICLES: &[&str] = &["ad", "al", "an", "ar", "as", "ash", "at", "az", "el", "ul"];
/// Romanisations of "God" as the second word of a compound.
const GOD: &[&str] = &["allah", "allh", "ellah", "ollah", "oullah", "ulla", "ullah"];
/// "Of the faith", as it is written onto a name.
const OF_THE_FAITH: &[&str] = &[
    "addin", "addine", "aldin", "aldyn", "eddeen", "eddin", "eddine", "eldin", "eldine", "oddin", "uddeen", "uddin",
    "uddine", "uldin",
];

/// Writes compounds alike, whether joined or split (V-NORM-014).
pub(super) fn join(found: &mut NameParts) {
    if !found.parts.iter().any(|p| is_compound(&p.text)) {
        return;
    }
    let parts = core::mem::take(&mut found.parts);
    let mut rest = parts.into_iter().peekable();
    while let Some(mut part) = rest.next() {
        if SERVANT.contains(&part.text.as_str()) {
            // The article between the two words goes, but not one that ends the name.
            let article = rest.next_if(|p| ARTICLES.contains(&p.text.as_str()));
            if let Some(of) = rest.next_if(|p| p.text.len() > 1) {
                let whole = format!("abd{}", without_article(&of.text));
                found.other(of.text.clone());
                found.part(whole, false);
                continue;
            }
            found.parts.push(part);
            found.parts.extend(article);
        } else if GOD.contains(&part.text.as_str())
            && let Some(before) = found.parts.last_mut().filter(|p| p.text.len() > 1 && !is_article(&p.text))
        {
            let alone = before.text.clone();
            before.text.push_str(&part.text);
            super::cut(&mut before.text);
            found.other(alone);
        } else if let Some(of) = servant_of(&part.text) {
            found.other(of.to_owned());
            let whole = format!("abd{of}");
            found.part(whole, false);
        } else if let Some(stem) = OF_THE_FAITH.iter().find_map(|e| part.text.strip_suffix(e)).filter(|s| s.len() > 2) {
            let stem = stem.to_owned();
            found.part(stem, false);
            found.part("din".to_owned(), false);
        } else {
            let text = core::mem::take(&mut part.text);
            found.part(text, part.single);
        }
    }
}

/// A quick look: whether `join` could change anything about a part.
fn is_compound(part: &str) -> bool {
    let may_end = matches!(part.as_bytes().last(), Some(b'a' | b'e' | b'h' | b'n'));
    part.starts_with("abd") || may_end && (GOD.contains(&part) || OF_THE_FAITH.iter().any(|e| part.ends_with(e)))
}

fn is_article(part: &str) -> bool {
    ARTICLES.contains(&part)
}

/// The second word of a compound without its own article: `allah` is `l` and `lah`.
fn without_article(of: &str) -> &str {
    if GOD.contains(&of) { of.trim_start_matches(['a', 'e', 'o', 'u']).get(1..).unwrap_or(of) } else { of }
}

/// The second word of a joined compound: `abdulrahman`, `abdurrahman` and `abderrahman` give `rahman`.
fn servant_of(part: &str) -> Option<&str> {
    let rest = part.strip_prefix("abd")?;
    let noun = rest.trim_start_matches(['a', 'e', 'i', 'o', 'u']);
    let vowels = rest.len() - noun.len();
    if !(1..=2).contains(&vowels) {
        return None;
    }
    let bytes = noun.as_bytes();
    let doubled = matches!(bytes, [a, b, ..] if a == b && b"dnrstz".contains(a));
    if bytes.first() != Some(&b'l') && !doubled {
        return None;
    }
    let of = noun.get(1..)?;
    (of.len() >= 2 && of.bytes().any(|b| !b"aeiouwyh".contains(&b))).then_some(of)
}

/// Drops titles and gives every part its role (V-NORM-003, V-NORM-015).
pub(super) fn assign(tables: &Tables, kind: NameForm, found: &mut NameParts) -> Vec<NamePart> {
    let proper = |part: &RawPart| !part.single && !tables.titles.contains(&part.text);
    let drop_titles = found.parts.iter().any(proper);
    let mut parts: Vec<NamePart> = Vec::with_capacity(found.parts.len());
    for raw in &mut found.parts {
        if drop_titles && tables.titles.contains(&raw.text) {
            continue;
        }
        let role = if raw.single {
            PartRole::Initial
        } else if tables.particles.contains(&raw.text) {
            PartRole::Particle
        } else {
            PartRole::Name
        };
        parts.push(NamePart { text: core::mem::take(&mut raw.text), role });
    }
    // A name that is nothing but a particle is a name: Le, Van, Ben; and so is one beside a single other name: Li Xiaoming.
    let surname = |p: &&mut NamePart| p.role == PartRole::Particle && p.text.len() > 1;
    match parts.iter().filter(|p| p.role == PartRole::Name).count() {
        0 => parts.iter_mut().filter(surname).for_each(|p| p.role = PartRole::Name),
        1 if matches!(kind, NameForm::Full | NameForm::Mrz) => {
            let last = parts.len().saturating_sub(1);
            let ends = parts.iter_mut().enumerate().filter(|(at, _)| *at == 0 || *at == last).map(|(_, part)| part);
            ends.filter(|p| surname(p) && !is_article(&p.text)).for_each(|p| p.role = PartRole::Name);
        }
        _ => {}
    }
    match kind {
        NameForm::Father => {
            parts.iter_mut().filter(|p| p.role == PartRole::Name).for_each(|p| p.role = PartRole::Patronymic)
        }
        NameForm::Family => {}
        NameForm::Full | NameForm::Given | NameForm::Mrz => patronymics(tables, kind, &mut parts),
    }
    parts
}

/// Marks father's names, as long as two names remain beside them; one in a field of given names.
fn patronymics(tables: &Tables, kind: NameForm, parts: &mut [NamePart]) {
    let keep = if kind == NameForm::Given { 1 } else { 2 };
    let mut names = parts.iter().filter(|p| p.role == PartRole::Name).count();
    let mut suffix_found = false;
    for i in 1..parts.len() {
        if names <= keep {
            return;
        }
        let (Some(before), Some(part)) = (parts.get(i - 1), parts.get(i)) else { return };
        let after = parts.get(i + 1).is_some_and(|p| tables.patronymic_after.contains(&p.text.as_str()));
        let marked = tables.patronymic_before.contains(&before.text.as_str()) || after;
        let shaped = !suffix_found
            && tables.patronymic_suffixes.iter().any(|s| part.text.len() >= s.len() + 2 && part.text.ends_with(s));
        if part.role == PartRole::Name && (marked || shaped) {
            suffix_found |= shaped;
            names -= 1;
            if let Some(part) = parts.get_mut(i) {
                part.role = PartRole::Patronymic;
            }
        }
    }
}
