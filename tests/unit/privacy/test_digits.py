"""What rounding leaves open, worked out by hand and by drawing what could have been rounded."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm
from scipy.stats import t as student

from ketaoutcomes.privacy.digits import (
    NO_TEST,
    NOTHING,
    WITHHELD,
    Coarseness,
    coarse,
    nice,
    rounded,
    steps_at,
    told_as,
    told_of_df,
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


def around(level: int, *, whole: bool) -> Coarseness:
    """All that lies around an estimate at a level, the estimate in full or not."""
    return Coarseness(error=level) if whole else Coarseness(error=level, estimate=level)


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
@given(
    estimate=st.floats(-20, 20),
    error=st.floats(0.05, 5),
    level=st.integers(0, NO_TEST),
    whole=st.booleans(),
)
def test_the_truth_lies_within_half_a_step(estimate, error, level, whole):
    row = difference(estimate, error)
    shown = coarse(row, around(level, whole=whole))
    steps = dict(w.split(":") for w in shown.suppressed.split() if ":" in w)
    for name in ("estimate", "std_error", "conf_low", "conf_high", "p_value"):
        told, true = getattr(shown, name), getattr(row, name)
        if told is not None:
            step = float(steps.get(name, 0))
            # a p-value of 0.04 has the unit of its last digit, so has one of 0.095 rounded to 0.1
            assert abs(told - true) <= step / 2 * (1 + 1e-6) + 1e-12
    if level >= NOTHING and not whole:
        assert shown.estimate is None
        assert shown.status == "suppressed"
    elif level >= WITHHELD:
        assert shown.conf_low is None
        assert shown.estimate is not None
    if whole:
        assert shown.estimate == row.estimate
    if not whole:
        assert (shown.p_value is None) is (level >= NO_TEST)


@settings(max_examples=60)
@given(
    estimate=st.floats(-20, 20), error=st.floats(0.05, 5), level=st.integers(0, NO_TEST),
    factor=st.floats(0.5, 2), whole=st.booleans(),
)  # fmt: skip
def test_an_error_that_is_published_alike_is_not_excluded(estimate, error, level, factor, whole):
    """Another standard error whose row looks the same is among those that the row still tells."""
    row, other = difference(estimate, error), difference(estimate, error * factor)
    how = around(level, whole=whole)
    alike = _with_steps_of(row, other, how)
    same = all(
        getattr(coarse(row, how), name) == getattr(alike, name)
        for name in ("std_error", "conf_low", "conf_high", "p_value")
    )
    low, high = told_of_error(row, how)
    assert low <= 1 <= high
    if same:
        assert low - 1e-6 <= factor <= high + 1e-6


def _with_steps_of(row: Result, other: Result, how: Coarseness) -> Result:
    """The other row rounded to the steps of the first."""
    steps = dict(w.split(":") for w in coarse(row, how).suppressed.split() if ":" in w)
    told_steps = {name: float(step) for name, step in steps.items()}
    changes = {}
    for name in ("std_error", "conf_low", "conf_high", "p_value"):
        if getattr(coarse(row, how), name) is None:
            changes[name] = None
        elif name == "p_value" and name in steps:
            told, half = coarse(row, how).p_value, float(steps[name]) / 2
            inside = abs(getattr(other, name) - told) <= half
            changes[name] = told if inside else -1.0
        else:
            changes[name], _ = told_as(other, name, told_steps)
    return Result(**{**vars(other), **changes})


def test_more_coarse_tells_less():
    """By each number; of two of them what is common may by chance be less at a wider step."""
    row = difference(-6.5, 2.3)
    for name in ("std_error", "conf_low", "estimate"):
        told = [
            steps_at(row, around(n, whole=False)).of.get(name, math.inf) for n in range(NO_TEST)
        ]
        assert told[1:] == sorted(told[1:])
    for whole in (False, True):
        assert told_of_error(row, around(NO_TEST, whole=whole)) == (0.0, math.inf)
    assert told_of_estimate(row, Coarseness(estimate=NOTHING)) == (-math.inf, math.inf)


def test_limits_of_an_estimate_in_full_are_one_reading():
    """Their distance from the estimate is rounded, 1.96 x 1.3 = 2.548 to 2.5, not each of them."""
    row = difference(-4.6561, 1.3)
    shown = coarse(row, Coarseness(error=5))
    assert shown.estimate == row.estimate
    assert shown.conf_high - row.estimate == pytest.approx(2.5, abs=1e-12)
    assert row.estimate - shown.conf_low == pytest.approx(2.5, abs=1e-12)


def test_degrees_of_freedom_follow_from_an_interval_and_its_error():
    """In full they are exact: the width over the error is a quantile of t. Rounded they are not."""
    quantile = float(student.ppf(0.975, 26.0))
    row = replace(
        difference(-6.93, 1.87),
        df=26.0,
        conf_low=-6.93 - 1.87 * quantile,
        conf_high=-6.93 + 1.87 * quantile,
        p_value=float(2 * student.sf(6.93 / 1.87, 26.0)),
    )
    df = np.arange(10.0, 60.0)
    assert df[told_of_df(row, Coarseness(), df)].tolist() == [26.0]
    assert told_of_df(row, Coarseness(error=3), df).sum() >= 5
    without_error = replace(row, std_error=None)  # interval and p-value give it alone
    assert df[told_of_df(without_error, Coarseness(), df)].tolist() == [26.0]


def test_a_p_value_keeps_the_digits_that_tell_no_more_than_its_interval():
    """Beside limits to half an error 0.014 would tell more than these, and 0.9 does not."""
    sharp, weak = difference(-2.7, 1.1), difference(0.33, 1.87)
    how = Coarseness(error=5)
    assert coarse(sharp, how).p_value == pytest.approx(0.03)  # the middle of 0.01 to 0.05
    assert coarse(weak, how).p_value == pytest.approx(0.9)
    assert told_of_error(weak, how) == told_of_error(replace(weak, p_value=None), how)
