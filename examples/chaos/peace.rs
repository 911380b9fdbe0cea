//! What is made before anything goes wrong: staff, clients, and the people they belong to.

use crate::Res;
use crate::rest::Shop;
use crate::stage::{ADMIN, OPERATOR, OWNERS, STRANGER, Stage, USERS};
use crate::talk::{Talk, words};
use crate::users::User;

/// How many clients there are at the start, and how many of them belong to somebody at the start of each round.
const CLIENTS: usize = 8;
const LINKED: usize = 4;

/// Staff with their roles, and some clients.
pub async fn prepare(stage: &Stage) -> Res<()> {
    let people =
        [(OWNERS[0], "Olga"), (OWNERS[1], "Pavel"), (ADMIN, "Adam"), (OPERATOR, "Otto"), (STRANGER, "Eve")];
    for (id, name) in people {
        let (welcome, _) = Talk::new(&stage.telegram, id, name).say("/start", |_| Some(())).await;
        welcome.ok_or("the bot does not answer")?;
    }
    let olga = Talk::new(&stage.telegram, OWNERS[0], "Olga");
    for (id, role) in [(ADMIN, "admin"), (OPERATOR, "operator")] {
        let text = format!("/grant {id} {role}");
        let given = format!("{role} now");
        let (given, _) = olga.say(&text, |message| words(message).contains(&given).then_some(())).await;
        given.ok_or_else(|| format!("no answer to {text}"))?;
    }
    let mut shop = Shop::new(stage, 0)?;
    for number in 0..CLIENTS {
        shop.make(&format!("first_{number}")).await?;
    }
    Ok(())
}

/// As many clients with a person as there should be; deleted ones are replaced.
pub async fn link(stage: &Stage) -> Res<()> {
    let round = stage.round();
    let mut shop = Shop::new(stage, 0)?;
    let linked = stage.known().iter().filter(|client| client.person.is_some()).count();
    for number in linked..LINKED {
        let person = USERS.into_iter().nth(number % 3).unwrap_or(USERS[0]);
        let username = format!("linked_{round}_{number}");
        let client = shop.make(&username).await?;
        let token = shop.invite(client.id).await?;
        User::new(stage, person).redeem(&token, &username).await?;
        stage.link(client.id, person);
    }
    Ok(())
}
