-- For lists that are filtered and paged: newest first within the filter, and the count from the index alone.
CREATE INDEX clients_of_status ON clients (status, created_at DESC, id DESC);

CREATE INDEX audit_of_username ON audit (username, created_at DESC, id DESC);
CREATE INDEX audit_of_actor ON audit (actor, created_at DESC, id DESC);
-- What one who does nearly everything does rarely, and what is done often by one who does little.
CREATE INDEX audit_of_actor_action ON audit (actor, action, created_at DESC, id DESC);
CREATE INDEX audit_of_action ON audit (action, created_at DESC, id DESC);
CREATE INDEX audit_of_source ON audit (source, created_at DESC, id DESC);
-- Nearly everything succeeds: only failures are worth finding.
CREATE INDEX audit_of_failures ON audit (created_at DESC, id DESC) WHERE result = 'fail';

-- Who is meant by an @name.
CREATE INDEX people_of_name ON people (lower(telegram_username)) WHERE telegram_username IS NOT NULL;
