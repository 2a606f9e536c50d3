//! `blindlink account add | change | password | remove | list`

use crate::exit::{Exit, Failure};
use crate::office::{ActingArgs, Office, random};
use crate::output;
use crate::output::printed;
use crate::passphrase;
use blindlink::schema::kinds::Lane;
use blindlink_console::{Account as Opened, Cost};
use blindlink_review::{Actor, PersonId, Refusal, Role, Standing, What as Step};
use clap::{Args, Subcommand};
use serde::Serialize;
use std::path::PathBuf;

/// Longest name, in bytes.
const NAME_BYTES: usize = 64;

#[derive(Debug, Args)]
#[command(arg_required_else_help = true)]
pub(super) struct Account {
    #[command(subcommand)]
    what: What,
    #[command(flatten)]
    acting: ActingArgs,
    /// Print one JSON object
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Debug, Args)]
struct StandingArgs {
    /// What the person does; may be given several times
    #[arg(long = "role", value_name = "ROLE", required = true, value_parser = role, long_help = ROLES)]
    roles: Vec<Role>,
    /// List whose pairs the person works on; may be given several times
    #[arg(long = "list", value_name = "LIST", value_parser = lane)]
    lanes: Vec<Lane>,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Add a person. The first one is a security officer; then only a security officer adds others.
    #[command(after_help = "Examples:\n  blindlink account add chief --role security\n  \
        blindlink account add anna --role reviewer --role second_reviewer --list suspect --as chief")]
    Add {
        /// Name with which the person will log in
        name: String,
        #[command(flatten)]
        standing: StandingArgs,
        /// File whose first line is the new passphrase [default: it is asked for]
        #[arg(long, value_name = "FILE")]
        new_passphrase_file: Option<PathBuf>,
    },
    /// Give a person other roles and lists.
    Change {
        /// Name of the person
        name: String,
        #[command(flatten)]
        standing: StandingArgs,
    },
    /// Set a new passphrase: the own one, or as a security officer that of another.
    Password {
        /// Name of the person
        name: String,
        /// File whose first line is the new passphrase [default: it is asked for]
        #[arg(long, value_name = "FILE")]
        new_passphrase_file: Option<PathBuf>,
    },
    /// Take a person out: the account is gone, what the person did stays in the log.
    Remove {
        /// Name of the person
        name: String,
    },
    /// List the people with their roles and lists.
    List,
}

const ROLES: &str = "What the person does; may be given several times, within one line of these: operator / reviewer, \
    second_reviewer, approver, victim_support / security / data_protection, auditor, statistics";

fn role(text: &str) -> Result<Role, String> {
    let names = Role::ALL.map(Role::name).join(", ");
    Role::from_name(text).ok_or_else(|| format!("one of {names}"))
}

fn lane(text: &str) -> Result<Lane, String> {
    let names: Vec<&str> = Lane::ALL.iter().map(|lane| lane.name()).collect();
    Lane::from_name(text).ok_or_else(|| format!("one of {}", names.join(", ")))
}

#[derive(Serialize)]
struct Person {
    name: String,
    person: u32,
    roles: Vec<&'static str>,
    lists: Vec<&'static str>,
}

#[derive(Serialize)]
struct People {
    schema: &'static str,
    people: Vec<Person>,
}

impl Account {
    pub(super) fn run(self, dir: Option<PathBuf>) -> Result<(), Failure> {
        let mut office = Office::open(dir)?;
        let Self { what, acting, json } = self;
        match what {
            What::Add { name, standing, new_passphrase_file } => {
                add(&mut office, &acting, &name, standing.standing(), new_passphrase_file)?;
            }
            What::Change { name, standing } => {
                let by = Actor::Person(office.log_in(&acting)?);
                let person = of(&office, &name)?.person;
                office.take(by, Step::PersonChanged { person, standing: standing.standing() })?;
            }
            What::Password { name, new_passphrase_file } => {
                password(&office, acting, &name, new_passphrase_file)?;
            }
            What::Remove { name } => {
                let by = Actor::Person(office.log_in(&acting)?);
                let person = of(&office, &name)?.person;
                // If an earlier try was cut short the person has left already, and only the account is still here.
                if office.desk().person(person).is_some_and(|person| person.active) {
                    office.take(by, Step::PersonLeft { person })?;
                }
                office.db()?.forget_account(&name)?;
            }
            What::List => {}
        }
        let people = list(&office)?;
        printed(output::print(json, &people, || in_words(&people)))
    }
}

impl StandingArgs {
    fn standing(&self) -> Standing {
        Standing::new(self.roles.iter().copied(), self.lanes.iter().copied())
    }
}

fn of(office: &Office, name: &str) -> Result<Opened, Failure> {
    office.account(name)?.ok_or_else(|| Failure::new(Exit::Config, format_args!("there is no account `{name}`")))
}

fn add(
    office: &mut Office,
    acting: &ActingArgs,
    name: &str,
    standing: Standing,
    file: Option<PathBuf>,
) -> Result<(), Failure> {
    let good =
        !name.is_empty() && name.len() <= NAME_BYTES && name.trim() == name && !name.chars().any(char::is_control);
    if !good {
        let text = format!("a name has 1 to {NAME_BYTES} bytes, no control characters and no space around it");
        return Err(Failure::new(Exit::Usage, text));
    }
    if office.account(name)?.is_some() {
        return Err(Failure::new(Exit::Config, format_args!("there is an account `{name}` already")));
    }
    let first = office.desk().people().next().is_none();
    if first && !standing.roles.contains(&Role::Security) {
        return Err(Failure::new(Exit::Review, "the first person is a security officer: --role security"));
    }
    let by = if first { Actor::Installer } else { Actor::Person(office.log_in(acting)?) };
    let new = passphrase::ask_new(file.as_deref(), &format!("New passphrase of {name}: "))?;
    let person = PersonId(office.desk().people().map(|(PersonId(n), _)| n + 1).max().unwrap_or(1));
    let account = made(person, &new)?;
    office.add(by, Step::PersonAdded { person, standing }, name, &account)
}

fn made(person: PersonId, passphrase: &str) -> Result<Opened, Failure> {
    let random = random()?;
    let salt = random.first_chunk().copied().unwrap_or_default();
    Opened::new(person, passphrase, salt, Cost::default())
        .ok_or_else(|| Failure::new(Exit::Internal, "the passphrase cannot be hashed"))
}

fn password(office: &Office, mut acting: ActingArgs, name: &str, file: Option<PathBuf>) -> Result<(), Failure> {
    let account = of(office, name)?;
    acting.acting.get_or_insert_with(|| name.to_owned());
    let by = office.log_in(&acting)?;
    let security = office.desk().person(by).is_some_and(|person| person.has(Role::Security));
    if by != account.person && !security {
        return Err(Refusal::Role.into());
    }
    let new = passphrase::ask_new(file.as_deref(), &format!("New passphrase of {name}: "))?;
    office.keep_account(name, &made(account.person, &new)?)
}

fn list(office: &Office) -> Result<People, Failure> {
    let mut people = Vec::new();
    for kept in office.db()?.accounts()? {
        let Some(account) = Opened::decode(&kept.account) else { continue };
        let Some(person) = office.desk().person(account.person) else { continue };
        let roles = person.standing.roles.iter().map(|role| role.name()).collect();
        let lists = person.standing.lanes().map(Lane::name).collect();
        people.push(Person { name: kept.name, person: account.person.0, roles, lists });
    }
    Ok(People { schema: "blindlink.people/v1", people })
}

fn in_words(people: &People) -> String {
    let row = |person: &Person| {
        vec![person.name.clone(), person.person.to_string(), person.roles.join(", "), person.lists.join(", ")]
    };
    match people.people.is_empty() {
        true => "nobody works here yet".to_owned(),
        false => output::table(&["name", "person", "roles", "lists"], people.people.iter().map(row)),
    }
}
