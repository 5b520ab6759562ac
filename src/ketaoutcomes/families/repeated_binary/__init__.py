"""The family of analyses `repeated_binary`."""
