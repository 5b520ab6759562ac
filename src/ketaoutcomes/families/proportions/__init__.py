"""The family of analyses `proportions`."""
