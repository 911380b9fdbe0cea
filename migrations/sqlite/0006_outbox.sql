-- What the bot has to say by itself: written with the change that causes it, sent from here.
CREATE TABLE outbox (
    id          INTEGER      NOT NULL PRIMARY KEY AUTOINCREMENT,
    chat        BIGINT       NOT NULL,
    priority    INTEGER      NOT NULL CHECK (priority IN (1, 2)),
    notice      JSON         NOT NULL CHECK (json_valid(notice)),
    dedupe      VARCHAR(255) UNIQUE CHECK (length(dedupe) <= 255),
    batch       BLOB         CHECK (length(batch) = 16),
    created_at  TEXT         NOT NULL,
    not_before  TEXT         NOT NULL,
    drop_after  TEXT         NOT NULL,
    attempts    INTEGER      NOT NULL DEFAULT 0,
    lease_owner VARCHAR(64),
    lease_until TEXT,
    ended_at    TEXT,
    outcome     TEXT         CHECK (outcome IN ('sent', 'unreachable', 'refused', 'dropped')),
    error       TEXT,
    CHECK ((ended_at IS NULL) = (outcome IS NULL))
);
CREATE INDEX outbox_waiting ON outbox (priority, id) WHERE ended_at IS NULL;
CREATE INDEX outbox_chat ON outbox (chat, priority, id) WHERE ended_at IS NULL;
CREATE INDEX outbox_sent ON outbox (chat, ended_at) WHERE ended_at IS NOT NULL;
CREATE INDEX outbox_late ON outbox (drop_after) WHERE ended_at IS NULL;
CREATE INDEX outbox_old ON outbox (ended_at) WHERE ended_at IS NOT NULL;
CREATE INDEX outbox_batch ON outbox (batch, outcome) WHERE batch IS NOT NULL;
