"""The days at which curves are read, from the plan or from the length of follow-up."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from ketaoutcomes.clock import regular_days
from ketaoutcomes.numerics.round_steps import ROUND_STEPS, round_step
from ketaoutcomes.remarks import Remark

FloatArray = NDArray[np.float64]

MOST: Final = 100
"""Ticks that the plan asks for are thinned where there would be more."""


def curve_ticks(end: float, every: float | None) -> tuple[FloatArray, tuple[Remark, ...]]:
    """Days from 0 on, up to the end of follow-up, and what is not as the plan asks.

    Parameters
    ----------
    end : float
        The last day of follow-up.
    every : float or None
        The step of the plan; without one, five to eight round ticks.
    """
    step: float = every or round_step(end)
    remarks: tuple[Remark, ...] = ()
    if every is not None and not every <= end < every * MOST:
        step = round_step(end) if end < every else _thinned(end, every)
        remarks = _told(end, every, step)
    return regular_days(end, step), remarks


def _thinned(end: float, every: float) -> float:
    """A round multiple of the plan's step."""
    multiples = (every * multiple for multiple in ROUND_STEPS if multiple == round(multiple))
    return next((step for step in multiples if end < step * MOST), end)


def _told(end: float, every: float, step: float) -> tuple[Remark, ...]:
    why = (
        f"follow-up ends on day {end:g}, before the first of them"
        if end < every
        else f"follow-up of {end:g} days has more than {MOST} of them"
    )
    return (
        Remark(
            f"The plan asks for ticks every {every:g} days, and {why}; they are every {step:g} "
            "days",
            remedy="leave `risk_table_every_days` out for round ticks over follow-up",
        ),
    )
