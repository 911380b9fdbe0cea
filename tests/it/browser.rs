//! Pages of the service in a real Chromium, as people's browsers show them.

mod chromium;
mod connect;
mod copying;
mod demo;
mod looks;
mod served;

use std::path::Path;

/// Leaves a picture in `target/tmp`, to be looked at.
fn keep(folder: &str, name: &str, picture: &[u8]) {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(folder);
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join(format!("{name}.png")), picture).unwrap();
}
