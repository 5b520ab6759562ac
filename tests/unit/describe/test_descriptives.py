"""Baseline, missing data and truth against numbers worked by hand."""

import numpy as np
import pandas as pd
import pytest

from ketaoutcomes.describe.baseline import _of_levels, _of_means
from ketaoutcomes.describe.missing import missing_data
from ketaoutcomes.endpoints.data import ChangeData

NAN = float("nan")


def test_standardised_difference_of_means() -> None:
    active, control = pd.Series([1.0, 3.0]), pd.Series([2.0, 6.0])
    # means 2 and 4, variances 2 and 8: -2 / sqrt(5)
    assert _of_means(active, control) == pytest.approx(-2 / np.sqrt(5))


def test_standardised_difference_of_two_levels_is_the_binary_formula() -> None:
    active = pd.Series(["a"] * 3 + ["b"] * 7)
    control = pd.Series(["a"] * 6 + ["b"] * 4)
    # Austin 2009, eq. for a dichotomous variable
    expected = 0.3 / np.sqrt((0.7 * 0.3 + 0.4 * 0.6) / 2)
    assert _of_levels(active, control) == pytest.approx(expected)


@pytest.mark.parametrize("levels", [("f", "m"), ("f", "g", "m", "n")])
def test_arms_that_share_no_level_are_infinitely_far_apart(levels) -> None:
    # Yang & Dalton 2012: the distance in units of a covariance that vanishes in its direction
    half = len(levels) // 2
    active, control = pd.Series(levels[:half] * 6), pd.Series(levels[half:] * 6)
    assert np.isinf(_of_levels(active, control))
    # one participant of the other arm's kind, and it is large and finite
    mixed = pd.Series([*control, levels[0]])
    assert 2 < _of_levels(active, mixed) < np.inf


def test_arms_of_one_value_each_are_infinitely_far_apart_and_equal_ones_undefined() -> None:
    assert _of_means(pd.Series([0.1] * 7), pd.Series([0.3] * 7)) == -np.inf
    assert np.isnan(_of_means(pd.Series([0.1] * 7), pd.Series([0.1] * 7)))


def test_level_names_do_not_matter() -> None:
    active = pd.Series(list("aabbbccccc"))
    control = pd.Series(list("aaaabbbccc"))
    renamed = {"a": "z", "b": "x", "c": "y"}
    assert _of_levels(active, control) == pytest.approx(
        _of_levels(active.map(renamed), control.map(renamed))
    )


def test_patterns_of_missing_data() -> None:
    scores = {
        "1": (1, 1, 1),
        "2": (1, 1, NAN),
        "3": (1, NAN, NAN),
        "4": (1, NAN, 1),
        "5": (NAN, 1, 1),
    }
    frame = pd.DataFrame(
        [
            {"subject": s, "arm": "a", "visit": f"v{i}", "score": score}
            for s, row in scores.items()
            for i, score in enumerate(row)
        ]
    )
    data = ChangeData("y", "p", "MADRS", ("a",), ("v0", "v1", "v2"), frame)
    rows = {(r.statistic, r.visit or r.group): r.estimate for r in missing_data(data)}
    assert rows["observed", "v1"] == 3
    assert rows["missing", "v2"] == 2
    assert (rows["pattern", "y: complete"], rows["pattern", "y: dropped out"]) == (1, 2)
    assert rows["pattern", "y: intermittent"] == 2


def test_a_visit_without_any_score_was_not_due() -> None:
    """A scale rated at some visits only is not missing at the others."""
    frame = pd.DataFrame(
        [
            {"subject": s, "arm": "a", "visit": visit, "score": score}
            for s in "12"
            for visit, score in (("minute", NAN), ("week", 1.0))
        ]
    )
    data = ChangeData("y", "p", "MADRS", ("a",), ("minute", "week"), frame)
    rows = {(r.statistic, r.visit or r.group): r.estimate for r in missing_data(data)}
    assert ("missing", "minute") not in rows
    assert rows["pattern", "y: complete"] == 2
