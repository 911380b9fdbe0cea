//! Roles and links: which command and which button does what.

use std::sync::Arc;

use crate::bot::callback::PeopleTap;
use crate::bot::commands::PeopleCommand;
use crate::bot::turn::{Handled, Turn};

use super::{links, roles};

/// Any of these commands.
pub async fn command(turn: Arc<Turn>, command: PeopleCommand) -> Handled {
    match command {
        PeopleCommand::Roles | PeopleCommand::Revoke(None) => roles::page(&turn, 0).await,
        PeopleCommand::Grant(None, _) => roles::whom(&turn).await,
        PeopleCommand::Grant(Some(who), None) => roles::named(&turn, &who).await,
        PeopleCommand::Grant(Some(who), role) => roles::set(&turn, &who, role).await,
        PeopleCommand::Revoke(Some(who)) => roles::set(&turn, &who, None).await,
        PeopleCommand::Misused => roles::misused(&turn).await,
        PeopleCommand::Unlink(client) => links::command(turn, client).await,
    }
}

/// Any of these buttons.
pub async fn tapped(turn: Arc<Turn>, tap: PeopleTap) -> Handled {
    match tap {
        PeopleTap::Roles(page) => roles::page(&turn, page).await,
        PeopleTap::Person(id) | PeopleTap::NoRole(id) => roles::person(&turn, id).await,
        PeopleTap::Give => roles::whom(&turn).await,
        PeopleTap::NoGive => roles::not_now(&turn).await,
        PeopleTap::AskRole(id, role) => roles::ask(&turn, id, role).await,
        PeopleTap::YesRole(id, role, nonce) => roles::yes(turn, id, role, nonce).await,
        PeopleTap::AskUnlink(id, person) => links::ask(&turn, id, person).await,
        PeopleTap::YesUnlink(link, nonce) => links::yes(turn, link, nonce).await,
        PeopleTap::NoUnlink(id) => links::no(turn, id).await,
        PeopleTap::AskMove(id) => links::ask_move(&turn, id).await,
        PeopleTap::YesMove(link, nonce, replace) => links::yes_move(turn, link, nonce, replace).await,
    }
}
