use super::*;

const LINK: &str =
    "[[link]]\nname = \"south\"\npeer = \"south\"\nrole = \"requester\"\npolicy = \"p.toml\"\nlist = \"l.csv\"\n";

fn read(text: &str) -> Result<Configuration, String> {
    Configuration::parse(text, Path::new("blindlink.toml")).map_err(|error| error.to_string())
}

#[test]
fn the_template_says_nothing_and_each_of_its_lines_may_be_said() {
    let nothing = read(TEMPLATE).unwrap();
    assert!(nothing.links.is_empty() && nothing.node.listen.is_none());
    // A comment of one word after `#` is a setting that is switched off.
    let on = |line: &str| match line.strip_prefix('#') {
        Some(setting) if !setting.starts_with(' ') => setting.to_owned(),
        _ => line.to_owned(),
    };
    let all = TEMPLATE.lines().map(on).filter(|line| !line.starts_with("discard_claims"));
    let all = read(&all.collect::<Vec<_>>().join("\n")).unwrap();
    assert_eq!((all.node.rounds, all.patience.give_up, all.links.len()), (Some(4), 21_600, 1));
    assert_eq!(all.links[0].schedule.unwrap().to_string(), "daily 02:00");
    // What is said there is what holds without it.
    let (said, holds) = (all.patience, PatienceSettings::default());
    assert_eq!((said.idle, said.handshake, said.frame), (holds.idle, holds.handshake, holds.frame));
}

#[test]
fn an_unknown_key_is_refused_with_its_line_and_the_one_that_was_meant() {
    let wrong = |text: &str| read(text).unwrap_err();
    assert_eq!(
        wrong("[node]\n\nlisten_at = \"[::]:1\"\n"),
        "blindlink.toml: line 3: `listen_at` is not known here; is `listen` meant?"
    );
    assert_eq!(
        wrong(&format!("{LINK}shedule = \"daily 02:00\"\n")),
        "blindlink.toml: line 7: `shedule` is not known here; is `schedule` meant?"
    );
    assert_eq!(
        wrong("[node]\ncolour = \"red\"\n"),
        "blindlink.toml: line 2: `colour` is not known here; known are listen, rounds, log, training"
    );
}

#[test]
fn what_cannot_be_is_refused_where_it_stands() {
    for (text, said) in [
        (format!("{LINK}{LINK}"), "another link of this name"),
        (LINK.replace("requester", "asker"), "expected `requester` or `responder`"),
        (LINK.replace("requester", "responder") + "schedule = \"daily 02:00\"\n", "a responder waits to be called"),
        (format!("{LINK}window = \"01:00-02:00\"\n"), "`window` without `schedule`"),
        (format!("{LINK}schedule = \"nightly\"\n"), "line 7: expected `daily HH:MM`"),
        (format!("{LINK}left_out_at_most = 101.0\n"), "0 to 100 per cent"),
        (LINK.replace("\"south\"\npeer", "\"so uth\"\npeer"), "a link's name"),
        ("[node]\nrounds = 1\n".into(), "2 at least"),
        ("[patience]\nidle = 0\n".into(), "in seconds"),
        (LINK.replace("policy = \"p.toml\"\n", ""), "missing field `policy`"),
    ] {
        let error = read(&text).unwrap_err();
        assert!(error.contains(said), "{said}: {error}");
    }
}

#[test]
fn paths_begin_in_the_data_folder() {
    let folder = tempfile::tempdir().unwrap();
    let data = DataDir::locate(Some(folder.path().into())).unwrap();
    assert!(Configuration::load(&data).unwrap().links.is_empty(), "no file, no links");
    fs::write(path(&data), LINK.replace("l.csv", "/lists/l.csv")).unwrap();
    let link = Configuration::load(&data).unwrap().resolved(&data).links.remove(0);
    assert_eq!((link.policy, link.list), (folder.path().join("p.toml"), PathBuf::from("/lists/l.csv")));
    assert!(init(&data).is_err(), "never written over");
}
