//! What the panel says about itself.

use serde_json::json;

use super::http::Reply;

/// `GET /api/auth/status` of a panel that has its administrator; public.
pub(super) fn auth_status() -> Reply {
    let providers = json!({
        "github": false, "pocketid": false, "yandex": false, "keycloak": false, "generic": false, "telegram": false
    });
    let authentication = json!({
        "passkey": {"enabled": false},
        "oauth2": {"providers": providers},
        "password": {"enabled": true},
    });
    Reply::response(
        200,
        json!({
            "isLoginAllowed": true,
            "isRegisterAllowed": false,
            "authentication": authentication,
            "branding": {"title": null, "logoUrl": null},
        }),
    )
}

/// `GET /api/system/metadata`; answered even while the database is down.
pub(super) fn metadata(version: &str) -> Reply {
    let commit = "0000000000000000000000000000000000000000";
    let link = |repository: &str| format!("https://github.com/remnawave/{repository}/commit/{commit}");
    Reply::response(
        200,
        json!({
            "version": version,
            "build": {"time": "2011-11-11T11:11:11Z", "number": "0"},
            "git": {
                "backend": {"commitSha": commit, "branch": "main", "commitUrl": link("backend")},
                "frontend": {"commitSha": commit, "commitUrl": link("frontend")},
            },
        }),
    )
}
