"""Numerical routines on arrays; they know numpy and scipy only."""
