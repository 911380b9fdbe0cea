//! Settings: what cannot be read, and what can be read but is hardly meant so.

use secrecy::ExposeSecret as _;

use crate::api;
use crate::config::{Settings, SettingsError};

use super::finding::Finding;

const CHECK: &str = "settings";
/// What stands in examples, in small letters.
const EXAMPLES: [&str; 4] = ["change-me", "change_me", "changeme", "example"];

/// All there is to say of the settings.
pub fn findings(settings: Option<&Settings>, faults: Option<&SettingsError>) -> Vec<Finding> {
    let faults = faults.iter().flat_map(|error| error.problems()).map(|problem| fault(problem));
    let mut found: Vec<Finding> = faults.collect();
    if let Some(settings) = settings {
        found.extend(examples(settings));
        found.extend(doubtful(settings));
        let advice = api::advice_on(&settings.api);
        found.extend(advice.into_iter().map(|it| Finding::warning(CHECK, it.what).so(it.remedy).told()));
    }
    if found.is_empty() {
        found.push(Finding::well(CHECK, "all of them can be used"));
    }
    found
}

/// `NAME: what is wrong. Expected: what it should look like`
fn fault(problem: &str) -> Finding {
    match problem.split_once(". Expected: ") {
        Some((what, expected)) => Finding::broken(CHECK, what).so(format!("give it {expected}")),
        None => Finding::broken(CHECK, problem),
    }
}

fn examples(settings: &Settings) -> Vec<Finding> {
    let is_example = |text: &str| {
        let text = text.to_ascii_lowercase();
        EXAMPLES.iter().any(|example| text.contains(example))
    };
    let hosts = [("PUBLIC_URL", &settings.public_url), ("REMNAWAVE_BASE_URL", &settings.panel.base_url)];
    let hosts = hosts.into_iter().filter(|(_, url)| {
        let host = url.as_ref().and_then(|url| url.host_str());
        host.is_some_and(|host| host == "example.com" || host.ends_with(".example.com"))
    });
    let (panel, telegram) = (&settings.panel, &settings.telegram);
    let secrets = [
        ("REMNAWAVE_API_TOKEN", &panel.token),
        ("REMNAWAVE_WEBHOOK_SECRET", &panel.webhook_secret),
        ("TELEGRAM_BOT_TOKEN", &telegram.token),
    ];
    let secrets = secrets
        .into_iter()
        .filter(|(_, secret)| secret.as_ref().is_some_and(|secret| is_example(secret.expose_secret())));
    let names = hosts.map(|(name, _)| name).chain(secrets.map(|(name, _)| name));
    let mut found: Vec<Finding> = names
        .map(|name| {
            Finding::warning(CHECK, format!("{name} still has the value of an example"))
                .so(format!("give {name} its real value"))
        })
        .collect();
    for token in settings.api.tokens.iter().filter(|token| is_example(token.secret.expose_secret())) {
        let detail =
            format!("the API token {:?} in API_TOKENS still has the secret of an example", token.name);
        found.push(
            Finding::broken(CHECK, detail)
                .because("whoever has read the documentation knows it and may use the API")
                .so("replace it with a secret of your own, such as what `openssl rand -hex 32` prints"),
        );
    }
    found
}

fn doubtful(settings: &Settings) -> Vec<Finding> {
    let mut found = vec![];
    if settings.public_url.as_ref().is_some_and(|url| url.scheme() != "https") {
        found.push(
            Finding::warning(CHECK, "PUBLIC_URL is not https")
                .because("links and tokens then travel readable by everybody on the way")
                .so("put a proxy with a certificate in front of the service, and give PUBLIC_URL its https:// address"),
        );
    }
    if settings.intent_lease < settings.shortest_lease() {
        let longest = settings.shortest_lease().as_secs();
        found.push(
            Finding::warning(CHECK, "INTENT_LEASE is not longer than PANEL_TIMEOUT")
                .because(format!(
                    "two processes must never work on one change, so {longest} s are used instead"
                ))
                .so(format!("set INTENT_LEASE={longest} or more, or leave it out")),
        );
    }
    found
}
