//! `blindlink agreement new`

use crate::exit::{Exit, Failure};
use blindlink::agreement::budget::Debit;
use blindlink::agreement::time::DAY;
use blindlink::agreement::urgent::MOST_ASKED;
use blindlink::agreement::{
    Agreement, Caps, CheckedAgreement, Party, PartyType, Retention, Roles, Signer, Urgent, Validity,
};
use blindlink::identity::PeerId;
use blindlink::identity::keytext;
use blindlink::ids::AgreementDigest;
use blindlink::limits::{MAX_BUDGET, MAX_RECORDS};
use blindlink::policy::{CheckedPolicy, Lane};
use blindlink::session::Role;
use blindlink::suite::{CURRENT, Suite};
use blindlink_node::own_list::load_policy;
use blindlink_node::store::DataDir;
use blindlink_node::store::agreements::Store;
use blindlink_node::store::peers::Peers;
use blindlink_node::sys::clock;
use blindlink_node::sys::files::write_whole;
use clap::Args;
use std::path::PathBuf;

/// How many times as long a list may become before the agreement must be amended.
const HEADROOM: u32 = 2;

fn grown(records: u32) -> u32 {
    records.saturating_mul(HEADROOM).min(MAX_RECORDS)
}

/// Rounds of a period that a draft's budget has room for, and the days of the period: a round a week fits (V-AGREE-026).
const ROUNDS: u64 = 4;
const PERIOD: u16 = 27;

#[derive(Debug, Args)]
pub(super) struct Draft {
    /// The policy that is agreed on
    #[arg(long, value_name = "FILE")]
    policy: PathBuf,
    /// Name of the peer
    #[arg(long, value_name = "NAME")]
    peer: String,
    /// Public keys of the two signers of this side
    #[arg(long, value_name = "KEY", num_args = 2, required_unless_present = "amend")]
    own_signers: Vec<String>,
    /// Public keys of the two signers of the peer's side
    #[arg(long, value_name = "KEY", num_args = 2, required_unless_present = "amend")]
    peer_signers: Vec<String>,
    /// Days from now on for which it is valid
    #[arg(long, value_name = "DAYS", default_value_t = 365, value_parser = clap::value_parser!(u64).range(1..=1830))]
    days: u64,
    /// The suite: how the round is computed (specification, chapter 8) [default: that of this release, or of the version that
    /// is amended]
    #[arg(long, value_name = "NUMBER", value_parser = crate::args::suite)]
    suite: Option<&'static Suite>,
    #[command(flatten)]
    urgent: UrgentArgs,
    /// Amend the version that is here: everything of it but number, policy and dates, and signers if others are given, and the
    /// suite if one is, and what may be asked urgently if that is
    #[arg(long)]
    amend: bool,
    /// Where the draft goes
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

/// What may be asked beside the ordinary rounds.
#[derive(Clone, Copy, Debug, Args)]
pub(super) struct UrgentArgs {
    /// Allow so many urgent questions in 24 hours, each about one to eight persons (`blindlink ask`)
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u16).range(1..=100))]
    urgent: Option<u16>,
}

/// Days before which the same person is not asked about again, in a draft.
const AGAIN: u16 = 30;

impl UrgentArgs {
    /// The urgent part of a draft: bins for all questions of a period (V-URGENT-001).
    pub(super) fn part(self, policy: &CheckedPolicy, peer: PeerId) -> Result<Option<Urgent>, Failure> {
        let Some(rounds_per_day) = self.urgent else { return Ok(None) };
        let urgent = policy.policy().clone().urgent(MOST_ASKED).validate()?;
        let costs = Debit::new(&urgent, Role::Requester, peer, 0).costs();
        let dearest = costs.iter().map(|key| key.cost).max().unwrap_or(1);
        let rounds = u64::from(rounds_per_day) * u64::from(PERIOD);
        let bins_per_table = dearest.saturating_mul(rounds).min(MAX_BUDGET);
        Ok(Some(Urgent { policy: *urgent.digest(), rounds_per_day, bins_per_table, again_days: AGAIN }))
    }
}

/// The urgent part of an amended version: as it was, on the new policy.
fn amended(before: &Agreement, policy: &CheckedPolicy) -> Result<Option<Urgent>, Failure> {
    let Some(urgent) = before.urgent else { return Ok(None) };
    let made = policy.policy().clone().urgent(MOST_ASKED).validate()?;
    Ok(Some(Urgent { policy: *made.digest(), ..urgent }))
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

pub(super) fn party(name: &str, node: PeerId, lane: Lane, signers: [Signer; 2]) -> Party {
    let kind = match lane {
        Lane::Suspect | Lane::Convicted => PartyType::LawEnforcement,
        Lane::Victim => PartyType::VictimSupport,
        Lane::Missing | Lane::Unidentified => PartyType::MissingPersons,
    };
    let legal_basis = "to be filled in: the law on which this party acts".into();
    Party { name: name.into(), kind, role: Roles::Either, lane, node, legal_basis, signers }
}

/// Caps that leave room for four rounds in a period, whose claims together are a quarter of the requester's padded size at
/// most (V-AGREE-026). Lists may grow to twice the policy's sizes: an amendment then need not change the caps on records.
fn caps(policy: &CheckedPolicy, peer: PeerId) -> Caps {
    let round = &policy.policy().round;
    let round_costs = Debit::new(policy, Role::Requester, peer, 0).costs();
    let largest = round_costs.iter().map(|key| key.cost).max().unwrap_or(1);
    let claims = Caps::usual_claims(round.output, round.records_requester);
    Caps {
        records_requester: grown(round.records_requester),
        records_responder: grown(round.records_responder),
        rounds_per_day: 1,
        period_days: PERIOD,
        bins_per_table: largest.saturating_mul(ROUNDS).min(MAX_BUDGET),
        claims,
        matches: Caps::usual_matches(claims, round.records_requester),
        delta_records: (round.records_requester.min(round.records_responder) / 100).max(1),
        policy_changes: 1,
        left_out_percent: blindlink::agreement::USUAL_LEFT_OUT,
    }
}

/// From the beginning of today on.
pub(super) fn valid_for(days: u64) -> Validity {
    let from = clock::now() - clock::now() % DAY;
    Validity { from, until: from + days * DAY }
}

/// The first version of an agreement between two parties, this side first.
pub(super) fn drafted(
    policy: &CheckedPolicy,
    suite: &'static Suite,
    valid: Validity,
    (parties, urgent): ([Party; 2], Option<Urgent>),
) -> Agreement {
    let context = &policy.policy().context;
    let [_, peer] = &parties;
    Agreement {
        name: context.agreement.clone(),
        version: 1,
        previous: None,
        purpose: context.purpose.clone(),
        lanes: context.lanes,
        epoch: context.epoch,
        policy: *policy.digest(),
        suite: suite.number,
        output: policy.policy().round.output,
        valid,
        caps: caps(policy, peer.node),
        retention: Retention { journal_days: 30, results_days: 90, audit_days: 1095 },
        urgent,
        parties,
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
        let valid = valid_for(self.days);
        let before = if self.amend { Some(self.before(data, &context.agreement, valid.from)?) } else { None };
        let policy_digest = *policy.digest();
        let asked = self.urgent.part(&policy, peer.id)?;
        let signed_by =
            |keys: &[String], of: &Party| if keys.is_empty() { Ok(of.signers.clone()) } else { signers(keys) };
        let agreement = match before {
            Some((digest, before)) => {
                let mut parties = before.parties.clone();
                for it in &mut parties {
                    let keys = if it.node == own { &self.own_signers } else { &self.peer_signers };
                    it.signers = signed_by(keys, it)?;
                }
                let version = before.version + 1;
                let urgent = if asked.is_some() { asked } else { amended(&before, &policy)? };
                Agreement {
                    version,
                    previous: Some(digest),
                    epoch: context.epoch,
                    policy: policy_digest,
                    suite: self.suite.map_or(before.suite, |suite| suite.number),
                    valid,
                    urgent,
                    parties,
                    ..before
                }
            }
            None => {
                let parties = [
                    party("to be filled in: this authority", own, first, signers(&self.own_signers)?),
                    party(&peer.name, peer.id, second, signers(&self.peer_signers)?),
                ];
                drafted(&policy, self.suite.unwrap_or(CURRENT), valid, (parties, asked))
            }
        }
        .validate()?;
        write_whole(&self.out, agreement.agreement().to_toml().as_bytes())
            .map_err(Failure::because(Exit::CannotCreate, format!("cannot write {}", self.out.display())))?;
        Ok((self.out.clone(), agreement))
    }

    /// The version that is amended, with its digest.
    fn before(&self, data: &DataDir, name: &str, now: u64) -> Result<(AgreementDigest, Agreement), Failure> {
        let versions = Store::of(data).versions(name)?;
        let sealed = blindlink::agreement::current(&versions, now)
            .ok_or_else(|| Failure::new(Exit::NoAgreement, format_args!("there is no agreement `{name}` here")))?;
        Ok((*sealed.agreement().digest(), sealed.agreement().agreement().clone()))
    }
}
