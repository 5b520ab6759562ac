"""Load a real dataset as a cohort: read files, map names, check the contract, assemble."""

from ketaoutcomes.load.load import load_cohort

__all__ = ["load_cohort"]
