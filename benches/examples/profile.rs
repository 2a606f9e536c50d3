//! One round in memory with the time of every kind of job, for profiling: `profile [RECORDS]`.

use blindlink::session::{Event, in_process};
use std::time::Instant;

fn main() {
    let n = std::env::args().nth(1).and_then(|n| n.parse().ok()).unwrap_or(1000);
    let (r, s) = blindlink_benches::sessions(n);
    let start = Instant::now();
    let mut last = String::new();
    let result = in_process::run(
        r,
        s,
        in_process::inline,
        |_, _| {},
        |event| {
            let Event::Progress { stage, done, total } = event else { return };
            if done == 0 || done == total {
                last = format!("{:>8.2} s  {} {done}/{total}", start.elapsed().as_secs_f64(), stage.name());
                println!("{last}");
            }
        },
    );
    match result {
        Ok((r, s, traffic)) => println!(
            "{} matches, {} claims, {traffic:?}, {:.2} s",
            r.matches.len(),
            s.claims.len(),
            start.elapsed().as_secs_f64()
        ),
        Err(error) => println!("{error}"),
    }
}
