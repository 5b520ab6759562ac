"""A small trial as a data frame, and its model by `ketaoutcomes.mmrm`."""

from typing import Any

import numpy as np
import pandas as pd

import ketaoutcomes as ko

FORMULA = "change ~ baseline*visit + arm*visit"


def trial(n: int = 60, *, seed: int = 1, dropout: float = 0.2) -> pd.DataFrame:
    """Two arms, three visits, a baseline score and outcomes that are missing at random."""
    rng = np.random.default_rng(seed)
    subject, visit = np.repeat(np.arange(n), 3), np.tile([1, 2, 4], n)
    arm = np.where(subject % 2, "active", "placebo")
    baseline = rng.normal(30, 5, n)[subject]
    own = rng.normal(0, 3, n)[subject]
    noise = rng.normal(0, 2 + visit / 2)
    change = -visit * (1 + (arm == "active")) - 0.3 * (baseline - 30) + own + noise
    change[rng.random(3 * n) < dropout] = np.nan
    named = [f"Week {week}" for week in visit]
    columns = {"id": subject, "visit": named, "arm": arm, "baseline": baseline, "change": change}
    return pd.DataFrame(columns)


def fit_of(frame: Any, formula: str = FORMULA, **options: Any) -> Any:
    given = {"subject": "id", "visit": "visit", "levels": {"arm": "placebo"}} | options
    return ko.mmrm(formula, frame, **given)
