//! From real coefficients to the small integers of a policy (spec 6.8).

use super::fit::{Bound, Model, Sample, fit};
use crate::error::LabError;
use blindlink::limits::MAX_WEIGHT;
use blindlink::policy::Weights;

/// Largest absolute value of an alpha or beta: six bits with the sign.
pub const MAX_BIT_WEIGHT: i32 = 31;

/// A score in integers.
#[derive(Clone, Debug, PartialEq)]
pub struct Integers {
    /// One entry a segment.
    pub weights: Vec<Weights>,
    /// Constant term, for a threshold of 0.
    pub constant: i32,
    /// What one unit of log-odds is in this score.
    pub scale: f64,
    /// Mean loss of the score as log-odds.
    pub loss: f64,
}

/// Rounds a model whose features are, for each segment, common bits, bits counted where both have the field, presence
/// of both.
///
/// V-POLICY-026: of the scales at which the largest weight of a bit is an integer up to [`MAX_BIT_WEIGHT`], it takes the one that
/// loses least; then presence and constant, which may be larger, are fitted again to the rounded weights of the bits.
///
/// # Errors
/// If the second fit fails.
pub fn round(sample: &Sample, model: &Model, constant: Bound, l2: f64) -> Result<Integers, LabError> {
    let of_bits = |column: &(usize, &f64)| column.0 % 3 != 2;
    let largest = model.coefficients.iter().enumerate().filter(of_bits).fold(0.0, |max, (_, w)| w.abs().max(max));
    let tried = (8..=MAX_BIT_WEIGHT).map(|most| {
        let scale = if largest > 0.0 { f64::from(most) / largest } else { 1.0 };
        let coefficients: Vec<f64> = model.coefficients.iter().map(|w| (w * scale).round() / scale).collect();
        (sample.loss(&coefficients, (model.constant * scale).round() / scale), scale)
    });
    let (_, scale) = tried.min_by(|a, b| a.0.total_cmp(&b.0)).unwrap_or((0.0, 1.0));
    let bounds: Vec<Bound> = model
        .coefficients
        .iter()
        .enumerate()
        .map(|(i, w)| if i % 3 == 2 { Bound::FREE } else { Bound::exactly((w * scale).round() / scale) })
        .collect();
    let second = fit(sample, &bounds, constant, l2)?;
    let whole: Vec<i32> = second.coefficients.iter().map(|w| integer(w * scale)).collect();
    let constant = integer(second.constant * scale);
    let rounded: Vec<f64> = whole.iter().map(|w| f64::from(*w) / scale).collect();
    let loss = sample.loss(&rounded, f64::from(constant) / scale);
    let weights = whole.as_chunks::<3>().0.iter().map(|&[alpha, beta, nu]| Weights { alpha, beta, nu }).collect();
    Ok(Integers { weights, constant, scale, loss })
}

#[allow(clippy::cast_possible_truncation)]
fn integer(x: f64) -> i32 {
    x.round().clamp(f64::from(-MAX_WEIGHT), f64::from(MAX_WEIGHT)) as i32
}
