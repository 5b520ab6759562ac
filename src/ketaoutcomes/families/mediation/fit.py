"""Natural direct and indirect effects, and how they stand up to a hidden confounder."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ketaoutcomes.endpoints.data import MediationData
from ketaoutcomes.families.fitted import Fitted
from ketaoutcomes.families.mediation.plan import MediationAnalysis
from ketaoutcomes.families.shared.design import build_design
from ketaoutcomes.families.shared.rows import analysis_row
from ketaoutcomes.numerics.mediation import (
    Effects,
    MediationRows,
    mediation_effects,
    resampled_effects,
)
from ketaoutcomes.plan.estimand import Estimand
from ketaoutcomes.results import Result

FloatArray = NDArray[np.float64]
TABLE, SENSITIVITY = "medt01", "medt02"
MAIN = "natural indirect effect"


def fit_mediation_analysis(
    name: str,
    analysis: MediationAnalysis,
    estimand: Estimand,
    endpoint: MediationData,
    conf_level: float,
) -> Fitted:
    """Effects with percentile intervals of a bootstrap within arms."""
    treatment = estimand.treatment
    frame = endpoint.frame
    frame = frame[frame["arm"].isin([treatment.active, treatment.reference])]
    row = analysis_row(
        TABLE,
        name,
        analysis,
        endpoint,
        visit=estimand.visit or "",
        arm=treatment.active,
        reference=treatment.reference,
        n=len(frame),
        unit="points",
        method=f"linear models, bootstrap within arms with {analysis.resamples} resamples",
    )
    try:
        rows = _rows(analysis, frame, treatment.active)
        point = mediation_effects(rows)
        draws = resampled_effects(rows, analysis.resamples, analysis.seed)
    except (np.linalg.LinAlgError, ValueError) as error:
        return Fitted(name, (replace(row, statistic=MAIN, status="failed", message=str(error)),))
    return Fitted(
        name,
        (
            *_effects(row, analysis, point, draws, conf_level),
            *(
                ()
                if analysis.interaction
                else _sensitivity(row, analysis, point, draws, conf_level)
            ),
        ),
    )


def _rows(analysis: MediationAnalysis, frame: pd.DataFrame, active: str) -> MediationRows:
    """The rows with covariates coded.

    Raises
    ------
    ValueError
        If an arm has too few subjects.
    """
    names = dict.fromkeys((*analysis.covariates, "baseline", "mediator_baseline"))
    factors = {
        name: tuple(sorted(frame[name].unique()))
        for name in names
        if not pd.api.types.is_numeric_dtype(frame[name])
    }
    design = build_design(frame, ((name,) for name in names), factors)
    t: FloatArray = np.where(frame["arm"] == active, 1.0, 0.0)
    needed = design.X.shape[1] + 2
    if min(t.sum(), len(t) - t.sum()) <= needed:
        raise ValueError(f"an arm has no more than {needed} participants with outcome and mediator")
    return MediationRows(
        treatment=t,
        mediator=frame["mediator"].to_numpy(dtype=float),
        outcome=frame["outcome"].to_numpy(dtype=float),
        covariates=design.X[:, 1:],
        interaction=analysis.interaction,
    )


def _effects(
    row: Result, analysis: MediationAnalysis, point: Effects, draws: Effects, conf_level: float
) -> Iterator[Result]:
    """Total, direct and indirect effect, the share mediated and the two paths."""
    pairs = {
        "total effect": (point.total, draws.total),
        "natural direct effect": (point.mean_direct, draws.mean_direct),
        MAIN: (point.mean_indirect, draws.mean_indirect),
        "effect of treatment on the mediator": (point.on_mediator, draws.on_mediator),
        "effect of the mediator on the outcome": (point.of_mediator, draws.of_mediator),
    }
    for statistic, (estimate, sample) in pairs.items():
        on_outcome = statistic != "effect of treatment on the mediator"
        named = replace(row, statistic=statistic, unit="points" if on_outcome else "")
        yield _with(named, estimate, sample, conf_level)
    share = replace(row, statistic="proportion mediated", unit="")
    yield _with(
        share, point.mean_indirect / point.total, draws.mean_indirect / draws.total, conf_level
    )
    if analysis.interaction:
        for place, words in ((0, "reference"), (1, "active")):
            for statistic, side in (("natural direct effect", "direct"), (MAIN, "indirect")):
                effect = replace(row, statistic=f"{statistic} in the {words} arm")
                yield _with(
                    effect, getattr(point, side)[place], getattr(draws, side)[place], conf_level
                )


def _sensitivity(
    row: Result, analysis: MediationAnalysis, point: Effects, draws: Effects, conf_level: float
) -> Iterator[Result]:
    """The indirect effect at each correlation of the errors, and where it is nil."""
    row = replace(row, table=SENSITIVITY)
    for rho in analysis.correlations:
        yield _with(
            replace(row, statistic=MAIN, group=f"correlation {rho:g}"),
            point.indirect_under(rho),
            draws.indirect_under(rho),
            conf_level,
        )
    nil = replace(row, statistic="correlation at which the indirect effect is nil", unit="")
    yield _with(nil, point.correlation, draws.correlation, conf_level)


def _with(row: Result, estimate: FloatArray, sample: FloatArray, conf_level: float) -> Result:
    """Estimate, standard deviation and percentiles of the resamples; p by their share beyond 0."""
    low, high = np.quantile(sample, [(1 - conf_level) / 2, (1 + conf_level) / 2])
    beyond = min(float(np.mean(sample <= 0)), float(np.mean(sample >= 0)))
    return replace(
        row,
        estimate=float(estimate[0]),
        std_error=float(sample.std(ddof=1)),
        conf_low=float(low),
        conf_high=float(high),
        conf_level=conf_level,
        p_value=float(min(1.0, 2 * max(beyond, 1 / sample.size))),
    )
