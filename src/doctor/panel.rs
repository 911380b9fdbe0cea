//! The panel: whether it is reached, knows the token, lets it do its work, is of a version that was tested, and has squads
//! that give keys.

use url::Url;

use crate::config::Settings;
use crate::domain::panel_problem::PanelProblem;
use crate::domain::unreached::{How, Unreached};
use crate::panel::settings::VersionSetting;
use crate::panel::{Inspection, Met, PanelError, Scopes};

use super::finding::{Finding, State};
use super::{plain, squads};

const CHECK: &str = "panel";
const TOKEN: &str = "panel token";
const SCOPES: &str = "panel scopes";
const VERSION: &str = "panel version";
const WEBHOOKS: &str = "panel webhooks";
/// What the panel wants of every request, and how a proxy is told.
const HEADERS: &str = "let the proxy in front of the panel set X-Forwarded-For and X-Forwarded-Proto: https (nginx: \
    proxy_set_header X-Forwarded-Proto https;), or let REMNAWAVE_BASE_URL lead to the panel itself, such as \
    http://remnawave:3000";
/// What the panel does without them.
const DROPS: &str = "the panel drops every request without X-Forwarded-For and X-Forwarded-Proto: https";
const GUARDED: &str =
    "if a proxy guards the panel, give it what it wants (a cookie, a key) in PANEL_EXTRA_HEADERS";
const NEW_TOKEN: &str =
    "make a token in the panel's settings, under API tokens, and give it here as REMNAWAVE_API_TOKEN";

/// What there is to say when nothing could be asked.
pub fn unasked(why: &str) -> Vec<Finding> {
    [CHECK, TOKEN, SCOPES, VERSION, squads::CHECK].map(|check| Finding::unchecked(check, why)).into()
}

/// What there is to say when the settings lead nowhere.
pub fn unusable(error: &PanelError) -> Vec<Finding> {
    first(Finding::broken(CHECK, error.to_string()), "the panel's settings cannot be used")
}

/// Only the first could be looked at.
fn first(finding: Finding, why: &str) -> Vec<Finding> {
    let mut all = unasked(why);
    all.splice(..1, [finding]);
    all
}

/// What there is to say of what was seen.
pub fn findings(settings: &Settings, seen: &Inspection) -> Vec<Finding> {
    let Some(url) = &settings.panel.base_url else {
        let no_address = PanelProblem::NoAddress;
        let finding = Finding::broken(CHECK, no_address.what()).so(no_address.remedy()).told();
        return first(finding, "the panel's address is not known");
    };
    let reached = reached(url, seen);
    if !is_well(&reached) {
        return first(reached, "the panel has to answer first");
    }
    let token = token(seen);
    if !is_well(&token) {
        let mut all = unasked("the token has to be accepted first");
        all.splice(..2, [reached, token]);
        return all;
    }
    let mut all = vec![reached, token, scopes(seen.scopes.as_ref()), version(settings, seen)];
    all.extend(squads::findings(seen.squads.as_ref()));
    all
}

fn is_well(finding: &Finding) -> bool {
    finding.state == State::Well
}

fn reached(url: &Url, seen: &Inspection) -> Finding {
    let plain = plain(url);
    let broken = |what: &str| Finding::broken(CHECK, format!("{plain} {what}")).told();
    let inside = seen.squads.as_ref().and_then(|squads| squads.as_ref().err());
    match (&seen.first, inside) {
        (Met::Nothing(why), _) => unreached(url, why),
        (Met::Foreign { status, is_page, leads_to }, _) => {
            foreign(url, *status, *is_page, leads_to.as_deref())
        }
        (Met::Own { status: 404, code: None, .. }, _) => {
            broken("answers as the panel, but knows no such path (404)")
                .because("the address has a path of its own")
                .so("give REMNAWAVE_BASE_URL the address without a path, such as https://panel.example.com")
        }
        (Met::Own { status: 429, .. }, _) => broken("answers, but asks to wait (429)")
            .because("a limit of requests is used up")
            .so("try again in a minute"),
        (Met::Own { status: status @ 500.., code, .. }, _)
        | (_, Some(Met::Own { status: status @ 500.., code, .. })) => {
            let code = code.as_ref().map(|code| format!(", {code}")).unwrap_or_default();
            broken(&format!("answers only with errors ({status}{code})"))
                .because("its own database or Redis does not answer it, most likely")
                .so("look at the panel's log, and whether its PostgreSQL and Redis run and have room")
        }
        _ => Finding::well(CHECK, format!("{plain} answers")),
    }
}

fn unreached(url: &Url, why: &Unreached) -> Finding {
    let remedy = match why.how {
        How::Name => {
            "correct the host in REMNAWAVE_BASE_URL; between containers it is the service's name, and both must be in one \
             network"
        }
        How::Refused => {
            "check that the panel runs, and the port in REMNAWAVE_BASE_URL (the panel's own is 3000; from a container, \
             localhost is the container itself)"
        }
        How::Certificate => {
            "use the name that the certificate was made for, or give the panel one of a known authority"
        }
        How::Tls => {
            "where the panel speaks no TLS, as at its own port 3000, REMNAWAVE_BASE_URL begins with http://"
        }
        How::Dropped => HEADERS,
        How::NoWay | How::Late => "check that the panel's machine runs, and the firewalls on the way",
        How::Proxy | How::Other => PanelProblem::Unreachable.remedy(),
    };
    let cause = match why.how {
        How::Dropped => format!("{why}: {DROPS}; ours has them, so something on the way takes them out"),
        _ => why.to_string(),
    };
    Finding::broken(CHECK, format!("{} does not answer", plain(url))).because(cause).so(remedy).told()
}

fn foreign(url: &Url, status: u16, is_page: bool, leads_to: Option<&str>) -> Finding {
    let plain = plain(url);
    let broken = |what: &str| Finding::broken(CHECK, format!("{plain} {what}")).told();
    match (status, leads_to) {
        (300..=399, Some(place)) => broken(&format!("sends us elsewhere ({status})"))
            .because(format!("it leads to {}", shown(url, place)))
            .so(format!("if the panel is there, give REMNAWAVE_BASE_URL that address; {GUARDED}")),
        (502..=504, _) => broken(&format!("is reached, but not the panel behind it ({status})"))
            .because(format!("the panel does not run, or the proxy leaves out headers: {DROPS}"))
            .so(format!("see in `docker ps` whether the panel runs; if so, {HEADERS}")),
        (401 | 403 | 407, _) => broken(&format!("is guarded by something before the panel ({status})"))
            .because("a proxy in front of the panel refuses us by itself")
            .so(GUARDED),
        _ if is_page => broken(&format!("shows a web page instead of the panel's API ({status})"))
            .because("it is another site, the subscription page, or a proxy's page for logging in")
            .so(format!("give REMNAWAVE_BASE_URL the panel's own address, without a path; {GUARDED}")),
        _ => broken(&format!("answers, but not as the panel does ({status})"))
            .because("something else listens there")
            .so(PanelProblem::Nonsense.remedy()),
    }
}

/// Where a redirect leads, without what may be secret in it.
fn shown(base: &Url, place: &str) -> String {
    match base.join(place) {
        Ok(mut url) => {
            url.set_query(None);
            url.set_fragment(None);
            url.to_string()
        }
        Err(_) => "an address that cannot be read".to_owned(),
    }
}

fn token(seen: &Inspection) -> Finding {
    if let Some(missing) = seen.unset {
        return Finding::broken(TOKEN, missing.what()).so(missing.remedy()).told();
    }
    match &seen.first {
        Met::Own { status: 401, .. } => Finding::broken(TOKEN, "refused (401)")
            .because("it is malformed, expired or of another panel")
            .so(NEW_TOKEN)
            .told(),
        Met::Own { status: 403, message: Some(message), .. } if message.contains("API-token") => {
            Finding::broken(TOKEN, "is not a token for programs (403)")
                .because("it is what a browser gets when somebody logs in")
                .so(NEW_TOKEN)
                .told()
        }
        _ if seen.scopes.as_ref().is_some_and(|scopes| scopes.none) => {
            Finding::broken(TOKEN, "may do nothing (403)")
                .because(
                    "it was deleted in the panel, or made without any scope, or the panel's database is away",
                )
                .so(format!("see whether the panel's own pages work; if so, {NEW_TOKEN}"))
                .told()
        }
        _ => Finding::well(TOKEN, "accepted"),
    }
}

fn scopes(scopes: Option<&Scopes>) -> Finding {
    let Some(scopes) = scopes else { return Finding::unchecked(SCOPES, "the panel was not asked") };
    let Scopes { missing, dispensable, uncertain, .. } = scopes;
    if !missing.is_empty() {
        let all: Vec<&str> = missing.iter().chain(dispensable).copied().collect();
        return Finding::broken(SCOPES, format!("the token lacks {}", all.join(", ")))
            .because("what needs them fails (403) as soon as somebody asks for it")
            .so(format!("{NEW_TOKEN}, with all scopes that the README lists"));
    }
    if *uncertain {
        return Finding::unchecked(SCOPES, "not every request was answered");
    }
    if !dispensable.is_empty() {
        return Finding::warning(SCOPES, format!("the token lacks {}", dispensable.join(", ")))
            .because("there is another way without, but a slower one")
            .so(format!("{NEW_TOKEN}, with all scopes that the README lists"));
    }
    Finding::well(SCOPES, "all that are needed")
}

fn version(settings: &Settings, seen: &Inspection) -> Finding {
    let untested = PanelProblem::UntestedVersion;
    match &seen.version {
        None => Finding::unchecked(VERSION, "the token lacks system:metadata"),
        Some(version) if seen.is_contradicted => {
            let set = if settings.panel.version == VersionSetting::V2 { "v2" } else { "v3" };
            Finding::broken(VERSION, format!("{version}, but REMNAWAVE_API_VERSION={set}"))
                .because("versions 2 and 3 name users differently, so every request fails")
                .so("REMNAWAVE_API_VERSION=auto finds it out by itself")
                .told()
        }
        Some(version) if !seen.is_tested => Finding::warning(VERSION, version.clone())
            .because(untested.what())
            .so(format!("{}; an update of this service may know it", untested.remedy()))
            .told(),
        Some(version) => Finding::well(VERSION, version.clone()),
    }
}

/// How changes made in the panel become known here.
pub fn webhooks(settings: &Settings) -> Finding {
    let path = "/webhooks/remnawave";
    match (&settings.panel.webhook_secret, &settings.public_url, settings.drift_interval) {
        (Some(_), Some(url), _) => Finding::well(WEBHOOKS, format!("expected at {}{path}", plain(url))),
        (Some(_), None, _) => {
            let listens = std::net::SocketAddr::new(settings.host, settings.port);
            Finding::well(
                WEBHOOKS,
                format!("expected at http://{listens}{path}: see that the panel reaches it"),
            )
        }
        (None, _, Some(every)) => {
            let every = every.as_secs().div_ceil(60);
            Finding::well(
                WEBHOOKS,
                format!("off: what is changed in the panel is found within {every} minutes"),
            )
        }
        (None, _, None) => Finding::warning(WEBHOOKS, "off, and DRIFT_INTERVAL=0")
            .because("what is changed in the panel is never known here")
            .so("set DRIFT_INTERVAL=900, or REMNAWAVE_WEBHOOK_SECRET"),
    }
}
