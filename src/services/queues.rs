//! First come, first served, within this process; the open intent is the lock across processes.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use tokio::sync::{Mutex as Turn, OwnedMutexGuard};

/// Above so many names, those nobody waits for are forgotten.
const TIDY_ABOVE: usize = 1024;

/// One queue a name.
#[derive(Debug, Default)]
pub struct Queues(Mutex<HashMap<String, Weak<Turn<()>>>>);

impl Queues {
    /// Waits for this name's turn; it lasts as long as the guard. tokio's mutex is fair.
    pub async fn turn(&self, name: &str) -> OwnedMutexGuard<()> {
        self.queue(name).lock_owned().await
    }

    fn queue(&self, name: &str) -> Arc<Turn<()>> {
        let mut queues = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(queue) = queues.get(name).and_then(Weak::upgrade) {
            return queue;
        }
        if queues.len() >= TIDY_ABOVE {
            queues.retain(|_, queue| queue.strong_count() > 0);
        }
        let queue = Arc::new(Turn::new(()));
        queues.insert(name.to_owned(), Arc::downgrade(&queue));
        queue
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn one_at_a_time_for_one_name_and_others_do_not_wait() {
        let queues = Queues::default();
        let first = queues.turn("alice").await;
        let _other = queues.turn("bob").await;
        assert!(queues.queue("alice").try_lock().is_err());
        drop(first);
        assert!(queues.queue("alice").try_lock().is_ok());
    }
}
