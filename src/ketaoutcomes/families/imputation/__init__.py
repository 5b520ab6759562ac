"""The family of analyses `imputation`."""
