-- Tokens of the REST API that were made in the bot; of a secret only its SHA-256. Revoked ones stay: the log and the
-- idempotency keys know a token by its name and its generation.
CREATE TABLE api_tokens (
    id           BLOB         NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    name         VARCHAR(64)  NOT NULL CHECK (length(name) BETWEEN 1 AND 64),
    generation   INTEGER      NOT NULL,
    hash         BLOB         NOT NULL UNIQUE CHECK (length(hash) = 32),
    scope        TEXT         NOT NULL CHECK (scope IN ('read', 'write')),
    created_by   VARCHAR(128) NOT NULL,
    created_key  VARCHAR(255),
    created_at   TEXT         NOT NULL,
    last_used_at TEXT,
    revoked_at   TEXT,
    UNIQUE (name, generation)
);
CREATE UNIQUE INDEX api_tokens_live ON api_tokens (name) WHERE revoked_at IS NULL;
