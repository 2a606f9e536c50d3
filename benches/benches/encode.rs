//! Records to filters and tokens under the default policy, on one core.

use blindlink::encode::Encoder;
use blindlink::policy::Policy;
use blindlink_benches::persons;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};

fn encode(c: &mut Criterion) {
    let Ok(policy) = Policy::default_policy().and_then(Policy::validate) else { return };
    let records = persons(10_000);
    let mut group = c.benchmark_group("encode");
    group.throughput(Throughput::Elements(records.len() as u64)).sample_size(20);
    group.bench_function("filter and tokens of a record", |b| {
        b.iter(|| {
            let mut encoder = Encoder::new(policy.encoding());
            records.iter().map(|record| encoder.encode(record).tokens.len()).sum::<usize>()
        });
    });
    group.finish();
}

criterion_group!(benches, encode);
criterion_main!(benches);
