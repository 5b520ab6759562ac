"""The family of analyses `parametric_survival`."""
