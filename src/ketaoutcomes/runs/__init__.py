"""A run as files: written, read back, verified, explained, compared."""
