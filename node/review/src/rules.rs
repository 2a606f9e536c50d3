//! Why a step is refused.

/// A step that is not allowed. Nothing changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The step is dated before the step before it.
    #[error("the step is dated before the step before it")]
    Backwards,
    /// Nobody with this number works here.
    #[error("nobody with this number works here")]
    NoSuchPerson,
    /// The number is taken.
    #[error("this number is taken")]
    PersonExists,
    /// These roles and lanes do not go together.
    #[error("these roles and lanes do not go together in one person")]
    Standing,
    /// The person has not the role that the step takes, or whoever acts may not do this.
    #[error("this step takes a role that the acting person does not have")]
    Role,
    /// Nobody changes the own roles.
    #[error("nobody changes the own roles")]
    OwnRoles,
    /// There is no such pair, or it is of a lane that the person does not work in.
    #[error("there is no such pair in the lanes of this person")]
    NoSuchPair,
    /// The pair is here already.
    #[error("the pair is here already")]
    PairExists,
    /// The pair has changed since the person saw it.
    #[error("the pair has changed since it was shown")]
    Stale,
    /// The pair is not where this step begins.
    #[error("the pair is not where this step begins")]
    Stage,
    /// The reason does not fit.
    #[error("the reason does not fit this step")]
    Reason,
    /// The note is too long.
    #[error("the note is too long")]
    Note,
    /// The same person may not take both steps.
    #[error("another person must take this step")]
    FourEyes,
    /// The agreement of the pair is not in force.
    #[error("the agreement of the pair is not in force")]
    NotInForce,
    /// The run confirms what this side did not ask.
    #[error("the run confirms what this side did not ask")]
    NotAsked,
    /// The numbers of this quarter were published before, or are not whole.
    #[error("the numbers of this quarter were published before; they are not computed a second time")]
    Published,
    /// There is no such open question, or it is of a lane that the person does not work in.
    #[error("there is no such open question in the lanes of this person")]
    NoSuchQuestion,
    /// It is too early for this step.
    #[error("it is too early for this step")]
    TooEarly,
}
