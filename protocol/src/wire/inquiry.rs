//! Inquiries (spec section 11.8): a side asks the other, without a round, whether a round could begin.

use super::{FrameKind, HEADER_BYTES, parse};
use crate::agreement::{SignerStatement, StatementKind};
use crate::codec::{DecodeError, Reader, Writer};
use crate::error::{Error, PeerFault};
use crate::ids::{AgreementDigest, PolicyDigest};
use crate::wire::hello::VERSION;

/// Kind of an inquiry.
pub const INQUIRY: u8 = 0x72;
/// Most agreements that an inquiry names.
pub const MAX_AGREEMENTS: usize = 16;
/// Most statements that an inquiry carries.
pub const MAX_STATEMENTS: usize = 32;
/// Bytes of the longest inquiry, header included.
pub const INQUIRY_BYTES: usize =
    HEADER_BYTES + 2 + 8 + 8 + 8 + 1 + 64 * MAX_AGREEMENTS + 1 + (1 + SignerStatement::MAX_BYTES) * MAX_STATEMENTS;

/// An agreement in force between the two sides, by digests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct AgreedPolicy {
    /// Digest of the agreement.
    pub agreement: AgreementDigest,
    /// Digest of the policy that it names.
    pub policy: PolicyDigest,
}

/// What a side says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inquiry {
    /// Version of the wire format.
    pub version: u16,
    /// Its clock, in seconds since 1970.
    pub time: u64,
    /// Until when it takes no rounds; 0 if it takes them.
    pub closed_until: u64,
    /// Entries of the other side's audit log that it cosigned last.
    pub cosigned: u64,
    /// The agreements with the other side that are in force here, ascending.
    pub agreements: Vec<AgreedPolicy>,
    /// What signers said about agreements with the other side. Their signatures are not checked here (V-CHECK-004).
    pub statements: Vec<SignerStatement>,
}

impl Inquiry {
    /// What this side says. Of more agreements than an inquiry has room for the first are named (V-CHECK-002); of more
    /// statements the first are carried, suspensions and what lifts them before approvals.
    #[must_use]
    pub fn new(
        time: u64,
        closed_until: u64,
        cosigned: u64,
        mut agreements: Vec<AgreedPolicy>,
        mut statements: Vec<SignerStatement>,
    ) -> Self {
        agreements.sort_unstable();
        agreements.dedup();
        agreements.truncate(MAX_AGREEMENTS);
        statements.sort_by_key(|statement| statement.word == StatementKind::Approve);
        statements.truncate(MAX_STATEMENTS);
        Self { version: VERSION, time, closed_until, cosigned, agreements, statements }
    }

    /// The frame.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut w = Writer::with_capacity(INQUIRY_BYTES);
        w.u8(INQUIRY).u32(0).u16(self.version).u64(self.time).u64(self.closed_until).u64(self.cosigned);
        w.u8(u8::try_from(self.agreements.len()).unwrap_or(u8::MAX));
        for one in &self.agreements {
            w.bytes(one.agreement.as_bytes()).bytes(one.policy.as_bytes());
        }
        w.u8(u8::try_from(self.statements.len()).unwrap_or(u8::MAX));
        for bytes in self.statements.iter().map(SignerStatement::encode) {
            w.u8(u8::try_from(bytes.len()).unwrap_or(u8::MAX)).bytes(&bytes);
        }
        w.finish()
    }

    /// Whether a frame is an inquiry, well formed or not.
    #[must_use]
    pub fn is_one(frame: &[u8]) -> bool {
        frame.first() == Some(&INQUIRY)
    }

    /// Reads the other side's frame.
    ///
    /// # Errors
    /// [`PeerFault`] if it is none, or malformed (V-CHECK-003); [`PeerFault::Aborted`] if the other side refused.
    pub fn decode(frame: &[u8]) -> Result<Self, Error> {
        let (kind, index, body) = parse(frame)?;
        if kind == FrameKind::Abort as u8 {
            let code: [u8; 2] = body.try_into().map_err(|_| PeerFault::Truncated)?;
            return Err(PeerFault::Aborted(u16::from_be_bytes(code)).into());
        }
        if kind != INQUIRY || index != 0 {
            return Err(PeerFault::Unexpected { got: kind, index }.into());
        }
        Ok(Reader::all(body, read).map_err(PeerFault::from)?)
    }
}

fn read(r: &mut Reader<'_>) -> Result<Inquiry, DecodeError> {
    let (version, time, closed_until, cosigned) = (r.u16()?, r.u64()?, r.u64()?, r.u64()?);
    let count = usize::from(r.u8()?);
    if count > MAX_AGREEMENTS {
        return Err(DecodeError::BadField("agreements"));
    }
    let mut agreements = Vec::with_capacity(count);
    for _ in 0..count {
        let agreement = AgreementDigest::from_bytes(r.array()?);
        let next = AgreedPolicy { agreement, policy: PolicyDigest::from_bytes(r.array()?) };
        if agreements.last().is_some_and(|last| *last >= next) {
            return Err(DecodeError::BadField("agreements"));
        }
        agreements.push(next);
    }
    let count = usize::from(r.u8()?);
    if count > MAX_STATEMENTS {
        return Err(DecodeError::BadField("statements"));
    }
    let mut statements = Vec::with_capacity(count);
    for _ in 0..count {
        let length = usize::from(r.u8()?);
        statements.push(SignerStatement::decode(r.bytes(length)?)?);
    }
    Ok(Inquiry { version, time, closed_until, cosigned, agreements, statements })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::IdentityKey;

    fn agreed(agreement: u8, policy: u8) -> AgreedPolicy {
        AgreedPolicy {
            agreement: AgreementDigest::from_bytes([agreement; 32]),
            policy: PolicyDigest::from_bytes([policy; 32]),
        }
    }

    /// A statement of nobody in particular: an inquiry carries it unchecked.
    fn statement(code: u8, n: u8) -> SignerStatement {
        let rest = match code {
            1 => 0,
            2 => 24,
            _ => 32,
        };
        let signer = IdentityKey::from_secret(&[n; 32]).id();
        let bytes = [&[code][..], &[n; 32], signer.as_bytes(), &vec![n; rest], &[n; 64]].concat();
        SignerStatement::decode(&bytes).unwrap()
    }

    /// V-CHECK-001: the bytes of section 11.8.
    #[test]
    fn an_inquiry_has_the_specified_bytes() {
        let (approval, suspension) = (statement(1, 9), statement(2, 8));
        let agreements = vec![agreed(3, 4), agreed(1, 2), agreed(3, 4)];
        let said = Inquiry::new(0x0102, 0, 7, agreements, vec![approval.clone(), suspension.clone()]);
        let mut bytes = hex::decode("72000000000002000000000000010200000000000000000000000000000007").unwrap();
        bytes.push(2);
        for n in 1..=4 {
            bytes.extend([n; 32]);
        }
        bytes.extend([2, 153]);
        bytes.extend(suspension.encode());
        bytes.push(129);
        bytes.extend(approval.encode());
        assert_eq!(said.encode(), bytes);
        assert_eq!(Inquiry::decode(&bytes).unwrap(), said);
        assert!(Inquiry::is_one(&bytes) && !Inquiry::is_one(&[]));
    }

    /// V-CHECK-002: an inquiry never grows beyond its bound.
    #[test]
    fn of_many_agreements_and_statements_as_many_are_named_as_have_room() {
        let statements = (0..=40).map(|n| statement(if n % 2 == 0 { 1 } else { 3 }, n)).collect();
        let said = Inquiry::new(0, 0, 0, (0..=40).map(|n| agreed(n, n)).collect(), statements);
        assert_eq!((said.agreements.len(), said.statements.len()), (MAX_AGREEMENTS, MAX_STATEMENTS));
        assert!(said.statements[..20].iter().all(|one| one.word != StatementKind::Approve));
        let full = Inquiry { statements: vec![statement(3, 1); MAX_STATEMENTS], ..said };
        assert_eq!(full.encode().len(), INQUIRY_BYTES);
        assert_eq!(Inquiry::decode(&full.encode()).unwrap(), full);
    }

    /// V-CHECK-003, V-CHECK-004
    #[test]
    fn what_is_no_inquiry_is_refused() {
        let good = Inquiry::new(5, 6, 7, vec![agreed(1, 1), agreed(2, 2)], vec![statement(1, 1)]).encode();
        for length in 0..good.len() {
            assert!(Inquiry::decode(&good[..length]).is_err(), "{length} bytes");
        }
        let changed = |at: usize, byte: u8| {
            let mut bad = good.clone();
            bad[at] = byte;
            Inquiry::decode(&bad)
        };
        assert!(Inquiry::decode(&[&good[..], &[0]].concat()).is_err());
        assert!(changed(0, 0x71).is_err() && changed(4, 1).is_err() && changed(31, 17).is_err());
        assert!(changed(32, 9).is_err(), "agreements in another order");
        assert!(changed(160, 33).is_err() && changed(161, 128).is_err() && changed(162, 4).is_err(), "statements");
        let crowded =
            Inquiry { statements: vec![statement(3, 1); MAX_STATEMENTS + 1], ..Inquiry::decode(&good).unwrap() };
        assert_eq!(Inquiry::decode(&crowded.encode()), Err(PeerFault::BadField("statements").into()));
        let aborted = Inquiry::decode(&crate::wire::abort(214)).unwrap_err();
        assert_eq!(aborted, PeerFault::Aborted(214).into());
    }
}
