# Tokens of the REST API, for admins.

token-title = 🔑 <b>API tokens</b>
token-explain = With a token, a shop or a monitor can use the REST API:
    <code>/token new shop</code> — a new one that reads and changes
    <code>/token new grafana read</code> — a new one that only reads
    <code>/token revoke shop</code> — it stops working
    <code>/token list</code> — all of them
token-none = There are none yet.
token-heading = 🔹 <b>{ $name }</b> — { $scope }
token-scope-read = only reads
token-scope-write = reads and changes
token-made = Made: { $date }, { $name }
token-used = Last used: { $relative }
token-unused = Last used: never
token-log = In the log: <code>token:{ $name }</code>
token-settings = From the settings (<code>API_TOKENS</code>): changed only there
token-hidden = ⚠️ Does not work: the settings have a token with this name

token-new = 🔑 <b>The token { $name }</b> — { $scope }
token-new-secret = <code>{ $secret }</code>
token-new-again = ⚠️ If there was a secret for it before, that one no longer works: only this one does.
token-new-once = It is shown only this once, and nobody can look it up again.
token-new-use = Send it with each request as the header <code>Authorization: Bearer …</code>
    To revoke it: <code>/token revoke { $name }</code>
    Delete this message when you have copied it.
token-button-copy = 📋 Copy the token
token-button-wipe = 🗑 Delete this message
token-button-revoke = 🗑 Revoke { $name }
token-button-list = 🔑 API tokens
token-wiped = 🗑 There was a secret here.
token-wipe-yourself = I cannot reach that message any more: please delete it yourself.

token-ask = ❓ <b>Revoke the token { $name }?</b>
token-ask-lost = Whatever uses it will be refused at once. This cannot be undone: a new token has a new secret.
token-yes = 🗑 Yes, revoke
token-no = ✖️ No
token-revoked = 🗑 The token <b>{ $name }</b> was revoked and opens nothing any more.
token-told-made = 🔑 { $who } made the API token <b>{ $name }</b> ({ $scope }). If that should not be: <code>/token revoke { $name }</code>
token-told-revoked = 🗑 { $who } revoked the API token <b>{ $name }</b>.

token-error-taken = 🔑 There is already a token with that name. Choose another name, or revoke that one first.
token-error-settings = 🔑 The token with that name is in the settings (<code>API_TOKENS</code>) and can only be changed there. Choose another name for a new one.
token-error-unknown = 🤷 There is no such token. <code>/token list</code> shows them all.
token-error-many = 🔑 There are too many tokens. Revoke those you do not need: <code>/token list</code>
usage-token = 🤔 That does not work. Write <code>/token new shop</code>, <code>/token new grafana read</code>, <code>/token revoke shop</code> or <code>/token list</code>. A name has 1 to 64 of the characters A-Z, a-z, 0-9, _ and -.
help-line-token = /token — tokens of the REST API: <code>/token new shop</code>
menu-token = API tokens
