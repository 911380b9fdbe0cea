//! The HTTP side: connections, paths, tokens, bodies.

use std::io;
use std::sync::Arc;

use bytes::Bytes;
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::Incoming;
use hyper::header::{CONTENT_TYPE, DATE, HeaderValue};
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::call::{self, Reply};
use super::media::MAX_DOCUMENT;
use super::refusal::Refusal;
use super::request;
use super::shared::Shared;

/// The largest body: a document and some room for the other parts.
const MAX_BODY: usize = MAX_DOCUMENT + 1024 * 1024;

type Answer = Response<Full<Bytes>>;

/// Accepts until `stop`; every connection ends with it.
pub(super) async fn serve(listener: TcpListener, shared: Arc<Shared>, stop: CancellationToken) {
    let connections = TaskTracker::new();
    loop {
        let stream = tokio::select! {
            () = stop.cancelled() => break,
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => stream,
                // A connection that died before it was accepted; or no descriptors, which others will free.
                Err(_) => {
                    tokio::task::yield_now().await;
                    continue;
                }
            },
        };
        connections.spawn(connection(stream, Arc::clone(&shared), stop.clone()));
    }
    drop(listener);
    connections.close();
    connections.wait().await;
}

async fn connection(stream: TcpStream, shared: Arc<Shared>, stop: CancellationToken) {
    let service = service_fn(|request| answer(request, Arc::clone(&shared)));
    let serving = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service);
    tokio::select! {
        () = stop.cancelled() => {}
        // An error here is a peer that went away, or a drop that was asked for.
        _ended = serving => {}
    }
}

/// The answer, with the time it is here. An error is a connection that ends without an answer.
async fn answer(request: Request<Incoming>, shared: Arc<Shared>) -> Result<Answer, io::Error> {
    let mut answer = answer_to(request, &shared).await?;
    let date = shared.lock().now.format("%a, %d %b %Y %H:%M:%S GMT").to_string();
    answer.headers_mut().insert(DATE, HeaderValue::from_str(&date).map_err(io::Error::other)?);
    Ok(answer)
}

async fn answer_to(request: Request<Incoming>, shared: &Shared) -> Result<Answer, io::Error> {
    let path = request.uri().path().replace("%3A", ":").replace("%3a", ":");
    let mut segments = path.trim_start_matches('/').splitn(2, '/');
    let (first, rest) = (segments.next().unwrap_or_default(), segments.next().unwrap_or_default());
    if first == "file" {
        return Ok(download(shared, rest));
    }
    let Some(token) = first.strip_prefix("bot") else {
        return Ok(refused(&Refusal::new(404, "Not Found")));
    };
    if let Err(refusal) = authorized(shared, token) {
        return Ok(refused(&refusal));
    }
    let method = rest.trim_end_matches('/').to_owned();
    let reply = match read(request).await {
        Ok(params) => call::answer(shared, &method, params).await,
        Err(refusal) => {
            shared.change(|state| state.violation(format!("{method}: {}", refusal.description)));
            Reply::Refused(refusal)
        }
    };
    match reply {
        Reply::Result(result) => Ok(json_answer(StatusCode::OK, &json!({ "ok": true, "result": result }))),
        Reply::Refused(refusal) => Ok(refused(&refusal)),
        Reply::BadGateway => Ok(bad_gateway()),
        Reply::Drop => Err(io::ErrorKind::ConnectionReset.into()),
        Reply::Hang => std::future::pending::<Result<Answer, io::Error>>().await,
    }
}

async fn read(request: Request<Incoming>) -> Result<super::params::Params, Refusal> {
    let query = request.uri().query().unwrap_or_default().to_owned();
    let kind = request
        .headers()
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
        .to_owned();
    let body = Limited::new(request.into_body(), MAX_BODY).collect().await.map_err(|error| {
        if error.is::<LengthLimitError>() {
            Refusal::new(413, "Request Entity Too Large")
        } else {
            Refusal::bad("the request ended too early").circumstance()
        }
    })?;
    request::read(&query, &kind, body.to_bytes()).await
}

/// A token that could be one is 401, anything else 404, as Telegram tells them apart.
fn authorized(shared: &Shared, token: &str) -> Result<(), Refusal> {
    if token == shared.token {
        return Ok(());
    }
    // The token itself is a secret, even a wrong one.
    shared.change(|state| state.violation("a call with a wrong token".to_owned()));
    let well_formed = token.split_once(':').is_some_and(|(id, secret)| {
        let secret_letter = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
        id.parse::<u64>().is_ok() && !secret.is_empty() && secret.bytes().all(secret_letter)
    });
    Err(if well_formed { Refusal::new(401, "Unauthorized") } else { Refusal::new(404, "Not Found") })
}

/// `/file/bot<token>/<file_path>`.
fn download(shared: &Shared, rest: &str) -> Answer {
    let found = rest.strip_prefix("bot").and_then(|rest| rest.split_once('/')).and_then(|(token, path)| {
        let id = path.rsplit('/').next()?;
        let id = id.rsplit("%2F").next()?;
        shared.lock().file(id).filter(|_| token == shared.token)
    });
    match found {
        Some(file) => {
            let mut answer = Response::new(Full::new(file.bytes.clone()));
            let kind = HeaderValue::from_static("application/octet-stream");
            answer.headers_mut().insert(CONTENT_TYPE, kind);
            answer
        }
        None => refused(&Refusal::new(404, "Not Found")),
    }
}

fn refused(refusal: &Refusal) -> Answer {
    json_answer(StatusCode::from_u16(refusal.code).unwrap_or(StatusCode::BAD_REQUEST), &refusal.body())
}

fn json_answer(status: StatusCode, body: &Value) -> Answer {
    with_body(status, "application/json", body.to_string())
}

fn bad_gateway() -> Answer {
    let page = "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway\
                </h1></center>\r\n<hr><center>nginx/1.18.0</center>\r\n</body>\r\n</html>\r\n";
    with_body(StatusCode::BAD_GATEWAY, "text/html", page.to_owned())
}

fn with_body(status: StatusCode, kind: &'static str, body: String) -> Answer {
    let mut answer = Response::new(Full::new(Bytes::from(body)));
    *answer.status_mut() = status;
    answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    answer
}
