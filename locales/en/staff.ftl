# For those who run the VPN: home, list, card, invites.

home-title = 🏠 <b>Your VPN</b>
home-clients = 👥 <b>Clients:</b> { $total }
home-active = ✅ Active: { $count }
home-blocked = 🚫 Blocked: { $count }
home-expired = ⌛ Expired: { $count }
home-expiring = ⏳ Expiring soon: { $count }
home-all = 📋 All clients: { $count }

panel-ok = 🟢 <b>Panel:</b> works, version { $version }
panel-waiting = ⚪ <b>Panel:</b> has not answered yet, give it a minute
panel-no-address = 🔴 <b>Panel:</b> its address is missing. Set <code>REMNAWAVE_BASE_URL</code> and restart the service.
panel-no-token = 🔴 <b>Panel:</b> the token is missing. Make one in the panel, set <code>REMNAWAVE_API_TOKEN</code> and restart the service.
panel-token-refused = 🔴 <b>Panel:</b> it refuses the token. Make a new one in the panel, set <code>REMNAWAVE_API_TOKEN</code> and restart the service.
panel-scope = 🔴 <b>Panel:</b> the token lacks permissions. Make one with all of them.
panel-unreachable = 🔴 <b>Panel:</b> no answer. Check that it runs and that the address is right; I keep trying.
panel-nonsense = 🔴 <b>Panel:</b> something else answers at this address. Check <code>REMNAWAVE_BASE_URL</code>.
panel-no-squad = 🔴 <b>Panel:</b> there is no squad for new clients. Make an internal squad in the panel or set <code>REMNAWAVE_INTERNAL_SQUADS</code>.
panel-untested = 🟡 <b>Panel:</b> works, but version { $version } is not tested yet

list-title-card = 📋 <b>Clients</b>
list-title-config = 📲 <b>Whose configuration shall I send?</b>
list-title-invite = ✉️ <b>Whom shall I invite?</b>
list-title-log = 📜 <b>Whose log shall I show?</b>
list-filter = 🔎 <b>Shown:</b> { $filter }
list-total = 👥 <b>Total:</b> { $total }
list-page = 📄 <b>Page:</b> { $page } of { $pages }
list-empty = Nobody here yet.
filter-all = all
filter-active = active
filter-blocked = blocked
filter-expired = expired
filter-valid = not expired
filter-soon = expire in 3 days
filter-two = { $status }, { $expiry }
filter-button-all = All

card-state = 📌 <b>State:</b> { $state }
card-expires = 📅 <b>Valid until:</b> { $date }, { $relative }
card-expired = 📅 <b>Was valid until:</b> { $date }, { $relative }
card-traffic = 📊 <b>Traffic:</b> { $used } of { $limit }
card-traffic-unlimited = 📊 <b>Traffic:</b> { $used }, no limit
card-online = 📶 <b>Last online:</b> { $relative }
card-never-online = 📶 <b>Last online:</b> never
card-panel-silent = 📡 <b>Panel:</b> no answer, so the traffic is unknown for now
card-telegram = 👤 <b>Telegram:</b> { $name }
card-must-start = ⚠️ Has not pressed Start in the new bot: the bot cannot write to them.
card-no-telegram = 👤 <b>Telegram:</b> not linked
card-created = 🆕 <b>Created:</b> { $date }
card-link = 🔗 <b>Link:</b> <code>{ $url }</code>

log-title = 📜 <b>Log</b>
log-total = 🧾 <b>Records:</b> { $total }
log-empty = Nothing like that has happened yet.
log-row = { $emoji } <b>{ $client }</b> — { $what }
log-row-by = { $date } · { $who } · { $source }
log-row-error = ⚠️ { $error }
log-unknown-person = 🤷 Nobody with the name @{ $name } has written to me. Try the numeric Telegram ID.
action-create = created
action-delete = deleted
action-extend = extended
action-block = blocked
action-unblock = unblocked
action-get-config = configuration fetched
action-rotate-config = link replaced
action-auto-deactivate = closed on expiry
source-bot = bot
source-api = API
source-job = the service itself
source-panel = panel

invite-title = ✉️ <b>Invite for { $username }</b>
invite-until = 📅 <b>Valid until:</b> { $date }, { $relative }
invite-forward-hint = The link works once. Forward the message below to the client 👇
invite-forward = 🔑 Your VPN access is ready.

    Open the link and press “Start”, the bot will send your configuration:
    { $link }
invite-accepted = 🤝 The invite for <b>{ $username }</b> was accepted by { $name }

help-staff = 👋 I help you run the VPN. You can write:
help-line-home = /menu — home: the panel and the clients at a glance
help-line-new = /new — a new client; all at once: <code>/new alice 30</code>
help-line-clients = /clients — the list, or part of it: <code>/clients active</code>, <code>blocked</code>, <code>expired</code>, <code>valid</code>
help-line-client = /client — a card: <code>/client alice</code>
help-line-config = /config — a client's configuration: <code>/config alice</code>
help-line-invite = /invite — an invite for a client: <code>/invite alice</code>
help-line-log = /log — what was done, by whom and from where, or part of it: <code>/log alice @olga extend</code>
help-line-ops = /ops — a client's log: <code>/ops alice</code>
help-line-cancel = /cancel — cancel what you started
help-line-status = /status — your own VPN, if you have one
help-line-lang = /lang — language, /help — this list
usage-new = 🤔 Too many words here. Write the name and the number of days, for example: <code>/new alice 30</code>
usage-clients = 🤔 I cannot filter like that. Try <code>/clients active</code>, <code>/clients blocked</code>, <code>/clients expired</code> or <code>/clients active valid</code>
usage-one-client = 🤔 Name one client: a name has no spaces, for example <code>/client alice</code>
usage-log = 🤔 I cannot filter like that. You can name one client, one person and one action, for example <code>/log alice @olga extend</code> or <code>/log token:shop</code>

owner-welcome = 👑 You are the owner now and may do everything. The link will not work again.

