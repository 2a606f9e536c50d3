//! Placing: an input for every bin, and the answer to the responder's keys.

use super::{Keyed, Placed, Requester};
use crate::encode::EncodedRecord;
use crate::encode::copies::{Holder, select_copies_padded};
use crate::error::Error;
use crate::labels;
use crate::policy::shape::Role;
use crate::round::base::{self, Chooser};
use crate::round::commitment::{Randomness, RoundContext};
use crate::round::cuckoo;
use crate::round::oprf::{self, Input};
use crate::round::ot::Direction;
use crate::wire::body::{BaseRequesterBody, KeysBody};
use std::sync::Arc;

/// What lies in every bin of the round: an input, and the record it came from unless it is a dummy.
pub(super) struct Bins {
    pub(super) inputs: Vec<Input>,
    pub(super) records: Vec<Option<Holder>>,
}

impl core::fmt::Debug for Bins {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Bins(..)")
    }
}

impl Requester<Placed> {
    /// Chooses copies and places all queries, with dummies up to the agreed number; heavy.
    #[must_use]
    pub fn place(
        round: Arc<RoundContext>,
        random: Randomness,
        records: Arc<[EncodedRecord]>,
        keep_key: &[u8; 32],
    ) -> Self {
        let shape = &round.plan.shape;
        let dummies = random.stream(labels::DUMMY);
        let walk = random.stream(labels::CUCKOO_WALK);
        let mut bins = Bins { inputs: Vec::new(), records: Vec::new() };
        for (index, table) in round.plan.tables.iter().enumerate() {
            let function = cuckoo::bin_function(&round, table.id);
            let kept = select_copies_padded(&records, index, &shape.keep(Role::Requester, index), keep_key);
            let own = kept
                .iter()
                .flat_map(|k| (0..shape.copies_responder).map(|j| (k.holder(), Input::new(&k.token, k.copy, j))));
            let items = cuckoo::padded(own, &dummies, table.id, table.queries);
            let places: Vec<[u32; 3]> = items.iter().map(|(_, i)| cuckoo::bins_of(&function, i, table.bins)).collect();
            for (bin, item) in (table.first_bin..).zip(cuckoo::place(&places, table.bins, &walk, table.id)) {
                let item = item.and_then(|i| items.get(i as usize));
                let dummy = || Input::dummy(dummies.bytes(&[u64::from(bin)]));
                bins.inputs.push(item.map_or_else(dummy, |(_, input)| input.clone()));
                bins.records.push(item.and_then(|(record, _)| *record));
            }
        }
        Self { round, random, records, bins: Arc::new(bins), state: Placed(()) }
    }

    /// Checks the responder's keys: its OPRF key, then its base OT answers. Answers in the other direction and grows the own
    /// trees. `to_keys` is the chain of the responder's frames up to its keys.
    ///
    /// # Errors
    /// Faults of the peer.
    pub fn keys(self, keys: &KeysBody, to_keys: &[u8; 32]) -> Result<(Requester<Keyed>, BaseRequesterBody), Error> {
        let (oprf, oprf_base) = oprf::client(&self.round, &self.random, &keys.oprf_key, to_keys)?;
        let own = base::offer(&self.round, &self.random, Direction::Shares, &[to_keys], &keys.answer)?;
        let chooser = Chooser::new(&self.round, &self.random, Direction::Masks, &[to_keys]);
        let body = BaseRequesterBody {
            answer: chooser.answer().to_vec(),
            offer: own.offer,
            trees: own.trees,
            oprf: oprf_base,
        };
        Ok((self.with(Keyed { oprf, chooser, receiver: own.receiver }), body))
    }
}
