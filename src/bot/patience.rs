//! "Still working": what a person sees while an answer takes its time.

use std::pin::pin;
use std::time::Duration;

use teloxide::types::MessageId;

use super::render::Chat;
use super::screen::Screen;

/// How often it is tried to take the words away.
const TRIES: u32 = 3;
/// The pause between two tries.
const PAUSE: Duration = Duration::from_secs(1);

/// Does the work. When it has taken so long, a message says that it goes on; once the work has ended, however it did, that
/// message is taken away again.
pub async fn with_words<T>(
    chat: &Chat,
    patience: Duration,
    words: impl FnOnce() -> Screen,
    work: impl Future<Output = T>,
) -> T {
    let mut work = pin!(work);
    if let Ok(done) = tokio::time::timeout(patience, &mut work).await {
        return done;
    }
    // Both are waited for: a message whose number is not known would stay for ever.
    let words = words();
    let (done, said) = tokio::join!(work, chat.try_once(&words));
    match said {
        Ok(message) => take_away(chat, message).await,
        Err(error) => tracing::debug!(%error, "a person was not told that it takes longer"),
    }
    done
}

async fn take_away(chat: &Chat, message: MessageId) {
    for _ in 0..TRIES {
        match chat.delete(message).await {
            Ok(true) => return,
            Ok(false) => break,
            Err(error) => tracing::debug!(%error, "the words that it takes longer are still there"),
        }
        tokio::time::sleep(PAUSE).await;
    }
    tracing::warn!("the words that it takes longer could not be taken away");
}
