-- Who handles an update, and until when nobody else does. (On SQLite there is one process: it knows.)
ALTER TABLE updates ADD COLUMN lease_owner VARCHAR(64);
ALTER TABLE updates ADD COLUMN lease_until TIMESTAMPTZ;

-- When a message was last taken to be sent: what all processes sent within the last second is counted by it.
ALTER TABLE outbox ADD COLUMN claimed_at TIMESTAMPTZ;
CREATE INDEX outbox_claimed ON outbox (claimed_at) WHERE claimed_at IS NOT NULL;

-- Locked by whoever takes messages to send, so that two never count at once.
CREATE TABLE outbox_pace (
    id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1)
);
INSERT INTO outbox_pace (id) VALUES (1);

-- To whom nothing is sent before that moment, because Telegram asked to wait.
CREATE TABLE outbox_holds (
    chat  BIGINT      NOT NULL PRIMARY KEY,
    until TIMESTAMPTZ NOT NULL
);

-- What the service has to remember of its surroundings, such as the bot's number.
CREATE TABLE facts (
    name  VARCHAR(64)  NOT NULL PRIMARY KEY,
    value VARCHAR(255) NOT NULL
);

-- Whoever knows only the bot of another token: this one may not write to them before they press Start.
ALTER TABLE people ADD COLUMN must_start BOOLEAN NOT NULL DEFAULT FALSE;
CREATE INDEX people_must_start ON people (telegram_id) WHERE must_start;
