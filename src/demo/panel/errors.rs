//! The panel's application errors: `{timestamp, path, message, errorCode}`.

use chrono::{DateTime, Utc};
use serde_json::json;

use super::http::Reply;
use super::model::date;

/// An application error: status, message, code.
#[derive(Debug, Clone, Copy)]
pub(super) struct AppError(pub u16, pub &'static str, pub &'static str);

pub(super) const CREATE_FAILED: AppError = AppError(500, "Failed to create user", "A018");
pub(super) const USERNAME_TAKEN: AppError = AppError(400, "User username already exists", "A019");
pub(super) const SHORT_UUID_TAKEN: AppError = AppError(400, "User short UUID already exists", "A020");
/// Not recorded: from the contract's own list of errors.
pub(super) const LIST_FAILED: AppError = AppError(500, "Get all users error", "A024");
pub(super) const NOT_FOUND: AppError = AppError(404, "User not found", "A025");
pub(super) const GET_FAILED: AppError = AppError(500, "Get user by error", "A026");
pub(super) const REVOKE_FAILED: AppError = AppError(500, "Revoke user subscription error", "A027");
pub(super) const DISABLE_FAILED: AppError = AppError(500, "Disable user error", "A028");
pub(super) const ALREADY_DISABLED: AppError = AppError(400, "User already disabled", "A029");
pub(super) const ALREADY_ENABLED: AppError = AppError(400, "User already enabled", "A030");
pub(super) const ENABLE_FAILED: AppError = AppError(500, "Enable user error", "A031");
pub(super) const DELETE_FAILED: AppError = AppError(500, "Delete user error", "A037");
pub(super) const UPDATE_FAILED: AppError = AppError(500, "Update user error", "A039");
/// Not recorded: from the contract's own list of errors.
pub(super) const RESET_FAILED: AppError = AppError(500, "Reset user traffic error", "A056");
pub(super) const LOOK_UP_NOT_FOUND: AppError = AppError(404, "User with specified params not found", "A063");
/// Not recorded: from the contract's own list of errors.
pub(super) const HOSTS_FAILED: AppError = AppError(500, "Get all hosts error", "A050");
pub(super) const SQUADS_FAILED: AppError = AppError(500, "Get internal squads error", "A116");

impl AppError {
    /// The error as answered to a request for `path`.
    pub(super) fn reply(self, path: &str, now: DateTime<Utc>) -> Reply {
        let Self(status, message, code) = self;
        let body = json!({"timestamp": date(now), "path": path, "message": message, "errorCode": code});
        Reply::json(status, &body)
    }
}
