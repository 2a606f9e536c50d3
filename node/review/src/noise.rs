//! Integer noise of exact probabilities: the discrete Laplace distribution, without floating-point numbers (Canonne, Kamath
//! and Steinke, "The discrete Gaussian for differential privacy", 2020, algorithm 2).

/// Gives fresh random words, or none if the system has none.
pub type Words<'a> = dyn FnMut() -> Option<u64> + 'a;

/// A number below `n`, each as likely as any other. `n` is above 0.
fn below(n: u64, words: &mut Words<'_>) -> Option<u64> {
    // Words above the last whole multiple of `n` would favour small numbers.
    let last = u64::MAX - u64::MAX % n;
    loop {
        let word = words()?;
        if word < last {
            return Some(word % n);
        }
    }
}

/// True with probability `exp(-a / b)`, for `a` at most `b`.
fn decays(a: u64, b: u64, words: &mut Words<'_>) -> Option<bool> {
    let mut k = 1;
    while below(b * k, words)? < a {
        k += 1;
    }
    Some(k % 2 == 1)
}

/// Noise `x` with probability proportional to `exp(-|x| / scale)`. `scale` is above 0.
pub(crate) fn noise(scale: u32, words: &mut Words<'_>) -> Option<i64> {
    let scale = u64::from(scale);
    loop {
        let within = below(scale, words)?;
        if !decays(within, scale, words)? {
            continue;
        }
        let mut whole = 0_u64;
        while decays(1, 1, words)? {
            whole += 1;
        }
        let size = i64::try_from(within + scale * whole).unwrap_or(i64::MAX);
        let negative = below(2, words)? == 1;
        // Zero would be drawn twice as often.
        if !(negative && size == 0) {
            return Some(if negative { -size } else { size });
        }
    }
}

#[cfg(test)]
mod tests;
