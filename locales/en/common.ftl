# Common: time, amounts, states, buttons, languages.

days = { $days ->
    [one] { $days } day
   *[other] { $days } days
}
hours = { $hours ->
    [one] { $hours } hour
   *[other] { $hours } hours
}
minutes = { $minutes ->
    [one] { $minutes } minute
   *[other] { $minutes } minutes
}
time-in = in { $length }
time-ago = { $length } ago
time-now = just now

unit-bytes = { $number } B
unit-kilobytes = { $number } KB
unit-megabytes = { $number } MB
unit-gigabytes = { $number } GB
unit-terabytes = { $number } TB

state-active = active
state-blocked = blocked
state-expired = expired
state-traffic = traffic used up

button-home = 🏠 Home
button-back = ⬅️ Back
button-cancel = ✖️ Cancel
button-retry = 🔁 Try again
button-config = 📲 Get configuration
button-qr = 🔳 QR code
button-copy-link = 📋 Copy link
button-add-to-app = ➕ Add to app
button-invite = ✉️ Invite
button-card = 🪪 Card
button-log = 📜 Log
button-new = ➕ New client

lang-choose = 🌐 Which language shall I answer in?
lang-ru = Русский
lang-en = English

outdated = ⏱ This button is out of date. Here is a fresh screen:
cancelled = ✖️ Cancelled, nothing has changed.
nothing-to-cancel = There is nothing to cancel.

menu-home = home
menu-config = get the configuration
menu-lang = language
menu-help = what I can do
menu-new = new client
menu-clients = list of clients
menu-client = a client's card
menu-invite = invite a client
menu-log = what was done
menu-ops = a client's log
menu-cancel = cancel what you started
