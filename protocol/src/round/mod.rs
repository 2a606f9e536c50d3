//! The steps of a round (spec section 8), and the functionality that they realise.
pub mod ideal;
