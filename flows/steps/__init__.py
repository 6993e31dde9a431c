"""The steps of a collection, each a file of pure functions."""
