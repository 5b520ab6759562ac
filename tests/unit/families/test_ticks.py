"""Curves are read at round days that follow from the length of follow-up."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ketaoutcomes.families.shared.ticks import MOST, curve_ticks
from ketaoutcomes.numerics.round_steps import round_step
from ketaoutcomes.numerics.survival.residual_trend import residual_trend

follow_up = st.floats(0.01, 1e6)


@given(follow_up)
def test_five_to_eight_ticks_over_any_follow_up(end):
    ticks, told = curve_ticks(end, None)
    assert 5 <= len(ticks) <= 8
    assert ticks[0] == 0
    assert ticks[-1] <= end + 1e-9
    assert told == ()


@given(follow_up)
def test_steps_are_weeks_or_have_one_digit(end):
    step = round_step(end)
    digit = step / 10 ** np.floor(np.log10(step) + 1e-9)
    assert step in (7, 14, 28, 56) or round(digit, 9) in (1, 2, 4, 5)


@pytest.mark.parametrize(
    ("end", "step"), [(3, 0.4), (8, 2), (28, 7), (56, 14), (182, 28), (365, 56), (1172, 200)]
)
def test_steps_of_usual_trials(end, step):
    assert round_step(end) == pytest.approx(step)


@given(follow_up, st.floats(0.5, 400))
def test_the_plans_step_is_kept_or_a_note_says_why_not(end, every):
    ticks, told = curve_ticks(end, every)
    assert 2 <= len(ticks) <= MOST + 1
    if every <= end < every * MOST:
        assert told == ()
        np.testing.assert_allclose(ticks, every * np.arange(len(ticks)))
    else:
        (remark,) = told
        assert "The plan asks for ticks every" in remark.sentence()


def test_nobody_followed_beyond_the_start():
    assert curve_ticks(0.0, None)[0].tolist() == [0]


@given(st.floats(0.01, 1), st.floats(1, 5))
def test_uneven_times_never_raise(shortest, power):
    """Onset in hours and one event long after: a curve, or none, and only finite numbers."""
    times = np.array([*(shortest * k / 24 for k in range(1, 12)), 10.0**power])
    trend = residual_trend(times, np.sin(np.arange(12.0)), 0.3)
    if trend is not None:
        assert np.isfinite([trend.estimate, trend.conf_low, trend.conf_high]).all()
