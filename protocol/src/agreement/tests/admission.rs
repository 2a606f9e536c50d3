use super::*;
use crate::error::Refusal;
use crate::policy::Policy;

fn sealed(change: impl FnOnce(&mut Agreement)) -> SignedAgreement {
    let mut agreement = agreement();
    change(&mut agreement);
    let checked = agreement.validate().unwrap();
    let all = approvals(&checked);
    SignedAgreement::new(checked, &all).unwrap()
}

fn asks(sealed: &SignedAgreement, policy: &CheckedPolicy, now: u64) -> Result<Admitted, Refusal> {
    let verdicts = [(1, 2, Role::Requester), (2, 1, Role::Responder)]
        .map(|(own, peer, role)| admit(sealed, now, &key(own).id(), &key(peer).id(), role, policy));
    let said = |verdict: &Result<Admitted, Refusal>| verdict.clone().map(|it| (*it.digest(), it.claims()));
    assert_eq!(said(&verdicts[0]), said(&verdicts[1]), "both sides decide alike");
    verdicts[0].clone()
}

#[test]
fn what_was_agreed_is_admitted() {
    let admitted = asks(&sealed(|_| ()), &policy(), FROM).unwrap();
    assert_eq!(admitted.canonical_bytes(), agreement().to_canonical_bytes());
    assert_eq!((*admitted.digest(), admitted.claims()), (agreement().digest(), 100));
    assert_eq!(admitted.policy(), policy().digest());
}

/// V-AGREE-020
#[test]
fn other_parties_and_roles_are_refused() {
    let it = sealed(|_| ());
    let go = |own: u8, peer: u8| admit(&it, FROM, &key(own).id(), &key(peer).id(), Role::Requester, &policy());
    for (own, peer) in [(3, 2), (1, 3), (1, 1), (11, 2), (1, 21)] {
        assert_eq!(go(own, peer), Err(Refusal::Party), "{own} {peer}");
    }
    let one_way = sealed(|a| (a.parties[0].role, a.parties[1].role) = (Roles::Requester, Roles::Responder));
    let role = |own: u8, role| admit(&one_way, FROM, &key(own).id(), &key(3 - own).id(), role, &policy()).err();
    assert_eq!((role(1, Role::Requester), role(2, Role::Responder)), (None, None));
    assert_eq!((role(1, Role::Responder), role(2, Role::Requester)), (Some(Refusal::Role), Some(Refusal::Role)));
}

/// V-AGREE-021
#[test]
fn only_an_agreement_in_force_admits() {
    let it = sealed(|_| ());
    assert_eq!(asks(&it, &policy(), FROM - 1), Err(Refusal::NotYetValid));
    assert_eq!(asks(&it, &policy(), UNTIL), Err(Refusal::Expired));
    let checked = agreement().validate().unwrap();
    let mut some = approvals(&checked);
    let suspension = SignerStatement::sign(StatementKind::Suspend { time: FROM, nonce: [1; 16] }, &checked, &key(12));
    let suspended = SignedAgreement::new(checked.clone(), &[some.clone(), vec![suspension]].concat()).unwrap();
    assert_eq!(asks(&suspended, &policy(), FROM), Err(Refusal::Suspended));
    some.remove(2);
    let partly = SignedAgreement::new(checked, &some).unwrap();
    assert_eq!(asks(&partly, &policy(), FROM), Err(Refusal::MissingSignature { missing: 1 }));
}

/// V-AGREE-022
#[test]
fn another_policy_is_refused_by_what_differs() {
    type Change = fn(&mut Policy);
    let changes: [(Change, Refusal); 9] = [
        (|p| p.context.agreement = "another".into(), Refusal::Name),
        (|p| p.context.lanes = LanePair::VictimVictim, Refusal::Lanes),
        (|p| p.context.purpose = "another".into(), Refusal::Purpose),
        (|p| p.context.epoch += 1, Refusal::Epoch),
        (|p| p.round.output = OutputMode::Requester, Refusal::Output),
        (|p| p.round.records_requester += 1, Refusal::Size),
        (|p| p.round.records_responder += 1, Refusal::Size),
        (|p| p.name.push('x'), Refusal::Policy),
        (|p| p.round.records_responder -= 1, Refusal::Policy),
    ];
    for (change, refusal) in changes {
        let mut other = policy().policy().clone();
        change(&mut other);
        assert_eq!(asks(&sealed(|_| ()), &other.validate().unwrap(), FROM), Err(refusal));
    }
}
