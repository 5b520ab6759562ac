"""The family of analyses `incidence`."""
