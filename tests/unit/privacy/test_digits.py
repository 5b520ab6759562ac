"""What rounding leaves open, worked out by hand and by drawing what could have been rounded."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm

from ketaoutcomes.privacy.digits import (
    NOTHING,
    WITHHELD,
    coarse,
    nice,
    rounded,
    told_of_error,
    told_of_estimate,
)
from ketaoutcomes.results import Result


def difference(estimate: float, error: float, **more: float) -> Result:
    z = float(norm.ppf(0.975))
    return Result(
        table="mmrmt01",
        statistic="difference in LS means",
        analysis="m",
        arm="a",
        reference="b",
        estimate=estimate,
        std_error=error,
        conf_low=estimate - z * error,
        conf_high=estimate + z * error,
        conf_level=0.95,
        p_value=float(2 * norm.sf(abs(estimate / error))),
        **more,
    )


@pytest.mark.parametrize(
    ("step", "expected"), [(0.07, 0.05), (0.2, 0.2), (1.9, 1.0), (23.0, 20.0), (0.0, 0.0)]
)
def test_steps_are_one_two_or_five(step, expected):
    assert nice(step) == pytest.approx(expected, abs=1e-12)


def test_a_rounded_number_has_no_further_digits():
    assert rounded(-6.5241, 0.5) == -6.5
    assert rounded(0.30000000000000004, 0.1) == 0.3
    assert rounded(1234.0, 50.0) == 1250.0


@settings(max_examples=60)
@given(estimate=st.floats(-20, 20), error=st.floats(0.05, 5), level=st.integers(0, NOTHING))
def test_the_truth_lies_within_half_a_step(estimate, error, level):
    row = difference(estimate, error)
    shown = coarse(row, level)
    steps = dict(w.split(":") for w in shown.suppressed.split() if ":" in w)
    for name in ("estimate", "std_error", "conf_low", "conf_high", "p_value"):
        told, true = getattr(shown, name), getattr(row, name)
        if told is not None:
            step = float(steps.get(name, 0))
            # a p-value of 0.04 has the unit of its last digit, so has one of 0.095 rounded to 0.1
            assert abs(told - true) <= step / 2 * (1 + 1e-6) + 1e-12
    if level >= NOTHING:
        assert shown.estimate is None
        assert shown.status == "suppressed"
    elif level == WITHHELD:
        assert shown.conf_low is None
        assert shown.estimate is not None


@settings(max_examples=60)
@given(
    estimate=st.floats(-20, 20), error=st.floats(0.05, 5), level=st.integers(0, NOTHING),
    factor=st.floats(0.5, 2),
)  # fmt: skip
def test_an_error_that_is_published_alike_is_not_excluded(estimate, error, level, factor):
    """Another standard error whose row looks the same is among those that the row still tells."""
    row, other = difference(estimate, error), difference(estimate, error * factor)
    same = all(
        getattr(coarse(row, level), name) == getattr(_with_steps_of(row, other, level), name)
        for name in ("std_error", "conf_low", "conf_high", "p_value")
    )
    low, high = told_of_error(row, level)
    assert low <= 1 <= high
    if same:
        assert low - 1e-6 <= factor <= high + 1e-6


def _with_steps_of(row: Result, other: Result, level: int) -> Result:
    """The other row rounded to the steps of the first."""
    steps = dict(w.split(":") for w in coarse(row, level).suppressed.split() if ":" in w)
    changes = {}
    for name in ("std_error", "conf_low", "conf_high", "p_value"):
        if getattr(coarse(row, level), name) is None:
            changes[name] = None
        elif name == "p_value" and name in steps:
            told, half = coarse(row, level).p_value, float(steps[name]) / 2
            inside = abs(getattr(other, name) - told) <= half
            changes[name] = told if inside else -1.0
        else:
            changes[name] = rounded(getattr(other, name), float(steps.get(name, 0)))
    return Result(**{**vars(other), **changes})


def test_more_coarse_tells_less():
    row = difference(-6.5, 2.3)
    widths = [np.diff(told_of_error(row, level))[0] for level in range(WITHHELD + 1)]
    assert all(np.diff(widths) >= 0)
    assert widths[-1] == math.inf
    assert told_of_estimate(row, NOTHING) == math.inf
