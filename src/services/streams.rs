//! Whole lists, from the database to whoever reads them, in constant memory.
//!
//! A task of its own reads chunk after chunk from one snapshot. So a reader who is slow, or says nothing any more, holds the
//! snapshot no longer than [`StreamLimits::lasts`]. A list that is cut never looks like one that has ended.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use futures::Stream;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio::time::{Instant, timeout, timeout_at};
use tracing::Instrument;

use crate::domain::page::{Page, Place, Window};
use crate::repositories::Db;
use crate::repositories::lists::{List, Snapshot};

use super::error::Error;

/// Rows of a chunk: less than 200 KB, and PostgreSQL is asked a fifth as often as for 100.
const CHUNK: u32 = 512;
/// Seconds that PostgreSQL bears with a snapshot that asks nothing, more than a stream lasts.
const PATIENCE: u16 = 90;

/// What streams may take.
#[derive(Debug, Clone, Copy)]
pub struct StreamLimits {
    /// How many at once.
    pub at_once: usize,
    /// How long one more waits for its turn.
    pub wait: Duration,
    /// How long one may last.
    pub lasts: Duration,
}

impl Default for StreamLimits {
    fn default() -> Self {
        Self { at_once: 4, wait: Duration::from_secs(5), lasts: Duration::from_secs(60) }
    }
}

/// The streams of this process.
#[derive(Debug, Clone)]
pub struct Streams {
    turns: Arc<Semaphore>,
    limits: StreamLimits,
}

/// The rows of a whole list in order, a chunk at a time. Ends with an error unless every row came.
#[derive(Debug)]
pub struct Rows<T> {
    total: i64,
    left: i64,
    first: Option<Vec<T>>,
    rest: Option<mpsc::Receiver<Vec<T>>>,
}

impl Streams {
    /// None is running.
    pub fn new(limits: StreamLimits) -> Self {
        Self { turns: Arc::new(Semaphore::new(limits.at_once)), limits }
    }

    /// Begins to read the list; each row is passed through `show`. What fails before the first row is known here.
    ///
    /// # Errors
    /// `Busy` when as many as may run do so, `Database`.
    pub async fn open<L>(
        &self,
        db: &Db,
        list: L,
        show: impl Fn(L::Item) -> L::Item + Send + 'static,
    ) -> Result<Rows<L::Item>, Error>
    where
        L: List + Send + Sync + 'static,
        L::Item: Send + 'static,
    {
        let turn = match Arc::clone(&self.turns).try_acquire_owned() {
            Ok(turn) => turn,
            Err(_) => {
                // What fits into one chunk holds nothing, so it need not wait.
                let page = begin(db, &list).await?;
                if page.1.next.is_none() {
                    return finish(page, show).await;
                }
                drop(page);
                self.wait().await?
            }
        };
        let deadline = Instant::now() + self.limits.lasts;
        let (snapshot, page) = begin(db, &list).await?;
        let Some(after) = page.next else { return finish((snapshot, page), show).await };
        let first = page.items.into_iter().map(&show).collect();
        let (sender, rest) = mpsc::channel(1);
        let reading = async move {
            let walk = Walk { snapshot, list, show, sender };
            match timeout_at(deadline, walk.run(after)).await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => tracing::error!(%error, "a list was cut in the middle"),
                Err(_) => tracing::warn!("a list took too long and was cut"),
            }
            drop(turn);
        };
        tokio::spawn(reading.in_current_span());
        Ok(Rows { total: page.total, left: page.total, first: Some(first), rest: Some(rest) })
    }

    async fn wait(&self) -> Result<OwnedSemaphorePermit, Error> {
        match timeout(self.limits.wait, Arc::clone(&self.turns).acquire_owned()).await {
            Ok(Ok(turn)) => Ok(turn),
            Ok(Err(closed)) => Err(Error::Internal(closed.to_string())),
            Err(_) => Err(Error::Busy { retry_after: self.limits.wait }),
        }
    }
}

/// A snapshot, and what is to be seen first.
async fn begin<L: List>(db: &Db, list: &L) -> Result<(Snapshot, Page<L::Item>), Error> {
    let mut snapshot = Snapshot::open(db, PATIENCE).await?;
    let page = snapshot.page(list, Window { limit: CHUNK, after: None }).await?;
    Ok((snapshot, page))
}

/// The first chunk is all there is.
async fn finish<T>((snapshot, page): (Snapshot, Page<T>), show: impl Fn(T) -> T) -> Result<Rows<T>, Error> {
    snapshot.close().await?;
    let first = page.items.into_iter().map(show).collect();
    Ok(Rows { total: page.total, left: page.total, first: Some(first), rest: None })
}

struct Walk<L: List, F> {
    snapshot: Snapshot,
    list: L,
    show: F,
    sender: mpsc::Sender<Vec<L::Item>>,
}

impl<L: List, F: Fn(L::Item) -> L::Item> Walk<L, F> {
    /// Reads to the end, or until nobody listens.
    async fn run(mut self, mut after: Place) -> Result<(), Error> {
        loop {
            let rows = self.snapshot.rows(&self.list, Window { limit: CHUNK, after: Some(after) }).await?;
            let Some(last) = rows.last() else { break };
            after = L::place(last);
            let rows = rows.into_iter().map(&self.show).collect();
            if self.sender.send(rows).await.is_err() {
                break;
            }
        }
        Ok(self.snapshot.close().await?)
    }
}

impl<T> Rows<T> {
    /// How many there are in all.
    pub fn total(&self) -> i64 {
        self.total
    }

    /// All of them, if they are few; otherwise they must be streamed.
    ///
    /// # Errors
    /// The same rows, untouched.
    pub fn few(mut self) -> Result<Vec<T>, Self> {
        match (&self.rest, self.first.take()) {
            (None, Some(all)) => Ok(all),
            (_, first) => Err(Self { first, ..self }),
        }
    }
}

impl<T: Unpin> Stream for Rows<T> {
    type Item = Result<Vec<T>, Error>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        let chunk = match (this.first.take(), &mut this.rest) {
            (Some(first), _) => Some(first),
            (None, Some(rest)) => ready!(rest.poll_recv(context)),
            (None, None) => None,
        };
        Poll::Ready(match chunk {
            Some(rows) => {
                this.left -= i64::try_from(rows.len()).unwrap_or(i64::MAX);
                Some(Ok(rows))
            }
            None if this.left == 0 => None,
            None => {
                this.left = 0;
                Some(Err(Error::Internal("the list was cut".to_owned())))
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use futures::StreamExt as _;

    use super::*;

    fn rows(total: i64, rest: mpsc::Receiver<Vec<u8>>) -> Rows<u8> {
        Rows { total, left: total, first: Some(vec![1, 2]), rest: Some(rest) }
    }

    #[tokio::test]
    async fn only_a_whole_list_has_an_end() {
        for (total, cut) in [(3, false), (4, true)] {
            let (sender, rest) = mpsc::channel(1);
            let mut rows = rows(total, rest);
            sender.send(vec![3]).await.unwrap();
            drop(sender);
            assert_eq!(rows.next().await.unwrap().unwrap(), [1, 2]);
            assert_eq!(rows.next().await.unwrap().unwrap(), [3]);
            assert_eq!(rows.next().await.is_some_and(|end| end.is_err()), cut);
            assert!(rows.next().await.is_none());
        }
    }

    #[test]
    fn what_is_not_all_there_is_not_few() {
        let (_sender, rest) = mpsc::channel(1);
        let many = rows(3, rest).few().unwrap_err();
        assert_eq!((many.total(), many.first), (3, Some(vec![1, 2])));
    }
}
