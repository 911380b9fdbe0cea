# What the bot writes by itself.

still-working = ⏳ Still working on it…
too-fast = 🐢 That was too much at once. I will not answer for a minute; write to me again after that.

notice-button-config = 📲 Get configuration
notice-button-bot = 🤖 Open the bot
notice-button-status = 📊 My access

notice-extended = 📅 Your access <b>{ $username }</b> was extended by { $days ->
    [one] { $days } day
   *[other] { $days } days
  }. It is valid until { $date }, { $relative }.
notice-moved = 📅 The date of your access <b>{ $username }</b> was changed. It is valid until { $date }, { $relative }.
notice-past = ⌛ The date of your access <b>{ $username }</b> was changed: it ended on { $date }.
notice-still-closed = 🚫 The access itself is still closed.
notice-blocked = 🚫 Your access <b>{ $username }</b> was closed. If you do not know why, write to an admin.
notice-unblocked = ✅ Your access <b>{ $username }</b> is open again, until { $date }, { $relative }.
notice-unblocked-expired = ✅ Your access <b>{ $username }</b> is open again, but it expired on { $date }. Ask an admin to extend it.
notice-rotated = 🔄 The link of your access <b>{ $username }</b> was replaced: the old one no longer works. Get the new configuration.
notice-broadcast = 📣 { $text }

notice-expiring = ⏳ Your access <b>{ $username }</b> ends { $relative }: { $date }.
notice-expiring-several = ⏳ <b>Your access ends soon:</b>
notice-expiring-hint = Renew it in time, and your VPN goes on without a break. Nothing has to be set up again.
notice-expired = ⌛ Your access <b>{ $username }</b> ended on { $date }, so the VPN does not work.
notice-expired-several = ⌛ <b>Your access has ended, and its VPN does not work:</b>
notice-expired-hint = Renew it, and the VPN works again. Nothing has to be set up again.
notice-dated = • <b>{ $username }</b> — { $date }, { $relative }
notice-more = … and { $count } more

owner-deleted = 🗑 <b>{ $who }</b> deleted the client <b>{ $username }</b>.
owner-granted = 👮 <b>{ $who }</b> gave { $person } the role “{ $role }”.
owner-revoked = 👮 <b>{ $who }</b> took the role “{ $role }” from { $person }.
owner-long-extension = 📅 <b>{ $who }</b> extended the client <b>{ $username }</b> by { $days ->
    [one] { $days } day
   *[other] { $days } days
  }, until { $date }.
owner-another-bot = 🤖 Another bot is at work now. It may not write to people before they press Start in it. Until now the bot could write to { $people ->
    [one] { $people } person
   *[other] { $people } people
  }. Pass on the new bot's link; who has not pressed Start yet stands on the client's card.
owner-role-viewer = viewer
owner-role-operator = operator
owner-role-admin = admin
owner-role-owner = owner
owner-role-user = user
