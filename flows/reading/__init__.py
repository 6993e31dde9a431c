"""A file's bytes to one Reading, in guarded processes: nothing that somebody sent is parsed elsewhere."""
