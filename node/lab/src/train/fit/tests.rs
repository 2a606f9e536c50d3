use super::*;
use crate::synth::rng::Rng;

/// Rows whose labels are drawn from known log-odds.
fn drawn(weights: &[f64], constant: f64, rows: usize) -> Sample {
    let mut rng = Rng::new(3);
    let mut sample = Sample::new(weights.len());
    for _ in 0..rows {
        let row: Vec<f64> = weights.iter().map(|_| f64::from(rng.between(0, 6))).collect();
        let positive = rng.chance(probability(dot(&row, weights) + constant));
        sample.push(&row, positive, 1.0);
    }
    sample
}

#[test]
fn known_weights_are_found_again() {
    // V-POLICY-025
    let (truth, constant) = ([0.8, -0.5, 0.3], -1.0);
    let sample = drawn(&truth, constant, 40_000);
    let model = fit(&sample, &[Bound::FREE; 3], Bound::FREE, 1e-6).unwrap();
    for (found, expected) in model.coefficients.iter().zip(truth) {
        assert!((found - expected).abs() < 0.05, "{model:?}");
    }
    assert!((model.constant - constant).abs() < 0.1, "{model:?}");
    assert_eq!(model, fit(&sample, &[Bound::FREE; 3], Bound::FREE, 1e-6).unwrap(), "the same sample, the same model");
}

#[test]
fn bounds_hold_and_cost_only_what_they_must() {
    // V-POLICY-025
    let sample = drawn(&[0.8, -0.5, 0.3], -1.0, 20_000);
    let free = fit(&sample, &[Bound::FREE; 3], Bound::FREE, 1e-6).unwrap();
    let bound =
        fit(&sample, &[Bound::NOT_NEGATIVE, Bound::NOT_NEGATIVE, Bound::exactly(0.1)], Bound::FREE, 1e-6).unwrap();
    assert!(bound.coefficients[0] > 0.0 && bound.coefficients[1].abs() < 1e-9, "{bound:?}");
    assert!((bound.coefficients[2] - 0.1).abs() < 1e-9, "{bound:?}");
    let loss = |model: &Model| sample.loss(&model.coefficients, model.constant);
    assert!(loss(&free) < loss(&bound));
    // No step along the free coefficient or the constant helps: this is the minimum within the bounds.
    for (by, of_constant) in [(0.01, 0.0), (-0.01, 0.0), (0.0, 0.01), (0.0, -0.01)] {
        let mut other = bound.clone();
        other.coefficients[0] += by;
        other.constant += of_constant;
        assert!(loss(&other) > loss(&bound) - 1e-9);
    }
}

/// Where the constant may not be as high as the data say, a feature that all rows have makes up for it.
#[test]
fn a_bounded_constant_loses_nothing() {
    // V-POLICY-025
    let drawn = drawn(&[0.8, -0.5], 1.5, 20_000);
    let mut sample = Sample::new(3);
    for (row, label, weight) in drawn.rows() {
        sample.push(&[row[0], row[1], 1.0], label > 0.5, weight);
    }
    let constant = Bound { low: f64::NEG_INFINITY, high: -4.0 };
    let model = fit(&sample, &[Bound::FREE; 3], constant, 1e-6).unwrap();
    assert!(model.constant <= -4.0, "{model:?}");
    assert!((model.constant + model.coefficients[2] - 1.5).abs() < 0.1, "{model:?}");
    assert!((model.coefficients[0] - 0.8).abs() < 0.05, "{model:?}");
}

#[test]
fn a_weight_counts_like_repeated_rows() {
    let (mut once, mut weighted) = (Sample::new(1), Sample::new(1));
    for (x, positive, times) in [(1.0, true, 3), (2.0, false, 5), (0.0, false, 2), (3.0, true, 1), (1.5, false, 2)] {
        (0..times).for_each(|_| once.push(&[x], positive, 1.0));
        weighted.push(&[x], positive, f64::from(times));
    }
    let [once, weighted] = [once, weighted].map(|sample| fit(&sample, &[Bound::FREE], Bound::FREE, 1e-3).unwrap());
    assert!((once.coefficients[0] - weighted.coefficients[0]).abs() < 1e-5);
    assert!((once.constant - weighted.constant).abs() < 1e-5);
}

#[test]
fn what_cannot_be_learnt_is_refused_or_left_at_zero() {
    let mut sample = Sample::new(2);
    sample.push(&[1.0, 7.0], true, 1.0);
    assert!(fit(&sample, &[Bound::FREE; 2], Bound::FREE, 1e-3).is_err(), "one kind of pairs only");
    sample.push(&[0.0, 7.0], false, 1.0);
    sample.push(&[0.5, 7.0], false, 1.0);
    let model = fit(&sample, &[Bound::FREE; 2], Bound::FREE, 1e-2).unwrap();
    assert!(model.coefficients[0] > 0.0 && model.coefficients[1].abs() < 1e-3, "{model:?}");
    assert!(fit(&sample, &[Bound::FREE], Bound::FREE, 1e-2).is_err());
}
