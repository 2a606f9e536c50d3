//! The node as a whole: one process, one port, all configured links.
//!
//! Each link is a task of its own: a responder's waits for calls, a requester's for its timetable. A caller is given to the
//! link that its first frame means: by the caller's key, and by the policy of its hello, which names the agreement. Rounds
//! of several peers run beside one another; those with one peer one after the other.

mod context;
mod hand;
mod plan;
mod requester;
mod responder;

pub use context::NodeOptions;

use crate::driver::resumption::Opening;
use crate::error::NodeError;
use crate::event::Event;
use crate::own_list;
use crate::round::confirmation::Confirming;
use crate::round::{Summary, inquiry};
use crate::service::Strangers;
use crate::store::configuration::{Configuration, LinkSettings};
use crate::store::database::Database;
use crate::store::peers::Peers;
use crate::store::{DataDir, maintenance, policies};
use crate::sys::clock;
use crate::transport::{Channel, Listener, Refusal, close};
use blindlink::error::Refusal as Denied;
use blindlink::identity::PeerId;
use blindlink::session::Role;
use blindlink::wire::HEADER_BYTES;
use blindlink::wire::hello::Hello;
use context::{Context, policy_of};
use hand::Hand;
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::sync::mpsc;

/// How long the last connections may take to close.
const LINGER: Duration = Duration::from_secs(2);

/// What a link's task is told.
enum Order {
    /// A caller that is meant for it; the links to which it is given next if it goes on with a round that is not of this
    /// link.
    Call(Box<Opening>, Vec<String>),
    /// Read list and policy anew, once no round is open.
    Reload,
    /// End once no round is open.
    Retire,
}

/// A call that goes on with a round of another link, and the links that are still to be asked.
struct NotMine {
    opening: Box<Opening>,
    rest: Vec<String>,
}

/// What the others know of a link.
struct Link {
    settings: LinkSettings,
    /// The peer's key, as it was when the link began.
    peer: Option<PeerId>,
    /// Canonical bytes of its policy, to compare with those of a hello.
    policy: Option<Vec<u8>>,
    orders: mpsc::UnboundedSender<Order>,
    /// What comes in its place once it has ended.
    next: Option<LinkSettings>,
}

/// What a task of the node came to.
enum Done {
    /// A caller has sent its first frame, or none in time.
    Opened(PeerId, Result<Box<Opening>, NodeError>),
    /// A caller was answered that only asked.
    Asked,
    /// The task of a link ended.
    Ended(String),
}

/// What a step of the node waited for.
enum Next {
    Call(Channel),
    Refused(Refusal),
    Done(Done),
    NotMine(NotMine),
    Reload,
    Stop,
    ListenerEnded,
}

/// Runs the node until it is stopped. `over` takes the summary of each round that ended well; one that failed is an
/// [`Event::RoundFailed`].
///
/// # Errors
/// Why it cannot begin: another node runs in this folder, the address cannot be had, the configuration cannot be read.
pub async fn run(options: NodeOptions, over: &dyn Fn(&Summary)) -> Result<(), NodeError> {
    let configuration = Configuration::load(&options.data)?.resolved(&options.data);
    let context = Context::open(options, over)?;
    let peers = Peers::load(&context.data)?;
    let mut listener = Listener::bind(
        context.identity.secret(),
        peers.ids(),
        context.options.listen,
        &context.settings(&configuration),
        context.options.rounds,
    )?;
    let (not_mine_in, mut not_mine) = mpsc::unbounded_channel();
    let mut node = Node {
        context: &context,
        configuration: Configuration::default(),
        peers,
        links: BTreeMap::new(),
        tasks: Hand::default(),
        not_mine: not_mine_in,
    };
    node.take(configuration);
    let (addr, key) = (listener.local()?, context.identity.key().id());
    context.sink.take(&Event::Listening { addr, key, records: 0 });
    let mut strangers = Strangers::default();
    let mut reload = context.options.reload.clone();
    reload.mark_unchanged();
    loop {
        let mut stop = context.options.stop.clone();
        let next = tokio::select! {
            next = listener.next() => match next {
                None => Next::ListenerEnded,
                Some(Err(refusal)) => Next::Refused(refusal),
                Some(Ok(channel)) => Next::Call(channel),
            },
            done = node.tasks.next() => Next::Done(done),
            Some(back) = not_mine.recv() => Next::NotMine(back),
            Ok(()) = reload.changed() => Next::Reload,
            () = crate::driver::stopped(&mut stop) => Next::Stop,
        };
        match next {
            Next::Call(channel) => node.call(channel),
            Next::Refused(Refusal { remote, key }) => {
                if let Some(others) = strangers.tell() {
                    context.sink.take(&Event::TurnedAway { remote, key, others });
                }
            }
            Next::Done(done) => node.done(done),
            Next::NotMine(NotMine { opening, rest }) => node.give(opening, rest),
            Next::Reload => {
                if let Some(ids) = node.reload() {
                    listener.admit(context.identity.secret(), ids)?;
                }
            }
            Next::ListenerEnded => return Err(NodeError::Internal("the listener ended")),
            Next::Stop => break,
        }
    }
    // The rounds that run hear of it too, and let their connections go.
    node.links.clear();
    while !node.tasks.is_empty() {
        node.tasks.next().await;
    }
    listener.finish(LINGER).await;
    Ok(())
}

/// The node while it runs.
struct Node<'s> {
    context: &'s Context<'s>,
    configuration: Configuration,
    peers: Peers,
    links: BTreeMap<String, Link>,
    tasks: Hand<'s, Done>,
    not_mine: mpsc::UnboundedSender<NotMine>,
}

impl Node<'_> {
    /// Takes a configuration: links that are new begin, those that are gone or changed end once no round is open.
    fn take(&mut self, mut configuration: Configuration) {
        let urgent: Vec<LinkSettings> = configuration.links.iter().filter_map(|link| self.urgent(link)).collect();
        configuration.links.extend(urgent);
        let wanted: BTreeMap<&str, &LinkSettings> =
            configuration.links.iter().map(|link| (link.name.as_str(), link)).collect();
        for (name, link) in &mut self.links {
            let same = wanted.get(name.as_str()).is_some_and(|settings| same(settings, &link.settings));
            let same = same && link.peer == self.peers.get(&link.settings.peer).ok().map(|peer| peer.id);
            link.next = None;
            if same {
                link.policy = policy(&self.context.data, &link.settings);
            } else {
                link.next = wanted.get(name.as_str()).map(|settings| (*settings).clone());
            }
            let _ = link.orders.send(if same { Order::Reload } else { Order::Retire });
        }
        let new: Vec<LinkSettings> =
            wanted.values().filter(|link| !self.links.contains_key(&link.name)).map(|link| (*link).clone()).collect();
        self.configuration = configuration;
        new.into_iter().for_each(|settings| self.begin(settings));
    }

    /// The link that answers the urgent rounds beside an ordinary one, if its agreement has such.
    fn urgent(&self, link: &LinkSettings) -> Option<LinkSettings> {
        if link.role != Role::Responder || self.context.options.training {
            return None;
        }
        let agreed = own_list::load_policy(&link.policy).ok()?;
        policies::urgent(&self.context.data, &agreed, link.agreement.as_deref(), clock::now()).ok()??;
        // No name in a file has a blank.
        Some(LinkSettings { name: format!("{} urgent", link.name), urgent: true, ..link.clone() })
    }

    /// Begins a link.
    fn begin(&mut self, settings: LinkSettings) {
        let (orders, told) = mpsc::unbounded_channel();
        let (name, patience) = (settings.name.clone(), self.configuration.patience);
        let link = Link {
            peer: self.peers.get(&settings.peer).ok().map(|peer| peer.id),
            policy: policy(&self.context.data, &settings),
            settings: settings.clone(),
            orders,
            next: None,
        };
        self.links.insert(name.clone(), link);
        let (context, not_mine) = (self.context, self.not_mine.clone());
        self.tasks.add(Box::pin(async move {
            match settings.role {
                Role::Responder => responder::run(context, settings, patience, told, not_mine).await,
                Role::Requester => requester::run(context, settings, patience, told).await,
            }
            Done::Ended(name)
        }));
    }

    /// Reads configuration and peers anew; the keys that may call. What cannot be read leaves everything as it is.
    fn reload(&mut self) -> Option<std::collections::BTreeSet<PeerId>> {
        let data = &self.context.data;
        let read = || Ok((Configuration::load(data)?.resolved(data), Peers::load(data)?));
        match read() {
            Ok((configuration, peers)) => {
                self.peers = peers;
                self.take(configuration);
                self.context.sink.take(&Event::Reloaded { links: self.configuration.links.len() });
                Some(self.peers.ids())
            }
            Err(error) => {
                self.context.sink.take(&Event::ReloadFailed(&error));
                None
            }
        }
    }

    /// A known peer calls: its first frame says what for.
    fn call(&mut self, channel: Channel) {
        let (peer, first_frame) = (channel.peer(), Duration::from_secs(self.configuration.patience.handshake));
        if let Some(known) = self.peers.by_id(&peer) {
            self.context.sink.take(&Event::Connected { peer: &known.name });
        }
        self.tasks.add(Box::pin(async move {
            // V-TIME-003
            let opening = Opening::read(channel, first_frame).await;
            Done::Opened(peer, opening.map(Box::new).map_err(NodeError::from))
        }));
    }

    fn done(&mut self, done: Done) {
        match done {
            Done::Asked => {}
            Done::Opened(_, Err(error)) => self.context.sink.take(&Event::RoundFailed(&error)),
            Done::Opened(peer, Ok(opening)) => self.opened(peer, opening),
            Done::Ended(name) => {
                if let Some(settings) = self.links.remove(&name).and_then(|link| link.next) {
                    self.begin(settings);
                }
            }
        }
    }

    /// Gives a caller to the link that it means.
    fn opened(&mut self, peer: PeerId, opening: Box<Opening>) {
        if !self.peers.ids().contains(&peer) {
            return opening.close(Denied::NoAgreement.code_for_peer().into());
        }
        self.heard_of(&peer);
        if opening.asks() {
            // V-CHECK-001
            let context = self.context;
            self.tasks.add(Box::pin(async move {
                if let Err(error) = inquiry::answer(&context.data, &context.identity, &peer, *opening).await {
                    context.sink.take(&Event::RoundFailed(&error));
                }
                Done::Asked
            }));
            return;
        }
        if opening.confirms() {
            let (context, patience) = (self.context, Duration::from_secs(self.configuration.patience.frame));
            self.tasks.add(Box::pin(async move {
                let confirming = Confirming {
                    data: &context.data,
                    identity: &context.identity,
                    storage: &context.storage,
                    patience,
                };
                if let Err(error) = confirming.answer(&peer, *opening).await {
                    context.sink.take(&Event::RoundFailed(&error));
                }
                Done::Asked
            }));
            return;
        }
        // Who is told to wait calls again, and an inquiry says until when. A round that is open goes on.
        let resumes = opening.resumes().is_ok_and(|round| round.is_some());
        if !resumes && maintenance::closed_until(&self.context.data, clock::now()) > 0 {
            return opening.close(close::BUSY);
        }
        // The link that is meant comes first. Where none is, the first says what does not fit.
        let hello = opening.frame.get(HEADER_BYTES..).and_then(|body| Hello::decode(body).ok());
        let meant = |link: &Link| hello.as_ref().is_some_and(|hello| link.policy.as_ref() == Some(&hello.policy));
        let of_peer =
            self.links.values().filter(|link| link.peer == Some(peer) && link.settings.role == Role::Responder);
        let (mut first, rest): (Vec<&Link>, Vec<&Link>) = of_peer.partition(|link| meant(link));
        first.extend(rest);
        let names = first.into_iter().map(|link| link.settings.name.clone()).collect();
        self.give(opening, names);
    }

    /// Gives a caller to the first of these links.
    fn give(&self, opening: Box<Opening>, mut names: Vec<String>) {
        while !names.is_empty() {
            let name = names.remove(0);
            if let Some(link) = self.links.get(&name) {
                let _ = link.orders.send(Order::Call(opening, names));
                return;
            }
        }
        opening.close(Denied::NoAgreement.code_for_peer().into());
    }

    /// Notes that a peer called.
    fn heard_of(&self, peer: &PeerId) {
        let noted = Database::open(&self.context.data, &self.context.storage)
            .and_then(|mut db| db.contact(peer, clock::now(), None));
        if let Err(error) = noted {
            self.context.sink.take(&Event::NotNoted(&error.into()));
        }
    }
}

/// The policy of a link, to compare with a hello's.
fn policy(data: &DataDir, settings: &LinkSettings) -> Option<Vec<u8>> {
    policy_of(data, settings).ok().map(|policy| policy.canonical_bytes().to_vec())
}

/// Whether two settings say the same.
fn same(one: &LinkSettings, other: &LinkSettings) -> bool {
    format!("{one:?}") == format!("{other:?}")
}
