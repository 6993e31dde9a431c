"""What comes out: forms, tables, returned workbooks, reports."""
