"""Conditional-mean imputation by a second program: one dataset filled in, and ordinary ANCOVA."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ketaoutcomes.endpoints.data import ChangeData
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.plan.estimand import Estimand
from ketaoutcomes.results import Result
from ketaoutcomes.second.cells import Cells, cells_of, columns_of
from ketaoutcomes.second.check import SAME_OPTIMUM, Check, Second, checks_of, program_of
from ketaoutcomes.second.reml import Problem, patterns_of, solve, start_of, structure_of
from ketaoutcomes.second.rows import asked_of

if TYPE_CHECKING:
    from ketaoutcomes.families.imputation.plan import ConditionalMeanAnalysis

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
TABLE = "impt01"
AT_RANDOM = "missing at random"


@dataclass(frozen=True)
class Subject:
    """Changes of a subject, the visits before its event, and what is assumed after it."""

    change: FloatArray
    before: BoolArray
    assumed: str

    @property
    def modelled(self) -> BoolArray:
        """The changes that the imputation model sees."""
        known = ~np.isnan(self.change)
        return known if self.assumed == AT_RANDOM else known & self.before


def check_conditional_mean(
    plan: AnalysisPlan,
    name: str,
    analysis: "ConditionalMeanAnalysis",
    estimand: Estimand,
    endpoint: ChangeData,
    results: tuple[Result, ...],
) -> tuple[Check, ...]:
    """Differences in means of the data filled in once; errors by resampling have no second route.

    Nor has a plan with covariances by arm, filled baselines or shifted scores.
    """
    special = analysis.covariance_by_arm or analysis.delta
    if special or analysis.missing_baseline != "excluded":
        return ()
    asked = asked_of(plan, name, results)
    rows = [r for r in asked.of("difference in LS means", table=TABLE) if r.estimate is not None]
    if not rows:
        return ()
    frame, people = _laid_out(endpoint, analysis)
    seen = frame.assign(change=np.concatenate([_seen(one) for one in people]))
    cells = cells_of(seen, "change", analysis.covariates, analysis.by_visit)
    visits = tuple(v for v in endpoint.visits if v in cells.visits)
    structure, size = structure_of(analysis.covariance, len(visits))
    problem = Problem(
        patterns_of(
            cells.y,
            cells.X,
            cells.subject,
            cells.visit,
            np.ones(len(cells.y)),
            np.zeros(len(cells.y), dtype=np.int64),
        ),
        structure,
        size,
        len(visits),
        1,
        reml=True,
    )
    fit = solve(problem, start_of(problem, cells, analysis.covariance))
    sigma = structure(fit.theta, len(visits))
    own = _means(cells, fit.beta, frame)
    reference = _means(cells, fit.beta, frame.assign(arm=estimand.treatment.reference))
    filled = np.array([_filled(one, own[k], reference[k], sigma) for k, one in enumerate(people)])
    first = frame.drop_duplicates("subject").reset_index(drop=True)

    def difference(row: Result) -> Second:
        y = filled[:, visits.index(row.visit)]
        others = [a for a in first["arm"].unique() if a not in (row.arm, row.reference)]
        X = columns_of(first, row.arm, analysis.covariates)
        arms = [(first["arm"] == a).to_numpy(dtype=float) for a in others]
        X = np.column_stack([np.ones(len(y)), X, *arms])
        beta = np.linalg.lstsq(X, y, rcond=None)[0]
        return Second(
            program=program_of("scipy", "one dataset filled in and least squares"),
            tolerance=SAME_OPTIMUM,
            estimate=float(beta[1]),
        )

    return tuple(check for row in rows for check in checks_of(row, difference(row)))


def _laid_out(
    endpoint: ChangeData, analysis: "ConditionalMeanAnalysis"
) -> tuple[pd.DataFrame, list[Subject]]:
    """Rows by subject and visit, and each subject."""
    frame = endpoint.frame
    known = frame.groupby("visit")["score"].apply(lambda scores: scores.notna().any())
    frame = frame[frame["visit"].map(known)].reset_index(drop=True)
    people = [_subject(rows, analysis) for _, rows in frame.groupby("subject", sort=False)]
    return frame, people


def _subject(rows: pd.DataFrame, analysis: "ConditionalMeanAnalysis") -> Subject:
    change = (rows["score"] - rows["baseline"]).to_numpy(dtype=float)
    events = list(rows["event"]) if "event" in rows else [""] * len(rows)
    if analysis.dropout_counts_as is not None:
        last = max((k for k, value in enumerate(change) if not np.isnan(value)), default=-1)
        events = [
            analysis.dropout_counts_as if k > last and not event else event
            for k, event in enumerate(events)
        ]
    first = next((k for k, event in enumerate(events) if event), len(events))
    event = events[first] if first < len(events) else ""
    return Subject(
        change, np.arange(len(events)) < first, analysis.strategies.get(event, AT_RANDOM)
    )


def _seen(one: Subject) -> FloatArray:
    return np.where(one.modelled, one.change, np.nan)


def _means(cells: Cells, beta: FloatArray, frame: pd.DataFrame) -> FloatArray:
    """The model's mean of every subject at every visit."""
    rows = cells.coding.rows(frame) / cells.size @ cells.basis
    return np.asarray((rows @ beta).reshape(-1, len(cells.visits)))


def _filled(one: Subject, own: FloatArray, reference: FloatArray, V: FloatArray) -> FloatArray:
    """Each missing change by its mean given those that were seen.

    Carpenter, Roger & Kenward 2013, J Biopharm Stat 23:1352-1371; with one covariance for all arms
    the strategies differ in the mean alone.
    """
    last = int(one.before.sum()) - 1
    lead = own[last] - reference[last] if last >= 0 else 0.0
    after = {
        AT_RANDOM: own,
        "jump to reference": reference,
        "copy increments in reference": reference + lead,
        "last mean carried forward": np.full_like(own, own[last] if last >= 0 else 0.0),
    }
    if one.assumed == "copy reference":
        mean = reference
    elif one.assumed == AT_RANDOM:
        mean = own
    else:
        mean = np.where(one.before, own, after[one.assumed])
    seen = ~np.isnan(one.change)
    filled = one.change.copy()
    if not seen.any():
        return mean
    residual = one.change[seen] - mean[seen]
    weights = np.linalg.solve(V[np.ix_(seen, seen)], residual)
    filled[~seen] = mean[~seen] + V[np.ix_(~seen, seen)] @ weights
    return filled
