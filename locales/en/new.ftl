# A new client: the questions and the answer.

new-ask-username = ➕ <b>New client</b>

    Send me the name: 3 to 36 Latin letters, digits, _ and -
new-username-short = 🤔 This name is too short: it needs at least 3 characters. Send another one.
new-username-long = 🤔 This name is too long: at most 36 characters fit. Send another one.
new-username-characters = 🤔 A name can only have Latin letters, digits, _ and -. Send another one.
new-username-taken = 🤔 The name <b>{ $username }</b> is taken. Send another one.
new-failed = 📡 The client <b>{ $username }</b> was not created: the panel could not do it. Nothing has changed, try again in a minute.
new-not-text = 🤔 This is not a text. Send the name in letters.
new-ask-days = ➕ <b>{ $username }</b>

    For how many days? Tap a button or send a number from 1 to 3650.
new-days-wrong = 🤔 It must be a whole number of days from 1 to 3650. Send a number or tap a button.
new-confirm = ➕ Create the client <b>{ $username }</b> for { $days }?
new-confirm-until = 📅 <b>Will be valid until:</b> { $date }
new-yes = ✅ Yes, create
new-no = ✖️ No

created = ✅ The client <b>{ $username }</b> was created for { $days }.
created-until = 📅 <b>Valid until:</b> { $date }, { $relative }
created-link = 🔗 <code>{ $url }</code>
