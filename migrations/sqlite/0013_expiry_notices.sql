-- What a client's person was told of this date: so many hours before it, or with 0 when it came. Another date is told anew.
CREATE TABLE expiry_notices (
    client_id  BLOB    NOT NULL CHECK (length(client_id) = 16) REFERENCES clients (id) ON DELETE CASCADE,
    expires_at TEXT    NOT NULL,
    hours      INTEGER NOT NULL CHECK (hours >= 0),
    PRIMARY KEY (client_id, expires_at, hours)
);
CREATE INDEX expiry_notices_old ON expiry_notices (expires_at);

-- What lies before this moment is not told: the client did not have this date, or this person, yet.
ALTER TABLE clients ADD COLUMN notices_from TEXT;
UPDATE clients SET notices_from = updated_at;
