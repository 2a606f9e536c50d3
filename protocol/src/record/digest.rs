//! Digest of a record (spec 4.4).

use super::{BirthPlace, PersonIdentity, Record};
use crate::codec::Writer;
use crate::crypto::hash;
use crate::labels;
use zeroize::Zeroize;

impl Record {
    /// Digest of the record's canonical bytes, its identifier and case reference included: what a round's commitment
    /// covers (V-RECORD-007).
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        // Room for most records: a buffer that grows leaves copies behind.
        let mut w = Writer::with_capacity(512);
        w.str16(&self.id).u8(self.lane.map_or(0, crate::schema::kinds::Lane::code));
        w.str16(self.case_ref.as_deref().unwrap_or_default());
        list(&mut w, &self.identities, identity);
        list(&mut w, &self.declared, |w, values| {
            list(w, values, |w, v| {
                w.str16(v);
            });
        });
        let mut bytes = w.finish();
        let digest = hash::hash(labels::RECORD_DIGEST, &[&bytes]);
        bytes.zeroize();
        digest
    }
}

fn identity(w: &mut Writer, identity: &PersonIdentity) {
    w.u8(identity.status.code());
    list(w, &identity.names, |w, name| {
        w.u8(name.kind.code()).u8(name.role.code()).str16(&name.text);
    });
    list(w, &identity.births, |w, birth| {
        let date = &birth.date.date;
        w.u16(date.year).u8(date.month.unwrap_or(0)).u8(date.day.unwrap_or(0));
        for day in [birth.date.earliest, birth.date.latest] {
            w.u16(day.year).u8(day.month).u8(day.day);
        }
        w.u8(birth.basis.code());
    });
    list(w, &identity.sexes, |w, s| {
        w.u8(s.letter());
    });
    list(w, &identity.nationalities, |w, c| {
        w.bytes(c);
    });
    list(w, &identity.birth_places, |w, place| {
        match place {
            BirthPlace::Country(code) => w.u8(1).bytes(code),
            BirthPlace::Locality(text) => w.u8(2).str16(text),
        };
    });
    list(w, &identity.documents, |w, d| {
        w.str16(&d.kind).bytes(&d.issuer.unwrap_or([0; 3])).str16(&d.number);
    });
    list(w, &identity.contacts, |w, contact| {
        w.u8(contact.kind.code()).u8(contact.owner.code()).str16(&contact.value);
    });
}

fn list<T>(w: &mut Writer, items: &[T], mut write: impl FnMut(&mut Writer, &T)) {
    w.u8(u8::try_from(items.len()).unwrap_or(u8::MAX)); // at most MAX_VALUES values of each of at most 8 fields
    for item in items {
        write(w, item);
    }
}
