# Search, import, broadcast, numbers.

find-button = 🔍 Find
find-ask = 🔍 Who are you looking for? Send part of a name or note, a Telegram ID, an @name or a client's UUID.
find-ask-links = 🔍 Who are you looking for? Send part of a name or note, a Telegram ID, an @name, a client's UUID or link.
find-nobody = 🤷 Nobody found for “{ $text }”.

    Try part of the name or a word of the note; upper or lower case does not matter.
find-again = 🔍 Find another
find-all = 📋 All clients
list-search = 🔍 <b>Search:</b> “{ $text }”
list-order = ↕️ <b>Order:</b> { $order }
list-order-newest = newest first
list-order-expiry = expiring soonest first
list-button-expiry = ↕️ By expiry
list-button-newest = ↕️ Newest first
list-button-all = ✖️ End search
list-found-none = Nobody found with this filter. Choose another filter or end the search.

bulk-stop = ⏹ Stop

import-title = 📥 <b>Import from the panel</b>
import-total = 👥 <b>On the panel:</b> { $count }
import-clients = 📋 <b>Clients already:</b> { $count }
import-fresh = 🆕 <b>Will become clients:</b> { $count }
import-kinds = ✅ { $active } · 🚫 { $blocked } · ⌛ { $expired }
import-taken = ⚠️ <b>The name belongs to another client:</b> { $count }
import-unfit = ⚠️ <b>Name or link too long:</b> { $count }
import-left-out = Left out: { $names }
import-how = Names, dates and links stay as they are. Nothing changes on the panel.
import-nothing = There is nobody to import.
import-yes = ✅ Import { $count }
import-no = ✖️ No
import-running = ⏳ <b>Importing…</b>
import-seen = 👀 <b>Looked at:</b> { $seen } of { $total }
import-again = 🔁 Looking once more: somebody may have been added meanwhile
import-adopted = 🆕 <b>Became clients:</b> { $count }
import-adopted-kinds = Of these: 🚫 { $blocked } · ⌛ { $expired } · 👤 with Telegram { $linked }
import-trouble = ⚠️ The panel does not answer; I keep trying.
import-done = ✅ <b>The import is finished</b>
import-stopped = ⏹ <b>The import was stopped</b>
import-failed = ⚠️ <b>The import broke off</b>
import-go-on = Those who became clients stay clients. To continue: /import

broadcast-ask = { $people ->
    [one] 📣 What shall I send? { $people } person will get it.
   *[other] 📣 What shall I send? { $people } people will get it.
}

    Write the text; I will show you how it looks before it goes out.
broadcast-not-text = I need a text here: I cannot broadcast pictures or files.
broadcast-too-long = This does not fit: the text has { $length } characters, and 1 to { $most } are possible. Send another one.
broadcast-nobody = 🤷 There is nobody to send to: no client has linked a Telegram account yet. Send them invites.
broadcast-confirm = { $people ->
    [one] ☝️ This is what { $people } person will see. Send it?
   *[other] ☝️ This is what { $people } people will see. Send it?
}

    To correct it, just send another text.
broadcast-yes = ✅ Send to { $people }
broadcast-no = ✖️ No
broadcast-running = 📣 <b>Sending…</b>
broadcast-done = ✅ <b>The broadcast is finished</b>
broadcast-stopped = ⏹ <b>The broadcast was stopped</b>
broadcast-broken = ⚠️ <b>The broadcast broke off</b>
broadcast-sent = 📨 <b>Delivered:</b> { $count }
broadcast-unreachable = 🔕 <b>Have blocked the bot:</b> { $count }
broadcast-failed = ⚠️ <b>Failed:</b> { $count }
broadcast-waiting = ⏳ <b>Waiting:</b> { $count }
broadcast-unsent = ⏹ <b>Not sent:</b> { $count }

stats-title = 📊 <b>Statistics</b> as of { $date }
stats-total = 👥 <b>Clients:</b> { $total }, with Telegram: { $linked }
stats-kinds = ✅ { $active } active · 🚫 { $blocked } blocked · ⌛ { $expired } expired
stats-soon = ⏳ <b>Expire within 3 days:</b> { $count }
stats-lately = 🕓 <b>Last 24 hours:</b> { $made } new, { $extended } extended, { $configs } configurations sent
stats-panel-ok = 🟢 <b>Panel:</b> works, version { $version }
stats-panel-warning = 🟡 <b>Panel:</b> works, with a warning, version { $version }; see the home screen
stats-panel-down = 🔴 <b>Panel:</b> does not work, version { $version }; the home screen says what to do
stats-panel-unknown = ⚪ <b>Panel:</b> has not answered yet, version { $version }
stats-refresh = 🔁 Refresh
stats-chart-ending = Expire in the next 14 days
stats-chart-past = The last 30 days
stats-chart-made = new
stats-chart-extended = extended
stats-chart-nothing = nothing yet

import-button = 📥 Import
broadcast-button = 📣 Broadcast
stats-button = 📊 Statistics
menu-find = find a client
menu-stats = statistics
menu-import = import from the panel
menu-broadcast = write to everybody
help-line-find = /find — find a client: <code>/find flat 12</code>; or just write who you are looking for
help-line-stats = /stats — statistics with a chart
help-line-import = /import — take over users who are on the panel already
help-line-broadcast = /broadcast — write to every client with a linked Telegram
