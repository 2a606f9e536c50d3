//! Texts in six languages, from Fluent files that are compiled in.

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use std::fmt;

/// A language of the console.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    /// Arabic.
    Arabic,
    /// Chinese.
    Chinese,
    /// English.
    #[default]
    English,
    /// French.
    French,
    /// Russian.
    Russian,
    /// Spanish.
    Spanish,
}

/// All of them, in the order of their English names, with their codes and own names.
pub const LANGUAGES: [(Language, &str, &str); 6] = [
    (Language::Arabic, "ar", "العربية"),
    (Language::Chinese, "zh", "中文"),
    (Language::English, "en", "English"),
    (Language::French, "fr", "Français"),
    (Language::Russian, "ru", "Русский"),
    (Language::Spanish, "es", "Español"),
];

impl Language {
    /// Code in pages and addresses.
    #[must_use]
    pub fn code(self) -> &'static str {
        LANGUAGES.iter().find(|(language, ..)| *language == self).map_or("en", |(_, code, _)| code)
    }

    /// The one with this code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        LANGUAGES.iter().find(|(_, known, _)| *known == code).map(|(language, ..)| *language)
    }

    /// The direction of its script.
    #[must_use]
    pub const fn direction(self) -> &'static str {
        match self {
            Self::Arabic => "rtl",
            _ => "ltr",
        }
    }

    /// The first language of a browser's list that there is.
    #[must_use]
    pub fn preferred(list: &str) -> Self {
        let codes = list.split(',').filter_map(|entry| entry.split([';', '-']).next());
        codes.map(str::trim).find_map(Self::from_code).unwrap_or_default()
    }

    const fn source(self) -> &'static str {
        match self {
            Self::Arabic => include_str!("../i18n/ar.ftl"),
            Self::Chinese => include_str!("../i18n/zh.ftl"),
            Self::English => include_str!("../i18n/en.ftl"),
            Self::French => include_str!("../i18n/fr.ftl"),
            Self::Russian => include_str!("../i18n/ru.ftl"),
            Self::Spanish => include_str!("../i18n/es.ftl"),
        }
    }
}

/// The texts of one language.
pub(crate) struct Texts {
    pub(crate) language: Language,
    bundle: FluentBundle<FluentResource>,
}

impl fmt::Debug for Texts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Texts({})", self.language.code())
    }
}

impl Texts {
    /// Reads the compiled-in file. What cannot be read is missing, and a test looks for that.
    pub(crate) fn new(language: Language) -> Self {
        let id = language.code().parse().unwrap_or_default();
        let mut bundle = FluentBundle::new_concurrent(vec![id]);
        // Names and numbers stand in elements of their own; marks in the text would be read aloud.
        bundle.set_use_isolating(false);
        let resource = FluentResource::try_new(language.source().to_owned()).unwrap_or_else(|(read, _)| read);
        let _ = bundle.add_resource(resource);
        Self { language, bundle }
    }

    /// A text.
    pub(crate) fn get(&self, key: &str) -> String {
        self.format(key, None)
    }

    /// A text that begins with a kind and names a code, such as `stage-judged-once`.
    pub(crate) fn of(&self, kind: &str, code: &str) -> String {
        self.get(&format!("{kind}-{}", code.replace('_', "-")))
    }

    /// A text with a number.
    pub(crate) fn number(&self, key: &str, n: usize) -> String {
        let mut args = FluentArgs::new();
        args.set("n", FluentValue::from(n));
        self.format(key, Some(&args))
    }

    /// What a field of a record is called; the own name of a field that the policy declares.
    pub(crate) fn field(&self, name: &str) -> String {
        let key = format!("field-{}", name.replace('_', "-"));
        if self.bundle.has_message(&key) { self.get(&key) } else { name.to_owned() }
    }

    fn format(&self, key: &str, args: Option<&FluentArgs<'_>>) -> String {
        let pattern = self.bundle.get_message(key).and_then(|message| message.value());
        pattern.map_or_else(
            || format!("[{key}]"),
            |pattern| self.bundle.format_pattern(pattern, args, &mut Vec::new()).into_owned(),
        )
    }
}

#[cfg(test)]
mod tests;
