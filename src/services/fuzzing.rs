//! A door for `fuzz/`: the configuration that a client is handed.

use crate::panel::PanelSubscription;

use super::keys;

/// Every key, and what it is called.
pub fn keys(configuration: &PanelSubscription) {
    for key in keys::named(configuration) {
        assert_eq!(key.mark.len(), 8);
        assert!(key.name.is_none_or(|name| !name.trim().is_empty()));
    }
}
