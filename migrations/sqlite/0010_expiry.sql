-- Clients by expiry, in order without sorting: the id is what follows an equal date.
DROP INDEX clients_expiry;
CREATE INDEX clients_expiry ON clients (expires_at, id);
