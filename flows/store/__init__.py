"""The one DuckDB file, and what is read back from it. Nothing else imports duckdb."""
