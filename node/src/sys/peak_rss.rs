//! Peak memory of this process.

/// Largest resident set so far, in bytes (`VmHWM` of Linux); `None` where the system does not tell.
#[must_use]
pub fn peak_rss_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()?.checked_mul(1024)
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    #[test]
    fn the_peak_is_told_and_grows() {
        let before = super::peak_rss_bytes().unwrap_or_default();
        let block = std::hint::black_box(vec![1u8; 64 << 20]);
        let after = super::peak_rss_bytes().unwrap_or_default();
        assert!(before > 0 && after > before.max(64 << 20) - 1, "{before} {after} {}", block.len());
    }
}
