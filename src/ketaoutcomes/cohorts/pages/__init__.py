"""Evidence, claims and truth on the page."""
