"""Pooled effects by a second program: statsmodels' combine_effects, and the restricted likelihood.

DerSimonian and Laird's and Paule and Mandel's variance between studies are the library's; the
restricted likelihood, which it has not, is one line and scipy minimises it.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.stats import chi2
from statsmodels.stats.meta_analysis import combine_effects

from ketaoutcomes.plan.synthesis import SynthesisPlan
from ketaoutcomes.results import Result
from ketaoutcomes.second.check import (
    SAME_SUM,
    Check,
    Second,
    Tolerance,
    checks_of,
    program_of,
)
from ketaoutcomes.second.rows import SHOWN, exponentiated, wald

FloatArray = NDArray[np.float64]
LIBRARY = {"dersimonian-laird": "chi2", "paule-mandel": "iterated"}
OTHERWISE = {
    "restricted maximum likelihood": "reml",
    "Paule-Mandel": "paule-mandel",
    "DerSimonian-Laird": "dersimonian-laird",
    "one effect common to all": "none",
}
TWO = 2
SEARCHED = Tolerance(
    1e-5, "each program maximises the likelihood of the between-study variance in its own way"
)


@dataclass(frozen=True)
class Studies:
    """Effects and sampling variances of an outcome, of ratios the logarithms."""

    y: FloatArray
    v: FloatArray
    is_ratio: bool


def check_synthesis(plan: SynthesisPlan, results: tuple[Result, ...]) -> tuple[Check, ...]:
    """The pooled effect of each outcome; with `check: all` those by other estimators as well.

    The effects of the studies are derived data: they stand in the results with their errors.
    """
    if plan.check == "none":
        return ()
    return tuple(
        check
        for name, outcome in plan.outcomes.items()
        for row, second in _seconds(plan, _studies(name, results, outcome.is_ratio), name, results)
        for check in checks_of(row, second)
    )


def _studies(name: str, results: tuple[Result, ...], is_ratio: bool) -> Studies:
    rows = [
        row
        for row in results
        if (row.analysis, row.table, row.statistic) == (name, "synt01", "effect")
        and row.estimate is not None
    ]
    y = np.array([row.estimate for row in rows], dtype=float)
    v = np.array([row.std_error for row in rows], dtype=float) ** 2
    return Studies(np.log(y) if is_ratio else y, v, is_ratio)


def _seconds(
    plan: SynthesisPlan, studies: Studies, name: str, results: tuple[Result, ...]
) -> Iterator[tuple[Result, Second]]:
    chosen = (plan.pooling.between_studies, plan.pooling.interval)
    for row in results:
        if row.analysis != name or row.status not in SHOWN or row.estimate is None:
            continue
        if row.statistic == "pooled effect" and row.table == "synt02":
            yield row, _pooled(studies, row, *chosen)
        elif plan.check == "all" and row.statistic == "pooled effect" and row.table == "synt03":
            words, _, interval = row.group.partition(", ")
            kind = "normal" if interval.startswith("normal") or not interval else "hartung-knapp"
            yield row, _pooled(studies, row, OTHERWISE[words], kind)
        elif plan.check == "all" and row.statistic == "variance between studies":
            value = between_studies(studies, chosen[0])
            yield row, Second(program=_program(chosen[0]), tolerance=SEARCHED, estimate=value)
    if plan.check == "all":
        yield from _heterogeneity(studies, name, results)


def _heterogeneity(
    studies: Studies, name: str, results: tuple[Result, ...]
) -> Iterator[tuple[Result, Second]]:
    """Cochran's Q."""
    for row in results:
        if (row.analysis, row.statistic) == (name, "heterogeneity test"):
            w = 1 / studies.v
            q = float(w @ (studies.y - w @ studies.y / w.sum()) ** 2)
            p = float(chi2.sf(q, len(w) - 1))
            program = program_of("scipy", "closed formulas")
            yield row, Second(program=program, tolerance=SAME_SUM, test_statistic=q, p_value=p)


def between_studies(studies: Studies, estimator: str) -> float:
    """The variance of the true effects."""
    y, v = studies.y, studies.v
    if estimator == "none" or len(y) < TWO:
        return 0.0
    if estimator in LIBRARY:
        # the library warns of an interval of its own that is not used here
        with np.errstate(invalid="ignore"):
            found = combine_effects(y, v, method_re=LIBRARY[estimator], atol=1e-13, maxiter=1000)
        return max(float(found.tau2), 0.0)

    def minus(tau2: float) -> float:
        w = 1 / (v + tau2)
        rest = y - w @ y / w.sum()
        return float(np.log(v + tau2).sum() + np.log(w.sum()) + w @ rest**2)

    most = 10 * float(y.var() + v.max())
    grid = np.append(0.0, np.geomspace(1e-6 * most, most, 200))
    best = int(np.argmin([minus(at) for at in grid]))
    edges = (grid[max(best - 1, 0)], grid[min(best + 1, len(grid) - 1)])
    found = minimize_scalar(minus, bounds=edges, method="bounded", options={"xatol": 1e-12 * most})
    return float(found.x) if minus(float(found.x)) < minus(0.0) else 0.0


def _pooled(studies: Studies, row: Result, estimator: str, interval: str) -> Second:
    """The weighted mean and its interval, normal or Hartung and Knapp's, never below the normal."""
    tau2 = between_studies(studies, estimator)
    w = 1 / (studies.v + tau2)
    mean = float(w @ studies.y / w.sum())
    variance, df = 1 / float(w.sum()), None
    if interval == "hartung-knapp" and estimator != "none" and len(w) >= TWO:
        df = len(w) - 1
        variance *= max(float(w @ (studies.y - mean) ** 2) / df, 1.0)
    second = Second(
        program=_program(estimator),
        tolerance=SAME_SUM if estimator == "none" else SEARCHED,
        estimate=mean,
        std_error=variance**0.5,
    )
    tested = wald(second, row, df)
    return exponentiated(tested) if studies.is_ratio else tested


def _program(estimator: str) -> str:
    if estimator in LIBRARY:
        return program_of("statsmodels", "combine_effects")
    route = "weighted mean" if estimator == "none" else "restricted likelihood"
    return program_of("scipy", route)
