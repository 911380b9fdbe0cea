//! Who may import whom: the doors stay doors, the rules stay rules (docs/architecture.md).

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use syn::visit::Visit;

/// A layer, what of ours it may name, and the crates that it may not.
const LAYERS: [(&str, &[&str], &[&str]); 11] = [
    ("domain", &["domain"], &["reqwest", "axum", "teloxide", "tokio"]),
    ("repositories", &["repositories", "domain"], &["reqwest", "axum", "teloxide"]),
    ("backup", &["backup", "domain"], &["sqlx", "reqwest", "axum", "teloxide", "tokio"]),
    ("panel", &["panel", "domain"], &["sqlx", "axum", "teloxide"]),
    ("services", &["services", "repositories", "panel", "domain"], &["reqwest", "axum", "teloxide"]),
    ("bot", &["bot", "services", "domain"], &["sqlx", "axum"]),
    // `written` is for its tests only.
    ("api", &["api", "services", "domain", "written"], &["sqlx", "reqwest", "teloxide"]),
    ("jobs", &["jobs", "services", "domain"], &["sqlx", "reqwest", "axum", "teloxide"]),
    (
        "doctor",
        &["doctor", "config", "bot", "api", "panel", "repositories", "domain"],
        &["sqlx", "axum", "teloxide"],
    ),
    ("demo", &["demo", "app", "config", "domain"], &["sqlx", "teloxide"]),
    (
        "config",
        &["config", "api", "backup", "panel", "repositories", "domain"],
        &["sqlx", "reqwest", "axum", "teloxide"],
    ),
];

#[derive(Default)]
struct Paths(BTreeSet<String>);

impl Paths {
    fn note(&mut self, segments: &[String]) {
        match segments {
            [first, second, ..] if first == "crate" => self.0.insert(format!("crate::{second}")),
            [first, ..] => self.0.insert(first.clone()),
            [] => false,
        };
    }

    fn note_tree(&mut self, before: &[String], tree: &syn::UseTree) {
        let with = |name: &syn::Ident| [before, &[name.to_string()]].concat();
        match tree {
            syn::UseTree::Path(path) => self.note_tree(&with(&path.ident), &path.tree),
            syn::UseTree::Name(name) => self.note(&with(&name.ident)),
            syn::UseTree::Rename(name) => self.note(&with(&name.ident)),
            syn::UseTree::Glob(_) => self.note(before),
            syn::UseTree::Group(group) => group.items.iter().for_each(|tree| self.note_tree(before, tree)),
        }
    }
}

impl<'ast> Visit<'ast> for Paths {
    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        self.note_tree(&[], &item.tree);
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        if path.segments.len() > 1 {
            let segments: Vec<String> =
                path.segments.iter().map(|segment| segment.ident.to_string()).collect();
            self.note(&segments);
        }
        syn::visit::visit_path(self, path);
    }
}

fn files_of(layer: &str) -> Vec<PathBuf> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = vec![source.join(format!("{layer}.rs"))];
    let mut folders = vec![source.join(layer)];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() { folders.push(path) } else { found.push(path) }
        }
    }
    found.retain(|path| path.extension().is_some_and(|ending| ending == "rs") && path.exists());
    found
}

#[test]
fn no_layer_imports_what_it_may_not() {
    let mut wrong = vec![];
    for (layer, ours, not) in LAYERS {
        let files = files_of(layer);
        assert!(!files.is_empty(), "the layer {layer} is gone; is this table out of date?");
        for file in files {
            let mut paths = Paths::default();
            paths.visit_file(&syn::parse_file(&std::fs::read_to_string(&file).unwrap()).unwrap());
            for path in paths.0 {
                let forbidden = match path.strip_prefix("crate::") {
                    Some(module) => !ours.contains(&module),
                    None => not.contains(&path.as_str()),
                };
                if forbidden {
                    wrong.push(format!("{} names {path}", file.display()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
