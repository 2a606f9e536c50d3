use super::*;
use crate::error::{Error, Misuse};
use crate::ids::AgreementDigest;

#[test]
fn a_sound_agreement_is_accepted() {
    let checked = agreement().validate().unwrap();
    assert_eq!(*checked.digest(), agreement().digest());
    assert_eq!(checked.canonical_bytes(), agreement().to_canonical_bytes());
}

#[test]
fn each_requirement_refuses_what_breaks_it() {
    type Change = fn(&mut Agreement);
    let changes: [(Change, &str, &str); 33] = [
        (|a| a.name.clear(), "name", "V-AGREE-003"),
        (|a| a.purpose = "señal".into(), "purpose", "V-AGREE-003"),
        (|a| a.parties[0].name = "a\nb".into(), "party[0].name", "V-AGREE-003"),
        (|a| a.parties[0].name = "a\u{202e}b".into(), "party[0].name", "V-AGREE-003"),
        (|a| a.parties[1].legal_basis = "x".repeat(513), "party[1].legal_basis", "V-AGREE-003"),
        (|a| a.parties[1].signers[1].name.clear(), "party[1].signer[1].name", "V-AGREE-003"),
        (|a| a.version = 0, "version", "V-AGREE-004"),
        (|a| a.version = 2, "previous", "V-AGREE-004"),
        (|a| a.previous = Some(AgreementDigest::from_bytes([1; 32])), "previous", "V-AGREE-004"),
        (|a| a.parties[1].node = a.parties[0].node, "party[1].node", "V-AGREE-005"),
        (|a| a.parties[0].signers[1].key = a.parties[0].signers[0].key, "party[0].signer[1].key", "V-AGREE-005"),
        (|a| a.parties[1].signers[0].key = a.parties[0].signers[0].key, "party[1].signer[0].key", "V-AGREE-005"),
        (|a| a.parties[1].signers[0].key = a.parties[0].node, "party[1].signer[0].key", "V-AGREE-005"),
        (|a| a.parties[0].lane = Lane::Victim, "party[0].lane", "V-AGREE-006"),
        (|a| a.lanes = LanePair::SuspectConvicted, "party[0].lane", "V-AGREE-006"),
        (|a| a.parties[0].role = Roles::Requester, "party[0].role", "V-AGREE-006"),
        (|a| a.suite = 3, "suite", "V-AGREE-008"),
        (|a| a.caps.records_requester = 0, "caps.records_requester", "V-AGREE-009"),
        (|a| a.caps.records_responder = 1 << 21, "caps.records_responder", "V-AGREE-009"),
        (|a| a.caps.rounds_per_day = 0, "caps.rounds_per_day", "V-AGREE-009"),
        (|a| a.caps.period_days = 0, "caps.period_days", "V-AGREE-009"),
        (|a| a.caps.bins_per_table = 0, "caps.bins_per_table", "V-AGREE-009"),
        (|a| a.caps.claims = 0, "caps.claims", "V-AGREE-009"),
        (|a| a.caps.claims = 2001, "caps.claims", "V-AGREE-009"),
        (|a| a.output = OutputMode::Requester, "caps.claims", "V-AGREE-009"),
        (|a| a.caps.matches = 99, "caps.matches", "V-AGREE-009"),
        (|a| a.caps.matches = 2001, "caps.matches", "V-AGREE-009"),
        (|a| (a.output, a.caps.claims) = (OutputMode::Requester, 0), "caps.matches", "V-AGREE-009"),
        (|a| a.caps.delta_records = 0, "caps.delta_records", "V-AGREE-009"),
        (|a| a.retention.journal_days = 0, "retention.journal_days", "V-AGREE-010"),
        (|a| a.retention.audit_days = 29, "retention.audit_days", "V-AGREE-010"),
        (|a| a.valid.until = a.valid.from, "valid.until", "V-AGREE-011"),
        (|a| a.valid.until += 1500 * time::DAY, "valid.until", "V-AGREE-011"),
    ];
    for (change, path, id) in changes {
        let mut changed = agreement();
        change(&mut changed);
        match changed.validate() {
            Err(Error::Misuse(Misuse::Agreement { field, requirement, .. })) => {
                assert_eq!((field.as_str(), requirement), (path, id));
            }
            other => panic!("{path} {id}: {other:?}"),
        }
    }
}

/// V-AGREE-007
#[test]
fn victims_are_kept_from_immigration_enforcement() {
    for (lanes, own, other) in [
        (LanePair::VictimVictim, Lane::Victim, Lane::Victim),
        (LanePair::VictimMissing, Lane::Victim, Lane::Missing),
        (LanePair::VictimMissing, Lane::Missing, Lane::Victim),
    ] {
        for refused in 0..2 {
            let mut victims = agreement();
            victims.lanes = lanes;
            (victims.parties[0].lane, victims.parties[1].lane) = (own, other);
            assert!(victims.clone().validate().is_ok());
            victims.parties[refused].kind = PartyType::ImmigrationEnforcement;
            let error = victims.validate().unwrap_err();
            assert!(error.to_string().contains("V-AGREE-007"), "{error}");
        }
    }
}
