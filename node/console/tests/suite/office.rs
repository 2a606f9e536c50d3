//! An office with invented people, and a browser without a network.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode};
use blindlink::explain::Subject;
use blindlink::ids::{AgreementDigest, Pseudonym, RoundId};
use blindlink::schema::kinds::Lane;
use blindlink_console::{
    Account, AgreementLine, Begin, CaseNotice, Console, Cost, Evidence, Keeper, KeeperFailure, NodeView, NotTaken,
    PeerLine, RoundLine, ToldNotice, router,
};
use blindlink_review::{Actor, Candidate, Entry, Event, Log, Meeting, PairId, PersonId, Role, Standing, What};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use tower::ServiceExt;

pub(crate) const HOST: &str = "127.0.0.1:8017";
pub(crate) const AGREEMENT: AgreementDigest = AgreementDigest::from_bytes([7; 32]);

/// What the node has: time, entries, records.
#[derive(Default)]
pub(crate) struct Node {
    pub(crate) now: AtomicU64,
    random: AtomicU64,
    pub(crate) kept: Mutex<Vec<Entry>>,
    pub(crate) record: Mutex<Vec<(String, String)>>,
    pub(crate) accounts: Mutex<BTreeMap<String, Account>>,
    pub(crate) told: Mutex<Vec<ToldNotice>>,
    pub(crate) full: AtomicBool,
    /// What stands wherever a text comes from elsewhere: names of agreements, peers and fields, codes of failures.
    pub(crate) foreign: Mutex<Vec<String>>,
}

struct Kept(Arc<Node>);

impl Node {
    /// The texts from elsewhere, or the usual one.
    fn texts(&self, usual: &str) -> Vec<String> {
        let foreign = self.foreign.lock().unwrap().clone();
        if foreign.is_empty() { vec![usual.to_owned()] } else { foreign }
    }

    /// Both sides have confirmed the pair, as a run would say.
    pub(crate) fn confirm(&self, pair: PairId) {
        let mut log = Log::replay(self.kept.lock().unwrap().iter().cloned()).unwrap();
        let what = What::RunEnded { run: [3; 32], agreement: AGREEMENT, confirmed: vec![pair.meeting] };
        let entry = log.append(Event { at: self.now.load(Ordering::SeqCst), by: Actor::Node, what }).unwrap();
        self.kept.lock().unwrap().push(entry);
    }
}

impl Keeper for Kept {
    fn now(&self) -> u64 {
        self.0.now.load(Ordering::SeqCst)
    }

    fn random(&self) -> Result<[u8; 32], KeeperFailure> {
        let n = self.0.random.fetch_add(1, Ordering::SeqCst);
        Ok(blindlink::crypto::hash::hash(blindlink::labels::NONCE, &[&n.to_be_bytes()]))
    }

    fn catch_up(&self, log: &mut Log) -> Result<(), KeeperFailure> {
        for entry in self.0.kept.lock().unwrap().iter().skip(log.len()) {
            log.append(entry.event.clone()).map_err(|_| KeeperFailure)?;
        }
        Ok(())
    }

    fn take(&self, log: &mut Log, by: Actor, what: What) -> Result<(), NotTaken> {
        self.catch_up(log).map_err(|_| NotTaken::Failed)?;
        if self.0.full.load(Ordering::SeqCst) {
            return Err(NotTaken::Failed);
        }
        let entry = log.append(Event { at: self.now(), by, what }).map_err(NotTaken::Refused)?;
        self.0.kept.lock().unwrap().push(entry);
        Ok(())
    }

    fn disclose(&self, log: &mut Log, by: PersonId, seen: (PairId, u32), case: CaseNotice) -> Result<(), NotTaken> {
        if case.case_reference.is_empty() {
            return Err(NotTaken::Text);
        }
        self.take(log, Actor::Person(by), What::Released { pair: seen.0, seen: seen.1, sent: [1; 32] })?;
        let told = ToldNotice { own: true, time: self.now(), acknowledged: false, case: Some(case) };
        self.0.told.lock().unwrap().push(told);
        Ok(())
    }

    fn notices(&self, _: PairId) -> Result<Vec<ToldNotice>, KeeperFailure> {
        Ok(self.0.told.lock().unwrap().clone())
    }

    fn account(&self, name: &str) -> Result<Option<Account>, KeeperFailure> {
        Ok(self.0.accounts.lock().unwrap().get(name).cloned())
    }

    fn entries(&self, skip: usize, most: usize) -> Result<Vec<Entry>, KeeperFailure> {
        Ok(self.0.kept.lock().unwrap().iter().skip(skip).take(most).cloned().collect())
    }

    fn record(&self, _: PairId) -> Result<Vec<(String, String)>, KeeperFailure> {
        Ok(self.0.record.lock().unwrap().clone())
    }

    fn evidence(&self, _: PairId, _: &Candidate) -> Result<Evidence, KeeperFailure> {
        let mut tables = vec![vec![Subject::Names, Subject::BirthDate]];
        let mut kinds = vec![(vec![Subject::Names], 400), (vec![Subject::BirthYear, Subject::BirthDay], 300)];
        for field in self.0.foreign.lock().unwrap().clone() {
            tables.push(vec![Subject::Declared(field.clone())]);
            kinds.push((vec![Subject::Declared(field)], 20));
        }
        Ok(Evidence { tables, kinds })
    }

    fn node(&self) -> Result<NodeView, KeeperFailure> {
        let round = |peer: String, called, failure, found| RoundLine {
            round: "0123456789ab".to_owned(),
            begun: 1_790_000_000,
            peer,
            called,
            open: false,
            failure,
            found,
        };
        let peer = |name: String| PeerLine { key: "blind1key".into(), name, reached: None, cosigned: (3, 4) };
        let agreement = |name| AgreementLine { name, version: 2, state: "in_force", until: 1_800_000_000 };
        let failed = self.0.texts("E_LINE").into_iter().map(|code| round("south".to_owned(), false, Some(code), None));
        Ok(NodeView {
            rounds: self
                .0
                .texts("south")
                .into_iter()
                .map(|of| round(of, true, None, Some((31, 12))))
                .chain(failed)
                .collect(),
            peers: self.0.texts("south").into_iter().map(peer).collect(),
            agreements: self.0.texts("utopia").into_iter().map(agreement).collect(),
            log: (!self.0.full.load(Ordering::SeqCst)).then_some(77),
        })
    }

    fn agreement(&self, _: &AgreementDigest) -> Result<String, KeeperFailure> {
        Ok(self.0.texts("utopia").remove(0))
    }
}

/// The office.
pub(crate) struct Office {
    pub(crate) node: Arc<Node>,
    pub(crate) console: Arc<Console>,
    pub(crate) app: Router,
}

pub(crate) fn pair(n: u32) -> PairId {
    PairId {
        meeting: Meeting {
            round: RoundId::from_bytes([0xab; 32]),
            pseudonym: Pseudonym::from_bytes(u128::from(n).to_be_bytes()),
        },
        own: n,
    }
}

pub(crate) fn address(id: PairId) -> String {
    let hex = |bytes: &[u8]| bytes.iter().map(|b| format!("{b:02x}")).collect::<String>();
    format!("{}-{}-{}", hex(id.meeting.round.as_bytes()), hex(id.meeting.pseudonym.as_bytes()), id.own)
}

/// Name, number, roles and lanes of everybody.
const PEOPLE: [(&str, u32, &[Role], &[Lane]); 8] = [
    ("chief", 1, &[Role::Security], &[]),
    ("anna", 2, &[Role::Reviewer, Role::SecondReviewer], &[Lane::Suspect]),
    ("ben", 3, &[Role::Reviewer, Role::SecondReviewer], &[Lane::Suspect]),
    ("carla", 4, &[Role::Approver], &[Lane::Suspect]),
    ("dora", 5, &[Role::DataProtection], &[]),
    ("vera", 6, &[Role::Reviewer], &[Lane::Victim]),
    ("stan", 7, &[Role::Statistics], &[]),
    ("otto", 8, &[Role::Operator], &[]),
];

pub(crate) fn passphrase(name: &str) -> String {
    format!("a long passphrase of {name}")
}

impl Office {
    /// An office with so many pairs of suspects and one of victims (number 0).
    pub(crate) fn new(pairs: u32) -> Self {
        Self::at(HOST, pairs)
    }

    /// The same, under another name for browsers.
    pub(crate) fn at(host: &str, pairs: u32) -> Self {
        let node = Arc::new(Node::default());
        node.now.store(1_790_000_000, Ordering::SeqCst);
        *node.record.lock().unwrap() = vec![("given names".to_owned(), "Oksana".to_owned())];
        let mut log = Log::default();
        let mut take =
            |by, what| node.kept.lock().unwrap().push(log.append(Event { at: 1_790_000_000, by, what }).unwrap());
        for (_, number, roles, lanes) in PEOPLE {
            let by = if number == 1 { Actor::Installer } else { Actor::Person(PersonId(1)) };
            let standing = Standing::new(roles.iter().copied(), lanes.iter().copied());
            take(by, What::PersonAdded { person: PersonId(number), standing });
        }
        take(Actor::Node, What::AgreementBegan { agreement: AGREEMENT, grade_hidden: true, keep: 90 * 86_400 });
        for n in 0..=pairs {
            let lane = if n == 0 { Lane::Victim } else { Lane::Suspect };
            let candidate = Candidate::new(AGREEMENT, lane, false, Some(2), 1);
            take(Actor::Node, What::Received { pair: pair(n), candidate });
        }
        let cost = Cost { memory: 64, passes: 1 };
        let account = |(name, number, ..): &(&str, u32, &[Role], &[Lane])| {
            let salt = [u8::try_from(*number).unwrap(); 16];
            ((*name).to_owned(), Account::new(PersonId(*number), &passphrase(name), salt, cost).unwrap())
        };
        *node.accounts.lock().unwrap() = PEOPLE.iter().map(account).collect();
        let keeper = Box::new(Kept(Arc::clone(&node)));
        let console = Console::new(Begin { keeper, cost, hosts: vec![host.to_owned()] });
        Self { node, app: router(Arc::clone(&console)), console }
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.app.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, 4 << 20).await.unwrap();
        Answer { status: parts.status, headers: parts.headers, text: String::from_utf8(bytes.to_vec()).unwrap() }
    }

    /// A browser of a person who has logged in.
    pub(crate) async fn browser(&self, name: &str) -> Browser<'_> {
        let mut browser = Browser { office: self, cookie: None, form: String::new(), language: "en" };
        let answer = browser.log_in(name, &passphrase(name)).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{name} logs in");
        browser.form = browser.get("/status").await.form_token();
        browser
    }

    pub(crate) fn stranger(&self) -> Browser<'_> {
        Browser { office: self, cookie: None, form: String::new(), language: "en" }
    }
}

/// What a browser gets.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn form_token(&self) -> String {
        let (_, rest) = self.text.split_once("name=\"form\" value=\"").expect("a form");
        rest[..64].to_owned()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

/// A browser.
pub(crate) struct Browser<'a> {
    pub(crate) office: &'a Office,
    pub(crate) cookie: Option<String>,
    pub(crate) form: String,
    pub(crate) language: &'static str,
}

pub(crate) fn encoded(text: &str) -> String {
    text.bytes()
        .map(|b| if b.is_ascii_alphanumeric() { char::from(b).to_string() } else { format!("%{b:02X}") })
        .collect()
}

impl Browser<'_> {
    pub(crate) fn request(&self, method: &str, path: &str) -> axum::http::request::Builder {
        let request = Request::builder().method(method).uri(path).header("host", HOST);
        let request = request.header("accept-language", self.language);
        match &self.cookie {
            Some(cookie) => request.header("cookie", format!("session={cookie}")),
            None => request,
        }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.office.send(self.request("GET", path).body(Body::empty()).unwrap()).await
    }

    /// Sends a form, with the session's token.
    pub(crate) async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let mut all = vec![("form", self.form.as_str())];
        all.extend(fields);
        self.bare_post(path, &all).await
    }

    pub(crate) async fn bare_post(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let body: Vec<String> = fields.iter().map(|(name, value)| format!("{name}={}", encoded(value))).collect();
        let request = self.request("POST", path).header("content-type", "application/x-www-form-urlencoded");
        let request = request.header("origin", format!("http://{HOST}")).body(Body::from(body.join("&"))).unwrap();
        self.office.send(request).await
    }

    pub(crate) async fn log_in(&mut self, name: &str, passphrase: &str) -> Answer {
        let answer = self.bare_post("/login", &[("name", name), ("passphrase", passphrase)]).await;
        if let Some((_, rest)) = answer.header("set-cookie").split_once("session=") {
            self.cookie = Some(rest[..64].to_owned());
        }
        answer
    }
}
