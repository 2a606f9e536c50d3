//! SoftSpokenOT (Roy, CRYPTO 2022, eprint 2022/192): puncturable trees, and the extension that they carry.

pub mod extend;
pub(super) mod fold;
mod transpose;
pub mod tree;

use super::{BaseOtContext, BaseOtKey, OtExtension, OtReceiver, PendingOtSender};
use crate::crypto::hash::Prf;
use extend::{SoftSpokenOpener, SoftSpokenReceiver};
use std::sync::Arc;
use tree::TreeBinding;

/// SoftSpokenOT as the OT extension of a suite.
#[derive(Clone, Copy, Debug)]
pub struct SoftSpoken;

impl OtExtension for SoftSpoken {
    fn receiver(
        &self,
        context: &BaseOtContext<'_>,
        answers: &[u8],
        keys: &[[BaseOtKey; 2]],
        masks: Prf,
    ) -> (Arc<dyn OtReceiver>, Vec<u8>) {
        let (receiver, trees) = SoftSpokenReceiver::grow(&TreeBinding::new(context, answers), keys, masks);
        (Arc::new(receiver), trees)
    }

    fn pending_sender(
        &self,
        context: &BaseOtContext<'_>,
        answers: &[u8],
        delta: u128,
        keys: Vec<BaseOtKey>,
    ) -> Arc<dyn PendingOtSender> {
        Arc::new(SoftSpokenOpener::new(TreeBinding::new(context, answers), delta, keys))
    }
}
