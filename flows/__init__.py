"""The data's path: collect, read, normalise, check, store, total, emit."""
