-- When a message was last taken to be sent: what all processes sent within the last second is counted by it.
ALTER TABLE outbox ADD COLUMN claimed_at TEXT;
CREATE INDEX outbox_claimed ON outbox (claimed_at) WHERE claimed_at IS NOT NULL;

-- To whom nothing is sent before that moment, because Telegram asked to wait.
CREATE TABLE outbox_holds (
    chat  BIGINT NOT NULL PRIMARY KEY,
    until TEXT   NOT NULL
);

-- What the service has to remember of its surroundings, such as the bot's number.
CREATE TABLE facts (
    name  VARCHAR(64)  NOT NULL PRIMARY KEY,
    value VARCHAR(255) NOT NULL
);

-- Whoever knows only the bot of another token: this one may not write to them before they press Start.
ALTER TABLE people ADD COLUMN must_start BOOLEAN NOT NULL DEFAULT FALSE;
CREATE INDEX people_must_start ON people (telegram_id) WHERE must_start;
