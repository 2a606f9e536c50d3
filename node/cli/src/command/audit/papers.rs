//! `blindlink audit dpia | processing`: drafts of the papers that data-protection law asks for, from what this node is
//! configured to do now. What a machine cannot know stands there as "to be filled in".

use crate::command::agreement::words::{allowed, in_words};
use crate::exit::{Exit, Failure};
use crate::office::Office;
use crate::output;
use crate::output::printed;
use blindlink::agreement::{Agreement, SignedAgreement, time};
use blindlink::explain::words;
use blindlink::identity::keytext;
use blindlink::policy::{CheckedPolicy, OutputMode};
use blindlink::schema::kinds::Lane;
use blindlink_node::own_list::load_policy;
use blindlink_node::store::DataDir;
use blindlink_node::store::agreements::Store;
use blindlink_node::store::audit_log::Log;
use blindlink_node::store::configuration::Configuration;
use blindlink_node::store::policies;
use blindlink_node::sys::clock;
use blindlink_node::sys::files::write_whole;
use blindlink_review::Role;
use clap::Args;
use serde::Serialize;
use std::collections::BTreeSet;
use std::path::PathBuf;

/// Draft a data-protection impact assessment of what this node is configured to do now (Directive (EU) 2016/680, Article 27).
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  blindlink audit dpia --out dpia.md")]
pub(super) struct Dpia {
    #[command(flatten)]
    paper: PaperArgs,
}

/// Draft the record of processing activities of what this node is configured to do now (Directive (EU) 2016/680, Article 24).
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  blindlink audit processing --out processing.md")]
pub(super) struct Processing {
    #[command(flatten)]
    paper: PaperArgs,
}

#[derive(Debug, Args)]
struct PaperArgs {
    /// Where it goes [default: standard output]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Policy of an agreement, if it did not come with a bundle; may be given again
    #[arg(long = "policy", value_name = "FILE")]
    policies: Vec<PathBuf>,
}

#[derive(Serialize)]
struct Written {
    schema: &'static str,
    agreements: usize,
    text: String,
}

/// What a draft is made of.
struct Facts {
    own: String,
    now: u64,
    /// Agreements with their states and policies, if those are here.
    agreements: Vec<(SignedAgreement, Option<CheckedPolicy>)>,
    configuration: Configuration,
    office: Office,
    log_entries: usize,
    log_root: String,
}

const FILL_IN: &str = "*(to be filled in)*";

impl Facts {
    fn gather(data: &DataDir, files: &[PathBuf]) -> Result<Self, Failure> {
        let (identity, now) = (data.identity()?, clock::now());
        let own = identity.key().id();
        let files = files.iter().map(|path| load_policy(path)).collect::<Result<Vec<_>, _>>()?;
        let all = Store::of(data).all()?;
        let latest = all.into_iter().filter(|sealed| sealed.agreement().agreement().seen_from(&own).is_some());
        let with_policy = |sealed: SignedAgreement| {
            let agreement = sealed.agreement().agreement();
            let here = policies::agreed(data, Some(&agreement.name), None, now).ok().and_then(|p| load_policy(&p).ok());
            let known = files.iter().cloned().chain(here).find(|policy| *policy.digest() == agreement.policy);
            (sealed, known)
        };
        let agreements = latest.map(with_policy).collect();
        let log = Log::open(data, &identity)?;
        Ok(Self {
            own: keytext::to_text(&own),
            now,
            agreements,
            configuration: Configuration::load(data)?,
            office: Office::open(Some(data.path().to_owned()))?,
            log_entries: log.leaves().len(),
            log_root: hex::encode(blindlink::audit::merkle::root(log.leaves())),
        })
    }

    fn head(&self, title: &str, article: &str) -> String {
        format!(
            "# {title}\n\nDraft, made on {} by Blindlink {} from what the node `{}` is configured to do. {article} The parts \
             marked {FILL_IN} are for people; nothing here is a legal opinion. Encoded records and pseudonyms are personal \
             data: they are pseudonymous, not anonymous.\n\n",
            time::text(self.now),
            env!("CARGO_PKG_VERSION"),
            self.own
        )
    }

    /// Persons of the office by role; no names.
    fn roles(&self) -> String {
        let active = || self.office.desk().people().filter(|(_, person)| person.active);
        Role::ALL
            .iter()
            .map(|role| {
                let n = active().filter(|(_, person)| person.standing.roles.contains(role)).count();
                format!("| {} | {n} |\n", role.name().replace('_', " "))
            })
            .collect()
    }

    /// What the configuration lacks that the assessment would rest on.
    fn gaps(&self) -> Vec<String> {
        let mut gaps = Vec::new();
        let holds = |role: Role, lane: Option<Lane>| {
            self.office.desk().people().any(|(_, p)| p.has(role) && lane.is_none_or(|lane| p.standing.works_in(lane)))
        };
        for (role, what) in [
            (Role::DataProtection, "nobody has the role of data-protection officer"),
            (Role::Security, "nobody has the role of security officer"),
        ] {
            if !holds(role, None) {
                gaps.push(what.to_owned());
            }
        }
        let lanes: BTreeSet<&str> = self.own_parties().map(|(_, party)| party.lane.name()).collect();
        for lane in (0..=u8::MAX).filter_map(Lane::from_code).filter(|lane| lanes.contains(lane.name())) {
            for role in [Role::Reviewer, Role::SecondReviewer, Role::Approver, Role::VictimSupport] {
                if !holds(role, Some(lane)) {
                    let (role, lane) = (role.name().replace('_', " "), lane.name());
                    gaps.push(format!("nobody works as {role} on lists of the lane `{lane}`"));
                }
            }
        }
        for (sealed, policy) in &self.agreements {
            let agreement = sealed.agreement().agreement();
            if policy.is_none() {
                gaps.push(format!("the policy of `{}` is not here: give it with --policy", agreement.name));
            }
            if agreement.parties.iter().any(|party| party.legal_basis.contains("to be filled in")) {
                gaps.push(format!("`{}` names no law for one of its parties", agreement.name));
            }
        }
        if self.agreements.is_empty() {
            gaps.push("this node has no agreement: no round outside training is possible".to_owned());
        }
        gaps
    }

    fn own_parties(&self) -> impl Iterator<Item = (&Agreement, &blindlink::agreement::Party)> {
        self.agreements.iter().filter_map(|(sealed, _)| {
            let agreement = sealed.agreement().agreement();
            let own = agreement.parties.iter().find(|party| keytext::to_text(&party.node) == self.own)?;
            Some((agreement, own))
        })
    }

    fn state(&self, sealed: &SignedAgreement) -> &'static str {
        sealed.state(self.now).name()
    }
}

/// The kinds of fields that are compared, in words.
fn fields(policy: Option<&CheckedPolicy>) -> String {
    let Some(policy) = policy else { return format!("{FILL_IN}: the policy is not here\n") };
    let policy = policy.policy();
    let mut compared: Vec<String> = Vec::new();
    for feature in policy.segments.iter().flat_map(|segment| &segment.features) {
        let said = words::feature(feature);
        if !compared.contains(&said) {
            compared.push(said);
        }
    }
    let keys: Vec<String> =
        policy.tables.iter().map(|table| format!("- `{}`: {}\n", table.name, words::key(table))).collect();
    format!(
        "Compared: {}. Two records meet only if they agree in one of these keys:\n\n{}",
        words::join(compared.into_iter()),
        keys.concat()
    )
}

/// What each side learns, by who learns the result.
fn learnt(agreement: &Agreement) -> &'static str {
    match agreement.output {
        OutputMode::Requester => {
            "The requester learns, for its own records, that there is a counterpart, a pseudonym for it and a grade. The \
             responder learns nothing but sizes. Neither sees a record of the other. Pairs cannot be confirmed by both sides: \
             a question would tell the responder of a match.\n"
        }
        OutputMode::Mutual => {
            "The requester learns, for its own records, that there is a counterpart, a pseudonym for it and a grade; the \
             responder learns which of its own records have a counterpart. Neither sees a record of the other. Of pairs to \
             which both sides' people say yes both learn that; of a no nobody learns. What is disclosed after that is a case \
             reference, a desk and a handling code.\n"
        }
    }
}

/// What protects, as far as the program enforces it.
const MEASURES: &str = "\
- Comparison under encryption: for a pair that does not match neither side learns whether a key agreed, nor a score.
- No automated decision: two different persons judge each pair, a third asks and discloses (V-REVIEW-001, V-REVIEW-002).
- A person sees pairs of the own lists only; who runs rounds, names people or oversees sees no record (V-REVIEW-003).
- Every step, also each reading of a record, is in a log that cannot be changed unseen (V-REVIEW-005, chapter 15).
- Records, judgements and accounts are sealed at rest; the line is TLS 1.3 between pinned keys.
- Lists of victims and of suspects have keys of their own: a victim cannot come up as a suspect of the same computation.
- Agreed numbers bound sizes, rounds, guesses and results; four persons sign them, and each of them can stop all rounds at once.
- Corrections, withdrawals and erasure travel to the other side, with receipts.
- Statistics leave as numbers with noise, without numbers below ten.
";

/// What no measure removes.
const RESIDUAL: &str = "\
- Whoever has the folder with its keys, or the rights of the node's user, can read everything in it.
- A party that lies about its list gets and gives fiction; one that puts persons on its list only to ask about them learns about
  them, up to the agreed size. Audits, case references and the treaty limit that.
- That two authorities run rounds is visible on the network, and how much crosses.
- What several rounds show together: persons that were added between two of them.
- A pair is a lead and can be wrong: thresholds need a pilot with labelled pairs of this population.
- The protocol and the program have had no independent audit.
";

fn dpia(facts: &Facts) -> String {
    let article = "It follows Article 27 of Directive (EU) 2016/680; other laws ask for similar papers.";
    let mut text = facts.head("Data-protection impact assessment", article);
    text += &format!(
        "Number of the assessment: {FILL_IN}. Decision of the controller: {FILL_IN}.\n\n## 1. What is done\n\n"
    );
    text += "Two authorities find out which persons both have on their lists, without showing each other the lists. People judge \
             what was found; only what both sides' people confirm leads to an exchange of case references.\n\n";
    for (sealed, policy) in &facts.agreements {
        let agreement = sealed.agreement().agreement();
        let (name, version, state) = (&agreement.name, agreement.version, facts.state(sealed));
        text += &format!("### Agreement `{name}`, version {version}: {}\n\n", state.replace('_', " "));
        text += &format!("{}\n**Fields.** {}\n", in_words(agreement), fields(policy.as_ref()));
        text += &format!("**What each side learns.** {}\n", learnt(agreement));
        text += &format!("**What a side that cheats can do.** {}\n", allowed(agreement, policy.as_ref()));
    }
    text += "### Links of this node\n\n| link | peer | role | rounds | agreement |\n|---|---|---|---|---|\n";
    for link in &facts.configuration.links {
        let when = link.schedule.as_ref().map_or_else(|| "by hand, or when called".to_owned(), ToString::to_string);
        let agreement = link.agreement.as_deref().unwrap_or("that of its policy");
        text += &format!("| {} | {} | {} | {when} | {agreement} |\n", link.name, link.peer, link.role.name());
    }
    text += &format!(
        "\n## 2. Why it is necessary and proportionate\n\n{FILL_IN}: could the purpose be reached with fewer persons, \
                      fewer fields, fewer rounds, or by single questions?\n\n"
    );
    text += &format!(
        "## 3. Risks for the persons on the lists\n\n{FILL_IN}, for each list: what happens to a person who is found by \
                      mistake, who is not found, whose being on a list becomes known.\n\n"
    );
    text += &format!(
        "## 4. Measures\n\n{MEASURES}\nPeople of this node:\n\n| role | persons |\n|---|---|\n{}",
        facts.roles()
    );
    text += &format!("\nAudit log: {} entries, root `{}`.\n\n", facts.log_entries, facts.log_root);
    text += &format!("## 5. What remains\n\n{RESIDUAL}\n## 6. What is missing here now\n\n");
    let gaps = facts.gaps();
    text += &if gaps.is_empty() { "Nothing that this program knows of.\n".to_owned() } else { lines(&gaps) };
    text + &format!(
        "\n## 7. Opinions\n\nData-protection officer: {FILL_IN}. Supervisory authority (Article 28): {FILL_IN}. Persons \
                     concerned or their representatives: {FILL_IN}.\n"
    )
}

fn lines(all: &[String]) -> String {
    all.iter().map(|line| format!("- {line}\n")).collect()
}

fn processing(facts: &Facts) -> String {
    let article = "It follows Article 24(1) of Directive (EU) 2016/680, letter by letter.";
    let mut text = facts.head("Record of processing activities", article);
    for (sealed, policy) in &facts.agreements {
        let agreement = sealed.agreement().agreement();
        let Some((own, other)) = agreement
            .parties
            .iter()
            .find(|p| keytext::to_text(&p.node) == facts.own)
            .zip(agreement.parties.iter().find(|p| keytext::to_text(&p.node) != facts.own))
        else {
            continue;
        };
        let kept = &agreement.retention;
        text += &format!(
            "## `{}`, version {} ({})\n\n\
             - **(a) Controller**: {} ({}); contact {FILL_IN}; data-protection officer {FILL_IN}. Other party: {} ({}).\n\
             - **(b) Purposes**: {}.\n\
             - **(c) Recipients**: {}, of what section (d) says; nobody else by this program.\n\
             - **(d) Persons and data**: persons on a list of the lane `{}`. {}  What crosses: encodings under encryption, \
             pseudonyms, and of pairs that both confirmed a case reference, a desk and a handling code.\n\
             - **(e) Profiling**: none; a comparison gives leads, and people decide.\n\
             - **(f) Transfers to third countries**: {FILL_IN}: on what ground, if {} is in one.\n\
             - **(g) Legal basis**: {}; of the other party: {}.\n\
             - **(h) Time limits**: journals of rounds {} days, results with their records and pairs {} days, the audit log {} \
             days; the agreement ends on {}.\n\
             - **(i) Security**: see below.\n\n",
            agreement.name,
            agreement.version,
            facts.state(sealed).replace('_', " "),
            own.name,
            own.kind.name().replace('_', " "),
            other.name,
            other.kind.name().replace('_', " "),
            agreement.purpose,
            other.name,
            own.lane.name(),
            fields(policy.as_ref()).replace('\n', " "),
            other.name,
            own.legal_basis,
            other.legal_basis,
            kept.journal_days,
            kept.results_days,
            kept.audit_days,
            time::text(agreement.valid.until),
        );
    }
    text += &format!("## Security measures (Article 29)\n\n{MEASURES}");
    let gaps = facts.gaps();
    if !gaps.is_empty() {
        text += &format!("\n## What is missing here now\n\n{}", lines(&gaps));
    }
    text
}

impl PaperArgs {
    fn write(self, json: bool, data: &DataDir, make: fn(&Facts) -> String) -> Result<(), Failure> {
        let facts = Facts::gather(data, &self.policies)?;
        let text = make(&facts);
        if let Some(out) = &self.out {
            let failed = Failure::because(Exit::CannotCreate, format!("cannot write {}", out.display()));
            write_whole(out, text.as_bytes()).map_err(failed)?;
        }
        let written = Written { schema: "blindlink.paper/v1", agreements: facts.agreements.len(), text };
        let said = || match &self.out {
            Some(out) => format!("wrote {}: read it, and fill in what is marked\n", out.display()),
            None => written.text.clone(),
        };
        printed(output::print(json, &written, said))
    }
}

impl Dpia {
    pub(super) fn run(self, json: bool, data: &DataDir) -> Result<(), Failure> {
        self.paper.write(json, data, dpia)
    }
}

impl Processing {
    pub(super) fn run(self, json: bool, data: &DataDir) -> Result<(), Failure> {
        self.paper.write(json, data, processing)
    }
}
