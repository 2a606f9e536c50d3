use super::super::name::{MAX_OTHERS, MAX_PART, MAX_PARTS, NameForm, NameForms, PartRole, normalise};
use super::super::{skeleton, tables};
use proptest::prelude::*;
use unicode_normalization::UnicodeNormalization;

fn roles(text: &str, kind: NameForm) -> Vec<(String, PartRole)> {
    normalise(text, kind).parts.iter().map(|p| (p.text.clone(), p.role)).collect()
}

fn texts(text: &str, kind: NameForm) -> Vec<String> {
    normalise(text, kind).parts.iter().map(|p| p.text.clone()).collect()
}

fn others(text: &str, kind: NameForm) -> Vec<String> {
    normalise(text, kind).others.iter().map(|p| p.text.clone()).collect()
}

/// V-NORM-002: a list with one column for names writes whole names into that of family names.
#[test]
fn whole_han_names_in_a_field_of_family_names_are_cut() {
    assert_eq!(texts("\u{738b}\u{5c0f}\u{660e}", NameForm::Family), texts("\u{738b}\u{5c0f}\u{660e}", NameForm::Full));
    assert_eq!(texts("\u{6b27}\u{9633}\u{5c0f}\u{660e}", NameForm::Family), ["ouyang", "xiaoming"]);
    // A family name of two characters of which the first is one by itself, or a whole name: both readings.
    assert_eq!(texts("\u{5f20}\u{660e}", NameForm::Family), ["zhangming"]);
    assert_eq!(others("\u{5f20}\u{660e}", NameForm::Family), ["zhang", "ming"]);
}

/// V-NORM-024
#[test]
fn wade_giles_is_read_as_pinyin_where_it_shows() {
    let last = |text: &str| others(text, NameForm::Given).pop();
    assert_eq!(last("Te-ch\u{2019}eng"), Some("decheng".into()));
    assert_eq!(last("Te-ch'eng"), Some("decheng".into()));
    assert_eq!(last("Hsieh"), Some("xieh".into()));
    assert_eq!(last("Ts'ao"), Some("cao".into()));
    assert_eq!(last("Chih-ch`iang"), Some("chihqiang".into()));
    assert!(others("Chang", NameForm::Family).is_empty() && others("Teng", NameForm::Family).is_empty());
    // An apostrophe of another kind.
    assert_eq!(others("O'Neil", NameForm::Family), ["neil"]);
}

#[test]
fn every_row_of_every_table_is_read() {
    // V-NORM-009: a row that no reader understands would change the digest and nothing else.
    for (name, content) in tables::FILES {
        let columns = content.lines().next().unwrap().split('\t').count();
        assert!(content.lines().count() > 1 && content.ends_with('\n') && !content.contains('\r'), "{name}");
        assert!(content.lines().all(|line| line.split('\t').count() == columns), "{name}");
    }
    let tables = tables::tables();
    let rows = |name: &str| tables::rows(name).count();
    assert_eq!(tables.compose.len(), rows("compose.tsv"));
    assert_eq!(tables.sequences.values().map(Vec::len).sum::<usize>(), rows("sequences.tsv"));
    assert_eq!(tables.alternates.len(), rows("alternates.tsv"));
    assert_eq!(tables.homoglyphs.len(), rows("homoglyphs.tsv"));
    assert_eq!(tables.han_variants.len(), rows("han_variants.tsv"));
    assert_eq!(tables.han_surnames.len(), rows("han_surnames.tsv"));
    assert_eq!(tables.hangul_surnames.len(), rows("hangul_surnames.tsv"));
    let of_row = |row: Vec<&str>| row[1].chars().count();
    assert_eq!(tables.cantonese.len(), tables::rows("han_cantonese.tsv").map(of_row).sum::<usize>());
    for row in tables::rows("fold.tsv") {
        let folded = tables::points(row[1]);
        assert!(folded.iter().all(|p| !matches!(tables.meaning(*p), tables::Meaning::Folds(_))), "{}", row[0]);
    }
}

#[test]
fn what_no_table_knows_is_a_break_and_what_shows_nothing_is_nothing() {
    // V-NORM-001
    for breaking in ["\u{7}", "\u{1f600}", "\u{e000}", "\u{10ffff}", "\u{0378}", "\u{13000}", "3", "_", "\u{2028}"] {
        assert_eq!(texts(&format!("ana{breaking}eva"), NameForm::Full), ["ana", "eva"], "{breaking:?}");
        assert_eq!(normalise(breaking, NameForm::Full), NameForms::default(), "{breaking:?}");
    }
    for ignored in ["\u{200b}", "\u{200d}", "\u{202e}", "\u{2066}", "\u{feff}", "\u{ad}", "\u{fe0f}", "\u{301}"] {
        assert_eq!(texts(&format!("ana{ignored}eva"), NameForm::Full), ["anaeva"], "{ignored:?}");
    }
}

#[test]
fn long_names_are_bounded() {
    // V-NORM-010
    assert_eq!(normalise(&"a".repeat(10_000), NameForm::Full), NameForms::default());
    assert_eq!(texts(&"a".repeat(1024), NameForm::Full), ["a".repeat(MAX_PART)]);
    let many = normalise(&"ab cd-".repeat(170), NameForm::Full);
    assert_eq!(many.parts.len(), MAX_PARTS);
    assert!(many.others.len() <= MAX_OTHERS);
    // One code point of three bytes that folds to eighteen.
    assert!(normalise(&"\u{fdfa}".repeat(341), NameForm::Full).parts.len() <= MAX_PARTS);
}

#[test]
fn a_word_of_two_scripts_is_read_in_one() {
    // V-NORM-011: Latin letters in a Cyrillic word, and the reverse.
    assert_eq!(texts("\u{418}\u{432}a\u{43d}o\u{432}", NameForm::Full), ["ivanov"]);
    assert_eq!(texts("m\u{430}ri\u{430}", NameForm::Full), ["maria"]);
    assert_eq!(texts("m\u{3b1}ria", NameForm::Full), ["maria"]);
}

#[test]
fn cyrillic_names_have_their_passport_forms() {
    // V-NORM-012
    let forms = others("\u{421}\u{435}\u{440}\u{433}\u{456}\u{439}", NameForm::Given);
    assert!(forms.contains(&"serhii".to_owned()), "{forms:?}");
    let decomposed: String = "\u{421}\u{435}\u{440}\u{433}\u{456}\u{439}".nfd().collect();
    assert_eq!(others(&decomposed, NameForm::Given), forms);
}

#[test]
fn arabic_zone_forms_are_decoded() {
    // V-NORM-013
    assert_eq!(texts("MXHMD", NameForm::Mrz), texts("\u{645}\u{62d}\u{645}\u{62f}", NameForm::Full));
    assert_eq!(texts("XSHYXKH", NameForm::Full), texts("\u{634}\u{64a}\u{62e}", NameForm::Full));
    assert_eq!(texts("MUXXLLER<<ANXXA", NameForm::Mrz), ["muller", "ana"]);
    assert_eq!(texts("Alexander Felix", NameForm::Full), ["alexander", "felix"]);
    assert!(others("XHEMAL", NameForm::Mrz).contains(&"xhemal".to_owned()));
}

#[test]
fn compounds_are_written_alike() {
    // V-NORM-014
    for text in ["Abdul Rahman", "Abdulrahman", "Abdurrahman", "Abd al-Rahman", "Abdel-Rahman", "Abderrahman"] {
        assert_eq!(texts(text, NameForm::Full), ["abdrahman"], "{text}");
        assert!(others(text, NameForm::Full).contains(&"rahman".to_owned()), "{text}");
    }
    let native =
        ["\u{639}\u{628}\u{62f} \u{627}\u{644}\u{644}\u{647}", "\u{639}\u{628}\u{62f}\u{627}\u{644}\u{644}\u{647}"];
    for text in native {
        assert_eq!(skeleton::k4(&texts(text, NameForm::Full)[0]), skeleton::k4(&texts("Abdullah", NameForm::Full)[0]));
    }
    assert_eq!(texts("Habib Ullah", NameForm::Full), texts("Habibullah", NameForm::Full));
    assert_eq!(texts("Nureddin", NameForm::Full), ["nur", "din"]);
    assert_eq!(texts("Abdou", NameForm::Full), ["abdou"]);
}

#[test]
fn parts_have_roles() {
    // V-NORM-015
    use PartRole::{Initial, Name, Particle, Patronymic};
    let expect = |text: &str, kind, expected: &[(&str, PartRole)]| {
        let expected: Vec<_> = expected.iter().map(|(t, r)| ((*t).to_owned(), *r)).collect();
        assert_eq!(roles(text, kind), expected, "{text}");
    };
    expect("Dr. J. van Berg", NameForm::Full, &[("j", Initial), ("van", Particle), ("berg", Name)]);
    expect("Le", NameForm::Family, &[("le", Name)]);
    expect("Mr", NameForm::Full, &[("mr", Name)]);
    expect("Osama bin Laden", NameForm::Full, &[("osama", Name), ("bin", Particle), ("laden", Name)]);
    expect("Roman Petrovich Ivanov", NameForm::Full, &[("roman", Name), ("petrovich", Patronymic), ("ivanov", Name)]);
    expect("Roman Petrovich", NameForm::Given, &[("roman", Name), ("petrovich", Patronymic)]);
    expect("Abramovich", NameForm::Family, &[("abramovich", Name)]);
    expect("Hasan", NameForm::Father, &[("hasan", Patronymic)]);
    let azeri = [("ali", Name), ("hasan", Patronymic), ("oglu", Particle), ("aliyev", Name)];
    expect("Ali Hasan oglu Aliyev", NameForm::Full, &azeri);
    // A surname that is a particle elsewhere, beside a single other name.
    expect("Li Xiaoming", NameForm::Full, &[("li", Name), ("xiaoming", Name)]);
    expect("LE<<HUONG", NameForm::Mrz, &[("le", Name), ("huong", Name)]);
    expect("Xiaoming Li", NameForm::Full, &[("xiaoming", Name), ("li", Name)]);
    expect("El Hassan", NameForm::Full, &[("el", Particle), ("hassan", Name)]);
    expect("Ana de Lopez", NameForm::Full, &[("ana", Name), ("de", Particle), ("lopez", Name)]);
    expect("van Berg", NameForm::Family, &[("van", Particle), ("berg", Name)]);
}

#[test]
fn names_that_lost_the_blank_between_them_are_set_apart() {
    // V-NORM-026
    assert_eq!(texts("TarekHussein", NameForm::Full), ["tarek", "hussein"]);
    assert_eq!(others("TarekHussein", NameForm::Full), ["tarekhussein"]);
    assert_eq!(texts("Mar\u{ed}a TarekHusseinOmar", NameForm::Full), ["maria", "tarek", "hussein", "omar"]);
    let glued = "\u{422}\u{430}\u{440}\u{430}\u{441}\u{41f}\u{435}\u{442}\u{440}\u{438}\u{432}";
    assert_eq!(texts(glued, NameForm::Full), ["taras", "petriv"]);
    for whole in ["McDonald", "MacDonald", "LaToya", "VanBerg", "DelRosario", "O'TarekHussein", "TarekHusse\u{ed}n"] {
        assert_eq!(texts(whole, NameForm::Full).len(), 1, "{whole}");
    }
}

/// Whether two spellings have a skeleton in common.
fn alike(one: &str, other: &str) -> bool {
    let forms = |text: &str| [texts(text, NameForm::Given), others(text, NameForm::Given)].concat();
    forms(one).iter().any(|a| forms(other).iter().any(|b| skeleton::k4(a) == skeleton::k4(b)))
}

#[test]
fn names_in_syllables_are_read_as_they_are_spoken() {
    // V-NORM-027
    let two = "\u{1021}\u{1031}\u{102c}\u{1004}\u{103a}\u{1019}\u{103c}\u{1004}\u{1037}\u{103a}";
    assert_eq!(texts(two, NameForm::Given), ["aaung", "myin"]);
    assert_eq!(others(two, NameForm::Given), ["aaungmyin"]);
    assert!(alike("\u{1014}\u{1014}\u{1039}\u{1012}\u{102c}", "Nanda"));
    // V-NORM-028: two syllables are one name; the head of the second sounds behind a vowel.
    let dorje = "\u{f62}\u{fa1}\u{f7c}\u{f0b}\u{f62}\u{f97}\u{f7a}";
    assert_eq!(texts(dorje, NameForm::Given), ["dorje"]);
    let three = format!("{dorje}\u{f0b}\u{f63}\u{fb7}\u{f0b} Ana");
    assert_eq!(texts(&three, NameForm::Full), ["dorje", "lha", "ana"]);
    for (native, latin) in [
        ("\u{f56}\u{f40}\u{fb2}\u{f0b}\u{f64}\u{f72}\u{f66}", "Tashi"),
        ("\u{f51}\u{f56}\u{f44}\u{f0b}\u{f58}\u{f7c}", "Wangmo"),
        ("\u{f62}\u{f92}\u{fb1}\u{f63}\u{f0b}\u{f58}\u{f5a}\u{f53}", "Gyaltsen"),
    ] {
        assert!(alike(native, latin), "{latin}: {:?}", texts(native, NameForm::Given));
    }
}

#[test]
fn han_given_names_are_also_read_as_in_hong_kong() {
    // V-NORM-002
    assert!(others("\u{5bb6}\u{660e}", NameForm::Given).contains(&"kaming".to_owned()));
    let whole = others("\u{9673}\u{5bb6}\u{660e}", NameForm::Full);
    assert!(["chan", "kaming", "ka", "ming"].iter().all(|form| whole.iter().any(|other| other == form)), "{whole:?}");
    assert!(!others("\u{9648}\u{5bb6}\u{660e}", NameForm::Full).contains(&"ka".to_owned()));
}

#[test]
fn eastern_names_are_split_by_their_surnames() {
    // V-NORM-002
    assert_eq!(texts("\u{6b27}\u{9633}\u{5c0f}\u{660e}", NameForm::Full), ["ouyang", "xiaoming"]);
    assert_eq!(texts("\u{738b}\u{660e}", NameForm::Full), ["wang", "ming"]);
    assert_eq!(texts("\u{738b}\u{660e}", NameForm::Given), ["wangming"]);
    assert_eq!(texts("\u{66fe}\u{5fd7}\u{660e}", NameForm::Full), ["zeng", "zhiming"]);
    assert_eq!(normalise("\u{9673}\u{5c0f}\u{660e}", NameForm::Full).exact, ["\u{9648}\u{5c0f}\u{660e}"]);
    assert!(others("\u{674e}", NameForm::Family).contains(&"lee".to_owned()));
    assert_eq!(texts("\u{ae40}\u{cca0}\u{c218}", NameForm::Full), ["gim", "cheolsu"]);
    assert!(others("\u{ae40}\u{cca0}\u{c218}", NameForm::Full).contains(&"kim".to_owned()));
    assert_eq!(texts("\u{b0a8}\u{ad81}\u{bbfc}", NameForm::Full), ["namgung", "min"]);
}

#[test]
fn other_spellings_are_other_forms() {
    assert!(others("M\u{fc}ller", NameForm::Family).contains(&"mueller".to_owned()));
    assert!(others("Mu\u{308}ller", NameForm::Family).contains(&"mueller".to_owned()));
    assert!(others("Jean-Pierre", NameForm::Given).contains(&"jeanpierre".to_owned()));
    assert!(others("D'Angelo", NameForm::Family).contains(&"angelo".to_owned()));
    assert!(others("\u{17d}i\u{17e}ek", NameForm::Family).contains(&"zhizhek".to_owned()));
}

#[test]
fn vowels_before_their_consonant_are_read_behind_it() {
    // V-NORM-023
    assert_eq!(skeleton::k4(&texts("\u{e40}\u{e01}\u{e29}\u{e21}", NameForm::Given)[0]), skeleton::k4("kasem"));
    assert_eq!(texts("\u{3a3}\u{3c4}\u{3b1}\u{3cd}\u{3c1}\u{3bf}\u{3c2}", NameForm::Given), ["stavros"]);
    assert_eq!(texts("\u{30ad}\u{30e7}\u{30a6}", NameForm::Given), ["kyou"]);
}

/// The rules as the specification states them, one after the other.
fn by_the_book(part: &str, longest: usize, keep_h: bool) -> String {
    let rules = tables::rows("skeleton.tsv");
    let replaced = rules.fold(part.to_owned(), |text, row| text.replace(row[1], row[2]));
    let mut out = String::new();
    for (i, letter) in replaced.chars().enumerate() {
        let sound = match letter {
            'a' | 'e' | 'i' | 'o' | 'u' if i == 0 => 'a',
            'h' if i == 0 => {
                if keep_h {
                    'h'
                } else {
                    'a'
                }
            }
            'w' if i == 0 => 'v',
            'a' | 'e' | 'i' | 'o' | 'u' | 'h' | 'w' => continue,
            consonant => consonant,
        };
        if !out.ends_with(sound) {
            out.push(sound);
        }
    }
    out.truncate(longest);
    out
}

/// V-NORM-025, one step after the other.
fn sounds_by_the_book(part: &str) -> String {
    let rules = tables::rows("skeleton.tsv");
    let replaced = rules.fold(part.to_owned(), |text, row| text.replace(row[1], row[2]));
    let mut sounds: Vec<char> = replaced
        .chars()
        .enumerate()
        .filter(|(i, letter)| *i == 0 || *letter != 'h')
        .map(|(_, letter)| letter)
        .collect();
    for letter in &mut sounds {
        *letter = match letter {
            'e' => 'i',
            'o' | 'w' => 'u',
            &mut other => other,
        };
    }
    sounds.dedup();
    sounds.into_iter().collect()
}

/// V-NORM-012: a mark that the table lacks changes no form, composed or not.
#[test]
fn a_mark_that_no_passport_writes_is_the_same_composed_and_decomposed() {
    for composed in ["\u{4ba}\u{450}", "\u{450}\u{43b}\u{435}\u{43d}", "\u{406}\u{450}"] {
        let decomposed: String = composed.nfd().collect();
        assert_ne!(composed, decomposed);
        assert!(normalise(composed, NameForm::Full) == normalise(&decomposed, NameForm::Full), "{composed}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    /// V-NORM-004, V-NORM-025: one pass gives what the rules give one after the other.
    #[test]
    fn skeletons_follow_their_rules(part in "[a-z]{1,14}|[tsczhkxqdjgp]{1,12}") {
        prop_assert_eq!(skeleton::k4(&part), by_the_book(&part, 4, false));
        prop_assert_eq!(skeleton::k5(&part), by_the_book(&part, 5, true));
        let uncut = by_the_book(&part, usize::MAX, false);
        let skeletons = skeleton::all(&part);
        let (consonants, sounds) = (skeleton::consonants(&part), skeleton::sounds(&part));
        prop_assert_eq!(consonants.as_str(), uncut.as_str());
        prop_assert_eq!(sounds.as_str(), sounds_by_the_book(&part));
        prop_assert_eq!(skeletons.s3.as_bytes(), &uncut.as_bytes()[uncut.len().saturating_sub(3)..]);
    }

    /// V-NORM-001, V-NORM-010: any text, no panic, bounded output of letters, and canonical equivalence.
    #[test]
    fn any_text_is_bounded_and_canonical_forms_are_equal(text in "(?s).{0,60}", kind in 0..5_usize) {
        let kind = [NameForm::Full, NameForm::Given, NameForm::Father, NameForm::Family, NameForm::Mrz][kind];
        let forms = normalise(&text, kind);
        prop_assert!(forms.parts.len() <= MAX_PARTS && forms.others.len() <= MAX_OTHERS);
        for part in forms.parts.iter().chain(&forms.others) {
            prop_assert!((1..=MAX_PART).contains(&part.text.len()));
            prop_assert!(part.text.bytes().all(|b| b.is_ascii_lowercase()));
        }
    }

    /// V-NORM-001: composed or decomposed, a name is the same.
    #[test]
    fn canonical_equivalence(
        text in "[\\p{Latin} \u{300}-\u{30c}]{0,16}|[\\p{Greek}\u{300}\u{301}\u{345}]{0,9}|[\\p{Cyrillic}\u{306}\u{308}]{0,9}\
            |\\p{Arabic}{0,9}|\\p{Devanagari}{0,9}|\\p{Bengali}{0,9}|\\p{Hangul}{0,9}|[\\p{Hiragana}\\p{Katakana}\u{3099}]{0,9}\
            |\\p{Tamil}{0,9}|\\p{Sinhala}{0,9}|\\p{Myanmar}{0,9}|\\p{Hebrew}{0,9}"
    ) {
        let (composed, decomposed): (String, String) = (text.nfc().collect(), text.nfd().collect());
        prop_assert!(normalise(&composed, NameForm::Full) == normalise(&decomposed, NameForm::Full));
    }

    /// A Latin name that was normalised before is its own form, compounds aside.
    #[test]
    fn names_of_letters_are_fixed_points(text in "[a-c e-w]{2,30}") {
        let once = texts(&text, NameForm::Family);
        prop_assert_eq!(texts(&once.join(" "), NameForm::Family), once);
    }
}
