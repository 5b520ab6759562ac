"""Columns of terms, compared with those of formulaic's parser."""

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from formulaic import model_matrix
from hypothesis import given, settings
from hypothesis import strategies as st

from ketaoutcomes.families.shared.columns import Coding, Term
from ketaoutcomes.families.shared.design import build_design, rows_for

FACTORS = {"arm": ("p", "q", "r"), "visit": ("w1", "w2"), "site": ("a", "b", "c", "d")}
NUMBERS = ("age", "score")
VARIABLES = (*FACTORS, *NUMBERS)
TERMS = tuple(term for size in (1, 2, 3) for term in combinations(VARIABLES, size))


def frame_of(rows: int = 60) -> pd.DataFrame:
    """Rows with every level of every factor."""
    rng = np.random.default_rng(4)
    drawn = {name: rng.choice(levels, rows) for name, levels in FACTORS.items()}
    return pd.DataFrame(drawn | {name: rng.normal(size=rows) for name in NUMBERS})


def of_formulaic(frame: pd.DataFrame, terms: list[Term], coding: Coding, *, intercept: bool):
    """The matrix of the same terms as a formula."""
    typed = frame.assign(
        **{name: pd.Categorical(frame[name], categories=FACTORS[name]) for name in FACTORS}
    )
    summed = {name: f"C({name}, contr.sum)" for name in FACTORS} if coding == "sum" else {}
    words = [":".join(summed.get(name, name) for name in term) for term in terms]
    return model_matrix(" + ".join(["1" if intercept else "0", *words]), typed)


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.sampled_from(TERMS), min_size=1, max_size=6, unique=True),
    st.sampled_from(["treatment", "sum"]),
    st.booleans(),
)
def test_the_columns_and_their_names_are_those_of_a_formula(
    terms: list[Term], coding: Coding, intercept: bool
) -> None:
    frame = frame_of()
    design = build_design(frame, terms, FACTORS, coding, intercept=intercept)
    expected = of_formulaic(frame, sorted(terms, key=len), coding, intercept=intercept)
    assert design.names == tuple(expected.columns)
    # products of the same two or three numbers, in the order of the term or another
    np.testing.assert_allclose(design.X, np.asarray(expected), rtol=1e-15)
    slices = expected.model_spec.term_slices.values()
    assert [place for _, place in design.terms] == list(slices)
    other = frame.sample(20, random_state=1)
    np.testing.assert_allclose(
        rows_for(design, other), np.asarray(expected.model_spec.get_model_matrix(other)), rtol=1e-15
    )


@pytest.mark.parametrize("coding", ["treatment", "sum"])
def test_a_factor_of_one_level_adds_no_contrasts(coding: Coding) -> None:
    frame = frame_of().assign(arm="p")
    factors = FACTORS | {"arm": ("p",)}
    design = build_design(frame, [("arm",), ("age",), ("arm", "age")], factors, coding)
    assert design.names == ("Intercept", "age")


def test_a_level_that_no_factor_has_is_not_a_number() -> None:
    design = build_design(frame_of(), [("arm",), ("age",)], FACTORS)
    rows = rows_for(design, pd.DataFrame({"arm": ["q", "unknown"], "age": [1.0, 2.0]}))
    np.testing.assert_array_equal(rows, [[1, 1, 0, 1], [np.nan] * 4])


def test_names_may_be_anything() -> None:
    frame = frame_of().rename(columns={"arm": "C(arm):x [T.y]", "age": "log(age)"})
    factors = {"C(arm):x [T.y]": FACTORS["arm"]}
    design = build_design(frame, [("C(arm):x [T.y]",), ("log(age)",)], factors)
    assert design.names[1:] == ("C(arm):x [T.y][T.q]", "C(arm):x [T.y][T.r]", "log(age)")
