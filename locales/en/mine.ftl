# For clients: status, keys, another link, what is wrong.
