"""How large a difference is in standard deviations, and how far one subject moves it."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ketaoutcomes.numerics.mmrm.contrasts import Inference
from ketaoutcomes.numerics.mmrm.effect_size import standardised_effect
from ketaoutcomes.numerics.mmrm.influence import influence
from ketaoutcomes.numerics.mmrm.patterns import SubjectRows
from ketaoutcomes.results import Result

TABLE = "mmrmt02"


def effect_results(
    row: Result,
    inference: Inference,
    rows: SubjectRows,
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
    c : array, shape (p,)
        Its contrast.
    visit : int
        Place of its visit.
    group_weights : array, shape (n_groups,), or None
        Weights of the groups' variances in the standard deviation.

    Returns
    -------
    tuple of Result
        The fitted covariance is held when a subject is left out (Cook & Weisberg 1982, section
        5.2).
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
    without = influence(inference.fit, rows).beta_without @ c
    return (
        replace(
            blank,
            statistic="standardised difference",
            estimate=size.estimate,
            std_error=size.std_error,
            df=size.df,
            conf_low=size.conf_low,
            conf_high=size.conf_high,
            conf_level=conf_level,
            unit="SD",
        ),
        replace(blank, statistic="standard deviation", estimate=size.sd),
        replace(blank, statistic="lowest without one subject", estimate=float(without.min())),
        replace(blank, statistic="highest without one subject", estimate=float(without.max())),
    )
