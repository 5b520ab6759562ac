"""Hypotheses tested together, and margins."""
