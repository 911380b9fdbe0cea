-- What one process at a time does: whose turn it is and until when, when the next turn is due, and what is kept in mind
-- from turn to turn.
CREATE TABLE leases (
    name   VARCHAR(64) NOT NULL PRIMARY KEY,
    owner  VARCHAR(64) NOT NULL,
    until  TIMESTAMPTZ NOT NULL,
    due_at TIMESTAMPTZ NOT NULL,
    memory JSON
);

-- What needs a person, until it is settled.
CREATE TABLE matters (
    key       VARCHAR(128) NOT NULL PRIMARY KEY,
    matter    JSON         NOT NULL,
    raised_at TIMESTAMPTZ  NOT NULL
);

-- When the panel's user has to be looked at, because something may have changed there. NULL: nothing is known of that.
ALTER TABLE clients ADD COLUMN panel_look_at TIMESTAMPTZ;
CREATE INDEX clients_to_look_at ON clients (panel_look_at) WHERE panel_look_at IS NOT NULL;
-- The date whose passing has taken access away: once for each date.
ALTER TABLE clients ADD COLUMN lapsed_for TIMESTAMPTZ;
UPDATE clients SET lapsed_for = expires_at WHERE lapsed;
