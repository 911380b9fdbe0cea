-- Blocked only because the date had passed: a later date opens it again.
ALTER TABLE clients ADD COLUMN lapsed BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE clients ADD CONSTRAINT clients_lapsed_is_blocked CHECK (NOT lapsed OR status = 'blocked');

-- The client as it was when a change of it was decided.
ALTER TABLE intents ADD COLUMN before JSON;
