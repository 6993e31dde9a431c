"""Packing: a township's finished year as one file, and what such a file is worth to whoever receives it."""
