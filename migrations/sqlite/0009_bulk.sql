-- What staff looked for: too long for a button, which has the number only.
CREATE TABLE searches (
    telegram_id BIGINT       NOT NULL,
    id          BIGINT       NOT NULL,
    text        VARCHAR(255) NOT NULL,
    used_at     TEXT         NOT NULL,
    PRIMARY KEY (telegram_id, id)
);
CREATE INDEX searches_age ON searches (used_at);

-- Work that outlives the tap that began it: who began it, how far it is, and which message shows that.
CREATE TABLE bulk_tasks (
    id          BLOB         NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    kind        TEXT         NOT NULL CHECK (kind IN ('import', 'broadcast')),
    state       TEXT         NOT NULL CHECK (state IN ('running', 'done', 'stopped', 'failed')),
    started_by  BIGINT       NOT NULL,
    actor       VARCHAR(128) NOT NULL,
    key         VARCHAR(255) NOT NULL UNIQUE,
    text        TEXT,
    progress    TEXT         NOT NULL,
    message_id  BIGINT,
    lease_owner VARCHAR(64)  NOT NULL,
    lease_until TEXT         NOT NULL,
    created_at  TEXT         NOT NULL,
    ended_at    TEXT       ,
    told_at     TEXT       
);
-- One of a kind at a time.
CREATE UNIQUE INDEX bulk_tasks_running ON bulk_tasks (kind) WHERE state = 'running';
CREATE INDEX bulk_tasks_untold ON bulk_tasks (created_at) WHERE told_at IS NULL;
