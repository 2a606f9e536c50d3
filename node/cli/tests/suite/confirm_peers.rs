//! What a peer sees of a run of confirmation, and what it gets if it says yes to everything, lies or leaves: a requester
//! whom the test plays, frame by frame, against a node.

use crate::confirm::{Two, facts, pseudonym, say_yes, stage, waiting};
use blindlink::agreement::{Basis, admit, for_policy};
use blindlink::confirm::line::{ACKNOWLEDGED, BUNDLE, ConfirmOpening, bundle, pieces};
use blindlink::confirm::{Run, RunConfig, RunOutput};
use blindlink::ids::{Pseudonym, RoundId};
use blindlink::policy::{OutputMode, Policy};
use blindlink::secret::Seed;
use blindlink::session::Role;
use blindlink_node::store::agreements::Store;
use blindlink_node::store::database::{Database, RoundFilter};
use blindlink_node::sys::clock;
use blindlink_node::transport::{Client, FrameReader, FrameWriter};
use blindlink_testkit::office::Office;
use blindlink_testkit::unhurried;
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

/// What the requester of the test got.
#[derive(Default, Debug)]
struct Seen {
    /// Kind and length of each frame, in their order, with how many frames this side had sent before.
    shape: Vec<(u8, usize, usize)>,
    /// When each came, and when this side sent each of its own.
    came: Vec<Instant>,
    sent: Vec<Instant>,
    confirmed: Option<Vec<Pseudonym>>,
    /// Code of an abort.
    code: Option<u16>,
}

/// A requester's line to the node, frame by frame.
struct Line {
    reader: FrameReader,
    writer: FrameWriter,
    seen: Seen,
}

impl Line {
    async fn write(&mut self, frame: Vec<u8>) {
        self.seen.sent.push(Instant::now());
        // The other side may have closed already.
        let _ = self.writer.write(frame).await;
    }

    /// The node's next frame; none if it aborts or closes.
    async fn read(&mut self) -> Option<Vec<u8>> {
        let frame = self.reader.next(1 << 22).await.ok().flatten()?;
        if frame[0] == 0x7f {
            self.seen.code = Some(u16::from_be_bytes([frame[5], frame[6]]));
            return None;
        }
        self.seen.shape.push((frame[0], frame.len(), self.seen.sent.len()));
        self.seen.came.push(Instant::now());
        Some(frame)
    }
}

/// The items of the round, from the requester's database, and what else its side of a run begins with.
fn config(two: &Two, number: u32, yes: &dyn Fn(&Pseudonym) -> bool) -> RunConfig {
    let node = &two.ministries.pair.requester;
    let db = Database::open(&node.data, &node.data.storage().unwrap()).unwrap();
    let round = db.rounds(&RoundFilter::default()).unwrap().remove(0);
    let cases = db.about_cases(round.row).unwrap().unwrap();
    let policy = Policy::from_canonical_bytes(&hex(&cases.policy)).unwrap().validate().unwrap();
    let versions = Store::of(&node.data).versions(&policy.policy().context.agreement).unwrap();
    let now = clock::now();
    let sealed = for_policy(&versions, policy.digest(), now).unwrap();
    let own = node.data.identity().unwrap().key();
    let admitted = admit(sealed, now, &own.id(), &round.peer, Role::Requester, &policy).unwrap();
    let items = cases.items.unwrap().into_iter().map(|item| Pseudonym::from_hex(&item).unwrap()).map(|p| (p, yes(&p)));
    RunConfig {
        basis: Basis::Agreement(Box::new(admitted)),
        policy: *policy.digest(),
        output: OutputMode::Mutual,
        round: round.round.unwrap(),
        number,
        slots: cases.slots.unwrap(),
        items: items.collect(),
        role: Role::Requester,
        identity: own,
        peer: round.peer,
        seed: Seed::new([u8::try_from(number).unwrap(); 32]),
    }
}

fn hex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}

/// Plays run `number` with the node; `meddle` changes what this side sends (frames of the run from 0), or leaves.
fn play(two: &Two, config: RunConfig, meddle: &dyn Fn(usize, Vec<u8>) -> Option<Vec<u8>>) -> Seen {
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let peer = two.ministries.pair.responder.id();
        let secret = two.ministries.pair.requester.secret();
        let (client, channel) = Client::connect(&secret, peer, &two.addr, &unhurried()).await.unwrap();
        let (reader, writer, closer) = channel.split();
        let mut line = Line { reader, writer, seen: Seen::default() };
        let (round, number): (RoundId, u32) = (config.round, config.number);
        run(&mut line, (round, number), Run::new(config).unwrap(), meddle).await;
        closer.close(0);
        client.finish(Duration::from_secs(1)).await;
        line.seen
    })
}

async fn run(
    line: &mut Line,
    (round, number): (RoundId, u32),
    (mut run, mut outputs): (Run, Vec<RunOutput>),
    meddle: &dyn Fn(usize, Vec<u8>) -> Option<Vec<u8>>,
) -> Option<()> {
    line.write(ConfirmOpening::new(true, round, number).encode()).await;
    line.read().await?;
    // The node's hello comes by itself: only then this side sends its own, so that the wait is seen.
    let mut frame = line.read().await?;
    let mut frames = 0;
    let mut over = false;
    loop {
        for output in outputs {
            match output {
                RunOutput::Send(frame) => {
                    line.write(meddle(frames, frame)?).await;
                    frames += 1;
                }
                RunOutput::Confirmed(items) => line.seen.confirmed = Some(items),
                RunOutput::Receipt(_) => over = true,
            }
        }
        if over {
            break;
        }
        if line.seen.shape.len() > 2 || frames > 1 {
            frame = line.read().await?;
        }
        outputs = run.receive(&frame).ok()?;
    }
    line.write(bundle(BUNDLE, &[])).await;
    let notices = line.read().await?;
    assert_eq!(pieces(BUNDLE, &notices).unwrap().len(), 0, "nothing is disclosed by a run");
    line.write(bundle(ACKNOWLEDGED, &[])).await;
    line.read().await.map(drop)
}

fn honest(_: usize, frame: Vec<u8>) -> Option<Vec<u8>> {
    Some(frame)
}

/// Waits until something is so: the node goes on when its peer has left.
fn until(so: impl Fn() -> bool) {
    let begun = Instant::now();
    while !so() {
        assert!(begun.elapsed() < Duration::from_secs(300), "it never was so");
        std::thread::sleep(Duration::from_millis(50));
    }
}

fn south(two: &Two) -> Office<'_> {
    let node = &two.ministries.pair.responder;
    let folder = node.data.path().with_extension("people");
    std::fs::create_dir(&folder).unwrap();
    Office::open(node, &folder)
}

/// V-CONFIRM-004, V-CONFIRM-019, 18.5: whether the node said no to all, yes to some or to all, and whatever the peer says:
/// the same frames of the same lengths after the same frames of the peer's, and none that waits on the log of review leaves
/// before its beat. A peer that says yes to everything gets the yeses, and neither a reference nor a no.
#[test]
fn a_peer_sees_the_same_of_no_some_and_all_yeses() {
    let two = Two::begin();
    let office = south(&two);
    let theirs = waiting(&office);
    let yes = |pairs: &[serde_json::Value]| pairs.iter().map(pseudonym).collect::<BTreeSet<_>>();
    let got = |seen: &Seen| {
        let confirmed = seen.confirmed.as_ref().unwrap_or_else(|| panic!("{seen:?}"));
        let digits = |item: &Pseudonym| item.as_bytes().iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        confirmed.iter().map(digits).collect::<BTreeSet<_>>()
    };

    let nobody = play(&two, config(&two, 0, &|_| true), &honest);
    assert_eq!(got(&nobody), BTreeSet::new());
    say_yes(&office, &theirs[..3].iter().collect::<Vec<_>>());
    // The next number, in which the node moves first, has the same frames in another order.
    let refused = play(&two, config(&two, 1, &|_| false), &honest);
    let greedy = play(&two, config(&two, 2, &|_| true), &honest);
    assert_eq!((got(&refused), got(&greedy)), (BTreeSet::new(), yes(&theirs[..3])));
    for (at, pair) in theirs.iter().enumerate().take(6) {
        assert_eq!(stage(&office, pair), if at < 3 { "confirmed_there" } else { "candidate" }, "pair {at}");
    }
    say_yes(&office, &theirs[3..].iter().collect::<Vec<_>>());
    let first = play(&two, config(&two, 3, &|_| true), &honest);
    let all = play(&two, config(&two, 4, &|_| true), &honest);
    assert_eq!((got(&first), got(&all)), (yes(&theirs), yes(&theirs)));

    for (name, one, another) in [("some", &nobody, &greedy), ("all", &nobody, &all), ("node first", &refused, &first)] {
        assert_eq!(one.shape, another.shape, "{name}");
    }
    for seen in [&nobody, &refused, &greedy, &first, &all] {
        // After its opening: hello, commit, set, blind, share, receipt; then bundle and acknowledgements.
        let kinds: Vec<u8> = seen.shape.iter().map(|(kind, ..)| *kind).collect();
        assert_eq!(kinds, [0x73, 1, 2, 3, 4, 5, 6, BUNDLE, ACKNOWLEDGED]);
        // The hello after our opening, the receipt after our share, the bundle after our receipt, acknowledgements after our
        // bundle: none before its beat.
        for (came, after) in [(1, 0), (6, 5), (7, 6), (8, 7)] {
            let wait = seen.came[came].duration_since(seen.sent[after]);
            assert!(wait >= Duration::from_secs(1), "frame {came}: {wait:?}");
        }
    }
    two.serve.signal("TERM");
}

/// 18.5, V-CONFIRM-007, V-CONFIRM-011, V-CONFIRM-016: a peer that lies about its set gets nothing; one that leaves in the
/// middle has the result alone only if it moved last, the node knows that and keeps the promise, and moves last in the next run.
#[test]
fn a_peer_that_lies_or_leaves_gets_what_the_chapter_says() {
    let two = Two::begin();
    let office = south(&two);
    let theirs = waiting(&office);
    say_yes(&office, &theirs[..2].iter().collect::<Vec<_>>());
    let storage = office.node.data.storage().unwrap();
    let runs = || {
        let db = Database::open(&office.node.data, &storage).unwrap();
        let row = db.rounds(&RoundFilter::default()).unwrap().remove(0).row;
        (db.runs(row).unwrap(), db.next_run(row).unwrap())
    };
    let still = |at: usize| stage(&office, &theirs[at]);

    // Another set than the committed one, a blind that is not of it, a share that is none.
    for (frame, code) in [(2, 209), (3, 207), (4, 207)] {
        let lie = move |at: usize, mut sent: Vec<u8>| {
            if at == frame {
                // A bit of the salt of the set, of the last proof of the blinds, of the proof of the share.
                let place = if at == 2 { 5 } else { sent.len() - if at == 3 { 128 } else { 64 } };
                sent[place] ^= 1;
            }
            Some(sent)
        };
        let seen = play(&two, config(&two, 0, &|_| true), &lie);
        assert_eq!((seen.code, &seen.confirmed), (Some(code), &None), "frame {frame}: {seen:?}");
    }
    // It leaves before each of its frames, as who moves first.
    for gone in 0..5 {
        let seen = play(&two, config(&two, 0, &|_| true), &|at, frame| (at < gone).then_some(frame));
        assert_eq!(seen.confirmed, None, "gone before {gone}");
    }
    assert_eq!(runs().1, 0, "the node has sent no share: the number is still good");
    assert!(runs().0.iter().all(|run| !run.done && !run.peer_alone));
    assert_eq!((still(0), facts(office.node)), ("confirmed_here".into(), (0, 0)));

    // As who moves last it can have the result alone. The node has its promise, and what people see has not changed.
    let seen = play(&two, config(&two, 1, &|_| true), &|at, frame| (at < 4).then_some(frame));
    assert_eq!(seen.shape.last().unwrap().0, 5, "it has the node's share: {seen:?}");
    until(|| runs().1 == 2);
    let (kept, next) = runs();
    let last = kept.iter().find(|run| run.number == 1).unwrap();
    assert!(last.peer_alone && !last.promise.is_empty() && !last.done && next == 2);
    assert_eq!(still(0), "confirmed_here");
    let status = office.node.run(&["status"]);
    let said = String::from_utf8(status.stdout).unwrap();
    assert!(said.contains("broke off when the other side could already open it"), "{said}");

    // In the next run the node moves last, and has its result whatever the peer does with its receipt.
    let seen = play(&two, config(&two, 2, &|_| true), &|at, frame| (at < 5).then_some(frame));
    assert_eq!(seen.confirmed.map(|items| items.len()), Some(2));
    until(|| still(0) == "confirmed_there");
    assert_eq!(
        (still(0), still(1), still(2)),
        ("confirmed_there".into(), "confirmed_there".into(), "candidate".into())
    );
    assert!(
        runs().0.iter().any(|run| run.number == 2 && run.done && run.confirmed.len() == 2 && run.receipt.is_empty())
    );
    two.serve.signal("TERM");
}
