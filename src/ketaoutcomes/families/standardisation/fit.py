"""Risks standardised over covariates: arms, and levels of factors."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from ketaoutcomes.endpoints.data import BinaryData
from ketaoutcomes.families.fitted import Fitted
from ketaoutcomes.families.shared.design import Design, build_design, rows_for
from ketaoutcomes.families.standardisation.plan import StandardisationAnalysis
from ketaoutcomes.numerics.standardisation import LogisticFitError, standardised_risks
from ketaoutcomes.plan.estimand import Estimand
from ketaoutcomes.results import Result

FloatArray = NDArray[np.float64]
TABLE = "gcmt01"


@dataclass(frozen=True)
class _Fit:
    """The rows of a logistic regression."""

    design: Design
    outcome: FloatArray
    conf_level: float

    def risks(self, row: Result, factor: str, reference: str) -> Iterator[Result]:
        """Risk with everybody at each level of a factor, and its difference from the reference.

        The levels are arms if the factor is "arm", else they stand in `group`.
        """
        levels = self.design.factors[factor]
        frame = self.design.frame
        settings = tuple(
            rows_for(self.design, frame.astype({factor: object}).assign(**{factor: level}))
            for level in levels
        )
        found = standardised_risks(self.design.X, self.outcome, settings)
        unit = np.eye(len(levels))
        at = levels.index(reference)
        for place, level in enumerate(levels):
            named = _named(row, factor, level, reference)
            count = int((frame[factor] == level).sum())
            risk = replace(named, statistic="standardised risk", reference="", n=count)
            yield self._with(risk, found.risk[place], found.std_error(unit[place]), test=False)
        for place, level in enumerate(levels):
            if level != reference:
                c = unit[place] - unit[at]
                named = replace(_named(row, factor, level, reference), n=len(frame))
                yield self._with(named, float(c @ found.risk), found.std_error(c), test=True)

    def _with(self, row: Result, estimate: float, error: float, *, test: bool) -> Result:
        half = float(stats.norm.ppf(0.5 + self.conf_level / 2)) * error
        statistic = estimate / error if test and error > 0 else None
        return replace(
            row,
            estimate=float(estimate),
            std_error=error,
            conf_low=float(estimate - half),
            conf_high=float(estimate + half),
            conf_level=self.conf_level,
            test_statistic=statistic,
            p_value=None if statistic is None else float(2 * stats.norm.sf(abs(statistic))),
        )


def fit_standardisation_analysis(
    name: str,
    analysis: StandardisationAnalysis,
    estimand: Estimand,
    endpoint: BinaryData,
    conf_level: float,
) -> Fitted:
    """Standardised risks of the arms and of the levels of each factor of `by`."""
    frame = endpoint.frame[endpoint.frame["visit"] == (estimand.visit or "")]
    if analysis.missing_as == "failure":
        frame = frame.assign(outcome=frame["outcome"].fillna(0.0))
    frame = frame[frame["outcome"].notna()].reset_index(drop=True)
    active, reference = estimand.treatment.active, estimand.treatment.reference
    row = Result(
        table=TABLE,
        statistic="risk difference",
        analysis=name,
        role=analysis.role,
        estimand=analysis.estimand,
        endpoint=endpoint.name,
        phase=endpoint.phase,
        visit=estimand.visit or "",
        method="logistic regression, standardised; influence-function standard errors",
    )
    between = replace(row, arm=active, reference=reference)
    try:
        fit = _fit(analysis, frame, endpoint.arms, conf_level)
        rows = tuple(fit.risks(row, "arm", reference))
        by = tuple(
            result
            for factor in analysis.by
            for result in fit.risks(row, factor, fit.design.factors[factor][0])
        )
    except (LogisticFitError, ValueError, KeyError) as error:
        return Fitted(name, (replace(between, status="failed", message=str(error)),))
    return Fitted(name, (*rows, *by))


def _fit(
    analysis: StandardisationAnalysis,
    frame: pd.DataFrame,
    arms: tuple[str, ...],
    conf_level: float,
) -> _Fit:
    """Design of arm and covariates; a factor's reference is its most frequent level.

    Raises
    ------
    ValueError
        If a factor of `by` is a number.
    """
    names = analysis.covariate_names
    numeric = [name for name in names if pd.api.types.is_numeric_dtype(frame[name])]
    wrong = sorted(set(numeric) & set(analysis.by))
    if wrong:
        raise ValueError(f"`by` takes factors, and {', '.join(wrong)} is a number")
    seen = tuple(arm for arm in arms if (frame["arm"] == arm).any())
    factors = {"arm": seen} | {
        name: tuple(str(level) for level in frame[name].value_counts(sort=True).index)
        for name in names
        if name not in numeric
    }
    design = build_design(frame, ((name,) for name in ("arm", *names)), factors)
    return _Fit(design, frame["outcome"].to_numpy(dtype=float), conf_level)


def _named(row: Result, factor: str, level: str, reference: str) -> Result:
    """The row of a level: an arm, or a level of another factor in the group."""
    if factor == "arm":
        return replace(row, arm=level, reference=reference)
    return replace(row, group=f"{factor}: {level}", reference=reference)
