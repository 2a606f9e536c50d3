//! The building blocks of a round, each by itself.

use blindlink::crypto::cipher::Tccr;
use blindlink::crypto::hash::Prf;
use blindlink::crypto::voprf::{Mode, hash_to_group};
use blindlink::encode::{EncodedRecord, Filter};
use blindlink::ids::RoundId;
use blindlink::plan::Plan;
use blindlink::round::commitment::{LateId, Randomness, RoundContext};
use blindlink::round::compare::{garble, score};
use blindlink::round::okvs::{self, Rows};
use blindlink::round::oprf::{self, Input, QueryChunk};
use blindlink::round::ot::{
    BaseOtContext, BaseOtMessages, Direction, OtChunk, OtReceiver, OtSender, base_ot, ot_extension,
};
use blindlink::round::requester::Requester;
use blindlink::round::responder::Responder;
use blindlink::secret::Secret;
use blindlink::suite::{CURRENT, SUITE_1};
use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use std::hint::black_box;
use std::sync::Arc;

fn oprf(c: &mut Criterion) {
    let (n, late) = (256, LateId::from_bytes([6; 32]));
    let Ok(plan) = Plan::of_suite(&SUITE_1, blindlink_benches::shape(1000)) else { return };
    let round = Arc::new(RoundContext { plan, id: RoundId::from_bytes([1; 32]) });
    let random = |role| Randomness::new(&Secret::new([7; 32]), &RoundId::from_bytes([1; 32]), &[2; 32], role);
    let server = oprf::server(&round, &random(2));
    let Ok((client, _)) = oprf::client(&round, &random(1), &server.key(), &[0; 32]) else { return };
    let chunk = QueryChunk { index: 0, first_bin: 0 };
    let inputs: Vec<Input> = (0..n).map(|i| Input::dummy([i as u8; 18])).collect();
    let query = client.blind(chunk, &inputs);
    let Ok(Some(evaluation)) = server.blind_evaluate(&late, chunk, &query) else { return };
    let mut group = c.benchmark_group("oprf");
    group.throughput(Throughput::Elements(n));
    group.bench_function("hash to group", |b| {
        b.iter(|| inputs.iter().map(|i| hash_to_group(Mode::Poprf, i.as_bytes())).collect::<Vec<_>>());
    });
    group.bench_function("blind", |b| b.iter(|| client.blind(chunk, black_box(&inputs))));
    group.bench_function("evaluate and prove", |b| b.iter(|| server.blind_evaluate(&late, chunk, black_box(&query))));
    group.bench_function("verify, unblind, finalize", |b| {
        b.iter(|| client.finalize(&late, chunk, &inputs, &query, black_box(&evaluation)));
    });
    let own: Vec<(&Input, &[u32])> = inputs.iter().map(|input| (input, &[1, 2, 3][..])).collect();
    group.bench_function("own tokens, three bins each", |b| b.iter(|| server.evaluate_own(&late, black_box(&own))));
    group.finish();
}

fn store(c: &mut Criterion) {
    let (n, width) = (6000u32, 89usize);
    let columns = n * 11 / 10 + 256;
    let prf = Prf::new([3; 32]);
    let outputs: Vec<Secret<32>> = (0..n).map(|i| Secret::new(prf.bytes(&[i.into()]))).collect();
    let mut mask = vec![0; width];
    let mut rows = Rows::new(width, n as usize);
    for output in &outputs {
        let band = okvs::row(&[1; 32], output, columns, &mut mask);
        rows.push(band, &mask);
    }
    let table = rows.clone().encode(columns, &prf, (1, 0));
    let mut group = c.benchmark_group("okvs");
    group.throughput(Throughput::Elements(n.into()));
    group.bench_function("encode", |b| {
        b.iter_batched(|| rows.clone(), |rows| rows.encode(columns, &prf, (1, 0)), BatchSize::LargeInput);
    });
    group.bench_function("decode", |b| {
        b.iter(|| {
            for output in &outputs {
                let band = okvs::row(&[1; 32], output, columns, &mut mask);
                okvs::decode(&table, &band, &mut mask);
            }
            mask[0]
        });
    });
    group.finish();
}

/// Sender and receiver after base OTs and trees.
fn extension() -> Option<(Arc<dyn OtSender>, Arc<dyn OtReceiver>)> {
    let (base, extension) = (base_ot(CURRENT), ot_extension(CURRENT));
    let context = BaseOtContext { round: &RoundId::from_bytes([1; 32]), direction: Direction::Masks };
    let (a, b) = (Prf::new([1; 32]), Prf::new([2; 32]));
    let delta = 0x1234_5678_9abc_def1_1234_5678_9abc_def1_u128;
    let (answer, offer) = (base.answer(&context, &b, &(!delta).to_le_bytes()), base.offer(context.direction, &a));
    let sent = BaseOtMessages { answer: &answer, offer: &offer };
    let chosen = base.chosen(&context, &b, &(!delta).to_le_bytes(), sent).ok()?;
    let keys = base.accept(&context, &a, &answer).ok()?;
    let (receiver, trees) = extension.receiver(&context, sent, &keys, Prf::new([4; 32]));
    Some((extension.sender(&context, sent, delta, &chosen, &trees).ok()?, receiver))
}

fn transfer(c: &mut Criterion) {
    let Some((sender, receiver)) = extension() else { return };
    let bits = 128 * 520;
    let choices = vec![0x5a; bits / 8];
    let chunk = OtChunk { direction: Direction::Masks, index: 0, beta: &[1; 32] };
    let (message, _) = receiver.extend(&chunk, &choices, bits);
    let mut group = c.benchmark_group("ot");
    group.sample_size(20);
    group.bench_function("128 base OTs and 32 trees, both sides", |b| b.iter(extension));
    group.throughput(Throughput::Elements(bits as u64));
    group.bench_function("extend, receiver", |b| b.iter(|| receiver.extend(&chunk, black_box(&choices), bits)));
    group.bench_function("extend and check, sender", |b| b.iter(|| sender.extend(&chunk, black_box(&message), bits)));
    group.finish();
}

fn compare(c: &mut Criterion) {
    let shape = blindlink_benches::shape(100);
    let (w, k, bins) = (shape.payload_bits(), usize::from(shape.ring_bits), 128);
    let hash = Tccr::new(&[5; 16]);
    let rows: Vec<u128> =
        (0..(bins * w) as u128).map(|i| i.wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835)).collect();
    let payloads = vec![0x3c; bins * w / 8];
    let filter = Filter::zero(shape.filter_bits() + shape.segments.len());
    let all = || core::iter::repeat_n(&filter, bins);
    let (corrections, shares) = score::correct(&shape, &hash, &rows, 77, &payloads, all());
    let labels: Vec<u128> = rows[..bins * k].to_vec();
    let (tables, _) = garble::garble(&hash, 77, k, 0, &labels, &labels, &shares);
    let mut group = c.benchmark_group("compare");
    group.throughput(Throughput::Elements(bins as u64));
    group.bench_function("corrections, requester", |b| {
        b.iter(|| score::correct(&shape, &hash, &rows, 77, black_box(&payloads), all()));
    });
    group.bench_function("score shares, responder", |b| {
        b.iter(|| score::absorb(&shape, &hash, &rows, &corrections, black_box(&payloads)));
    });
    group.bench_function("garble one threshold", |b| {
        b.iter(|| garble::garble(&hash, 77, k, 0, &labels, &labels, black_box(&shares)));
    });
    group.bench_function("evaluate one threshold", |b| {
        b.iter(|| garble::evaluate(&hash, k, 0, &labels, &labels, black_box(&tables)));
    });
    group.finish();
}

/// What each side does with its list between two frames. The peer sees this time, so that it must not tell how many
/// records there are (V-CUCKOO-002, V-OKVS-001).
fn placement(c: &mut Criterion) {
    let n = 20_000;
    let Ok(plan) = Plan::new(blindlink_benches::shape(n)) else { return };
    let round = Arc::new(RoundContext { plan, id: RoundId::from_bytes([1; 32]) });
    let random = || Randomness::new(&Secret::new([7; 32]), &RoundId::from_bytes([1; 32]), &[2; 32], 0);
    let full = blindlink_benches::records(&round.plan.shape, 1, n);
    let mut group = c.benchmark_group("placement");
    group.sample_size(10);
    for (name, records) in
        [("an empty list", Vec::new()), ("half a list", full[..10_000].to_vec()), ("a full list", full)]
    {
        let records: Arc<[EncodedRecord]> = records.into();
        group.bench_function(format!("{name}, requester"), |b| {
            b.iter(|| Requester::place(Arc::clone(&round), random(), Arc::clone(&records), &[3; 32]));
        });
        let (responder, _) = Responder::offer(Arc::clone(&round), random(), Arc::clone(&records));
        group.bench_function(format!("{name}, responder"), |b| {
            b.iter(|| (0..round.plan.tables.len()).map(|t| responder.items(t, &[3; 32]).len()).sum::<usize>());
        });
    }
    group.finish();
}

criterion_group!(benches, oprf, store, transfer, compare, placement);
criterion_main!(benches);
