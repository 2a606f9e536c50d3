//! Cuckoo hashing of the requester's queries, three distinct bins each (spec section 8.3).

use super::commitment::RoundContext;
use super::input::Input;
use crate::crypto::hash::Prf;
use crate::labels;
use zeroize::Zeroizing;

/// Function that gives an input its bins in one table of one round. Public.
#[must_use]
pub fn bin_function(round: &RoundContext, table_id: u16) -> Prf {
    Prf::derive(labels::CUCKOO, &[round.id.as_bytes(), &table_id.to_be_bytes()])
}

/// The input as the OPRF from trees takes it: what the same function gives behind the bins.
pub(super) fn code_input(function: &Prf, input: &Input) -> Zeroizing<[u8; 16]> {
    let mut out = Zeroizing::new([0; 40]);
    function.fill_at(input.as_bytes(), &mut *out);
    Zeroizing::new(out.last_chunk().copied().unwrap_or_default())
}

/// Three distinct bins in 0..bins, in the order of the function's output. `bins` is at least 3.
#[must_use]
pub fn bins_of(function: &Prf, input: &Input, bins: u32) -> [u32; 3] {
    let mut out = [0; 24];
    function.fill_at(input.as_bytes(), &mut out);
    let (words, _) = out.as_chunks::<8>();
    let below = |i: usize, n: u32| {
        let word = words.get(i).map_or(0, |w| u64::from_le_bytes(*w));
        u32::try_from((u128::from(word) * u128::from(n)) >> 64).unwrap_or(0)
    };
    let a = below(0, bins);
    let mut b = below(1, bins.saturating_sub(1));
    if b >= a {
        b += 1;
    }
    let mut c = below(2, bins.saturating_sub(2));
    for taken in [a.min(b), a.max(b)] {
        if c >= taken {
            c += 1;
        }
    }
    [a, b, c]
}

/// Inputs of a table: those of the own tokens, then dummies, as many together as agreed. Own inputs cost the time of a
/// dummy too (V-CUCKOO-002, V-OKVS-001).
#[must_use]
pub fn padded<T>(
    own: impl Iterator<Item = (T, Input)>,
    dummies: &Prf,
    table_id: u16,
    count: u32,
) -> Vec<(Option<T>, Input)> {
    let mut own = own;
    let dummy = |i: u32| Input::dummy(dummies.bytes(&[table_id.into(), i.into()]));
    let dummies = (0..count).map(dummy);
    dummies.map(|dummy| own.next().map_or((None, dummy), |(record, input)| (Some(record), input))).collect()
}

/// Most displacements of one insertion.
const MAX_STEPS: u64 = 1000;

/// Places items, given by their bins, into a table: for every bin the item that lies there. An item that finds no
/// place is left out silently (V-CUCKOO-001); nothing is ever placed anew with other bins, since that would show on the wire.
#[must_use]
pub fn place(items: &[[u32; 3]], bins: u32, walk: &Prf, table_id: u16) -> Vec<Option<u32>> {
    let mut table: Vec<Option<u32>> = vec![None; bins as usize];
    for (first, item) in (0u32..).zip(0..items.len()) {
        let mut current = first;
        for step in 0..MAX_STEPS {
            let Some(own) = items.get(current as usize) else { break };
            if let Some(free) = own.iter().find(|b| table.get(**b as usize).is_some_and(Option::is_none)) {
                table[*free as usize] = Some(current);
                break;
            }
            let point = [u64::from(table_id), u64::try_from(item).unwrap_or(u64::MAX), step];
            let choice = u64::from_le_bytes(walk.bytes(&point)) % 3;
            let bin = own.iter().copied().nth(usize::try_from(choice).unwrap_or(0)).unwrap_or(0);
            let Some(slot) = table.get_mut(bin as usize) else { break };
            current = slot.replace(current).unwrap_or(current);
        }
    }
    table
}
