//! Words for people, from `locales/`: compiled in, plurals by rule, arguments escaped here and nowhere else.

use std::sync::LazyLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use unic_langid::LanguageIdentifier;

use crate::domain::person::Lang;

use super::html;

/// The files of one language, by name.
macro_rules! files {
    ($folder:literal) => {
        [
            include_str!(concat!("../../locales/", $folder, "/common.ftl")),
            include_str!(concat!("../../locales/", $folder, "/staff.ftl")),
            include_str!(concat!("../../locales/", $folder, "/user.ftl")),
            include_str!(concat!("../../locales/", $folder, "/new.ftl")),
            include_str!(concat!("../../locales/", $folder, "/token.ftl")),
            include_str!(concat!("../../locales/", $folder, "/errors.ftl")),
            include_str!(concat!("../../locales/", $folder, "/change.ftl")),
            include_str!(concat!("../../locales/", $folder, "/people.ftl")),
            include_str!(concat!("../../locales/", $folder, "/mine.ftl")),
            include_str!(concat!("../../locales/", $folder, "/bulk.ftl")),
            include_str!(concat!("../../locales/", $folder, "/notice.ftl")),
            include_str!(concat!("../../locales/", $folder, "/watch.ftl")),
            include_str!(concat!("../../locales/", $folder, "/restore.ftl")),
        ]
    };
}

static RU: LazyLock<FluentBundle<FluentResource>> = LazyLock::new(|| bundle(Lang::Ru, &files!("ru")));
static EN: LazyLock<FluentBundle<FluentResource>> = LazyLock::new(|| bundle(Lang::En, &files!("en")));

fn bundle(lang: Lang, files: &[&str]) -> FluentBundle<FluentResource> {
    let plurals: LanguageIdentifier = lang.code().parse().unwrap_or_default();
    let mut bundle = FluentBundle::new_concurrent(vec![plurals]);
    bundle.set_use_isolating(false);
    for file in files {
        let resource = match FluentResource::try_new((*file).to_owned()) {
            Ok(resource) => resource,
            Err((resource, errors)) => {
                tracing::error!(?errors, "a locale file has mistakes");
                resource
            }
        };
        if let Err(errors) = bundle.add_resource(resource) {
            tracing::error!(?errors, "a locale key is there twice");
        }
    }
    bundle
}

/// The name of a text in `locales/`. A test finds every name by this constructor or by `html("…")`, `plain("…")`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Key(pub &'static str);

impl From<&'static str> for Key {
    fn from(name: &'static str) -> Self {
        Self(name)
    }
}

/// What is put into a text.
#[derive(Debug, Clone)]
pub enum Arg {
    /// From people or the panel: escaped where the text is HTML.
    Text(String),
    /// A number: chooses the plural form.
    Number(i64),
    /// HTML made by us, with its own arguments escaped already.
    Html(String),
}

impl From<&str> for Arg {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<&String> for Arg {
    fn from(text: &String) -> Self {
        Self::Text(text.clone())
    }
}

impl From<String> for Arg {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<u64> for Arg {
    fn from(number: u64) -> Self {
        Self::from(i64::try_from(number).unwrap_or(i64::MAX))
    }
}

impl From<i64> for Arg {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

impl From<u32> for Arg {
    fn from(number: u32) -> Self {
        Self::Number(number.into())
    }
}

/// `args![name = …, days = …]`: the arguments of a text.
macro_rules! args {
    ($($name:ident = $value:expr),* $(,)?) => {
        &[$((stringify!($name), $crate::bot::locale::Arg::from($value))),*]
    };
}
pub(crate) use args;

/// Speaks one language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Texts(pub Lang);

impl Texts {
    /// A text in Telegram's HTML; what people or the panel supplied is escaped.
    pub fn html(self, key: impl Into<Key>, args: &[(&'static str, Arg)]) -> String {
        self.format(key.into(), args, html::escape)
    }

    /// A text without markup: labels of buttons, file names, commands' descriptions.
    pub fn plain(self, key: impl Into<Key>, args: &[(&'static str, Arg)]) -> String {
        self.format(key.into(), args, str::to_owned)
    }

    fn format(self, Key(key): Key, args: &[(&'static str, Arg)], write: impl Fn(&str) -> String) -> String {
        let bundle = match self.0 {
            Lang::Ru => &RU,
            Lang::En => &EN,
        };
        let Some(pattern) = bundle.get_message(key).and_then(|message| message.value()) else {
            tracing::error!(key, lang = self.0.code(), "a text is missing");
            return key.to_owned();
        };
        let mut values = FluentArgs::with_capacity(args.len());
        for (name, value) in args {
            let value: FluentValue<'_> = match value {
                Arg::Text(text) => write(text).into(),
                Arg::Number(number) => (*number).into(),
                Arg::Html(html) => html.as_str().into(),
            };
            values.set(*name, value);
        }
        let mut errors = vec![];
        let text = bundle.format_pattern(pattern, Some(&values), &mut errors).into_owned();
        if !errors.is_empty() {
            tracing::error!(key, lang = self.0.code(), ?errors, "a text lacks its arguments");
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};
    use std::path::Path;

    use super::*;

    /// Every text's name with the variables it takes.
    fn texts(files: &[&str]) -> BTreeMap<String, BTreeSet<String>> {
        let mut texts = BTreeMap::<String, BTreeSet<String>>::new();
        let mut current = String::new();
        for line in files.iter().flat_map(|file| file.lines()).filter(|line| !line.starts_with('#')) {
            if let Some((name, _)) =
                line.split_once(" =").filter(|_| line.starts_with(|c: char| c.is_ascii_lowercase()))
            {
                current = name.to_owned();
                assert!(texts.insert(current.clone(), BTreeSet::new()).is_none(), "{current} is there twice");
            }
            for part in line.split('$').skip(1) {
                let name =
                    part.split(|c: char| !c.is_ascii_alphanumeric() && c != '-' && c != '_').next().unwrap();
                texts.get_mut(&current).unwrap().insert(name.to_owned());
            }
        }
        texts
    }

    fn sources(folder: &Path, all: &mut String) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                sources(&path, all);
            } else {
                all.push_str(&std::fs::read_to_string(path).unwrap());
            }
        }
    }

    /// The names of texts that the bot's sources mention.
    fn used() -> BTreeSet<String> {
        let mut all = String::new();
        sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/bot"), &mut all);
        ["html(", "plain(", "Key("]
            .iter()
            .flat_map(|mark| all.split(mark).skip(1))
            .filter_map(|rest| rest.trim_start().strip_prefix('"')?.split('"').next())
            .filter(|name| name.starts_with(|c: char| c.is_ascii_lowercase()))
            .map(str::to_owned)
            .collect()
    }

    #[test]
    fn both_languages_have_the_same_texts_with_the_same_variables() {
        assert_eq!(texts(&files!("ru")), texts(&files!("en")));
    }

    #[test]
    fn every_text_is_used_and_every_used_text_exists() {
        let there: BTreeSet<String> = texts(&files!("ru")).into_keys().collect();
        let used = used();
        assert_eq!(there.difference(&used).collect::<Vec<_>>(), Vec::<&String>::new(), "unused");
        assert_eq!(used.difference(&there).collect::<Vec<_>>(), Vec::<&String>::new(), "missing");
    }

    #[test]
    fn the_files_have_no_mistakes() {
        for file in files!("ru").into_iter().chain(files!("en")) {
            FluentResource::try_new(file.to_owned()).expect("a file without mistakes");
        }
    }

    #[test]
    fn plurals_follow_the_languages_rules() {
        let days = |lang, number: i64| Texts(lang).plain("days", args![days = number]);
        let russian: Vec<String> = [1, 2, 5, 11, 21, 104, 3650].map(|n| days(Lang::Ru, n)).into();
        assert_eq!(russian, ["1 день", "2 дня", "5 дней", "11 дней", "21 день", "104 дня", "3650 дней"]);
        assert_eq!([1, 2].map(|n| days(Lang::En, n)), ["1 day", "2 days"]);
    }

    #[test]
    fn what_people_supply_is_escaped_in_html_only() {
        let text = Texts(Lang::En).html("card-telegram", args![name = "<b>&\"x"]);
        assert!(text.contains("&lt;b&gt;&amp;&quot;x"), "{text}");
    }
}
