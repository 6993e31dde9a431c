"""What the fast reader loses of a workbook, by format."""
