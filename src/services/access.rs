//! Who may do what. Decided by the actor alone, in one place.

use serde_json::Value;

use crate::domain::actor::{Actor, Role, TokenScope};
use crate::domain::client::Client;
use crate::domain::ids::ClientRef;

use super::error::Error;

/// What can be permitted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Permission {
    /// See lists, cards and counts.
    SeeClients,
    /// See the operation log.
    SeeLog,
    /// Make clients.
    CreateClients,
    /// Extend, block and unblock clients.
    ChangeClients,
    /// Set a date by hand, which may shorten it.
    SetDates,
    /// Delete clients.
    DeleteClients,
    /// Replace any client's link.
    RotateLinks,
    /// Fetch any client's configuration, with its link and keys.
    FetchConfigs,
    /// Invite a person to a client.
    Invite,
    /// Make, see and revoke tokens of the REST API.
    ManageTokens,
    /// Take a client's Telegram account off.
    Unlink,
    /// See, give and take roles.
    ManageRoles,
    /// Make clients of the panel's users.
    Import,
    /// Write to all linked people.
    Broadcast,
    /// Decide what the service does not do by itself.
    Decide,
}

impl Permission {
    /// What the log says was tried.
    fn word(self) -> &'static str {
        match self {
            Self::SeeClients => "see clients",
            Self::SeeLog => "see the log",
            Self::CreateClients => "create clients",
            Self::ChangeClients => "change clients",
            Self::SetDates => "set dates",
            Self::DeleteClients => "delete clients",
            Self::RotateLinks => "replace links",
            Self::FetchConfigs => "fetch configurations",
            Self::Invite => "invite people",
            Self::ManageTokens => "manage API tokens",
            Self::Unlink => "unlink people",
            Self::ManageRoles => "manage roles",
            Self::Import => "import panel users",
            Self::Broadcast => "write to everybody",
            Self::Decide => "decide for the service",
        }
    }

    /// The least role that has it.
    pub(super) fn role(self) -> Role {
        match self {
            Self::SeeClients | Self::SeeLog => Role::Viewer,
            Self::CreateClients | Self::ChangeClients | Self::FetchConfigs | Self::Invite | Self::Unlink => {
                Role::Operator
            }
            Self::SetDates
            | Self::DeleteClients
            | Self::RotateLinks
            | Self::ManageTokens
            | Self::Import
            | Self::Broadcast => Role::Admin,
            Self::ManageRoles | Self::Decide => Role::Owner,
        }
    }

    /// Whether a token that may only read has it.
    fn is_reading(self) -> bool {
        matches!(self, Self::SeeClients | Self::SeeLog | Self::FetchConfigs)
    }
}

/// Whether this actor may.
pub fn may(actor: &Actor, permission: Permission) -> bool {
    match actor {
        Actor::Person { role, .. } => *role >= permission.role(),
        Actor::Job(_) => true,
        // Whoever holds a token makes no others: it would outlive the one that is revoked. Nor does it make anybody else's role.
        Actor::Token { scope: TokenScope::Write, .. } | Actor::Anyone => {
            !matches!(permission, Permission::ManageTokens | Permission::ManageRoles | Permission::Decide)
        }
        Actor::Token { scope: TokenScope::Read, .. } => permission.is_reading(),
    }
}

/// Refuses, and logs the attempt, unless this actor may.
pub fn require(actor: &Actor, permission: Permission) -> Result<(), Error> {
    if may(actor, permission) {
        return Ok(());
    }
    tracing::warn!(actor = actor.label(), action = permission.word(), "refused: not permitted");
    Err(Error::Forbidden { actor: actor.label(), action: permission.word() })
}

/// Lets through who has the permission, and whose client it is. To everyone else the client does not exist.
pub fn require_for(
    actor: &Actor,
    permission: Permission,
    client: &Client,
    asked: &ClientRef,
) -> Result<(), Error> {
    if may(actor, permission) || is_own(actor, client) {
        return Ok(());
    }
    tracing::warn!(actor = actor.label(), action = permission.word(), client = %client.id, "refused: not theirs");
    Err(if may(actor, Permission::SeeClients) {
        Error::Forbidden { actor: actor.label(), action: permission.word() }
    } else {
        Error::ClientNotFound(asked.clone())
    })
}

/// Whether the client is linked to the person who acts.
pub fn is_own(actor: &Actor, client: &Client) -> bool {
    actor.telegram_id().is_some() && actor.telegram_id() == client.telegram_id
}

/// The client as this actor may see it: without link and short UUID for a viewer.
pub fn shown(actor: &Actor, mut client: Client) -> Client {
    if !may(actor, Permission::FetchConfigs) && !is_own(actor, &client) {
        client.short_uuid = None;
        client.subscription_url = None;
    }
    client
}

/// A log row's payload as this actor may see it: the short UUID of a rotation opens the link it belongs to.
pub fn shown_payload(actor: &Actor, payload: Option<Value>) -> Option<Value> {
    let mut payload = payload?;
    if !may(actor, Permission::FetchConfigs)
        && let Some(fields) = payload.as_object_mut()
    {
        fields.shift_remove("new_short_uuid");
    }
    Some(payload)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::TelegramId;

    fn person(role: Role) -> Actor {
        Actor::Person { id: TelegramId(1), role }
    }

    #[test]
    fn each_role_has_what_the_table_says() {
        use Permission::{CreateClients, FetchConfigs, Invite, ManageTokens, SeeClients, SeeLog};
        let table = [
            (Role::Stranger, vec![]),
            (Role::User, vec![]),
            (Role::Viewer, vec![SeeClients, SeeLog]),
            (Role::Operator, vec![SeeClients, SeeLog, CreateClients, FetchConfigs, Invite]),
            (Role::Admin, vec![SeeClients, SeeLog, CreateClients, FetchConfigs, Invite, ManageTokens]),
            (Role::Owner, vec![SeeClients, SeeLog, CreateClients, FetchConfigs, Invite, ManageTokens]),
        ];
        for (role, permitted) in table {
            for permission in [SeeClients, SeeLog, CreateClients, FetchConfigs, Invite, ManageTokens] {
                assert_eq!(
                    may(&person(role), permission),
                    permitted.contains(&permission),
                    "{role:?} {permission:?}"
                );
            }
        }
    }

    #[test]
    fn roles_are_the_owners_and_links_the_operators() {
        let rows = [
            (Role::Stranger, false, false),
            (Role::User, false, false),
            (Role::Viewer, false, false),
            (Role::Operator, true, false),
            (Role::Admin, true, false),
            (Role::Owner, true, true),
        ];
        for (role, unlinks, manages) in rows {
            assert_eq!(may(&person(role), Permission::Unlink), unlinks, "{role:?}");
            assert_eq!(may(&person(role), Permission::ManageRoles), manages, "{role:?}");
        }
        let token = |scope| Actor::Token { name: "shop".to_owned(), scope };
        for actor in [token(TokenScope::Read), token(TokenScope::Write), Actor::Anyone] {
            assert!(!may(&actor, Permission::ManageRoles), "{actor:?}");
        }
    }

    #[test]
    fn admins_import_and_write_to_everybody() {
        for permission in [Permission::Import, Permission::Broadcast] {
            for role in [Role::Stranger, Role::User, Role::Viewer, Role::Operator] {
                assert!(!may(&person(role), permission), "{role:?} {permission:?}");
            }
            for role in [Role::Admin, Role::Owner] {
                assert!(may(&person(role), permission), "{role:?} {permission:?}");
            }
        }
    }

    #[test]
    fn a_viewer_sees_no_short_uuid_in_the_log() {
        let payload = || Some(serde_json::json!({"a": 1, "new_short_uuid": "secret", "b": 2}));
        let seen = shown_payload(&person(Role::Viewer), payload()).unwrap();
        assert_eq!(seen.to_string(), r#"{"a":1,"b":2}"#);
        assert_eq!(shown_payload(&person(Role::Operator), payload()), payload());
        let eye = Actor::Token { name: "eye".to_owned(), scope: TokenScope::Read };
        assert_eq!(shown_payload(&eye, payload()), payload());
    }

    #[test]
    fn a_read_token_changes_nothing() {
        let token = Actor::Token { name: "shop".to_owned(), scope: TokenScope::Read };
        assert!(may(&token, Permission::FetchConfigs));
        assert!(!may(&token, Permission::CreateClients));
        assert!(!may(&token, Permission::Invite));
    }

    #[test]
    fn no_token_makes_tokens() {
        for scope in [TokenScope::Read, TokenScope::Write] {
            assert!(!may(&Actor::Token { name: "shop".to_owned(), scope }, Permission::ManageTokens));
        }
        assert!(!may(&Actor::Anyone, Permission::ManageTokens));
    }
}
