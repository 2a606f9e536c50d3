//! What decided pairs say of an agreement's grades and keys (V-REVIEW-008, V-REVIEW-009). A round shows no score, so no weight
//! can be learnt here: only how often people found a pair of a kind worth asking.

use crate::desk::Desk;
use crate::event::Actor;
use crate::pair::{Pair, Stage, Verdict};
use crate::people::Role;
use crate::rules::Refusal;
use blindlink::codec::Writer;
use blindlink::crypto::hash::hash;
use blindlink::ids::AgreementDigest;
use blindlink::labels;
use std::collections::BTreeMap;

/// Pairs of a kind that two persons have judged, below which nothing of the kind leaves.
pub const LEAST_DECIDED: u32 = 50;
/// What leaves is rounded to so many per cent.
const STEP: u32 = 5;

/// A kind of pairs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Those of a grade: 1 is possible, 2 strong.
    Grade(u8),
    /// Those whose records met in a table of the policy, by its number.
    Table(u8),
}

impl Kind {
    const fn code(self) -> [u8; 2] {
        match self {
            Self::Grade(grade) => [1, grade],
            Self::Table(table) => [2, table],
        }
    }
}

/// What people found of the pairs of a kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// Pairs that two persons have judged.
    pub decided: u32,
    /// Those that both found worth asking.
    pub worth_asking: u32,
    /// Those that both found to be another person.
    pub other_person: u32,
    /// Those to which the other authority said yes too.
    pub confirmed: u32,
}

impl Found {
    fn add(&mut self, pair: &Pair) {
        self.decided += 1;
        // What became of a pair later does not change what was found.
        let both = |verdict| pair.judged.iter().all(|(_, judgement)| judgement.verdict == verdict);
        self.worth_asking += u32::from(both(Verdict::WorthAsking));
        self.other_person += u32::from(both(Verdict::OtherPerson));
        self.confirmed += u32::from(pair.confirmed.is_some());
    }

    /// Between which shares, in per cent, the true share of pairs worth asking lies (Wilson's interval, 95 %).
    #[must_use]
    pub fn interval(&self) -> [u32; 2] {
        if self.decided == 0 {
            return [0, 100];
        }
        let (n, z) = (f64::from(self.decided), 1.96_f64);
        let share = f64::from(self.worth_asking) / n;
        let middle = (share + z * z / (2.0 * n)) / (1.0 + z * z / n);
        let half = z / (1.0 + z * z / n) * (share * (1.0 - share) / n + z * z / (4.0 * n * n)).sqrt();
        [(100.0 * (middle - half)).floor(), (100.0 * (middle + half)).ceil()].map(percent)
    }

    /// The share of pairs worth asking as it may leave: in steps of five per cent, of enough pairs.
    #[must_use]
    pub fn rounded(&self) -> Option<u32> {
        (self.decided >= LEAST_DECIDED).then(|| {
            let share = 100 * u64::from(self.worth_asking) / u64::from(self.decided);
            let steps = (share + u64::from(STEP) / 2) / u64::from(STEP);
            u32::try_from(steps).unwrap_or(20) * STEP
        })
    }
}

/// A share between 0 and 100. It is small and whole already.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn percent(share: f64) -> u32 {
    share.clamp(0.0, 100.0) as u32
}

/// What people found, by kind.
pub type Calibration = BTreeMap<Kind, Found>;

/// Digest of what may leave of a calibration: what the data-protection officer approves (V-REVIEW-009).
#[must_use]
pub fn digest(agreement: &AgreementDigest, calibration: &Calibration) -> [u8; 32] {
    let mut w = Writer::default();
    w.bytes(agreement.as_bytes());
    for (kind, share) in leaves(calibration) {
        w.bytes(&kind.code()).u32(share);
    }
    hash(labels::REVIEW_CALIBRATION, &[&w.finish()])
}

/// What may leave of a calibration.
pub fn leaves(calibration: &Calibration) -> impl Iterator<Item = (Kind, u32)> {
    calibration.iter().filter_map(|(kind, found)| Some((*kind, found.rounded()?)))
}

impl Desk {
    /// What people found of the pairs of an agreement.
    #[must_use]
    pub fn calibration(&self, agreement: &AgreementDigest) -> Calibration {
        let decided = |pair: &&Pair| pair.candidate.agreement == *agreement && pair.judged.len() == 2;
        let mut calibration = Calibration::new();
        // A pair that was taken back because of a mistake, or whose record was wrong, says nothing of keys.
        for pair in self.pairs.values().filter(decided).filter(|pair| pair.stage != Stage::Withdrawn) {
            let grade = pair.candidate.grade.map(Kind::Grade);
            let tables = (0..32_u8).filter(|table| pair.candidate.tables >> table & 1 == 1).map(Kind::Table);
            for kind in grade.into_iter().chain(tables) {
                calibration.entry(kind).or_default().add(pair);
            }
        }
        calibration
    }

    /// V-REVIEW-009: the data-protection officer lets the rounded shares leave, as they are now.
    pub(crate) fn calibrate(&self, by: Actor, agreement: &AgreementDigest, figures: &[u8; 32]) -> Result<(), Refusal> {
        let Actor::Person(acting) = by else { return Err(Refusal::Role) };
        if !self.person(acting).ok_or(Refusal::NoSuchPerson)?.has(Role::DataProtection) {
            return Err(Refusal::Role);
        }
        let calibration = self.calibration(agreement);
        if leaves(&calibration).next().is_none() {
            return Err(Refusal::TooEarly);
        }
        if digest(agreement, &calibration) == *figures { Ok(()) } else { Err(Refusal::Stale) }
    }
}
