//! A link that calls its peer, when its timetable says so.

use super::Order;
use super::context::{Context, transport};
use super::plan::{self, DueRound};
use crate::driver::DriveError;
use crate::error::NodeError;
use crate::event::Event;
use crate::failure_code::FailureCode;
use crate::own_list;
use crate::round::{CallOptions, Summary, inquiry};
use crate::store::configuration::{LinkSettings, PatienceSettings};
use crate::store::database::{Database, KeptJob};
use crate::store::journal::Carrier;
use crate::store::peers::{Peer, Peers};
use crate::store::{maintenance, rounds};
use crate::sys::clock;
use blindlink::Error;
use blindlink::error::PeerFault;
use blindlink::session::Role;
use std::time::Duration;
use tokio::sync::mpsc;

/// How often the clock is looked at. Tests that move the clock wait until it was seen.
const LOOK: Duration = Duration::from_millis(if cfg!(debug_assertions) { 100 } else { 500 });

/// Calls until the link is to end.
pub(super) async fn run(
    context: &Context<'_>,
    settings: LinkSettings,
    patience: PatienceSettings,
    mut orders: mpsc::UnboundedReceiver<Order>,
) {
    let mut link = CallingLink { context, settings, patience, last: None, tries: 0, told: None };
    // What was open when the node was stopped goes on first.
    if context.options.abandon {
        if let Err(error) = link.give_up().await {
            link.broken(&error);
        }
    } else if link.is_open() {
        let now = clock::now();
        // It is the round of the time for which it began, if it was the timetable that began it.
        let cut_short = link.last_job(now).ok().filter(|job| job.ended.is_none());
        link.attempt(DueRound { due: cut_short.map_or(now, |job| job.due), at: now }).await;
    }
    loop {
        let due = match link.due() {
            Ok(due) => due,
            Err(error) => {
                link.broken(&error);
                None
            }
        };
        // Whatever happens meanwhile, the clock decides: it may be set.
        let mut stop = context.options.stop.clone();
        tokio::select! {
            order = orders.recv() => match order {
                None | Some(Order::Retire) => return,
                Some(Order::Reload | Order::Call(..)) => {}
            },
            () = tokio::time::sleep(LOOK) => {}
            () = crate::driver::stopped(&mut stop) => return,
        }
        if let Some(due) = due.filter(|due| due.at <= clock::now()) {
            link.attempt(due).await;
        }
        if *context.options.stop.borrow() {
            return;
        }
    }
}

struct CallingLink<'l, 'o> {
    context: &'l Context<'o>,
    settings: LinkSettings,
    patience: PatienceSettings,
    /// The last job, as far as it is known.
    last: Option<KeptJob>,
    /// Tries for the time of the last job.
    tries: u32,
    /// The trouble that was told last.
    told: Option<String>,
}

impl CallingLink<'_, '_> {
    /// Tells trouble of the link, once.
    fn broken(&mut self, error: &NodeError) {
        let text = error.to_string();
        if self.told.as_ref() != Some(&text) {
            self.context.sink.take(&Event::LinkBroken { link: &self.settings.name, error });
            self.told = Some(text);
        }
    }

    fn peer(&self) -> Result<Peer, NodeError> {
        Ok(Peers::load(&self.context.data)?.get(&self.settings.peer)?.clone())
    }

    /// Whether a round of this link may go on.
    fn is_open(&self) -> bool {
        let (Ok(peer), Ok(policy)) = (self.peer(), own_list::load_policy(&self.settings.policy)) else { return false };
        let open = rounds::look_at_open(&self.context.data, &self.context.storage).unwrap_or_default();
        open.iter().any(|open| {
            let header = &open.header;
            header.peer == peer.id
                && header.role == Role::Requester
                && header.carrier == Carrier::Line
                && header.policy == policy.canonical_bytes()
        })
    }

    /// Gives up what was open when the node started. The next round begins when it is due.
    async fn give_up(&self) -> Result<(), NodeError> {
        if !self.is_open() {
            return Ok(());
        }
        let link = self.context.load(&self.settings, &self.patience).await?;
        self.context.rounds(&link).give_up(&link.peer)
    }

    /// When the next round is due, if the link has a timetable and the node takes rounds.
    fn due(&mut self) -> Result<Option<DueRound>, NodeError> {
        let Some(timetable) = self.settings.schedule else { return Ok(None) };
        let now = clock::now();
        if maintenance::closed_until(&self.context.data, now) > 0 {
            return Ok(None);
        }
        let last = match self.last.take() {
            Some(last) => last,
            None => self.last_job(now)?,
        };
        let due = plan::next(timetable, self.settings.window, (&last, self.tries), now);
        self.last = Some(last);
        Ok(Some(due))
    }

    /// The last job of the link. A link that is new was due when it was first seen: it does not begin with what it missed
    /// before.
    fn last_job(&self, now: u64) -> Result<KeptJob, NodeError> {
        let mut db = Database::open(&self.context.data, &self.context.storage)?;
        let name = &self.settings.name;
        if let Some(last) = db.last_job(name)? {
            return Ok(last);
        }
        let row = db.job_begins(name, "first", now, now)?;
        db.job_ends(row, now, None)?;
        let kind = "first".to_owned();
        Ok(KeptJob { row, link: name.clone(), kind, due: now, begun: now, ended: Some(now), failure: None })
    }

    /// Tries a round, and notes what became of it.
    async fn attempt(&mut self, due: DueRound) {
        let (context, name) = (self.context, self.settings.name.clone());
        self.last = None;
        let open = || Database::open(&context.data, &context.storage);
        let begun = open().and_then(|mut db| {
            let last = db.last_job(&name)?;
            Ok((last.is_some_and(|last| last.due == due.due), db.job_begins(&name, "round", due.due, clock::now())?))
        });
        let (same, row) = match begun {
            Ok(begun) => begun,
            Err(error) => return self.broken(&error.into()),
        };
        self.tries = if same { self.tries + 1 } else { 1 };
        context.sink.take(&Event::RoundDue { link: &name });
        let outcome = self.round().await;
        let code = outcome.as_ref().err().map(NodeError::code);
        match &outcome {
            Ok(summary) => (context.over)(summary),
            Err(error) if error.code() == FailureCode::Interrupted => {}
            Err(error) => {
                context.sink.take(&Event::RoundFailed(error));
                if let Ok(peer) = self.peer() {
                    context.not_who_it_was(&peer.id, error.code());
                }
            }
        }
        let noted = open().and_then(|mut db| db.job_ends(row, clock::now(), code.map(FailureCode::number)));
        match noted {
            Ok(()) => self.told = None,
            Err(error) => self.broken(&error.into()),
        }
    }

    async fn round(&self) -> Result<Summary, NodeError> {
        let (context, peer) = (self.context, self.peer()?);
        let turn = context.turn_with(&peer.id);
        let mut stop = context.options.stop.clone();
        let _turn = tokio::select! {
            turn = turn.lock() => turn,
            () = crate::driver::stopped(&mut stop) => return Err(NodeError::Interrupted),
        };
        let addr = peer.addr.as_deref().ok_or(NodeError::NoAddress)?;
        let settings = transport(&self.patience);
        // Whether a round could begin is asked before anything is debited.
        let asked = tokio::select! {
            asked = inquiry::ask(&context.data, &context.identity, (&peer, addr), &settings) => asked,
            () = crate::driver::stopped(&mut stop) => return Err(NodeError::Interrupted),
        };
        self.heard(&peer, &asked)?;
        match asked {
            Ok(answer) if answer.theirs.closed_until > 0 => {
                return Err(NodeError::PeerClosed { until: clock::date(answer.theirs.closed_until) });
            }
            // A release that knows no inquiries refuses it like a bad hello.
            Ok(_) | Err(NodeError::Drive(DriveError::Protocol(Error::Peer(PeerFault::Aborted(_))))) => {}
            Err(error) => return Err(error),
        }
        let link = context.load(&self.settings, &self.patience).await?;
        let calls = CallOptions { peer: &link.peer, addr, settings, abandon: false };
        context.rounds(&link).call(&calls).await
    }

    /// Notes whether the peer answered.
    fn heard(&self, peer: &Peer, asked: &Result<inquiry::InquiryAnswer, NodeError>) -> Result<(), NodeError> {
        let mut db = Database::open(&self.context.data, &self.context.storage)?;
        db.contact(&peer.id, clock::now(), asked.as_ref().err().map(|error| error.code().number()))?;
        if let Ok(answer) = asked {
            db.clock_ahead(&peer.id, answer.clock_ahead)?;
        }
        Ok(())
    }
}
