//! When the seal keys leave (V-SETTLE-001): not while a correction is missing, whatever else the requester sends.

use crate::parties;

use blindlink::session::{Output, Session, in_process};
use blindlink::wire::FrameKind;
use std::collections::VecDeque;

/// Everything that a session does now; the frames it sends.
fn drain(session: &mut Session) -> Vec<Vec<u8>> {
    let mut frames = Vec::new();
    while let Some(output) = session.poll_output().unwrap() {
        match output {
            Output::Send(frame) => frames.push(frame.bytes),
            Output::Work(job) => {
                in_process::inline(vec![job]).into_iter().for_each(|result| session.finish_work(result).unwrap());
            }
            Output::Persist { seq, .. } => session.persisted(seq).unwrap(),
            _ => {}
        }
    }
    frames
}

/// Passes frames to and fro until nothing moves. Frames of the requester for which `held` says so are kept back. All
/// frames of the responder, by kind.
fn exchange(sessions: &mut (Session, Session), held: &mut VecDeque<Vec<u8>>, hold: impl Fn(&[u8]) -> bool) -> Vec<u8> {
    let mut kinds = Vec::new();
    loop {
        let (mut to_responder, to_requester) = (drain(&mut sessions.0), drain(&mut sessions.1));
        to_responder.retain(|frame| {
            let keep = !hold(frame) && held.is_empty();
            if !keep {
                held.push_back(frame.clone());
            }
            keep
        });
        if to_responder.is_empty() && to_requester.is_empty() {
            return kinds;
        }
        kinds.extend(to_requester.iter().map(|frame| frame[0]));
        to_responder.iter().for_each(|frame| {
            let _ = sessions.1.handle(frame).unwrap();
        });
        to_requester.iter().for_each(|frame| {
            let _ = sessions.0.handle(frame).unwrap();
        });
    }
}

#[test]
fn seal_keys_wait_while_a_correction_is_missing() {
    parties::in_both_suites(|suite| {
        let shape = parties::shape(4, 4, [1, 1], [1, 1]);
        let (r, s) = parties::lists(5, &shape);
        let mut sessions = parties::sessions_of(suite, &shape, &r, &s);
        let chunks = blindlink::plan::Plan::of_suite(suite, shape).unwrap().compare_chunks();
        assert!(chunks > 1);
        let last = |frame: &[u8]| frame[0] == FrameKind::Correction as u8 && frame[1..5] == (chunks - 1).to_be_bytes();

        let mut held = VecDeque::new();
        let before = exchange(&mut sessions, &mut held, last);
        assert_eq!(held.len(), 1);
        assert_eq!(before.iter().filter(|kind| **kind == FrameKind::Garbled as u8).count(), chunks as usize - 1);
        assert!(!before.contains(&(FrameKind::SealKeys as u8)));

        sessions.1.handle(&held.pop_front().unwrap()).unwrap();
        let after = exchange(&mut sessions, &mut held, |_| false);
        assert_eq!(after[..2], [FrameKind::Garbled as u8, FrameKind::SealKeys as u8]);
    });
}
