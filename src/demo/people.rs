//! Who is there in the demo.

use super::telegram::TelegramSim;

/// The owner.
pub const OWNER: i64 = 1001;
/// Somebody who gets a VPN.
pub const USER: i64 = 2002;
/// Somebody who has nothing to do with it.
pub const STRANGER: i64 = 3003;
/// An operator.
pub const OPERATOR: i64 = 4004;

/// Somebody to be.
#[derive(Debug, Clone, Copy)]
pub struct DemoPerson {
    /// The Telegram account.
    pub id: i64,
    /// The name shown.
    pub name: &'static str,
    /// What they are to the service: `owner`, `operator`, `user`, `stranger`.
    pub part: &'static str,
    username: Option<&'static str>,
    language: &'static str,
}

/// Everybody, from who may the most to who may nothing.
pub const PEOPLE: [DemoPerson; 4] = [
    DemoPerson { id: OWNER, name: "Olga", part: "owner", username: Some("olga_owner"), language: "ru" },
    DemoPerson {
        id: OPERATOR,
        name: "Max",
        part: "operator",
        username: Some("max_operator"),
        language: "ru",
    },
    DemoPerson { id: USER, name: "Anna", part: "user", username: Some("anna_user"), language: "en" },
    DemoPerson { id: STRANGER, name: "Sam", part: "stranger", username: None, language: "en" },
];

/// Makes them known to Telegram.
pub fn introduce(telegram: &TelegramSim) {
    for DemoPerson { id, name, username, language, .. } in PEOPLE {
        telegram.person(id, name, username, Some(language));
    }
}

/// The one with this account.
pub fn person(id: i64) -> Option<&'static DemoPerson> {
    PEOPLE.iter().find(|person| person.id == id)
}
