//! Linkage keys (spec 5.1).

use crate::codec::Writer;
use crate::crypto::hash::{self, Prf};
use crate::labels;
use crate::schema::encoding::Encoding;
use zeroize::Zeroize;

/// The keys of one agreement, lane pair, purpose and epoch. Wiped on drop.
///
/// They separate domains and are no secret between the parties: anybody who knows the agreement can compute them. What
/// hides filters and tokens from the peer is the round, not these keys.
#[derive(Clone, Debug)]
pub struct LinkageKeys {
    segments: Vec<Prf>,
    tokens: Prf,
}

impl LinkageKeys {
    /// Derives the keys (V-ENCODE-001). Padded sizes, weights and thresholds do not enter: a list that grows, or a threshold that
    /// moves, must not give fresh filters, or the noise of the filters could be averaged out over rounds. Versions of
    /// schema and normalisation do enter: values normalised differently must not be compared.
    #[must_use]
    pub fn derive(encoding: &Encoding<'_>) -> Self {
        let context = encoding.context;
        let mut w = Writer::default();
        w.str16(encoding.schema).str16(encoding.normalisation).bytes(encoding.normalisation_tables);
        w.str16(&context.agreement).u8(context.lanes.code()).str16(&context.purpose).u32(context.epoch);
        let mut root = hash::hash(labels::LINKAGE_ROOT, &[&w.finish()]);
        let segment = |id: &str| Prf::derive(labels::FILTER_SEGMENT_KEY, &[&root, id.as_bytes()]);
        let segments = encoding.segments.iter().map(|s| segment(&s.id)).collect();
        let tokens = Prf::derive(labels::TOKEN_KEY, &[&root]);
        root.zeroize();
        Self { segments, tokens }
    }

    /// One function a segment, in policy order.
    pub(super) fn segments(&self) -> &[Prf] {
        &self.segments
    }

    /// The function that makes tokens.
    pub(super) const fn tokens(&self) -> &Prf {
        &self.tokens
    }
}
