//! What the requester decodes tells nothing about hits (V-OKVS-002).

use super::{flow_of, in_both_suites, record, shape};

/// Largest chi-square statistic (one degree of freedom) over all bits, hit bins against missed bins.
fn largest_chi_square(hit: &[Vec<u8>], missed: &[Vec<u8>]) -> f64 {
    let ones = |bins: &[Vec<u8>], b: usize| bins.iter().filter(|p| p[b / 8] >> (b % 8) & 1 == 1).count() as f64;
    let (n, m) = (hit.len() as f64, missed.len() as f64);
    (0..hit[0].len() * 8)
        .map(|b| {
            let (x, y) = (ones(hit, b), ones(missed, b));
            let p = (x + y) / (n + m);
            (x / n - y / m).powi(2) / (p * (1.0 - p) * (1.0 / n + 1.0 / m))
        })
        .fold(0.0, f64::max)
}

#[test]
fn decoded_payloads_of_hit_and_missed_bins_are_indistinguishable() {
    in_both_suites(|suite| {
        let n = 80_000;
        let shape = shape(n);
        // Half of the requester's tokens are held by the responder too, whose records differ in content.
        let r: Vec<_> = (0..u64::from(n)).map(|i| record(&shape, i, i)).collect();
        let s: Vec<_> = (0..u64::from(n)).map(|i| record(&shape, i + 1_000_000, 2 * i)).collect();
        let flow = flow_of(suite, &shape, &r, &s);
        let plan = &flow.round.plan;
        assert!(plan.bins >= 100_000);

        let (mut hit, mut missed, mut bare) = (Vec::new(), Vec::new(), Vec::new());
        for bin in 0..plan.bins {
            let payload = flow.requester.value(bin).to_vec();
            match flow.requester.record_in(bin) {
                Some(i) if i % 2 == 0 => {
                    let mut mask = vec![0; plan.value_bytes()];
                    flow.responder.mask(bin, &mut mask);
                    bare.push(payload.iter().zip(&mask).map(|(p, m)| p ^ m).collect());
                    hit.push(payload);
                }
                _ => missed.push(payload),
            }
        }
        assert!(hit.len() > 35_000 && missed.len() > 50_000);
        // P(chi-square > x) <= exp(-x / 2); family-wise level 1e-6 over all bits.
        let level = 2.0 * (plan.value_bytes() as f64 * 8.0 * 1e6).ln();
        let masked = largest_chi_square(&hit, &missed);
        assert!(masked < level, "{masked} >= {level}");
        // The same test without the bin mask sees the filters at once.
        let unmasked = largest_chi_square(&bare, &missed);
        assert!(unmasked > 100.0 * level, "{unmasked}");
    });
}
