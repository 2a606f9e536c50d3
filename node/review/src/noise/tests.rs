use super::noise;
use std::collections::BTreeMap;

/// SplitMix64: words that look random and are the same each time.
fn words(mut state: u64) -> impl FnMut() -> Option<u64> {
    move || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut word = state;
        word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        Some(word ^ (word >> 31))
    }
}

/// Each value comes as often as its probability says, and one step further is `exp(-1 / scale)` times as likely.
#[test]
fn noise_has_the_probabilities_of_the_discrete_laplace_distribution() {
    const DRAWS: u32 = 200_000;
    for scale in [1_u32, 2, 7] {
        let mut words = words(u64::from(scale));
        let mut seen: BTreeMap<i64, u32> = BTreeMap::new();
        for _ in 0..DRAWS {
            *seen.entry(noise(scale, &mut words).unwrap()).or_default() += 1;
        }
        let step = (-1.0 / f64::from(scale)).exp();
        let zero = (1.0 - step) / (1.0 + step);
        for x in -5_i64..=5 {
            let wanted = f64::from(DRAWS) * zero * step.powi(i32::try_from(x.abs()).unwrap());
            let found = f64::from(*seen.get(&x).unwrap_or(&0));
            // Five standard deviations.
            assert!((found - wanted).abs() < 5.0 * wanted.sqrt(), "scale {scale}, {x}: {found} for {wanted}");
        }
    }
}

#[test]
fn without_random_words_there_is_no_noise() {
    assert_eq!(noise(2, &mut || None), None);
}
