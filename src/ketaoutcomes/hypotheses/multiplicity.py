"""Families of hypotheses: adjusted p-values and simultaneous intervals."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ketaoutcomes.families.fitted import Correlated, CorrelationOf, ModelRecord
from ketaoutcomes.hypotheses.tested_result import SYMMETRIC, tested_result
from ketaoutcomes.numerics import distributions
from ketaoutcomes.numerics.multiplicity.adjust import (
    Graph,
    bonferroni,
    fixed_sequence,
    graphical,
    hochberg,
    holm,
)
from ketaoutcomes.numerics.multiplicity.max_t import MaxT, step_down
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.plan.multiplicity import HypothesisFamily
from ketaoutcomes.results import Result

FloatArray = NDArray[np.float64]
Found = Mapping[str, Result | None]
"""The result that tests each hypothesis of a family."""

TABLE = "multt01"

BY_P: Final[dict[str, Callable[[FloatArray], FloatArray]]] = {
    "bonferroni": bonferroni,
    "holm": holm,
    "hochberg": hochberg,
    "fixed_sequence": fixed_sequence,
}
"""Procedures that need the p-values alone."""


def multiplicity_results(
    plan: AnalysisPlan, rows: Iterable[Result], records: Iterable[ModelRecord]
) -> tuple[Result, ...]:
    """Two rows a hypothesis: its p-value before and after adjustment."""
    known = tuple(rows)
    correlations = {r.analysis: r.correlation_of for r in records if isinstance(r, Correlated)}
    return tuple(
        result
        for name, family in plan.multiplicity.items()
        for result in _family(plan, name, family, known, correlations)
    )


def _family(
    plan: AnalysisPlan,
    name: str,
    family: HypothesisFamily,
    rows: tuple[Result, ...],
    correlations: Mapping[str, CorrelationOf],
) -> Iterator[Result]:
    found = tested_results(plan, family, rows)
    joint = joint_law(family, found, correlations)
    adjusted = adjusted_p_values(family, found, joint)
    # the intervals of Dunnett's single step; no other procedure has joint ones
    single = joint if family.method == "dunnett" else None
    critical = None if single is None else single.critical(1 - family.alpha)
    for place, (key, row) in enumerate(found.items()):
        if row is None or row.p_value is None:
            yield _failed(plan, name, key, family, row)
            continue
        plain = replace(
            row,
            table=TABLE,
            statistic="unadjusted p",
            group=f"{name} {key}",
            of_ratio=row.is_ratio,
            conf_low=None,
            conf_high=None,
            conf_level=None,
            method="",
            status="ok",
            message="",
        )
        yield plain
        rejected = adjusted[place] <= family.alpha
        limits = _limits(row, critical or _bonferroni_critical(family, row))
        yield replace(
            plain,
            statistic="adjusted p",
            p_value=float(adjusted[place]),
            conf_low=limits[0] if limits else None,
            conf_high=limits[1] if limits else None,
            conf_level=1 - family.alpha if limits else None,
            method=family.method,
            message=f"{'rejected' if rejected else 'not rejected'} at {family.alpha:g}",
        )


def tested_results(
    plan: AnalysisPlan, family: HypothesisFamily, rows: tuple[Result, ...]
) -> dict[str, Result | None]:
    """The result that tests each hypothesis; None where there is no such result."""
    return {key: tested_result(plan, h, rows) for key, h in family.hypotheses.items()}


def adjusted_p_values(family: HypothesisFamily, found: Found, joint: MaxT | None) -> FloatArray:
    """The least level at which the procedure rejects each hypothesis, in the order of the family.

    Parameters
    ----------
    joint : MaxT or None
        The `joint_law` of the family, which Dunnett's procedures need.
    """
    # a hypothesis that could not be tested cannot be rejected
    p = np.array([1.0 if r is None or r.p_value is None else r.p_value for r in found.values()])
    if family.method in BY_P:
        return BY_P[family.method](p)
    if family.method == "graph":
        return graphical(p, graph_of(family))
    if joint is None:
        return bonferroni(p)
    t = np.array([row.test_statistic for row in found.values() if row is not None], dtype=float)
    if family.method == "dunnett_step_down":
        return step_down(t, joint.correlation, joint.df)
    return np.array([joint.p_value(x) for x in t])


def joint_law(
    family: HypothesisFamily, found: Found, correlations: Mapping[str, CorrelationOf]
) -> MaxT | None:
    """The law of the largest t statistic, for Dunnett's procedures; None where it is unknown.

    Parameters
    ----------
    correlations : mapping
        By analysis.
    """
    if not family.method.startswith("dunnett"):
        return None
    known = [row for row in found.values() if row is not None and row.p_value is not None]
    correlation_of = correlations.get(next(iter(family.hypotheses.values())).analysis)
    if correlation_of is None or len(known) < len(found):
        return None
    # one distribution for all: the smallest df keeps the level
    df = min(row.df if row.df is not None else np.inf for row in known)
    return MaxT(correlation_of(tuple(row.id for row in known)), df)


def graph_of(family: HypothesisFamily) -> Graph:
    """The family's weights and transitions as arrays."""
    names = tuple(family.hypotheses)
    return Graph(
        np.array([family.weights.get(name, 0.0) for name in names]),
        np.array(
            [[family.transitions.get(a, {}).get(b, 0.0) for b in names] for a in names], dtype=float
        ),
    )


def _bonferroni_critical(family: HypothesisFamily, row: Result) -> float | None:
    """Quantile at the level over the number of hypotheses; None for any other procedure."""
    if family.method != "bonferroni":
        return None
    df = np.inf if row.df is None else row.df
    return float(distributions.t.isf(family.alpha / (2 * len(family.hypotheses)), df))


def _limits(row: Result, critical: float | None) -> tuple[float, float] | None:
    """Estimate and standard error times the critical value."""
    unsuited = row.statistic not in SYMMETRIC or critical is None
    if unsuited or row.std_error is None or row.estimate is None:
        return None
    assert critical is not None
    half = critical * row.std_error
    return row.estimate - half, row.estimate + half


def _failed(
    plan: AnalysisPlan, name: str, key: str, family: HypothesisFamily, row: Result | None
) -> Result:
    """A hypothesis without a test; it counts as not rejected."""
    wanted = family.hypotheses[key]
    analysis = plan.analyses[wanted.analysis]
    why = row.message if row is not None and row.message else "its analysis gives no such p-value"
    return Result(
        table=TABLE,
        statistic="adjusted p",
        analysis=wanted.analysis,
        role=analysis.role,
        estimand=analysis.estimand,
        endpoint=plan.estimands[analysis.estimand].endpoint,
        phase=plan.analysis_phase(wanted.analysis),
        group=f"{name} {key}",
        method=family.method,
        status="failed",
        message=f"{why}; the hypothesis counts as not rejected",
    )
