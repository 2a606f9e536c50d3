//! The desk of this node: where its people decide about pairs. Its log is in the database; what happens elsewhere in the
//! node (agreements that begin and stop, rounds that end, time that passes) is brought to it here.

use super::agreements::Store;
use super::data_dir::DataDir;
use super::database::{Database, KeptAccount, KeptAsk, NewCases};
use super::error::StoreError;
use super::journal::StorageKey;
use crate::sys::clock;
use blindlink::agreement::SignedAgreement;
use blindlink::agreement::statement::State;
use blindlink::ids::AgreementDigest;
use blindlink::schema::kinds::Lane;
use blindlink_review::{Actor, Candidate, DueKind, Entry, Event, Log, Meeting, PairId, Refusal, What};

const DAY: u64 = 86_400;

/// Brings the log up to date: what other commands added, what agreements and rounds gave since, what time has ended.
///
/// # Errors
/// [`StoreError`]; the log is then empty and is read again when it is next needed.
pub fn catch_up(data: &DataDir, storage: &StorageKey, log: &mut Log) -> Result<(), StoreError> {
    let mut db = Database::open(data, storage)?;
    db.read_review(log)?;
    let agreements = agreements(data)?;
    let (cases, asks) = (db.new_cases()?, db.asks()?);
    let now = clock::now();
    if steps(log, now, &agreements, (&cases, &asks)).is_empty() {
        return Ok(());
    }
    db.review(log, |log| {
        // Another command may have been faster: what there is to do is looked at again.
        let entries: Vec<Entry> = steps(log, now, &agreements, (&cases, &asks))
            .into_iter()
            .filter_map(|what| node_step(log, now, what).ok())
            .collect();
        ((), entries)
    })?;
    for case in cases.iter().filter(|case| log.desk().agreement_in_force(&case.agreement) == Some(true)) {
        db.cases_received(case.row, now)?;
    }
    Ok(())
}

/// Takes a step of this desk: judged against everything before it, durable when this returns.
///
/// # Errors
/// As [`catch_up`]; within, the [`Refusal`] of a step that is not allowed.
pub fn take(
    data: &DataDir,
    storage: &StorageKey,
    log: &mut Log,
    by: Actor,
    what: What,
) -> Result<Result<Entry, Refusal>, StoreError> {
    take_with(data, storage, log, None, (by, what))
}

/// As [`take`], and keeps the account of the person whom the step adds: both or neither, so that nobody works here who cannot
/// log in.
///
/// # Errors
/// As [`take`].
pub fn take_with(
    data: &DataDir,
    storage: &StorageKey,
    log: &mut Log,
    account: Option<&KeptAccount>,
    (by, what): (Actor, What),
) -> Result<Result<Entry, Refusal>, StoreError> {
    catch_up(data, storage, log)?;
    let now = clock::now();
    Database::open(data, storage)?.review_with(log, account, |log| {
        let taken = log.append(Event { at: now.max(log.desk().now()), by, what });
        let entries = taken.iter().cloned().collect();
        (taken, entries)
    })
}

/// Hash of the entry with which a question was approved last, if it may be asked now (V-URGENT-007).
///
/// # Errors
/// As [`catch_up`].
pub fn approval(
    data: &DataDir,
    storage: &StorageKey,
    log: &mut Log,
    ask: &[u8; 32],
) -> Result<Option<[u8; 32]>, StoreError> {
    catch_up(data, storage, log)?;
    if !log.desk().may_ask(ask, clock::now()) {
        return Ok(None);
    }
    let entries = Database::open(data, storage)?.review_entries(0, usize::MAX)?;
    let approves = |entry: &&Entry| matches!(&entry.event.what, What::QuestionApproved { ask: of } if of == ask);
    Ok(entries.iter().rev().find(approves).map(|entry| entry.hash))
}

fn node_step(log: &mut Log, now: u64, what: What) -> Result<Entry, Refusal> {
    // A clock that went back must not stop the desk.
    log.append(Event { at: now.max(log.desk().now()), by: Actor::Node, what })
}

/// An agreement of this node: digest, whether it is in force now, how long it keeps results.
type Known = (AgreementDigest, bool, u64);

fn agreements(data: &DataDir) -> Result<Vec<Known>, StoreError> {
    let now = clock::now();
    let all = Store::of(data).all()?;
    let known = |sealed: &SignedAgreement| {
        let agreement = sealed.agreement().agreement();
        // V-AGREE-016
        let superseded = all.iter().any(|other| {
            let later = other.agreement().agreement();
            later.name == agreement.name && later.version > agreement.version && other.supersedes(now)
        });
        let keep = u64::from(agreement.retention.results_days) * DAY;
        (*sealed.agreement().digest(), sealed.state(now) == State::InForce && !superseded, keep)
    };
    Ok(all.iter().map(known).collect())
}

/// What the node has to tell the desk.
fn steps(log: &Log, now: u64, agreements: &[Known], (cases, asks): (&[NewCases], &[KeptAsk])) -> Vec<What> {
    let desk = log.desk();
    let mut steps = Vec::new();
    let mut in_force = Vec::new();
    for (agreement, now_in_force, keep) in agreements {
        if *now_in_force {
            in_force.push(*agreement);
        }
        match (desk.agreement_in_force(agreement), now_in_force) {
            // No agreement of this version says that the grade is shown before a person has judged.
            (None | Some(false), true) => {
                steps.push(What::AgreementBegan { agreement: *agreement, grade_hidden: true, keep: *keep });
            }
            (Some(true), false) => steps.push(What::AgreementStopped { agreement: *agreement }),
            _ => {}
        }
    }
    let gone = desk.agreements_in_force().filter(|known| agreements.iter().all(|(here, ..)| here != *known));
    steps.extend(gone.map(|agreement| What::AgreementStopped { agreement: *agreement }));
    for case in cases.iter().filter(|case| in_force.contains(&case.agreement)) {
        for (pair, own, lane, child, tables) in &case.pairs {
            let Some(lane) = Lane::from_code(*lane) else { continue };
            let meeting = Meeting { round: case.round, pseudonym: pair.pseudonym };
            let grade = pair.grade.map(|grade| if grade == blindlink::session::Grade::Strong { 2 } else { 1 });
            let candidate = Candidate::new(case.agreement, lane, *child, grade, *tables);
            steps.push(What::Received { pair: PairId { meeting, own: *own }, candidate });
        }
    }
    let open = |ask: &&KeptAsk| desk.question(&ask.ask).is_some_and(|question| !question.is_answered());
    let answered = asks.iter().filter(|ask| ask.answered.is_some()).filter(open);
    steps.extend(answered.map(|ask| What::Answered { ask: ask.ask }));
    let over = desk.due(now).into_iter().filter(|due| due.kind == DueKind::Expire);
    steps.extend(over.map(|due| What::Expired { pair: due.pair }));
    steps
}
