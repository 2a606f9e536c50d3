//! A weak line on this machine: `weak_link LISTEN TARGET DOWN UP DELAY LOSS [CUT_EVERY CUT_FOR]`, with rates in kbit/s, the
//! delay of one way in ms, loss in thousandths, cuts in seconds. Prints once a minute how much went through.
#![allow(clippy::unwrap_used)]

use blindlink_testkit::weak_link::{Line, Passed, run};
use std::time::Duration;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number = |at: usize| arguments.get(at).map_or(0, |text| text.parse::<u64>().unwrap());
    let (listen, target) = (arguments[0].parse().unwrap(), arguments[1].parse().unwrap());
    let line = Line {
        down: number(2) * 1000,
        up: number(3) * 1000,
        delay: Duration::from_millis(number(4)),
        lost: number(5),
        cut_every: Duration::from_secs(number(6)),
        cut_for: Duration::from_secs(number(7)),
    };
    let passed = Passed::default();
    let shown = Passed::clone(&passed);
    tokio::spawn(async move {
        loop {
            tokio::time::sleep(Duration::from_secs(60)).await;
            let [down, up] = *shown.lock().unwrap();
            println!("{down} bytes to the caller, {up} bytes from it");
        }
    });
    run(listen, target, line, passed).await;
}
