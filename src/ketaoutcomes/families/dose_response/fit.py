"""Dose response from the LS means of a mixed model for repeated measures (generalised MCP-Mod)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ketaoutcomes.endpoints.data import ChangeData
from ketaoutcomes.families.dose_response.plan import FEWEST_DOSES, DoseResponseAnalysis
from ketaoutcomes.families.dose_response.record import DoseResponseRecord
from ketaoutcomes.families.fitted import Fitted
from ketaoutcomes.families.shared.design import ls_mean_rows
from ketaoutcomes.families.shared.repeated_measures import (
    RepeatedMeasures,
    failed_difference,
    repeated_measures,
)
from ketaoutcomes.families.shared.rows import analysis_row
from ketaoutcomes.numerics import distributions
from ketaoutcomes.numerics.dose_response import (
    EmaxFit,
    fit_emax,
    joint_tests,
    optimal_contrast,
    shape,
)
from ketaoutcomes.numerics.mmrm.contrasts import Inference, contrast
from ketaoutcomes.numerics.mmrm.fit import fit_with_fallback, why_left
from ketaoutcomes.numerics.mmrm.patterns import pattern_statistics, subject_rows
from ketaoutcomes.plan.estimand import Estimand
from ketaoutcomes.results import Result

FloatArray = NDArray[np.float64]
TABLE = "drst01"
CURVE_POINTS = 101


@dataclass(frozen=True)
class Estimates:
    """LS means by dose, rising, with their covariance and degrees of freedom.

    `count` holds the subjects of each arm, `low` and `high` the limits of its mean.
    """

    arms: tuple[str, ...]
    doses: FloatArray
    mu: FloatArray
    S: FloatArray
    df: float
    low: FloatArray
    high: FloatArray
    count: tuple[int, ...]


def fit_dose_response_analysis(
    name: str,
    analysis: DoseResponseAnalysis,
    estimand: Estimand,
    endpoint: ChangeData,
    conf_level: float,
) -> Fitted:
    """Differences of the doses, shapes and curve at the estimand's visit."""
    row = analysis_row(
        TABLE,
        name,
        analysis,
        endpoint,
        visit=estimand.visit or "",
        unit="points",
    )
    try:
        found = _estimates(analysis, estimand, endpoint, conf_level)
    except ValueError as error:
        return Fitted(name, (failed_difference(row, estimand, str(error)),))
    curve = fit_emax(found.doses, found.mu, found.S)
    results = (
        *_means(row, found, conf_level),
        *_against_reference(row, found, estimand.treatment.reference, conf_level),
        *_shapes(row, analysis, found),
        *_curve(row, analysis, curve, conf_level),
    )
    return Fitted(name, results, _record(name, analysis, found, curve, conf_level))


def _estimates(
    analysis: DoseResponseAnalysis, estimand: Estimand, endpoint: ChangeData, conf_level: float
) -> Estimates:
    """LS means of the arms that the plan gives a dose.

    Raises
    ------
    ValueError
        If no covariance could be fitted, or fewer than three doses were seen.
    """
    data = repeated_measures(
        endpoint, estimand.treatment.reference, analysis.covariates, analysis.by_visit
    )
    rows = subject_rows(data.y, data.design.X, data.subject, data.visit, len(data.visits))
    fit, rungs = fit_with_fallback(
        pattern_statistics(rows), analysis.covariance, visits=data.visits
    )
    if fit is None:
        raise ValueError(f"no covariance structure of the plan could be fitted: {why_left(rungs)}")
    arms = tuple(sorted(set(data.arms) & set(analysis.doses), key=analysis.doses.__getitem__))
    doses = np.array([analysis.doses[arm] for arm in arms], dtype=float)
    if np.unique(doses).size < FEWEST_DOSES:
        raise ValueError("fewer than three doses were given at the visit")
    inference = Inference(fit, "satterthwaite", "model", rows)
    means = ls_mean_rows(data.design, ("visit", "arm"))
    of = dict(zip(means.levels, means.L, strict=True))
    visit = estimand.visit or data.visits[-1]
    L = np.array([_estimable(data, of, visit, arm) for arm in arms])
    found = [contrast(inference, c, conf_level) for c in L]
    seen = data.observed[data.observed["visit"] == visit]["arm"].value_counts()
    differences = [contrast(inference, c - L[0], conf_level).df for c in L[1:]]
    return Estimates(
        arms=arms,
        doses=doses,
        mu=np.array([result.estimate for result in found]),
        S=inference.covariance_of(L),
        df=float(min(differences)),
        low=np.array([result.conf_low for result in found]),
        high=np.array([result.conf_high for result in found]),
        count=tuple(int(seen.get(arm, 0)) for arm in arms),
    )


def _estimable(
    data: RepeatedMeasures, of: Mapping[tuple[str, ...], FloatArray], visit: str, arm: str
) -> FloatArray:
    """The combination that is the LS mean of an arm.

    Raises
    ------
    ValueError
        If it cannot be estimated.
    """
    if (visit, arm) not in of:
        raise ValueError(f"not estimable: no {arm} score at {visit}")
    c = data.design.estimable(of[visit, arm])
    if c is None:
        raise ValueError(data.not_estimable(visit, arm))
    return c


def _means(row: Result, found: Estimates, conf_level: float) -> Iterator[Result]:
    for place, arm in enumerate(found.arms):
        yield replace(
            row,
            statistic="LS mean",
            arm=arm,
            estimate=float(found.mu[place]),
            std_error=float(np.sqrt(found.S[place, place])),
            conf_low=float(found.low[place]),
            conf_high=float(found.high[place]),
            conf_level=conf_level,
            n=found.count[place],
        )


def _against_reference(
    row: Result, found: Estimates, reference: str, conf_level: float
) -> Iterator[Result]:
    """Each dose against the reference; interval and p adjusted for all doses (Dunnett)."""
    at = found.arms.index(reference)
    others = [place for place in range(len(found.arms)) if place != at]
    C = np.eye(len(found.arms))[others] - np.eye(len(found.arms))[at]
    tests = joint_tests(found.mu, found.S, C, found.df, two_sided=True)
    half = tests.largest.critical(conf_level)
    for k, place in enumerate(others):
        estimate, error = float(tests.estimate[k]), float(tests.std_error[k])
        yield replace(
            row,
            statistic="difference in LS means",
            arm=found.arms[place],
            reference=reference,
            estimate=estimate,
            std_error=error,
            df=found.df,
            test_statistic=float(tests.statistic[k]),
            conf_low=estimate - half * error,
            conf_high=estimate + half * error,
            conf_level=conf_level,
            p_value=float(tests.p_value[k]),
            n=found.count[place] + found.count[at],
            method="interval and p adjusted for all doses (Dunnett)",
        )


def _shapes(row: Result, analysis: DoseResponseAnalysis, found: Estimates) -> Iterator[Result]:
    """The best contrast of each shape; two-sided p adjusted for all shapes."""
    C = np.array(
        [
            optimal_contrast(shape(s.shape, found.doses, s.parameter, s.hill), found.S)
            for s in analysis.shapes.values()
        ]
    )
    tests = joint_tests(found.mu, found.S, C, found.df, two_sided=True)
    for k, name in enumerate(analysis.shapes):
        yield replace(
            row,
            statistic="trend contrast",
            group=name,
            estimate=float(tests.estimate[k]),
            std_error=float(tests.std_error[k]),
            df=found.df,
            test_statistic=float(tests.statistic[k]),
            p_value=float(tests.p_value[k]),
            method="optimal contrast; two-sided p adjusted for all shapes",
        )


def _curve(
    row: Result, analysis: DoseResponseAnalysis, curve: EmaxFit, conf_level: float
) -> Iterator[Result]:
    """Parameters of the Emax curve; ED50 has its interval on the logarithm."""
    z = float(distributions.norm.ppf(0.5 + conf_level / 2))
    error = np.sqrt(np.maximum(np.diag(curve.covariance), 0))
    row = replace(row, method="Emax curve by generalised least squares", conf_level=conf_level)
    for place, (statistic, value) in enumerate((("E0", curve.e0), ("Emax", curve.emax))):
        yield replace(
            row,
            statistic=statistic,
            estimate=value,
            std_error=float(error[place]),
            conf_low=value - z * float(error[place]),
            conf_high=value + z * float(error[place]),
        )
    ed50 = replace(row, statistic="ED50", estimate=curve.ed50, unit=analysis.unit)
    if curve.at_bound:
        yield replace(
            ed50, status="warning", message="the doses do not determine ED50: it lies at a bound"
        )
    else:
        spread = float(np.exp(z * error[2]))
        yield replace(ed50, conf_low=curve.ed50 / spread, conf_high=curve.ed50 * spread)


def _record(
    name: str,
    analysis: DoseResponseAnalysis,
    found: Estimates,
    curve: EmaxFit,
    conf_level: float,
) -> DoseResponseRecord:
    grid = np.linspace(0, float(found.doses.max()), CURVE_POINTS)
    mean, error = curve.at(grid)
    half = float(distributions.norm.ppf(0.5 + conf_level / 2)) * error
    return DoseResponseRecord(
        analysis=name,
        unit=analysis.unit,
        doses=found.doses,
        means=found.mu,
        low=found.low,
        high=found.high,
        grid=grid,
        curve=mean,
        curve_low=mean - half,
        curve_high=mean + half,
    )
