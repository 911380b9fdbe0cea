# What happened and what to do. The reference stands in the server's log too.

error-client-not-found = 🤷 There is no client <b>{ $client }</b>. Check the name or find it in the list.
error-client-not-yours = 🤷 You have no client <b>{ $client }</b>. Check the name or open /start.
error-not-linked = 🔧 This client has no panel user. Its card has a button that creates it on the panel again.
error-user-gone = 👻 This client's user was deleted in the panel, so nothing was changed. In a few seconds the client's card has a button that creates it there again.
error-user-gone-own = 👻 This VPN does not exist any more. The admin has been told; write to them.
error-forbidden = ⛔ You may not do this. Ask an admin if you need it.
error-paused = 🛑 I change nothing at the moment: the panel does not know the clients. An owner was told and has to decide: /log
error-panel = 📡 The panel could not do it, nothing has changed. Try again in a minute.
error-busy = ⏳ Someone else is working on this client right now. Try again in { $seconds } s.
error-in-progress = ⏳ Still working on it. I will write when it is done.
error-key-reused = ⏱ This button has already done something else. Please start again.
error-database = 🗄 I cannot read my records right now. Your message is not lost: I will answer as soon as I can.
error-internal = 😕 Something broke on my side. Try again; if it happens again, tell an admin the reference.
error-slow = ⏳ This took too long and I stopped. Check what came of it, and try again.
error-reference = Reference for the admin: <code>{ $reference }</code>

invite-error-unknown = 🤷 This link does not work. Check that you opened all of it, or ask for a new one.
invite-error-used = 🔒 This link has been used already. Ask an admin for a new one.
invite-error-expired = ⌛ This link has expired. Ask an admin for a new one.
invite-error-linked = 🔒 This access is linked to another Telegram account. Ask an admin to unlink it and to send a new link.
invite-error-linked-staff = 🔒 This client is linked to a Telegram account already. It needs an invite only after it is unlinked.
error-already-blocked = 🚫 This client is blocked already.
error-not-blocked = ✅ This client is not blocked.
error-beyond-calendar = 📅 The calendar does not go that far. You can add at most { $days ->
    [one] { $days } day
   *[other] { $days } days
  }.
error-too-soon = ⏳ The link was replaced not long ago. It can be replaced again on { $date }, { $relative }. If you need it sooner, ask an admin.
