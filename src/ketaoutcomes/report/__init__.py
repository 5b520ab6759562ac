"""A Report becomes one HTML page."""
