//! The policy: everything that shapes the computation (spec section 7).
pub mod plan;
pub mod shape;
