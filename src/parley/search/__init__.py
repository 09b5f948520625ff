"""Finding what was said: an index of texts, apart from whose tables they come from."""
