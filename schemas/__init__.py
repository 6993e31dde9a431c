"""What is collected and what is right: the catalogue, its checks and its findings."""
