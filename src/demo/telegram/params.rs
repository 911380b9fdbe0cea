//! What a call brings: values by name, and uploaded files.

use std::collections::HashMap;

use bytes::Bytes;
use serde_json::{Map, Value, json};

use super::refusal::Refusal;

/// A file part of a multipart request.
#[derive(Debug, Clone)]
pub(super) struct Upload {
    pub name: Option<String>,
    pub bytes: Bytes,
}

/// The parameters of a call. After `methods::check` every value has the type its method names.
#[derive(Debug, Clone, Default)]
pub(super) struct Params {
    pub values: Map<String, Value>,
    pub files: HashMap<String, Upload>,
}

/// Where a file of a call comes from.
#[derive(Debug, Clone)]
pub(super) enum FileSource {
    Upload(Upload),
    /// A file id or an HTTP URL.
    Reference(String),
}

impl Params {
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.values.get(name).and_then(Value::as_str)
    }

    pub(super) fn int(&self, name: &str) -> Option<i64> {
        self.values.get(name).and_then(Value::as_i64)
    }

    pub(super) fn flag(&self, name: &str) -> bool {
        self.values.get(name).and_then(Value::as_bool).unwrap_or_default()
    }

    pub(super) fn json(&self, name: &str) -> Option<&Value> {
        self.values.get(name)
    }

    /// `chat_id` as a number; `@name` names a channel, of which there are none here.
    pub(super) fn chat_id(&self) -> Result<i64, Refusal> {
        match self.values.get("chat_id") {
            None => Err(Refusal::bad("chat_id is empty")),
            Some(id) => id.as_i64().ok_or_else(|| Refusal::bad("chat not found")),
        }
    }

    /// The file that `reference` names: a part (`attach://PART`), a file id, or a URL.
    pub(super) fn file(&self, reference: &str) -> Result<FileSource, Refusal> {
        let Some(part) = reference.strip_prefix("attach://") else {
            return Ok(FileSource::Reference(reference.to_owned()));
        };
        let upload = self.files.get(part).cloned().map(FileSource::Upload);
        upload.ok_or_else(|| Refusal::bad(format!("file \"{part}\" attached with attach:// is missing")))
    }

    /// What a log of calls keeps: the values, and of each file its name and size.
    pub(super) fn logged(&self) -> Value {
        let mut logged = self.values.clone();
        for (part, file) in &self.files {
            let about = json!({ "file_name": file.name, "file_size": file.bytes.len() });
            logged.insert(format!("attach://{part}"), about);
        }
        Value::Object(logged)
    }
}
