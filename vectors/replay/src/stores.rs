//! The tables of the responder, in groups of bins (spec section 8.10).

use super::case::{Case, Hex, Stop, same};
use super::round::{HexFilter, ShapeCase};
use blindlink::crypto::hash::Prf;
use blindlink::error::{Error, Misuse};
use blindlink::ids::RoundId;
use blindlink::plan::{GroupPlan, Plan, TablePlan, groups};
use blindlink::round::commitment::{Commitment, LateId, Randomness, RoundContext};
use blindlink::round::okvs::{Room, filler};
use blindlink::round::requester::Requester;
use blindlink::round::responder::{Answering, Responder};
use blindlink::secret::Seed;
use blindlink::suite::SUITE_1;
use blindlink::transcript::frame_digest;
use serde::Deserialize;
use std::sync::Arc;

/// Sizes of groups, one table's columns, or the rows of a table that has too many (V-OKVS-003).
#[derive(Debug, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase", deny_unknown_fields)]
pub(super) enum Table {
    Sizes {
        bins: u64,
        tokens: u64,
        count: usize,
        groups: Vec<Sizes>,
    },
    #[serde(rename = "table")]
    Columns(Box<Columns>),
    Rows(Rows),
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Sizes {
    first_bin: u64,
    bins: u64,
    rows: u64,
    columns: u64,
    digest: Option<Hex<32>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Columns {
    seed: Hex<32>,
    round_id: Hex<32>,
    late_id: Hex<32>,
    shape: ShapeCase,
    padded: u32,
    bins: u32,
    tokens: u32,
    group_rows: u64,
    records: Vec<OneToken>,
    groups: Vec<Sizes>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct OneToken {
    digest: Hex<32>,
    filter: HexFilter,
    token: Hex<16>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Rows {
    filler_key: Hex<32>,
    table: u16,
    bins: u32,
    tokens: u32,
    group_rows: u64,
    rows: Vec<Row>,
    groups: Vec<Vec<Row>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    bin: u32,
    input: Hex<18>,
}

impl Row {
    fn bytes(&self) -> Vec<u8> {
        [&self.bin.to_be_bytes()[..], &self.input.0].concat()
    }
}

/// What the sizes of a group say of it.
fn same_sizes(said: &Sizes, [first_bin, bins, rows]: [u64; 3]) -> Result<(), Stop> {
    let bytes = |numbers: [u64; 4]| numbers.map(u64::to_be_bytes).concat();
    let columns = (SUITE_1.columns)(rows);
    same(
        "groups",
        &bytes([said.first_bin, said.bins, said.rows, said.columns]),
        &bytes([first_bin, bins, rows, columns]),
    )
}

/// The plan of a table whose groups have another size than in a round.
fn table_plan(id: u16, bins: u32, tokens: u32, group_rows: u64) -> Result<TablePlan, Stop> {
    let wide = || Stop::Refused(Misuse::WrongEncoding.into());
    let narrow = |n: u64| u32::try_from(n).map_err(|_| wide());
    let mut own = Vec::new();
    for [first_bin, bins, rows] in groups(bins.into(), tokens.into(), group_rows) {
        own.push(GroupPlan {
            first_bin: narrow(first_bin)?,
            bins: narrow(bins)?,
            rows: narrow(rows)?,
            columns: narrow((SUITE_1.columns)(rows))?,
            first_chunk: 0,
        });
    }
    Ok(TablePlan { id, queries: bins.saturating_sub(128), bins, first_bin: 0, tokens, rows: 3 * tokens, groups: own })
}

impl Case for Table {
    fn run(&self) -> Result<(), Stop> {
        match self {
            Self::Sizes { bins, tokens, count, groups: said } => {
                let found = groups(*bins, *tokens, SUITE_1.group_rows);
                same("count", &count.to_be_bytes(), &found.len().to_be_bytes())?;
                // Of many the first two and the last are given.
                let shown: Vec<[u64; 3]> = match &found[..] {
                    [first, second, .., last] if found.len() > 3 => vec![*first, *second, *last],
                    few => few.to_vec(),
                };
                same("groups", &said.len().to_be_bytes(), &shown.len().to_be_bytes())?;
                said.iter().zip(shown).try_for_each(|(said, found)| same_sizes(said, found))
            }
            Self::Columns(columns) => columns.run(),
            Self::Rows(rows) => rows.run(),
        }
    }
}

impl Columns {
    /// The responder when it knows the late round id, with one table of its own size.
    fn responder(&self) -> Result<(Responder<Answering>, [u8; 32]), Error> {
        let shape = self.shape.shape();
        let mut plan = Plan::of_suite(&SUITE_1, shape.clone())?;
        let id = plan.tables.first().map_or(0, |table| table.id);
        let table = table_plan(id, self.bins, self.tokens, self.group_rows);
        plan.tables = table.into_iter().collect();
        plan.bins = self.bins;
        let bits = shape.filter_bits() + shape.segments.len();
        let records: Vec<_> =
            self.records.iter().map(|r| r.filter.encoded(r.digest.0, bits, vec![vec![r.token.0], vec![]])).collect();
        let seed = Seed::new(self.seed.0);
        let commitment = Commitment::new(&seed, &shape, &records, self.padded);
        let round = Arc::new(RoundContext { plan, id: RoundId::from_bytes(self.round_id.0) });
        let random = |role| Randomness::new(&seed, &round.id, &commitment.root, role);
        let (offered, keys) = Responder::offer(Arc::clone(&round), random(2), records.into());
        // Some requester: nothing of the tables depends on it but by the late round id.
        let placed = Requester::place(Arc::clone(&round), random(1), Vec::new().into(), &[0; 32]);
        let (_, base) = placed.keys(&keys, &[0; 32])?;
        let (responder, _) = offered.base(&base, &[0; 32])?.late(LateId::from_bytes(self.late_id.0))?;
        Ok((responder, commitment.keep_key(&seed)))
    }

    fn run(&self) -> Result<(), Stop> {
        let (responder, keep_key) = self.responder()?;
        let items = responder.items(0, &keep_key);
        let of_groups = responder.gather(0, vec![responder.rows(0, &items)?]);
        let found = groups(self.bins.into(), self.tokens.into(), self.group_rows);
        same("groups", &self.groups.len().to_be_bytes(), &found.len().to_be_bytes())?;
        for (group, ((said, found), rows)) in self.groups.iter().zip(found).zip(of_groups).enumerate() {
            same_sizes(said, found)?;
            let digest = frame_digest(&responder.encode(0, group, rows)?);
            same("digest", said.digest.as_ref().map_or(&[][..], |digest| &digest.0), digest.as_bytes())?;
        }
        Ok(())
    }
}

impl Rows {
    fn run(&self) -> Result<(), Stop> {
        let table = table_plan(self.table, self.bins, self.tokens, self.group_rows)?;
        let (mut room, mut found) = (Room::new(&table), vec![Vec::new(); table.groups.len()]);
        for row in &self.rows {
            let group = table.group_of(row.bin);
            if let Some(rows) = found.get_mut(group).filter(|_| room.take(group)) {
                rows.extend(row.bytes());
            }
        }
        for (group, rows) in found.iter_mut().enumerate() {
            for f in 0..room.missing(group) {
                let (input, bin) = filler(&Prf::new(self.filler_key.0), &table, group, f);
                rows.extend(Row { bin, input: Hex(*input.as_bytes()) }.bytes());
            }
        }
        let said: Vec<Vec<u8>> = self.groups.iter().map(|rows| rows.iter().flat_map(Row::bytes).collect()).collect();
        same("groups", &said.concat(), &found.concat())
    }
}
