//! What lists take: filters, `limit` and `cursor`.

use crate::domain::client::ClientFilter;
use crate::domain::ids::{ClientId, TelegramId};
use crate::domain::operation::AuditFilter;
use crate::domain::page::Window;

use super::cursor::{self, Kind};
use super::validate::{self, Problem, Problems, Read, Received};

/// Rows of a page when only a cursor is given, and of the audit's page when nothing is.
const USUAL: u32 = 100;

/// `?status=active|blocked&expired=BOOL&username=NAME&telegram_id=ID`, and the page; without one, the whole list.
#[derive(Debug, Clone)]
pub struct ClientsQuery {
    /// Which clients.
    pub filter: ClientFilter,
    /// Which page.
    pub window: Option<Window>,
}

impl Read for ClientsQuery {
    fn read(received: &Received, problems: &mut Problems) -> Option<Self> {
        let status = received.query("status", problems, validate::status);
        let expired = received.query("expired", problems, validate::boolean);
        let username = received.query("username", problems, any_text);
        let telegram_id = received.query("telegram_id", problems, validate::integer);
        let window = window(Kind::Clients, received, problems);
        let filter = ClientFilter {
            status: status?,
            expired: expired?,
            username: username?,
            telegram_id: telegram_id?.map(TelegramId),
            ..ClientFilter::default()
        };
        Some(Self { filter, window: window? })
    }
}

/// `?client_id=UUID`, and the page; without one, the whole list.
#[derive(Debug, Clone, Copy)]
pub struct OperationsQuery {
    /// Whose.
    pub client: Option<ClientId>,
    /// Which page.
    pub window: Option<Window>,
}

impl Read for OperationsQuery {
    fn read(received: &Received, problems: &mut Problems) -> Option<Self> {
        let client = received.query("client_id", problems, validate::uuid);
        let window = window(Kind::Operations, received, problems);
        Some(Self { client: client?.map(ClientId), window: window? })
    }
}

/// `?client_id=&username=&actor=&source=&action=&result=&since=&until=`, and the page.
#[derive(Debug, Clone)]
pub struct AuditQuery {
    /// Which rows.
    pub filter: AuditFilter,
    /// Which page.
    pub window: Window,
}

impl Read for AuditQuery {
    fn read(received: &Received, problems: &mut Problems) -> Option<Self> {
        let client_id = received.query("client_id", problems, validate::uuid);
        let username = received.query("username", problems, any_text);
        let actor = received.query("actor", problems, any_text);
        let source = received.query("source", problems, validate::source);
        let action = received.query("action", problems, validate::action);
        let result = received.query("result", problems, validate::outcome);
        let since = received.query("since", problems, validate::moment);
        let until = received.query("until", problems, validate::moment);
        let window = window(Kind::Audit, received, problems);
        let filter = AuditFilter {
            client_id: client_id?.map(ClientId),
            username: username?,
            actor: actor?,
            source: source?,
            action: action?,
            result: result?,
            since: since?,
            until: until?,
            from_row: None,
        };
        Some(Self { filter, window: window?.unwrap_or(Window { limit: USUAL, after: None }) })
    }
}

/// `?limit=1..1000&cursor=CURSOR`; nothing when neither is there.
fn window(kind: Kind, received: &Received, problems: &mut Problems) -> Option<Option<Window>> {
    let limit = received.query("limit", problems, validate::limit);
    let cursor = |text: &str| {
        cursor::read(kind, text).map_err(|_| Problem::Value("this is no cursor that this list has given"))
    };
    let after = received.query("cursor", problems, cursor);
    let (limit, after) = (limit?, after?);
    let given = limit.is_some() || after.is_some();
    Some(given.then(|| Window { limit: limit.unwrap_or(USUAL), after }))
}

/// A text that is only compared.
fn any_text(text: &str) -> Result<String, Problem> {
    Ok(text.to_owned())
}
