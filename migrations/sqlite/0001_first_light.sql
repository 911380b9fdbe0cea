-- Times are ISO 8601 texts in UTC, ids are 16-byte blobs: what sqlx writes for chrono and uuid.
CREATE TABLE clients (
    id               BLOB         NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    username         VARCHAR(36)  NOT NULL UNIQUE CHECK (length(username) <= 36),
    remnawave_uuid   VARCHAR(64)  UNIQUE CHECK (length(remnawave_uuid) <= 64),
    short_uuid       VARCHAR(64)  UNIQUE CHECK (length(short_uuid) <= 64),
    subscription_url VARCHAR(1024) CHECK (length(subscription_url) <= 1024),
    status           TEXT         NOT NULL CHECK (status IN ('active', 'blocked')),
    expires_at       TEXT         NOT NULL,
    created_at       TEXT         NOT NULL,
    updated_at       TEXT         NOT NULL,
    telegram_id      BIGINT
);
CREATE INDEX clients_newest ON clients (created_at DESC, id DESC);
CREATE INDEX clients_expiry ON clients (expires_at);
CREATE INDEX clients_person ON clients (telegram_id) WHERE telegram_id IS NOT NULL;

-- The contract's log: goes with its client.
CREATE TABLE operations (
    id         BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    client_id  BLOB NOT NULL REFERENCES clients (id) ON DELETE CASCADE,
    action     TEXT NOT NULL CHECK (action IN ('create', 'delete', 'extend', 'block', 'unblock', 'get_config',
                                               'rotate_config', 'auto_deactivate')),
    payload    JSON CHECK (payload IS NULL OR json_valid(payload)),
    result     TEXT NOT NULL CHECK (result IN ('success', 'fail')),
    error      TEXT,
    created_at TEXT NOT NULL
);
CREATE INDEX operations_of_client ON operations (client_id, created_at DESC, id DESC);
CREATE INDEX operations_newest ON operations (created_at DESC, id DESC);

-- The log that outlives its clients: no foreign keys.
CREATE TABLE audit (
    id         BLOB         NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    client_id  BLOB         NOT NULL CHECK (length(client_id) = 16),
    username   VARCHAR(36)  NOT NULL,
    actor      VARCHAR(128) NOT NULL CHECK (length(actor) <= 128),
    source     TEXT         NOT NULL CHECK (source IN ('bot', 'api', 'job', 'panel')),
    action     TEXT         NOT NULL CHECK (action IN ('create', 'delete', 'extend', 'block', 'unblock', 'get_config',
                                                       'rotate_config', 'auto_deactivate')),
    payload    JSON CHECK (payload IS NULL OR json_valid(payload)),
    result     TEXT         NOT NULL CHECK (result IN ('success', 'fail')),
    error      TEXT,
    created_at TEXT         NOT NULL
);
CREATE INDEX audit_of_client ON audit (client_id, created_at DESC, id DESC);
CREATE INDEX audit_newest ON audit (created_at DESC, id DESC);

-- A change is written here before the panel is asked; while it is open it is the lock on its client and its name.
CREATE TABLE intents (
    id           BLOB         NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    key_scope    VARCHAR(255),
    key          VARCHAR(255),
    request_hash CHAR(64)     NOT NULL,
    actor        VARCHAR(128) NOT NULL,
    source       TEXT         NOT NULL CHECK (source IN ('bot', 'api', 'job', 'panel')),
    client_id    BLOB         NOT NULL CHECK (length(client_id) = 16),
    username     VARCHAR(36)  NOT NULL,
    wanted       JSON         NOT NULL CHECK (json_valid(wanted)),
    state        TEXT         NOT NULL CHECK (state IN ('open', 'undoing', 'done', 'failed')),
    error        TEXT,
    answer       JSON CHECK (answer IS NULL OR json_valid(answer)),
    lease_owner  VARCHAR(64)  NOT NULL,
    lease_until  TEXT         NOT NULL,
    created_at   TEXT         NOT NULL,
    ended_at     TEXT,
    verify_at    TEXT
);
CREATE UNIQUE INDEX intents_lock_client ON intents (client_id) WHERE state IN ('open', 'undoing');
CREATE UNIQUE INDEX intents_lock_username ON intents (username) WHERE state IN ('open', 'undoing');
CREATE UNIQUE INDEX intents_key ON intents (key_scope, key) WHERE key IS NOT NULL;
CREATE INDEX intents_of_client ON intents (client_id);
CREATE INDEX intents_verify ON intents (verify_at) WHERE verify_at IS NOT NULL;

-- What Telegram sent: kept before it is confirmed, handled from here.
CREATE TABLE updates (
    bot_id      BIGINT NOT NULL,
    update_id   BIGINT NOT NULL,
    sender      BIGINT NOT NULL,
    payload     TEXT   NOT NULL,
    received_at TEXT   NOT NULL,
    handled_at  TEXT,
    PRIMARY KEY (bot_id, update_id)
);
CREATE INDEX updates_waiting ON updates (bot_id, sender, received_at, update_id) WHERE handled_at IS NULL;
CREATE INDEX updates_handled ON updates (handled_at) WHERE handled_at IS NOT NULL;

CREATE TABLE dialogues (
    telegram_id BIGINT NOT NULL PRIMARY KEY,
    state       TEXT   NOT NULL,
    updated_at  TEXT   NOT NULL
);

CREATE TABLE people (
    telegram_id       BIGINT       NOT NULL PRIMARY KEY,
    name              VARCHAR(128) NOT NULL,
    telegram_username VARCHAR(64),
    language_code     VARCHAR(35),
    lang              VARCHAR(8),
    role              TEXT CHECK (role IN ('viewer', 'operator', 'admin', 'owner')),
    blocked_bot_at    TEXT,
    created_at        TEXT         NOT NULL,
    seen_at           TEXT         NOT NULL
);

CREATE TABLE invites (
    token_hash CHAR(64)     NOT NULL PRIMARY KEY,
    client_id  BLOB REFERENCES clients (id) ON DELETE CASCADE,
    created_by VARCHAR(128) NOT NULL,
    created_at TEXT         NOT NULL,
    expires_at TEXT         NOT NULL,
    used_by    BIGINT,
    used_at    TEXT
);
CREATE INDEX invites_of_client ON invites (client_id);
