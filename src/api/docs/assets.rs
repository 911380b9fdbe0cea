//! The files that the documentation pages load, compiled in. Their names hold a hash of what is in them, so that browsers
//! may keep them for ever.

use std::io::Read;
use std::sync::LazyLock;

use flate2::read::GzDecoder;

use crate::api::tagged::tag;

/// A file.
#[derive(Debug, Clone, Copy)]
struct File {
    name: &'static str,
    bytes: &'static [u8],
    gzipped: bool,
}

const FILES: [File; 6] = [
    gzipped("swagger-ui-bundle.js", include_bytes!("../../../assets/docs/swagger-ui-bundle.js.gz")),
    gzipped("swagger-ui.css", include_bytes!("../../../assets/docs/swagger-ui.css.gz")),
    gzipped("redoc.standalone.js", include_bytes!("../../../assets/docs/redoc.standalone.js.gz")),
    plain("swagger.js", include_bytes!("../../../assets/docs/swagger.js")),
    plain("redoc.js", include_bytes!("../../../assets/docs/redoc.js")),
    plain("page.css", include_bytes!("../../../assets/docs/page.css")),
];

const fn gzipped(name: &'static str, bytes: &'static [u8]) -> File {
    File { name, bytes, gzipped: true }
}

const fn plain(name: &'static str, bytes: &'static [u8]) -> File {
    File { name, bytes, gzipped: false }
}

/// A file under the name it is served by.
#[derive(Debug)]
pub struct Asset {
    /// `swagger-ui.0123456789abcdef.css`
    pub name: String,
    /// For `Content-Type`.
    pub content_type: &'static str,
    file: File,
}

static ASSETS: LazyLock<Vec<Asset>> = LazyLock::new(|| FILES.into_iter().map(Asset::of).collect());

/// The file of that name.
pub fn find(name: &str) -> Option<&'static Asset> {
    ASSETS.iter().find(|asset| asset.name == name)
}

/// A page in which `@file@` stands for where the file is.
pub fn page(template: &str) -> String {
    ASSETS.iter().fold(template.to_owned(), |page, asset| {
        page.replace(&format!("@{}@", asset.file.name), &format!("docs/{}", asset.name))
    })
}

impl Asset {
    fn of(file: File) -> Self {
        let (stem, ending) = file.name.rsplit_once('.').unwrap_or((file.name, ""));
        let name = format!("{stem}.{}.{ending}", tag(file.bytes));
        let content_type =
            if ending == "css" { "text/css; charset=utf-8" } else { "text/javascript; charset=utf-8" };
        Self { name, content_type, file }
    }

    /// The bytes, if they are not compressed as they are here.
    pub fn plain(&self) -> Option<&'static [u8]> {
        (!self.file.gzipped).then_some(self.file.bytes)
    }

    /// The bytes as they are here.
    pub fn packed(&self) -> &'static [u8] {
        self.file.bytes
    }

    /// The bytes for one who does not take gzip. Takes milliseconds: call it off the async threads.
    ///
    /// # Errors
    /// None that can happen: what is compiled in is whole.
    pub fn unpacked(&self) -> std::io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        GzDecoder::new(self.file.bytes).read_to_end(&mut bytes)?;
        Ok(bytes)
    }
}
