"""One number for one time, whatever it was written in."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from ketaoutcomes.clock import not_after, on_the_clock, place_on_the_dosing_day, regular_days

SECONDS_IN = {
    "hours": 3600.0,
    "days": 86_400.0,
    "weeks": 7 * 86_400.0,
    "months": 365.25 / 12 * 86_400.0,
    "years": 365.25 * 86_400.0,
}


@given(seconds=st.integers(0, 10**10), unit=st.sampled_from(sorted(SECONDS_IN)))
def test_whole_seconds_come_back_exactly_from_every_unit(seconds: int, unit: str) -> None:
    written = seconds / SECONDS_IN[unit]
    back = written * (SECONDS_IN[unit] / 86_400)
    assert on_the_clock(np.array([back]))[0] == seconds / 86_400


@given(day=st.floats(0, 1e5), jitter=st.floats(-1e-10, 1e-10))
def test_no_time_moves_by_more_than_rounding(day: float, jitter: float) -> None:
    moved = float(on_the_clock(np.array([day]))[0])
    assert abs(moved - day) <= 1.5e-8 * max(day, 1)
    whole = np.rint(day)
    assert on_the_clock(np.array([whole * (1 + jitter)]))[0] == whole


def test_missing_and_infinite_times_stay() -> None:
    np.testing.assert_array_equal(on_the_clock(np.array([np.nan, np.inf])), [np.nan, np.inf])


def test_regular_days_are_those_that_data_can_have() -> None:
    assert regular_days(0.5, 0.1).tolist() == [0, 0.1, 0.2, 0.3, 0.4, 0.5]
    assert regular_days(28 * (1 - 1e-12), 14).tolist() == [0, 14, 28]


def test_a_limit_known_to_the_day_holds_to_its_end() -> None:
    time = np.array([0.0, 0.17, 1.0, 0.17, 0.6, np.nan])
    limit = np.array([0.0, 0.0, 0.0, 0.2, 0.5, 1.0])
    assert not_after(time, limit).tolist() == [True, True, False, True, False, False]


def test_the_dosing_day_stays_first() -> None:
    assert place_on_the_dosing_day(np.array([0.0, 3, 9, np.inf])) == 0.5
    assert place_on_the_dosing_day(np.array([0.0, 0.25, 9])) == 0.125
    assert place_on_the_dosing_day(np.array([0.0])) == 0.5
