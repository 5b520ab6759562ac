"""The family of analyses `repeated_measures`."""
