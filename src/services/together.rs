//! Work that is done together with what came while the database was busy: one statement or transaction, one wait for the
//! disk.
//!
//! Whoever comes first works at once and alone, unless there is a crowd. What comes meanwhile waits, and is then worked on as
//! one group. Nobody waits long: whoever is not fetched from the queue in time works alone, too.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::task::yield_now;
use tokio::time::{Instant, sleep, timeout_at};

/// The most of a group.
const MOST: usize = 60;

/// Whoever has worked on a group for so long stands still (it waits for another's lock, say): somebody else may lead, too.
const STANDS_STILL: Duration = Duration::from_millis(50);

/// What is waited for before a group is worked on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gathering {
    /// While there is a crowd, whoever is about to come at this moment: tasks that are ready to run are let go before.
    Ready,
    /// So much time after whoever was first, and after each group.
    For(Duration),
}

/// A queue of jobs `J` that end with `R`.
#[derive(Debug)]
pub struct Together<J, R> {
    leaders: usize,
    patience: Duration,
    gathering: Gathering,
    sized: fn(usize) -> usize,
    queue: Mutex<Queue<J, R>>,
}

#[derive(Debug)]
struct Queue<J, R> {
    waiting: VecDeque<Member<J, R>>,
    leading: usize,
    /// When somebody last took the lead or a group.
    taken: Instant,
    /// Whether somebody waited when a job was done.
    crowded: bool,
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

/// A place in the queue.
#[derive(Debug)]
struct Ticket<R> {
    number: u64,
    answer: oneshot::Receiver<R>,
}

/// What comes of waiting.
#[derive(Debug)]
enum Outcome<R> {
    /// A group did it.
    Done(R),
    /// To be done alone: no group took it.
    Alone,
    /// A group has it, and has not said in time how it ended.
    Late,
}

/// The right to work on groups. When it is dropped, whoever waits works alone.
#[derive(Debug)]
pub struct Lead<J, R>(Arc<Together<J, R>>);

impl<J, R> Together<J, R> {
    /// A queue from which so many groups at most are worked on at once (more than one only while one stands still), and in which
    /// nobody waits longer to be fetched. A group has whoever waits.
    pub fn new(leaders: usize, patience: Duration, gathering: Gathering) -> Arc<Self> {
        Self::sized(leaders, patience, gathering, |waiting| waiting)
    }

    /// The same with a say in how many of those who wait are a group: the others are the next one.
    pub fn sized(
        leaders: usize,
        patience: Duration,
        gathering: Gathering,
        sized: fn(usize) -> usize,
    ) -> Arc<Self> {
        let (waiting, taken) = (VecDeque::new(), Instant::now());
        let queue = Queue { waiting, leading: 0, taken, crowded: false, number: 0 };
        Arc::new(Self { leaders, patience, gathering, sized, queue: Mutex::new(queue) })
    }

    /// Does a job: alone, or a group does it that somebody leads. Whoever was first hands on the lead, if there is anything
    /// to lead. `None` when a group has the job and has not said before the deadline how it ended. What is done alone is made
    /// in a box when it is: else it would be part of, and moved with, everything that waits here.
    pub async fn run<A: Future<Output = R>>(
        self: &Arc<Self>,
        job: J,
        deadline: Instant,
        alone: impl FnOnce() -> A,
        hand_on: impl FnOnce(Lead<J, R>),
    ) -> Option<R> {
        let ticket = match self.lead() {
            None => self.wait(job),
            Some(lead) => {
                if !lead.gathered().await {
                    let end = Box::pin(alone()).await;
                    if lead.goes_on() {
                        hand_on(lead);
                    }
                    return Some(end);
                }
                let ticket = self.wait(job);
                hand_on(lead);
                ticket
            }
        };
        match self.outcome(ticket, deadline).await {
            Outcome::Done(end) => Some(end),
            Outcome::Alone => Some(Box::pin(alone()).await),
            Outcome::Late => None,
        }
    }

    /// The lead, if it is free.
    fn lead(self: &Arc<Self>) -> Option<Lead<J, R>> {
        let mut queue = self.queue();
        let stands_still = || queue.taken.elapsed() >= STANDS_STILL;
        let free = queue.leading == 0 || (queue.leading < self.leaders && stands_still());
        free.then(|| {
            queue.leading += 1;
            queue.taken = Instant::now();
            Lead(Arc::clone(self))
        })
    }

    /// Joins the queue.
    fn wait(&self, job: J) -> Ticket<R> {
        let (sender, answer) = oneshot::channel();
        let mut queue = self.queue();
        let number = queue.number;
        queue.number += 1;
        queue.waiting.push_back(Member { job, number, answer: sender });
        Ticket { number, answer }
    }

    /// Waits until a group has done the job, at most until the deadline.
    async fn outcome(&self, ticket: Ticket<R>, deadline: Instant) -> Outcome<R> {
        let Ticket { number, mut answer } = ticket;
        match timeout_at(deadline.min(Instant::now() + self.patience), &mut answer).await {
            Ok(done) => return done.map_or(Outcome::Alone, Outcome::Done),
            Err(_) if self.leave(number) => return Outcome::Alone,
            Err(_) => {}
        }
        match timeout_at(deadline, &mut answer).await {
            Ok(done) => done.map_or(Outcome::Alone, Outcome::Done),
            Err(_) => {
                // From here on whoever answers hears that nobody listens.
                answer.close();
                answer.try_recv().map_or(Outcome::Late, Outcome::Done)
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
    /// Works on one group after another, until nobody waits.
    pub async fn work<F: Future<Output = ()>>(self, group: impl Fn(Vec<Member<J, R>>) -> F) {
        loop {
            if let Gathering::For(time) = self.0.gathering {
                sleep(time).await;
            }
            if !self.is_wanted() {
                return;
            }
            group(self.next()).await;
            if self.0.gathering == Gathering::Ready {
                yield_now().await;
            }
        }
    }

    /// Lets others come before the first job, if that is the way; whether they did.
    async fn gathered(&self) -> bool {
        if self.0.gathering != Gathering::Ready || !self.0.queue().crowded {
            return false;
        }
        yield_now().await;
        let mut queue = self.0.queue();
        queue.crowded = !queue.waiting.is_empty();
        queue.crowded
    }

    /// Whether there is something to lead after the first job, or will be.
    fn goes_on(&self) -> bool {
        let mut queue = self.0.queue();
        queue.crowded = !queue.waiting.is_empty();
        queue.crowded || matches!(self.0.gathering, Gathering::For(_))
    }

    fn is_wanted(&self) -> bool {
        !self.0.queue().waiting.is_empty()
    }

    /// The next group.
    fn next(&self) -> Vec<Member<J, R>> {
        let mut queue = self.0.queue();
        queue.taken = Instant::now();
        let count = (self.0.sized)(queue.waiting.len().min(MOST));
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

    type Queue = Together<u8, u8>;

    /// One who leads, and the queue.
    fn led(patience: Duration) -> (Arc<Queue>, Lead<u8, u8>) {
        let together = Together::new(1, patience, Gathering::Ready);
        let lead = together.lead().unwrap();
        (together, lead)
    }

    /// What becomes of a job: ten times as much in a group, nothing alone.
    async fn run(together: &Arc<Queue>, job: u8, deadline: Instant) -> Option<u8> {
        let alone = || async {
            yield_now().await;
            0
        };
        together.run(job, deadline, alone, |lead| drop(tokio::spawn(lead.work(tenfold)))).await
    }

    async fn tenfold(group: Vec<Member<u8, u8>>) {
        for member in group {
            let end = member.job * 10;
            member.answer(end).unwrap();
        }
    }

    fn later() -> Instant {
        Instant::now() + LONG
    }

    #[tokio::test]
    async fn what_comes_meanwhile_is_one_group() {
        let (together, lead) = led(LONG);
        let waiting = (2..5).map(|job| run(&together, job, later()));
        let group = async {
            let group = lead.next();
            assert_eq!(group.iter().map(|member| member.job).collect::<Vec<_>>(), [2, 3, 4]);
            tenfold(group).await;
            assert!(!lead.is_wanted());
        };
        let (ends, ()) = tokio::join!(futures::future::join_all(waiting), group);
        assert_eq!(ends, [Some(20), Some(30), Some(40)]);
    }

    #[tokio::test]
    async fn a_group_may_leave_some_to_the_next_one() {
        let together: Arc<Queue> = Together::sized(1, LONG, Gathering::Ready, |waiting| waiting.min(2));
        let lead = together.lead().unwrap();
        let waiting = (2..5).map(|job| run(&together, job, later()));
        let groups = async {
            let first = lead.next();
            assert_eq!(first.iter().map(|member| member.job).collect::<Vec<_>>(), [2, 3]);
            tenfold(first).await;
            lead.work(tenfold).await;
        };
        let (ends, ()) = tokio::join!(futures::future::join_all(waiting), groups);
        assert_eq!(ends, [Some(20), Some(30), Some(40)]);
    }

    #[tokio::test]
    async fn whoever_is_first_is_alone_unless_others_are_ready_too() {
        async fn three(together: &Arc<Queue>) -> [Option<u8>; 3] {
            let [first, second, third] = [1, 2, 3].map(|job| run(together, job, later()));
            tokio::join!(first, second, third).into()
        }
        let (first_alone, all) = ([Some(0), Some(20), Some(30)], [Some(10), Some(20), Some(30)]);
        for (gathering, again) in
            [(Gathering::For(Duration::from_millis(1)), first_alone), (Gathering::Ready, all)]
        {
            let together = Together::new(1, LONG, gathering);
            assert_eq!(three(&together).await, first_alone, "{gathering:?}");
            while together.queue().leading > 0 {
                yield_now().await;
            }
            assert_eq!(three(&together).await, again, "{gathering:?}");
        }
        let together = Together::new(1, LONG, Gathering::Ready);
        assert_eq!(run(&together, 1, later()).await, Some(0), "nobody else is there");
    }

    #[test]
    fn while_one_stands_still_another_may_lead() {
        let together: Arc<Queue> = Together::new(2, LONG, Gathering::Ready);
        let stuck = together.lead().unwrap();
        assert!(together.lead().is_none());
        together.queue().taken -= STANDS_STILL;
        let other = together.lead().unwrap();
        together.queue().taken -= STANDS_STILL;
        assert!(together.lead().is_none(), "not more than two");
        drop((stuck, other));
        assert!(together.lead().is_some());
    }

    #[tokio::test]
    async fn when_the_lead_is_lost_everybody_works_alone() {
        let (together, lead) = led(LONG);
        let lost = async { drop(lead) };
        let (end, ()) = tokio::join!(run(&together, 2, later()), lost);
        assert_eq!(end, Some(0));
        assert!(together.lead().is_some());
    }

    #[tokio::test]
    async fn nobody_waits_long_to_be_fetched() {
        let (together, lead) = led(Duration::ZERO);
        assert_eq!(run(&together, 2, later()).await, Some(0));
        assert!(lead.next().is_empty());
    }

    #[tokio::test]
    async fn a_group_that_answers_late_hears_that_nobody_listens() {
        let (together, lead) = led(Duration::ZERO);
        let (end, group) = tokio::join!(run(&together, 2, Instant::now()), async { lead.next() });
        assert_eq!(end, None);
        assert!(group.into_iter().all(|member| member.answer(9).is_err()));
    }
}
