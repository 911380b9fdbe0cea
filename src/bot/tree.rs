//! The table of contents: who says what, and which handler answers.

use std::sync::Arc;

use teloxide::dispatching::UpdateHandler;
use teloxide::dptree::{self, case};

use crate::domain::actor::Role;

use super::arrival::Input;
use super::callback::Tap;
use super::commands::Command;
use super::dialogues::new;
use super::errors::Failure;
use super::handlers::{clients, config, help, home, invite, lang, token};
use super::turn::Turn;

/// All of it, in the order in which branches are asked.
pub fn schema() -> UpdateHandler<Failure> {
    dptree::entry()
        .branch(case![Input::Command(command)].chain(case![Command::Redeem(token)]).endpoint(invite::redeem))
        .branch(role(|role| role == Role::Stranger).branch(strangers()))
        .branch(everyone())
        .branch(role(Role::is_staff).branch(staff()))
        .branch(users())
}

/// Only when the role is such.
fn role(wanted: fn(Role) -> bool) -> UpdateHandler<Failure> {
    dptree::filter(move |turn: Arc<Turn>| wanted(turn.role()))
}

/// Whatever they send, they learn their own id.
fn strangers() -> UpdateHandler<Failure> {
    dptree::entry()
        .branch(case![Input::Command(command)].chain(case![Command::BadToken]).endpoint(invite::bad_token))
        .branch(dptree::endpoint(home::stranger))
}

fn everyone() -> UpdateHandler<Failure> {
    dptree::entry()
        .branch(case![Input::StaleTap].endpoint(home::outdated))
        .branch(
            case![Input::Command(command)]
                .branch(case![Command::Home].endpoint(home::started))
                .branch(case![Command::BadToken].endpoint(invite::bad_token))
                .branch(case![Command::Config(client)].endpoint(config::command))
                .branch(case![Command::Lang].endpoint(lang::choose))
                .branch(case![Command::Help].endpoint(help::help)),
        )
        .branch(
            case![Input::Tap(tap)]
                .branch(case![Tap::Home].endpoint(home::home))
                .branch(case![Tap::Config(id)].endpoint(config::config))
                .branch(case![Tap::Qr(id)].endpoint(config::qr))
                .branch(case![Tap::Lang].endpoint(lang::choose))
                .branch(case![Tap::SetLang(lang)].endpoint(lang::set))
                .branch(case![Tap::Help].endpoint(help::help))
                .branch(case![Tap::Wipe].endpoint(token::wipe)),
        )
}

fn staff() -> UpdateHandler<Failure> {
    dptree::entry()
        .branch(
            case![Input::Command(command)]
                .branch(case![Command::New { username, days }].endpoint(new::command))
                .branch(case![Command::Clients(spot)].endpoint(clients::list))
                .branch(case![Command::Client(client)].endpoint(clients::command))
                .branch(case![Command::Invite(client)].endpoint(invite::command))
                .branch(case![Command::Token(words)].endpoint(token::command))
                .branch(case![Command::Cancel].endpoint(new::cancel))
                .branch(case![Command::Misused(usage)].endpoint(help::usage)),
        )
        .branch(
            case![Input::Tap(tap)]
                .branch(case![Tap::List(spot)].endpoint(clients::list))
                .branch(case![Tap::Card(id, spot)].endpoint(clients::card))
                .branch(case![Tap::Invite(id)].endpoint(invite::invite))
                .branch(case![Tap::New].endpoint(new::begin))
                .branch(case![Tap::NewDays(days)].endpoint(new::days))
                .branch(case![Tap::YesNew(offer)].endpoint(new::yes))
                .branch(case![Tap::NoNew].endpoint(new::no))
                .branch(case![Tap::Tokens(page)].endpoint(token::list))
                .branch(case![Tap::RevokeToken(id)].endpoint(token::ask))
                .branch(case![Tap::YesRevokeToken(id, nonce)].endpoint(token::yes))
                .branch(case![Tap::NoRevokeToken].endpoint(token::no)),
        )
        .branch(case![Input::Text(text)].endpoint(new::typed))
        .branch(case![Input::Other].endpoint(new::not_text))
        .branch(dptree::endpoint(help::help))
}

/// Anything else from a client. A button that is not theirs was sent on to them or forged: refused, and logged.
fn users() -> UpdateHandler<Failure> {
    dptree::entry()
        .branch(case![Input::Tap(tap)].endpoint(home::forbidden))
        .branch(dptree::endpoint(help::help))
}

#[cfg(test)]
mod tests {
    use teloxide::dptree::di::DependencyMap;
    use teloxide::dptree::{Type, type_check};

    use super::*;

    #[test]
    fn every_handler_gets_what_it_asks_for() {
        let given = [Type::of::<Arc<Turn>>(), Type::of::<Input>()];
        type_check(schema().sig(), &DependencyMap::new(), &given);
    }
}
