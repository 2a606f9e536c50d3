use super::*;

fn schedule() -> Vec<FrameSpec> {
    let spec = |kind, index, body: usize| FrameSpec { kind, index, len: HEADER_BYTES + body };
    vec![
        spec(FrameKind::Hello, 0, 9),
        spec(FrameKind::Query, 0, 3),
        spec(FrameKind::Query, 1, 3),
        spec(FrameKind::Receipt, 0, 2),
    ]
}

fn frame(kind: FrameKind, index: u32, body: usize) -> Vec<u8> {
    [&[kind as u8][..], &index.to_be_bytes(), &vec![7; body]].concat()
}

/// V-WIRE-001, V-WIRE-002, V-RAND-004: the next frame of the schedule, with its length; only a hello may be shorter.
#[test]
fn only_the_next_frame_comes_in() {
    let mut inbox = Inbox::new(schedule());
    assert_eq!(inbox.max_next(), HEADER_BYTES + 9);
    let too_long = PeerFault::Length { expected: HEADER_BYTES + 9, got: HEADER_BYTES + 10 };
    assert_eq!(inbox.take(&frame(FrameKind::Hello, 0, 10)).err(), Some(too_long));
    assert!(inbox.take(&frame(FrameKind::Hello, 0, 4)).is_ok());
    for body in [0, 2, 4] {
        let fault = PeerFault::Length { expected: HEADER_BYTES + 3, got: HEADER_BYTES + body };
        assert_eq!(inbox.take(&frame(FrameKind::Query, 0, body)).err(), Some(fault));
    }
    let ahead = PeerFault::Unexpected { got: FrameKind::Query as u8, index: 1 };
    assert_eq!(inbox.take(&frame(FrameKind::Query, 1, 3)).err(), Some(ahead));
    assert!(inbox.take(&frame(FrameKind::Query, 0, 3)).is_ok());
    let again = PeerFault::Replayed { kind: FrameKind::Query as u8, index: 0 };
    assert_eq!(inbox.take(&frame(FrameKind::Query, 0, 3)).err(), Some(again));
    assert!(!inbox.only_receipt_left());
    assert!(inbox.take(&frame(FrameKind::Query, 1, 3)).is_ok());
    assert!(inbox.only_receipt_left());
    // The receipt is not part of the transcript that it signs.
    let before = *inbox.chain.value();
    assert!(inbox.take(&frame(FrameKind::Receipt, 0, 2)).is_ok());
    assert_eq!(*inbox.chain.value(), before);
}

/// V-RAND-003: frames leave in the order of the schedule, each only when what came before it was made is durable.
#[test]
fn frames_wait_for_their_turn_and_for_durability() {
    let mut outbox = Outbox::new(schedule());
    let put = |outbox: &mut Outbox, kind, index, body, received| {
        outbox.put(QueuedFrame::whole(kind, index, frame(kind, index, body)), received)
    };
    assert!(put(&mut outbox, FrameKind::Query, 0, 3, 2));
    assert!(!put(&mut outbox, FrameKind::Query, 0, 3, 2), "twice");
    assert!(!put(&mut outbox, FrameKind::Query, 1, 4, 2), "too long");
    assert!(!put(&mut outbox, FrameKind::Table, 0, 3, 2), "not in the schedule");
    assert_eq!(outbox.pop(9), None, "the hello goes first");
    assert!(put(&mut outbox, FrameKind::Hello, 0, 5, 0));
    assert_eq!(outbox.pop(0).unwrap().bytes, frame(FrameKind::Hello, 0, 5));
    for durable in [0, 1] {
        assert_eq!(outbox.pop(durable), None, "made after two frames had come");
    }
    assert_eq!(outbox.pop(2).unwrap().bytes, frame(FrameKind::Query, 0, 3));
    assert!(put(&mut outbox, FrameKind::Query, 1, 3, 2));
    assert!(outbox.pop(2).is_some() && outbox.only_receipt_left() && !outbox.all_gone());
}
