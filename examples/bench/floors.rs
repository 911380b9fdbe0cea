//! The floors: the least that must be done. Each is a process of its own, as the service is.

use std::convert::Infallible;
use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use axum::{Json, Router};
use chrono::{DateTime, SecondsFormat, Utc};
use futures::channel::mpsc::{UnboundedReceiver, unbounded};
use futures::{Stream, StreamExt as _, TryStreamExt as _};
use serde::Serialize;
use sqlx::FromRow;
use teloxide::prelude::*;
use tokio::net::TcpListener;
use uuid::Uuid;

use crate::Res;
use crate::database::Bare;

/// A client as its table has it.
#[derive(Debug, FromRow)]
struct Row {
    id: Uuid,
    username: String,
    remnawave_uuid: Option<String>,
    short_uuid: Option<String>,
    subscription_url: Option<String>,
    status: Status,
    expires_at: DateTime<Utc>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

#[derive(Debug, Clone, Copy, Serialize, sqlx::Type)]
#[sqlx(type_name = "client_status", rename_all = "lowercase")]
#[serde(rename_all = "lowercase")]
enum Status {
    Active,
    Blocked,
}

/// A client as the contract shows it.
#[derive(Debug, Serialize)]
struct Shown {
    id: Uuid,
    username: String,
    remnawave_uuid: Option<String>,
    short_uuid: Option<String>,
    subscription_url: Option<String>,
    status: Status,
    expires_at: String,
    created_at: String,
    updated_at: String,
}

impl From<Row> for Shown {
    fn from(row: Row) -> Self {
        let time = |time: DateTime<Utc>| time.to_rfc3339_opts(SecondsFormat::Micros, true);
        Self {
            id: row.id,
            username: row.username,
            remnawave_uuid: row.remnawave_uuid,
            short_uuid: row.short_uuid,
            subscription_url: row.subscription_url,
            status: row.status,
            expires_at: time(row.expires_at),
            created_at: time(row.created_at),
            updated_at: time(row.updated_at),
        }
    }
}

/// A bare axum server: one client, and all of them as a stream.
pub async fn api(url: &str) -> Res<()> {
    let database = Arc::new(Bare::open(url).await?);
    let router = Router::new()
        .route("/api/v1/clients/{id}", get(one))
        .route("/api/v1/clients", get(all))
        .with_state(database);
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    eprintln!("ready address={}", listener.local_addr()?);
    Ok(axum::serve(listener, router).await?)
}

async fn one(State(database): State<Arc<Bare>>, Path(id): Path<Uuid>) -> Response {
    const ONE: &str = "SELECT * FROM clients WHERE id = $1";
    let found: Result<Option<Row>, _> = match &*database {
        Bare::Sqlite(pool) => sqlx::query_as(ONE).bind(id).fetch_optional(pool).await,
        Bare::Postgres(pool) => sqlx::query_as(ONE).bind(id).fetch_optional(pool).await,
    };
    match found {
        Ok(Some(row)) => Json(Shown::from(row)).into_response(),
        Ok(None) => StatusCode::NOT_FOUND.into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

async fn all(State(database): State<Arc<Bare>>) -> Response {
    const ALL: &str = "SELECT * FROM clients ORDER BY created_at DESC, id DESC";
    let (rows, written) = tokio::sync::mpsc::channel::<Result<Bytes, sqlx::Error>>(2);
    tokio::spawn(async move {
        let rows_of_all = match &*database {
            Bare::Sqlite(pool) => sqlx::query_as::<_, Row>(ALL).fetch(pool).left_stream(),
            Bare::Postgres(pool) => sqlx::query_as::<_, Row>(ALL).fetch(pool).right_stream(),
        };
        let mut chunks = rows_of_all.try_ready_chunks(128);
        while let Some(chunk) = chunks.next().await {
            let bytes = chunk.map(text).map_err(|error| error.1);
            if rows.send(bytes).await.is_err() {
                return;
            }
        }
    });
    let body =
        futures::stream::unfold(written, |mut written| async { Some((written.recv().await?, written)) });
    ([(CONTENT_TYPE, "application/json")], Body::from_stream(body)).into_response()
}

fn text(rows: Vec<Row>) -> Bytes {
    let mut text = Vec::with_capacity(64 * 1024);
    for row in rows {
        if let Ok(()) = serde_json::to_writer(&mut text, &Shown::from(row)) {
            text.push(b',');
        }
    }
    text.into()
}

/// A bare teloxide dispatcher that answers everything with one constant, after the commit that the stored intake needs.
pub async fn dispatcher(url: &str, telegram: &url::Url, token: String) -> Res<()> {
    let database = Bare::open(url).await?;
    let bot = Bot::new(token).set_api_url(telegram.clone());
    let mut offset = 0;
    let handler = Update::filter_message().endpoint(|bot: Bot, message: Message| async move {
        bot.send_message(message.chat.id, "a constant").await?;
        respond(())
    });
    let (updates, listened) = unbounded();
    let intake = bot.clone();
    tokio::spawn(async move {
        loop {
            let mut ask = intake.get_updates().timeout(30).limit(100);
            ask.offset = Some(offset);
            let Ok(batch) = ask.await else { continue };
            let Some(last) = batch.last() else { continue };
            offset = i32::try_from(last.id.0).unwrap_or_default() + 1;
            if commit(&database).await.is_err() {
                return;
            }
            for update in batch {
                // Nobody listens any more at the end.
                let _gone = updates.unbounded_send(Ok(update));
            }
        }
    });
    eprintln!("ready address=127.0.0.1:0");
    let listener =
        teloxide::update_listeners::StatefulListener::new(listened, as_stream, |_: &mut Listened| {
            teloxide::stop::mk_stop_token().0
        });
    Dispatcher::builder(bot, handler)
        .build()
        .dispatch_with_listener(listener, LoggingErrorHandler::new())
        .await;
    Ok(())
}

type Listened = UnboundedReceiver<Result<Update, Infallible>>;

fn as_stream(listened: &mut Listened) -> impl Stream<Item = Result<Update, Infallible>> + Send + '_ {
    listened
}

async fn commit(database: &Bare) -> Result<(), sqlx::Error> {
    const NOTE: &str = "UPDATE bare SET n = n + 1";
    match database {
        Bare::Sqlite(pool) => {
            let mut tx = pool.begin_with("BEGIN IMMEDIATE").await?;
            sqlx::query(NOTE).execute(&mut *tx).await?;
            tx.commit().await
        }
        Bare::Postgres(pool) => {
            let mut tx = pool.begin().await?;
            sqlx::query(NOTE).execute(&mut *tx).await?;
            tx.commit().await
        }
    }
}
