"""How large a difference is in standard deviations, and how far one subject moves it."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ketaoutcomes.numerics.mmrm.contrasts import Inference
from ketaoutcomes.numerics.mmrm.effect_size import standardised_effect
from ketaoutcomes.numerics.mmrm.fit import MmrmFit
from ketaoutcomes.numerics.mmrm.influence import influence
from ketaoutcomes.numerics.mmrm.patterns import SubjectRows
from ketaoutcomes.remarks import COUNT, Remark
from ketaoutcomes.results import Result

TABLE = "mmrmt02"


def effect_results(
    row: Result,
    inference: Inference,
    without: NDArray[np.float64],
    c: NDArray[np.float64],
    visit: int,
    group_weights: NDArray[np.float64] | None,
    conf_level: float,
) -> tuple[Result, ...]:
    """Standardised difference, and the range of the difference when one subject is left out.

    Parameters
    ----------
    row : Result
        The difference in LS means.
    without : array, shape (n_subjects, p)
        The coefficients without each subject, NaN where some cannot be told apart.
    c : array, shape (p,)
        Its contrast.
    visit : int
        Place of its visit.
    group_weights : array, shape (n_groups,), or None
        Weights of the groups' variances in the standard deviation.

    Returns
    -------
    tuple of Result
        The fitted covariance is held when a subject is left out (Cook & Weisberg 1982, chapter 3).
    """
    blank = replace(
        row,
        table=TABLE,
        std_error=None,
        df=None,
        test_statistic=None,
        conf_low=None,
        conf_high=None,
        conf_level=None,
        p_value=None,
    )
    size = standardised_effect(inference, c, visit, group_weights, conf_level)
    return (
        replace(
            blank,
            statistic="standardised mean difference",
            estimate=size.estimate,
            std_error=size.std_error,
            df=size.df,
            conf_low=size.conf_low,
            conf_high=size.conf_high,
            conf_level=conf_level,
            unit="SD",
        ),
        replace(blank, statistic="standard deviation", estimate=size.sd),
        *_without_one(blank, without @ c),
    )


def coefficients_without_one(fit: MmrmFit, rows: SubjectRows) -> NDArray[np.float64]:
    """The coefficients without each subject who was seen, shape (n_subjects, p)."""
    return influence(fit, rows).beta_without[rows.observed.any(axis=1)]


def _without_one(blank: Result, without: NDArray[np.float64]) -> tuple[Result, ...]:
    """The range of the difference over the subjects who can be left out."""
    lowest = replace(blank, statistic="lowest without one subject")
    highest = replace(blank, statistic="highest without one subject")
    known = without[np.isfinite(without)]
    if not known.size:
        why = "no participant can be left out: some coefficient of the model rests on each alone"
        return tuple(replace(row, status="failed", message=why) for row in (lowest, highest))
    return (
        replace(lowest, estimate=float(known.min())),
        replace(highest, estimate=float(known.max())),
    )


def irreplaceable(without: NDArray[np.float64]) -> Remark | None:
    """That the range without one subject leaves out those whom the model cannot do without."""
    count = int(np.isnan(without).any(axis=1).sum())
    if not count:
        return None
    return Remark(
        f"The range of the difference without one participant does not count {COUNT}, "
        "because the model has a coefficient that only they inform",
        count=count,
        total=len(without),
    )
