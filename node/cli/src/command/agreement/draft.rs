//! `blindlink agreement new`

use crate::exit::{Exit, Failure};
use blindlink::agreement::budget::Debit;
use blindlink::agreement::time::DAY;
use blindlink::agreement::{Agreement, Caps, CheckedAgreement, Party, PartyType, Retention, Roles, Signer, Validity};
use blindlink::identity::PeerId;
use blindlink::identity::keytext;
use blindlink::policy::{CheckedPolicy, Lane};
use blindlink::session::Role;
use blindlink_node::own_list::load_policy;
use blindlink_node::store::DataDir;
use blindlink_node::store::agreements::Store;
use blindlink_node::store::peers::Peers;
use blindlink_node::sys::clock;
use blindlink_node::sys::files::write_whole;
use clap::Args;
use std::path::PathBuf;

/// Rounds of a period that a draft's budget has room for.
const ROUNDS: u64 = 30;

#[derive(Debug, Args)]
pub(super) struct Draft {
    /// The policy that is agreed on
    #[arg(long, value_name = "FILE")]
    policy: PathBuf,
    /// Name of the peer
    #[arg(long, value_name = "NAME")]
    peer: String,
    /// Public keys of the two signers of this side
    #[arg(long, value_name = "KEY", num_args = 2, required = true)]
    own_signers: Vec<String>,
    /// Public keys of the two signers of the peer's side
    #[arg(long, value_name = "KEY", num_args = 2, required = true)]
    peer_signers: Vec<String>,
    /// Days from now on for which it is valid
    #[arg(long, value_name = "DAYS", default_value_t = 365, value_parser = clap::value_parser!(u64).range(1..=1830))]
    days: u64,
    /// Amend the version that is here: the next number, and the digest of that version
    #[arg(long)]
    amend: bool,
    /// Where the draft goes
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

fn signers(keys: &[String]) -> Result<[Signer; 2], Failure> {
    let read = |text: &String| keytext::from_text(text).map_err(|error| Failure::new(Exit::Config, error));
    let keys = keys.iter().map(read).collect::<Result<Vec<PeerId>, _>>()?;
    match keys[..] {
        [one, two] => {
            Ok([("first signer", one), ("second signer", two)].map(|(name, key)| Signer { name: name.into(), key }))
        }
        _ => Err(Failure::new(Exit::Usage, "each side has two signers")),
    }
}

fn party(name: &str, node: PeerId, lane: Lane, signers: [Signer; 2]) -> Party {
    let kind = match lane {
        Lane::Suspect | Lane::Convicted => PartyType::LawEnforcement,
        Lane::Victim => PartyType::VictimSupport,
        Lane::Missing | Lane::Unidentified => PartyType::MissingPersons,
    };
    let legal_basis = "to be filled in: the law on which this party acts".into();
    Party { name: name.into(), kind, role: Roles::Either, lane, node, legal_basis, signers }
}

/// Caps that leave room for a round a day.
fn caps(policy: &CheckedPolicy, peer: PeerId) -> Caps {
    let round = &policy.policy().round;
    let round_costs = Debit::new(policy, Role::Requester, peer, 0).costs();
    let largest = round_costs.iter().map(|key| key.cost).max().unwrap_or(1);
    let claims = Caps::usual_claims(round.output, round.records_requester);
    Caps {
        records_requester: round.records_requester,
        records_responder: round.records_responder,
        rounds_per_day: 1,
        period_days: 30,
        bins_per_table: largest * ROUNDS,
        claims,
        matches: Caps::usual_matches(claims, round.records_requester),
        delta_records: (round.records_requester.min(round.records_responder) / 100).max(1),
        policy_changes: 1,
        left_out_percent: blindlink::agreement::USUAL_LEFT_OUT,
    }
}

impl Draft {
    /// Writes the draft; gives its place and what it says.
    pub(super) fn write(&self, data: &DataDir) -> Result<(PathBuf, CheckedAgreement), Failure> {
        let policy = load_policy(&self.policy)?;
        let (own, peers) = (data.identity()?.key().id(), Peers::load(data)?);
        let peer = peers.get(&self.peer)?;
        let context = &policy.policy().context;
        let (first, second) = context.lanes.lanes();
        let (from, mut version, mut previous) = (clock::now(), 1, [0; 32]);
        let from = from - from % DAY;
        if self.amend {
            let versions = Store::of(data).versions(&context.agreement)?;
            let sealed = blindlink::agreement::current(&versions, from).ok_or_else(|| {
                Failure::new(Exit::NoAgreement, format_args!("there is no agreement `{}` here", context.agreement))
            })?;
            version = sealed.agreement().agreement().version + 1;
            previous = *sealed.agreement().digest();
        }
        let agreement = Agreement {
            name: context.agreement.clone(),
            version,
            previous,
            purpose: context.purpose.clone(),
            lanes: context.lanes,
            epoch: context.epoch,
            policy: *policy.digest(),
            suite: blindlink::suite::CURRENT.number,
            output: policy.policy().round.output,
            valid: Validity { from, until: from + self.days * DAY },
            caps: caps(&policy, peer.id),
            retention: Retention { journal_days: 30, results_days: 90, audit_days: 1095 },
            parties: [
                party("to be filled in: this authority", own, first, signers(&self.own_signers)?),
                party(&peer.name, peer.id, second, signers(&self.peer_signers)?),
            ],
        }
        .validate()?;
        write_whole(&self.out, agreement.agreement().to_toml().as_bytes())
            .map_err(Failure::because(Exit::CannotCreate, format!("cannot write {}", self.out.display())))?;
        Ok((self.out.clone(), agreement))
    }
}
