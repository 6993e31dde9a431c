"""A report with blanks becomes a template with slots."""
