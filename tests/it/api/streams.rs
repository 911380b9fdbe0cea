//! Whole lists as streams: one snapshot, an end only when everything came, and what they may take.

use std::time::Duration;

use futures::StreamExt;
use orchestrator::api::edge::Limits;
use orchestrator::api::serve;
use orchestrator::domain::client::{Client, ClientFilter};
use orchestrator::domain::ids::ClientRef;
use orchestrator::repositories::Db;
use orchestrator::services::streams::{Rows, StreamLimits};
use orchestrator::services::{Error, Services};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio_util::sync::CancellationToken;

use super::lists::router_of;
use crate::support::db::{Kind, on_both};
use crate::support::seed;
use crate::support::world::{World, core, token};

on_both!(
    a_stream_is_of_one_moment,
    a_failure_in_the_middle_breaks_the_connection,
    only_so_many_run_at_once_and_small_lists_do_not_wait,
    a_slow_reader_is_cut_and_makes_room,
    a_slow_reader_of_a_socket_is_cut_too,
);

fn limits() -> StreamLimits {
    StreamLimits { at_once: 4, wait: Duration::from_millis(50), lasts: Duration::from_secs(60) }
}

/// The services of another process with such limits.
fn with(world: &World, limits: StreamLimits) -> Services {
    Services::with_streams(core(&world.opened, &world.panel, &world.clock), limits)
}

async fn all(services: &Services) -> Result<Rows<Client>, Error> {
    services.lists.all_clients(&token(), ClientFilter::default()).await
}

/// The names, or `None` when the list was cut.
async fn read(mut rows: Rows<Client>) -> Option<Vec<String>> {
    let mut names = Vec::new();
    while let Some(chunk) = rows.next().await {
        names.extend(chunk.ok()?.into_iter().map(|client| client.username.to_string()));
    }
    Some(names)
}

async fn a_stream_is_of_one_moment(kind: Kind) {
    let world = World::new(kind).await;
    let db = &world.opened.db;
    seed::clients(db, 3000).await;
    let rows = all(&world.services).await.unwrap();
    assert_eq!(rows.total(), 3000);
    // One comes in the middle and one at the end, and one at the end goes.
    seed::execute(db, "DELETE FROM clients WHERE username = 'c5'").await;
    seed::execute(
        db,
        "UPDATE clients SET username = 'changed', created_at = updated_at WHERE username = 'c6'",
    )
    .await;
    seed::execute(db, "UPDATE clients SET status = 'blocked' WHERE username = 'c3'").await;
    let names = read(rows).await.unwrap();
    assert_eq!(names.len(), 3000);
    assert!(names.iter().any(|name| name == "c5") && names.iter().any(|name| name == "c6"));
    let now = read(all(&world.services).await.unwrap()).await.unwrap();
    assert_eq!(now.len(), 2999);
    assert!(now.iter().any(|name| name == "changed"));
}

/// A connection to a server of these services; its reader has little room, so that the list cannot run ahead of it.
async fn connected(services: Services) -> (TcpStream, CancellationToken) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let shutdown = CancellationToken::new();
    tokio::spawn(serve(listener, router_of(services), Limits::default(), shutdown.clone(), Duration::ZERO));
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4096).unwrap();
    let mut stream = socket.connect(address).await.unwrap();
    stream.write_all(b"GET /api/v1/clients HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").await.unwrap();
    (stream, shutdown)
}

/// What arrived until the connection ended in whatever way.
async fn rest(mut stream: TcpStream) -> String {
    let mut bytes = Vec::new();
    let mut buffer = vec![0; 65536];
    while let Ok(read @ 1..) = stream.read(&mut buffer).await {
        bytes.extend_from_slice(&buffer[..read]);
    }
    String::from_utf8(bytes).unwrap()
}

async fn a_failure_in_the_middle_breaks_the_connection(kind: Kind) {
    let world = World::new(kind).await;
    let db = &world.opened.db;
    seed::clients(db, 40_000).await;
    let (whole, shutdown) = connected(world.services.clone()).await;
    let whole = rest(whole).await;
    assert!(whole.starts_with("HTTP/1.1 200 OK") && whole.contains("transfer-encoding: chunked"));
    assert!(whole.ends_with("],\"total\":40000}\r\n0\r\n\r\n"));
    shutdown.cancel();

    if kind == Kind::Sqlite {
        seed::execute(db, "UPDATE clients SET expires_at = 'never' WHERE username = 'c20000'").await;
    }
    let (mut stream, shutdown) = connected(world.services.clone()).await;
    let mut begin = [0; 512];
    stream.read_exact(&mut begin).await.unwrap();
    assert!(begin.starts_with(b"HTTP/1.1 200 OK"));
    if let Db::Postgres(pool) = db {
        let ended: Vec<bool> = sqlx::query_scalar(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
             WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'",
        )
        .fetch_all(pool)
        .await
        .unwrap();
        assert!(!ended.is_empty());
    }
    let cut = rest(stream).await;
    assert!(!cut.contains("\"total\"") && !cut.ends_with("0\r\n\r\n"), "it looks whole");
    assert!(cut.len() < whole.len());
    shutdown.cancel();
}

async fn only_so_many_run_at_once_and_small_lists_do_not_wait(kind: Kind) {
    let world = World::new(kind).await;
    seed::clients(&world.opened.db, 5000).await;
    let services = with(&world, limits());
    let mut running = Vec::new();
    for _ in 0..4 {
        running.push(all(&services).await.unwrap());
    }
    let Err(Error::Busy { retry_after }) = all(&services).await else { panic!("a fifth one runs") };
    assert_eq!(retry_after, limits().wait);
    let answer = super::lists::fetch(&router_of(services.clone()), "/api/v1/clients").await;
    assert_eq!((answer.status, answer.header("retry-after")), (503, Some("1")));
    // What is read at once goes on.
    let few = ClientFilter { username: Some("c77".to_owned()), ..ClientFilter::default() };
    let few = services.lists.all_clients(&token(), few).await.unwrap().few().unwrap();
    assert_eq!(few.len(), 1);
    services.clients.find(&token(), &ClientRef::Name("c77".to_owned())).await.unwrap();

    // One more is let in when another has gone.
    let patient = with(&world, StreamLimits { at_once: 1, wait: Duration::from_secs(20), ..limits() });
    let first = all(&patient).await.unwrap();
    let second = tokio::spawn({
        let patient = patient.clone();
        async move { read(all(&patient).await.unwrap()).await }
    });
    drop(first);
    assert_eq!(second.await.unwrap().unwrap().len(), 5000);
    running.pop();
    assert_eq!(read(running.pop().unwrap()).await.unwrap().len(), 5000);
}

async fn a_slow_reader_is_cut_and_makes_room(kind: Kind) {
    let world = World::new(kind).await;
    seed::clients(&world.opened.db, 5000).await;
    let limits =
        StreamLimits { at_once: 1, wait: Duration::from_secs(20), lasts: Duration::from_millis(100) };
    let services = with(&world, limits);
    let slow = all(&services).await.unwrap();
    // Nobody reads the first one: the second gets its turn only when that is cut.
    let second = all(&services).await.unwrap();
    drop(second);
    assert_eq!(read(slow).await, None, "a list that is cut has no end");
}

async fn a_slow_reader_of_a_socket_is_cut_too(kind: Kind) {
    let world = World::new(kind).await;
    seed::clients(&world.opened.db, 40_000).await;
    let lasts = Duration::from_millis(100);
    let services = with(&world, StreamLimits { at_once: 1, wait: Duration::from_secs(20), lasts });
    let (mut stream, shutdown) = connected(services.clone()).await;
    let mut begin = [0; 512];
    stream.read_exact(&mut begin).await.unwrap();
    drop(all(&services).await.unwrap());
    let cut = rest(stream).await;
    assert!(!cut.contains("\"total\"") && !cut.ends_with("0\r\n\r\n"), "it looks whole");
    shutdown.cancel();
}
