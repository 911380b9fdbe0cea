# Roles, invites, links to Telegram accounts.
