//! A connection that does not wait for ever on a client that takes nothing, and that ends so that the last answer is read.

use std::io::{Error, ErrorKind, IoSlice, Result};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Sleep, sleep};

use super::Limits;

/// The most bytes that are thrown away after the last answer.
const LEFTOVERS: usize = 8 * 1024 * 1024;

/// How much of them at once.
const PIECE: usize = 16 * 1024;

/// Whether the last request's body was left unread.
#[derive(Debug, Clone, Default)]
pub struct Unread(Arc<AtomicBool>);

impl Unread {
    /// Notes it.
    pub fn set(&self, unread: bool) {
        self.0.store(unread, Ordering::Relaxed);
    }

    /// What was noted.
    pub fn get(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// A socket whose writes fail with `TimedOut` once the client has taken nothing for `Limits::write`.
///
/// The system says "writable" only when about a third of its buffer is free again. So reading a byte a second is taking
/// nothing, too; with the buffer of [`super::super::listen`] the slowest client that is served takes some 5 KB a second.
#[derive(Debug)]
pub struct Patient {
    stream: TcpStream,
    limits: Limits,
    stalled: Option<Pin<Box<Sleep>>>,
    unread: Unread,
    closing: Option<Closing>,
}

/// The time after the last byte of ours.
#[derive(Debug)]
struct Closing {
    until: Pin<Box<Sleep>>,
    left: usize,
}

impl Patient {
    /// Around a connection. Where `unread` says so, closing waits for the client: a socket that is closed while bytes
    /// arrive is reset, and the client loses the answer it has not read.
    pub fn new(stream: TcpStream, limits: Limits, unread: Unread) -> Self {
        Self { stream, limits, stalled: None, unread, closing: None }
    }

    fn within_patience<T>(&mut self, cx: &mut Context<'_>, written: Poll<Result<T>>) -> Poll<Result<T>> {
        if written.is_ready() {
            self.stalled = None;
            return written;
        }
        ready!(timer(&mut self.stalled, self.limits.write).poll(cx));
        Poll::Ready(Err(Error::new(ErrorKind::TimedOut, "the client takes nothing of its answer")))
    }

    /// Throws away what still comes.
    fn take_leftovers(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let linger = self.limits.linger;
        let closing =
            self.closing.get_or_insert_with(|| Closing { until: Box::pin(sleep(linger)), left: LEFTOVERS });
        let mut piece = [0; PIECE];
        while closing.left > 0 {
            let mut buffer = ReadBuf::new(&mut piece);
            match Pin::new(&mut self.stream).poll_read(cx, &mut buffer) {
                Poll::Ready(Ok(())) if !buffer.filled().is_empty() => {
                    closing.left = closing.left.saturating_sub(buffer.filled().len());
                }
                Poll::Ready(_) => break,
                Poll::Pending => {
                    ready!(closing.until.as_mut().poll(cx));
                    break;
                }
            }
        }
        Poll::Ready(())
    }
}

/// The timer, started if it is not running.
pub fn timer(running: &mut Option<Pin<Box<Sleep>>>, patience: Duration) -> Pin<&mut Sleep> {
    running.get_or_insert_with(|| Box::pin(sleep(patience))).as_mut()
}

impl AsyncRead for Patient {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, to: &mut ReadBuf<'_>) -> Poll<Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, to)
    }
}

impl AsyncWrite for Patient {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.within_patience(cx, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        pieces: &[IoSlice<'_>],
    ) -> Poll<Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(cx, pieces);
        self.within_patience(cx, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        if self.closing.is_none() {
            ready!(Pin::new(&mut self.stream).poll_shutdown(cx))?;
        }
        if self.unread.get() {
            ready!(self.take_leftovers(cx));
        }
        Poll::Ready(Ok(()))
    }
}
