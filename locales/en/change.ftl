# Changes of a client: extend, block, delete, replace the link, note.

change-ask-days = ⏳ How much longer for <b>{ $username }</b>?

    Now until { $date }. Tap a button or send a number of days from 1 to { $most }.
change-ask-date = 📅 Until which date should <b>{ $username }</b> work?

    Now until { $date }. Send the date like this: <code>{ $example }</code>. The time of day stays, the date must be in the future.
change-ask-note = 📝 What is there to note about <b>{ $username }</b>?

    Send a text of up to 500 characters. Only those who run the VPN see it.
change-ask-delete = 🗑 Delete client <b>{ $username }</b>?

    It is valid until { $date }, { $relative }. Access, link, keys and the client's log will be gone for good.
change-yes-delete = 🗑 Yes, delete for good
change-ask-rotate = 🔄 Replace the link of <b>{ $username }</b>?

    The old link and all keys stop working at once; the new one has to be added to the app.
change-yes-rotate = 🔄 Yes, replace it
change-no = ✖️ No, leave it

change-extended = ✅ Extended by { $days }, until { $date }.
change-still-blocked = 🚫 Access is still off, though: unblock when it is time.
change-undone = ↩️ The extension by { $days } was taken back: until { $date } again.
change-dated = ✅ Now until { $date }.
change-blocked = 🚫 Access of <b>{ $username }</b> is off.
change-unblocked = ✅ Access of <b>{ $username }</b> is on.
change-unblocked-expired = ✅ Unblocked, but the time has run out. Extend it to make the VPN work 👇
change-rotated = 🔄 The link of <b>{ $username }</b> was replaced, the old one no longer works.
change-noted = 📝 Noted.
change-unnoted = 📝 The note is gone.
change-deleted = 🗑 Client <b>{ $username }</b> was deleted.

card-note = 📝 <b>Note:</b> { $note }

button-extend-other = ⏳ Other
button-block = 🚫 Block
button-unblock = ✅ Unblock
button-note = 📝 Note
button-unnote = 🗑 Remove the note
button-date = 📅 Date
button-rotate = 🔄 Replace link
button-delete = 🗑 Delete
button-undo = ↩️ Undo the extension
button-list = 📋 To the list

list-title-extend = ⏳ <b>Who gets more time?</b>
list-title-date = 📅 <b>Whose date is wrong?</b>
list-title-note = 📝 <b>A note about whom?</b>
list-title-delete = 🗑 <b>Who is to be deleted?</b>

usage-extend = Write who gets how many days more, for example: <code>/extend alice 30</code>. Days are from 1 to 3650.

help-line-extend = /extend — more time: <code>/extend alice 30</code>
help-line-date = /date — correct the date: <code>/date alice 2027-01-31</code>
help-line-block = /block, /unblock — access off and on: <code>/block alice did not pay</code>
help-line-note = /note — a note: <code>/note alice flat 12</code>
help-line-rotate = /rotate — another link: <code>/rotate alice</code>
help-line-delete = /delete — delete a client: <code>/delete alice</code>

menu-extend = give more time
menu-block = access off
menu-unblock = access on
menu-note = a note about a client
menu-date = correct the date
menu-delete = delete a client

log-row-reason = 💬 { $reason }

error-too-many-days = ⛔ At most { $days ->
    [one] { $days } day
   *[other] { $days } days
  } at a time.
error-date-passed = 📅 That date has passed, and the panel only takes dates to come. To take access away, block the client.
error-same-date = 📅 The client has that date already.
error-cannot-undo = ↩️ It cannot be undone any more: 5 minutes are over or the client has changed since. The date can be corrected with /date.
