//! Words that no column may have in its name (V-RECORD-008).

/// What no linkage may use (V-RECORD-008): words that no column, property or declared field may contain. The law forbids
/// it (Directive (EU) 2016/680, Article 10), or a victim's trust does.
const FORBIDDEN: &[&str] = &[
    "abuse",
    "belief",
    "biometric",
    "blood",
    "caste",
    "confession",
    "dactyl",
    "diagnosis",
    "disability",
    "disease",
    "dna",
    "ethnic",
    "ethnicity",
    "exploitation",
    "face",
    "faith",
    "fingerprint",
    "fingerprints",
    "gait",
    "genetic",
    "genome",
    "health",
    "hiv",
    "immigration",
    "injury",
    "iris",
    "medical",
    "narrative",
    "opinion",
    "orientation",
    "party",
    "political",
    "politics",
    "pregnancy",
    "pregnant",
    "race",
    "racial",
    "religion",
    "religious",
    "residence",
    "sexuality",
    "trauma",
    "tribe",
    "union",
    "visa",
];

/// The forbidden word in the name of a column, property or declared field, if there is one. `parentsReligion`,
/// `religion_2` and `Religion` are all found; `interface` is not.
#[must_use]
pub fn forbidden(name: &str) -> Option<&'static str> {
    let mut word = String::new();
    let mut last_lower = false;
    for c in name.chars().chain(['_']) {
        let breaks = !c.is_ascii_alphabetic() || (c.is_ascii_uppercase() && last_lower);
        if breaks {
            if let Ok(at) = FORBIDDEN.binary_search(&word.as_str()) {
                return FORBIDDEN.get(at).copied();
            }
            word.clear();
        }
        if c.is_ascii_alphabetic() {
            word.push(c.to_ascii_lowercase());
        }
        last_lower = c.is_ascii_lowercase();
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::Field;

    #[test]
    fn forbidden_words_are_found_wherever_they_stand() {
        // V-RECORD-008
        assert!(FORBIDDEN.is_sorted());
        for name in
            ["religion", "Religion", "mothersReligion", "ethnicity_2", "face-image", "HEALTH", "immigrationStatus"]
        {
            assert!(forbidden(name).is_some(), "{name}");
        }
        for field in Field::ALL {
            assert_eq!(forbidden(field.name()), None);
        }
        assert_eq!(forbidden("surface"), None);
        assert_eq!(forbidden("interface_address"), None);
    }
}
