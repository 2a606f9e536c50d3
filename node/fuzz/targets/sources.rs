//! Any bytes as a list: the first byte chooses the format. Reading ends in records or in an error, and what it gives
//! can be encoded.
#![no_main]

use blindlink::policy::{Declared, FieldType, Policy};
use blindlink_sources::detect::look;
use blindlink_sources::mapping::Mapping;
use blindlink_sources::{Format, Reading, read};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Some((format, bytes)) = data.split_first() else { return };
    let format = Format::ALL[usize::from(*format) % Format::ALL.len()];
    let fields: Vec<Declared> =
        FieldType::ALL.iter().map(|&kind| Declared { name: format!("x_{}", kind.name()), kind }).collect();
    let reading = Reading { fields: &fields, ..Reading::PERSON };
    // The draft of a mapping is one, whatever the file is.
    if let Ok(seen) = look(bytes, &reading) {
        Mapping::from_toml(&seen.draft()).expect("a draft is a mapping");
    }
    if let Ok(source) = read(bytes, format, &reading) {
        let mut policy = Policy::default_policy().expect("the default is a policy");
        policy.fields = fields.clone();
        let checked = policy.validate().expect("and a valid one");
        let encoded = blindlink::encode::encode(&checked.encoding(), &source.records);
        assert_eq!(encoded.len(), source.records.len());
    }
});
