"""Crossover trials by a second program: dense restricted likelihood over all periods."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ketaoutcomes.endpoints.data import CrossoverData
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.plan.estimand import Estimand
from ketaoutcomes.results import Result
from ketaoutcomes.second.cells import cells_of
from ketaoutcomes.second.check import Check
from ketaoutcomes.second.marginal_model import (
    STATISTICS,
    Rules,
    has_structure,
    solve_marginal,
    structure_in,
)
from ketaoutcomes.second.rows import asked_of

if TYPE_CHECKING:
    from ketaoutcomes.families.crossover.plan import CrossoverAnalysis

TABLE = "crot01"


def check_crossover(
    plan: AnalysisPlan,
    name: str,
    analysis: "CrossoverAnalysis",
    estimand: Estimand,
    endpoint: CrossoverData,
    results: tuple[Result, ...],
) -> tuple[Check, ...]:
    """LS means of the treatments and their differences."""
    asked = asked_of(plan, name, results)
    rows = [row for row in asked.of(*STATISTICS, table=TABLE) if row.estimate is not None]
    kept = structure_in(rows[0].method) if rows else ""
    if not has_structure(kept):
        return ()
    frame = endpoint.frame.sort_values("visit", key=lambda v: v.map(endpoint.visits.index))
    cells = cells_of(frame, "change", analysis.covariates, ("period", "order"))
    period = pd.Categorical(cells.frame["period"], list(endpoint.periods)).codes
    slot = period.astype(np.int64) * len(cells.visits) + cells.visit
    place = np.unique(slot, return_inverse=True)[1].astype(np.int64)
    return solve_marginal(cells, kept, Rules(analysis.df), place=place).checks(cells, rows)
