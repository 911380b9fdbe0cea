-- When the panel's user has to be looked at: its Telegram account may not be the client's. NULL: it is known to be.
ALTER TABLE clients ADD COLUMN telegram_look_at TIMESTAMPTZ;
-- When it was told last: until a minute later that may still arrive.
ALTER TABLE clients ADD COLUMN telegram_told_at TIMESTAMPTZ;
CREATE INDEX clients_to_follow ON clients (telegram_look_at) WHERE telegram_look_at IS NOT NULL;
UPDATE clients SET telegram_look_at = updated_at WHERE telegram_id IS NOT NULL;

-- What ends with a role.
CREATE INDEX invites_open ON invites (created_by) WHERE used_by IS NULL;
CREATE INDEX people_with_role ON people (role) WHERE role IS NOT NULL;
