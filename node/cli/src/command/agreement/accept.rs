//! `blindlink agreement accept`: pins the peer of a bundle, and stores policy, agreement and statements.

use super::{Shown, all_shown, print, store, words};
use crate::command::peer::pairing::PinArgs;
use crate::exit::{Exit, Failure};
use crate::output;
use crate::output::printed;
use blindlink_node::store::agreements::Store;
use blindlink_node::store::bundle::CheckedBundle;
use blindlink_node::store::peers::Peers;
use blindlink_node::store::{DataDir, policies};
use blindlink_node::sys::clock;
use clap::Args;
use std::path::PathBuf;

#[derive(Debug, Args)]
#[command(
    after_help = "The words follow from both keys. Call the peer's operator, who sees the same sixteen words, and read them to each \
    other. If one differs, somebody has exchanged a key. A peer that is pinned already is not asked for again. What is not signed \
    yet comes over the line: `blindlink peer check NAME` fetches it.\n\nExample:\n  blindlink agreement accept north-south.bundle"
)]
pub(super) struct Accept {
    /// The bundle
    bundle: PathBuf,
    #[command(flatten)]
    pin: PinArgs,
}

impl Accept {
    pub(super) fn run(&self, json: bool, data: &DataDir) -> Result<(), Failure> {
        let own = data.identity()?.key().id();
        let bundle = CheckedBundle::read(&self.bundle)?;
        let Some((invitation, id)) = bundle.peer_of(&own) else {
            return Err(Failure::new(Exit::AgreementParty, "this node is no party to the agreement"));
        };
        words::filled_in(bundle.signed.agreement().agreement())?;
        let peer = self.pin.peer(invitation, *id);
        let known = Peers::load(data)?;
        let pinned = known.iter().any(|known| known.id == *id);
        if !pinned {
            self.pin.compare(&own, &peer, &known)?;
        }
        let digest = *bundle.signed.agreement().digest();
        let policy = policies::keep(data, bundle.policy.digest(), &bundle.policy_text)?;
        store(data, Some(bundle.signed.agreement()), &bundle.statements)?;
        // Last: until then nobody is admitted.
        if !pinned {
            Peers::change(data, |peers| peers.insert(peer.clone()))?;
        }
        let mut all = all_shown(&Store::of(data).all()?, clock::now());
        all.retain(|shown| shown.digest == hex::encode(digest));
        let missing = bundle.signed.missing().len();
        print(json, all, Shown::line)?;
        if json {
            return Ok(());
        }
        let mut said = format!("peer {} is pinned\npolicy {}\n", peer.name, policy.display());
        if missing > 0 {
            let call = match &peer.addr {
                Some(_) => format!("call it with `blindlink peer check {}`", peer.name),
                None => "let the peer call".to_owned(),
            };
            said += &format!("{missing} of four have not signed here; once they have, {call}\n");
        }
        printed(output::print(false, &(), || said))
    }
}
