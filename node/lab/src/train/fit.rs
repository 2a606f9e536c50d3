//! Weighted logistic regression with bounds on its coefficients.
//!
//! The minimum is found by L-BFGS-B (Byrd, Lu, Nocedal and Zhu, SIAM J. Sci. Comput. 16, 1995; ACM TOMS Algorithm 778)
//! of the crate `basin`: the crates that offer logistic regression itself know neither bounds nor sample weights, and
//! the validator demands alpha >= 0 and beta <= 0.

use crate::error::LabError;
use basin::{
    BoxBounds, ConstraintDescription, ConstraintSet, Constraints, CostFunction, Executor, FirstOrderState, Gradient,
    Lbfgsb, State,
};
use std::convert::Infallible;

/// Rows of features with a label and a weight each.
#[derive(Clone, Debug, Default)]
pub struct Sample {
    columns: usize,
    features: Vec<f64>,
    labels: Vec<(f64, f64)>,
}

impl Sample {
    /// An empty sample of rows of that many features.
    #[must_use]
    pub const fn new(columns: usize) -> Self {
        Self { columns, features: Vec::new(), labels: Vec::new() }
    }

    /// Adds a row; short ones are filled with zeros, what is too long is cut off.
    pub fn push(&mut self, row: &[f64], positive: bool, weight: f64) {
        self.features.extend(row.iter().copied().chain(core::iter::repeat(0.0)).take(self.columns));
        self.labels.push((f64::from(u8::from(positive)), weight));
    }

    /// Number of features of a row.
    #[must_use]
    pub const fn columns(&self) -> usize {
        self.columns
    }

    /// Rows with label (0 or 1) and weight.
    fn rows(&self) -> impl Iterator<Item = (&[f64], f64, f64)> {
        self.features.chunks(self.columns.max(1)).zip(&self.labels).map(|(row, &(label, weight))| (row, label, weight))
    }

    /// Sum of the weights: rows, where each counts once.
    #[must_use]
    pub fn total_weight(&self) -> f64 {
        self.labels.iter().map(|(_, weight)| weight).sum()
    }

    /// Mean loss (in nats) of a linear model of log-odds: `coefficients`, one a feature, and a constant.
    #[must_use]
    pub fn loss(&self, coefficients: &[f64], constant: f64) -> f64 {
        let sum: f64 = self.rows().map(|(row, y, w)| w * log_loss(dot(row, coefficients) + constant, y)).sum();
        sum / self.total_weight().max(f64::MIN_POSITIVE)
    }
}

/// Interval within which a coefficient must lie.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bound {
    /// Least value.
    pub low: f64,
    /// Greatest value.
    pub high: f64,
}

impl Bound {
    /// Any number.
    pub const FREE: Self = Self { low: f64::NEG_INFINITY, high: f64::INFINITY };
    /// No negative one.
    pub const NOT_NEGATIVE: Self = Self { low: 0.0, high: f64::INFINITY };
    /// No positive one.
    pub const NOT_POSITIVE: Self = Self { low: f64::NEG_INFINITY, high: 0.0 };

    /// This number only.
    #[must_use]
    pub const fn exactly(value: f64) -> Self {
        Self { low: value, high: value }
    }
}

/// A fitted model.
#[derive(Clone, Debug, PartialEq)]
pub struct Model {
    /// One a feature.
    pub coefficients: Vec<f64>,
    /// Constant term.
    pub constant: f64,
}

/// Fits log-odds to the sample (V-POLICY-025): mean loss plus `l2 / 2` times the squares of the coefficients, each in
/// units of its feature's standard deviation, so that `l2` means the same for a field of ten bits and one of sixty. A
/// feature that never varies tells no more than the constant; it is penalised a thousand times less, in units of one,
/// so that it can make up for what the bound of the constant takes. The same sample gives the same model.
///
/// # Errors
/// If the bounds are not one a feature, a label is missing, or the minimum is not found.
pub fn fit(sample: &Sample, bounds: &[Bound], constant: Bound, l2: f64) -> Result<Model, LabError> {
    if bounds.len() != sample.columns {
        return Err(LabError::Lists("bounds do not fit the features"));
    }
    let total = sample.total_weight();
    let positive: f64 = sample.rows().map(|(_, label, weight)| label * weight).sum();
    if !(positive > 0.0 && positive < total) {
        return Err(LabError::Lists("training needs pairs of both kinds: the same person, and others"));
    }
    let scales = Scale::all(sample);
    let mut standard = Sample::new(sample.columns);
    for (row, label, weight) in sample.rows() {
        let scaled = row.iter().zip(&scales).map(|(x, scale)| x / scale.spread);
        standard.features.extend(scaled);
        standard.labels.push((label, weight / total));
    }
    let (mut low, mut high): (Vec<f64>, Vec<f64>) =
        bounds.iter().zip(&scales).map(|(bound, s)| (bound.low * s.spread, bound.high * s.spread)).unzip();
    low.push(constant.low);
    high.push(constant.high);
    let mut start: Vec<f64> = low.iter().zip(&high).map(|(low, high)| 0.0_f64.clamp(*low, *high)).collect();
    if let Some(start) = start.last_mut() {
        *start = (positive / (total - positive)).ln().clamp(constant.low, constant.high);
    }
    let penalties = scales.iter().map(|scale| l2 * scale.penalty).collect();
    let problem = Problem { sample: standard, low, high, penalties };
    let solver = Lbfgsb::new().with_m_capacity(20).with_absolute_projected_gradient_tolerance(1e-7);
    let run = Executor::new(problem, solver, FirstOrderState::new(start)).max_iter(2000).run();
    let found = run.map_err(|error| LabError::Regression(error.to_string()))?;
    let parameters = found.state.param();
    if !(parameters.iter().all(|p| p.is_finite())) {
        return Err(LabError::Lists("the regression did not converge"));
    }
    let (constant, scaled) = parameters.split_last().map_or((0.0, &[][..]), |(last, rest)| (*last, rest));
    let coefficients: Vec<f64> = scaled
        .iter()
        .zip(scales.iter().zip(bounds))
        .map(|(w, (scale, bound))| (w / scale.spread).clamp(bound.low, bound.high))
        .collect();
    Ok(Model { coefficients, constant })
}

/// Standard deviation of a feature and share of the penalty that it bears.
struct Scale {
    spread: f64,
    penalty: f64,
}

impl Scale {
    fn all(sample: &Sample) -> Vec<Self> {
        let total = sample.total_weight();
        let mut sums = vec![(0.0, 0.0); sample.columns];
        for (row, _, weight) in sample.rows() {
            for (sum, x) in sums.iter_mut().zip(row) {
                sum.0 += weight * x;
                sum.1 += weight * x * x;
            }
        }
        let scale = |(first, second): (f64, f64)| {
            let mean = first / total;
            let variance = second / total - mean * mean;
            if variance > 1e-9 {
                Self { spread: variance.sqrt(), penalty: 1.0 }
            } else {
                Self { spread: 1.0, penalty: 1e-3 }
            }
        };
        sums.into_iter().map(scale).collect()
    }
}

struct Problem {
    sample: Sample,
    low: Vec<f64>,
    high: Vec<f64>,
    penalties: Vec<f64>,
}

impl Constraints for Problem {
    type Set = ConstraintSet<BoxBounds<Vec<f64>>>;

    fn constraints(&self) -> <Self::Set as ConstraintDescription>::Borrowed<'_> {
        ConstraintSet::new().with_bounds(BoxBounds::new(Some(&self.low), Some(&self.high)))
    }
}

impl CostFunction for Problem {
    type Param = Vec<f64>;
    type Output = f64;
    type Error = Infallible;

    fn cost(&self, parameters: &Vec<f64>) -> Result<f64, Infallible> {
        let (constant, weights) = parameters.split_last().map_or((0.0, &[][..]), |(last, rest)| (*last, rest));
        let loss: f64 = self.sample.rows().map(|(row, y, w)| w * log_loss(dot(row, weights) + constant, y)).sum();
        let penalty: f64 = weights.iter().zip(&self.penalties).map(|(w, penalty)| penalty * w * w / 2.0).sum();
        Ok(loss + penalty)
    }
}

impl Gradient for Problem {
    type Gradient = Vec<f64>;

    fn gradient(&self, parameters: &Vec<f64>) -> Result<Vec<f64>, Infallible> {
        let (constant, weights) = parameters.split_last().map_or((0.0, &[][..]), |(last, rest)| (*last, rest));
        let mut gradient: Vec<f64> = weights.iter().zip(&self.penalties).map(|(w, penalty)| penalty * w).collect();
        let mut of_constant = 0.0;
        for (row, label, weight) in self.sample.rows() {
            let error = weight * (probability(dot(row, weights) + constant) - label);
            gradient.iter_mut().zip(row).for_each(|(g, x)| *g += error * x);
            of_constant += error;
        }
        gradient.push(of_constant);
        Ok(gradient)
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn probability(log_odds: f64) -> f64 {
    1.0 / (1.0 + (-log_odds).exp())
}

/// -ln of the probability of the label, without overflow.
fn log_loss(log_odds: f64, label: f64) -> f64 {
    log_odds.max(0.0) - label * log_odds + (-log_odds.abs()).exp().ln_1p()
}

#[cfg(test)]
mod tests;
