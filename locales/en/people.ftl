# Roles, invites, links to Telegram accounts.

role-none = no role
role-viewer = viewer
role-operator = operator
role-admin = admin
role-owner = owner
role-viewer-may = 👁 A viewer sees clients, the log and statistics, but no links or keys.
role-operator-may = 🛠 An operator creates, extends, blocks, invites and unlinks clients and hands out configurations.
role-admin-may = 🛡 An admin may do everything else too: change dates and links, delete, import, broadcast, make API tokens.

roles-title = 👥 <b>Who may do what</b>
roles-line = { $emoji } <b>{ $name }</b> — { $role }
roles-line-settings = { $emoji } <b>{ $name }</b> — { $role }, from the settings
roles-line-own = { $emoji } <b>{ $name }</b> — { $role }, that is you
roles-button = 👥 Roles
roles-button-give = ➕ Give a role
role-button = 👤 Role

role-person = 👤 <b>{ $name }</b>
role-now = 📌 <b>Now:</b> { $emoji } { $role }
role-unseen = 💤 This person has not written to me yet. The role takes effect once they open the bot and press “Start”.
role-button-take = ✖️ Take the role away

role-ask = ❓ <b>Give the role “{ $role }”?</b>
    👤 { $name }
role-ask-take = ❓ <b>Take the role away?</b>
    👤 { $name }
role-ask-lost = It takes effect at once. What the new role does not allow ends: API tokens, unused invites, unfinished actions.
role-yes = ✅ Yes
role-no = ✖️ No

role-whom = 👤 <b>Who gets a role?</b>
    Send their Telegram ID (the bot shows it to everyone who writes /start), or their @name if they have written to me before.
role-whom-wrong = 🤷 I found nobody. Send the Telegram ID as a number, or the @name of somebody who has written to me.
role-changed = ✅ <b>{ $name }</b>: { $role } now. It takes effect at once.
role-same = 👌 <b>{ $name }</b>: { $role } already, nothing has changed.
role-taken = ✖️ <b>{ $name }</b>: no role any more. It takes effect at once.
role-same-none = 👌 <b>{ $name }</b>: there was no role.
role-tokens-ended = 🔑 API tokens revoked: { $count }
role-invites-ended = ✉️ Invites ended: { $count }
role-told = { $emoji } Your role is now: <b>{ $role }</b>. What you may do: /help
role-told-taken = ✖️ You have no role any more: you can no longer manage clients.

role-error-settings = 👑 This role comes from the settings (<code>ADMIN_IDS</code>) and can only be changed there.
role-error-own = 👑 This is your own role: only another owner can change it.
role-error-unknown = 🤷 Nobody of that name has written to me. Use the numeric Telegram ID.
usage-roles = 🤔 That does not work. Write <code>/grant 123456789 operator</code> or <code>/revoke 123456789</code>; instead of the number <code>@name</code> will do. Roles: <code>viewer</code>, <code>operator</code>, <code>admin</code>. Owners are named only in the settings.

unlink-button = 🔓 Unlink
move-button = 🔀 Another Telegram
take-back-button = ↩️ Take it back
people-no = ✖️ No
list-title-unlink = 🔓 <b>Whom shall I unlink from Telegram?</b>

unlink-ask = ❓ <b>Unlink { $username } from Telegram?</b>
unlink-ask-who = 👤 <b>Now:</b> { $name }
unlink-ask-lost = This person will get no configuration from me any more. A VPN that is already set up works until the link is replaced.
unlink-yes = 🔓 Yes, unlink
unlink-done = 🔓 <b>{ $username }</b> is no longer linked to { $name }
unlink-keeps = A VPN that is set up there works until the link is replaced.
unlink-nobody = 👌 <b>{ $username }</b> is not linked to anybody.
unlink-nobody-word = nobody
unlink-another = 🤷 Somebody else is linked to <b>{ $username }</b> by now: { $name }. I changed nothing.
unlink-told = 🔓 The access <b>{ $username }</b> is no longer linked to this Telegram account. If that is a mistake, write to an admin.
invite-taken = 🔒 <b>{ $username }</b> is linked already: { $name }. It needs an invite only after it is unlinked or moved.

move-ask = ❓ <b>Move { $username } to another Telegram?</b>
move-ask-what = This person will be unlinked, and you will get an invite to forward to the other Telegram account.
move-ask-replace = If the old phone must not use the VPN any more, replace the link too: the old one stops working.
move-yes = 🔀 Yes, move it
move-yes-replace = 🔄 Yes, and replace the link
move-replaced = 🔄 The link is replaced: the old one no longer works.
move-not-replaced = ⚠️ The link was NOT replaced: the panel could not do it. Replace it later, with the button on the card.
move-before = 👌 This was done already. Linked to <b>{ $username }</b> now: { $name }

help-line-unlink = /unlink — unlink a client from Telegram: <code>/unlink alice</code>
help-line-roles = /roles — who may do what; at once: <code>/grant 123456789 operator</code>, <code>/revoke 123456789</code>
menu-unlink = unlink from Telegram
menu-roles = who may do what
