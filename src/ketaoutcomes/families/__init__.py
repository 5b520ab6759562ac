"""Families of analyses: one folder holds all that is a family's own."""
