"""The family of analyses `cost_effectiveness`."""
