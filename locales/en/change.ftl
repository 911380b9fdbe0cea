# Changes of a client: extend, block, delete, replace the link, note.
