//! Budgets (spec 14.7): what one node may be asked, or ask, in a period. Counted in bins, dummies included, because a
//! dishonest requester can fill every bin; in mutual mode in what the responder can try if it is more: it can put a guess
//! into every token, and it can list one that it put nowhere.

use super::Caps;
use super::time::DAY;
use crate::codec::{DecodeError, Reader, Writer};
use crate::crypto::hash::hash;
use crate::error::Refusal;
use crate::identity::PeerId;
use crate::policy::related::KeyKinds;
use crate::policy::shape::{OutputMode, Role};
use crate::policy::{CheckedPolicy, asked, tried};
use crate::schema::kinds::LanePair;
use crate::{labels, limits};
use std::collections::BTreeSet;

/// What one token table costs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableCost {
    /// Parts of the match key, sorted and joined by `+`: what counts across agreements is the key, whatever number a
    /// policy gives its table, and in whatever order it names the parts.
    pub key: String,
    /// Bins, dummies included; in mutual mode the responder's tokens, or the length of its list, if that is more.
    pub cost: u64,
}

/// What one round costs. Debited before it begins; given back only as V-BUDGET-007 says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Debit {
    /// Seconds since 1970.
    pub time: u64,
    /// Role of this side.
    pub role: Role,
    /// The other side.
    pub peer: PeerId,
    /// Lanes of the policy.
    pub lanes: LanePair,
    /// Name of the agreement.
    pub agreement: String,
    /// What the policy looks at: everything but its name and padded sizes.
    pub look: [u8; 32],
    /// One entry a table.
    pub tables: Vec<TableCost>,
    /// Of an urgent round, on what it was approved (V-URGENT-007): the account is another one.
    pub urgent: Option<[u8; 32]>,
}

/// Most bytes of a table's key: its parts with their fields, and what joins them.
const MAX_KEY: usize = 512;

/// Digest of what a policy looks at (V-BUDGET-004). Padded sizes do not enter: a longer list is no other look.
#[must_use]
pub fn look(policy: &CheckedPolicy) -> [u8; 32] {
    let mut policy = policy.policy().clone().with_records(0, 0);
    policy.name.clear();
    hash(labels::LOOK, &[&policy.to_canonical_bytes()])
}

impl Debit {
    /// What a round under `policy` costs (V-BUDGET-001).
    #[must_use]
    pub fn new(policy: &CheckedPolicy, role: Role, peer: PeerId, time: u64) -> Self {
        let (context, round) = (&policy.policy().context, &policy.policy().round);
        let key = |table: &crate::policy::TableSpec| {
            let mut parts: Vec<String> = table.key.iter().map(|part| part.name().to_string()).collect();
            parts.sort_unstable();
            parts.join("+")
        };
        let table = |table: &crate::policy::TableSpec| {
            let tried = if round.output == OutputMode::Mutual { tried(policy.policy(), table) } else { 0 };
            TableCost { key: key(table), cost: asked(policy.policy(), table).max(tried) }
        };
        Self {
            time,
            role,
            peer,
            lanes: context.lanes,
            agreement: context.agreement.clone(),
            look: look(policy),
            tables: policy.policy().tables.iter().map(table).collect(),
            urgent: None,
        }
    }

    /// The same of an urgent round, approved with this entry of the log of review; zeros on the responder's side
    /// (V-URGENT-004).
    #[must_use]
    pub const fn urgent(mut self, approved: [u8; 32]) -> Self {
        self.urgent = Some(approved);
        self
    }

    /// Appends the canonical form: an entry of the audit log has it, and after it what makes it urgent.
    pub fn write(&self, w: &mut Writer) {
        w.u8(self.role.code()).bytes(self.peer.as_bytes()).u8(self.lanes.code()).str16(&self.agreement);
        w.bytes(&self.look).u8(u8::try_from(self.tables.len()).unwrap_or(u8::MAX));
        for table in &self.tables {
            w.str16(&table.key).u64(table.cost);
        }
    }

    /// Reads the canonical form. Neither time nor urgency is part of it.
    ///
    /// # Errors
    /// A [`DecodeError`] for anything that [`Debit::write`] does not write.
    pub fn read(r: &mut Reader<'_>, time: u64) -> Result<Self, DecodeError> {
        let role = Role::from_code(r.u8()?).ok_or(DecodeError::BadField("role"))?;
        let peer = PeerId::from_bytes(r.array()?)?;
        let lanes = LanePair::from_code(r.u8()?).ok_or(DecodeError::BadField("debit lanes"))?;
        let agreement = r.str16(limits::MAX_POLICY_NAME, "debit agreement")?.to_owned();
        let look = r.array()?;
        let count = usize::from(r.u8()?);
        if count > limits::MAX_TABLES {
            return Err(DecodeError::BadField("debit tables"));
        }
        let tables = (0..count)
            .map(|_| Ok(TableCost { key: r.str16(MAX_KEY, "debit table")?.to_owned(), cost: r.u64()? }))
            .collect::<Result<_, DecodeError>>()?;
        Ok(Self { time, role, peer, lanes, agreement, look, tables, urgent: None })
    }

    /// What the round costs each of its match keys, with those related to it.
    #[must_use]
    pub fn costs(&self) -> Vec<TableCost> {
        let keys: BTreeSet<&str> = self.tables.iter().map(|table| table.key.as_str()).collect();
        let cost = |key: &str| TableCost { key: key.to_owned(), cost: self.cost_of(&KeyKinds::of_name(key)) };
        keys.into_iter().map(cost).collect()
    }

    /// Cost of one match key: of all tables whose key contains it or is contained in it (V-BUDGET-002).
    fn cost_of(&self, key: &KeyKinds) -> u64 {
        let related = self.tables.iter().filter(|table| KeyKinds::of_name(&table.key).is_related(key));
        related.map(|table| table.cost).fold(0, u64::saturating_add)
    }
}

/// What is spent in the period of `next` on each of its match keys and those related to it, `next` not included.
#[must_use]
pub fn spent(caps: &Caps, past: &[Debit], next: &Debit) -> Vec<TableCost> {
    let counted = |key: &str| {
        let kinds = KeyKinds::of_name(key);
        of_period(caps, past, next).map(|debit| debit.cost_of(&kinds)).fold(0, u64::saturating_add)
    };
    next.costs().into_iter().map(|own| TableCost { cost: counted(&own.key), key: own.key }).collect()
}

/// Debits of the same direction, peer, lanes and urgency in the period that ends with `next`, across agreements. A debit with a
/// later time counts: a clock that is set back frees no budget.
fn of_period<'a>(caps: &Caps, past: &'a [Debit], next: &'a Debit) -> impl Iterator<Item = &'a Debit> {
    let begin = next.time.saturating_sub(u64::from(caps.period_days) * DAY);
    past.iter().filter(move |debit| debit.time > begin && same_road(debit, next))
}

fn same_road(debit: &Debit, next: &Debit) -> bool {
    let same_account = debit.urgent.is_some() == next.urgent.is_some();
    same_account && debit.role == next.role && debit.peer == next.peer && debit.lanes == next.lanes
}

/// Decides whether the budget has room for `next`.
///
/// # Errors
/// [`Refusal::Rounds`], [`Refusal::Changes`], [`Refusal::Bins`].
pub fn check(caps: &Caps, past: &[Debit], next: &Debit) -> Result<(), Refusal> {
    // V-BUDGET-003
    let of_day = |debit: &&Debit| debit.time > next.time.saturating_sub(DAY) && same_road(debit, next);
    if past.iter().filter(of_day).count() >= usize::from(caps.rounds_per_day) {
        return Err(Refusal::Rounds);
    }
    // V-BUDGET-004
    let looks: BTreeSet<&[u8; 32]> = of_period(caps, past, next)
        .filter(|debit| debit.agreement == next.agreement)
        .chain([next])
        .map(|debit| &debit.look)
        .collect();
    if looks.len() > usize::from(caps.policy_changes) + 1 {
        return Err(Refusal::Changes);
    }
    // V-BUDGET-002
    for (before, own) in spent(caps, past, next).into_iter().zip(next.costs()) {
        if before.cost.saturating_add(own.cost) > caps.bins_per_table {
            return Err(Refusal::Bins { table: before.key });
        }
    }
    Ok(())
}
