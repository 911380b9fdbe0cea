//! Whom to turn to and where to pay: the same words and buttons on every screen about one's own clients.

use url::Url;

use crate::bot::callback::Tap;
use crate::bot::connect_link::openable;
use crate::bot::format::Eyes;
use crate::bot::locale::{Key, args};
use crate::bot::screen::{Button, Screen};
use crate::bot::settings::BotSettings;
use crate::domain::contact::Contact;
use crate::services::views::Unfit;

/// `SUPPORT_CONTACT` and `PAY_URL`, where they are set.
#[derive(Debug, Clone, Copy, Default)]
pub struct Contacts<'a> {
    support: Option<&'a Contact>,
    pay: Option<&'a Url>,
}

impl<'a> Contacts<'a> {
    /// Those of the settings. A page that no phone reaches is none.
    pub fn of(settings: &'a BotSettings) -> Self {
        Self::new(settings.support_contact.as_ref(), settings.pay_url.as_ref())
    }

    /// These.
    pub fn new(support: Option<&'a Contact>, pay: Option<&'a Url>) -> Self {
        Self { support, pay: pay.filter(|pay| openable(pay.as_str()).is_some()) }
    }

    /// What to do when there is no working configuration: pay, or ask somebody.
    pub fn advice(self, why: Unfit, eyes: &Eyes) -> Vec<String> {
        let t = eyes.t;
        let pay = self.pay.and(paid(why)).map(|(_, words)| t.html(words, &[]));
        let ask = match self.support {
            Some(contact) => Some(self.support_words(contact, eyes)),
            None => pay.is_none().then(|| t.html("contacts-ask-admin", &[])),
        };
        pay.into_iter().chain(ask).collect()
    }

    /// Whom to turn to in general; an admin where nobody is named.
    pub fn whom(self, eyes: &Eyes) -> String {
        match self.support {
            Some(contact) => self.support_words(contact, eyes),
            None => eyes.t.html("contacts-admin", &[]),
        }
    }

    fn support_words(self, contact: &Contact, eyes: &Eyes) -> String {
        eyes.t.html("contacts-support", args![contact = contact.words()])
    }

    /// The screen with the one button that helps here, then support, then home.
    pub fn under_unfit(self, screen: Screen, why: Unfit, eyes: &Eyes) -> Screen {
        screen.row(self.fitting(why, eyes)).row(self.support_unless_fitting(why, eyes)).row([home(eyes)])
    }

    /// The one button that helps when there is no working configuration.
    pub fn fitting(self, why: Unfit, eyes: &Eyes) -> Option<Button> {
        let pay = self.pay.zip(paid(why));
        let pay = pay.map(|(pay, (label, _))| Button::Open(eyes.t.plain(label, &[]), pay.clone()));
        pay.or_else(|| self.support(eyes))
    }

    /// The support's button where the fitting one is another.
    pub fn support_unless_fitting(self, why: Unfit, eyes: &Eyes) -> Option<Button> {
        self.support(eyes).filter(|_| self.pay.and(paid(why)).is_some())
    }

    /// Opens the chat with the support, or its page.
    pub fn support(self, eyes: &Eyes) -> Option<Button> {
        let url = openable(self.support?.url()?.as_str())?;
        Some(Button::Open(eyes.t.plain("button-support", &[]), url))
    }

    /// Opens the page where people pay.
    pub fn pay(self, eyes: &Eyes) -> Option<Button> {
        Some(Button::Open(eyes.t.plain("button-pay", &[]), self.pay?.clone()))
    }
}

/// Whether money helps: the button and the words for it.
fn paid(why: Unfit) -> Option<(Key, Key)> {
    match why {
        Unfit::Expired => Some((Key("button-renew"), Key("contacts-renew"))),
        Unfit::TrafficUsedUp => Some((Key("button-pay"), Key("contacts-pay"))),
        Unfit::Blocked | Unfit::NoSquad | Unfit::NotLinked => None,
    }
}

fn home(eyes: &Eyes) -> Button {
    Button::Tap(eyes.t.plain("button-home", &[]), Tap::Home)
}
