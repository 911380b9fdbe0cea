# Search, import, broadcast, numbers.
