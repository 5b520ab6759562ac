"""Outcomes research for rapid-acting antidepressants, from one analysis plan to one report."""

__version__ = "0.1.0"
