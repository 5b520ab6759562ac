"""MMRM of data that are read in parts: their sufficient statistics add up."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import reduce
from operator import add
from typing import Any

import numpy as np
import pandas as pd

from ketaoutcomes.endpoints.data import ChangeData
from ketaoutcomes.families.fitted import Fitted
from ketaoutcomes.families.repeated_measures.all_arms import all_arms_results
from ketaoutcomes.families.repeated_measures.contrasts import contrast_results, contrast_vectors
from ketaoutcomes.families.repeated_measures.mmrm import correlation_of_tests, method_words
from ketaoutcomes.families.repeated_measures.plan import MmrmAnalysis
from ketaoutcomes.families.shared.aliasing import aliased_remarks, within
from ketaoutcomes.families.shared.design import ls_mean_rows
from ketaoutcomes.families.shared.partitions import (
    RowLayout,
    Spread,
    design_of_cells,
    partition_statistics,
)
from ketaoutcomes.families.shared.record import MmrmRecord
from ketaoutcomes.families.shared.repeated_measures import (
    TABLE,
    RepeatedMeasures,
    failed_difference,
    ls_mean_results,
    terms_of,
)
from ketaoutcomes.families.shared.rows import analysis_row
from ketaoutcomes.numerics.mmrm.contrasts import Inference, contrast
from ketaoutcomes.numerics.mmrm.covariance import SPATIAL
from ketaoutcomes.numerics.mmrm.fit import fit_with_fallback, why_left
from ketaoutcomes.numerics.mmrm.patterns import PatternStatistics, merge
from ketaoutcomes.numerics.mmrm.row_space import of_kept, row_space_of
from ketaoutcomes.plan.estimand import Estimand


@dataclass(frozen=True)
class MmrmCensus:
    """What the rows with an outcome hold.

    Attributes
    ----------
    factors : tuple of str
        Arm, visit and the covariates that are no numbers.
    cells : Counter
        Rows of each combination of their levels.
    numeric : mapping
        The covariates that are numbers.
    """

    factors: tuple[str, ...]
    cells: Counter[tuple[str, ...]]
    numeric: Mapping[str, Spread]

    def __add__(self, other: "MmrmCensus") -> "MmrmCensus":
        if not (self.cells and other.cells):
            return self if self.cells else other
        numeric = {name: spread + other.numeric[name] for name, spread in self.numeric.items()}
        return MmrmCensus(self.factors, self.cells + other.cells, numeric)

    def levels(self, factor: str) -> set[str]:
        """The levels of a factor."""
        place = self.factors.index(factor)
        return {cell[place] for cell in self.cells}


@dataclass(frozen=True)
class SummedChange:
    """A change endpoint as its sums, with what a model of it says.

    Attributes
    ----------
    endpoint : ChangeData
        Without rows.
    """

    endpoint: ChangeData
    statistics: PatternStatistics
    layout: RowLayout
    census: MmrmCensus


def mmrm_needs_rows(analysis: MmrmAnalysis) -> str:
    """What of an analysis rests on all rows at once."""
    asked = {
        "subgroups": bool(analysis.subgroups),
        "weights": analysis.weights is not None,
        "covariance_by": analysis.covariance_by is not None,
        "df: between-within": analysis.df == "between-within",
        "coefficient_covariance": analysis.coefficient_covariance != "model",
        "covariance: sp_exp": any(structure in SPATIAL for structure in analysis.covariance),
    }
    return ", ".join(f"`{key}`" for key, there in asked.items() if there)


def mmrm_census(analysis: MmrmAnalysis, endpoint: ChangeData) -> MmrmCensus:
    """What one part holds."""
    rows = endpoint.frame[endpoint.frame["change"].notna()]
    numbers = [n for n in analysis.covariates if pd.api.types.is_numeric_dtype(rows[n])]
    factors = ("arm", "visit", *(n for n in analysis.covariates if n not in numbers))
    cells = rows.groupby(list(factors), observed=True).size().reset_index(name="number of rows")
    return MmrmCensus(
        factors,
        Counter({tuple(map(str, cell)): int(n) for *cell, n in cells.to_numpy().tolist()}),
        {
            n: Spread(float(rows[n].sum()), float(rows[n].min()), float(rows[n].max()))
            for n in numbers
        }
        if len(rows)
        else {},
    )


def mmrm_sums(
    analysis: MmrmAnalysis, estimand: Estimand, endpoint: ChangeData, census: MmrmCensus
) -> tuple[ChangeData, PatternStatistics] | None:
    """The statistics of one part, and the endpoint without its rows; None where nobody is."""
    if not endpoint.frame["change"].notna().any():
        return None
    layout = _layout(analysis, estimand, endpoint, census)
    found = partition_statistics(endpoint.frame, layout).statistics
    # a copy: a view of no rows would keep all of them
    return replace(endpoint, frame=endpoint.frame.iloc[:0].copy()), found


def _layout(
    analysis: MmrmAnalysis, estimand: Estimand, endpoint: ChangeData, census: MmrmCensus
) -> RowLayout:
    """Levels in the order of an analysis of all rows: the reference first, visits in time."""
    seen, reference = census.levels("arm"), estimand.treatment.reference
    arms = sorted((a for a in endpoint.arms if a in seen), key=lambda arm: arm != reference)
    visits = tuple(visit for visit in endpoint.visits if visit in census.levels("visit"))
    others = {name: tuple(sorted(census.levels(name))) for name in census.factors[2:]}
    return RowLayout(
        outcome="change",
        subject="subject",
        visit="visit",
        terms=terms_of((), analysis.covariates, analysis.by_visit),
        factors={"arm": tuple(arms), "visit": visits, **others},
        visits=visits,
    )


def joined_mmrm(
    analysis: MmrmAnalysis,
    estimand: Estimand,
    parts: Iterable[tuple[ChangeData, PatternStatistics] | None],
    census: MmrmCensus,
) -> SummedChange | None:
    """The sums of all parts; None where nobody was observed."""
    found = [part for part in parts if part is not None]
    if not found:
        return None
    endpoint = replace(found[0][0], excluded=_excluded(one for one, _ in found))
    statistics = found[0][1]
    for _, more in found[1:]:
        statistics = merge((statistics, more))
    return SummedChange(endpoint, statistics, _layout(analysis, estimand, endpoint, census), census)


def _excluded(parts: Iterable[ChangeData]) -> tuple[tuple[str, int], ...]:
    """Why participants were left out, added up."""
    counters = (Counter(dict(part.excluded)) for part in parts)
    return tuple(reduce(add, counters, Counter[str]()).items())


def fit_summed_mmrm(
    name: str, analysis: MmrmAnalysis, estimand: Estimand, data: SummedChange, conf_level: float
) -> Fitted:
    """LS means, their differences and contrasts from the sums of all rows.

    The effect size and what a participant's influence is rest on rows, and are not computed.
    """
    common = analysis_row(TABLE, name, analysis, data.endpoint, unit="points")
    space = row_space_of(data.statistics)
    measures = _measures(data, space)
    fit, rungs = fit_with_fallback(
        of_kept(data.statistics, space),
        analysis.covariance,
        reml=analysis.method == "reml",
        visits=measures.visits,
    )
    if fit is None:
        message = f"no covariance structure of the plan could be fitted: {why_left(rungs)}"
        return Fitted(name, (failed_difference(common, estimand, message),))
    common = replace(common, method=method_words(analysis, fit, rungs))
    inference = Inference(fit, analysis.df, analysis.coefficient_covariance)
    means = ls_mean_rows(measures.design, ("visit", "arm"), analysis.weighting)
    results = ls_mean_results(
        measures, estimand, means, common, lambda c: contrast(inference, c, conf_level), conf_level
    )
    named = contrast_results(measures, analysis, estimand, means, common, inference, conf_level)
    together = all_arms_results(measures, analysis, estimand, means, common, inference)
    compared = tuple(row for row in (*results, *named) if row.p_value is not None)
    record = MmrmRecord(
        analysis=name,
        converged=fit.convergence.converged,
        structure=rungs[-1].structure,
        ladder=tuple((rung.structure, rung.note) for rung in rungs),
        visits=measures.visits,
        groups=(),
        covariance=fit.covariance,
        residuals=np.zeros(0),
        n_subjects=fit.n_subjects,
        n_obs=fit.n_obs,
        messages=fit.convergence.messages,
        tests=tuple(row.id for row in compared),
        correlation=correlation_of_tests(
            compared, means, contrast_vectors(measures, analysis, estimand, means), inference
        ),
    )
    return Fitted(name, (*together, *results, *named), record, aliased_remarks(measures.design))


def _measures(data: SummedChange, space: Any) -> RepeatedMeasures:
    """What the rows of all parts are to the results: one row for each cell that was seen."""
    layout, endpoint = data.layout, data.endpoint
    design = within(design_of_cells(layout, data.census.cells, data.census.numeric), space)
    counts: Counter[tuple[str, str]] = Counter()
    for (arm, visit, *_), n in data.census.cells.items():
        counts[visit, arm] += n
    observed = pd.DataFrame([{"visit": visit, "arm": arm} for visit, arm in counts])
    none = np.zeros(0, dtype=np.int64)
    return RepeatedMeasures(
        observed=observed,
        design=design,
        arms=layout.factors["arm"],
        visits=layout.visits,
        subject=none,
        visit=none,
        nominal_days=dict(zip(endpoint.visits, endpoint.nominal_days, strict=False)),
        y=np.zeros(0),
        covariates=tuple(data.census.factors[2:]) + tuple(data.census.numeric),
        counts=counts,
    )
