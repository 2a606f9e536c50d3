//! SoftSpokenOT (Roy, CRYPTO 2022, eprint 2022/192): puncturable trees, and the extension that they carry.

pub(super) mod buffers;
pub mod extend;
pub mod tree;

use super::{BaseOtContext, BaseOtKey, BaseOtMessages, OtExtension, OtReceiver, OtSender};
use crate::crypto::hash::Prf;
use crate::error::PeerFault;
pub use buffers::OtRows;
use extend::{SoftSpokenReceiver, SoftSpokenSender};
use std::sync::Arc;
use tree::TreeBinding;

/// SoftSpokenOT as the OT extension of a suite.
#[derive(Clone, Copy, Debug)]
pub struct SoftSpoken;

impl OtExtension for SoftSpoken {
    fn receiver(
        &self,
        context: &BaseOtContext<'_>,
        sent: BaseOtMessages<'_>,
        keys: &[[BaseOtKey; 2]],
        masks: Prf,
    ) -> (Arc<dyn OtReceiver>, Vec<u8>) {
        let (receiver, trees) = SoftSpokenReceiver::grow(&TreeBinding::new(context, sent), keys, masks);
        (Arc::new(receiver), trees)
    }

    fn sender(
        &self,
        context: &BaseOtContext<'_>,
        sent: BaseOtMessages<'_>,
        delta: u128,
        keys: &[BaseOtKey],
        setup: &[u8],
    ) -> Result<Arc<dyn OtSender>, PeerFault> {
        Ok(Arc::new(SoftSpokenSender::open(&TreeBinding::new(context, sent), delta, keys, setup)?))
    }
}
