"""Percentages of a baseline against whole-number arithmetic."""

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ketaoutcomes.numerics.percentages import improved_by, is_defined

SCORE = st.decimals(-200, 200, places=3)
PERCENT = st.decimals(1, 100, places=1)


@pytest.mark.parametrize(
    ("start", "score", "percent", "responds"),
    [
        (28.7, 20.09, 30, True),  # 28.7 - 20.09 is 8.61 = 30% of 28.7, and less in binary
        (28.7, 20.091, 30, False),
        (0.3, 0.1, 66.6, True),
        (1.1, 0.88, 20, True),
        (60, 30, 50, True),
        (60, 30.000001, 50, False),
    ],
)
def test_a_fall_of_exactly_the_percentage_counts(
    start: float, score: float, percent: float, responds: bool
) -> None:
    assert improved_by(score, start, percent) == responds


@given(SCORE, SCORE, PERCENT, st.booleans(), SCORE)
def test_decimals_are_compared_exactly(
    score: Decimal, start: Decimal, percent: Decimal, higher: bool, lowest: Decimal
) -> None:
    gain = (score - start) if higher else (start - score)
    expected = start != lowest and Fraction(100 * gain) >= Fraction(percent * abs(start - lowest))
    found = improved_by(
        float(score), float(start), float(percent), higher_is_better=higher, lowest=float(lowest)
    )
    assert found == expected


@given(SCORE.filter(bool), st.integers(1, 100), st.booleans())
def test_the_score_at_the_limit_responds_and_the_next_one_does_not(
    start: Decimal, percent: int, higher: bool
) -> None:
    towards = 1 if higher else -1
    limit = start + towards * abs(start) * percent / 100
    short = limit - towards * Decimal("0.00001")
    found = improved_by(
        [float(limit), float(short)], float(start), percent, higher_is_better=higher
    )
    assert found.tolist() == [True, False]


@given(SCORE, SCORE, PERCENT, SCORE)
def test_what_a_scale_starts_at_does_not_matter_when_it_is_taken_off(
    score: Decimal, start: Decimal, percent: Decimal, moved: Decimal
) -> None:
    """PANSS from 30 and the same scale from 0 respond alike."""
    here = improved_by(float(score), float(start), float(percent))
    there = improved_by(
        float(score + moved), float(start + moved), float(percent), lowest=float(moved)
    )
    assert here == there


def test_panss_90_to_58_is_53_percent_above_the_lowest_score() -> None:
    """Leucht, Kissling & Davis 2010, Schizophr Bull 36:461-462."""
    assert improved_by(58, 90, 53, lowest=30)
    assert not improved_by(58, 90, 54, lowest=30)
    assert not improved_by(58, 90, 50)


def test_of_nothing_and_of_a_missing_baseline_there_is_no_percentage() -> None:
    assert improved_by([0, -5, 3, np.nan], [0, 0, np.nan, 20], 50).tolist() == [False] * 4
    assert is_defined([0, -1, 30, np.nan]).tolist() == [False, True, True, False]
    assert not is_defined(30, 30)


def test_scores_of_a_sum_in_binary_are_the_decimals_that_they_stand_for() -> None:
    assert improved_by(0.1 + 0.2, 0.6, 50)
