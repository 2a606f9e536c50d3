//! The part of a policy that the round uses: sizes, weights, thresholds (spec section 6.4).
//!
//! [`ShapeFields`] are the numbers. A [`Shape`] is only made by the policy's validator, so every number in it satisfies the
//! inequalities of the specification.

use crate::code_points::code_points;
use crate::encode::copies::Keep;
use crate::schema::encoding::Slots;

/// One field's segment of the filter and its weights in the score.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SegmentShape {
    /// Bits of the segment.
    pub bits: u16,
    /// Weight of a bit set on both sides.
    pub alpha: i32,
    /// Weight of a bit set on one side, counted where the other side has the field.
    pub beta: i32,
    /// Weight of the field being present on both sides.
    pub nu: i32,
}

/// One token table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableShape {
    /// Number of the table, unique in the policy; enters every token.
    pub id: u16,
    /// How many tokens each side has room for.
    pub slots: Slots,
}

code_points! {
    /// The sides that learn the shared persons.
    OutputMode {
        /// Only the requester.
        Requester = 1, "requester";
        /// Both sides: the responder learns which of its own records the requester claims.
        Mutual = 2, "mutual";
    }
}

code_points! {
    /// Which side of a round.
    Role {
        /// Asks, and learns the graded pairs.
        Requester = 1, "requester";
        /// Answers; in mutual mode learns which of its records were matched.
        Responder = 2, "responder";
    }
}

impl Role {
    /// The other role.
    #[must_use]
    pub const fn peer(self) -> Self {
        match self {
            Self::Requester => Self::Responder,
            Self::Responder => Self::Requester,
        }
    }

    /// Orders two values, of a side in this role and of its peer: the requester's first.
    #[must_use]
    pub fn sides<T>(self, own: T, peer: T) -> (T, T) {
        match self {
            Self::Requester => (own, peer),
            Self::Responder => (peer, own),
        }
    }
}

code_points! {
    /// How alike two records are.
    Grade {
        /// At least the lower threshold: a person must look.
        Possible = "possible";
        /// At least the upper threshold.
        Strong = "strong";
    }
}

/// The computation of one round. With x, u the requester's filter and presence bits and y, v the responder's,
///
/// d = sum_b x_b (alpha y_b + beta v_f) + sum_f u_f (beta |y_f| + nu v_f) + constant
///
/// and a pair is *possible* where d >= possible, *strong* where d >= strong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShapeFields {
    /// Segments, in the order in which their bits lie in the filter.
    pub segments: Vec<SegmentShape>,
    /// Constant term of the score.
    pub constant: i32,
    /// Threshold of grade *possible*.
    pub possible: i32,
    /// Threshold of grade *strong*, if the policy has two grades; greater than `possible`.
    pub strong: Option<i32>,
    /// Token tables, in order.
    pub tables: Vec<TableShape>,
    /// Copies kept per token value on the requester's side (d_R).
    pub copies_requester: u8,
    /// Copies kept per token value on the responder's side (d_S).
    pub copies_responder: u8,
    /// Padded number of the requester's records (n_R*).
    pub records_requester: u32,
    /// Padded number of the responder's records (n_S*).
    pub records_responder: u32,
    /// The sides that learn the result.
    pub output: OutputMode,
    /// Bits of the ring Z_2^k in which d is computed; |d - threshold| < 2^(k-1) over honest pairs.
    pub ring_bits: u8,
}

/// The fields of a round's computation for which the inequalities of the specification are proved. Only the validator of a
/// policy makes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shape(ShapeFields);

impl Shape {
    /// For the validator, once all checks hold.
    pub(super) const fn proved(fields: ShapeFields) -> Self {
        Self(fields)
    }
}

impl core::ops::Deref for Shape {
    type Target = ShapeFields;

    fn deref(&self) -> &ShapeFields {
        &self.0
    }
}

/// For benchmarks, vectors and tests that need a shape that no validator makes.
#[cfg(any(test, feature = "testkit"))]
impl Shape {
    /// Takes the fields as they are.
    #[must_use]
    pub const fn unchecked(fields: ShapeFields) -> Self {
        Self(fields)
    }
}

#[cfg(any(test, feature = "testkit"))]
impl core::ops::DerefMut for Shape {
    fn deref_mut(&mut self) -> &mut ShapeFields {
        &mut self.0
    }
}

impl ShapeFields {
    /// Filter bits without presence bits (m).
    #[must_use]
    pub fn filter_bits(&self) -> usize {
        self.segments.iter().map(|s| usize::from(s.bits)).sum()
    }

    /// Bits of the payload (w): filter and one presence bit a segment, filled up with zeros to a multiple of 8.
    #[must_use]
    pub fn payload_bits(&self) -> usize {
        (self.filter_bits() + self.segments.len()).next_multiple_of(8)
    }

    /// Padded number of records of the side in this role.
    #[must_use]
    pub const fn records(&self, role: Role) -> u32 {
        match role {
            Role::Requester => self.records_requester,
            Role::Responder => self.records_responder,
        }
    }

    /// What a side keeps of its tokens in the table at this position.
    #[must_use]
    pub fn keep(&self, role: Role, table: usize) -> Keep {
        let Some(slots) = self.tables.get(table).map(|table| table.slots) else { return Keep::default() };
        let records = self.records(role);
        let (slots, room, copies) = match role {
            Role::Requester => (slots.requester, slots.asked(records), self.copies_requester),
            Role::Responder => (slots.responder, slots.stored(records), self.copies_responder),
        };
        Keep { slots, copies, room: usize::try_from(room).unwrap_or(usize::MAX), records }
    }

    /// The grade of a score, if it reaches a threshold.
    #[must_use]
    pub fn grade(&self, d: i64) -> Option<Grade> {
        if self.strong.is_some_and(|strong| d >= i64::from(strong)) {
            Some(Grade::Strong)
        } else if d >= i64::from(self.possible) {
            Some(Grade::Possible)
        } else {
            None
        }
    }
}
