"""Load a real dataset as a cohort: read files, map names, check the contract, assemble."""

from ketaoutcomes.data.load import load_cohort

__all__ = ["load_cohort"]
