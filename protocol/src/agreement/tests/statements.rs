use super::*;
use crate::agreement::statement::State;
use crate::codec::DecodeError;
use crate::error::Refusal;

fn suspend(agreement: &CheckedAgreement, by: u8, nonce: u8) -> SignerStatement {
    SignerStatement::sign(StatementKind::Suspend { time: FROM + 5, nonce: [nonce; 16] }, agreement, &key(by))
}

fn resume(agreement: &CheckedAgreement, by: u8, suspension: &SignerStatement) -> SignerStatement {
    SignerStatement::sign(StatementKind::Resume { suspension: suspension.digest() }, agreement, &key(by))
}

fn state(agreement: &CheckedAgreement, statements: &[&[SignerStatement]], now: u64) -> State {
    SignedAgreement::new(agreement.clone(), &statements.concat()).unwrap().state(now)
}

/// V-AGREE-012
#[test]
fn statements_come_back_and_bear_their_signature() {
    let checked = agreement().validate().unwrap();
    let suspension = suspend(&checked, 21, 1);
    for statement in [approvals(&checked).remove(0), suspension.clone(), resume(&checked, 21, &suspension)] {
        let bytes = statement.encode();
        assert_eq!(SignerStatement::decode(&bytes), Ok(statement.clone()));
        assert_eq!(SignerStatement::decode(&bytes[..bytes.len() - 1]), Err(DecodeError::Truncated));
        assert_eq!(SignerStatement::decode(&[&bytes[..], &[0]].concat()), Err(DecodeError::TrailingBytes));
        assert!(statement.check(&checked).is_ok());
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            let verdict = SignerStatement::decode(&changed).map(|s| s.check(&checked));
            assert!(!matches!(verdict, Ok(Ok(_))), "byte {at}");
        }
    }
    let mut odd = suspension.encode();
    odd[0] = 9;
    assert_eq!(SignerStatement::decode(&odd), Err(DecodeError::BadField("statement kind")));
}

/// V-AGREE-012: neither a stranger, nor a node, nor a word about another agreement.
#[test]
fn only_the_four_signers_can_say_anything() {
    let checked = agreement().validate().unwrap();
    let other = Agreement { epoch: 2, ..agreement() }.validate().unwrap();
    for statement in [
        SignerStatement::sign(StatementKind::Approve, &checked, &key(1)),
        SignerStatement::sign(StatementKind::Approve, &checked, &key(9)),
        SignerStatement::sign(StatementKind::Approve, &other, &key(11)),
    ] {
        assert_eq!(SignedAgreement::new(checked.clone(), &[statement]).unwrap_err(), Refusal::BadStatement);
    }
    let many = vec![suspend(&checked, 11, 1); crate::limits::MAX_STATEMENTS + 1];
    assert_eq!(SignedAgreement::new(checked, &many).unwrap_err(), Refusal::BadStatement);
}

/// V-AGREE-015
#[test]
fn an_agreement_passes_through_its_states() {
    let checked = agreement().validate().unwrap();
    let all = approvals(&checked);
    assert_eq!(state(&checked, &[], FROM), State::Draft);
    for missing in 0..4 {
        let mut some = all.clone();
        some.remove(missing);
        // The same signer twice is one signer.
        some.push(some[0].clone());
        assert_eq!(state(&checked, &[&some], FROM), State::PartlySigned);
    }
    assert_eq!(state(&checked, &[&all], FROM - 1), State::NotYetValid);
    assert_eq!(state(&checked, &[&all], FROM), State::InForce);
    assert_eq!(state(&checked, &[&all], UNTIL - 1), State::InForce);
    assert_eq!(state(&checked, &[&all], UNTIL), State::Expired);
    let sealed = SignedAgreement::new(checked, &all).unwrap();
    // V-AGREE-016
    assert!(!sealed.supersedes(FROM - 1) && sealed.supersedes(FROM) && sealed.supersedes(UNTIL + 1));
}

/// V-AGREE-013, V-AGREE-014
#[test]
fn one_suspends_and_both_of_the_same_side_resume() {
    let checked = agreement().validate().unwrap();
    let all = approvals(&checked);
    let first = suspend(&checked, 22, 1);
    assert_eq!(state(&checked, &[&all, std::slice::from_ref(&first)], FROM), State::Suspended);
    assert_eq!(state(&checked, &[&all, std::slice::from_ref(&first)], FROM - 1), State::Suspended);
    let lift = |by: &[u8]| by.iter().map(|n| resume(&checked, *n, &first)).collect::<Vec<_>>();
    for by in [&[21][..], &[22], &[22, 22], &[11, 12], &[21, 11]] {
        assert_eq!(state(&checked, &[&all, std::slice::from_ref(&first), &lift(by)], FROM), State::Suspended, "{by:?}");
    }
    let lifted = lift(&[21, 22]);
    assert_eq!(state(&checked, &[&lifted, std::slice::from_ref(&first), &all], FROM), State::InForce, "in any order");
    // The old resumptions do not lift a new suspension, by whomever it is.
    for by in [21, 22, 11] {
        let second = suspend(&checked, by, 2);
        assert_eq!(state(&checked, &[&all, &[first.clone(), second], &lifted], FROM), State::Suspended);
    }
}
