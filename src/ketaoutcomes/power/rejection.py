"""Whether a trial shows what its analysis sets out to show."""

from typing import Final

import numpy as np
import pandas as pd

from ketaoutcomes.hypotheses.non_inferiority import limit_of
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.power.design import Cell
from ketaoutcomes.results import RATIOS

ASSURANCE: Final = "assurance"
"""The chance that a trial shows what it sets out to show, whatever its own effect turns out to be.

O'Hagan, Stevens & Campbell 2005, Pharm Stat 4:187-201.
"""


def statistic_of(plan: AnalysisPlan, name: str, cell: Cell) -> str:
    """What the share of trials that reject is called.

    Treatments that are alike are non-inferior to each other: a trial with a margin that says so
    does not err.
    """
    if cell.effect == "new_trials":
        return ASSURANCE
    if cell.effect == "scenario":
        return "power"
    return "type I error" if plan.analyses[name].margin is None else "power with equal treatments"


def rejected(plan: AnalysisPlan, name: str, estimated: pd.DataFrame) -> pd.Series:
    """Whether each estimated trial rejects; a trial without test and interval is left out.

    Parameters
    ----------
    estimated : DataFrame
        Columns `replicates.COLUMNS`.

    Returns
    -------
    Series of bool
        Whether non-inferiority is shown where the analysis has a margin; else whether p is below
        one minus the confidence level or, where the analysis gives no p, whether the interval
        leaves out no effect.
    """
    margin = plan.analyses[name].margin
    bounded = estimated[["conf_low", "conf_high"]].notna().all(axis=1)
    low, high = estimated["conf_low"], estimated["conf_high"]
    if margin is not None:
        limit = limit_of(plan, name, margin)
        kept = map(limit.is_kept, low[bounded], high[bounded])
        return pd.Series(list(kept), index=estimated.index[bounded], dtype=bool)
    summary = plan.estimands[plan.analyses[name].estimand].summary
    null = 1.0 if summary in RATIOS else 0.0
    tested = estimated["p_value"].notna()
    outside = (low > null) | (high < null)
    significant = estimated["p_value"] < 1 - plan.report.confidence_level
    happened = pd.Series(np.where(tested, significant, outside), index=estimated.index, dtype=bool)
    return happened[tested | bounded]
