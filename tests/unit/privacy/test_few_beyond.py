"""How many differ from most: n, mean and SD against lists of numbers that are counted out."""

import math
from collections import defaultdict
from dataclasses import replace
from itertools import combinations_with_replacement

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ketaoutcomes.privacy.moments import beyond
from ketaoutcomes.privacy.suppress import suppress
from ketaoutcomes.results import Result, ResultTable
from unit.privacy.test_rows import NOBODY

SMALLEST = 11
ENOUGH = 5


def described(values: list[float], *, median: bool = True, total: bool = True) -> list[Result]:
    """The rows of exposure of some participants."""
    row = Result(table="ext01", statistic="n", phase="p", arm="a", group="doses", n=len(values))
    numbers = {"mean": np.mean(values), "SD": np.std(values, ddof=1)}
    numbers |= {"median": np.median(values)} if median else {}
    numbers |= {"sum": np.sum(values)} if total else {}
    return [row, *(replace(row, statistic=k, estimate=float(v)) for k, v in numbers.items())]


def published(values: list[float], **kind: bool) -> dict[str, Result]:
    rows = suppress(NOBODY, ResultTable(tuple(described(values, **kind))), (), SMALLEST)
    return {row.statistic: row for row in rows.results.rows}


def ends(row: Result) -> tuple[float, float]:
    if row.estimate is None:
        return -math.inf, math.inf
    return row.ends_of("estimate") or (row.estimate - 1e-9, row.estimate + 1e-9)


def could_differ(rows: dict[str, Result], n: int, base: float, grid: list[float]) -> set[int]:
    """By brute force: of how many among n the distances from a base can lie on a grid."""
    low, high = ends(rows["mean"])
    narrow, wide = ends(rows["SD"])
    found = set()
    for k in range(1, n + 1):
        for away in combinations_with_replacement(grid, k):
            values = np.array([base] * (n - k) + [base + one for one in away])
            if low <= values.mean() <= high and narrow <= values.std(ddof=1) <= wide:
                found.add(k)
                break
        if k > 9:
            break
    return found


@pytest.mark.parametrize("left", [1, 2, 4])
def test_days_of_follow_up_do_not_tell_how_many_left(left: int) -> None:
    """All have 28 days but those who left at the visit on day 14: 28 n - sum is 14 each."""
    values = [28.0] * (18 - left) + [14.0] * left
    assert could_differ({row.statistic: row for row in described(values)}, 18, 28.0, [-14.0]) == {
        left
    }  # how it was worked out
    rows = published(values)
    assert len(could_differ(rows, 18, 28.0, [-14.0])) >= ENOUGH
    low, high = ends(rows["sum"])
    assert len([k for k in range(19) if low <= 28 * 18 - 14 * k <= high]) >= ENOUGH


@pytest.mark.parametrize("median", [True, False])
def test_one_who_missed_doses_is_not_alone(median: bool) -> None:
    """With one who missed two of four doses the sum of squares is the sum, squared."""
    rows = published([4.0] * 17 + [2.0], median=median)
    assert len(could_differ(rows, 18, 4.0, [-1.0, -2.0, -3.0])) >= ENOUGH


def test_many_who_differ_are_described_in_full() -> None:
    values = [float(value) for value in range(20, 60)]
    rows = published(values)
    assert rows["mean"].estimate == np.mean(values)
    assert rows["SD"].estimate == np.std(values, ddof=1)
    assert not any(row.suppressed for row in rows.values())


def test_a_value_that_all_have_is_shown() -> None:
    rows = published([28.0] * 18)
    assert (rows["mean"].estimate, rows["SD"].estimate) == (28.0, 0.0)


def test_the_median_day_of_a_description_is_that_of_no_curve() -> None:
    rows = (replace(row, unit="days", group="days of follow-up") for row in described([28.0] * 18))
    found = suppress(NOBODY, ResultTable(tuple(rows)), (), SMALLEST).results.rows
    assert {row.statistic: row.estimate for row in found}["median"] == 28.0


@settings(max_examples=200, deadline=None)
@given(st.lists(st.integers(1, 9), min_size=1, max_size=12))
def test_as_many_as_there_are_lie_within_the_bounds(away: list[int]) -> None:
    total, squares = float(sum(away)), float(sum(one**2 for one in away))
    fewest, most = beyond(total, squares)
    assert fewest - 1e-9 <= len(away) <= most + 1e-9


def test_the_bounds_are_those_of_all_lists() -> None:
    """The least and greatest over all lists of whole numbers with a sum, counted out."""
    lengths: dict[tuple[int, int], set[int]] = defaultdict(set)
    for count in range(1, 11):
        for parts in combinations_with_replacement(range(1, 11), count):
            if sum(parts) <= 10:
                lengths[sum(parts), sum(part**2 for part in parts)].add(count)
    assert len(lengths) > 50
    for (total, squares), found in lengths.items():
        fewest, most = beyond(float(total), float(squares))
        assert math.ceil(fewest - 1e-9) <= min(found)
        assert max(found) <= most + 1e-9
