//! Work that is done together with what came while the database was busy: one transaction, one wait for the disk.
//!
//! Whoever comes first works at once and alone. What comes meanwhile waits, and is then worked on as one group. Nobody
//! waits long: whoever is not fetched from the queue in time works alone, too.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::{Instant, timeout_at};

/// The most of a group.
const MOST: usize = 64;

/// A queue of jobs `J` that end with `R`.
#[derive(Debug)]
pub struct Together<J, R> {
    leaders: usize,
    patience: Duration,
    queue: Mutex<Queue<J, R>>,
}

#[derive(Debug)]
struct Queue<J, R> {
    waiting: VecDeque<Member<J, R>>,
    leading: usize,
    /// Of the next to come.
    number: u64,
}

/// Somebody's job in a group.
#[derive(Debug)]
pub struct Member<J, R> {
    /// What is to be done.
    pub job: J,
    number: u64,
    answer: oneshot::Sender<R>,
}

/// How a job is to be done.
#[derive(Debug)]
pub enum Place<J, R> {
    /// Alone and now; then whatever came meanwhile is to be led.
    First(Lead<J, R>),
    /// A group did it.
    Done(R),
    /// Alone: no group took it.
    Alone,
    /// A group has it, and has not said in time how it ended.
    Late,
}

/// The right to work on groups. When it is dropped, whoever waits works alone.
#[derive(Debug)]
pub struct Lead<J, R>(Arc<Together<J, R>>);

impl<J, R> Together<J, R> {
    /// A queue from which so many groups are worked on at once, and in which nobody waits longer to be fetched.
    pub fn new(leaders: usize, patience: Duration) -> Arc<Self> {
        let queue = Queue { waiting: VecDeque::new(), leading: 0, number: 0 };
        Arc::new(Self { leaders, patience, queue: Mutex::new(queue) })
    }

    /// Joins the queue, and waits until a group has done the job, at most until the deadline.
    pub async fn join(self: &Arc<Self>, job: J, deadline: Instant) -> Place<J, R> {
        let (number, mut answer) = {
            let mut queue = self.queue();
            if queue.leading < self.leaders {
                queue.leading += 1;
                return Place::First(Lead(Arc::clone(self)));
            }
            let (sender, answer) = oneshot::channel();
            let number = queue.number;
            queue.number += 1;
            queue.waiting.push_back(Member { job, number, answer: sender });
            (number, answer)
        };
        match timeout_at(deadline.min(Instant::now() + self.patience), &mut answer).await {
            Ok(done) => return done.map_or(Place::Alone, Place::Done),
            Err(_) if self.leave(number) => return Place::Alone,
            Err(_) => {}
        }
        match timeout_at(deadline, &mut answer).await {
            Ok(done) => done.map_or(Place::Alone, Place::Done),
            Err(_) => {
                // From here on whoever answers hears that nobody listens.
                answer.close();
                answer.try_recv().map_or(Place::Late, Place::Done)
            }
        }
    }

    fn queue(&self) -> MutexGuard<'_, Queue<J, R>> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Leaves the queue, unless a group has the job already.
    fn leave(&self, number: u64) -> bool {
        let mut queue = self.queue();
        let before = queue.waiting.len();
        queue.waiting.retain(|member| member.number != number);
        queue.waiting.len() < before
    }
}

impl<J, R> Lead<J, R> {
    /// Whether somebody waits.
    pub fn is_wanted(&self) -> bool {
        !self.0.queue().waiting.is_empty()
    }

    /// The next group; empty when nobody waits.
    pub fn next(&self) -> Vec<Member<J, R>> {
        let mut queue = self.0.queue();
        let count = queue.waiting.len().min(MOST);
        queue.waiting.drain(..count).filter(|member| !member.answer.is_closed()).collect()
    }
}

impl<J, R> Drop for Lead<J, R> {
    fn drop(&mut self) {
        let left = {
            let mut queue = self.0.queue();
            queue.leading -= 1;
            if queue.leading == 0 { std::mem::take(&mut queue.waiting) } else { VecDeque::new() }
        };
        drop(left);
    }
}

impl<J, R> Member<J, R> {
    /// Says how it ended.
    ///
    /// # Errors
    /// The end, when nobody listens any more.
    pub fn answer(self, end: R) -> Result<(), R> {
        self.answer.send(end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: Duration = Duration::from_secs(60);

    /// One who leads, and the queue.
    async fn led(patience: Duration) -> (Arc<Together<u8, u8>>, Lead<u8, u8>) {
        let together = Together::new(1, patience);
        let Place::First(lead) = together.join(1, Instant::now() + LONG).await else {
            panic!("nobody was before")
        };
        (together, lead)
    }

    #[tokio::test]
    async fn what_comes_meanwhile_is_one_group() {
        let (together, lead) = led(LONG).await;
        let waiting = (2..5).map(|job| together.join(job, Instant::now() + LONG));
        let group = async {
            let group = lead.next();
            assert_eq!(group.iter().map(|member| member.job).collect::<Vec<_>>(), [2, 3, 4]);
            for member in group {
                let end = member.job * 10;
                member.answer(end).unwrap();
            }
            assert!(!lead.is_wanted());
        };
        let (ends, ()) = tokio::join!(futures::future::join_all(waiting), group);
        let ends = ends.into_iter().map(|end| if let Place::Done(end) = end { end } else { 0 });
        assert_eq!(ends.collect::<Vec<_>>(), [20, 30, 40]);
    }

    #[tokio::test]
    async fn when_the_lead_is_lost_everybody_works_alone() {
        let (together, lead) = led(LONG).await;
        let lost = async { drop(lead) };
        let (place, ()) = tokio::join!(together.join(2, Instant::now() + LONG), lost);
        assert!(matches!(place, Place::Alone));
        assert!(matches!(together.join(3, Instant::now() + LONG).await, Place::First(_)));
    }

    #[tokio::test]
    async fn nobody_waits_long_to_be_fetched() {
        let (together, lead) = led(Duration::ZERO).await;
        assert!(matches!(together.join(2, Instant::now() + LONG).await, Place::Alone));
        assert!(lead.next().is_empty());
    }

    #[tokio::test]
    async fn a_group_that_answers_late_hears_that_nobody_listens() {
        let (together, lead) = led(Duration::ZERO).await;
        let (place, group) = tokio::join!(together.join(2, Instant::now()), async { lead.next() });
        assert!(matches!(place, Place::Late));
        assert!(group.into_iter().all(|member| member.answer(9).is_err()));
    }
}
