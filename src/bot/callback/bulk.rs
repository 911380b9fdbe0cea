//! The buttons of search, import, broadcast and numbers.

use std::fmt;

use crate::bot::spot::Purpose;
use crate::domain::ids::BulkTaskId;

use super::{Nonce, VERSION, long, short};

/// What such a button says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BulkTap {
    /// Ask what to look for; a tap on what is found does this.
    Find(Purpose),
    /// Look for nothing.
    NoFind,
    /// Count what there is to import.
    Import,
    /// Import it.
    YesImport(Nonce),
    /// Do not.
    NoImport,
    /// Ask for the text of a broadcast.
    Broadcast,
    /// Send the text that the dialogue has.
    YesBroadcast(Nonce),
    /// Do not.
    NoBroadcast,
    /// Stop an import or a broadcast.
    Stop(BulkTaskId),
    /// The numbers, with a chart.
    Stats,
}

impl fmt::Display for BulkTap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let v = VERSION;
        match self {
            Self::Find(purpose) => write!(f, "find:{v}:{}", purpose.letter()),
            Self::NoFind => write!(f, "no:{v}:find"),
            Self::Import => write!(f, "import:{v}"),
            Self::YesImport(nonce) => write!(f, "yes:{v}:import:{}", nonce.text()),
            Self::NoImport => write!(f, "no:{v}:import"),
            Self::Broadcast => write!(f, "broadcast:{v}"),
            Self::YesBroadcast(nonce) => write!(f, "yes:{v}:broadcast:{}", nonce.text()),
            Self::NoBroadcast => write!(f, "no:{v}:broadcast"),
            Self::Stop(id) => write!(f, "stop:{v}:{}", short(id.0)),
            Self::Stats => write!(f, "stats:{v}"),
        }
    }
}

impl BulkTap {
    /// The tap of such data, if it is one of these.
    pub(super) fn read(action: &str, rest: Option<&str>) -> Option<Self> {
        match (action, rest) {
            ("find", Some(letter)) => Purpose::of(letter.chars().next()?).map(Self::Find),
            ("no", Some("find")) => Some(Self::NoFind),
            ("import", None) => Some(Self::Import),
            ("no", Some("import")) => Some(Self::NoImport),
            ("broadcast", None) => Some(Self::Broadcast),
            ("no", Some("broadcast")) => Some(Self::NoBroadcast),
            ("yes", Some(rest)) => match rest.split_once(':')? {
                ("import", nonce) => Nonce::read(nonce).map(Self::YesImport),
                ("broadcast", nonce) => Nonce::read(nonce).map(Self::YesBroadcast),
                _ => None,
            },
            ("stop", Some(id)) => Some(Self::Stop(BulkTaskId(long(id)?))),
            ("stats", None) => Some(Self::Stats),
            _ => None,
        }
    }
}
