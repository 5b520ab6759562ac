"""Families of analyses: one folder holds all that is a family's own; `registry` finds them."""

from ketaoutcomes.families.registry import Family, Model

__all__ = ["Family", "Model"]
