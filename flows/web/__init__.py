"""The page to work on: what the commands do, for whoever never opens a terminal."""
