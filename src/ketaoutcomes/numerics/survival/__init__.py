"""Survival routines that lifelines lacks or gets wrong."""
