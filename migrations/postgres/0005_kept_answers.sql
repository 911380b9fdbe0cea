-- Answers kept for an Idempotency-Key where the request is no change of a client on the panel, so that no intent keeps it.
-- No secret is kept: what is one is made again out of the salt and the caller's own token.
CREATE TABLE kept_answers (
    key_scope    VARCHAR(255) NOT NULL,
    key          VARCHAR(255) NOT NULL,
    request_hash CHAR(64)     NOT NULL,
    answer       JSON         NOT NULL,
    created_at   TIMESTAMPTZ  NOT NULL,
    PRIMARY KEY (key_scope, key)
);
CREATE INDEX kept_answers_age ON kept_answers (created_at);
