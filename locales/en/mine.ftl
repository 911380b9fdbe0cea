# For clients: status, keys, another link, what is wrong.

button-status = 📊 Status
button-check = 🩺 Not working?
button-check-again = 🔁 Check again
button-keys = 🗝 Keys one by one
button-copy-key = 📋 Copy the key
button-relink = 🔄 Replace link (the old one stops)
button-lang = 🌐 Language
button-help = ❓ Help
button-support = 💬 Support
button-pay = 💳 Pay
button-renew = 💳 Renew
menu-status = expiry and traffic
menu-status-staff = my own VPN
menu-rotate = replace the link

contacts-support = 💬 <b>Support:</b> { $contact }
contacts-admin = 💬 If you need help, write to an admin.
contacts-ask-admin = 💬 Write to an admin for help.
contacts-renew = 💳 To renew, tap the button below.
contacts-pay = 💳 To get more traffic, tap the button below.

status-silent = 📡 The server does not answer right now: I will show traffic and the last connection later.

diagnosis-title = 🩺 <b>I have checked your VPN</b>
diagnosis-well = 👍 All is well on my side. If it does not work, switch the VPN off and on, refresh the configuration in the app, or get it again.
diagnosis-never-online = 📲 Nobody has connected to this VPN yet. Get the configuration and add it to the app.
diagnosis-long-offline = 📶 Your access is open, but nobody has connected for a long time. Get the configuration again and add it to the app.
diagnosis-panel-silent = 📡 I cannot check everything right now: the server does not answer. Try again in a minute.
diagnosis-blocked = 🚫 Your access is closed, so the VPN does not work.
diagnosis-expired = ⌛ Your access has expired, so the VPN does not work.
diagnosis-traffic = 🪫 Your traffic is used up, so the VPN does not work.
diagnosis-not-ready = 🔧 The configuration is not ready yet: those who run the VPN have to finish it.

keys-title = 🗝 <b>Keys of { $username }</b>
keys-hint = A key opens one server. Tap a server, and I will send its key with a QR code.
keys-unnamed = no name
keys-one = 🗝 <b>{ $name }</b> — { $username }
keys-text = <code>{ $key }</code>
keys-scan = 📷 Scan the code from another device, or copy the key.
keys-no-code = 📋 This key is too long for a QR code. Copy it and paste it into the app.
keys-changed = ⏱ This list is out of date. Here is a fresh one:
keys-silent = 📡 The server does not answer right now, so I cannot show the keys of <b>{ $username }</b>. The whole link works.

relink-ask = ❓ <b>Replace the link of { $username }?</b>
relink-lost = The old link and all old keys stop working at once, on every device. I will send the new configuration right away: it has to be added to the app again.
relink-pause = After that, you can replace it again in { $hours }.
relink-yes = ✅ Yes, replace
relink-no = ✖️ No
relink-done = 🔄 The link of <b>{ $username }</b> was replaced, the old one does not work any more. Here is the new configuration 👇
relink-left = ✖️ The link of <b>{ $username }</b> stays as it is.
relink-failed = 📡 The link was not replaced: the server could not do it. The old link still works, try again in a minute.
