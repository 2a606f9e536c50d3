//! A link that answers its peer.

use super::context::Context;
use super::{NotMine, Order};
use crate::error::NodeError;
use crate::event::Event;
use crate::failure_code::FailureCode;
use crate::round::CallOutcome;
use crate::service::sleep;
use crate::store::configuration::{LinkSettings, PatienceSettings};
use crate::store::peers::Peers;
use crate::transport::close;
use blindlink::identity::PeerId;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::Instant;

/// How long a link that cannot work waits before it looks again.
const LOOK_AGAIN: Duration = Duration::from_secs(60);

/// What is to become of a link.
#[derive(Clone, Copy, PartialEq, Eq)]
enum After {
    /// It goes on.
    Stay,
    /// List and policy are read anew.
    Again,
    /// It ends.
    End,
}

/// Answers until the link is to end. Trouble of the link is told, and it is tried again later.
pub(super) async fn run(
    context: &Context<'_>,
    settings: LinkSettings,
    patience: PatienceSettings,
    mut orders: mpsc::UnboundedReceiver<Order>,
    not_mine: mpsc::UnboundedSender<NotMine>,
) {
    loop {
        match answer(context, &settings, &patience, (&mut orders, &not_mine)).await {
            Ok(After::End) => return,
            Ok(After::Stay | After::Again) => {}
            Err(error) => {
                context.sink.take(&Event::LinkBroken { link: &settings.name, error: &error });
                if wait(context, &mut orders).await == After::End {
                    return;
                }
            }
        }
    }
}

/// Waits a while, or until list and policy are to be read anew. Callers are sent away meanwhile: they call again, and no
/// round is lost by that (V-RESUME-013).
async fn wait(context: &Context<'_>, orders: &mut mpsc::UnboundedReceiver<Order>) -> After {
    let until = Instant::now() + LOOK_AGAIN;
    loop {
        let mut stop = context.options.stop.clone();
        tokio::select! {
            order = orders.recv() => match order {
                None | Some(Order::Retire) => return After::End,
                Some(Order::Reload) => return After::Again,
                Some(Order::Call(opening, _)) => opening.close(close::LOCAL),
            },
            () = tokio::time::sleep_until(until) => return After::Again,
            () = crate::driver::stopped(&mut stop) => return After::End,
        }
    }
}

/// Answers with one version of the list.
async fn answer(
    context: &Context<'_>,
    settings: &LinkSettings,
    patience: &PatienceSettings,
    (orders, not_mine): (&mut mpsc::UnboundedReceiver<Order>, &mpsc::UnboundedSender<NotMine>),
) -> Result<After, NodeError> {
    let link = context.load(settings, patience).await?;
    let rounds = context.rounds(&link);
    let mut peers = Peers::default();
    peers.insert(link.peer.clone())?;
    let mut open = rounds.take_up(&peers, false).await?;
    let records = link.input.list.records.len();
    context.sink.take(&Event::LinkReady { link: &settings.name, records });
    let mut after = After::Stay;
    loop {
        for outcome in rounds.ends(&mut open).await {
            told(context, &link.peer.id, outcome)?;
        }
        // A list is changed only between two rounds: one that is open goes on with the list with which it began.
        if after != After::Stay && open.is_empty() {
            return Ok(after);
        }
        let mut stop = context.options.stop.clone();
        let order = tokio::select! {
            order = orders.recv() => order,
            () = sleep(rounds.next_end(&open)) => continue,
            () = crate::driver::stopped(&mut stop) => return Ok(After::End),
        };
        match order {
            None => return Ok(After::End),
            Some(Order::Retire) => after = After::End,
            Some(Order::Reload) if after == After::Stay => after = After::Again,
            Some(Order::Reload) => {}
            Some(Order::Call(opening, rest)) => {
                let resumes = opening.resumes().unwrap_or(None);
                let others = resumes.is_some_and(|round| !rest.is_empty() && !rounds.knows(&open, &link.peer, &round));
                if others {
                    let _ = not_mine.send(NotMine { opening, rest });
                    continue;
                }
                let outcome = rounds.answer_opening(&mut open, &link.peer, *opening).await;
                for outcome in open.take_finished() {
                    told(context, &link.peer.id, outcome)?;
                }
                told(context, &link.peer.id, outcome)?;
            }
        }
    }
}

/// Tells what became of a round.
///
/// # Errors
/// Trouble of this node's own: only a link that begins again can go on.
fn told(context: &Context<'_>, peer: &PeerId, outcome: Result<CallOutcome, NodeError>) -> Result<(), NodeError> {
    match outcome {
        Ok(CallOutcome::Lost | CallOutcome::Closed) => Ok(()),
        Ok(CallOutcome::Over(summary)) => {
            (context.over)(&summary);
            Ok(())
        }
        Ok(CallOutcome::Stopped(error)) => Err(error),
        // The node is being stopped: the link hears of that by itself.
        Err(error) if error.code() == FailureCode::Interrupted => Ok(()),
        Err(error) => {
            context.sink.take(&Event::RoundFailed(&error));
            context.not_who_it_was(peer, error.code());
            Ok(())
        }
    }
}
