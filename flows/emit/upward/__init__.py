"""The folder 上报."""
