//! Names to parts, other forms and skeletons, on one core, by script.

use blindlink::normalise::name::{NameForm, normalise};
use blindlink::normalise::skeleton;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use std::hint::black_box;

/// Invented names of three parts each.
const NAMES: &[(&str, &str)] = &[
    ("Latin, ASCII", "Maria Fernanda Gonsalez"),
    ("Latin, diacritics", "Zoë Müller Šimůnek"),
    ("Cyrillic", "Иван Петрович Шевченко"),
    ("Arabic", "محمد عبد الرحمن السيد"),
    ("Han", "欧阳小明"),
    ("Hangul", "김철수"),
    ("Devanagari", "राम प्रकाश शर्मा"),
    ("zone, Arabic", "ALSYD<<MXHMD<EBD<ALRXHMN"),
];

fn names(c: &mut Criterion) {
    let mut group = c.benchmark_group("normalise a name and reduce its parts");
    group.throughput(Throughput::Elements(1)).sample_size(30);
    for (label, name) in NAMES {
        let kind = if label.starts_with("zone") { NameForm::Mrz } else { NameForm::Full };
        group.bench_function(*label, |b| {
            b.iter(|| {
                let forms = normalise(black_box(name), kind);
                let parts = forms.parts.iter().chain(&forms.others);
                parts.map(|part| skeleton::both(&part.text).0.as_bytes().len()).sum::<usize>()
            });
        });
    }
    group.finish();
}

criterion_group!(benches, names);
criterion_main!(benches);
