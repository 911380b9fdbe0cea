//! One request to the panel, before it has an address.

use std::fmt::Display;

use reqwest::Method;
use serde_json::Value;
use url::Url;

/// The longest answer about one user, in bytes.
const ONE: usize = 1 << 20;
/// The longest list, in bytes: 1,000 users take about 1 MB.
const MANY: usize = 16 << 20;

/// What the end of a call says about the panel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Watch {
    /// Everything.
    All,
    /// Everything but 403, which the caller has an answer to.
    ButForbidden,
    /// Nothing: the caller draws its own conclusion.
    Nothing,
}

/// A request: method, path template, what fills the template, and the rest. Not `Debug`: it holds secrets.
pub(super) struct Call {
    pub(super) method: Method,
    /// Such as `/api/users/{id}`: what the log shows.
    pub(super) template: &'static str,
    arguments: Vec<String>,
    query: Vec<(&'static str, String)>,
    pub(super) body: Option<Value>,
    pub(super) limit: usize,
    pub(super) watch: Watch,
    /// Whether the token goes with it.
    pub(super) with_token: bool,
}

impl Call {
    pub(super) fn new(method: Method, template: &'static str) -> Self {
        Self {
            method,
            template,
            arguments: Vec::new(),
            query: Vec::new(),
            body: None,
            limit: ONE,
            watch: Watch::All,
            with_token: true,
        }
    }

    pub(super) fn get(template: &'static str) -> Self {
        Self::new(Method::GET, template)
    }

    /// Fills the next `{…}` of the template.
    pub(super) fn at(mut self, argument: impl Display) -> Self {
        self.arguments.push(argument.to_string());
        self
    }

    pub(super) fn query(mut self, name: &'static str, value: impl Display) -> Self {
        self.query.push((name, value.to_string()));
        self
    }

    pub(super) fn json(mut self, body: Option<Value>) -> Self {
        self.body = body;
        self
    }

    /// The answer is a list.
    pub(super) fn list(mut self) -> Self {
        self.limit = MANY;
        self
    }

    pub(super) fn watch(mut self, watch: Watch) -> Self {
        self.watch = watch;
        self
    }

    pub(super) fn without_token(mut self) -> Self {
        self.with_token = false;
        self
    }

    /// The address: the template's segments behind the base's own path, each escaped.
    pub(super) fn url(&self, base: &Url) -> Option<Url> {
        let mut url = base.clone();
        let mut arguments = self.arguments.iter();
        {
            let mut path = url.path_segments_mut().ok()?;
            path.pop_if_empty();
            for segment in self.template.trim_start_matches('/').split('/') {
                path.push(if segment.starts_with('{') { arguments.next()? } else { segment });
            }
        }
        if !self.query.is_empty() {
            url.query_pairs_mut().extend_pairs(&self.query);
        }
        Some(url)
    }
}
