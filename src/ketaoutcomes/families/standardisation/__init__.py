"""The family of analyses `standardisation`."""
