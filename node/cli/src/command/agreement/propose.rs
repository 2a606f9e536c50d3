//! `blindlink agreement propose`: one file with everything that two nodes need to agree.

use super::draft::{UrgentArgs, drafted, party, valid_for};
use super::{Shown, print, shown, words};
use crate::command::peer::pairing::SideArgs;
use crate::exit::{Exit, Failure};
use crate::inputs::base_policy;
use crate::output;
use crate::output::printed;
use blindlink::agreement::Party;
use blindlink::identity::PeerId;
use blindlink::policy::{Lane, Policy};
use blindlink::suite::CURRENT;
use blindlink_node::store::DataDir;
use blindlink_node::store::bundle::{CheckedBundle, Invitation};
use blindlink_node::store::results::check_new;
use blindlink_node::sys::clock;
use clap::Args;
use std::path::PathBuf;
use toml_edit::{DocumentMut, value};

#[derive(Debug, Args)]
#[command(
    after_help = "Both sides' signers sign the bundle with `blindlink agreement sign BUNDLE --key FILE`, and both operators store \
    it with `blindlink agreement accept BUNDLE`. It is text: what should be otherwise can be edited before somebody signs.\n\n\
    Example:\n  blindlink agreement propose --invitation south.invite --as north --party 'Ministry of the North' \\\n      \
    --legal-basis 'Act 7 of 2025, article 3' --signer 'Anna Invented=anna.key' --signer 'Ben Invented=ben.key' \\\n      \
    --name north-south-2026 --purpose 'find victims whom both sides know' --out north-south.bundle"
)]
pub(super) struct Propose {
    /// The peer's invitation, with its authority, law and signers
    #[arg(long, value_name = "FILE")]
    invitation: PathBuf,
    /// How this node would like to be called there
    #[arg(long = "as", value_name = "NAME")]
    own_name: String,
    /// Where this node is called; not needed if it only calls
    #[arg(long, value_name = "HOST:PORT")]
    addr: Option<String>,
    #[command(flatten)]
    side: SideArgs,
    /// The policy that is agreed on [default: the default policy]
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    /// Name of the agreement [default: the one that the policy names]
    #[arg(long, value_name = "TEXT")]
    name: Option<String>,
    /// What lists are compared for [default: what the policy says]
    #[arg(long, value_name = "TEXT")]
    purpose: Option<String>,
    /// Kinds of the two lists, such as victim-missing [default: what the policy says]
    #[arg(long, value_name = "LANES")]
    lanes: Option<String>,
    /// Days from now on for which it is valid
    #[arg(long, value_name = "DAYS", default_value_t = 365, value_parser = clap::value_parser!(u64).range(1..=1830))]
    days: u64,
    #[command(flatten)]
    urgent: UrgentArgs,
    /// The bundle, which must not exist
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

/// A party as its invitation describes it; what is missing stands there as what is to be filled in.
fn of((invitation, id): &(Invitation, PeerId), lane: Lane) -> Result<Party, Failure> {
    let signers = invitation.signers()?.ok_or_else(|| {
        let what = format!("the invitation of {} names nobody who signs: two --signer are needed", invitation.name);
        Failure::new(Exit::BadInput, what)
    })?;
    let name = invitation.party.as_deref().unwrap_or("to be filled in: this authority");
    let drafted = party(name, *id, lane, signers);
    Ok(match &invitation.legal_basis {
        Some(legal_basis) => Party { legal_basis: legal_basis.clone(), ..drafted },
        None => drafted,
    })
}

impl Propose {
    pub(super) fn run(&self, json: bool, data: &DataDir) -> Result<(), Failure> {
        check_new(&self.out)?;
        let own = data.identity()?.key().id();
        let theirs = Invitation::read(&self.invitation)?;
        if theirs.1 == own {
            return Err(Failure::new(Exit::Config, "the invitation is this node's own"));
        }
        let ours = (self.side.invitation(self.own_name.clone(), &own, self.addr.clone())?, own);
        let text = self.policy_text()?;
        let policy = Policy::from_toml(&text)?.validate()?;
        let (first, second) = policy.policy().context.lanes.lanes();
        let parties = [of(&ours, first)?, of(&theirs, second)?];
        let urgent = self.urgent.part(&policy, theirs.1)?;
        let agreement = drafted(&policy, CURRENT, valid_for(self.days), (parties, urgent)).validate()?;
        let blank = words::filled_in(agreement.agreement()).err();
        let bundle = CheckedBundle::new([ours, theirs], (policy, text), agreement)?;
        bundle.write(&self.out)?;
        print(json, vec![shown(&bundle.signed, clock::now())], Shown::line)?;
        if json {
            return Ok(());
        }
        let blank = blank.map_or_else(String::new, |blank| format!("edit it first: {}\n", blank.message));
        let text = format!("{blank}let two persons of each side sign {}, this side first", self.out.display());
        printed(output::print(false, &(), || text))
    }

    /// The policy, with what the command line says of its context.
    fn policy_text(&self) -> Result<String, Failure> {
        let (_, text) = base_policy(self.policy.as_deref())?;
        let said = [("agreement", &self.name), ("purpose", &self.purpose), ("lanes", &self.lanes)];
        if said.iter().all(|(_, said)| said.is_none()) {
            return Ok(text);
        }
        let mut document: DocumentMut =
            text.parse().map_err(Failure::because(Exit::BadPolicy, "the policy cannot be read"))?;
        for (key, said) in said {
            if let Some(said) = said
                && let Some(context) = document.get_mut("context").and_then(|context| context.as_table_mut())
            {
                context[key] = value(said);
            }
        }
        Ok(document.to_string())
    }
}
