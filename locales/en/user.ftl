# For clients and strangers.

stranger = 👋 Hello! This bot works by invitation.
stranger-id = If you need access, send your Telegram ID to an admin: <code>{ $id }</code>
stranger-copy = 📋 Copy the ID

user-home-title = 👋 <b>Your VPN</b>
user-home-client = { $emoji } <b>{ $username }</b> — { $state }, until { $date }, { $relative }
user-home-none = Nothing is linked to this Telegram account now. Ask an admin for a new invite.
user-choose = 📲 <b>Which configuration shall I send?</b>
user-choose-status = 📊 <b>Which access shall I show?</b>
user-choose-relink = 🔄 <b>Which link shall I replace?</b>
user-choose-others = 📋 Other clients

help-user = I send you your VPN configuration and help when something does not work.

    /config — get the configuration
    /status — how long your access lasts and how much traffic is left
    /rotate — replace the link if somebody else has seen it
    /start — home
    /lang — language

    Not working? Write me anything, and I will check.

welcome = 🎉 Done! This Telegram account is linked to <b>{ $username }</b>.
welcome-until = 📅 Your access is valid until { $date }, { $relative }.
welcome-next = Tap the button, and I will send the configuration.

delivery-title = { $emoji } <b>{ $username }</b> — { $state }
delivery-until = 📅 <b>Valid until:</b> { $date }, { $relative }
delivery-link = 🔗 <code>{ $url }</code>
delivery-scan = 📷 Scan the code from another device, or copy the link.
delivery-copy = 📋 Copy the link and paste it into the app.
delivery-link-only = ⚠️ The server does not answer right now, so there is no configuration text. The link and the code work.
delivery-document = 📄 Configuration of <b>{ $username }</b>

unfit-blocked = 🚫 The access of <b>{ $username }</b> is closed, so there is no configuration.
unfit-blocked-staff = 🚫 <b>{ $username }</b> is blocked: the configuration would not work. Give access back first.
unfit-expired = ⌛ <b>{ $username }</b> expired on { $date }, so there is no configuration.
unfit-expired-staff = ⌛ <b>{ $username }</b> expired on { $date }: the configuration would not work. Extend it first.
unfit-traffic = 🪫 The traffic of <b>{ $username }</b> is used up, so there is no configuration.
unfit-traffic-staff = 🪫 The traffic of <b>{ $username }</b> is used up: the configuration would not work. Raise the limit in the panel.
unfit-not-ready = 🔧 The configuration of <b>{ $username }</b> is not ready yet.
unfit-squad-staff = 🔧 <b>{ $username }</b> has no servers: add it to an internal squad with keys in the panel.
unfit-no-link-staff = 🔧 <b>{ $username }</b> has no panel user: create the client again.
