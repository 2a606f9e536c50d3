//! Properties of an entity: lists of texts, in which nested exports have whole entities (V-FTM-004).

use core::fmt;
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::collections::BTreeMap;
use zeroize::Zeroize;

/// Names to texts, and the entities among them.
#[derive(Default)]
pub(super) struct Properties(BTreeMap<String, Values>);

#[derive(Default)]
struct Values {
    texts: Vec<String>,
    entities: Vec<Inner>,
}

/// An entity within another.
#[derive(Default)]
pub(super) struct Inner {
    pub(super) schema: String,
    pub(super) properties: Properties,
}

/// All entities within these properties, the innermost first.
pub(super) fn gathered<'a>(of: impl Iterator<Item = &'a Properties>) -> Vec<&'a Inner> {
    let mut found = Vec::new();
    of.for_each(|properties| properties.gather(&mut found));
    found
}

impl Properties {
    /// Names and texts, in the order of the names.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&String, &Vec<String>)> {
        self.0.iter().map(|(name, values)| (name, &values.texts))
    }

    /// The first text of a property.
    pub(super) fn first(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.texts.first().map(String::as_str)
    }

    /// The names of all properties that have a value, here and within.
    pub(super) fn filled<'a>(&'a self, take: &mut impl FnMut(&'a str)) {
        filled(self, take);
    }

    fn gather<'a>(&'a self, found: &mut Vec<&'a Inner>) {
        for inner in self.0.values().flat_map(|values| &values.entities) {
            inner.properties.gather(found);
            if !inner.schema.is_empty() {
                found.push(inner);
            }
        }
    }

    /// Wipes all texts.
    pub(super) fn wipe(&mut self) {
        for values in self.0.values_mut() {
            values.texts.zeroize();
            values.entities.iter_mut().for_each(|inner| inner.properties.wipe());
        }
    }
}

/// A function, not a method: a closure that borrows itself needs one type at every depth.
fn filled<'a>(properties: &'a Properties, take: &mut impl FnMut(&'a str)) {
    for (name, values) in &properties.0 {
        if !values.texts.is_empty() {
            take(name);
        }
        for inner in &values.entities {
            filled(&inner.properties, take);
        }
    }
}

impl<'de> Deserialize<'de> for Properties {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        BTreeMap::deserialize(from).map(Self)
    }
}

impl<'de> Deserialize<'de> for Values {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let mut values = Self::default();
        match Item::deserialize(from)? {
            Item::List(items) => items.into_iter().for_each(|item| values.push(item)),
            item => values.push(item),
        }
        Ok(values)
    }
}

impl Values {
    fn push(&mut self, item: Item) {
        match item {
            Item::Text(text) => self.texts.push(text),
            Item::Entity(inner) => self.entities.push(inner),
            Item::List(_) | Item::Other => {}
        }
    }
}

/// A value of JSON; others than these are passed over.
enum Item {
    Text(String),
    Entity(Inner),
    List(Vec<Self>),
    Other,
}

impl<'de> Deserialize<'de> for Item {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(ItemVisitor)
    }
}

struct ItemVisitor;

impl<'de> Visitor<'de> for ItemVisitor {
    type Value = Item;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_str<E>(self, text: &str) -> Result<Item, E> {
        Ok(Item::Text(text.to_owned()))
    }

    fn visit_bool<E>(self, _: bool) -> Result<Item, E> {
        Ok(Item::Other)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Item, E> {
        Ok(Item::Other)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Item, E> {
        Ok(Item::Other)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Item, E> {
        Ok(Item::Other)
    }

    fn visit_unit<E>(self) -> Result<Item, E> {
        Ok(Item::Other)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Item, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element()? {
            items.push(item);
        }
        Ok(Item::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Item, A::Error> {
        let mut inner = Inner::default();
        while let Some(name) = map.next_key::<String>()? {
            match name.as_str() {
                "schema" => inner.schema = if let Item::Text(text) = map.next_value()? { text } else { String::new() },
                "properties" => inner.properties = map.next_value()?,
                _ => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(Item::Entity(inner))
    }
}
