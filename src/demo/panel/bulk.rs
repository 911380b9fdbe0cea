//! `POST /api/users/bulk/…`: named by `uuids` in version 2 (200, with a count), by `userIds` in version 3 (empty).

use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::PanelVersion;
use super::ask::{Answer, Ask};
use super::errors::UPDATE_FAILED;
use super::fields::Fields;
use super::http::Reply;
use super::model::SimStatus;
use super::validate::Problem;

/// What is done to many at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Bulk {
    Delete,
    Extend,
    ResetTraffic,
    Revoke,
    Update,
    UpdateSquads,
}

impl Bulk {
    pub(super) fn find(name: &str) -> Option<Self> {
        match name {
            "delete" => Some(Self::Delete),
            "extend-expiration-date" => Some(Self::Extend),
            "reset-traffic" => Some(Self::ResetTraffic),
            "revoke-subscription" => Some(Self::Revoke),
            "update" => Some(Self::Update),
            "update-squads" => Some(Self::UpdateSquads),
            _ => None,
        }
    }

    pub(super) fn scope(self) -> &'static str {
        match self {
            Self::Delete => "bulk-delete",
            Self::Extend => "bulk-extend-expiration-date",
            Self::ResetTraffic => "bulk-reset-traffic",
            Self::Revoke => "bulk-revoke-subscription",
            Self::Update => "bulk-update-users",
            Self::UpdateSquads => "bulk-update-squads",
        }
    }

    /// The status in version 3; 202 where the work goes to a queue. Recorded for all but traffic and squads.
    fn status(self) -> u16 {
        match self {
            Self::Delete | Self::Extend => 204,
            Self::ResetTraffic | Self::Revoke | Self::Update | Self::UpdateSquads => 202,
        }
    }
}

const MAX_USERS: usize = 500;
const STATUSES: &[&str] = &["ACTIVE", "DISABLED", "LIMITED", "EXPIRED"];

/// What is to be done, read from the body.
#[derive(Default)]
struct Change {
    days: Option<u64>,
    status: Option<SimStatus>,
    squads: Option<Vec<Uuid>>,
}

impl Ask<'_> {
    pub(super) fn bulk(mut self, bulk: Bulk) -> Answer {
        let body = self.object()?;
        let (ids, change) = self.read_bulk(bulk, &body)?;
        self.database(UPDATE_FAILED)?;
        let mut affected = 0_u64;
        for id in ids {
            affected += u64::from(self.change_one(bulk, id, &change));
        }
        Ok(match self.version() {
            PanelVersion::V2 => Reply::response(200, json!({"affectedRows": affected})),
            PanelVersion::V3 => Reply::empty(bulk.status()),
        })
    }

    fn read_bulk(&self, bulk: Bulk, body: &Map<String, Value>) -> Result<(Vec<u64>, Change), Reply> {
        let version = self.version();
        let mut fields = Fields::new(version, body);
        let (name, ids) = match version {
            PanelVersion::V2 => {
                let uuids = fields.uuids("uuids");
                let id = |uuid: Uuid| self.store.by_uuid(uuid).map_or(0, |user| user.id);
                ("uuids", uuids.map(|uuids| uuids.into_iter().map(id).collect::<Vec<u64>>()))
            }
            PanelVersion::V3 => ("userIds", fields.numbers("userIds")),
        };
        let path = [json!(name)];
        match &ids {
            None if !fields.has(name) => fields.add(&path, &Problem::Type("array", "undefined"), None),
            Some(ids) if ids.is_empty() => fields.add(&path, &Problem::TooSmall("array", 1, true), None),
            Some(ids) if ids.len() > MAX_USERS => fields.add(&path, &Problem::TooBig("array", 500), None),
            _ => {}
        }
        let mut change = Change::default();
        match bulk {
            Bulk::Extend => change.days = fields.whole("extendDays", 1),
            Bulk::UpdateSquads => change.squads = fields.uuids("activeInternalSquads"),
            Bulk::Update => {
                let empty = Map::new();
                let inner = body.get("fields").and_then(Value::as_object).unwrap_or(&empty);
                let mut inner = Fields::new(version, inner);
                change.status = inner.word("status", STATUSES, "Invalid status").and_then(SimStatus::parse);
                inner.check()?;
            }
            Bulk::Delete | Bulk::ResetTraffic | Bulk::Revoke => {}
        }
        fields.check()?;
        Ok((ids.unwrap_or_default(), change))
    }

    /// Whether there was such a user.
    fn change_one(&mut self, bulk: Bulk, id: u64, change: &Change) -> bool {
        let (now, entropy) = (self.now, self.entropy);
        if bulk == Bulk::Delete {
            return self.store.remove(id).is_some();
        }
        let edited = self.store.edit(id, |user| match bulk {
            Bulk::Extend => {
                // A date beyond what can be written stays as it is.
                if let Some(days) = change.days.and_then(|days| i64::try_from(days).ok()) {
                    user.add_days(days, now);
                }
            }
            Bulk::ResetTraffic => user.reset_traffic(now),
            Bulk::Revoke => user.renew(Some(entropy.token(16)), now, entropy),
            Bulk::Update => {
                if let Some(status) = change.status {
                    user.set_status(status, now);
                }
            }
            Bulk::UpdateSquads => {
                if let Some(squads) = &change.squads {
                    user.squads.clone_from(squads);
                }
            }
            Bulk::Delete => {}
        });
        edited.is_some()
    }
}
