"""What lies in the inbox: kept, whose it is, and whether it is due."""
