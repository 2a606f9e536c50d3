//! Whole rounds in memory, both parties on one thread.

use blindlink::session::in_process;
use blindlink_benches::sessions;
use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};

fn round(c: &mut Criterion) {
    let mut group = c.benchmark_group("round");
    group.sample_size(10);
    for n in [100, 500] {
        group.throughput(Throughput::Elements(u64::from(n)));
        group.bench_function(format!("in memory, {n} by {n}"), |b| {
            let run = |(r, s)| in_process::run(r, s, in_process::inline, |_, _| {}, |_| {});
            b.iter_batched(|| sessions(n), run, BatchSize::PerIteration);
        });
    }
    group.finish();
}

criterion_group!(benches, round);
criterion_main!(benches);
