//! Every query there is, out of the sources.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Modules whose queries are about a whole database, or about another one.
const NOT: [&str; 4] = ["backup", "connect", "look", "original"];

/// Every public query of the repositories, as `clients::find`.
pub fn every_query() -> BTreeSet<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/repositories");
    let mut found = BTreeSet::new();
    for (module, file) in files(&root) {
        let file = syn::parse_file(&std::fs::read_to_string(file).unwrap()).unwrap();
        for item in file.items {
            if let syn::Item::Fn(item) = item
                && item.sig.asyncness.is_some()
                && matches!(item.vis, syn::Visibility::Public(_))
            {
                found.insert(format!("{module}::{}", item.sig.ident));
            }
        }
    }
    found
}

/// Files with the module that the rest of the program knows them by: `clients/list.rs` is of `clients`.
fn files(root: &Path) -> Vec<(String, PathBuf)> {
    let mut found = vec![];
    for entry in std::fs::read_dir(root).unwrap() {
        let path = entry.unwrap().path();
        let module = path.file_stem().unwrap().to_str().unwrap().to_owned();
        if NOT.contains(&module.as_str()) {
            continue;
        }
        match path.is_dir() {
            true => found.extend(files(&path).into_iter().map(|(_, file)| (module.clone(), file))),
            false => found.push((module, path)),
        }
    }
    found
}
