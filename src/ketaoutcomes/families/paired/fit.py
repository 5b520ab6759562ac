"""The difference of each later visit from the first, within participants."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ketaoutcomes.endpoints.data import ChangeData
from ketaoutcomes.families.fitted import Fitted
from ketaoutcomes.families.paired.plan import PairedAnalysis
from ketaoutcomes.families.shared.repeated_measures import with_estimate
from ketaoutcomes.families.shared.rows import analysis_row, compared
from ketaoutcomes.numerics.mmrm.contrasts import Inference, contrast
from ketaoutcomes.numerics.mmrm.fit import fit_with_fallback, why_left
from ketaoutcomes.numerics.mmrm.patterns import pattern_statistics, subject_rows
from ketaoutcomes.numerics.paired import FEWEST_PAIRS, correlation_of_pairs, paired_difference
from ketaoutcomes.plan.estimand import Estimand
from ketaoutcomes.results import Result

FloatArray = NDArray[np.float64]
TABLE = "pairt01"
DIFFERENCE = "paired difference"
BEFORE, AFTER = "mean at the first visit", "mean at the visit"
CORRELATION = "correlation of pairs"
SIDES = {BEFORE: np.array([1.0, 0.0]), AFTER: np.array([0.0, 1.0])}
OF_PAIRS = ("paired t test", "mean of the participants with both scores")
TOO_FEW = "fewer than two participants have both scores"
ALL_ALIKE = "all differences are equal, so that their standard error cannot be estimated"


def fit_paired_analysis(
    name: str,
    analysis: PairedAnalysis,
    estimand: Estimand,
    endpoint: ChangeData,
    conf_level: float,
) -> Fitted:
    """Both means, their difference and how they are correlated, at each visit after the first."""
    frame = compared(endpoint.frame, estimand)
    common = analysis_row(
        TABLE, name, analysis, endpoint, arm=estimand.treatment.active, unit="points"
    )
    by_method = _of_pairs if analysis.method == "t test" else _of_all
    rows = (
        row
        for visit in endpoint.visits
        if not (here := frame[frame["visit"] == visit]).empty
        for row in by_method(here, replace(common, visit=visit), conf_level)
    )
    return Fitted(name, tuple(rows))


def _of_pairs(here: pd.DataFrame, common: Result, conf_level: float) -> Iterator[Result]:
    """The paired t test of those with both scores."""
    pairs = here[here["change"].notna()]
    common = replace(common, n=len(pairs), method=OF_PAIRS[0])
    row = replace(common, statistic=DIFFERENCE)
    if len(pairs) < FEWEST_PAIRS:
        yield replace(row, status="failed", message=TOO_FEW)
        return
    before, after = (pairs[c].to_numpy(dtype=float) for c in ("baseline", "score"))
    for statistic, values in ((BEFORE, before), (AFTER, after)):
        mean = paired_difference(values, conf_level)
        yield replace(
            common,
            statistic=statistic,
            estimate=mean.estimate,
            std_error=mean.std_error,
            method=OF_PAIRS[1],
        )
    found = paired_difference(pairs["change"].to_numpy(dtype=float), conf_level)
    if found.std_error > 0:
        yield replace(
            row,
            estimate=found.estimate,
            std_error=found.std_error,
            df=found.df,
            test_statistic=found.statistic,
            conf_low=found.conf_low,
            conf_high=found.conf_high,
            conf_level=conf_level,
            p_value=found.p_value,
        )
    else:
        yield replace(row, status="failed", message=ALL_ALIKE)
    correlation = correlation_of_pairs(before, after)
    if correlation is not None:
        yield replace(
            common,
            statistic=CORRELATION,
            estimate=correlation,
            unit="",
            method="Pearson's correlation",
        )


def _of_all(here: pd.DataFrame, common: Result, conf_level: float) -> Iterator[Result]:
    """A mixed model of both scores with an unstructured covariance; one of them may be missing."""
    scores = here[["baseline", "score"]].to_numpy(dtype=float)
    scores = scores[~np.isnan(scores).all(axis=1)]
    subject, side = np.nonzero(~np.isnan(scores))
    common = replace(
        common,
        n=len(scores),
        method="mixed model of both scores, unstructured covariance, REML, Satterthwaite",
    )
    row = replace(common, statistic=DIFFERENCE)
    if int((~np.isnan(scores)).all(axis=1).sum()) < FEWEST_PAIRS:
        yield replace(row, status="failed", message=TOO_FEW)
        return
    rows = subject_rows(scores[subject, side], np.eye(2)[side], subject, side, 2)
    fit, rungs = fit_with_fallback(
        pattern_statistics(rows), ("us",), visits=("first visit", "later visit")
    )
    if fit is None:
        yield replace(row, status="failed", message=why_left(rungs))
        return
    inference = Inference(fit, "satterthwaite")
    for place, (statistic, side_of) in enumerate(SIDES.items()):
        mean = contrast(inference, side_of, conf_level)
        yield replace(
            common,
            statistic=statistic,
            n=int((~np.isnan(scores[:, place])).sum()),
            estimate=mean.estimate,
            std_error=mean.std_error,
        )
    found = contrast(inference, SIDES[AFTER] - SIDES[BEFORE], conf_level)
    yield with_estimate(row, found, conf_level, test=True)
