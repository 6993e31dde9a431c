"""`cunhui`: cli.py declares the commands, each one's work is in the file of its name."""
