"""A design matrix, and its rows for other values, are the products that its columns' names say."""

import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ketaoutcomes.families.shared import design as module
from ketaoutcomes.families.shared.design import build_design, rows_for

FACTORS = {"arm": ("placebo", "low", "high"), "visit": ("1", "2"), "site": ("B", "A")}
TERMS = (
    ("arm",),
    ("visit",),
    ("arm", "visit"),
    ("site",),
    ("age",),
    ("age", "visit"),
    ("age", "weight"),
)


def rows(seed: int, n: int) -> pd.DataFrame:
    """Levels drawn at random: with few rows some combinations of them are absent."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({name: rng.choice(levels, n) for name, levels in FACTORS.items()})
    return frame.assign(age=rng.integers(18, 90, n), weight=rng.normal(70, 10, n))


def by_its_name(column: str, frame: pd.DataFrame, coding: str) -> np.ndarray:
    """The product of a column's parts: a number, or how a level differs from the reference."""
    product = np.ones(len(frame))
    for part in [] if column == "Intercept" else column.split(":"):
        variable, level = re.fullmatch(r"(?:C\()?(\w+).*?(?:\[[TS]\.(.*)\])?", part).groups()
        if level is None:
            product *= frame[variable]
        elif coding == "treatment":
            product *= frame[variable] == level
        else:  # the last level is minus all others
            last = frame[variable] == FACTORS[variable][-1]
            product *= (frame[variable] == level).astype(float) - last
    return product


@pytest.mark.parametrize("most", [0, 1024], ids=["combinations of the rows", "all combinations"])
@pytest.mark.parametrize("coding", ["treatment", "sum"])
@given(seed=st.integers(0, 2**32 - 1), n=st.integers(1, 30))
@settings(max_examples=15, deadline=None)
def test_every_column_is_what_its_name_says(most, coding, seed, n):
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(module, "MOST_COMBINATIONS", most)
        data, others = rows(seed, n), rows(seed + 1, 7)
        design = build_design(data, TERMS, FACTORS, coding)
        again = rows_for(design, others)
    assert len(design.names) == len(set(design.names)) == again.shape[1]
    for place, name in enumerate(design.names):
        # products of the same numbers: nothing but their order can differ
        np.testing.assert_allclose(design.X[:, place], by_its_name(name, data, coding), rtol=1e-15)
        np.testing.assert_allclose(again[:, place], by_its_name(name, others, coding), rtol=1e-15)


def test_a_level_that_the_design_has_not_is_not_a_number():
    design = build_design(rows(1, 20), TERMS, FACTORS)
    others = rows(2, 3).assign(arm=["low", "never", "high"])
    assert np.isnan(rows_for(design, others)).all(axis=1).tolist() == [False, True, False]


def test_designs_of_the_same_terms_do_not_share_rows():
    one, other = (build_design(rows(seed, 12), TERMS, FACTORS) for seed in (3, 4))
    one.X[:] = 0
    assert np.isfinite(other.X).all()
    assert (other.X != 0).any()
    assert (build_design(rows(4, 12), TERMS, FACTORS).X == other.X).all()


def test_a_design_of_numbers_alone_has_them_as_they_are():
    data = rows(5, 9)
    design = build_design(data, (("age",), ("weight",)), {})
    expected = np.column_stack([np.ones(9), data["age"], data["weight"]])
    np.testing.assert_array_equal(design.X, expected)
    np.testing.assert_array_equal(rows_for(design, data), expected)
