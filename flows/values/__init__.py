"""What people write in a cell, and the exact value that it means. Pure."""
