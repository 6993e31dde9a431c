"""What comes out: a folder for each kind of file in outputs/."""
