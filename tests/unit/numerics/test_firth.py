"""Penalised logistic regression and separation: closed forms, R's logistf, linear programming."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ketaoutcomes.numerics.firth import firth_coefficient
from ketaoutcomes.numerics.separation import separation_of

BY_LOGISTF = 1e-8
"""Both solve for a score below 1e-10."""


def two_by_two(a: int, b: int, c: int, d: int) -> tuple[np.ndarray, np.ndarray]:
    """Success and failure on the active arm, then on the reference."""
    y = np.r_[np.ones(a), np.zeros(b), np.ones(c), np.zeros(d)]
    arm = np.r_[np.ones(a + b), np.zeros(c + d)]
    return np.column_stack([np.ones(len(y)), arm]), y


@settings(max_examples=20, deadline=None)
@given(*(st.integers(0, 12) for _ in range(4)))
def test_of_a_two_by_two_table_a_half_is_added_to_each_cell(a: int, b: int, c: int, d: int) -> None:
    if not (a + b and c + d):
        return
    X, y = two_by_two(a, b, c, d)
    found = firth_coefficient(X, y, 1, 0.95)
    odds = (a + 0.5) * (d + 0.5) / ((b + 0.5) * (c + 0.5))
    assert found.estimate == pytest.approx(np.log(odds), abs=1e-7)
    assert found.conf_low < found.estimate < found.conf_high
    # the limits and the test agree
    assert (found.p_value < 0.05) == (not found.conf_low < 0 < found.conf_high)
    mirrored = firth_coefficient(X, 1 - y, 1, 0.95)
    assert mirrored.estimate == pytest.approx(-found.estimate, abs=1e-7)
    assert mirrored.conf_low == pytest.approx(-found.conf_high, abs=1e-6)


def test_a_unit_of_a_covariate_changes_nothing_else() -> None:
    X, y = two_by_two(7, 13, 0, 20)
    x = np.cos(np.arange(40.0)) + 30
    one = firth_coefficient(np.column_stack([X, x]), y, 1, 0.95)
    other = firth_coefficient(np.column_stack([X, 1000 * x]), y, 1, 0.95)
    assert one.conf_high == pytest.approx(other.conf_high, rel=1e-7)


@pytest.mark.parametrize(
    ("case", "columns", "outcome"),
    [
        ("sex2", ["age", "oc", "vic", "vicl", "vis", "dia"], "case"),
        ("daly2018_remission_two_arms", ["esketamine"], "remission"),
    ],
)
def test_logistf_agrees(reference_dir: Path, case: str, columns: list[str], outcome: str) -> None:
    theirs = json.loads((reference_dir / f"results/firth/{case}.json").read_text())["coefficients"]
    name = "sex2" if case == "sex2" else "daly2018_remission_24h"
    frame = pd.read_csv(reference_dir / f"data/{name}.csv")
    if case != "sex2":
        frame = frame.assign(esketamine=(frame["arm"] != "placebo").astype(float))
    X = np.column_stack([np.ones(len(frame)), frame[columns].to_numpy(float)])
    y = frame[outcome].to_numpy(float)
    for place in range(X.shape[1]):
        found = firth_coefficient(X, y, place, 0.95)
        assert found.estimate == pytest.approx(theirs["estimate"][place], abs=BY_LOGISTF)
        assert found.conf_low == pytest.approx(theirs["profile_lower"][place], abs=BY_LOGISTF)
        assert found.conf_high == pytest.approx(theirs["profile_upper"][place], abs=BY_LOGISTF)
        assert found.p_value == pytest.approx(theirs["plr_p"][place], rel=BY_LOGISTF)


@settings(max_examples=40, deadline=None)
@given(*(st.integers(0, 5) for _ in range(4)))
def test_cells_without_both_outcomes_are_separated(a: int, b: int, c: int, d: int) -> None:
    if not (a + b and c + d):
        return
    X, y = two_by_two(a, b, c, d)
    one_sided = np.where(X[:, 1] == 1, not (a and b), not (c and d))
    found = separation_of(X, y)
    np.testing.assert_array_equal(found.separated, one_sided)
    np.testing.assert_array_equal(
        found.sides(X)[one_sided.astype(bool)], (2 * y - 1)[one_sided.astype(bool)]
    )


def test_a_threshold_separates_all_and_an_overlap_nothing() -> None:
    x = np.arange(20.0)
    X = np.column_stack([np.ones(20), x])
    assert separation_of(X, (x > 9.5).astype(float)).separated.all()
    mixed = (x > 9.5).astype(float)
    mixed[[3, 16]] = 1 - mixed[[3, 16]]
    assert not separation_of(X, mixed).separated.any()
