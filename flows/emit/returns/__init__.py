"""The folder 退回."""
