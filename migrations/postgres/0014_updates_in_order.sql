-- The waiting updates in the order in which they are handled: whoever takes the next ones reads no handled one, of which there
-- are two days' worth.
CREATE INDEX updates_in_order ON updates (bot_id, received_at, update_id) WHERE handled_at IS NULL;
