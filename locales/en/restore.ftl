# After a restore from a backup: everything waits until an owner has seen the differences to the panel.

matter-restored = 📦 <b>Restored from the backup of { $date }.</b> I change nothing and write to nobody until an owner has looked at the differences to the panel: /resume
restore-button-look = 🔍 Differences to the panel

restore-title = 📦 <b>Backup of { $date }</b>, { $age }
restore-clients = 👥 <b>Compared with the panel:</b> { $count ->
        [one] { $count } client
       *[other] { $count } clients
    }
restore-later = 📈 <b>Later date in the panel:</b> { $count }
restore-earlier = 📉 <b>Earlier date in the panel:</b> { $count }
restore-access = 🔒 <b>Switched on or off there:</b> { $count }
restore-links = 🔗 <b>Another link there:</b> { $count }
restore-missing = 👻 <b>Not in the panel any more:</b> { $count }
restore-fresh = 🆕 <b>Made there since, not a client here:</b> { $count }
restore-names = { $names }
restore-names-more = { $names } and { $more } more
restore-equal = 👌 No differences.
restore-then = <b>If it goes on,</b> the panel’s present state counts: I take over its dates, access and links. On the panel I change nothing, so nobody’s time is shortened and nobody is switched off; and I write to nobody about it.
restore-then-missing = Whoever is not in the panel any more stays here without a VPN; each can be created there again, or deleted.
restore-then-fresh = Those made since can be taken in with /import.
restore-then-old = Roles, API tokens and who is linked to Telegram are as they were in the backup: look at /roles and /token.
restore-button-yes = ▶️ Go on
restore-button-no = ⏸ Stay paused
restore-panel-away = 🔌 <b>The panel cannot be read</b>, so there is nothing to compare with: { $why }. Everything stays paused.
restore-button-again = 🔄 Try again
restore-under-way = ⏳ <b>I am taking over the panel’s state.</b> I will write when it is done; until then everything waits.
restore-nothing = 👌 Nothing waits: everything works as usual.

owner-resumed = ▶️ <b>Everything goes on.</b> Taken over from the panel: dates { $dates }, access { $access }, links { $links }.
owner-resumed-equal = ▶️ <b>Everything goes on.</b> There was nothing to take over from the panel.
owner-resumed-gone = 👻 <b>Not in the panel any more:</b> { $count }. They are listed under “needs a person”.

home-restored = ⏸ <b>Everything waits:</b> restored from a backup. An owner has to let it go on: /resume
error-paused-restored = ⏸ I change nothing at the moment: the database was restored from a backup. First an owner has to look at the differences to the panel: /resume
error-paused-own = ⏸ Nothing can be changed at the moment. Your VPN works as before; please try again later.

help-line-resume = /resume — after a restore from a backup: look at the differences to the panel, and go on
menu-resume = go on after a restore
