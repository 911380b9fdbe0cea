//! Tokens of the REST API.

use std::sync::Arc;

use crate::bot::callback::{Nonce, TokenTap};
use crate::bot::commands::{TokenWords, Usage};
use crate::bot::screens::{help as help_screen, notice, token as screen};
use crate::bot::turn::{Handled, Turn};
use crate::domain::actor::{Role, TokenScope};
use crate::domain::ids::TokenId;
use crate::domain::token::TokenName;
use crate::services::views::MadeToken;

use super::home;

/// `/token …`
pub async fn command(turn: Arc<Turn>, words: TokenWords) -> Handled {
    match words {
        TokenWords::Explain => {
            let list = turn.door.services.tokens.list(turn.by()).await?;
            let words = turn.eyes.t.html("token-explain", &[]);
            turn.show(&screen::list(&list, 0, &turn.eyes).under(&words)).await
        }
        TokenWords::List => list(turn, 0).await,
        TokenWords::New(name, scope) => new(&turn, name, scope).await,
        TokenWords::Revoke(name) => {
            let token = turn.door.services.tokens.find(turn.by(), &name).await?;
            question(&turn, &token).await
        }
        TokenWords::Wrong => {
            turn.require(Role::Admin, "manage API tokens")?;
            turn.say(&help_screen::usage(Usage::Token, &turn.eyes)).await
        }
    }
}

/// Any of its buttons.
pub async fn tapped(turn: Arc<Turn>, tap: TokenTap) -> Handled {
    match tap {
        TokenTap::List(page) => list(turn, page).await,
        TokenTap::Revoke(id) => ask(turn, id).await,
        TokenTap::YesRevoke(id, nonce) => yes(turn, id, nonce).await,
        TokenTap::NoRevoke => turn.show(&notice::cancelled(&turn.eyes)).await,
    }
}

/// A page of what there is.
async fn list(turn: Arc<Turn>, page: u32) -> Handled {
    let list = turn.door.services.tokens.list(turn.by()).await?;
    turn.show(&screen::list(&list, page, &turn.eyes)).await
}

/// Acts at once. Handled again after a crash it shows another secret: the first one may have been seen by nobody.
async fn new(turn: &Turn, name: TokenName, scope: TokenScope) -> Handled {
    let made = turn.door.services.tokens.create(turn.by(), name, scope, Some(turn.key())).await?;
    turn.say(&screen::made(&made, &turn.eyes)).await
}

/// The button of one of the list.
async fn ask(turn: Arc<Turn>, id: TokenId) -> Handled {
    let token = turn.door.services.tokens.get(turn.by(), id).await?;
    question(&turn, &token).await
}

async fn question(turn: &Turn, token: &MadeToken) -> Handled {
    let nonce = Nonce::new(turn.eyes.now, turn.door.entropy.as_ref());
    turn.show(&screen::ask(token, nonce, &turn.eyes)).await
}

/// "Yes": a second tap finds it revoked.
async fn yes(turn: Arc<Turn>, id: TokenId, nonce: Nonce) -> Handled {
    if nonce.stale(turn.eyes.now) {
        return home::outdated(turn).await;
    }
    let revoked = turn.door.services.tokens.revoke(turn.by(), id).await?;
    turn.show(&screen::revoked(&revoked.token, &turn.eyes)).await
}

/// Takes the message with the button away. What is too old for that is emptied, or the person has to do it.
pub async fn wipe(turn: Arc<Turn>) -> Handled {
    match turn.editable {
        Some(message) if turn.chat.delete(message).await? => Ok(()),
        Some(message) => turn.chat.edit(message, &screen::wiped(&turn.eyes)).await,
        None => turn.say(&screen::wipe_yourself(&turn.eyes)).await,
    }
}
