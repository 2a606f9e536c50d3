#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use super::*;

fn pair(own: usize, peer: usize) -> IdealPair {
    IdealPair { own, peer, grade: Grade::Possible, tables: vec![1] }
}

#[test]
fn quality_counts_pairs() {
    // Truth holds (a, b); the requester, whose positions are `own`, has list b.
    let truth: Truth = [(0, 1), (1, 2), (2, 3), (3, 0)].into();
    let pairs = [pair(1, 0), pair(2, 1), pair(0, 2)];
    let q = quality(pairs.iter(), &truth);
    assert_eq!((q.reported, q.precision, q.recall), (3, 2.0 / 3.0, 0.5));
    assert!((q.f1 - 4.0 / 7.0).abs() < 1e-12);
    let nothing = quality([].iter(), &truth);
    assert_eq!((nothing.reported, nothing.recall, nothing.f1), (0, 0.0, 0.0));
    assert!((quality([].iter(), &Truth::new()).f1 - 1.0).abs() < 1e-12);
    assert!(quality(pairs.iter(), &Truth::new()).precision.abs() < 1e-12);
}
