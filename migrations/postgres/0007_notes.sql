-- What staff know of a client: "flat 12, pays in cash". Never on the panel.
ALTER TABLE clients ADD COLUMN note VARCHAR(500);

-- Why, in the words of whoever did it.
ALTER TABLE intents ADD COLUMN reason VARCHAR(500);
ALTER TABLE audit ADD COLUMN reason VARCHAR(500);
