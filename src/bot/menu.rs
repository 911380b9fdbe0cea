//! The command menus, by role and language. Best effort: nobody waits for them.

use std::sync::Arc;

use teloxide::payloads::{DeleteMyCommandsSetters as _, SetMyCommandsSetters as _};
use teloxide::prelude::Requester as _;
use teloxide::types::{BotCommand, BotCommandScope, ChatId, Recipient};
use tracing::Instrument as _;

use crate::domain::actor::Role;
use crate::domain::ids::TelegramId;
use crate::domain::person::Lang;

use super::door::Door;
use super::locale::{Key, Texts};
use super::telegram::{SHORT, call};
use super::turn::Turn;

/// What everyone sees who has no role: the default language, then each language by Telegram's code.
pub async fn for_everyone(door: Arc<Door>) {
    let languages = Lang::ALL.map(Some);
    for lang in [None].into_iter().chain(languages) {
        let commands = commands(Role::User, lang.unwrap_or(door.settings.default_lang), false);
        let request = door.bot.set_my_commands(commands);
        let request = match lang {
            Some(lang) => request.language_code(lang.code()),
            None => request,
        };
        if let Err(error) = call(SHORT, request).await {
            tracing::warn!(%error, "the command menu was not set");
            return;
        }
    }
}

/// What one of the staff sees in their own chat.
pub fn for_staff(turn: &Arc<Turn>) {
    let turn = Arc::clone(turn);
    // Nothing waits for it: a menu that is missing is set at the next /start.
    let setting = async move {
        let chat_id = Recipient::Id(ChatId(turn.visitor.person.id.0));
        let commands = commands(turn.role(), turn.visitor.lang, waits(&turn.door).await);
        let request = turn.door.bot.set_my_commands(commands).scope(BotCommandScope::Chat { chat_id });
        if let Err(error) = call(SHORT, request).await {
            tracing::debug!(%error, "the command menu of a chat was not set");
        }
    };
    tokio::spawn(setting.in_current_span());
}

/// What somebody sees in their own chat whose role has just changed; everyone's menu without one.
pub fn for_person(door: &Arc<Door>, person: TelegramId, role: Option<Role>) {
    let door = Arc::clone(door);
    let setting = async move {
        let scope = BotCommandScope::Chat { chat_id: Recipient::Id(ChatId(person.0)) };
        let set = match role {
            Some(role) => {
                let lang = door.services.people.lang_of(person).await.unwrap_or(door.settings.default_lang);
                let commands = commands(role, lang, waits(&door).await);
                call(SHORT, door.bot.set_my_commands(commands).scope(scope)).await
            }
            None => call(SHORT, door.bot.delete_my_commands().scope(scope)).await,
        };
        if let Err(error) = set {
            tracing::debug!(%error, "the command menu of a chat was not set");
        }
    };
    tokio::spawn(setting.in_current_span());
}

/// Whether everything waits for an owner after a restore.
async fn waits(door: &Door) -> bool {
    door.services.restored.is_open().await.unwrap_or(false)
}

fn commands(role: Role, lang: Lang, waits: bool) -> Vec<BotCommand> {
    let staff = role.is_staff();
    let changes = role >= Role::Operator;
    let admin = role >= Role::Admin;
    [
        ("start", Key("menu-home"), true),
        ("resume", Key("menu-resume"), waits && role >= Role::Owner),
        ("new", Key("menu-new"), changes),
        ("clients", Key("menu-clients"), staff),
        ("find", Key("menu-find"), staff),
        ("client", Key("menu-client"), staff),
        ("extend", Key("menu-extend"), changes),
        ("block", Key("menu-block"), changes),
        ("unblock", Key("menu-unblock"), changes),
        ("invite", Key("menu-invite"), changes),
        ("config", Key("menu-config"), changes || !staff),
        ("status", if staff { Key("menu-status-staff") } else { Key("menu-status") }, true),
        ("rotate", Key("menu-rotate"), admin || !staff),
        ("note", Key("menu-note"), changes),
        ("unlink", Key("menu-unlink"), changes),
        ("date", Key("menu-date"), admin),
        ("delete", Key("menu-delete"), admin),
        ("log", Key("menu-log"), staff),
        ("ops", Key("menu-ops"), staff),
        ("stats", Key("menu-stats"), staff),
        ("import", Key("menu-import"), admin),
        ("broadcast", Key("menu-broadcast"), admin),
        ("token", Key("menu-token"), admin),
        ("roles", Key("menu-roles"), role >= Role::Owner),
        ("cancel", Key("menu-cancel"), staff),
        ("lang", Key("menu-lang"), true),
        ("help", Key("menu-help"), true),
    ]
    .into_iter()
    .filter(|(_, _, shown)| *shown)
    .map(|(command, key, _)| BotCommand::new(command, Texts(lang).plain(key, &[])))
    .collect()
}
