"""The family of analyses `mediation`."""
