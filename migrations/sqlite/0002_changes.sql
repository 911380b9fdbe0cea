-- Blocked only because the date had passed: a later date opens it again.
ALTER TABLE clients ADD COLUMN lapsed BOOLEAN NOT NULL DEFAULT FALSE CHECK (lapsed IN (FALSE, TRUE) AND (NOT lapsed OR status = 'blocked'));

-- The client as it was when a change of it was decided.
ALTER TABLE intents ADD COLUMN before JSON CHECK (before IS NULL OR json_valid(before));
