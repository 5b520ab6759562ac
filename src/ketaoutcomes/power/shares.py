"""Shares of the trials of a simulation."""

from dataclasses import replace

import numpy as np
import pandas as pd

from ketaoutcomes.results import Result


def share(row: Result, happened: pd.Series) -> Result:
    """A share of the replicates with its binomial Monte-Carlo error."""
    if not len(happened):
        return replace(row, status="failed", message="no replicate has it")
    found = float(happened.mean())
    error = float(np.sqrt(found * (1 - found) / len(happened)))
    return replace(
        row, estimate=found, std_error=error, n_events=int(happened.sum()), unit="proportion"
    )
