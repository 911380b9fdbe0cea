# Changes of a client: extend, block, delete, replace the link, note.

change-ask-days = ⏳ Extend <b>{ $username }</b> by how much?

    Now until { $date }. Tap a button or send a number of days from 1 to { $most }.
change-ask-date = 📅 Until which date should <b>{ $username }</b> work?

    Now until { $date }. Send a date in the future, such as <code>{ $example }</code>. The time of day stays the same.
change-date-wrong = 🤔 There is no such date.
change-days-wrong = 🤔 That is not a number of days, or it is too large.
change-ask-note = 📝 What should I note about <b>{ $username }</b>?

    Send up to 500 characters. Only those who run the VPN see it.
change-ask-delete = 🗑 Delete client <b>{ $username }</b>?

    It is valid until { $date }, { $relative }. Access, link, keys and the client's log will be gone for good.
change-yes-delete = 🗑 Yes, delete for good
change-ask-rotate = 🔄 Replace the link of <b>{ $username }</b>?

    The old link and all keys stop working at once; the new one has to be added to the app.
change-yes-rotate = 🔄 Yes, replace it
change-no = ✖️ No, leave it

change-extended = ✅ Extended by { $days }, until { $date }.
change-still-blocked = 🚫 It is still blocked, though: unblock it when it is time.
change-undone = ↩️ The extension by { $days } was undone: until { $date } again.
change-dated = ✅ Now until { $date }.
change-blocked = 🚫 <b>{ $username }</b> is blocked now.
change-unblocked = ✅ <b>{ $username }</b> has access again.
change-unblocked-expired = ✅ Unblocked, but the access has expired. Extend it to make the VPN work 👇
change-rotated = 🔄 The link of <b>{ $username }</b> was replaced, the old one no longer works.
change-noted = 📝 Noted.
change-unnoted = 📝 The note is gone.
change-deleted = 🗑 Client <b>{ $username }</b> was deleted.

card-note = 📝 <b>Note:</b> { $note }

button-extend-other = ⏳ Other term
button-block = 🚫 Block
button-unblock = ✅ Unblock
button-note = 📝 Note
button-unnote = 🗑 Remove the note
button-date = 📅 Date
button-rotate = 🔄 Replace link
button-delete = 🗑 Delete
button-undo = ↩️ Undo the extension
button-list = 📋 To the list

list-title-extend = ⏳ <b>Whom shall I extend?</b>
list-title-date = 📅 <b>Whose date shall I correct?</b>
list-title-note = 📝 <b>A note about whom?</b>
list-title-block = 🚫 <b>Whom shall I block?</b>
list-title-unblock = ✅ <b>Whom shall I unblock?</b>
list-title-rotate = 🔄 <b>Whose link shall I replace?</b>
list-title-delete = 🗑 <b>Whom shall I delete?</b>

usage-extend = 🤔 Write whom to extend and by how many days, for example: <code>/extend alice 30</code>. Days can be 1 to 3650.

help-line-extend = /extend — extend: <code>/extend alice 30</code>
help-line-date = /date — correct the date: <code>/date alice 2027-01-31</code>
help-line-block = /block, /unblock — block and unblock: <code>/block alice did not pay</code>
help-line-note = /note — a note: <code>/note alice flat 12</code>
help-line-rotate = /rotate — replace the link: <code>/rotate alice</code>
help-line-delete = /delete — delete a client: <code>/delete alice</code>

menu-extend = extend a client
menu-block = block a client
menu-unblock = unblock a client
menu-note = a note about a client
menu-date = correct the date
menu-delete = delete a client

log-row-reason = 💬 { $reason }

error-too-many-days = ⛔ At most { $days ->
    [one] { $days } day
   *[other] { $days } days
  } at a time.
error-date-passed = 📅 That date has passed, and the panel only takes future dates. To take access away, block the client.
error-same-date = 📅 The client has that date already.
error-cannot-undo = ↩️ It cannot be undone any more: more than 5 minutes have passed, or the client has changed since. Correct the date with /date.
