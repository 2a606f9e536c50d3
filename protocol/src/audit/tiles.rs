//! The layout of a log in files (C2SP tlog-tiles): tiles of 256 hashes, and bundles of 256 entries.

use super::checkpoint::Checkpoint;
use super::merkle::{self, Hash};
use crate::codec::{Reader, Writer};
use crate::error::AuditFault;

/// Entries or hashes of a full tile.
pub const WIDTH: u64 = 256;
/// Longest bundle that is read, in bytes.
pub const MAX_BUNDLE: usize = 16 << 20;

/// Index as path elements of three digits, all but the last with an `x`; `.p/W` behind a partial tile.
fn path(kind: &str, index: u64, width: u64) -> String {
    let mut name = format!("{:03}", index % 1000);
    let mut rest = index / 1000;
    while rest > 0 {
        name = format!("x{:03}/{name}", rest % 1000);
        rest /= 1000;
    }
    if width < WIDTH { format!("tile/{kind}/{name}.p/{width}") } else { format!("tile/{kind}/{name}") }
}

/// Files of bundles of a log of `size` entries, in order: path, first entry, number of entries.
#[must_use]
pub fn bundles(size: u64) -> Vec<(String, u64, u64)> {
    let bundle = |index: u64| {
        let width = (size - index * WIDTH).min(WIDTH);
        (path("entries", index, width), index * WIDTH, width)
    };
    (0..size.div_ceil(WIDTH)).map(bundle).collect()
}

/// All hash tiles of a log, lowest level first: path and content.
#[must_use]
pub fn tiles(leaves: &[Hash]) -> Vec<(String, Vec<u8>)> {
    let mut out = Vec::new();
    let (mut level, mut hashes) = (0, leaves.to_vec());
    while !hashes.is_empty() {
        for (index, tile) in (0..).zip(hashes.chunks(WIDTH as usize)) {
            out.push((path(&level.to_string(), index, tile.len() as u64), tile.concat()));
        }
        hashes = hashes.as_chunks::<{ WIDTH as usize }>().0.iter().map(|tile| merkle::root(tile)).collect();
        level += 1;
    }
    out
}

/// Tiles of the levels above 0 of a log of `size` entries, level by level: path, first entry under it, number of hashes.
#[must_use]
pub fn upper(size: u64) -> Vec<(String, u64, u64)> {
    let mut out = Vec::new();
    let (mut level, mut hashes, mut under) = (1_u32, size / WIDTH, WIDTH);
    while hashes > 0 {
        out.extend((0..hashes.div_ceil(WIDTH)).map(|index| {
            let first = index.saturating_mul(WIDTH).saturating_mul(under);
            let width = (hashes - index * WIDTH).min(WIDTH);
            (path(&level.to_string(), index, width), first, width)
        }));
        (level, hashes, under) = (level + 1, hashes / WIDTH, under.saturating_mul(WIDTH));
    }
    out
}

/// Content of a bundle.
#[must_use]
pub fn write_bundle(entries: &[Vec<u8>]) -> Vec<u8> {
    let mut w = Writer::default();
    for entry in entries {
        w.vec16(entry);
    }
    w.finish()
}

/// Entries of a bundle that must hold `width` of them, the first of which is number `first` (V-AUDIT-008).
///
/// # Errors
/// [`AuditFault::Missing`].
pub fn read_bundle(bytes: &[u8], first: u64, width: u64) -> Result<Vec<Vec<u8>>, AuditFault> {
    let missing = AuditFault::Missing { index: first };
    if bytes.len() > MAX_BUNDLE || width > WIDTH {
        return Err(missing);
    }
    let mut r = Reader::new(bytes);
    let entry = |_| r.vec16(usize::from(u16::MAX), "entry").map(<[u8]>::to_vec);
    let entries = (0..width).map(entry).collect::<Result<Vec<_>, _>>().map_err(|_| missing.clone())?;
    r.finish().map_err(|_| missing)?;
    Ok(entries)
}

/// Checks a whole log: entries against level-0 hashes where those are given, the tiles of the levels above in the order of
/// [`upper`], and all against the checkpoint (V-AUDIT-009). Gives the leaf hashes.
///
/// # Errors
/// [`AuditFault::Entry`] for the first entry that is not the one of its hash, [`AuditFault::Root`].
pub fn check(
    entries: &[Vec<u8>],
    stored: &[Hash],
    upper: &[Vec<u8>],
    checkpoint: &Checkpoint,
) -> Result<Vec<Hash>, AuditFault> {
    let leaves: Vec<Hash> = entries.iter().map(|entry| merkle::leaf(entry)).collect();
    if let Some(index) = (0..).zip(leaves.iter().zip(stored)).find(|(_, (own, given))| own != given).map(|(i, _)| i) {
        return Err(AuditFault::Entry { index });
    }
    let level_0 = leaves.len().div_ceil(WIDTH as usize);
    if !tiles(&leaves).into_iter().skip(level_0).map(|(_, content)| content).eq(upper.iter().cloned()) {
        return Err(AuditFault::Root);
    }
    if leaves.len() as u64 != checkpoint.size || merkle::root(&leaves) != checkpoint.root {
        return Err(AuditFault::Root);
    }
    Ok(leaves)
}
