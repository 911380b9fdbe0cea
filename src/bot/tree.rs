//! The table of contents: who says what, and which handler answers.

use std::sync::Arc;

use teloxide::dispatching::UpdateHandler;
use teloxide::dptree::{self, case};

use crate::domain::actor::Role;

use super::arrival::Input;
use super::callback::Tap;
use super::commands::Command;
use super::dialogues;
use super::errors::Failure;
use super::handlers::{
    bulk, change, clients, config, help, home, invite, lang, log, matters, mine, people, restored, token,
};
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
    // What is asked most comes first: each branch that is tried costs some allocations.
    dptree::entry()
        .branch(
            case![Input::Command(command)]
                .branch(case![Command::Mine(command)].endpoint(mine::command))
                .branch(case![Command::Config(client)].endpoint(config::command))
                .branch(case![Command::Home].endpoint(home::started))
                .branch(case![Command::BadToken].endpoint(invite::bad_token))
                .branch(case![Command::Lang].endpoint(lang::choose))
                .branch(case![Command::Help].endpoint(help::help)),
        )
        .branch(
            case![Input::Tap(tap)]
                .branch(case![Tap::Home].endpoint(home::home))
                .branch(case![Tap::Config(id)].endpoint(config::config))
                .branch(case![Tap::Qr(id)].endpoint(config::qr))
                .branch(case![Tap::Mine(tap)].endpoint(mine::tapped))
                .branch(case![Tap::Lang].endpoint(lang::choose))
                .branch(case![Tap::SetLang(lang)].endpoint(lang::set))
                .branch(case![Tap::Help].endpoint(help::help))
                .branch(case![Tap::Wipe].endpoint(token::wipe)),
        )
        .branch(case![Input::StaleTap].endpoint(home::outdated))
}

fn staff() -> UpdateHandler<Failure> {
    dptree::entry()
        .branch(
            case![Input::Command(command)]
                .branch(case![Command::New(command)].endpoint(dialogues::new::command))
                .branch(case![Command::Clients(spot)].endpoint(clients::list))
                .branch(case![Command::Client(client)].endpoint(clients::command))
                .branch(case![Command::Invite(client)].endpoint(invite::command))
                .branch(case![Command::Log(words)].endpoint(log::command))
                .branch(case![Command::Ops(client)].endpoint(log::of_client))
                .branch(case![Command::Token(words)].endpoint(token::command))
                .branch(case![Command::Change(command)].endpoint(change::command))
                .branch(case![Command::People(command)].endpoint(people::command))
                .branch(case![Command::Bulk(command)].endpoint(bulk::command))
                .branch(case![Command::Resume].endpoint(restored::command))
                .branch(case![Command::Cancel].endpoint(dialogues::cancel))
                .branch(case![Command::Misused(usage)].endpoint(help::usage)),
        )
        .branch(
            case![Input::Tap(tap)]
                .branch(case![Tap::List(spot)].endpoint(clients::list))
                .branch(case![Tap::Card(id, spot)].endpoint(clients::card))
                .branch(case![Tap::Invite(id)].endpoint(invite::invite))
                .branch(case![Tap::Log(spot)].endpoint(log::spot))
                .branch(case![Tap::New(tap)].endpoint(dialogues::new::tapped))
                .branch(case![Tap::Change(tap)].endpoint(change::tapped))
                .branch(case![Tap::People(tap)].endpoint(people::tapped))
                .branch(case![Tap::Bulk(tap)].endpoint(bulk::tapped))
                .branch(case![Tap::Token(tap)].endpoint(token::tapped))
                .branch(case![Tap::Matter(tap)].endpoint(matters::tapped)),
        )
        .branch(case![Input::Text(text)].endpoint(dialogues::typed))
        .branch(case![Input::Other].endpoint(dialogues::not_text))
        .branch(dptree::endpoint(help::help))
}

/// Anything else from a client. A button that is not theirs was sent on to them or forged: refused, and logged.
fn users() -> UpdateHandler<Failure> {
    dptree::entry()
        .branch(case![Input::Tap(tap)].endpoint(home::forbidden))
        .branch(dptree::endpoint(mine::said))
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
