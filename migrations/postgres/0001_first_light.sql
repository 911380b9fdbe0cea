CREATE TYPE client_status AS ENUM ('active', 'blocked');
CREATE TYPE operation_action AS ENUM ('create', 'delete', 'extend', 'block', 'unblock', 'get_config', 'rotate_config',
                                      'auto_deactivate');
CREATE TYPE operation_result AS ENUM ('success', 'fail');
CREATE TYPE change_source AS ENUM ('bot', 'api', 'job', 'panel');
CREATE TYPE intent_state AS ENUM ('open', 'undoing', 'done', 'failed');

CREATE TABLE clients (
    id               UUID           NOT NULL PRIMARY KEY,
    username         VARCHAR(36)    NOT NULL UNIQUE,
    remnawave_uuid   VARCHAR(64)    UNIQUE,
    short_uuid       VARCHAR(64)    UNIQUE,
    subscription_url VARCHAR(1024),
    status           client_status  NOT NULL,
    expires_at       TIMESTAMPTZ    NOT NULL,
    created_at       TIMESTAMPTZ    NOT NULL,
    updated_at       TIMESTAMPTZ    NOT NULL,
    telegram_id      BIGINT
);
CREATE INDEX clients_newest ON clients (created_at DESC, id DESC);
CREATE INDEX clients_expiry ON clients (expires_at);
CREATE INDEX clients_person ON clients (telegram_id) WHERE telegram_id IS NOT NULL;

-- The contract's log: goes with its client.
CREATE TABLE operations (
    id         UUID             NOT NULL PRIMARY KEY,
    client_id  UUID             NOT NULL REFERENCES clients (id) ON DELETE CASCADE,
    action     operation_action NOT NULL,
    payload    JSON,
    result     operation_result NOT NULL,
    error      TEXT,
    created_at TIMESTAMPTZ      NOT NULL
);
CREATE INDEX operations_of_client ON operations (client_id, created_at DESC, id DESC);
CREATE INDEX operations_newest ON operations (created_at DESC, id DESC);

-- The log that outlives its clients: no foreign keys.
CREATE TABLE audit (
    id         UUID             NOT NULL PRIMARY KEY,
    client_id  UUID             NOT NULL,
    username   VARCHAR(36)      NOT NULL,
    actor      VARCHAR(128)     NOT NULL,
    source     change_source    NOT NULL,
    action     operation_action NOT NULL,
    payload    JSON,
    result     operation_result NOT NULL,
    error      TEXT,
    created_at TIMESTAMPTZ      NOT NULL
);
CREATE INDEX audit_of_client ON audit (client_id, created_at DESC, id DESC);
CREATE INDEX audit_newest ON audit (created_at DESC, id DESC);

-- A change is written here before the panel is asked; while it is open it is the lock on its client and its name.
CREATE TABLE intents (
    id           UUID          NOT NULL PRIMARY KEY,
    key_scope    VARCHAR(255),
    key          VARCHAR(255),
    request_hash CHAR(64)      NOT NULL,
    actor        VARCHAR(128)  NOT NULL,
    source       change_source NOT NULL,
    client_id    UUID          NOT NULL,
    username     VARCHAR(36)   NOT NULL,
    wanted       JSON          NOT NULL,
    state        intent_state  NOT NULL,
    error        TEXT,
    answer       JSON,
    lease_owner  VARCHAR(64)   NOT NULL,
    lease_until  TIMESTAMPTZ   NOT NULL,
    created_at   TIMESTAMPTZ   NOT NULL,
    ended_at     TIMESTAMPTZ,
    verify_at    TIMESTAMPTZ
);
CREATE UNIQUE INDEX intents_lock_client ON intents (client_id) WHERE state IN ('open', 'undoing');
CREATE UNIQUE INDEX intents_lock_username ON intents (username) WHERE state IN ('open', 'undoing');
CREATE UNIQUE INDEX intents_key ON intents (key_scope, key) WHERE key IS NOT NULL;
CREATE INDEX intents_of_client ON intents (client_id);
CREATE INDEX intents_verify ON intents (verify_at) WHERE verify_at IS NOT NULL;

-- What Telegram sent: kept before it is confirmed, handled from here.
CREATE TABLE updates (
    bot_id      BIGINT       NOT NULL,
    update_id   BIGINT       NOT NULL,
    sender      BIGINT       NOT NULL,
    payload     TEXT         NOT NULL,
    received_at TIMESTAMPTZ  NOT NULL,
    handled_at  TIMESTAMPTZ,
    PRIMARY KEY (bot_id, update_id)
);
CREATE INDEX updates_waiting ON updates (bot_id, sender, received_at, update_id) WHERE handled_at IS NULL;
CREATE INDEX updates_handled ON updates (handled_at) WHERE handled_at IS NOT NULL;

CREATE TABLE dialogues (
    telegram_id BIGINT      NOT NULL PRIMARY KEY,
    state       TEXT        NOT NULL,
    updated_at  TIMESTAMPTZ NOT NULL
);

CREATE TABLE people (
    telegram_id       BIGINT       NOT NULL PRIMARY KEY,
    name              VARCHAR(128) NOT NULL,
    telegram_username VARCHAR(64),
    language_code     VARCHAR(35),
    lang              VARCHAR(8),
    role              TEXT         CHECK (role IN ('viewer', 'operator', 'admin', 'owner')),
    blocked_bot_at    TIMESTAMPTZ,
    created_at        TIMESTAMPTZ  NOT NULL,
    seen_at           TIMESTAMPTZ  NOT NULL
);

CREATE TABLE invites (
    token_hash CHAR(64)     NOT NULL PRIMARY KEY,
    client_id  UUID         REFERENCES clients (id) ON DELETE CASCADE,
    created_by VARCHAR(128) NOT NULL,
    created_at TIMESTAMPTZ  NOT NULL,
    expires_at TIMESTAMPTZ  NOT NULL,
    used_by    BIGINT,
    used_at    TIMESTAMPTZ
);
CREATE INDEX invites_of_client ON invites (client_id);
