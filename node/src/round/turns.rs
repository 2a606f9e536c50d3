//! Whose turn it is to call a peer: it has one slot for this node, and a second connection ends the first.

use super::Rounds;
use crate::error::NodeError;
use crate::store::StoreError;
use crate::sys::files::{create_private_folder, try_lock};
use blindlink::identity::PeerId;
use std::fs::File;
use std::path::PathBuf;
use std::time::Duration;

/// How long a call waits before it looks again.
const LOOK_AGAIN: Duration = Duration::from_millis(200);

impl Rounds<'_> {
    /// Takes the turn with a peer for an urgent round, which goes before ordinary ones: one that runs loses its connection,
    /// and goes on when this turn is over. None for an ordinary round.
    pub(super) async fn urgent_turn(&self, peer: &PeerId) -> Result<Option<File>, NodeError> {
        if self.admission.ask.is_none() {
            return Ok(None);
        }
        loop {
            if let Some(turn) = self.free_turn(peer)? {
                return Ok(Some(turn));
            }
            self.wait_a_little().await?;
        }
    }

    /// Lets an ordinary round wait while an urgent one with the peer has the turn.
    pub(super) async fn let_urgent_go_first(&self, peer: &PeerId) -> Result<(), NodeError> {
        if self.admission.ask.is_some() {
            return Ok(());
        }
        while self.free_turn(peer)?.is_none() {
            self.wait_a_little().await?;
        }
        Ok(())
    }

    fn free_turn(&self, peer: &PeerId) -> Result<Option<File>, NodeError> {
        let path = self.turn_path(peer);
        let failed = StoreError::io(format!("cannot lock {}", path.display()));
        let folder = path.parent().unwrap_or_else(|| self.admission.data.path());
        create_private_folder(folder).and_then(|()| try_lock(&path)).map_err(|error| failed(error).into())
    }

    fn turn_path(&self, peer: &PeerId) -> PathBuf {
        self.admission.data.path().join("turns").join(format!("{}.lock", hex::encode(peer.as_bytes())))
    }

    async fn wait_a_little(&self) -> Result<(), NodeError> {
        let mut stop = self.stop.clone();
        tokio::select! {
            () = tokio::time::sleep(LOOK_AGAIN) => Ok(()),
            () = crate::driver::stopped(&mut stop) => Err(NodeError::Interrupted),
        }
    }
}
